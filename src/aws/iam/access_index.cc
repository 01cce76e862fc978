#include "aws/iam/access_index.h"

namespace meetinity::iam {
namespace {

template <class Keys>
void Index(Keys& by_key, const UserAccess& access) {
  for (const auto& credential : access.credentials) by_key[credential->access_key_id] = credential;
}

template <class Keys>
void Unindex(Keys& by_key, const UserAccess& access) {
  for (const auto& credential : access.credentials) by_key.erase(credential->access_key_id);
}

}  // namespace

AccessIndex::AccessIndex() : snapshot_(std::make_shared<const Snapshot>()) {}

AccessIndex::SnapshotPtr AccessIndex::Current() const {
  return snapshot_.With([](const SnapshotPtr& current) { return current; });
}

template <class Change>
void AccessIndex::Swap(Change change) {
  snapshot_.With([&](SnapshotPtr& current) {
    auto next = std::make_shared<Snapshot>(*current);
    change(*next);
    current = std::move(next);
  });
}

std::shared_ptr<const wire::Credential> AccessIndex::Find(std::string_view access_key_id) const {
  const SnapshotPtr snapshot = Current();
  for (const auto* keys : {&snapshot->fixed, &snapshot->by_key}) {
    if (const auto found = keys->find(access_key_id); found != keys->end()) return found->second;
  }
  return nullptr;
}

UserAccessPtr AccessIndex::FindUser(std::string_view unique_id) const {
  const SnapshotPtr snapshot = Current();
  const auto found = snapshot->users.find(unique_id);
  return found == snapshot->users.end() ? nullptr : found->second;
}

void AccessIndex::PutUser(const std::string& unique_id, UserAccessPtr access) {
  Swap([&](Snapshot& next) {
    UserAccessPtr& slot = next.users[unique_id];
    if (slot) Unindex(next.by_key, *slot);
    slot = std::move(access);
    Index(next.by_key, *slot);
  });
}

void AccessIndex::RemoveUser(const std::string& unique_id) {
  Swap([&](Snapshot& next) {
    const auto found = next.users.find(unique_id);
    if (found == next.users.end()) return;
    Unindex(next.by_key, *found->second);
    next.users.erase(found);
  });
}

void AccessIndex::ReplaceUsers(UsersAccess users) {
  Swap([&](Snapshot& next) {
    next.by_key.clear();
    next.users = std::move(users);
    for (const auto& [id, access] : next.users) Index(next.by_key, *access);
  });
}

void AccessIndex::PutFixed(std::shared_ptr<const wire::Credential> credential) {
  Swap([&](Snapshot& next) { next.fixed[credential->access_key_id] = std::move(credential); });
}

}  // namespace meetinity::iam

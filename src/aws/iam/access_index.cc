#include "aws/iam/access_index.h"

namespace meetinity::iam {
namespace {

template <class Keys>
void Index(Keys& by_key, const IdentityAccess& access) {
  for (const auto& credential : access.credentials) by_key[credential->access_key_id] = credential;
}

template <class Keys>
void Unindex(Keys& by_key, const IdentityAccess& access) {
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

IdentityAccessPtr AccessIndex::FindIdentity(std::string_view unique_id) const {
  const SnapshotPtr snapshot = Current();
  const auto found = snapshot->identities.find(unique_id);
  return found == snapshot->identities.end() ? nullptr : found->second;
}

void AccessIndex::PutIdentity(const std::string& unique_id, IdentityAccessPtr access) {
  Swap([&](Snapshot& next) {
    IdentityAccessPtr& slot = next.identities[unique_id];
    if (slot) Unindex(next.by_key, *slot);
    slot = std::move(access);
    Index(next.by_key, *slot);
  });
}

void AccessIndex::RemoveIdentity(const std::string& unique_id) {
  Swap([&](Snapshot& next) {
    const auto found = next.identities.find(unique_id);
    if (found == next.identities.end()) return;
    Unindex(next.by_key, *found->second);
    next.identities.erase(found);
  });
}

void AccessIndex::ReplaceIdentities(IdentitiesAccess identities) {
  Swap([&](Snapshot& next) {
    next.by_key.clear();
    next.identities = std::move(identities);
    for (const auto& [id, access] : next.identities) Index(next.by_key, *access);
  });
}

std::optional<PolicyDocument> AccessIndex::FindPolicy(std::string_view arn) const {
  const SnapshotPtr snapshot = Current();
  const auto found = snapshot->policies->find(arn);
  return found == snapshot->policies->end() ? std::nullopt : std::optional(found->second);
}

void AccessIndex::PutPolicy(const std::string& arn, PolicyDocument document) {
  Swap([&](Snapshot& next) {
    auto policies = std::make_shared<ManagedPolicies>(*next.policies);
    policies->insert_or_assign(arn, std::move(document));
    next.policies = std::move(policies);
  });
}

void AccessIndex::RemovePolicy(const std::string& arn) {
  Swap([&](Snapshot& next) {
    auto policies = std::make_shared<ManagedPolicies>(*next.policies);
    policies->erase(arn);
    next.policies = std::move(policies);
  });
}

void AccessIndex::ReplacePolicies(ManagedPolicies policies) {
  Swap([&](Snapshot& next) { next.policies = std::make_shared<const ManagedPolicies>(std::move(policies)); });
}

void AccessIndex::PutFixed(std::shared_ptr<const wire::Credential> credential) {
  Swap([&](Snapshot& next) { next.fixed[credential->access_key_id] = std::move(credential); });
}

}  // namespace meetinity::iam

#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"

namespace meetinity::iam {
namespace {

std::string_view StatusText(bool active) { return active ? "Active" : "Inactive"; }

bool IsRootsOwn(const wire::Call& call, const std::optional<std::string>& user_name) {
  return !user_name && call.principal.kind == wire::PrincipalKind::kRoot;
}

Error RootsKeyIsFixed() {
  return Error{Kind::kInvalid, kValidationError,
               "UserName is needed: root has the one access key that was made with the cloud."};
}

// The key must be this user's: that it exists elsewhere is nobody else's business.
Result<AccessKeyRecord> GetKey(const store::ReadTx& tx, const std::string& key_id, const UserRecord& user) {
  std::optional<AccessKeyRecord> key = TRY(tx.Find<AccessKeyRecord>(key_id));
  if (key && key->user_id == user.id) return std::move(*key);
  return Error{Kind::kNotFound, kNoSuchEntity, fmt::format("The Access Key with id {} cannot be found.", key_id)};
}

AccessKeyMetadata ToMetadata(const AccessKeyRecord& key, const std::string& user_name) {
  AccessKeyMetadata metadata;
  metadata.access_key_id = key.id;
  metadata.create_date = key.created;
  metadata.status = std::string(StatusText(key.active));
  metadata.user_name = user_name;
  return metadata;
}

}  // namespace

Result<CreateAccessKeyOutput> Iam::CreateAccessKey(const Call& call, const CreateAccessKeyInput& in) {
  if (IsRootsOwn(call, in.user_name)) return RootsKeyIsFixed();
  AccessKey answer;
  answer.access_key_id = NewAccessKeyId();
  answer.secret_access_key = NewSecret();
  answer.status = StatusText(true);
  answer.create_date = call.now;
  const std::string sealed = TRY(state_->sealer.Seal(answer.secret_access_key, KeyContext(answer.access_key_id)));
  answer.user_name = TRY(state_->database.Write([&](store::Tx& tx) -> Result<std::string> {
    const UserRecord user = TRY(CallersUser(tx, call, in.user_name));
    if (TRY(tx.Count<AccessKeyRecord>("user_id = ?", {user.id})) >= kAccessKeysPerUserMax) {
      return Error{Kind::kLimit, kLimitExceeded,
                   fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", kAccessKeysPerUserMax)};
    }
    TRY(tx.Put(AccessKeyRecord{answer.access_key_id, user.id, sealed, true, call.now}));
    TRY(state_->Publish(tx, user));
    return user.name;
  }));
  return CreateAccessKeyOutput{std::move(answer)};
}

Result<ListAccessKeysOutput> Iam::ListAccessKeys(const Call& call, const ListAccessKeysInput& in) const {
  ListAccessKeysOutput output;
  output.is_truncated = false;
  if (IsRootsOwn(call, in.user_name)) {
    AccessKeyMetadata root;
    root.access_key_id = state_->root_credentials.access_key_id;
    root.create_date = state_->root_credentials.created;
    root.status = std::string(StatusText(true));
    output.access_key_metadata.push_back(std::move(root));
    return output;
  }
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<ListAccessKeysOutput> {
    const UserRecord user = TRY(CallersUser(tx, call, in.user_name));
    const auto page = TRY(Cut(
        TRY(tx.Select<AccessKeyRecord>("user_id = ?", {user.id})), [](const AccessKeyRecord& key) { return key.id; },
        in.marker, in.max_items));
    SetPage(output, page);
    for (const AccessKeyRecord& key : page.items) output.access_key_metadata.push_back(ToMetadata(key, user.name));
    return output;
  });
}

Result<UpdateAccessKeyOutput> Iam::UpdateAccessKey(const Call& call, const UpdateAccessKeyInput& in) {
  if (IsRootsOwn(call, in.user_name)) return RootsKeyIsFixed();
  if (in.status != "Active" && in.status != "Inactive") {
    return Error{Kind::kInvalid, kValidationError, "Status must be Active or Inactive."};
  }
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const UserRecord user = TRY(CallersUser(tx, call, in.user_name));
    AccessKeyRecord key = TRY(GetKey(tx, in.access_key_id, user));
    key.active = in.status == "Active";
    TRY(tx.Put(key));
    return state_->Publish(tx, user);
  }));
  return UpdateAccessKeyOutput{};
}

Result<DeleteAccessKeyOutput> Iam::DeleteAccessKey(const Call& call, const DeleteAccessKeyInput& in) {
  if (IsRootsOwn(call, in.user_name)) return RootsKeyIsFixed();
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const UserRecord user = TRY(CallersUser(tx, call, in.user_name));
    TRY(tx.Delete<AccessKeyRecord>(TRY(GetKey(tx, in.access_key_id, user)).id));
    tx.OnCommit([this, id = in.access_key_id] { state_->uses.With([&](auto& uses) { uses.erase(id); }); });
    return state_->Publish(tx, user);
  }));
  return DeleteAccessKeyOutput{};
}

Result<GetAccessKeyLastUsedOutput> Iam::GetAccessKeyLastUsed(const Call&, const GetAccessKeyLastUsedInput& in) const {
  GetAccessKeyLastUsedOutput output;
  if (in.access_key_id != state_->root_credentials.access_key_id) {
    output.user_name = TRY(state_->database.Read([&](const store::ReadTx& tx) -> Result<std::string> {
      const auto key = TRY(tx.Find<AccessKeyRecord>(in.access_key_id));
      const auto user = key ? TRY(tx.Find<UserRecord>(key->user_id)) : std::nullopt;
      if (user) return user->name;
      return Error{Kind::kNotFound, kNoSuchEntity,
                   fmt::format("The Access Key with id {} cannot be found.", in.access_key_id)};
    }));
  }
  AccessKeyLastUsed used;
  used.region = used.service_name = "N/A";
  state_->uses.With([&](const auto& uses) {
    const auto found = uses.find(in.access_key_id);
    if (found == uses.end()) return;
    used.last_used_date = found->second.at;
    used.region = found->second.region;
    used.service_name = found->second.service;
  });
  output.access_key_last_used = std::move(used);
  return output;
}

}  // namespace meetinity::iam

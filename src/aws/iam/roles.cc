#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

constexpr int32_t kSessionSecondsMin = 3600;
constexpr int32_t kSessionSecondsMax = 43'200;

Status CheckSession(const std::optional<int32_t>& seconds) {
  if (!seconds || (*seconds >= kSessionSecondsMin && *seconds <= kSessionSecondsMax)) return {};
  return Error{
      Kind::kInvalid, kValidationError,
      fmt::format("MaxSessionDuration must be from {} to {} seconds.", kSessionSecondsMin, kSessionSecondsMax)};
}

Role ToRole(const RoleRecord& record, std::string arn) {
  Role role;
  role.arn = std::move(arn);
  role.assume_role_policy_document = ToWireDocument(record.trust_policy);
  role.create_date = record.created;
  role.description = record.description;
  role.max_session_duration = record.session_seconds_max;
  role.path = record.path;
  role.role_id = record.id;
  role.role_name = record.name;
  return role;
}

}  // namespace

Result<CreateRoleOutput> Iam::CreateRole(const Call& call, const CreateRoleInput& in) {
  TRY(CheckName(in.role_name, "roleName"));
  TRY(CheckSession(in.max_session_duration));
  TRY(CheckPolicy(in.assume_role_policy_document, PolicyKind::kTrust, kTrustPolicyCharactersMax));
  RoleRecord role;
  role.id = "AROA" + RandomText(17, kUpperAlphanumeric);
  role.name = in.role_name;
  role.name_key = ToLower(in.role_name);
  role.path = TRY(CheckPath(in.path));
  role.created = call.now;
  if (in.tags) TRY(AddTags(role.tags, *in.tags));
  role.trust_policy = in.assume_role_policy_document;
  role.description = in.description;
  role.session_seconds_max = in.max_session_duration.value_or(kSessionSecondsMin);
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    if (TRY(tx.Count<RoleRecord>("name_key = ?", {role.name_key})) > 0) {
      return Error{Kind::kConflict, kEntityAlreadyExists, fmt::format("Role with name {} already exists.", role.name)};
    }
    if (TRY(tx.Count<RoleRecord>("")) >= kRolesMax) {
      return Error{Kind::kLimit, kLimitExceeded, fmt::format("Cannot exceed quota for RolesPerAccount: {}", kRolesMax)};
    }
    if (in.permissions_boundary) TRY(CheckBoundary(tx, *in.permissions_boundary));
    role.boundary = in.permissions_boundary;
    TRY(tx.Put(role));
    return state_->Publish(tx, role);
  }));
  CreateRoleOutput output{ToRole(role, state_->RoleArn(role))};
  output.role.tags = ToOptionalTagList(role.tags);
  output.role.permissions_boundary = ToBoundary(role.boundary);
  return output;
}

Result<GetRoleOutput> Iam::GetRole(const Call&, const GetRoleInput& in) const {
  const RoleRecord role =
      TRY(state_->database.Read([&](const store::ReadTx& tx) { return GetRoleRecord(tx, in.role_name); }));
  GetRoleOutput output{ToRole(role, state_->RoleArn(role))};
  output.role.tags = ToOptionalTagList(role.tags);
  output.role.permissions_boundary = ToBoundary(role.boundary);
  RoleLastUsed used;
  state_->uses.With([&](const auto& uses) {
    const auto found = uses.find(role.id);
    if (found == uses.end()) return;
    used.last_used_date = found->second.at;
    used.region = found->second.region;
  });
  output.role.role_last_used = std::move(used);
  return output;
}

Result<ListRolesOutput> Iam::ListRoles(const Call&, const ListRolesInput& in) const {
  std::vector<RoleRecord> roles =
      TRY(state_->database.Read([](const store::ReadTx& tx) { return tx.Select<RoleRecord>(""); }));
  const std::string prefix = in.path_prefix.value_or("/");
  std::erase_if(roles, [&](const RoleRecord& role) { return !role.path.starts_with(prefix); });
  const auto page = TRY(Cut(
      std::move(roles), [](const RoleRecord& role) { return role.name; }, in.marker, in.max_items));
  ListRolesOutput output;
  SetPage(output, page);
  for (const RoleRecord& role : page.items) output.roles.push_back(ToRole(role, state_->RoleArn(role)));
  return output;
}

Result<UpdateRoleOutput> Iam::UpdateRole(const Call&, const UpdateRoleInput& in) {
  TRY(CheckSession(in.max_session_duration));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    if (in.description) role.description = in.description;
    role.session_seconds_max = in.max_session_duration.value_or(role.session_seconds_max);
    return tx.Put(role);
  }));
  return UpdateRoleOutput{};
}

Result<UpdateAssumeRolePolicyOutput> Iam::UpdateAssumeRolePolicy(const Call&, const UpdateAssumeRolePolicyInput& in) {
  TRY(CheckPolicy(in.policy_document, PolicyKind::kTrust, kTrustPolicyCharactersMax));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    role.trust_policy = in.policy_document;
    return tx.Put(role);
  }));
  return UpdateAssumeRolePolicyOutput{};
}

Result<DeleteRoleOutput> Iam::DeleteRole(const Call&, const DeleteRoleInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    if (TRY(tx.Count<AttachmentRecord>("owner_id = ?", {role.id})) > 0) {
      return Error{Kind::kConflict, kDeleteConflict, "Cannot delete entity, must detach all policies first."};
    }
    if (TRY(tx.Count<InlinePolicyRecord>("owner_id = ?", {role.id})) > 0) {
      return Error{Kind::kConflict, kDeleteConflict, "Cannot delete entity, must delete policies first."};
    }
    TRY(tx.Delete<RoleRecord>(role.id));
    tx.OnCommit([this, id = role.id] {
      state_->index.RemoveIdentity(id);
      state_->uses.With([&](auto& uses) { uses.erase(id); });
    });
    return {};
  }));
  return DeleteRoleOutput{};
}

Result<TagRoleOutput> Iam::TagRole(const Call&, const TagRoleInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    TRY(AddTags(role.tags, in.tags));
    TRY(tx.Put(role));
    return state_->Publish(tx, role);
  }));
  return TagRoleOutput{};
}

Result<UntagRoleOutput> Iam::UntagRole(const Call&, const UntagRoleInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    RemoveTags(role.tags, in.tag_keys);
    TRY(tx.Put(role));
    return state_->Publish(tx, role);
  }));
  return UntagRoleOutput{};
}

Result<ListRoleTagsOutput> Iam::ListRoleTags(const Call&, const ListRoleTagsInput& in) const {
  const RoleRecord role =
      TRY(state_->database.Read([&](const store::ReadTx& tx) { return GetRoleRecord(tx, in.role_name); }));
  const auto page = TRY(Cut(
      ToTagList(role.tags), [](const Tag& tag) { return tag.key; }, in.marker, in.max_items));
  ListRoleTagsOutput output;
  SetPage(output, page);
  output.tags = page.items;
  return output;
}

Result<ListInstanceProfilesForRoleOutput> Iam::ListInstanceProfilesForRole(
    const Call&, const ListInstanceProfilesForRoleInput& in) const {
  TRY(state_->database.Read([&](const store::ReadTx& tx) { return GetRoleRecord(tx, in.role_name); }));
  ListInstanceProfilesForRoleOutput output;
  output.is_truncated = false;
  return output;
}

}  // namespace meetinity::iam

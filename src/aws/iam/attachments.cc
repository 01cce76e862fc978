#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"
#include "base/arn.h"

namespace meetinity::iam {
namespace {

Status Attach(store::Tx& tx, const std::string& owner_id, const std::string& policy_arn) {
  if (!Arn::Parse(policy_arn).ok()) {
    return Error{Kind::kInvalid, kInvalidInput, fmt::format("ARN {} is not valid.", policy_arn)};
  }
  if (!GetPolicyRecord(tx, policy_arn).ok()) {
    return Error{Kind::kNotFound, kNoSuchEntity,
                 fmt::format("Policy {} does not exist or is not attachable.", policy_arn)};
  }
  if (TRY(tx.Find<AttachmentRecord>(owner_id, policy_arn))) return {};
  if (TRY(tx.Count<AttachmentRecord>("owner_id = ?", {owner_id})) >= kAttachedPoliciesMax) {
    return Error{Kind::kLimit, kLimitExceeded,
                 fmt::format("Cannot exceed quota of {} attached policies.", kAttachedPoliciesMax)};
  }
  return tx.Put(AttachmentRecord{owner_id, policy_arn});
}

Status Detach(store::Tx& tx, const std::string& owner_id, const std::string& policy_arn) {
  if (TRY(tx.Delete<AttachmentRecord>(owner_id, policy_arn))) return {};
  return Error{Kind::kNotFound, kNoSuchEntity, fmt::format("Policy {} was not found.", policy_arn)};
}

template <class Output, class Input>
Result<Output> ListAttached(const store::ReadTx& tx, const std::string& owner_id, const Input& in) {
  std::vector<AttachedPolicy> policies;
  for (const AttachmentRecord& attached : TRY(tx.Select<AttachmentRecord>("owner_id = ?", {owner_id}))) {
    const PolicyRecord policy = TRY(GetPolicyRecord(tx, attached.policy_arn));
    if (policy.path.starts_with(in.path_prefix.value_or("/"))) policies.push_back({policy.arn, policy.name});
  }
  auto page = TRY(Cut(
      std::move(policies), [](const AttachedPolicy& policy) { return *policy.policy_name; }, in.marker, in.max_items));
  Output output;
  SetPage(output, page);
  output.attached_policies = std::move(page.items);
  return output;
}

// A user or role that a policy is attached to.
struct Entity {
  bool is_role = false;
  std::string id, name, path;
};

Result<std::vector<Entity>> BoundedBy(const store::ReadTx& tx, const std::string& policy_arn) {
  std::vector<Entity> entities;
  for (const UserRecord& user : TRY(tx.Select<UserRecord>("boundary = ?", {policy_arn}))) {
    entities.push_back({false, user.id, user.name, user.path});
  }
  for (const RoleRecord& role : TRY(tx.Select<RoleRecord>("boundary = ?", {policy_arn}))) {
    entities.push_back({true, role.id, role.name, role.path});
  }
  return entities;
}

Result<std::vector<Entity>> EntitiesOf(const store::ReadTx& tx, const std::string& policy_arn) {
  std::vector<Entity> entities;
  for (const AttachmentRecord& attached : TRY(tx.Select<AttachmentRecord>("policy_arn = ?", {policy_arn}))) {
    if (const auto user = TRY(tx.Find<UserRecord>(attached.owner_id))) {
      entities.push_back({false, user->id, user->name, user->path});
    } else if (const auto role = TRY(tx.Find<RoleRecord>(attached.owner_id))) {
      entities.push_back({true, role->id, role->name, role->path});
    }
  }
  return entities;
}

}  // namespace

Result<AttachUserPolicyOutput> Iam::AttachUserPolicy(const Call&, const AttachUserPolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(Attach(tx, user.id, in.policy_arn));
    return state_->Publish(tx, user);
  }));
  return AttachUserPolicyOutput{};
}

Result<DetachUserPolicyOutput> Iam::DetachUserPolicy(const Call&, const DetachUserPolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(Detach(tx, user.id, in.policy_arn));
    return state_->Publish(tx, user);
  }));
  return DetachUserPolicyOutput{};
}

Result<ListAttachedUserPoliciesOutput> Iam::ListAttachedUserPolicies(const Call&,
                                                                     const ListAttachedUserPoliciesInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<ListAttachedUserPoliciesOutput> {
    return ListAttached<ListAttachedUserPoliciesOutput>(tx, TRY(GetUserRecord(tx, in.user_name)).id, in);
  });
}

Result<AttachRolePolicyOutput> Iam::AttachRolePolicy(const Call&, const AttachRolePolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    TRY(Attach(tx, role.id, in.policy_arn));
    return state_->Publish(tx, role);
  }));
  return AttachRolePolicyOutput{};
}

Result<DetachRolePolicyOutput> Iam::DetachRolePolicy(const Call&, const DetachRolePolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    TRY(Detach(tx, role.id, in.policy_arn));
    return state_->Publish(tx, role);
  }));
  return DetachRolePolicyOutput{};
}

Result<ListAttachedRolePoliciesOutput> Iam::ListAttachedRolePolicies(const Call&,
                                                                     const ListAttachedRolePoliciesInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<ListAttachedRolePoliciesOutput> {
    return ListAttached<ListAttachedRolePoliciesOutput>(tx, TRY(GetRoleRecord(tx, in.role_name)).id, in);
  });
}

Result<ListEntitiesForPolicyOutput> Iam::ListEntitiesForPolicy(const Call&,
                                                               const ListEntitiesForPolicyInput& in) const {
  std::vector<Entity> entities = TRY(state_->database.Read([&](const store::ReadTx& tx) -> Result<std::vector<Entity>> {
    const std::string arn = TRY(GetPolicyRecord(tx, in.policy_arn)).arn;
    return in.policy_usage_filter == "PermissionsBoundary" ? BoundedBy(tx, arn) : EntitiesOf(tx, arn);
  }));
  std::erase_if(entities, [&](const Entity& entity) {
    const bool other_kind = in.entity_filter && *in.entity_filter != (entity.is_role ? "Role" : "User");
    return other_kind || !entity.path.starts_with(in.path_prefix.value_or("/"));
  });
  const auto page = TRY(Cut(
      std::move(entities), [](const Entity& entity) { return entity.id; }, in.marker, in.max_items));
  ListEntitiesForPolicyOutput output;
  SetPage(output, page);
  output.policy_groups.emplace();
  output.policy_roles.emplace();
  output.policy_users.emplace();
  for (const Entity& entity : page.items) {
    if (entity.is_role) {
      output.policy_roles->push_back({entity.id, entity.name});
    } else {
      output.policy_users->push_back({entity.id, entity.name});
    }
  }
  return output;
}

}  // namespace meetinity::iam

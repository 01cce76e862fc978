#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"

namespace meetinity::iam {
namespace {

Result<InlinePolicyRecord> GetInline(const store::ReadTx& tx, const std::string& owner_id, const std::string& name,
                                     std::string_view owner_kind) {
  if (auto found = TRY(tx.Find<InlinePolicyRecord>(owner_id, name))) return std::move(*found);
  return Error{Kind::kNotFound, kNoSuchEntity,
               fmt::format("The {} policy with name {} cannot be found.", owner_kind, name)};
}

// The quota is on all inline policies of one owner together.
Status PutInline(store::Tx& tx, const InlinePolicyRecord& policy, size_t characters_max) {
  TRY(CheckName(policy.name, "policyName"));
  TRY(CheckPolicy(policy.document, PolicyKind::kIdentity, characters_max));
  size_t characters = CountWithoutSpace(policy.document);
  for (const auto& other :
       TRY(tx.Select<InlinePolicyRecord>("owner_id = ? AND name != ?", {policy.owner_id, policy.name}))) {
    characters += CountWithoutSpace(other.document);
  }
  if (characters > characters_max) {
    return Error{
        Kind::kLimit, kLimitExceeded,
        fmt::format("Maximum policy size of {} bytes exceeded by all inline policies together.", characters_max)};
  }
  return tx.Put(policy);
}

template <class Output, class Input>
Result<Output> ListInline(const store::ReadTx& tx, const std::string& owner_id, const Input& in) {
  const auto page = TRY(Cut(
      TRY(tx.Select<InlinePolicyRecord>("owner_id = ?", {owner_id})),
      [](const InlinePolicyRecord& policy) { return policy.name; }, in.marker, in.max_items));
  Output output;
  SetPage(output, page);
  for (const InlinePolicyRecord& policy : page.items) output.policy_names.push_back(policy.name);
  return output;
}

}  // namespace

Result<PutUserPolicyOutput> Iam::PutUserPolicy(const Call&, const PutUserPolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(PutInline(tx, {user.id, in.policy_name, in.policy_document}, kInlineUserCharactersMax));
    return state_->Publish(tx, user);
  }));
  return PutUserPolicyOutput{};
}

Result<GetUserPolicyOutput> Iam::GetUserPolicy(const Call&, const GetUserPolicyInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<GetUserPolicyOutput> {
    const UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    const InlinePolicyRecord policy = TRY(GetInline(tx, user.id, in.policy_name, "user"));
    return GetUserPolicyOutput{
        .policy_document = ToWireDocument(policy.document), .policy_name = policy.name, .user_name = user.name};
  });
}

Result<ListUserPoliciesOutput> Iam::ListUserPolicies(const Call&, const ListUserPoliciesInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<ListUserPoliciesOutput> {
    return ListInline<ListUserPoliciesOutput>(tx, TRY(GetUserRecord(tx, in.user_name)).id, in);
  });
}

Result<DeleteUserPolicyOutput> Iam::DeleteUserPolicy(const Call&, const DeleteUserPolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(GetInline(tx, user.id, in.policy_name, "user"));
    TRY(tx.Delete<InlinePolicyRecord>(user.id, in.policy_name));
    return state_->Publish(tx, user);
  }));
  return DeleteUserPolicyOutput{};
}

Result<PutRolePolicyOutput> Iam::PutRolePolicy(const Call&, const PutRolePolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    TRY(PutInline(tx, {role.id, in.policy_name, in.policy_document}, kInlineRoleCharactersMax));
    return state_->Publish(tx, role);
  }));
  return PutRolePolicyOutput{};
}

Result<GetRolePolicyOutput> Iam::GetRolePolicy(const Call&, const GetRolePolicyInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<GetRolePolicyOutput> {
    const RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    const InlinePolicyRecord policy = TRY(GetInline(tx, role.id, in.policy_name, "role"));
    return GetRolePolicyOutput{
        .policy_document = ToWireDocument(policy.document), .policy_name = policy.name, .role_name = role.name};
  });
}

Result<ListRolePoliciesOutput> Iam::ListRolePolicies(const Call&, const ListRolePoliciesInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<ListRolePoliciesOutput> {
    return ListInline<ListRolePoliciesOutput>(tx, TRY(GetRoleRecord(tx, in.role_name)).id, in);
  });
}

Result<DeleteRolePolicyOutput> Iam::DeleteRolePolicy(const Call&, const DeleteRolePolicyInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    TRY(GetInline(tx, role.id, in.policy_name, "role"));
    TRY(tx.Delete<InlinePolicyRecord>(role.id, in.policy_name));
    return state_->Publish(tx, role);
  }));
  return DeleteRolePolicyOutput{};
}

}  // namespace meetinity::iam

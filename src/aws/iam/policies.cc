#include <fmt/format.h>

#include "aws/iam/aws_managed_policies.h"
#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"
#include "aws/iam/managed_policy.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

Result<Policy> ToPolicy(const store::ReadTx& tx, const PolicyRecord& record) {
  Policy policy;
  policy.arn = record.arn;
  policy.attachment_count = static_cast<int32_t>(TRY(tx.Count<AttachmentRecord>("policy_arn = ?", {record.arn})));
  policy.create_date = record.created;
  policy.default_version_id = ToVersionId(record.default_version);
  policy.is_attachable = true;
  policy.path = record.path;
  policy.permissions_boundary_usage_count = static_cast<int32_t>(TRY(CountBoundaryUses(tx, record.arn)));
  policy.policy_id = record.id;
  policy.policy_name = record.name;
  policy.update_date = record.updated;
  return policy;
}

Status RefuseNameInUse(const store::ReadTx& tx, const PolicyRecord& policy) {
  if (TRY(tx.Count<PolicyRecord>("name_key = ?", {policy.name_key})) == 0) return {};
  return Error{Kind::kConflict, kEntityAlreadyExists,
               fmt::format("A policy called {} already exists. Duplicate names are not allowed.", policy.name)};
}

Result<std::vector<PolicyRecord>> InScope(const store::ReadTx& tx, std::string_view scope) {
  std::vector<PolicyRecord> policies;
  if (scope != "AWS") policies = TRY(tx.Select<PolicyRecord>(""));
  if (scope != "Local") {
    for (const AwsManagedPolicy& managed : AwsManagedPolicies()) policies.push_back(ToRecord(managed));
  }
  return policies;
}

}  // namespace

Status RefuseAwsManaged(std::string_view policy_arn) {
  if (!IsAwsManaged(policy_arn)) return {};
  return Error{Kind::kInvalid, kInvalidInput, fmt::format("{} is AWS's own and cannot be changed.", policy_arn)};
}

Result<CreatePolicyOutput> Iam::CreatePolicy(const Call& call, const CreatePolicyInput& in) {
  TRY(CheckName(in.policy_name, "policyName"));
  TRY(CheckPolicy(in.policy_document, PolicyKind::kIdentity, kManagedPolicyCharactersMax));
  PolicyRecord policy;
  policy.id = "ANPA" + RandomText(17, kUpperAlphanumeric);
  policy.name = in.policy_name;
  policy.name_key = ToLower(in.policy_name);
  policy.path = TRY(CheckPath(in.path));
  policy.arn = state_->Arn("policy" + policy.path + policy.name);
  policy.created = policy.updated = call.now;
  policy.description = in.description;
  if (in.tags) TRY(AddTags(policy.tags, *in.tags));
  return state_->database.Write([&](store::Tx& tx) -> Result<CreatePolicyOutput> {
    TRY(RefuseNameInUse(tx, policy));
    if (TRY(tx.Count<PolicyRecord>("")) >= kPoliciesMax) {
      return Error{Kind::kLimit, kLimitExceeded,
                   fmt::format("Cannot exceed quota for PoliciesPerAccount: {}", kPoliciesMax)};
    }
    TRY(tx.Put(policy));
    TRY(tx.Put(PolicyVersionRecord{policy.arn, policy.default_version, in.policy_document, call.now}));
    TRY(state_->PublishPolicy(tx, policy.arn));
    CreatePolicyOutput output{TRY(ToPolicy(tx, policy))};
    output.policy->tags = ToOptionalTagList(policy.tags);
    return output;
  });
}

Result<GetPolicyOutput> Iam::GetPolicy(const Call&, const GetPolicyInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<GetPolicyOutput> {
    const PolicyRecord record = TRY(GetPolicyRecord(tx, in.policy_arn));
    GetPolicyOutput output{TRY(ToPolicy(tx, record))};
    output.policy->description = record.description;
    output.policy->tags = ToTagList(record.tags);
    return output;
  });
}

Result<ListPoliciesOutput> Iam::ListPolicies(const Call&, const ListPoliciesInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<ListPoliciesOutput> {
    ListPoliciesOutput output;
    output.policies.emplace();
    output.is_truncated = false;
    std::vector<Policy> policies;
    for (const PolicyRecord& record : TRY(InScope(tx, in.scope.value_or("All")))) {
      if (!record.path.starts_with(in.path_prefix.value_or("/"))) continue;
      Policy policy = TRY(ToPolicy(tx, record));
      if (in.policy_usage_filter == "PermissionsBoundary" && policy.permissions_boundary_usage_count == 0) continue;
      if (in.only_attached.value_or(false) && policy.attachment_count == 0) continue;
      policies.push_back(std::move(policy));
    }
    auto page = TRY(Cut(
        std::move(policies), [](const Policy& policy) { return *policy.arn; }, in.marker, in.max_items));
    SetPage(output, page);
    output.policies = std::move(page.items);
    return output;
  });
}

Result<DeletePolicyOutput> Iam::DeletePolicy(const Call&, const DeletePolicyInput& in) {
  TRY(RefuseAwsManaged(in.policy_arn));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    if (TRY(tx.Count<AttachmentRecord>("policy_arn = ?", {policy.arn})) > 0 ||
        TRY(CountBoundaryUses(tx, policy.arn)) > 0) {
      return Error{Kind::kConflict, kDeleteConflict, "Cannot delete a policy attached to entities."};
    }
    if (TRY(tx.Count<PolicyVersionRecord>("arn = ?", {policy.arn})) > 1) {
      return Error{Kind::kConflict, kDeleteConflict,
                   "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                   "versions. The default version is deleted with the policy."};
    }
    TRY(tx.DeleteWhere<PolicyVersionRecord>("arn = ?", {policy.arn}));
    TRY(tx.Delete<PolicyRecord>(policy.arn));
    tx.OnCommit([this, arn = policy.arn] { state_->index.RemovePolicy(arn); });
    return {};
  }));
  return DeletePolicyOutput{};
}

Result<TagPolicyOutput> Iam::TagPolicy(const Call&, const TagPolicyInput& in) {
  TRY(RefuseAwsManaged(in.policy_arn));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    TRY(AddTags(policy.tags, in.tags));
    return tx.Put(policy);
  }));
  return TagPolicyOutput{};
}

Result<UntagPolicyOutput> Iam::UntagPolicy(const Call&, const UntagPolicyInput& in) {
  TRY(RefuseAwsManaged(in.policy_arn));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    RemoveTags(policy.tags, in.tag_keys);
    return tx.Put(policy);
  }));
  return UntagPolicyOutput{};
}

Result<ListPolicyTagsOutput> Iam::ListPolicyTags(const Call&, const ListPolicyTagsInput& in) const {
  const PolicyRecord policy =
      TRY(state_->database.Read([&](const store::ReadTx& tx) { return GetPolicyRecord(tx, in.policy_arn); }));
  const auto page = TRY(Cut(
      ToTagList(policy.tags), [](const Tag& tag) { return tag.key; }, in.marker, in.max_items));
  ListPolicyTagsOutput output;
  SetPage(output, page);
  output.tags = page.items;
  return output;
}

}  // namespace meetinity::iam

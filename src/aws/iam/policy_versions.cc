#include <fmt/format.h>

#include "aws/iam/aws_managed_policies.h"
#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"
#include "aws/iam/managed_policy.h"

namespace meetinity::iam {
namespace {

PolicyVersion ToVersion(const PolicyVersionRecord& record, const PolicyRecord& policy) {
  PolicyVersion version;
  version.create_date = record.created;
  version.is_default_version = record.number == policy.default_version;
  version.version_id = ToVersionId(record.number);
  return version;
}

Result<std::vector<PolicyVersionRecord>> AllVersions(const store::ReadTx& tx, const PolicyRecord& policy) {
  if (!IsAwsManaged(policy.arn)) return tx.Select<PolicyVersionRecord>("arn = ?", {policy.arn});
  return std::vector<PolicyVersionRecord>{TRY(GetVersionRecord(tx, policy.arn, policy.default_version))};
}

}  // namespace

Result<CreatePolicyVersionOutput> Iam::CreatePolicyVersion(const Call& call, const CreatePolicyVersionInput& in) {
  TRY(RefuseAwsManaged(in.policy_arn));
  TRY(CheckPolicy(in.policy_document, PolicyKind::kIdentity, kManagedPolicyCharactersMax));
  return state_->database.Write([&](store::Tx& tx) -> Result<CreatePolicyVersionOutput> {
    PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    if (TRY(tx.Count<PolicyVersionRecord>("arn = ?", {policy.arn})) >= kVersionsPerPolicyMax) {
      return Error{Kind::kLimit, kLimitExceeded,
                   fmt::format("A managed policy can have up to {} versions. Before you create a new version, you must "
                               "delete an existing version.",
                               kVersionsPerPolicyMax)};
    }
    const PolicyVersionRecord version{policy.arn, ++policy.last_version, in.policy_document, call.now};
    TRY(tx.Put(version));
    policy.updated = call.now;
    if (in.set_as_default.value_or(false)) policy.default_version = version.number;
    TRY(tx.Put(policy));
    TRY(state_->PublishPolicy(tx, policy.arn));
    return CreatePolicyVersionOutput{ToVersion(version, policy)};
  });
}

Result<GetPolicyVersionOutput> Iam::GetPolicyVersion(const Call&, const GetPolicyVersionInput& in) const {
  const int32_t number = TRY(ParseVersionId(in.version_id));
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<GetPolicyVersionOutput> {
    const PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    const PolicyVersionRecord record = TRY(GetVersionRecord(tx, policy.arn, number));
    GetPolicyVersionOutput output{ToVersion(record, policy)};
    output.policy_version->document = ToWireDocument(record.document);
    return output;
  });
}

Result<ListPolicyVersionsOutput> Iam::ListPolicyVersions(const Call&, const ListPolicyVersionsInput& in) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<ListPolicyVersionsOutput> {
    const PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    const auto newest_first = [](const PolicyVersionRecord& version) {
      return fmt::format("{:010}", std::numeric_limits<int32_t>::max() - version.number);
    };
    const auto page = TRY(Cut(TRY(AllVersions(tx, policy)), newest_first, in.marker, in.max_items));
    ListPolicyVersionsOutput output;
    SetPage(output, page);
    output.versions.emplace();
    for (const PolicyVersionRecord& version : page.items) output.versions->push_back(ToVersion(version, policy));
    return output;
  });
}

Result<SetDefaultPolicyVersionOutput> Iam::SetDefaultPolicyVersion(const Call& call,
                                                                   const SetDefaultPolicyVersionInput& in) {
  TRY(RefuseAwsManaged(in.policy_arn));
  const int32_t number = TRY(ParseVersionId(in.version_id));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    policy.default_version = TRY(GetVersionRecord(tx, policy.arn, number)).number;
    policy.updated = call.now;
    TRY(tx.Put(policy));
    return state_->PublishPolicy(tx, policy.arn);
  }));
  return SetDefaultPolicyVersionOutput{};
}

Result<DeletePolicyVersionOutput> Iam::DeletePolicyVersion(const Call&, const DeletePolicyVersionInput& in) {
  TRY(RefuseAwsManaged(in.policy_arn));
  const int32_t number = TRY(ParseVersionId(in.version_id));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const PolicyRecord policy = TRY(GetPolicyRecord(tx, in.policy_arn));
    TRY(GetVersionRecord(tx, policy.arn, number));
    if (number == policy.default_version) {
      return Error{Kind::kConflict, kDeleteConflict, "Cannot delete the default version of a policy."};
    }
    TRY(tx.Delete<PolicyVersionRecord>(policy.arn, number));
    return {};
  }));
  return DeletePolicyVersionOutput{};
}

}  // namespace meetinity::iam

#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"

namespace meetinity::iam {

Result<ListAccountAliasesOutput> Iam::ListAccountAliases(const Call&, const ListAccountAliasesInput&) const {
  ListAccountAliasesOutput output;
  output.is_truncated = false;
  return output;
}

Result<GetAccountSummaryOutput> Iam::GetAccountSummary(const Call&, const GetAccountSummaryInput&) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<GetAccountSummaryOutput> {
    const auto narrow = [](int64_t count) { return static_cast<int32_t>(count); };
    std::map<std::string, int32_t> summary{
        {"AccessKeysPerUserQuota", narrow(kAccessKeysPerUserMax)},
        {"AccountAccessKeysPresent", 1},
        {"AccountMFAEnabled", 0},
        {"AttachedPoliciesPerRoleQuota", narrow(kAttachedPoliciesMax)},
        {"AttachedPoliciesPerUserQuota", narrow(kAttachedPoliciesMax)},
        {"Groups", 0},
        {"MFADevices", 0},
        {"Policies", narrow(TRY(tx.Count<PolicyRecord>("")))},
        {"PoliciesQuota", narrow(kPoliciesMax)},
        {"PolicySizeQuota", narrow(kManagedPolicyCharactersMax)},
        {"PolicyVersionsInUse", narrow(TRY(tx.Count<PolicyVersionRecord>("")))},
        {"Providers", 0},
        {"Roles", narrow(TRY(tx.Count<RoleRecord>("")))},
        {"RolesQuota", narrow(kRolesMax)},
        {"UserPolicySizeQuota", narrow(kInlineUserCharactersMax)},
        {"Users", narrow(TRY(tx.Count<UserRecord>("")))},
        {"UsersQuota", narrow(kUsersMax)},
        {"VersionsPerPolicyQuota", narrow(kVersionsPerPolicyMax)},
    };
    GetAccountSummaryOutput output;
    output.summary_map = std::move(summary);
    return output;
  });
}

}  // namespace meetinity::iam

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
    const int64_t policies = TRY(tx.Count<PolicyRecord>(""));
    const int64_t versions = TRY(tx.Count<PolicyVersionRecord>(""));
    const int64_t roles = TRY(tx.Count<RoleRecord>(""));
    const int64_t users = TRY(tx.Count<UserRecord>(""));
    std::map<std::string, int32_t> summary{
        {"AccessKeysPerUserQuota", narrow(kAccessKeysPerUserMax)},
        {"AccountAccessKeysPresent", 1},
        {"AccountMFAEnabled", 0},
        {"AttachedPoliciesPerRoleQuota", narrow(kAttachedPoliciesMax)},
        {"AttachedPoliciesPerUserQuota", narrow(kAttachedPoliciesMax)},
        {"Groups", 0},
        {"MFADevices", 0},
        {"Policies", narrow(policies)},
        {"PoliciesQuota", narrow(kPoliciesMax)},
        {"PolicySizeQuota", narrow(kManagedPolicyCharactersMax)},
        {"PolicyVersionsInUse", narrow(versions)},
        {"Providers", 0},
        {"Roles", narrow(roles)},
        {"RolesQuota", narrow(kRolesMax)},
        {"UserPolicySizeQuota", narrow(kInlineUserCharactersMax)},
        {"Users", narrow(users)},
        {"UsersQuota", narrow(kUsersMax)},
        {"VersionsPerPolicyQuota", narrow(kVersionsPerPolicyMax)},
    };
    GetAccountSummaryOutput output;
    output.summary_map = std::move(summary);
    return output;
  });
}

}  // namespace meetinity::iam

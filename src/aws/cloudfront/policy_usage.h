#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/state.h"
#include "store/database.h"

// Which distributions follow a policy or trust a key group.
namespace meetinity::cloudfront {

inline constexpr auto FollowsCachePolicy = [](const auto& behavior) { return behavior.cache_policy_id; };
inline constexpr auto FollowsOriginRequestPolicy = [](const auto& behavior) {
  return behavior.origin_request_policy_id;
};
inline constexpr auto FollowsResponseHeadersPolicy = [](const auto& behavior) {
  return behavior.response_headers_policy_id;
};

// True when `behavior` lists the key group.
template <class Behavior>
bool TrustsKeyGroup(const Behavior& behavior, std::string_view key_group) {
  if (!behavior.trusted_key_groups || !behavior.trusted_key_groups->items) return false;
  const auto& items = *behavior.trusted_key_groups->items;
  return std::find(items.begin(), items.end(), key_group) != items.end();
}

// The ids of distributions with a behavior for which `uses(behavior)` is true, in order.
template <class Uses>
Result<std::vector<std::string>> DistributionsWhere(const store::ReadTx& tx, Uses uses) {
  std::vector<std::string> ids;
  for (const DistributionRecord& record : TRY(tx.Select<DistributionRecord>("1 ORDER BY id"))) {
    const DistributionConfig config = TRY(LoadDistributionConfig(record));
    bool used = false;
    TRY(ForEachBehavior(config, [&](const auto& behavior) -> Status {
      used = used || uses(behavior);
      return {};
    }));
    if (used) ids.push_back(record.id);
  }
  return ids;
}

template <class PolicyOf>
Result<std::vector<std::string>> DistributionsFollowing(const store::ReadTx& tx, PolicyOf policy_of,
                                                        std::string_view policy) {
  return DistributionsWhere(tx, [&](const auto& behavior) { return policy_of(behavior).value_or("") == policy; });
}

// A refusal named `in_use` while `users` is not empty.
Status CheckUnused(const std::vector<std::string>& users, std::string_view in_use, std::string_view what);

}  // namespace meetinity::cloudfront

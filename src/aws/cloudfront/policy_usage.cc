#include "aws/cloudfront/policy_usage.h"

#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/errors.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

// A page of distribution ids.
template <class Input>
Result<DistributionIdList> ToIdList(const Input& in, std::vector<std::string> ids) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  auto page = TakePage(std::move(ids), in.marker, max_items, [](const std::string& id) { return id; });
  DistributionIdList list;
  list.marker = in.marker.value_or("");
  list.is_truncated = page.next_marker.has_value();
  FillList(list, std::move(page), max_items);
  return list;
}

}  // namespace

Status CheckUnused(const std::vector<std::string>& users, std::string_view in_use, std::string_view what) {
  if (users.empty()) return {};
  return Error{Kind::kConflict, in_use, fmt::format("the {} is in use by {}", what, Join(users, ", "))};
}

Result<ListDistributionsByCachePolicyIdOutput> CloudFront::ListDistributionsByCachePolicyId(
    const Call&, const ListDistributionsByCachePolicyIdInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListDistributionsByCachePolicyIdOutput> {
    TRY(CachePolicies::Get(tx, in.cache_policy_id));
    auto ids = TRY(DistributionsFollowing(tx, FollowsCachePolicy, in.cache_policy_id));
    return ListDistributionsByCachePolicyIdOutput{.distribution_id_list = TRY(ToIdList(in, std::move(ids)))};
  });
}

Result<ListDistributionsByOriginRequestPolicyIdOutput> CloudFront::ListDistributionsByOriginRequestPolicyId(
    const Call&, const ListDistributionsByOriginRequestPolicyIdInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListDistributionsByOriginRequestPolicyIdOutput> {
    TRY(OriginRequestPolicies::Get(tx, in.origin_request_policy_id));
    auto ids = TRY(DistributionsFollowing(tx, FollowsOriginRequestPolicy, in.origin_request_policy_id));
    return ListDistributionsByOriginRequestPolicyIdOutput{.distribution_id_list = TRY(ToIdList(in, std::move(ids)))};
  });
}

Result<ListDistributionsByResponseHeadersPolicyIdOutput> CloudFront::ListDistributionsByResponseHeadersPolicyId(
    const Call&, const ListDistributionsByResponseHeadersPolicyIdInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListDistributionsByResponseHeadersPolicyIdOutput> {
    TRY(ResponseHeadersPolicies::Get(tx, in.response_headers_policy_id));
    auto ids = TRY(DistributionsFollowing(tx, FollowsResponseHeadersPolicy, in.response_headers_policy_id));
    return ListDistributionsByResponseHeadersPolicyIdOutput{.distribution_id_list = TRY(ToIdList(in, std::move(ids)))};
  });
}

Result<ListDistributionsByKeyGroupOutput> CloudFront::ListDistributionsByKeyGroup(
    const Call&, const ListDistributionsByKeyGroupInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListDistributionsByKeyGroupOutput> {
    TRY(KeyGroups::Get(tx, in.key_group_id));
    auto ids =
        TRY(DistributionsWhere(tx, [&](const auto& behavior) { return TrustsKeyGroup(behavior, in.key_group_id); }));
    return ListDistributionsByKeyGroupOutput{.distribution_id_list = TRY(ToIdList(in, std::move(ids)))};
  });
}

}  // namespace meetinity::cloudfront

#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/policy_usage.h"

namespace meetinity::cloudfront {
namespace {

CachePolicy ToPolicy(const CachePolicies::Held& held) {
  return {.cache_policy_config = held.config, .id = held.id, .last_modified_time = held.last_modified};
}

}  // namespace

Result<CreateCachePolicyOutput> CloudFront::CreateCachePolicy(const Call& call, const CreateCachePolicyInput& in) {
  const auto held =
      TRY(database_.Write([&](store::Tx& tx) { return CachePolicies::Add(tx, in.cache_policy_config, call.now); }));
  return CreateCachePolicyOutput{.cache_policy = ToPolicy(held),
                                 .e_tag = held.e_tag,
                                 .location = fmt::format("{}/2020-05-31/cache-policy/{}", call.endpoint, held.id)};
}

Result<GetCachePolicyOutput> CloudFront::GetCachePolicy(const Call&, const GetCachePolicyInput& in) {
  const auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return CachePolicies::Get(tx, in.id); }));
  return GetCachePolicyOutput{.cache_policy = ToPolicy(held), .e_tag = held.e_tag};
}

Result<GetCachePolicyConfigOutput> CloudFront::GetCachePolicyConfig(const Call&, const GetCachePolicyConfigInput& in) {
  auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return CachePolicies::Get(tx, in.id); }));
  return GetCachePolicyConfigOutput{.cache_policy_config = std::move(held.config), .e_tag = held.e_tag};
}

Result<UpdateCachePolicyOutput> CloudFront::UpdateCachePolicy(const Call& call, const UpdateCachePolicyInput& in) {
  edge::EdgeConfigPtr next;
  const auto held = TRY(database_.Write([&](store::Tx& tx) -> Result<CachePolicies::Held> {
    auto updated = TRY(CachePolicies::Replace(tx, in.id, in.if_match, in.cache_policy_config, call.now));
    next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return updated;
  }));
  deployer_->Deploy(std::move(next));
  return UpdateCachePolicyOutput{.cache_policy = ToPolicy(held), .e_tag = held.e_tag};
}

Result<DeleteCachePolicyOutput> CloudFront::DeleteCachePolicy(const Call&, const DeleteCachePolicyInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(CachePolicies::CheckRemovable(tx, in.id, in.if_match));
    TRY(CheckUnused(TRY(DistributionsFollowing(tx, FollowsCachePolicy, in.id)), kCachePolicyInUse, "cache policy"));
    return CachePolicies::Remove(tx, in.id);
  }));
  return DeleteCachePolicyOutput{};
}

Result<ListCachePoliciesOutput> CloudFront::ListCachePolicies(const Call&, const ListCachePoliciesInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  const auto held = TRY(
      database_.Read([&](const store::ReadTx& tx) { return CachePolicies::List(tx, in.type, in.marker, max_items); }));
  Page<CachePolicySummary> page{.items = {}, .next_marker = held.next_marker};
  for (const auto& each : held.items) {
    page.items.push_back({.cache_policy = ToPolicy(each), .type = each.is_managed ? "managed" : "custom"});
  }
  CachePolicyList list;
  FillList(list, std::move(page), max_items);
  return ListCachePoliciesOutput{.cache_policy_list = std::move(list)};
}

}  // namespace meetinity::cloudfront

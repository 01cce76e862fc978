#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/policy_usage.h"

namespace meetinity::cloudfront {
namespace {

OriginRequestPolicy ToPolicy(const OriginRequestPolicies::Held& held) {
  return {.id = held.id, .last_modified_time = held.last_modified, .origin_request_policy_config = held.config};
}

}  // namespace

Result<CreateOriginRequestPolicyOutput> CloudFront::CreateOriginRequestPolicy(
    const Call& call, const CreateOriginRequestPolicyInput& in) {
  const auto held = TRY(database_.Write(
      [&](store::Tx& tx) { return OriginRequestPolicies::Add(tx, in.origin_request_policy_config, call.now); }));
  return CreateOriginRequestPolicyOutput{
      .e_tag = held.e_tag,
      .location = fmt::format("{}/2020-05-31/origin-request-policy/{}", call.endpoint, held.id),
      .origin_request_policy = ToPolicy(held)};
}

Result<GetOriginRequestPolicyOutput> CloudFront::GetOriginRequestPolicy(const Call&,
                                                                        const GetOriginRequestPolicyInput& in) {
  const auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return OriginRequestPolicies::Get(tx, in.id); }));
  return GetOriginRequestPolicyOutput{.e_tag = held.e_tag, .origin_request_policy = ToPolicy(held)};
}

Result<GetOriginRequestPolicyConfigOutput> CloudFront::GetOriginRequestPolicyConfig(
    const Call&, const GetOriginRequestPolicyConfigInput& in) {
  auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return OriginRequestPolicies::Get(tx, in.id); }));
  return GetOriginRequestPolicyConfigOutput{.e_tag = held.e_tag,
                                            .origin_request_policy_config = std::move(held.config)};
}

Result<UpdateOriginRequestPolicyOutput> CloudFront::UpdateOriginRequestPolicy(
    const Call& call, const UpdateOriginRequestPolicyInput& in) {
  edge::EdgeConfigPtr next;
  const auto held = TRY(database_.Write([&](store::Tx& tx) -> Result<OriginRequestPolicies::Held> {
    auto updated =
        TRY(OriginRequestPolicies::Replace(tx, in.id, in.if_match, in.origin_request_policy_config, call.now));
    next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return updated;
  }));
  deployer_->Deploy(std::move(next));
  return UpdateOriginRequestPolicyOutput{.e_tag = held.e_tag, .origin_request_policy = ToPolicy(held)};
}

Result<DeleteOriginRequestPolicyOutput> CloudFront::DeleteOriginRequestPolicy(
    const Call&, const DeleteOriginRequestPolicyInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(OriginRequestPolicies::CheckRemovable(tx, in.id, in.if_match));
    TRY(CheckUnused(TRY(DistributionsFollowing(tx, FollowsOriginRequestPolicy, in.id)), kOriginRequestPolicyInUse,
                    "origin request policy"));
    return OriginRequestPolicies::Remove(tx, in.id);
  }));
  return DeleteOriginRequestPolicyOutput{};
}

Result<ListOriginRequestPoliciesOutput> CloudFront::ListOriginRequestPolicies(
    const Call&, const ListOriginRequestPoliciesInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  const auto held = TRY(database_.Read(
      [&](const store::ReadTx& tx) { return OriginRequestPolicies::List(tx, in.type, in.marker, max_items); }));
  Page<OriginRequestPolicySummary> page{.items = {}, .next_marker = held.next_marker};
  for (const auto& each : held.items) {
    page.items.push_back({.origin_request_policy = ToPolicy(each), .type = each.is_managed ? "managed" : "custom"});
  }
  OriginRequestPolicyList list;
  FillList(list, std::move(page), max_items);
  return ListOriginRequestPoliciesOutput{.origin_request_policy_list = std::move(list)};
}

}  // namespace meetinity::cloudfront

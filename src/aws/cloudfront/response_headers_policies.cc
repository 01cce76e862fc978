#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/policy_usage.h"

namespace meetinity::cloudfront {
namespace {

ResponseHeadersPolicy ToPolicy(const ResponseHeadersPolicies::Held& held) {
  return {.id = held.id, .last_modified_time = held.last_modified, .response_headers_policy_config = held.config};
}

}  // namespace

Result<CreateResponseHeadersPolicyOutput> CloudFront::CreateResponseHeadersPolicy(
    const Call& call, const CreateResponseHeadersPolicyInput& in) {
  const auto held = TRY(database_.Write(
      [&](store::Tx& tx) { return ResponseHeadersPolicies::Add(tx, in.response_headers_policy_config, call.now); }));
  return CreateResponseHeadersPolicyOutput{
      .e_tag = held.e_tag,
      .location = fmt::format("{}/2020-05-31/response-headers-policy/{}", call.endpoint, held.id),
      .response_headers_policy = ToPolicy(held)};
}

Result<GetResponseHeadersPolicyOutput> CloudFront::GetResponseHeadersPolicy(const Call&,
                                                                            const GetResponseHeadersPolicyInput& in) {
  const auto held =
      TRY(database_.Read([&](const store::ReadTx& tx) { return ResponseHeadersPolicies::Get(tx, in.id); }));
  return GetResponseHeadersPolicyOutput{.e_tag = held.e_tag, .response_headers_policy = ToPolicy(held)};
}

Result<GetResponseHeadersPolicyConfigOutput> CloudFront::GetResponseHeadersPolicyConfig(
    const Call&, const GetResponseHeadersPolicyConfigInput& in) {
  auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return ResponseHeadersPolicies::Get(tx, in.id); }));
  return GetResponseHeadersPolicyConfigOutput{.e_tag = held.e_tag,
                                              .response_headers_policy_config = std::move(held.config)};
}

Result<UpdateResponseHeadersPolicyOutput> CloudFront::UpdateResponseHeadersPolicy(
    const Call& call, const UpdateResponseHeadersPolicyInput& in) {
  edge::EdgeConfigPtr next;
  const auto held = TRY(database_.Write([&](store::Tx& tx) -> Result<ResponseHeadersPolicies::Held> {
    auto updated =
        TRY(ResponseHeadersPolicies::Replace(tx, in.id, in.if_match, in.response_headers_policy_config, call.now));
    next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return updated;
  }));
  deployer_->Deploy(std::move(next));
  return UpdateResponseHeadersPolicyOutput{.e_tag = held.e_tag, .response_headers_policy = ToPolicy(held)};
}

Result<DeleteResponseHeadersPolicyOutput> CloudFront::DeleteResponseHeadersPolicy(
    const Call&, const DeleteResponseHeadersPolicyInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(ResponseHeadersPolicies::CheckRemovable(tx, in.id, in.if_match));
    TRY(CheckUnused(TRY(DistributionsFollowing(tx, FollowsResponseHeadersPolicy, in.id)), kResponseHeadersPolicyInUse,
                    "response headers policy"));
    return ResponseHeadersPolicies::Remove(tx, in.id);
  }));
  return DeleteResponseHeadersPolicyOutput{};
}

Result<ListResponseHeadersPoliciesOutput> CloudFront::ListResponseHeadersPolicies(
    const Call&, const ListResponseHeadersPoliciesInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  const auto held = TRY(database_.Read(
      [&](const store::ReadTx& tx) { return ResponseHeadersPolicies::List(tx, in.type, in.marker, max_items); }));
  Page<ResponseHeadersPolicySummary> page{.items = {}, .next_marker = held.next_marker};
  for (const auto& each : held.items) {
    page.items.push_back({.response_headers_policy = ToPolicy(each), .type = each.is_managed ? "managed" : "custom"});
  }
  ResponseHeadersPolicyList list;
  FillList(list, std::move(page), max_items);
  return ListResponseHeadersPoliciesOutput{.response_headers_policy_list = std::move(list)};
}

}  // namespace meetinity::cloudfront

#pragma once

#include <span>
#include <string_view>

#include "aws/cloudfront_model.h"

// The policies that CloudFront itself owns (CloudFront Developer Guide, pages "Use managed cache policies", "Use
// managed origin request policies" and "Use managed response headers policies"): the same ids for every account, and
// never changed.
namespace meetinity::cloudfront {

template <class Config>
struct ManagedPolicy {
  std::string_view id;
  Config config;
};
using ManagedCachePolicy = ManagedPolicy<CachePolicyConfig>;
using ManagedOriginRequestPolicy = ManagedPolicy<OriginRequestPolicyConfig>;
using ManagedResponseHeadersPolicy = ManagedPolicy<ResponseHeadersPolicyConfig>;

std::span<const ManagedCachePolicy> ManagedCachePolicies();
std::span<const ManagedOriginRequestPolicy> ManagedOriginRequestPolicies();
std::span<const ManagedResponseHeadersPolicy> ManagedResponseHeadersPolicies();

// Null when the id is not a managed policy's.
const ManagedCachePolicy* FindManagedCachePolicy(std::string_view id);

}  // namespace meetinity::cloudfront

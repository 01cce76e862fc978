#pragma once

#include <span>
#include <string_view>

#include "aws/cloudfront_model.h"

// The policies that CloudFront itself owns (CloudFront Developer Guide, pages "Use managed cache policies" and "Use
// managed origin request policies"): the same ids for every account, and never changed.
namespace meetinity::cloudfront {

struct ManagedCachePolicy {
  std::string_view id;
  CachePolicyConfig config;
};

struct ManagedOriginRequestPolicy {
  std::string_view id;
  OriginRequestPolicyConfig config;
};

std::span<const ManagedCachePolicy> ManagedCachePolicies();
std::span<const ManagedOriginRequestPolicy> ManagedOriginRequestPolicies();

// Null when the id is not a managed policy's.
const ManagedCachePolicy* FindManagedCachePolicy(std::string_view id);
const ManagedOriginRequestPolicy* FindManagedOriginRequestPolicy(std::string_view id);

}  // namespace meetinity::cloudfront

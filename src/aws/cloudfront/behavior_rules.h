#pragma once

#include <string_view>

#include "aws/cloudfront/errors.h"
#include "aws/cloudfront_model.h"
#include "base/result.h"

// Rules of a distribution's cache behaviors and origin groups, as far as the configuration alone can tell. Pure
// functions.
namespace meetinity::cloudfront {

// CloudFront Developer Guide, page "Quotas".
inline constexpr size_t kCacheBehaviorsMax = 25;
inline constexpr size_t kOriginGroupsMax = 10;
inline constexpr size_t kPathPatternMax = 255;
inline constexpr size_t kKeyGroupsPerBehaviorMax = 4;
inline constexpr size_t kForwardedNamesMax = 10;  // headers, and cookies, and query string keys

// Two members each, out of Origins, and statuses to fail over on.
Status CheckOriginGroups(const DistributionConfig& config);

// Targets, methods, what is cached and forwarded, who is trusted, and features that are refused.
Status CheckBehaviors(const DistributionConfig& config);

// A refusal of something that the API knows and this service does not do: as of what is not there, where CloudFront has
// an error for that.
Error NotServed(std::string_view what, std::string_view name = kInvalidArgument);

}  // namespace meetinity::cloudfront

#pragma once

#include <memory>
#include <optional>

#include "aws/cloudfront_model.h"
#include "engine/edge/config.h"

// Policies, and the settings before there were policies, in the edge's own terms. Pure functions.
namespace meetinity::cloudfront {

edge::CachePolicy ToEdgeCachePolicy(const CachePolicyConfig& policy);
edge::CachePolicy ToEdgeCachePolicy(const ForwardedValues& values, int64_t min_ttl, int64_t default_ttl,
                                    int64_t max_ttl);

edge::OriginRequestPolicy ToEdgeOriginRequestPolicy(const OriginRequestPolicyConfig& policy);
// What ForwardedValues send beyond the key; none when that is nothing.
std::optional<edge::OriginRequestPolicy> ToEdgeOriginRequestPolicy(const ForwardedValues& values);

std::shared_ptr<const edge::ResponsePolicy> ToEdgeResponsePolicy(const ResponseHeadersPolicyConfig& policy);

}  // namespace meetinity::cloudfront

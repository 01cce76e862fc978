#include "aws/cloudfront/behavior_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/cloudfront/config_parts.h"
#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/policy_rules.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

bool IsOrigin(const DistributionConfig& config, std::string_view id) {
  const auto& origins = config.origins.items;
  return std::any_of(origins.begin(), origins.end(), [id](const Origin& origin) { return origin.id == id; });
}

bool IsS3Origin(const DistributionConfig& config, std::string_view id) {
  const auto& origins = config.origins.items;
  return std::any_of(origins.begin(), origins.end(),
                     [id](const Origin& origin) { return origin.id == id && origin.s3_origin_config; });
}

const OriginGroup* FindGroup(const DistributionConfig& config, std::string_view id) {
  if (CountOf(config.origin_groups) == 0) return nullptr;
  for (const OriginGroup& group : *config.origin_groups->items) {
    if (group.id == id) return &group;
  }
  return nullptr;
}

Status CheckGroup(const DistributionConfig& config, const OriginGroup& group) {
  static const std::set<int> kFailoverStatuses = {403, 404, 429, 500, 502, 503, 504};
  if (group.id.empty() || IsOrigin(config, group.id)) {
    return Invalid("an origin group has an Id that no origin has");
  }
  if (group.selection_criteria.value_or("default") != "default") return NotServed("SelectionCriteria of origin groups");
  const auto& members = group.members.items;
  if (members.size() != 2 || members[0].origin_id == members[1].origin_id) {
    return Invalid(fmt::format("origin group {} needs two different origins as members", group.id));
  }
  for (const OriginGroupMember& member : members) {
    if (IsOrigin(config, member.origin_id)) continue;
    return Error{
        Kind::kNotFound, kNoSuchOrigin,
        fmt::format("origin group {} names the origin {}, which is not among Origins", group.id, member.origin_id)};
  }
  const auto& statuses = group.failover_criteria.status_codes.items;
  const bool legal =
      std::all_of(statuses.begin(), statuses.end(), [](int status) { return kFailoverStatuses.contains(status); });
  if (statuses.empty() || !legal) {
    return Invalid(fmt::format("an origin group fails over on one or more of {}", fmt::join(kFailoverStatuses, ", ")));
  }
  return {};
}

// Only three sets of methods are legal.
Status CheckMethods(const AllowedMethods& methods) {
  static const std::set<std::string> kLegal[] = {
      {"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"}, {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}};
  const std::set<std::string> allowed(methods.items.begin(), methods.items.end());
  if (std::find(std::begin(kLegal), std::end(kLegal), allowed) == std::end(kLegal)) {
    return Invalid(kInvalidArgument,
                   "AllowedMethods is GET, HEAD, or GET, HEAD, OPTIONS, or all of GET, HEAD, OPTIONS, PUT, POST, "
                   "PATCH, DELETE");
  }
  if (!methods.cached_methods) return {};
  const std::set<std::string> cached(methods.cached_methods->items.begin(), methods.cached_methods->items.end());
  if ((cached != kLegal[0] && cached != kLegal[1]) ||
      !std::includes(allowed.begin(), allowed.end(), cached.begin(), cached.end())) {
    return Invalid(kInvalidArgument, "CachedMethods is GET, HEAD, or GET, HEAD, OPTIONS, out of AllowedMethods");
  }
  return {};
}

template <class Behavior>
Status CheckTtls(const Behavior& behavior) {
  const bool any_ttl = behavior.min_ttl || behavior.default_ttl || behavior.max_ttl;
  if (IsSet(behavior.cache_policy_id) && (behavior.forwarded_values || any_ttl)) {
    return Invalid(
        kInvalidArgument,
        "a cache behavior has either a CachePolicyId, or ForwardedValues with MinTTL, DefaultTTL and MaxTTL");
  }
  if (!IsSet(behavior.cache_policy_id) && !behavior.forwarded_values) {
    return Invalid(kInvalidArgument, "a cache behavior needs a CachePolicyId or ForwardedValues");
  }
  const int64_t min = behavior.min_ttl.value_or(0);
  const int64_t max = behavior.max_ttl.value_or(std::max<int64_t>(31'536'000, min));
  const int64_t standard = behavior.default_ttl.value_or(std::clamp<int64_t>(86'400, min, max));
  if (min < 0 || min > standard || standard > max) {
    return Invalid(kInvalidTtlOrder, "the times to live must be ordered: 0 ≤ MinTTL ≤ DefaultTTL ≤ MaxTTL");
  }
  return {};
}

// The settings before there were policies (API Reference, ForwardedValues).
template <class Behavior>
Status CheckForwardedValues(const DistributionConfig& config, const Behavior& behavior) {
  if (!behavior.forwarded_values) return {};
  const ForwardedValues& values = *behavior.forwarded_values;
  if (IsSet(behavior.origin_request_policy_id)) {
    return Invalid("an OriginRequestPolicyId goes with a CachePolicyId, not with ForwardedValues");
  }
  const size_t cookies = CountOf(values.cookies.whitelisted_names);
  const std::string& forward = values.cookies.forward;
  if (forward != "none" && forward != "whitelist" && forward != "all") {
    return Invalid(kInvalidForwardCookies, "Cookies Forward is none, whitelist or all");
  }
  if ((forward == "whitelist") != (cookies > 0)) {
    return Invalid(kInvalidForwardCookies, "Cookies Forward is whitelist exactly when WhitelistedNames has names");
  }
  if (cookies > kForwardedNamesMax) {
    return Invalid(kTooManyCookieNamesInWhiteList, fmt::format("{} cookies is the most", kForwardedNamesMax));
  }
  const size_t keys = CountOf(values.query_string_cache_keys);
  if (keys > 0 && !values.query_string) {
    return Invalid(kInvalidQueryStringParameters, "QueryStringCacheKeys go with QueryString true");
  }
  if (keys > kForwardedNamesMax) {
    return Invalid(kTooManyQueryStringParameters, fmt::format("{} query string keys is the most", kForwardedNamesMax));
  }
  if (CountOf(values.headers) == 0) return {};
  const auto& headers = *values.headers->items;
  const bool all = std::find(headers.begin(), headers.end(), "*") != headers.end();
  if (all && headers.size() > 1) return Invalid("Headers is * alone or a list of names");
  if (all && behavior.min_ttl.value_or(0) != 0) {
    return Invalid("with Headers *, nothing is cached, and MinTTL must be 0");
  }
  if (headers.size() > kForwardedNamesMax) {
    return Invalid(kTooManyHeadersInForwardedValues, fmt::format("{} headers is the most", kForwardedNamesMax));
  }
  for (const std::string& name : headers) {
    if (name != "*" && !IsHeaderName(name)) return Invalid(fmt::format("'{}' is no header", name.substr(0, 64)));
    if (!IsS3Origin(config, behavior.target_origin_id)) continue;
    if (name != "*" && !EqualsIgnoreCase(name, "host")) continue;
    return Invalid(
        kInvalidHeadersForS3Origin,
        fmt::format("Headers {} cannot be forwarded to an S3 origin, which is asked under its own name", name));
  }
  return {};
}

template <class Behavior>
Status CheckTrust(const Behavior& behavior) {
  if (behavior.trusted_signers && (behavior.trusted_signers->enabled || CountOf(behavior.trusted_signers) > 0)) {
    return Invalid(kTrustedSignerDoesNotExist,
                   "TrustedSigners are keys of AWS accounts, of which there are none here; use TrustedKeyGroups");
  }
  if (!behavior.trusted_key_groups) return {};
  const size_t groups = CountOf(behavior.trusted_key_groups);
  if (behavior.trusted_key_groups->enabled != (groups > 0)) {
    return Invalid("TrustedKeyGroups is Enabled exactly when it has Items");
  }
  if (groups > kKeyGroupsPerBehaviorMax) {
    return Invalid(kTooManyKeyGroupsAssociatedToDistribution,
                   fmt::format("{} key groups; {} is the most", groups, kKeyGroupsPerBehaviorMax));
  }
  return {};
}

template <class Behavior>
Status CheckServed(const Behavior& behavior) {
  if (CountOf(behavior.function_associations) > 0) {
    return NotServed("FunctionAssociations (CloudFront Functions)", kInvalidFunctionAssociation);
  }
  if (CountOf(behavior.lambda_function_associations) > 0) {
    return NotServed("LambdaFunctionAssociations (Lambda@Edge)", kInvalidLambdaFunctionAssociation);
  }
  if (IsSet(behavior.realtime_log_config_arn)) return NotServed("RealtimeLogConfigArn", kNoSuchRealtimeLogConfig);
  if (IsSet(behavior.field_level_encryption_id)) {
    return NotServed("FieldLevelEncryptionId", kNoSuchFieldLevelEncryptionConfig);
  }
  if (behavior.smooth_streaming.value_or(false)) return NotServed("SmoothStreaming");
  if (behavior.grpc_config && behavior.grpc_config->enabled) return NotServed("GrpcConfig");
  return {};
}

// Of the API Reference's CacheBehavior, PathPattern.
Status CheckPathPatterns(const DistributionConfig& config) {
  static constexpr std::string_view kMarks = "_-.*$/~\"'@:+?&";
  if (CountOf(config.cache_behaviors) == 0) return {};
  std::set<std::string_view> seen;
  for (const CacheBehavior& behavior : *config.cache_behaviors->items) {
    const std::string_view pattern = behavior.path_pattern;
    const bool legal = std::all_of(pattern.begin(), pattern.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             kMarks.find(c) != std::string_view::npos;
    });
    if (pattern.empty() || pattern.size() > kPathPatternMax || !legal) {
      return Invalid(fmt::format("PathPattern '{}' has 1 to {} of A-Z a-z 0-9 {}", pattern.substr(0, 64),
                                 kPathPatternMax, kMarks));
    }
    const std::string_view canonical = pattern.substr(pattern.front() == '/' ? 1 : 0);
    if (!seen.insert(canonical).second) return Invalid(fmt::format("two behaviors have the PathPattern {}", pattern));
  }
  return {};
}

template <class Behavior>
Status CheckTarget(const DistributionConfig& config, const Behavior& behavior) {
  if (IsOrigin(config, behavior.target_origin_id)) return {};
  if (FindGroup(config, behavior.target_origin_id) == nullptr) {
    return Error{
        Kind::kNotFound, kNoSuchOrigin,
        fmt::format("a cache behavior targets the origin {}, which is not among Origins", behavior.target_origin_id)};
  }
  if (behavior.allowed_methods && behavior.allowed_methods->items.size() > 3) {
    return Invalid(
        "The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior "
        "associated with an origin group");
  }
  return {};
}

}  // namespace

Error NotServed(std::string_view what, std::string_view name) {
  return Invalid(name, fmt::format("{} is not served here; leave it out, or use AWS for it", what));
}

Status CheckOriginGroups(const DistributionConfig& config) {
  if (CountOf(config.origin_groups) == 0) return {};
  const auto& groups = *config.origin_groups->items;
  if (groups.size() > kOriginGroupsMax) {
    return Invalid(kTooManyOriginGroupsPerDistribution, fmt::format("{} origin groups is the most", kOriginGroupsMax));
  }
  std::set<std::string_view> ids;
  for (const OriginGroup& group : groups) {
    TRY(CheckGroup(config, group));
    if (!ids.insert(group.id).second) return Invalid(fmt::format("two origin groups have the Id {}", group.id));
  }
  return {};
}

Status CheckBehaviors(const DistributionConfig& config) {
  if (CountOf(config.cache_behaviors) > kCacheBehaviorsMax) {
    return Invalid(kTooManyCacheBehaviors, fmt::format("{} cache behaviors is the most", kCacheBehaviorsMax));
  }
  TRY(CheckPathPatterns(config));
  static constexpr std::string_view kPolicies[] = {"allow-all", "https-only", "redirect-to-https"};
  return ForEachBehavior(config, [&](const auto& behavior) -> Status {
    TRY(CheckTarget(config, behavior));
    if (std::find(std::begin(kPolicies), std::end(kPolicies), behavior.viewer_protocol_policy) == std::end(kPolicies)) {
      return Invalid(kInvalidRequiredProtocol, "ViewerProtocolPolicy is allow-all, https-only or redirect-to-https");
    }
    if (behavior.allowed_methods) TRY(CheckMethods(*behavior.allowed_methods));
    TRY(CheckTtls(behavior));
    TRY(CheckForwardedValues(config, behavior));
    TRY(CheckTrust(behavior));
    return CheckServed(behavior);
  });
}

}  // namespace meetinity::cloudfront

#include "aws/cloudfront/distribution_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/cloudfront/errors.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

Error Invalid(std::string_view name, std::string detail) { return Error{Kind::kInvalid, name, std::move(detail)}; }

Error NotServed(std::string_view what) {
  return Invalid(kInvalidArgument, fmt::format("{} is not served here; leave it out, or use AWS for it", what));
}

template <class T>
size_t CountOf(const std::optional<T>& list) {
  return list && list->items ? list->items->size() : 0;
}

bool IsSet(const std::optional<std::string>& text) { return text && !text->empty(); }

// Developer Guide, page "Specify a default root object".
Status CheckDefaultRootObject(std::string_view object) {
  constexpr std::string_view kAllowed = "_-.*$/~\"'&";
  const bool characters = std::all_of(object.begin(), object.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kAllowed.find(c) != std::string_view::npos;
  });
  if (object.size() > kDefaultRootObjectMax || object.starts_with('/') || !characters) {
    return Invalid(kInvalidDefaultRootObject,
                   "DefaultRootObject is a name such as index.html: at most 255 of A-Z a-z 0-9 _ - . * $ / ~ \" ' &, "
                   "without a slash at the start");
  }
  return {};
}

Status CheckCustomHeaders(const Origin& origin) {
  if (!origin.custom_headers || !origin.custom_headers->items) return {};
  const auto& headers = *origin.custom_headers->items;
  if (headers.size() > kCustomHeadersMax) {
    return Invalid(kInvalidArgument, fmt::format("origin {} has {} custom headers; {} is the most", origin.id,
                                                 headers.size(), kCustomHeadersMax));
  }
  for (const OriginCustomHeader& header : headers) {
    const bool token =
        !header.header_name.empty() && std::all_of(header.header_name.begin(), header.header_name.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
        });
    const bool value = std::none_of(header.header_value.begin(), header.header_value.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (!token || !value || header.header_name.size() > kCustomHeaderNameMax ||
        header.header_value.size() > kCustomHeaderValueMax) {
      return Invalid(kInvalidArgument, fmt::format("custom header '{}' of origin {} is not a valid HTTP header",
                                                   header.header_name.substr(0, 64), origin.id));
    }
  }
  return {};
}

Status CheckOriginAccess(const Origin& origin) {
  const bool identity = origin.s3_origin_config && !origin.s3_origin_config->origin_access_identity.empty();
  const bool control = IsSet(origin.origin_access_control_id);
  if (identity && control) {
    return Invalid(
        kIllegalOriginAccessConfiguration,
        fmt::format("origin {} has both an origin access control and an origin access identity; keep one", origin.id));
  }
  if (origin.s3_origin_config && origin.custom_origin_config) {
    return Invalid(kInvalidArgument, fmt::format("origin {} is either an S3 origin or a custom one", origin.id));
  }
  if (!origin.s3_origin_config && !origin.custom_origin_config) {
    return Invalid(kInvalidArgument,
                   fmt::format("origin {} needs an S3OriginConfig or a CustomOriginConfig", origin.id));
  }
  if (origin.s3_origin_config && BucketOf(origin.domain_name).empty()) {
    return Invalid(kInvalidArgument, fmt::format("the domain name of S3 origin {} is not a bucket's; it looks like "
                                                 "my-bucket.s3.eu-west-1.amazonaws.com",
                                                 origin.id));
  }
  return {};
}

Status CheckOrigin(const Origin& origin) {
  if (origin.id.empty() || origin.domain_name.empty() || origin.domain_name.size() > 255) {
    return Invalid(kInvalidOrigin, "an origin needs an Id and a DomainName of at most 255 characters");
  }
  if (IsSet(origin.origin_path) && (!origin.origin_path->starts_with('/') || origin.origin_path->ends_with('/'))) {
    return Invalid(kInvalidArgument,
                   fmt::format("OriginPath '{}' must start with a slash and not end with one", *origin.origin_path));
  }
  const int attempts = origin.connection_attempts.value_or(3);
  const int timeout = origin.connection_timeout.value_or(10);
  if (attempts < 1 || attempts > 3 || timeout < 1 || timeout > 10) {
    return Invalid(kInvalidArgument, "ConnectionAttempts is 1 to 3 and ConnectionTimeout 1 to 10 seconds");
  }
  if (origin.vpc_origin_config) return NotServed("VpcOriginConfig");
  if (origin.origin_shield && origin.origin_shield->enabled) return NotServed("OriginShield");
  TRY(CheckOriginAccess(origin));
  return CheckCustomHeaders(origin);
}

Status CheckOrigins(const DistributionConfig& config) {
  const auto& origins = config.origins.items;
  if (origins.size() > kOriginsMax) {
    return Invalid(kTooManyOrigins, fmt::format("{} origins; {} is the most", origins.size(), kOriginsMax));
  }
  std::set<std::string_view> ids;
  for (const Origin& origin : origins) {
    TRY(CheckOrigin(origin));
    if (!ids.insert(origin.id).second) {
      return Invalid(kInvalidArgument, fmt::format("two origins have the Id {}", origin.id));
    }
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

template <class Behavior>
Status CheckServed(const Behavior& behavior) {
  if (CountOf(behavior.function_associations) > 0) return NotServed("FunctionAssociations (CloudFront Functions)");
  if (CountOf(behavior.lambda_function_associations) > 0) return NotServed("LambdaFunctionAssociations (Lambda@Edge)");
  if (behavior.trusted_signers && behavior.trusted_signers->enabled) return NotServed("TrustedSigners");
  if (behavior.trusted_key_groups && behavior.trusted_key_groups->enabled) return NotServed("TrustedKeyGroups");
  if (IsSet(behavior.response_headers_policy_id)) return NotServed("ResponseHeadersPolicyId");
  if (IsSet(behavior.realtime_log_config_arn)) return NotServed("RealtimeLogConfigArn");
  if (IsSet(behavior.field_level_encryption_id)) return NotServed("FieldLevelEncryptionId");
  if (behavior.smooth_streaming.value_or(false)) return NotServed("SmoothStreaming");
  if (behavior.grpc_config && behavior.grpc_config->enabled) return NotServed("GrpcConfig");
  return {};
}

Status CheckBehaviors(const DistributionConfig& config) {
  if (CountOf(config.cache_behaviors) > kCacheBehaviorsMax) {
    return Invalid(kTooManyCacheBehaviors, fmt::format("{} cache behaviors is the most", kCacheBehaviorsMax));
  }
  static constexpr std::string_view kPolicies[] = {"allow-all", "https-only", "redirect-to-https"};
  return ForEachBehavior(config, [&](const auto& behavior) -> Status {
    const auto& origins = config.origins.items;
    if (std::none_of(origins.begin(), origins.end(),
                     [&](const Origin& origin) { return origin.id == behavior.target_origin_id; })) {
      return Error{
          Kind::kNotFound, kNoSuchOrigin,
          fmt::format("a cache behavior targets the origin {}, which is not among Origins", behavior.target_origin_id)};
    }
    if (std::find(std::begin(kPolicies), std::end(kPolicies), behavior.viewer_protocol_policy) == std::end(kPolicies)) {
      return Invalid(kInvalidRequiredProtocol, "ViewerProtocolPolicy is allow-all, https-only or redirect-to-https");
    }
    if (behavior.allowed_methods) TRY(CheckMethods(*behavior.allowed_methods));
    TRY(CheckTtls(behavior));
    return CheckServed(behavior);
  });
}

// Developer Guide, page "Generate custom error responses".
Status CheckErrorResponses(const DistributionConfig& config) {
  static const std::set<int> kErrorCodes = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504};
  static const std::set<std::string> kResponseCodes = {"200", "400", "403", "404", "405", "414",
                                                       "416", "500", "501", "502", "503", "504"};
  if (CountOf(config.custom_error_responses) == 0) return {};
  for (const CustomErrorResponse& response : *config.custom_error_responses->items) {
    if (!kErrorCodes.contains(response.error_code)) {
      return Invalid(kInvalidErrorCode, fmt::format("ErrorCode {} cannot be customised", response.error_code));
    }
    if (IsSet(response.response_page_path) != IsSet(response.response_code)) {
      return Invalid(kInvalidArgument, "ResponsePagePath and ResponseCode come together or not at all");
    }
    if (IsSet(response.response_page_path) && !response.response_page_path->starts_with('/')) {
      return Invalid(kInvalidRelativePath,
                     fmt::format("ResponsePagePath '{}' must start with a slash", *response.response_page_path));
    }
    if (IsSet(response.response_code) && !kResponseCodes.contains(*response.response_code)) {
      return Invalid(kInvalidResponseCode, fmt::format("ResponseCode {} is not allowed", *response.response_code));
    }
  }
  return {};
}

Status CheckViewerCertificate(const DistributionConfig& config) {
  const ViewerCertificate certificate = config.viewer_certificate.value_or(ViewerCertificate{});
  const bool own = IsSet(certificate.acm_certificate_arn);
  if (IsSet(certificate.iam_certificate_id)) return NotServed("IAMCertificateId");
  if (own && certificate.cloud_front_default_certificate.value_or(false)) {
    return Invalid(kInvalidViewerCertificate, "choose ACMCertificateArn or CloudFrontDefaultCertificate, not both");
  }
  if (own && certificate.ssl_support_method.value_or("") != "sni-only") {
    return Invalid(kInvalidViewerCertificate,
                   "a certificate of your own needs SSLSupportMethod sni-only; addresses "
                   "of one's own (vip, static-ip) are not served here");
  }
  if (CountOf(config.aliases) > 0 && !own) {
    return Invalid(kInvalidViewerCertificate,
                   "to add alternate domain names (CNAMEs), attach a certificate that covers them");
  }
  return {};
}

Status CheckWholeFeatures(const DistributionConfig& config) {
  if (config.logging && config.logging->enabled.value_or(false)) return NotServed("Logging");
  if (CountOf(config.origin_groups) > 0) return NotServed("OriginGroups");
  if (IsSet(config.web_acl_id)) return NotServed("WebACLId");
  if (config.staging.value_or(false) || IsSet(config.continuous_deployment_policy_id)) {
    return NotServed("continuous deployment");
  }
  if (IsSet(config.anycast_ip_list_id)) return NotServed("AnycastIpListId");
  if (config.restrictions && config.restrictions->geo_restriction.restriction_type != "none") {
    return NotServed("a geo restriction");
  }
  const std::string version = config.http_version.value_or("http2");
  if (EqualsIgnoreCase(version, "http3") || EqualsIgnoreCase(version, "http2and3")) return NotServed("HTTP/3");
  return {};
}

}  // namespace

Status CheckQuantities(const wire::Shape& shape, const void* value) {
  if (shape.kind == wire::ShapeKind::kList) {
    for (size_t i = 0; i < shape.list->size(value); ++i) TRY(CheckQuantities(*shape.element, shape.list->at(value, i)));
    return {};
  }
  if (shape.kind != wire::ShapeKind::kStructure) return {};
  const int32_t* quantity = nullptr;
  std::optional<size_t> items;
  for (const wire::Member& member : shape.members) {
    const void* held = member.Find(value);
    if (member.name == "Quantity") quantity = static_cast<const int32_t*>(held);
    if (member.name == "Items") items = held == nullptr ? 0 : member.shape->list->size(held);
    if (held != nullptr) TRY(CheckQuantities(*member.shape, held));
  }
  if (quantity != nullptr && items && *quantity != static_cast<int64_t>(*items)) {
    return Invalid(kInconsistentQuantities,
                   fmt::format("{} says Quantity {} and has {} Items", shape.name, *quantity, *items));
  }
  return {};
}

Status CheckConfig(const DistributionConfig& config) {
  if (config.caller_reference.empty()) return Invalid(kInvalidArgument, "CallerReference must not be empty");
  if (config.comment.size() > 128) return Invalid(kInvalidArgument, "Comment has at most 128 characters");
  if (IsSet(config.default_root_object)) TRY(CheckDefaultRootObject(*config.default_root_object));
  if (CountOf(config.aliases) > kAliasesMax) {
    return Invalid(kTooManyDistributionCnames, fmt::format("{} alternate domain names is the most", kAliasesMax));
  }
  TRY(CheckOrigins(config));
  TRY(CheckBehaviors(config));
  TRY(CheckErrorResponses(config));
  TRY(CheckViewerCertificate(config));
  return CheckWholeFeatures(config);
}

Status CheckConfig(const CachePolicyConfig& config) {
  const int64_t min = config.min_ttl;
  const int64_t max = config.max_ttl.value_or(std::max<int64_t>(31'536'000, min));
  const int64_t standard = config.default_ttl.value_or(std::clamp<int64_t>(86'400, min, max));
  if (min < 0 || min > standard || standard > max) {
    return Invalid(kInvalidArgument, "the times to live must be ordered: 0 ≤ MinTTL ≤ DefaultTTL ≤ MaxTTL");
  }
  if (config.name.empty() || config.name.size() > 128) {
    return Invalid(kInvalidArgument, "a cache policy's Name has 1 to 128 characters");
  }
  return {};
}

std::string BucketOf(std::string_view origin_domain) {
  const std::string domain = ToLower(origin_domain);
  for (size_t at = domain.rfind(".s3"); at != std::string::npos && at > 0; at = domain.rfind(".s3", at - 1)) {
    const std::string_view rest = std::string_view(domain).substr(at + 1);
    const bool host = rest.starts_with("s3.") && (rest.ends_with(".amazonaws.com") || rest.ends_with("localhost"));
    if (host) return domain.substr(0, at);
  }
  return "";
}

}  // namespace meetinity::cloudfront

#include "aws/cloudfront/distribution_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/cloudfront/behavior_rules.h"
#include "aws/cloudfront/config_parts.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/log_delivery.h"
#include "aws/cloudfront/policy_rules.h"
#include "base/text.h"
#include "engine/edge/geo_database.h"

namespace meetinity::cloudfront {
namespace {

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
    return Invalid(kTooManyOriginCustomHeaders, fmt::format("origin {} has {} custom headers; {} is the most",
                                                            origin.id, headers.size(), kCustomHeadersMax));
  }
  size_t bytes = 0;
  for (const OriginCustomHeader& header : headers) {
    const bool value = std::none_of(header.header_value.begin(), header.header_value.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (!IsHeaderName(header.header_name) || !value || header.header_name.size() > kCustomHeaderNameMax ||
        header.header_value.size() > kCustomHeaderValueMax) {
      return Invalid(kInvalidArgument, fmt::format("custom header '{}' of origin {} is not a valid HTTP header",
                                                   header.header_name.substr(0, 64), origin.id));
    }
    bytes += header.header_name.size() + header.header_value.size();
  }
  if (bytes > kCustomHeadersBytesMax) {
    return Invalid(kInvalidArgument, fmt::format("the custom headers of origin {} have {} characters; {} is the most",
                                                 origin.id, bytes, kCustomHeadersBytesMax));
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
  if (control && origin.custom_origin_config) {
    return Invalid(kInvalidDomainNameForOriginAccessControl,
                   fmt::format("origin {} has an origin access control, which signs requests to buckets by their own "
                               "names alone, not those to a website or a server of one's own",
                               origin.id));
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

// API Reference, CustomOriginConfig.
Status CheckCustomOrigin(const Origin& origin) {
  static const std::set<std::string, std::less<>> kPolicies = {"http-only", "match-viewer", "https-only"};
  static const std::set<std::string, std::less<>> kProtocols = {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"};
  if (!origin.custom_origin_config) return {};
  const CustomOriginConfig& config = *origin.custom_origin_config;
  if (!kPolicies.contains(config.origin_protocol_policy)) {
    return Invalid(kInvalidArgument, "OriginProtocolPolicy is http-only, match-viewer or https-only");
  }
  for (const int port : {config.http_port, config.https_port}) {
    if (port == 80 || port == 443 || (port >= 1024 && port <= 65'535)) continue;
    return Invalid(kInvalidArgument, fmt::format("an origin's port is 80, 443 or 1024 to 65535, not {}", port));
  }
  const int keep_alive = config.origin_keepalive_timeout.value_or(5);
  const int read = config.origin_read_timeout.value_or(30);
  if (keep_alive < 1 || keep_alive > 120) {
    return Invalid(kInvalidOriginKeepaliveTimeout, "OriginKeepaliveTimeout is 1 to 120 seconds");
  }
  if (read < 1 || read > 120) return Invalid(kInvalidOriginReadTimeout, "OriginReadTimeout is 1 to 120 seconds");
  if (config.origin_mtls_config) return NotServed("OriginMtlsConfig");
  if (!config.origin_ssl_protocols) return {};
  for (const std::string& protocol : config.origin_ssl_protocols->items) {
    if (!kProtocols.contains(protocol)) {
      return Invalid(kInvalidArgument, "OriginSslProtocols are of SSLv3, TLSv1, TLSv1.1, TLSv1.2");
    }
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
  if (origin.response_completion_timeout) return NotServed("ResponseCompletionTimeout");
  if (origin.vpc_origin_config) return NotServed("VpcOriginConfig", kEntityNotFound);
  if (origin.origin_shield && origin.origin_shield->enabled) return NotServed("OriginShield");
  TRY(CheckOriginAccess(origin));
  TRY(CheckCustomOrigin(origin));
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
  if (IsSet(certificate.iam_certificate_id)) return NotServed("IAMCertificateId", kInvalidViewerCertificate);
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

Status CheckGeoRestriction(const DistributionConfig& config) {
  if (!config.restrictions) return {};
  const GeoRestriction& geo = config.restrictions->geo_restriction;
  const bool none = geo.restriction_type == "none" || geo.restriction_type.empty();
  if (!none && geo.restriction_type != "whitelist" && geo.restriction_type != "blacklist") {
    return Invalid(kInvalidGeoRestrictionParameter, "RestrictionType is none, whitelist or blacklist");
  }
  const size_t count = geo.items ? geo.items->size() : 0;
  if (none != (count == 0)) {
    return Invalid(kInvalidGeoRestrictionParameter,
                   "a whitelist or blacklist names one country at least, and none names none");
  }
  for (size_t i = 0; i < count; ++i) {
    if (edge::IsCountryCode((*geo.items)[i])) continue;
    return Invalid(kInvalidLocationCode, fmt::format("'{}' is no ISO 3166-1 alpha-2 country code, such as DE",
                                                     (*geo.items)[i].substr(0, 16)));
  }
  return {};
}

// API Reference, LoggingConfig. The bucket itself is looked up elsewhere.
Status CheckLogging(const DistributionConfig& config) {
  if (!config.logging || !config.logging->enabled.value_or(false)) return {};
  TRY(LogBucketOf(*config.logging));
  const std::string prefix = config.logging->prefix.value_or("");
  const bool plain = std::all_of(prefix.begin(), prefix.end(),
                                 [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
  if (prefix.size() > kLogPrefixMax || prefix.starts_with('/') || !plain) {
    return Invalid(kInvalidArgument,
                   fmt::format("The parameter Logging Prefix has at most {} characters, no control characters, and "
                               "does not start with a slash",
                               kLogPrefixMax));
  }
  return {};
}

Status CheckWholeFeatures(const DistributionConfig& config) {
  if (IsSet(config.web_acl_id)) return NotServed("WebACLId", kInvalidWebAclId);
  if (config.staging.value_or(false)) return NotServed("Staging (continuous deployment)");
  if (IsSet(config.continuous_deployment_policy_id)) {
    return NotServed("ContinuousDeploymentPolicyId", kNoSuchContinuousDeploymentPolicy);
  }
  if (IsSet(config.anycast_ip_list_id)) return NotServed("AnycastIpListId", kEntityNotFound);
  if (config.connection_function_association) return NotServed("ConnectionFunctionAssociation", kEntityNotFound);
  // To take it and not to ask viewers for their certificates would open what was to be closed.
  if (config.viewer_mtls_config) return NotServed("ViewerMtlsConfig");
  if (config.tenant_config) return NotServed("TenantConfig");
  if (config.connection_mode.value_or("direct") != "direct") return NotServed("ConnectionMode tenant-only");
  if (config.cache_tag_config) return NotServed("CacheTagConfig");
  // http2and3 is served over HTTP/2, and HTTP/3 never announced to viewers.
  if (EqualsIgnoreCase(config.http_version.value_or("http2"), "http3")) {
    return NotServed("HttpVersion http3 (http2and3 is, by HTTP/2)");
  }
  return CheckGeoRestriction(config);
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
  TRY(CheckOriginGroups(config));
  TRY(CheckBehaviors(config));
  TRY(CheckErrorResponses(config));
  TRY(CheckViewerCertificate(config));
  TRY(CheckLogging(config));
  return CheckWholeFeatures(config);
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

#include "aws/cloudfront/policy_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "aws/cloudfront/config_parts.h"
#include "aws/cloudfront/errors.h"
#include "base/text.h"
#include "engine/edge/signed_access.h"

namespace meetinity::cloudfront {
namespace {

Status CheckName(std::string_view name, std::string_view what) {
  const bool legal = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (name.empty() || name.size() > 128 || !legal) {
    return Invalid(fmt::format("a {}'s Name has 1 to 128 of A-Z a-z 0-9 - _", what));
  }
  return {};
}

Status CheckComment(const std::optional<std::string>& comment) {
  if (comment && comment->size() > 128) return Invalid("Comment has at most 128 characters");
  return {};
}

struct NameRules {
  std::string_view what;  // "HeaderBehavior"
  std::initializer_list<std::string_view> behaviors;
  std::initializer_list<std::string_view> listing;  // those of them that list names
  std::string_view too_many;
};

// A behavior with its names: listed where it needs them, absent where it does not.
template <class Names>
Status CheckNames(std::string_view behavior, const std::optional<Names>& names, const NameRules& rules) {
  if (std::find(rules.behaviors.begin(), rules.behaviors.end(), behavior) == rules.behaviors.end()) {
    return Invalid(
        fmt::format("{} is one of {}, not '{}'", rules.what, fmt::join(rules.behaviors, ", "), behavior.substr(0, 64)));
  }
  const size_t count = names && names->items ? names->items->size() : 0;
  const bool lists = std::find(rules.listing.begin(), rules.listing.end(), behavior) != rules.listing.end();
  if (lists != (count > 0)) {
    return Invalid(fmt::format("{} {} {}", rules.what, behavior, lists ? "needs names" : "takes no names"));
  }
  if (count > kNamesInPolicyMax) {
    return Invalid(rules.too_many, fmt::format("{} names; {} is the most", count, kNamesInPolicyMax));
  }
  for (size_t i = 0; i < count; ++i) {
    const std::string& name = (*names->items)[i];
    if (name.empty() || name.size() > 256) return Invalid("a name has 1 to 256 characters");
  }
  return {};
}

template <class Names>
Status CheckHeaderNames(const std::optional<Names>& names) {
  if (!names || !names->items) return {};
  for (const std::string& name : *names->items) {
    if (!IsHeaderName(name)) return Invalid(fmt::format("'{}' is not the name of a header", name.substr(0, 64)));
  }
  return {};
}

Status CheckCors(const ResponseHeadersPolicyCorsConfig& cors) {
  const auto has_star = [](const std::vector<std::string>& items) {
    return std::find(items.begin(), items.end(), "*") != items.end();
  };
  const std::vector<std::string>& origins = cors.access_control_allow_origins.items;
  const std::vector<std::string>& methods = cors.access_control_allow_methods.items;
  const std::vector<std::string>& headers = cors.access_control_allow_headers.items;
  if (origins.empty() || methods.empty() || headers.empty()) {
    return Invalid(
        "CorsConfig needs AccessControlAllowOrigins, AccessControlAllowMethods and "
        "AccessControlAllowHeaders with an item at least");
  }
  static const std::set<std::string, std::less<>> kMethods = {"GET", "HEAD",  "OPTIONS", "POST",
                                                              "PUT", "PATCH", "DELETE",  "ALL"};
  for (const std::string& method : methods) {
    if (!kMethods.contains(method)) return Invalid(fmt::format("'{}' is no method of CORS", method.substr(0, 32)));
  }
  if (has_star(origins) && origins.size() > 1) {
    return Invalid("AccessControlAllowOrigins is either * alone or a list of origins");
  }
  for (const std::string& origin : origins) {
    if (origin != "*" && std::count(origin.begin(), origin.end(), '*') > 1) {
      return Invalid(fmt::format("'{}': an origin has one wildcard at the most", origin.substr(0, 64)));
    }
  }
  const auto& expose = cors.access_control_expose_headers;
  const bool exposes_all = expose && expose->items && has_star(*expose->items);
  if (cors.access_control_allow_credentials && (has_star(origins) || has_star(headers) || exposes_all ||
                                                std::find(methods.begin(), methods.end(), "ALL") != methods.end())) {
    return Invalid("with AccessControlAllowCredentials, origins, headers and methods are named and not *");
  }
  for (const std::string& name : headers) {
    if (name != "*" && !IsHeaderName(name)) return Invalid(fmt::format("'{}' is no header", name.substr(0, 64)));
  }
  const int32_t age = cors.access_control_max_age_sec.value_or(0);
  if (age < 0) return Invalid("AccessControlMaxAgeSec is not negative");
  return {};
}

Status CheckSecurity(const ResponseHeadersPolicySecurityHeadersConfig& security) {
  static const std::set<std::string, std::less<>> kReferrer = {
      "no-referrer",   "no-referrer-when-downgrade",      "origin",    "origin-when-cross-origin", "same-origin",
      "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"};
  if (security.content_security_policy) {
    const std::string& policy = security.content_security_policy->content_security_policy;
    if (policy.empty()) return Invalid("ContentSecurityPolicy must not be empty");
    if (policy.size() > kContentSecurityPolicyMax) {
      return Invalid(kTooLongCspInResponseHeadersPolicy,
                     fmt::format("a ContentSecurityPolicy has {} characters at the most", kContentSecurityPolicyMax));
    }
  }
  if (security.frame_options && security.frame_options->frame_option != "DENY" &&
      security.frame_options->frame_option != "SAMEORIGIN") {
    return Invalid("FrameOption is DENY or SAMEORIGIN");
  }
  if (security.referrer_policy && !kReferrer.contains(security.referrer_policy->referrer_policy)) {
    return Invalid(fmt::format("'{}' is no ReferrerPolicy", security.referrer_policy->referrer_policy.substr(0, 64)));
  }
  if (security.strict_transport_security && security.strict_transport_security->access_control_max_age_sec < 0) {
    return Invalid("StrictTransportSecurity's AccessControlMaxAgeSec is not negative");
  }
  if (!security.xss_protection) return {};
  const ResponseHeadersPolicyXSSProtection& xss = *security.xss_protection;
  const bool reports = xss.report_uri && !xss.report_uri->empty();
  if (reports && xss.mode_block.value_or(false)) return Invalid("XSSProtection has ModeBlock or a ReportUri, not both");
  if (!xss.protection && (reports || xss.mode_block.value_or(false))) {
    return Invalid("XSSProtection has ModeBlock or a ReportUri only with Protection");
  }
  return {};
}

// What the edge or the connection writes itself, and no policy may (Developer Guide, page "Understand response headers
// policies").
bool IsReadOnlyHeader(std::string_view name) {
  static const std::set<std::string, std::less<>> kReadOnly = {"connection",
                                                               "content-encoding",
                                                               "content-length",
                                                               "expect",
                                                               "host",
                                                               "keep-alive",
                                                               "proxy-authenticate",
                                                               "proxy-authorization",
                                                               "proxy-connection",
                                                               "trailer",
                                                               "transfer-encoding",
                                                               "upgrade",
                                                               "via",
                                                               "warning",
                                                               "x-accel-buffering",
                                                               "x-accel-charset",
                                                               "x-accel-limit-rate",
                                                               "x-accel-redirect",
                                                               "x-amz-cf-id",
                                                               "x-amz-cf-pop",
                                                               "x-cache",
                                                               "x-edge-location",
                                                               "x-forwarded-proto",
                                                               "x-real-ip"};
  const std::string lower = ToLower(name);
  return kReadOnly.contains(lower) || lower.starts_with("x-amzn-") || lower.starts_with("x-amz-cf-") ||
         lower.starts_with("x-edge-") || lower.starts_with("cloudfront-");
}

Status CheckCustomHeader(const ResponseHeadersPolicyCustomHeader& header) {
  const bool printable = std::none_of(header.value.begin(), header.value.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!IsHeaderName(header.header) || header.header.size() > 256 || header.value.size() > 1'783 || !printable) {
    return Invalid(fmt::format("custom header '{}' is not a valid HTTP header", header.header.substr(0, 64)));
  }
  if (IsReadOnlyHeader(header.header)) {
    return Invalid(fmt::format("a response headers policy cannot set the header {}", header.header));
  }
  return {};
}

}  // namespace

bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

Status CheckConfig(const CachePolicyConfig& config) {
  const int64_t min = config.min_ttl;
  const int64_t max = config.max_ttl.value_or(std::max<int64_t>(31'536'000, min));
  const int64_t standard = config.default_ttl.value_or(std::clamp<int64_t>(86'400, min, max));
  if (min < 0 || min > standard || standard > max) {
    return Invalid("the times to live must be ordered: 0 ≤ MinTTL ≤ DefaultTTL ≤ MaxTTL");
  }
  TRY(CheckName(config.name, "cache policy"));
  TRY(CheckComment(config.comment));
  if (!config.parameters_in_cache_key_and_forwarded_to_origin) return {};
  const auto& key = *config.parameters_in_cache_key_and_forwarded_to_origin;
  TRY(CheckNames(key.headers_config.header_behavior, key.headers_config.headers,
                 {"HeaderBehavior", {"none", "whitelist"}, {"whitelist"}, kTooManyHeadersInCachePolicy}));
  TRY(CheckHeaderNames(key.headers_config.headers));
  TRY(CheckNames(key.cookies_config.cookie_behavior, key.cookies_config.cookies,
                 {"CookieBehavior",
                  {"none", "whitelist", "allExcept", "all"},
                  {"whitelist", "allExcept"},
                  kTooManyCookiesInCachePolicy}));
  TRY(CheckNames(key.query_strings_config.query_string_behavior, key.query_strings_config.query_strings,
                 {"QueryStringBehavior",
                  {"none", "whitelist", "allExcept", "all"},
                  {"whitelist", "allExcept"},
                  kTooManyQueryStringsInCachePolicy}));
  const bool keeps_nothing = max == 0;
  const bool has_key = key.headers_config.header_behavior != "none" || key.cookies_config.cookie_behavior != "none" ||
                       key.query_strings_config.query_string_behavior != "none" || key.enable_accept_encoding_gzip ||
                       key.enable_accept_encoding_brotli.value_or(false);
  if (keeps_nothing && has_key) {
    return Invalid(
        "a cache policy whose MaxTTL is 0 caches nothing and so has no headers, cookies, query strings or "
        "encodings in its key; forward them by an origin request policy");
  }
  return {};
}

Status CheckConfig(const OriginRequestPolicyConfig& config) {
  TRY(CheckName(config.name, "origin request policy"));
  TRY(CheckComment(config.comment));
  TRY(CheckNames(config.headers_config.header_behavior, config.headers_config.headers,
                 {"HeaderBehavior",
                  {"none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept"},
                  {"whitelist", "allViewerAndWhitelistCloudFront", "allExcept"},
                  kTooManyHeadersInOriginRequestPolicy}));
  TRY(CheckHeaderNames(config.headers_config.headers));
  if (config.headers_config.header_behavior == "allViewerAndWhitelistCloudFront") {
    for (const std::string& name : *config.headers_config.headers->items) {
      if (ToLower(name).starts_with("cloudfront-")) continue;
      return Invalid(fmt::format("allViewerAndWhitelistCloudFront lists headers of CloudFront's own, not {}", name));
    }
  }
  if (config.headers_config.header_behavior == "whitelist") {
    for (const std::string& name : *config.headers_config.headers->items) {
      const std::string lower = ToLower(name);
      if (lower != "authorization" && lower != "accept-encoding") continue;
      return Invalid(fmt::format("{} is forwarded by a cache policy, not by an origin request policy", name));
    }
  }
  TRY(CheckNames(config.cookies_config.cookie_behavior, config.cookies_config.cookies,
                 {"CookieBehavior",
                  {"none", "whitelist", "allExcept", "all"},
                  {"whitelist", "allExcept"},
                  kTooManyCookiesInOriginRequestPolicy}));
  return CheckNames(config.query_strings_config.query_string_behavior, config.query_strings_config.query_strings,
                    {"QueryStringBehavior",
                     {"none", "whitelist", "allExcept", "all"},
                     {"whitelist", "allExcept"},
                     kTooManyQueryStringsInOriginRequestPolicy});
}

Status CheckConfig(const ResponseHeadersPolicyConfig& config) {
  TRY(CheckName(config.name, "response headers policy"));
  TRY(CheckComment(config.comment));
  if (config.cors_config) TRY(CheckCors(*config.cors_config));
  if (config.security_headers_config) TRY(CheckSecurity(*config.security_headers_config));
  if (config.custom_headers_config && config.custom_headers_config->items) {
    const auto& headers = *config.custom_headers_config->items;
    if (headers.size() > kCustomResponseHeadersMax) {
      return Invalid(kTooManyCustomHeadersInResponseHeadersPolicy,
                     fmt::format("{} custom headers; {} is the most", headers.size(), kCustomResponseHeadersMax));
    }
    for (const ResponseHeadersPolicyCustomHeader& header : headers) TRY(CheckCustomHeader(header));
  }
  if (config.remove_headers_config && config.remove_headers_config->items) {
    const auto& headers = *config.remove_headers_config->items;
    if (headers.size() > kRemovedResponseHeadersMax) {
      return Invalid(kTooManyRemoveHeadersInResponseHeadersPolicy,
                     fmt::format("{} headers to remove; {} is the most", headers.size(), kRemovedResponseHeadersMax));
    }
    for (const ResponseHeadersPolicyRemoveHeader& header : headers) {
      if (IsHeaderName(header.header) && !IsReadOnlyHeader(header.header)) continue;
      return Invalid(fmt::format("a response headers policy cannot remove '{}'", header.header.substr(0, 64)));
    }
  }
  const double rate =
      config.server_timing_headers_config ? config.server_timing_headers_config->sampling_rate.value_or(0) : 0;
  if (!(rate >= 0 && rate <= 100)) return Invalid("SamplingRate is 0 to 100 percent");
  return {};
}

Status CheckConfig(const PublicKeyConfig& config) {
  if (config.caller_reference.empty()) return Invalid("CallerReference must not be empty");
  TRY(CheckName(config.name, "public key"));
  TRY(CheckComment(config.comment));
  const auto key = edge::VerifyingKey::Parse(config.encoded_key);
  if (!key.ok()) return Invalid(fmt::format("EncodedKey: {}", key.error().detail));
  return {};
}

Status CheckConfig(const KeyGroupConfig& config) {
  TRY(CheckName(config.name, "key group"));
  TRY(CheckComment(config.comment));
  if (config.items.empty()) return Invalid("a key group has a public key at least");
  if (config.items.size() > kPublicKeysInGroupMax) {
    return Invalid(kTooManyPublicKeysInKeyGroup,
                   fmt::format("{} public keys; {} is the most", config.items.size(), kPublicKeysInGroupMax));
  }
  const std::set<std::string_view> distinct(config.items.begin(), config.items.end());
  if (distinct.size() != config.items.size()) return Invalid("a key group names each public key once");
  return {};
}

void FillDefaults(CachePolicyConfig& config) {
  Default(config.comment, std::string());
  Default(config.max_ttl, std::max<int64_t>(31'536'000, config.min_ttl));
  Default(config.default_ttl, std::clamp<int64_t>(86'400, config.min_ttl, *config.max_ttl));
  if (config.parameters_in_cache_key_and_forwarded_to_origin) {
    Default(config.parameters_in_cache_key_and_forwarded_to_origin->enable_accept_encoding_brotli, false);
    return;
  }
  ParametersInCacheKeyAndForwardedToOrigin parameters;
  parameters.headers_config.header_behavior = "none";
  parameters.cookies_config.cookie_behavior = "none";
  parameters.query_strings_config.query_string_behavior = "none";
  parameters.enable_accept_encoding_brotli = false;
  config.parameters_in_cache_key_and_forwarded_to_origin = std::move(parameters);
}

void FillDefaults(OriginRequestPolicyConfig& config) { Default(config.comment, std::string()); }

void FillDefaults(ResponseHeadersPolicyConfig& config) {
  Default(config.comment, std::string());
  if (config.server_timing_headers_config) Default(config.server_timing_headers_config->sampling_rate, 0.0);
}

void FillDefaults(PublicKeyConfig& config) { Default(config.comment, std::string()); }

void FillDefaults(KeyGroupConfig& config) { Default(config.comment, std::string()); }

}  // namespace meetinity::cloudfront

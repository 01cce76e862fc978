#include "aws/cloudfront/managed_policies.h"

#include <array>
#include <initializer_list>

namespace meetinity::cloudfront {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kYearSeconds = 31'536'000;

// A list with its Quantity, as every list of CloudFront's has one.
template <class T>
T Quantified(std::initializer_list<const char*> names) {
  T list;
  list.items = std::vector<std::string>(names.begin(), names.end());
  list.quantity = static_cast<int32_t>(names.size());
  return list;
}

struct Key {
  bool gzip = false;
  bool brotli = false;
  std::initializer_list<const char*> headers = {};
  const char* cookies = "none";
  const char* queries = "none";
  std::initializer_list<const char*> query_names = {};
};

CachePolicyConfig CachePolicyOf(const char* name, int64_t min_ttl, int64_t default_ttl, int64_t max_ttl,
                                const Key& key) {
  ParametersInCacheKeyAndForwardedToOrigin parameters;
  parameters.enable_accept_encoding_gzip = key.gzip;
  parameters.enable_accept_encoding_brotli = key.brotli;
  parameters.headers_config.header_behavior = key.headers.size() == 0 ? "none" : "whitelist";
  if (key.headers.size() > 0) parameters.headers_config.headers = Quantified<Headers>(key.headers);
  parameters.cookies_config.cookie_behavior = key.cookies;
  parameters.query_strings_config.query_string_behavior = key.queries;
  if (key.query_names.size() > 0) {
    parameters.query_strings_config.query_strings = Quantified<QueryStringNames>(key.query_names);
  }
  CachePolicyConfig config;
  config.name = name;
  config.comment = "";
  config.min_ttl = min_ttl;
  config.default_ttl = default_ttl;
  config.max_ttl = max_ttl;
  config.parameters_in_cache_key_and_forwarded_to_origin = std::move(parameters);
  return config;
}

OriginRequestPolicyConfig OriginRequestPolicyOf(const char* name, const char* header_behavior,
                                                std::initializer_list<const char*> headers, const char* cookies,
                                                const char* queries) {
  OriginRequestPolicyConfig config;
  config.name = name;
  config.comment = "";
  config.headers_config.header_behavior = header_behavior;
  if (headers.size() > 0) config.headers_config.headers = Quantified<Headers>(headers);
  config.cookies_config.cookie_behavior = cookies;
  config.query_strings_config.query_string_behavior = queries;
  return config;
}

// A list that is never empty, so that its items are no option.
template <class T>
T Listed(std::initializer_list<const char*> names) {
  T list;
  list.items.assign(names.begin(), names.end());
  list.quantity = static_cast<int32_t>(names.size());
  return list;
}

ResponseHeadersPolicyCorsConfig SimpleCors() {
  ResponseHeadersPolicyCorsConfig cors;
  cors.access_control_allow_origins = Listed<ResponseHeadersPolicyAccessControlAllowOrigins>({"*"});
  cors.access_control_allow_headers = Listed<ResponseHeadersPolicyAccessControlAllowHeaders>({"*"});
  cors.access_control_allow_methods.quantity = 2;
  cors.access_control_allow_methods.items = {"GET", "HEAD"};
  cors.access_control_max_age_sec = 600;
  return cors;
}

ResponseHeadersPolicyCorsConfig CorsWithPreflight() {
  ResponseHeadersPolicyCorsConfig cors = SimpleCors();
  cors.access_control_allow_methods.items = {"GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};
  cors.access_control_allow_methods.quantity = 7;
  cors.access_control_expose_headers = Quantified<ResponseHeadersPolicyAccessControlExposeHeaders>({"*"});
  return cors;
}

ResponseHeadersPolicySecurityHeadersConfig SecurityHeaders() {
  ResponseHeadersPolicySecurityHeadersConfig security;
  security.content_type_options.emplace().override = true;
  security.frame_options = ResponseHeadersPolicyFrameOptions{.frame_option = "SAMEORIGIN", .override = false};
  security.referrer_policy.emplace().referrer_policy = "strict-origin-when-cross-origin";
  security.strict_transport_security.emplace().access_control_max_age_sec = static_cast<int32_t>(kYearSeconds);
  security.xss_protection.emplace();
  security.xss_protection->protection = true;
  security.xss_protection->mode_block = true;
  return security;
}

ResponseHeadersPolicyConfig ResponseHeadersPolicyOf(
    const char* name, std::optional<ResponseHeadersPolicyCorsConfig> cors,
    std::optional<ResponseHeadersPolicySecurityHeadersConfig> security) {
  ResponseHeadersPolicyConfig config;
  config.name = name;
  config.comment = "";
  config.cors_config = std::move(cors);
  config.security_headers_config = std::move(security);
  return config;
}

const Key kUseOriginCacheControl = {
    .gzip = true,
    .brotli = true,
    .headers = {"host", "origin", "x-http-method", "x-http-method-override", "x-method-override"},
    .cookies = "all"};

}  // namespace

std::span<const ManagedCachePolicy> ManagedCachePolicies() {
  static const std::array<ManagedCachePolicy, 7> kPolicies = [] {
    Key with_queries = kUseOriginCacheControl;
    with_queries.queries = "all";
    return std::array<ManagedCachePolicy, 7>{{
        {"658327ea-f89d-4fab-a63d-7e88639e58f6",
         CachePolicyOf("Managed-CachingOptimized", 1, kDaySeconds, kYearSeconds, {.gzip = true, .brotli = true})},
        {"b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
         CachePolicyOf("Managed-CachingOptimizedForUncompressedObjects", 1, kDaySeconds, kYearSeconds, {})},
        {"4135ea2d-6df8-44a3-9df3-4b5a84be39ad", CachePolicyOf("Managed-CachingDisabled", 0, 0, 0, {})},
        {"08627262-05a9-4f76-9ded-b50ca2e3a84f",
         CachePolicyOf("Managed-Elemental-MediaPackage", 0, kDaySeconds, kYearSeconds,
                       {.gzip = true,
                        .headers = {"origin"},
                        .queries = "whitelist",
                        .query_names = {"aws.manifestfilter", "start", "end", "m"}})},
        {"2e54312d-136d-493c-8eb9-b001f22f67d2",
         CachePolicyOf("Managed-Amplify", 2, 2, 600,
                       {.gzip = true,
                        .brotli = true,
                        .headers = {"Authorization", "CloudFront-Viewer-Country", "Host"},
                        .cookies = "all",
                        .queries = "all"})},
        {"83da9c7e-98b4-4e11-a168-04f0df8e2c65",
         CachePolicyOf("UseOriginCacheControlHeaders", 0, 0, kYearSeconds, kUseOriginCacheControl)},
        {"4cc15a8a-d715-48a4-82b8-cc0b614638fe",
         CachePolicyOf("UseOriginCacheControlHeaders-QueryStrings", 0, 0, kYearSeconds, with_queries)},
    }};
  }();
  return kPolicies;
}

std::span<const ManagedOriginRequestPolicy> ManagedOriginRequestPolicies() {
  static const std::array<ManagedOriginRequestPolicy, 6> kPolicies = {{
      {"216adef6-5c7f-47e4-b989-5492eafa07d3",
       OriginRequestPolicyOf("Managed-AllViewer", "allViewer", {}, "all", "all")},
      {"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
       OriginRequestPolicyOf("Managed-CORS-S3Origin", "whitelist",
                             {"origin", "access-control-request-headers", "access-control-request-method"}, "none",
                             "none")},
      {"59781a5b-3903-41f3-afcb-af62929ccde1",
       OriginRequestPolicyOf("Managed-CORS-CustomOrigin", "whitelist", {"origin"}, "none", "none")},
      {"acba4595-bd28-49b8-b9fe-13317c0390fa", OriginRequestPolicyOf("Managed-UserAgentRefererHeaders", "whitelist",
                                                                     {"user-agent", "referer"}, "none", "none")},
      {"b689b0a8-53d0-40ab-baf2-68738e2966ac",
       OriginRequestPolicyOf("Managed-AllViewerExceptHostHeader", "allExcept", {"host"}, "all", "all")},
      {"33f36d7e-f396-46d9-90e0-52428a34d9dc",
       OriginRequestPolicyOf("Managed-AllViewerAndCloudFrontHeaders-2022-06", "allViewerAndWhitelistCloudFront",
                             {"CloudFront-Forwarded-Proto",       "CloudFront-Is-Android-Viewer",
                              "CloudFront-Is-Desktop-Viewer",     "CloudFront-Is-IOS-Viewer",
                              "CloudFront-Is-Mobile-Viewer",      "CloudFront-Is-SmartTV-Viewer",
                              "CloudFront-Is-Tablet-Viewer",      "CloudFront-Viewer-ASN",
                              "CloudFront-Viewer-Address",        "CloudFront-Viewer-City",
                              "CloudFront-Viewer-Country",        "CloudFront-Viewer-Country-Name",
                              "CloudFront-Viewer-Country-Region", "CloudFront-Viewer-Country-Region-Name",
                              "CloudFront-Viewer-Http-Version",   "CloudFront-Viewer-Latitude",
                              "CloudFront-Viewer-Longitude",      "CloudFront-Viewer-Metro-Code",
                              "CloudFront-Viewer-Postal-Code",    "CloudFront-Viewer-TLS",
                              "CloudFront-Viewer-Time-Zone"},
                             "all", "all")},
  }};
  return kPolicies;
}

std::span<const ManagedResponseHeadersPolicy> ManagedResponseHeadersPolicies() {
  static const std::array<ManagedResponseHeadersPolicy, 5> kPolicies = {{
      {"60669652-455b-4ae9-85a4-c4c02393f86c",
       ResponseHeadersPolicyOf("Managed-SimpleCORS", SimpleCors(), std::nullopt)},
      {"67f7725c-6f97-4210-82d7-5512b31e9d03",
       ResponseHeadersPolicyOf("Managed-SecurityHeadersPolicy", std::nullopt, SecurityHeaders())},
      {"5cc3b908-e619-4b99-88e5-2cf7f45965bd",
       ResponseHeadersPolicyOf("Managed-CORS-With-Preflight", CorsWithPreflight(), std::nullopt)},
      {"e61eb60c-9c35-4d20-a928-2b84e02af89c",
       ResponseHeadersPolicyOf("Managed-CORS-and-SecurityHeadersPolicy", SimpleCors(), SecurityHeaders())},
      {"eaab4381-ed33-4a86-88ca-d9558dc6cd63",
       ResponseHeadersPolicyOf("Managed-CORS-with-preflight-and-SecurityHeadersPolicy", CorsWithPreflight(),
                               SecurityHeaders())},
  }};
  return kPolicies;
}

const ManagedCachePolicy* FindManagedCachePolicy(std::string_view id) {
  for (const ManagedCachePolicy& policy : ManagedCachePolicies()) {
    if (policy.id == id) return &policy;
  }
  return nullptr;
}

}  // namespace meetinity::cloudfront

#include "aws/cloudfront/edge_config.h"

#include <fmt/format.h>

#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/managed_policies.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

using std::chrono::seconds;

enum class NameCase { kAsWritten, kLower };

template <class Names>
edge::NameSelection Selection(std::string_view behavior, const std::optional<Names>& names, NameCase name_case) {
  edge::NameSelection selection;
  if (behavior == "all" || behavior == "allViewer" || behavior == "allViewerAndWhitelistCloudFront") {
    selection.selection = edge::Selection::kAll;
  } else if (behavior == "whitelist") {
    selection.selection = edge::Selection::kWhitelist;
  } else if (behavior == "allExcept") {
    selection.selection = edge::Selection::kAllExcept;
  }
  if (names && names->items) {
    for (const std::string& name : *names->items) {
      selection.names.insert(name_case == NameCase::kLower ? ToLower(name) : name);
    }
  }
  return selection;
}

edge::ViewerProtocol ToViewerProtocol(std::string_view policy) {
  if (policy == "https-only") return edge::ViewerProtocol::kHttpsOnly;
  if (policy == "redirect-to-https") return edge::ViewerProtocol::kRedirectToHttps;
  return edge::ViewerProtocol::kAllowAll;
}

Result<edge::OriginConfig> ToOrigin(const DistributionRecord& record, const Origin& origin,
                                    const Surroundings& around) {
  edge::OriginConfig out;
  out.id = origin.id;
  out.host = origin.domain_name;
  out.path = origin.origin_path.value_or("");
  out.connection_attempts = origin.connection_attempts.value_or(3);
  out.connection_timeout = seconds(origin.connection_timeout.value_or(10));
  if (origin.custom_headers && origin.custom_headers->items) {
    for (const OriginCustomHeader& header : *origin.custom_headers->items) {
      out.custom_headers.emplace_back(header.header_name, header.header_value);
    }
  }
  if (origin.custom_origin_config) {
    out.endpoint = TRY(around.custom_endpoint(origin));
    out.read_timeout = seconds(origin.custom_origin_config->origin_read_timeout.value_or(30));
  } else {
    out.endpoint = around.s3;
    out.signer = TRY(around.signer(record.id, origin));
  }
  return out;
}

template <class Behavior>
Result<edge::Behavior> ToBehavior(const Behavior& behavior, const Surroundings& around) {
  edge::Behavior out;
  out.origin_id = behavior.target_origin_id;
  out.viewer_protocol = ToViewerProtocol(behavior.viewer_protocol_policy);
  if (behavior.allowed_methods) {
    out.allowed_methods = {behavior.allowed_methods->items.begin(), behavior.allowed_methods->items.end()};
    if (const auto& cached = behavior.allowed_methods->cached_methods) {
      out.cached_methods = {cached->items.begin(), cached->items.end()};
    }
  }
  if (behavior.forwarded_values) {
    out.cache = ToEdgeCachePolicy(*behavior.forwarded_values, behavior.min_ttl.value_or(0),
                                  behavior.default_ttl.value_or(0), behavior.max_ttl.value_or(0));
    // The old settings compress with gzip alone.
    out.cache.accept_encoding_gzip = behavior.compress.value_or(false);
  } else {
    out.cache = ToEdgeCachePolicy(TRY(around.cache_policy(behavior.cache_policy_id.value_or(""))));
  }
  out.cache.compress = behavior.compress.value_or(false);
  const std::string& forwarded = behavior.origin_request_policy_id.value_or("");
  if (const ManagedOriginRequestPolicy* policy = FindManagedOriginRequestPolicy(forwarded)) {
    const OriginRequestPolicyConfig& config = policy->config;
    out.origin_request = edge::OriginRequestPolicy{
        Selection(config.headers_config.header_behavior, config.headers_config.headers, NameCase::kLower),
        Selection(config.cookies_config.cookie_behavior, config.cookies_config.cookies, NameCase::kAsWritten),
        Selection(config.query_strings_config.query_string_behavior, config.query_strings_config.query_strings,
                  NameCase::kAsWritten)};
  }
  return out;
}

std::vector<edge::CustomError> ToCustomErrors(const DistributionConfig& config) {
  std::vector<edge::CustomError> errors;
  if (!config.custom_error_responses || !config.custom_error_responses->items) return errors;
  for (const CustomErrorResponse& response : *config.custom_error_responses->items) {
    edge::CustomError error;
    error.status = response.error_code;
    error.caching_min_ttl = seconds(response.error_caching_min_ttl.value_or(10));
    error.response_page_path = response.response_page_path.value_or("");
    const auto status = ParseUnsigned(response.response_code.value_or(""));
    error.response_status = status ? static_cast<int>(*status) : 0;
    errors.push_back(std::move(error));
  }
  return errors;
}

}  // namespace

edge::CachePolicy ToEdgeCachePolicy(const CachePolicyConfig& policy) {
  edge::CachePolicy out;
  out.min_ttl = seconds(policy.min_ttl);
  out.default_ttl = seconds(policy.default_ttl.value_or(policy.min_ttl));
  out.max_ttl = seconds(policy.max_ttl.value_or(policy.min_ttl));
  if (!policy.parameters_in_cache_key_and_forwarded_to_origin) return out;
  const auto& key = *policy.parameters_in_cache_key_and_forwarded_to_origin;
  out.accept_encoding_gzip = key.enable_accept_encoding_gzip;
  out.accept_encoding_brotli = key.enable_accept_encoding_brotli.value_or(false);
  out.headers = Selection(key.headers_config.header_behavior, key.headers_config.headers, NameCase::kLower);
  out.cookies = Selection(key.cookies_config.cookie_behavior, key.cookies_config.cookies, NameCase::kAsWritten);
  out.queries = Selection(key.query_strings_config.query_string_behavior, key.query_strings_config.query_strings,
                          NameCase::kAsWritten);
  return out;
}

edge::CachePolicy ToEdgeCachePolicy(const ForwardedValues& values, int64_t min_ttl, int64_t default_ttl,
                                    int64_t max_ttl) {
  edge::CachePolicy out;
  out.min_ttl = seconds(min_ttl);
  out.default_ttl = seconds(default_ttl);
  out.max_ttl = seconds(max_ttl);
  const bool some_headers = values.headers && values.headers->quantity > 0;
  const bool all_headers = some_headers && values.headers->items && values.headers->items->front() == "*";
  out.headers = Selection(all_headers ? "all" : some_headers ? "whitelist" : "none", values.headers, NameCase::kLower);
  out.cookies = Selection(values.cookies.forward, values.cookies.whitelisted_names, NameCase::kAsWritten);
  const bool some_queries = values.query_string_cache_keys && values.query_string_cache_keys->quantity > 0;
  out.queries = Selection(!values.query_string ? "none"
                          : some_queries       ? "whitelist"
                                               : "all",
                          values.query_string_cache_keys, NameCase::kAsWritten);
  return out;
}

Result<edge::Distribution> ToEdgeDistribution(const DistributionRecord& record, const DistributionConfig& config,
                                              const Surroundings& around) {
  edge::Distribution out;
  out.id = record.id;
  out.domain_name = record.domain_name;
  if (config.aliases && config.aliases->items) {
    for (const std::string& alias : *config.aliases->items) out.aliases.push_back(ToLower(alias));
  }
  out.enabled = config.enabled;
  out.http2 = !EqualsIgnoreCase(config.http_version.value_or("http2"), "http1.1");
  out.default_root_object = config.default_root_object.value_or("");
  for (const Origin& origin : config.origins.items) out.origins.push_back(TRY(ToOrigin(record, origin, around)));
  if (config.cache_behaviors && config.cache_behaviors->items) {
    for (const CacheBehavior& behavior : *config.cache_behaviors->items) {
      edge::Behavior one = TRY(ToBehavior(behavior, around));
      one.path_pattern = behavior.path_pattern;
      out.behaviors.push_back(std::move(one));
    }
  }
  out.behaviors.push_back(TRY(ToBehavior(config.default_cache_behavior, around)));
  out.errors = ToCustomErrors(config);
  if (config.viewer_certificate && config.viewer_certificate->acm_certificate_arn) {
    out.certificate = TRY(around.certificate(*config.viewer_certificate, out.http2));
  }
  return out;
}

}  // namespace meetinity::cloudfront

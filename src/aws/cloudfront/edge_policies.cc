#include "aws/cloudfront/edge_policies.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/edge/viewer_facts.h"

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

template <class List>
bool HasItems(const std::optional<List>& list) {
  return list && list->items && !list->items->empty();
}

bool ForwardsAllHeaders(const ForwardedValues& values) {
  return HasItems(values.headers) && values.headers->items->front() == "*";
}

using Precedence = edge::ResponsePolicy::Precedence;

Precedence ToPrecedence(bool overrides) { return overrides ? Precedence::kPolicy : Precedence::kOrigin; }

edge::ResponsePolicy::Cors ToCors(const ResponseHeadersPolicyCorsConfig& config) {
  edge::ResponsePolicy::Cors cors;
  const auto& origins = config.access_control_allow_origins.items;
  cors.any_origin = std::find(origins.begin(), origins.end(), "*") != origins.end();
  for (const std::string& origin : origins) {
    // A name without a scheme stands for both.
    if (origin == "*" || origin.find("://") != std::string::npos) {
      cors.origins.push_back(origin);
    } else {
      cors.origins.push_back("http://" + origin);
      cors.origins.push_back("https://" + origin);
    }
  }
  const auto& methods = config.access_control_allow_methods.items;
  const bool all = std::find(methods.begin(), methods.end(), "ALL") != methods.end();
  cors.methods = all ? "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT" : Join(methods, ", ");
  cors.headers = Join(config.access_control_allow_headers.items, ", ");
  if (HasItems(config.access_control_expose_headers)) {
    cors.exposed = Join(*config.access_control_expose_headers->items, ", ");
  }
  if (config.access_control_max_age_sec) cors.max_age_seconds = *config.access_control_max_age_sec;
  cors.credentials = config.access_control_allow_credentials;
  cors.precedence = ToPrecedence(config.origin_override);
  return cors;
}

std::string ToValue(const ResponseHeadersPolicyStrictTransportSecurity& security) {
  return fmt::format("max-age={}{}{}", security.access_control_max_age_sec,
                     security.include_subdomains.value_or(false) ? "; includeSubDomains" : "",
                     security.preload.value_or(false) ? "; preload" : "");
}

std::string ToValue(const ResponseHeadersPolicyXSSProtection& xss) {
  if (!xss.protection) return "0";
  if (xss.mode_block.value_or(false)) return "1; mode=block";
  const std::string report = xss.report_uri.value_or("");
  return report.empty() ? "1" : "1; report=" + report;
}

void AddSecurity(const ResponseHeadersPolicySecurityHeadersConfig& config, edge::ResponsePolicy& out) {
  const auto add = [&out](const char* name, std::string value, bool overrides) {
    out.fields.push_back({name, std::move(value), ToPrecedence(overrides)});
  };
  if (const auto& csp = config.content_security_policy) {
    add("content-security-policy", csp->content_security_policy, csp->override);
  }
  if (const auto& type = config.content_type_options) add("x-content-type-options", "nosniff", type->override);
  if (const auto& frame = config.frame_options) add("x-frame-options", frame->frame_option, frame->override);
  if (const auto& referrer = config.referrer_policy) {
    add("referrer-policy", referrer->referrer_policy, referrer->override);
  }
  if (const auto& transport = config.strict_transport_security) {
    add("strict-transport-security", ToValue(*transport), transport->override);
  }
  if (const auto& xss = config.xss_protection) add("x-xss-protection", ToValue(*xss), xss->override);
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
  if (ForwardsAllHeaders(values)) {
    // Every header in the key would make every request another: nothing is kept.
    out.min_ttl = out.default_ttl = out.max_ttl = seconds(0);
  } else {
    out.headers = Selection(HasItems(values.headers) ? "whitelist" : "none", values.headers, NameCase::kLower);
  }
  out.cookies = Selection(values.cookies.forward, values.cookies.whitelisted_names, NameCase::kAsWritten);
  const bool some_queries = HasItems(values.query_string_cache_keys);
  out.queries = Selection(!values.query_string ? "none"
                          : some_queries       ? "whitelist"
                                               : "all",
                          values.query_string_cache_keys, NameCase::kAsWritten);
  return out;
}

edge::OriginRequestPolicy ToEdgeOriginRequestPolicy(const OriginRequestPolicyConfig& policy) {
  edge::OriginRequestPolicy out;
  const std::string& headers = policy.headers_config.header_behavior;
  const bool all_and_edge = headers == "allViewerAndWhitelistCloudFront";
  out.headers = Selection(headers, policy.headers_config.headers, NameCase::kLower);
  if (headers == "whitelist" || all_and_edge) {
    std::erase_if(out.headers.names, [](const std::string& name) { return edge::IsEdgeHeader(name); });
    for (const std::string& name : policy.headers_config.headers->items.value_or(std::vector<std::string>())) {
      if (edge::IsEdgeHeader(ToLower(name))) out.edge_headers.insert(ToLower(name));
    }
  }
  out.cookies = Selection(policy.cookies_config.cookie_behavior, policy.cookies_config.cookies, NameCase::kAsWritten);
  out.queries = Selection(policy.query_strings_config.query_string_behavior, policy.query_strings_config.query_strings,
                          NameCase::kAsWritten);
  return out;
}

std::optional<edge::OriginRequestPolicy> ToEdgeOriginRequestPolicy(const ForwardedValues& values) {
  edge::OriginRequestPolicy out;
  // Some parameters make the key, and all are sent.
  if (values.query_string && HasItems(values.query_string_cache_keys)) out.queries.selection = edge::Selection::kAll;
  if (ForwardsAllHeaders(values)) out.headers.selection = edge::Selection::kAll;
  const bool anything =
      out.queries.selection != edge::Selection::kNone || out.headers.selection != edge::Selection::kNone;
  return anything ? std::optional(std::move(out)) : std::nullopt;
}

std::shared_ptr<const edge::ResponsePolicy> ToEdgeResponsePolicy(const ResponseHeadersPolicyConfig& policy) {
  auto out = std::make_shared<edge::ResponsePolicy>();
  if (policy.cors_config) out->cors = ToCors(*policy.cors_config);
  if (policy.security_headers_config) AddSecurity(*policy.security_headers_config, *out);
  if (policy.custom_headers_config && policy.custom_headers_config->items) {
    for (const ResponseHeadersPolicyCustomHeader& header : *policy.custom_headers_config->items) {
      out->fields.push_back({ToLower(header.header), header.value, ToPrecedence(header.override)});
    }
  }
  if (policy.remove_headers_config && policy.remove_headers_config->items) {
    for (const ResponseHeadersPolicyRemoveHeader& header : *policy.remove_headers_config->items) {
      out->removed.insert(ToLower(header.header));
    }
  }
  if (policy.server_timing_headers_config && policy.server_timing_headers_config->enabled) {
    out->server_timing_percent = policy.server_timing_headers_config->sampling_rate.value_or(0);
  }
  return out;
}

}  // namespace meetinity::cloudfront

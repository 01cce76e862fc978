#include "aws/cloudfront/edge_config.h"

#include <fmt/format.h>

#include "aws/cloudfront/config_parts.h"
#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/edge_policies.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/log_delivery.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

using std::chrono::seconds;

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
    TRY(around.reach_custom(origin, out));
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
  if (behavior.forwarded_values) {
    out.origin_request = ToEdgeOriginRequestPolicy(*behavior.forwarded_values);
  } else if (IsSet(behavior.origin_request_policy_id)) {
    out.origin_request =
        ToEdgeOriginRequestPolicy(TRY(around.origin_request_policy(*behavior.origin_request_policy_id)));
  }
  if (IsSet(behavior.response_headers_policy_id)) {
    out.response = ToEdgeResponsePolicy(TRY(around.response_headers_policy(*behavior.response_headers_policy_id)));
  }
  if (behavior.trusted_key_groups && behavior.trusted_key_groups->enabled && behavior.trusted_key_groups->items) {
    out.trusted_keys = TRY(around.trusted_keys(*behavior.trusted_key_groups->items));
  }
  return out;
}

std::vector<edge::OriginGroup> ToOriginGroups(const DistributionConfig& config) {
  std::vector<edge::OriginGroup> groups;
  if (!config.origin_groups || !config.origin_groups->items) return groups;
  for (const OriginGroup& group : *config.origin_groups->items) {
    const auto& statuses = group.failover_criteria.status_codes.items;
    groups.push_back({.id = group.id,
                      .primary_id = group.members.items.at(0).origin_id,
                      .secondary_id = group.members.items.at(1).origin_id,
                      .failover_statuses = {statuses.begin(), statuses.end()}});
  }
  return groups;
}

edge::GeoRestriction ToGeoRestriction(const DistributionConfig& config) {
  edge::GeoRestriction out;
  if (!config.restrictions) return out;
  const GeoRestriction& geo = config.restrictions->geo_restriction;
  if (geo.restriction_type == "whitelist") out.kind = edge::GeoRestriction::Kind::kOnly;
  if (geo.restriction_type == "blacklist") out.kind = edge::GeoRestriction::Kind::kAllBut;
  if (geo.items) out.countries = {geo.items->begin(), geo.items->end()};
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
  out.groups = ToOriginGroups(config);
  out.geo = ToGeoRestriction(config);
  if (config.cache_behaviors && config.cache_behaviors->items) {
    for (const CacheBehavior& behavior : *config.cache_behaviors->items) {
      edge::Behavior one = TRY(ToBehavior(behavior, around));
      one.path_pattern = behavior.path_pattern;
      out.behaviors.push_back(std::move(one));
    }
  }
  out.behaviors.push_back(TRY(ToBehavior(config.default_cache_behavior, around)));
  out.errors = ToCustomErrors(config);
  if (config.logging && config.logging->enabled.value_or(false)) {
    out.log_stream = LogStream(record.id, *config.logging);
    out.log_cookies = config.logging->include_cookies.value_or(false);
  }
  if (config.viewer_certificate && config.viewer_certificate->acm_certificate_arn) {
    out.certificate = TRY(around.certificate(*config.viewer_certificate, out.http2));
  }
  return out;
}

}  // namespace meetinity::cloudfront

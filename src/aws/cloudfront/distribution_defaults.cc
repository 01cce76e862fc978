#include <algorithm>

#include "aws/cloudfront/config_parts.h"
#include "aws/cloudfront/distribution_config.h"

namespace meetinity::cloudfront {
namespace {

AllowedMethods GetAndHead() {
  AllowedMethods methods;
  methods.items = {"HEAD", "GET"};
  methods.quantity = 2;
  return methods;
}

// A behavior without `forwarded_values` leaves its times to live to the cache policy, and shows none.
template <class Behavior>
void FillBehavior(Behavior& behavior) {
  Default(behavior.allowed_methods, GetAndHead());
  Default(behavior.allowed_methods->cached_methods, CachedMethods{.items = {"HEAD", "GET"}, .quantity = 2});
  Default(behavior.compress, false);
  Default(behavior.smooth_streaming, false);
  Default(behavior.field_level_encryption_id, std::string());
  Default(behavior.function_associations, FunctionAssociations{});
  Default(behavior.lambda_function_associations, LambdaFunctionAssociations{});
  Default(behavior.grpc_config, GrpcConfig{});
  Default(behavior.trusted_signers, TrustedSigners{});
  Default(behavior.trusted_key_groups, TrustedKeyGroups{});
  if (!behavior.forwarded_values) return;
  Default(behavior.min_ttl, int64_t{0});
  Default(behavior.max_ttl, std::max<int64_t>(31'536'000, *behavior.min_ttl));
  Default(behavior.default_ttl, std::clamp<int64_t>(86'400, *behavior.min_ttl, *behavior.max_ttl));
  Default(behavior.forwarded_values->headers, Headers{});
  Default(behavior.forwarded_values->query_string_cache_keys, QueryStringCacheKeys{});
}

void FillOrigin(Origin& origin) {
  Default(origin.custom_headers, CustomHeaders{});
  Default(origin.origin_path, std::string());
  Default(origin.connection_attempts, 3);
  Default(origin.connection_timeout, 10);
  Default(origin.origin_shield, OriginShield{});
  Default(origin.origin_access_control_id, std::string());
  if (origin.custom_origin_config) {
    Default(origin.custom_origin_config->origin_keepalive_timeout, 5);
    Default(origin.custom_origin_config->origin_read_timeout, 30);
  }
}

void FillViewerCertificate(DistributionConfig& config) {
  Default(config.viewer_certificate, ViewerCertificate{});
  ViewerCertificate& certificate = *config.viewer_certificate;
  if (IsSet(certificate.acm_certificate_arn)) {
    certificate.cloud_front_default_certificate = false;
    certificate.certificate = certificate.acm_certificate_arn;
    certificate.certificate_source = "acm";
    Default(certificate.minimum_protocol_version, std::string("TLSv1"));
    return;
  }
  // Whatever was sent: the service's own certificate comes with TLSv1.
  certificate.cloud_front_default_certificate = true;
  certificate.minimum_protocol_version = "TLSv1";
  certificate.ssl_support_method = "vip";
  certificate.certificate_source = "cloudfront";
}

}  // namespace

void FillDefaults(DistributionConfig& config) {
  Default(config.aliases, Aliases{});
  Default(config.default_root_object, std::string());
  for (Origin& origin : config.origins.items) FillOrigin(origin);
  Default(config.origin_groups, OriginGroups{});
  const Status filled = ForEachBehavior(config, [](auto& behavior) -> Status {
    FillBehavior(behavior);
    return {};
  });
  CHECK(filled.ok());
  Default(config.cache_behaviors, CacheBehaviors{});
  Default(config.custom_error_responses, CustomErrorResponses{});
  Default(config.logging, LoggingConfig{});
  Default(config.logging->enabled, false);
  Default(config.logging->include_cookies, false);
  Default(config.logging->bucket, std::string());
  Default(config.logging->prefix, std::string());
  Default(config.price_class, std::string("PriceClass_All"));
  FillViewerCertificate(config);
  Default(config.restrictions, Restrictions{});
  if (config.restrictions->geo_restriction.restriction_type.empty()) {
    config.restrictions->geo_restriction.restriction_type = "none";
  }
  Default(config.web_acl_id, std::string());
  Default(config.http_version, std::string("http2"));
  Default(config.is_ipv6_enabled, false);
  Default(config.continuous_deployment_policy_id, std::string());
  Default(config.staging, false);
}

}  // namespace meetinity::cloudfront

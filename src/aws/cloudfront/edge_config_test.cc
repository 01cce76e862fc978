#include "aws/cloudfront/edge_config.h"

#include <gtest/gtest.h>

#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/edge_policies.h"
#include "aws/cloudfront/managed_policies.h"

namespace meetinity::cloudfront {
namespace {

using std::chrono::seconds;

class Signer : public edge::RequestSigner {
 public:
  void Sign(net::ClientRequest&) const override {}
};

Surroundings Around() {
  Surroundings around;
  around.s3.address = "127.0.0.1";
  around.s3.port = 4566;
  around.cache_policy = [](const std::string& id) -> Result<CachePolicyConfig> {
    return FindManagedCachePolicy(id)->config;
  };
  around.signer = [](const std::string&, const Origin&) -> Result<std::shared_ptr<const edge::RequestSigner>> {
    return std::shared_ptr<const edge::RequestSigner>(std::make_shared<Signer>());
  };
  around.origin_request_policy = [](const std::string&) -> Result<OriginRequestPolicyConfig> {
    return ManagedOriginRequestPolicies().back().config;
  };
  around.response_headers_policy = [](const std::string&) -> Result<ResponseHeadersPolicyConfig> {
    return ManagedResponseHeadersPolicies().back().config;
  };
  around.trusted_keys = [](const std::vector<std::string>& groups) -> Result<std::shared_ptr<const edge::TrustedKeys>> {
    EXPECT_EQ(groups, std::vector<std::string>{"group"});
    return std::make_shared<const edge::TrustedKeys>();
  };
  around.reach_custom = [](const Origin& origin, edge::OriginConfig& out) -> Status {
    out.endpoint.address = "127.0.0.9";
    out.endpoint.port = static_cast<uint16_t>(origin.custom_origin_config->http_port);
    return {};
  };
  around.certificate = [](const ViewerCertificate&, bool) -> Result<std::shared_ptr<const net::TlsServerContext>> {
    return std::shared_ptr<const net::TlsServerContext>();
  };
  return around;
}

DistributionRecord Record() {
  DistributionRecord record;
  record.id = "E1";
  record.domain_name = "d1.cloudfront.localhost";
  return record;
}

DistributionConfig Config() {
  DistributionConfig config;
  config.enabled = true;
  config.default_root_object = "index.html";
  Origin origin;
  origin.id = "assets";
  origin.domain_name = "b.s3.eu-west-1.amazonaws.com";
  origin.s3_origin_config = S3OriginConfig{};
  origin.origin_path = "/v2";
  config.origins.items = {origin};
  config.default_cache_behavior.target_origin_id = "assets";
  config.default_cache_behavior.viewer_protocol_policy = "redirect-to-https";
  config.default_cache_behavior.cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6";
  config.default_cache_behavior.compress = true;
  FillDefaults(config);
  return config;
}

TEST(EdgeConfig, SendsBucketsToTheS3EndpointUnderTheirOwnName) {
  const auto out = ToEdgeDistribution(Record(), Config(), Around());
  ASSERT_TRUE(out.ok());
  ASSERT_EQ(out->origins.size(), 1u);
  EXPECT_EQ(out->origins[0].host, "b.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(out->origins[0].endpoint.port, 4566);
  EXPECT_EQ(out->origins[0].path, "/v2");
  EXPECT_NE(out->origins[0].signer, nullptr);
}

TEST(EdgeConfig, PutsTheDefaultBehaviorLast) {
  DistributionConfig config = Config();
  CacheBehavior images;
  images.path_pattern = "/images/*";
  images.target_origin_id = "assets";
  images.viewer_protocol_policy = "https-only";
  images.cache_policy_id = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
  config.cache_behaviors->items = {images};
  const auto out = ToEdgeDistribution(Record(), config, Around());
  ASSERT_TRUE(out.ok());
  ASSERT_EQ(out->behaviors.size(), 2u);
  EXPECT_EQ(out->behaviors[0].path_pattern, "/images/*");
  EXPECT_EQ(out->behaviors[0].viewer_protocol, edge::ViewerProtocol::kHttpsOnly);
  EXPECT_EQ(out->behaviors[0].cache.max_ttl, Duration::zero());
  EXPECT_EQ(out->behaviors[1].path_pattern, "");
  EXPECT_EQ(out->behaviors[1].viewer_protocol, edge::ViewerProtocol::kRedirectToHttps);
}

TEST(EdgeConfig, TakesTheTimesToLiveOfTheCachePolicy) {
  const auto out = ToEdgeDistribution(Record(), Config(), Around());
  ASSERT_TRUE(out.ok());
  const edge::CachePolicy& cache = out->behaviors.back().cache;
  EXPECT_EQ(cache.min_ttl, seconds(1));
  EXPECT_EQ(cache.default_ttl, seconds(86'400));
  EXPECT_EQ(cache.max_ttl, seconds(31'536'000));
  EXPECT_TRUE(cache.accept_encoding_gzip && cache.accept_encoding_brotli && cache.compress);
}

TEST(EdgeConfig, TranslatesTheSettingsBeforeCachePolicies) {
  ForwardedValues values;
  values.query_string = true;
  values.cookies.forward = "whitelist";
  values.cookies.whitelisted_names.emplace().items = {"Session"};
  values.headers.emplace().items = {"Accept-Language"};
  values.headers->quantity = 1;
  const edge::CachePolicy cache = ToEdgeCachePolicy(values, 0, 60, 120);
  EXPECT_EQ(cache.queries.selection, edge::Selection::kAll);
  EXPECT_EQ(cache.cookies.selection, edge::Selection::kWhitelist);
  EXPECT_TRUE(cache.cookies.names.contains("Session"));
  EXPECT_TRUE(cache.headers.names.contains("accept-language"));
  EXPECT_EQ(cache.default_ttl, seconds(60));
}

TEST(EdgeConfig, SomeQueryStringsMakeTheKeyAndAllAreSent) {
  ForwardedValues values;
  values.query_string = true;
  values.cookies.forward = "none";
  values.query_string_cache_keys.emplace().items = {"page"};
  EXPECT_EQ(ToEdgeCachePolicy(values, 0, 60, 120).queries.names.count("page"), 1u);
  const auto sent = ToEdgeOriginRequestPolicy(values);
  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->queries.selection, edge::Selection::kAll);
}

TEST(EdgeConfig, ForwardingAllHeadersKeepsNothing) {
  ForwardedValues values;
  values.cookies.forward = "none";
  values.headers.emplace().items = {"*"};
  const edge::CachePolicy cache = ToEdgeCachePolicy(values, 0, 86'400, 86'400);
  EXPECT_EQ(cache.max_ttl, Duration::zero());
  EXPECT_EQ(cache.headers.selection, edge::Selection::kNone);
  EXPECT_EQ(ToEdgeOriginRequestPolicy(values)->headers.selection, edge::Selection::kAll);
  values.headers->items = {"Accept"};
  EXPECT_FALSE(ToEdgeOriginRequestPolicy(values).has_value());
}

TEST(EdgeConfig, TellsTheEdgesOwnHeadersFromTheViewers) {
  const OriginRequestPolicyConfig& all_and_own = ManagedOriginRequestPolicies().back().config;
  const edge::OriginRequestPolicy policy = ToEdgeOriginRequestPolicy(all_and_own);
  EXPECT_EQ(policy.headers.selection, edge::Selection::kAll);
  EXPECT_TRUE(policy.edge_headers.contains("cloudfront-viewer-country"));
}

TEST(EdgeConfig, CarriesGroupsCountriesKeysAndResponsePolicies) {
  DistributionConfig config = Config();
  Origin second = config.origins.items.front();
  second.id = "second";
  config.origins.items.push_back(second);
  OriginGroup group;
  group.id = "both";
  group.members.items = {{.origin_id = "assets"}, {.origin_id = "second"}};
  group.failover_criteria.status_codes.items = {500, 503};
  config.origin_groups->items = {group};
  config.restrictions->geo_restriction.restriction_type = "whitelist";
  config.restrictions->geo_restriction.items = {"DE"};
  config.default_cache_behavior.target_origin_id = "both";
  config.default_cache_behavior.trusted_key_groups->enabled = true;
  config.default_cache_behavior.trusted_key_groups->items = {"group"};
  config.default_cache_behavior.response_headers_policy_id = "policy";
  const auto out = ToEdgeDistribution(Record(), config, Around());
  ASSERT_TRUE(out.ok());
  ASSERT_EQ(out->groups.size(), 1u);
  EXPECT_EQ(out->groups[0].secondary_id, "second");
  EXPECT_TRUE(out->groups[0].failover_statuses.contains(503));
  EXPECT_EQ(out->geo.kind, edge::GeoRestriction::Kind::kOnly);
  EXPECT_NE(out->behaviors.back().trusted_keys, nullptr);
  ASSERT_NE(out->behaviors.back().response, nullptr);
  EXPECT_TRUE(out->behaviors.back().response->cors->any_origin);
}

TEST(EdgeConfig, WritesSecurityHeadersAsBrowsersReadThem) {
  ResponseHeadersPolicyConfig config;
  auto& security = config.security_headers_config.emplace();
  security.strict_transport_security.emplace().access_control_max_age_sec = 60;
  security.strict_transport_security->include_subdomains = true;
  security.strict_transport_security->preload = true;
  security.xss_protection.emplace().protection = true;
  security.xss_protection->report_uri = "https://r.example/x";
  const auto policy = ToEdgeResponsePolicy(config);
  ASSERT_EQ(policy->fields.size(), 2u);
  EXPECT_EQ(policy->fields[0].value, "max-age=60; includeSubDomains; preload");
  EXPECT_EQ(policy->fields[1].value, "1; report=https://r.example/x");
}

TEST(EdgeConfig, LowersAliasesAndKeepsErrors) {
  DistributionConfig config = Config();
  config.aliases->items = {"WWW.Example.com"};
  CustomErrorResponse error;
  error.error_code = 404;
  error.error_caching_min_ttl = 30;
  error.response_page_path = "/404.html";
  error.response_code = "200";
  config.custom_error_responses->items = {error};
  const auto out = ToEdgeDistribution(Record(), config, Around());
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->aliases, std::vector<std::string>{"www.example.com"});
  ASSERT_EQ(out->errors.size(), 1u);
  EXPECT_EQ(out->errors[0].caching_min_ttl, seconds(30));
  EXPECT_EQ(out->errors[0].response_status, 200);
}

}  // namespace
}  // namespace meetinity::cloudfront

#include "aws/cloudfront/distribution_config.h"

#include <gtest/gtest.h>

#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/managed_policies.h"
#include "aws/cloudfront/policy_rules.h"

namespace meetinity::cloudfront {
namespace {

const wire::Shape& Shape() { return *CreateDistribution::Shape().input->payload->shape; }

// The playbook's distribution: one bucket, one behavior.
DistributionConfig Valid() {
  DistributionConfig config;
  config.caller_reference = "reference";
  config.enabled = true;
  Origin origin;
  origin.id = "assets";
  origin.domain_name = "my-bucket.s3.eu-west-1.amazonaws.com";
  origin.s3_origin_config = S3OriginConfig{};
  config.origins.items = {origin};
  config.origins.quantity = 1;
  config.default_cache_behavior.target_origin_id = "assets";
  config.default_cache_behavior.viewer_protocol_policy = "redirect-to-https";
  config.default_cache_behavior.cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6";
  return config;
}

std::string_view Refusal(const DistributionConfig& config) {
  const Status checked = CheckConfig(config);
  return checked.ok() ? "accepted" : checked.error().name;
}

TEST(DistributionConfig, AcceptsThePlaybooks) { EXPECT_EQ(Refusal(Valid()), "accepted"); }

TEST(DistributionConfig, RefusesAnUnknownOrigin) {
  DistributionConfig config = Valid();
  config.default_cache_behavior.target_origin_id = "nowhere";
  EXPECT_EQ(Refusal(config), kNoSuchOrigin);
}

TEST(DistributionConfig, RefusesBothAccessControlAndIdentity) {
  DistributionConfig config = Valid();
  config.origins.items[0].origin_access_control_id = "E1";
  config.origins.items[0].s3_origin_config->origin_access_identity = "origin-access-identity/cloudfront/E2";
  EXPECT_EQ(Refusal(config), kIllegalOriginAccessConfiguration);
}

TEST(DistributionConfig, RefusesACachePolicyTogetherWithTimesToLive) {
  DistributionConfig config = Valid();
  config.default_cache_behavior.min_ttl = 0;
  EXPECT_EQ(Refusal(config), kInvalidArgument);
  config = Valid();
  config.default_cache_behavior.cache_policy_id.reset();
  EXPECT_EQ(Refusal(config), kInvalidArgument);
}

TEST(DistributionConfig, RefusesTimesToLiveOutOfOrder) {
  DistributionConfig config = Valid();
  config.default_cache_behavior.cache_policy_id.reset();
  config.default_cache_behavior.forwarded_values.emplace().cookies.forward = "none";
  config.default_cache_behavior.min_ttl = 10;
  config.default_cache_behavior.default_ttl = 5;
  EXPECT_EQ(Refusal(config), kInvalidTtlOrder);
}

TEST(DistributionConfig, KnowsTheThreeLegalSetsOfMethods) {
  const auto with = [](std::vector<std::string> methods) {
    DistributionConfig config = Valid();
    config.default_cache_behavior.allowed_methods.emplace().items = std::move(methods);
    return Refusal(config);
  };
  EXPECT_EQ(with({"HEAD", "GET"}), "accepted");
  EXPECT_EQ(with({"GET", "OPTIONS", "HEAD"}), "accepted");
  EXPECT_EQ(with({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}), "accepted");
  EXPECT_EQ(with({"GET"}), kInvalidArgument);
  EXPECT_EQ(with({"GET", "HEAD", "PUT"}), kInvalidArgument);
}

TEST(DistributionConfig, RefusesABadDefaultRootObject) {
  for (const char* object : {"/index.html", "a b", "\xc3\xa9.html"}) {
    DistributionConfig config = Valid();
    config.default_root_object = object;
    EXPECT_EQ(Refusal(config), kInvalidDefaultRootObject) << object;
  }
}

TEST(DistributionConfig, ChecksCustomErrorResponses) {
  const auto with = [](CustomErrorResponse response) {
    DistributionConfig config = Valid();
    config.custom_error_responses.emplace().items = {std::move(response)};
    return Refusal(config);
  };
  CustomErrorResponse response;
  response.error_code = 404;
  response.response_page_path = "/404.html";
  response.response_code = "200";
  EXPECT_EQ(with(response), "accepted");
  response.response_code.reset();
  EXPECT_EQ(with(response), kInvalidArgument);
  response.response_code = "299";
  EXPECT_EQ(with(response), kInvalidResponseCode);
  response.response_code = "404";
  response.response_page_path = "404.html";
  EXPECT_EQ(with(response), kInvalidRelativePath);
  response.error_code = 418;
  EXPECT_EQ(with(response), kInvalidErrorCode);
}

TEST(DistributionConfig, NeedsACertificateForAliases) {
  DistributionConfig config = Valid();
  config.aliases.emplace().items = {"www.example.com"};
  EXPECT_EQ(Refusal(config), kInvalidViewerCertificate);
}

// The origin is a web server of somebody's own.
DistributionConfig WithCustomOrigin() {
  DistributionConfig config = Valid();
  Origin& origin = config.origins.items.front();
  origin.s3_origin_config.reset();
  origin.domain_name = "www.example.com";
  origin.custom_origin_config = CustomOriginConfig{};
  origin.custom_origin_config->http_port = 80;
  origin.custom_origin_config->https_port = 443;
  origin.custom_origin_config->origin_protocol_policy = "match-viewer";
  return config;
}

// A second origin, and a group of both that the default behavior targets.
DistributionConfig WithGroup() {
  DistributionConfig config = Valid();
  Origin second = config.origins.items.front();
  second.id = "second";
  config.origins.items.push_back(second);
  OriginGroup group;
  group.id = "both";
  group.members.items = {{.origin_id = "assets"}, {.origin_id = "second"}};
  group.failover_criteria.status_codes.items = {500, 404};
  config.origin_groups.emplace().items = {group};
  config.default_cache_behavior.target_origin_id = "both";
  return config;
}

TEST(DistributionConfig, ChecksOriginGroups) {
  EXPECT_EQ(Refusal(WithGroup()), "accepted");
  DistributionConfig config = WithGroup();
  config.origin_groups->items->front().members.items[1].origin_id = "nowhere";
  EXPECT_EQ(Refusal(config), kNoSuchOrigin);
  config = WithGroup();
  config.origin_groups->items->front().members.items.pop_back();
  EXPECT_EQ(Refusal(config), kInvalidArgument);
  config = WithGroup();
  config.origin_groups->items->front().failover_criteria.status_codes.items = {418};
  EXPECT_EQ(Refusal(config), kInvalidArgument);
  config = WithGroup();
  config.origin_groups->items->front().id = "second";
  EXPECT_EQ(Refusal(config), kInvalidArgument);
  config = WithGroup();
  config.default_cache_behavior.allowed_methods.emplace().items = {"GET",   "HEAD", "OPTIONS", "PUT",
                                                                   "PATCH", "POST", "DELETE"};
  EXPECT_EQ(Refusal(config), kInvalidArgument);
  config = WithGroup();
  config.origin_groups->items = std::vector<OriginGroup>(11, config.origin_groups->items->front());
  EXPECT_EQ(Refusal(config), kTooManyOriginGroupsPerDistribution);
}

TEST(DistributionConfig, ChecksGeoRestrictions) {
  const auto with = [](const char* type, std::vector<std::string> countries) {
    DistributionConfig config = Valid();
    GeoRestriction& geo = config.restrictions.emplace().geo_restriction;
    geo.restriction_type = type;
    geo.items = std::move(countries);
    return Refusal(config);
  };
  EXPECT_EQ(with("whitelist", {"DE", "FR"}), "accepted");
  EXPECT_EQ(with("none", {}), "accepted");
  EXPECT_EQ(with("blacklist", {}), kInvalidGeoRestrictionParameter);
  EXPECT_EQ(with("none", {"DE"}), kInvalidGeoRestrictionParameter);
  EXPECT_EQ(with("greylist", {"DE"}), kInvalidGeoRestrictionParameter);
  EXPECT_EQ(with("whitelist", {"Germany"}), kInvalidLocationCode);
  EXPECT_EQ(with("whitelist", {"de"}), kInvalidLocationCode);
}

TEST(DistributionConfig, ChecksForwardedValues) {
  const auto with = [](auto change) {
    DistributionConfig config = Valid();
    config.default_cache_behavior.cache_policy_id.reset();
    config.default_cache_behavior.forwarded_values.emplace().cookies.forward = "none";
    change(config.default_cache_behavior);
    return Refusal(config);
  };
  EXPECT_EQ(with([](auto&) {}), "accepted");
  EXPECT_EQ(with([](auto& b) { b.forwarded_values->cookies.forward = "some"; }), kInvalidForwardCookies);
  EXPECT_EQ(with([](auto& b) { b.forwarded_values->cookies.forward = "whitelist"; }), kInvalidForwardCookies);
  EXPECT_EQ(with([](auto& b) { b.forwarded_values->headers.emplace().items = {"Host"}; }), kInvalidHeadersForS3Origin);
  EXPECT_EQ(with([](auto& b) { b.forwarded_values->headers.emplace().items = {"Origin"}; }), "accepted");
  EXPECT_EQ(with([](auto& b) { b.forwarded_values->query_string_cache_keys.emplace().items = {"a"}; }),
            kInvalidQueryStringParameters);
  EXPECT_EQ(with([](auto& b) { b.origin_request_policy_id = "216adef6-5c7f-47e4-b989-5492eafa07d3"; }),
            kInvalidArgument);
}

TEST(DistributionConfig, ForwardingAllHeadersNeedsAMinimumOfZero) {
  DistributionConfig config = WithCustomOrigin();
  auto& behavior = config.default_cache_behavior;
  behavior.cache_policy_id.reset();
  behavior.forwarded_values.emplace().cookies.forward = "none";
  behavior.forwarded_values->headers.emplace().items = {"*"};
  EXPECT_EQ(Refusal(config), "accepted");
  behavior.min_ttl = 1;
  EXPECT_EQ(Refusal(config), kInvalidArgument);
}

TEST(DistributionConfig, ChecksCustomOrigins) {
  const auto with = [](auto change) {
    DistributionConfig config = WithCustomOrigin();
    change(*config.origins.items.front().custom_origin_config);
    return Refusal(config);
  };
  EXPECT_EQ(with([](auto&) {}), "accepted");
  EXPECT_EQ(with([](auto& c) { c.origin_protocol_policy = "ftp"; }), kInvalidArgument);
  EXPECT_EQ(with([](auto& c) { c.http_port = 81; }), kInvalidArgument);
  EXPECT_EQ(with([](auto& c) { c.origin_read_timeout = 121; }), kInvalidOriginReadTimeout);
  EXPECT_EQ(with([](auto& c) { c.origin_keepalive_timeout = 0; }), kInvalidOriginKeepaliveTimeout);
  EXPECT_EQ(with([](auto& c) { c.origin_ssl_protocols.emplace().items = {"TLSv9"}; }), kInvalidArgument);
}

TEST(DistributionConfig, ChecksWhoIsTrusted) {
  DistributionConfig config = Valid();
  config.default_cache_behavior.trusted_key_groups.emplace().enabled = true;
  EXPECT_EQ(Refusal(config), kInvalidArgument);
  config.default_cache_behavior.trusted_key_groups->items = {"a", "b", "c", "d", "e"};
  EXPECT_EQ(Refusal(config), kTooManyKeyGroupsAssociatedToDistribution);
  config = Valid();
  config.default_cache_behavior.trusted_signers.emplace().enabled = true;
  EXPECT_EQ(Refusal(config), kTrustedSignerDoesNotExist);
}

TEST(DistributionConfig, ChecksPathPatterns) {
  const auto with = [](std::vector<std::string> patterns) {
    DistributionConfig config = Valid();
    for (const std::string& pattern : patterns) {
      CacheBehavior behavior;
      behavior.path_pattern = pattern;
      behavior.target_origin_id = "assets";
      behavior.viewer_protocol_policy = "allow-all";
      behavior.cache_policy_id = config.default_cache_behavior.cache_policy_id;
      if (!config.cache_behaviors) config.cache_behaviors.emplace().items.emplace();
      config.cache_behaviors->items->push_back(std::move(behavior));
    }
    return Refusal(config);
  };
  EXPECT_EQ(with({"/images/*.jp?g", "*.css"}), "accepted");
  EXPECT_EQ(with({""}), kInvalidArgument);
  EXPECT_EQ(with({"/a b"}), kInvalidArgument);
  EXPECT_EQ(with({std::string(256, 'a')}), kInvalidArgument);
  EXPECT_EQ(with({"/images/*", "images/*"}), kInvalidArgument);
}

TEST(DistributionConfig, ServesHttp3AndHttp2ByHttp2AndRefusesHttp3Alone) {
  DistributionConfig config = Valid();
  config.http_version = "http2and3";
  EXPECT_EQ(Refusal(config), "accepted");
  config.http_version = "http3";
  EXPECT_EQ(Refusal(config), kInvalidArgument);
}

TEST(DistributionConfig, RefusesWhatIsNotServedByItsNameAsAwsRefusesWhatIsNotThere) {
  const auto with = [](std::string_view member, auto change) {
    DistributionConfig config = Valid();
    change(config);
    const Status checked = CheckConfig(config);
    if (checked.ok()) return std::string_view("accepted");
    EXPECT_NE(checked.error().detail.find(member), std::string::npos) << checked.error().detail;
    return checked.error().name;
  };
  EXPECT_EQ(with("WebACLId", [](auto& c) { c.web_acl_id = "acl"; }), kInvalidWebAclId);
  EXPECT_EQ(with("Staging", [](auto& c) { c.staging = true; }), kInvalidArgument);
  EXPECT_EQ(with("ContinuousDeploymentPolicyId", [](auto& c) { c.continuous_deployment_policy_id = "p"; }),
            kNoSuchContinuousDeploymentPolicy);
  EXPECT_EQ(with("AnycastIpListId", [](auto& c) { c.anycast_ip_list_id = "l"; }), kEntityNotFound);
  EXPECT_EQ(with("RealtimeLogConfigArn", [](auto& c) { c.default_cache_behavior.realtime_log_config_arn = "arn"; }),
            kNoSuchRealtimeLogConfig);
  EXPECT_EQ(with("FieldLevelEncryptionId", [](auto& c) { c.default_cache_behavior.field_level_encryption_id = "E1"; }),
            kNoSuchFieldLevelEncryptionConfig);
  EXPECT_EQ(with("FunctionAssociations",
                 [](auto& c) { c.default_cache_behavior.function_associations.emplace().items.emplace(1); }),
            kInvalidFunctionAssociation);
  EXPECT_EQ(with("LambdaFunctionAssociations",
                 [](auto& c) { c.default_cache_behavior.lambda_function_associations.emplace().items.emplace(1); }),
            kInvalidLambdaFunctionAssociation);
  EXPECT_EQ(with("ViewerMtlsConfig", [](auto& c) { c.viewer_mtls_config.emplace(); }), kInvalidArgument);
  EXPECT_EQ(with("TenantConfig", [](auto& c) { c.tenant_config.emplace(); }), kInvalidArgument);
  EXPECT_EQ(with("ConnectionMode", [](auto& c) { c.connection_mode = "tenant-only"; }), kInvalidArgument);
  EXPECT_EQ(with("CacheTagConfig", [](auto& c) { c.cache_tag_config.emplace(); }), kInvalidArgument);
  EXPECT_EQ(with("ConnectionFunctionAssociation", [](auto& c) { c.connection_function_association.emplace(); }),
            kEntityNotFound);
  EXPECT_EQ(with("ResponseCompletionTimeout", [](auto& c) { c.origins.items.front().response_completion_timeout = 9; }),
            kInvalidArgument);
  EXPECT_EQ(with("SmoothStreaming", [](auto& c) { c.default_cache_behavior.smooth_streaming = true; }),
            kInvalidArgument);
  EXPECT_EQ(with("OriginShield", [](auto& c) { c.origins.items.front().origin_shield.emplace().enabled = true; }),
            kInvalidArgument);
  EXPECT_EQ(with("VpcOriginConfig", [](auto& c) { c.origins.items.front().vpc_origin_config.emplace(); }),
            kEntityNotFound);
  EXPECT_EQ(with("IAMCertificateId", [](auto& c) { c.viewer_certificate.emplace().iam_certificate_id = "A"; }),
            kInvalidViewerCertificate);
}

TEST(DistributionConfig, BoundsCustomHeaders) {
  const auto with = [](size_t headers, size_t value_bytes) {
    DistributionConfig config = Valid();
    auto& items = config.origins.items.front().custom_headers.emplace().items.emplace();
    for (size_t i = 0; i < headers; ++i) items.push_back({"X-" + std::to_string(i), std::string(value_bytes, 'v')});
    return Refusal(config);
  };
  EXPECT_EQ(with(10, 1'021), "accepted");
  EXPECT_EQ(with(10, 1'022), kInvalidArgument);  // 10,250 characters in all
  EXPECT_EQ(with(11, 1), kTooManyOriginCustomHeaders);
  EXPECT_EQ(with(1, 1'783), "accepted");
  EXPECT_EQ(with(1, 1'784), kInvalidArgument);
}

TEST(DistributionConfig, RefusesAnAccessControlOfWhatIsNoBucket) {
  DistributionConfig config = WithCustomOrigin();
  config.origins.items.front().origin_access_control_id = "E1";
  EXPECT_EQ(Refusal(config), kInvalidDomainNameForOriginAccessControl);
  config = Valid();
  config.origins.items.front().domain_name = "my-bucket.s3-website-eu-west-1.amazonaws.com";
  EXPECT_EQ(Refusal(config), kInvalidArgument);
}

TEST(DistributionConfig, TakesLogsToABucketByItsDomainName) {
  DistributionConfig config = Valid();
  config.logging.emplace().enabled = true;
  for (const char* bucket : {"", "logs", "logs.example.com", ".s3.amazonaws.com"}) {
    config.logging->bucket = bucket;
    EXPECT_EQ(Refusal(config), kInvalidArgument) << bucket;
  }
  config.logging->bucket = "logs.s3.amazonaws.com";
  EXPECT_TRUE(CheckConfig(config).ok());
  for (const std::string& prefix : {std::string("/cdn"), std::string("a\tb"), std::string(257, 'p')}) {
    config.logging->prefix = prefix;
    EXPECT_EQ(Refusal(config), kInvalidArgument) << prefix;
  }
  config.logging->enabled = false;
  EXPECT_TRUE(CheckConfig(config).ok()) << "what is switched off is not looked at";
}

TEST(DistributionConfig, RefusesAQuantityThatDoesNotCount) {
  DistributionConfig config = Valid();
  EXPECT_TRUE(CheckQuantities(Shape(), &config).ok());
  config.origins.quantity = 2;
  const Status checked = CheckQuantities(Shape(), &config);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().name, kInconsistentQuantities);
}

TEST(DistributionConfig, FillsInWhatReadersExpect) {
  DistributionConfig config = Valid();
  FillDefaults(config);
  EXPECT_EQ(config.price_class, "PriceClass_All");
  EXPECT_EQ(config.viewer_certificate->minimum_protocol_version, "TLSv1");
  EXPECT_TRUE(*config.viewer_certificate->cloud_front_default_certificate);
  EXPECT_EQ(config.default_cache_behavior.allowed_methods->cached_methods->quantity, 2);
  EXPECT_FALSE(config.default_cache_behavior.trusted_signers->enabled);
  EXPECT_FALSE(config.default_cache_behavior.min_ttl.has_value());  // the cache policy's rule
  EXPECT_EQ(config.restrictions->geo_restriction.restriction_type, "none");
  EXPECT_EQ(config.origins.items[0].connection_attempts, 3);
}

TEST(BucketOf, ReadsTheBucketFromEachFormOfItsName) {
  EXPECT_EQ(BucketOf("b.s3.eu-west-1.amazonaws.com"), "b");
  EXPECT_EQ(BucketOf("b.s3.amazonaws.com"), "b");
  EXPECT_EQ(BucketOf("a.b.s3.localhost"), "a.b");
  EXPECT_EQ(BucketOf("my.s3.bucket.s3.eu-west-1.amazonaws.com"), "my.s3.bucket");
  EXPECT_EQ(BucketOf("www.example.com"), "");
  EXPECT_EQ(BucketOf("s3.amazonaws.com"), "");
}

TEST(ManagedPolicies, KeepTheirRules) {
  for (const auto& policy : ManagedOriginRequestPolicies()) {
    // CloudFront's own list is longer than an account's may be.
    if (policy.config.headers_config.header_behavior == "allViewerAndWhitelistCloudFront") continue;
    EXPECT_TRUE(CheckConfig(policy.config).ok()) << policy.config.name;
  }
  for (const auto& policy : ManagedResponseHeadersPolicies()) {
    EXPECT_TRUE(CheckConfig(policy.config).ok()) << policy.config.name;
  }
  for (const ManagedCachePolicy& policy : ManagedCachePolicies()) {
    EXPECT_TRUE(CheckConfig(policy.config).ok()) << policy.config.name;
  }
  ASSERT_NE(FindManagedCachePolicy("658327ea-f89d-4fab-a63d-7e88639e58f6"), nullptr);
  EXPECT_EQ(FindManagedCachePolicy("658327ea-f89d-4fab-a63d-7e88639e58f6")->config.min_ttl, 1);
  EXPECT_EQ(FindManagedCachePolicy("nothing"), nullptr);
}

// Each refusal is one that the model knows; the one exception is told of in errors.h.
TEST(Errors, AreTheModels) {
  for (const std::string_view name : {kBatchTooLarge,
                                      kCachePolicyAlreadyExists,
                                      kCachePolicyInUse,
                                      kCannotChangeImmutablePublicKeyFields,
                                      kCloudFrontOriginAccessIdentityAlreadyExists,
                                      kCloudFrontOriginAccessIdentityInUse,
                                      kCnameAlreadyExists,
                                      kDistributionAlreadyExists,
                                      kDistributionNotDisabled,
                                      kIllegalDelete,
                                      kIllegalOriginAccessConfiguration,
                                      kIllegalUpdate,
                                      kInvalidDomainNameForOriginAccessControl,
                                      kInvalidFunctionAssociation,
                                      kInvalidLambdaFunctionAssociation,
                                      kInvalidOriginAccessControl,
                                      kInvalidWebAclId,
                                      kNoSuchContinuousDeploymentPolicy,
                                      kNoSuchRealtimeLogConfig,
                                      kEntityNotFound,
                                      kMonitoringSubscriptionAlreadyExists,
                                      kNoSuchMonitoringSubscription,
                                      kInconsistentQuantities,
                                      kInvalidArgument,
                                      kInvalidDefaultRootObject,
                                      kInvalidErrorCode,
                                      kInvalidForwardCookies,
                                      kInvalidGeoRestrictionParameter,
                                      kInvalidHeadersForS3Origin,
                                      kInvalidIfMatchVersion,
                                      kInvalidLocationCode,
                                      kInvalidMinimumProtocolVersion,
                                      kInvalidOrigin,
                                      kInvalidOriginAccessIdentity,
                                      kInvalidOriginKeepaliveTimeout,
                                      kInvalidOriginReadTimeout,
                                      kInvalidQueryStringParameters,
                                      kInvalidRelativePath,
                                      kInvalidRequiredProtocol,
                                      kInvalidResponseCode,
                                      kInvalidTagging,
                                      kInvalidTtlOrder,
                                      kInvalidViewerCertificate,
                                      kKeyGroupAlreadyExists,
                                      kNoSuchCachePolicy,
                                      kNoSuchCloudFrontOriginAccessIdentity,
                                      kNoSuchDistribution,
                                      kNoSuchFieldLevelEncryptionConfig,
                                      kNoSuchInvalidation,
                                      kNoSuchOrigin,
                                      kNoSuchOriginAccessControl,
                                      kNoSuchOriginRequestPolicy,
                                      kNoSuchPublicKey,
                                      kNoSuchResource,
                                      kNoSuchResponseHeadersPolicy,
                                      kOriginAccessControlAlreadyExists,
                                      kOriginAccessControlInUse,
                                      kOriginRequestPolicyAlreadyExists,
                                      kOriginRequestPolicyInUse,
                                      kPreconditionFailed,
                                      kPublicKeyAlreadyExists,
                                      kPublicKeyInUse,
                                      kResourceInUse,
                                      kResponseHeadersPolicyAlreadyExists,
                                      kResponseHeadersPolicyInUse,
                                      kTooLongCspInResponseHeadersPolicy,
                                      kTooManyCacheBehaviors,
                                      kTooManyCachePolicies,
                                      kTooManyCookieNamesInWhiteList,
                                      kTooManyCookiesInCachePolicy,
                                      kTooManyCookiesInOriginRequestPolicy,
                                      kTooManyCustomHeadersInResponseHeadersPolicy,
                                      kTooManyDistributionCnames,
                                      kTooManyDistributions,
                                      kTooManyHeadersInCachePolicy,
                                      kTooManyHeadersInForwardedValues,
                                      kTooManyHeadersInOriginRequestPolicy,
                                      kTooManyInvalidationsInProgress,
                                      kTooManyKeyGroups,
                                      kTooManyKeyGroupsAssociatedToDistribution,
                                      kTooManyOriginCustomHeaders,
                                      kTooManyOriginGroupsPerDistribution,
                                      kTooManyOriginRequestPolicies,
                                      kTooManyOrigins,
                                      kTooManyPublicKeys,
                                      kTooManyPublicKeysInKeyGroup,
                                      kTooManyQueryStringParameters,
                                      kTooManyQueryStringsInCachePolicy,
                                      kTooManyQueryStringsInOriginRequestPolicy,
                                      kTooManyRemoveHeadersInResponseHeadersPolicy,
                                      kTooManyResponseHeadersPolicies,
                                      kTrustedKeyGroupDoesNotExist,
                                      kTrustedSignerDoesNotExist}) {
    EXPECT_NE(Model().FindError(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace meetinity::cloudfront

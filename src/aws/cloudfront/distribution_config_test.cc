#include "aws/cloudfront/distribution_config.h"

#include <gtest/gtest.h>

#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/managed_policies.h"

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

TEST(DistributionConfig, RefusesWhatIsNotServedByName) {
  DistributionConfig config = Valid();
  config.logging.emplace().enabled = true;
  const Status checked = CheckConfig(config);
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().detail.find("Logging"), std::string::npos);
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
                                      kCloudFrontOriginAccessIdentityAlreadyExists,
                                      kCloudFrontOriginAccessIdentityInUse,
                                      kCnameAlreadyExists,
                                      kDistributionAlreadyExists,
                                      kDistributionNotDisabled,
                                      kIllegalDelete,
                                      kIllegalOriginAccessConfiguration,
                                      kIllegalUpdate,
                                      kInconsistentQuantities,
                                      kInvalidArgument,
                                      kInvalidDefaultRootObject,
                                      kInvalidErrorCode,
                                      kInvalidIfMatchVersion,
                                      kInvalidOrigin,
                                      kInvalidOriginAccessIdentity,
                                      kInvalidRelativePath,
                                      kInvalidRequiredProtocol,
                                      kInvalidResponseCode,
                                      kInvalidTagging,
                                      kInvalidTtlOrder,
                                      kInvalidViewerCertificate,
                                      kNoSuchCachePolicy,
                                      kNoSuchCloudFrontOriginAccessIdentity,
                                      kNoSuchDistribution,
                                      kNoSuchInvalidation,
                                      kNoSuchOrigin,
                                      kNoSuchOriginAccessControl,
                                      kNoSuchOriginRequestPolicy,
                                      kNoSuchResource,
                                      kOriginAccessControlAlreadyExists,
                                      kOriginAccessControlInUse,
                                      kPreconditionFailed,
                                      kTooManyCacheBehaviors,
                                      kTooManyCachePolicies,
                                      kTooManyDistributionCnames,
                                      kTooManyDistributions,
                                      kTooManyInvalidationsInProgress,
                                      kTooManyOrigins}) {
    EXPECT_NE(Model().FindError(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace meetinity::cloudfront

// Who a distribution is to its origins, and the policies it follows: what is in use stays.
#include <algorithm>

#include "aws/cloudfront/testing_cloudfront.h"

namespace meetinity::cloudfront {
namespace {

class AccessTest : public CloudFrontTest {
 protected:
  static OriginAccessControlConfig Control(const std::string& name) {
    return {.description = "",
            .name = name,
            .origin_access_control_origin_type = "s3",
            .signing_behavior = "always",
            .signing_protocol = "sigv4"};
  }
  static CachePolicyConfig Policy(const std::string& name) {
    CachePolicyConfig config;
    config.name = name;
    config.min_ttl = 0;
    config.default_ttl = 60;
    config.max_ttl = 600;
    return config;
  }
};

TEST_F(AccessTest, AnAccessControlInUseIsNotDeleted) {
  const auto control = cloudfront_->CreateOriginAccessControl(Call(), {.origin_access_control_config = Control("a")});
  ASSERT_TRUE(control.ok());
  const std::string id = control->origin_access_control->id;
  DistributionConfig config = Config("r1");
  config.origins.items.front().origin_access_control_id = id;
  const auto made = Create(config);
  AwaitDeployed(made.distribution->id);
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginAccessControl(Call(), {.id = id, .if_match = std::nullopt})),
            kInvalidIfMatchVersion);
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginAccessControl(Call(), {.id = id, .if_match = "E2STALE"})),
            kPreconditionFailed);
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginAccessControl(Call(), {.id = id, .if_match = control->e_tag})),
            kOriginAccessControlInUse);
  ASSERT_TRUE(Remove(made.distribution->id).ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteOriginAccessControl(Call(), {.id = id, .if_match = control->e_tag})),
            "accepted");
  EXPECT_EQ(Refusal(cloudfront_->GetOriginAccessControl(Call(), {.id = id})), kNoSuchOriginAccessControl);
}

TEST_F(AccessTest, AccessControlsHaveNamesOfTheirOwn) {
  const auto first = cloudfront_->CreateOriginAccessControl(Call(), {.origin_access_control_config = Control("a")});
  const auto second = cloudfront_->CreateOriginAccessControl(Call(), {.origin_access_control_config = Control("b")});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(Refusal(cloudfront_->CreateOriginAccessControl(Call(), {.origin_access_control_config = Control("a")})),
            kOriginAccessControlAlreadyExists);
  EXPECT_EQ(Refusal(cloudfront_->UpdateOriginAccessControl(Call(), {.id = second->origin_access_control->id,
                                                                    .if_match = second->e_tag,
                                                                    .origin_access_control_config = Control("a")})),
            kOriginAccessControlAlreadyExists);
  Reopen();
  EXPECT_EQ(cloudfront_->GetOriginAccessControl(Call(), {.id = second->origin_access_control->id})
                ->origin_access_control->origin_access_control_config->name,
            "b");
}

TEST_F(AccessTest, ADistributionNamesOnlyWhatThereIs) {
  DistributionConfig config = Config("r1");
  config.origins.items.front().origin_access_control_id = "E0MISSING";
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})),
            kInvalidOriginAccessControl);
  config = Config("r1");
  config.origins.items.front().s3_origin_config->origin_access_identity = "origin-access-identity/cloudfront/E0MISSING";
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})),
            kInvalidOriginAccessIdentity);
  config = Config("r1");
  config.default_cache_behavior.cache_policy_id = "00000000-0000-0000-0000-000000000000";
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})), kNoSuchCachePolicy);
  EXPECT_TRUE(cloudfront_->ListDistributions(Call(), {})
                  ->distribution_list->items.value_or(std::vector<DistributionSummary>{})
                  .empty());
}

TEST_F(AccessTest, AnAccessIdentityInUseIsNotDeleted) {
  const CreateCloudFrontOriginAccessIdentityInput in{
      .cloud_front_origin_access_identity_config = {.caller_reference = "r1", .comment = "assets"}};
  const auto identity = cloudfront_->CreateCloudFrontOriginAccessIdentity(Call(), in);
  ASSERT_TRUE(identity.ok());
  const std::string id = identity->cloud_front_origin_access_identity->id;
  EXPECT_EQ(cloudfront_->CreateCloudFrontOriginAccessIdentity(Call(), in)->cloud_front_origin_access_identity->id, id);
  CreateCloudFrontOriginAccessIdentityInput other = in;
  other.cloud_front_origin_access_identity_config.comment = "other";
  EXPECT_EQ(Refusal(cloudfront_->CreateCloudFrontOriginAccessIdentity(Call(), other)),
            kCloudFrontOriginAccessIdentityAlreadyExists);

  DistributionConfig config = Config("r1");
  config.origins.items.front().s3_origin_config->origin_access_identity = "origin-access-identity/cloudfront/" + id;
  const auto made = Create(config);
  AwaitDeployed(made.distribution->id);
  EXPECT_EQ(Refusal(cloudfront_->DeleteCloudFrontOriginAccessIdentity(Call(), {.id = id, .if_match = identity->e_tag})),
            kCloudFrontOriginAccessIdentityInUse);
  Reopen();
  AwaitDeployed(made.distribution->id);
  ASSERT_TRUE(Remove(made.distribution->id).ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteCloudFrontOriginAccessIdentity(Call(), {.id = id, .if_match = identity->e_tag})),
            "accepted");
}

TEST_F(AccessTest, ACachePolicyInUseIsNotDeleted) {
  const auto policy = cloudfront_->CreateCachePolicy(Call(), {.cache_policy_config = Policy("short")});
  ASSERT_TRUE(policy.ok()) << policy.error().detail;
  const std::string id = policy->cache_policy->id;
  EXPECT_EQ(Refusal(cloudfront_->CreateCachePolicy(Call(), {.cache_policy_config = Policy("short")})),
            kCachePolicyAlreadyExists);
  DistributionConfig config = Config("r1");
  config.default_cache_behavior.cache_policy_id = id;
  const auto made = Create(config);
  AwaitDeployed(made.distribution->id);
  EXPECT_EQ(Refusal(cloudfront_->DeleteCachePolicy(Call(), {.id = id, .if_match = policy->e_tag})), kCachePolicyInUse);
  const auto updated = cloudfront_->UpdateCachePolicy(
      Call(), {.cache_policy_config = Policy("shorter"), .id = id, .if_match = policy->e_tag});
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(Refusal(cloudfront_->UpdateCachePolicy(
                Call(), {.cache_policy_config = Policy("stale"), .id = id, .if_match = policy->e_tag})),
            kPreconditionFailed);
  Reopen();
  AwaitDeployed(made.distribution->id);
  EXPECT_EQ(cloudfront_->GetCachePolicyConfig(Call(), {.id = id})->cache_policy_config->name, "shorter");
  ASSERT_TRUE(Remove(made.distribution->id).ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteCachePolicy(Call(), {.id = id, .if_match = updated->e_tag})), "accepted");
}

TEST_F(AccessTest, ManagedPoliciesAreListedAndStay) {
  ASSERT_TRUE(cloudfront_->CreateCachePolicy(Call(), {.cache_policy_config = Policy("own")}).ok());
  const auto ids = [&](std::optional<std::string> type) {
    std::vector<std::string> found;
    const auto list = cloudfront_->ListCachePolicies(Call(), {.marker = {}, .max_items = {}, .type = std::move(type)});
    for (const auto& item : *list->cache_policy_list->items) found.push_back(item.type);
    return found;
  };
  const auto managed = static_cast<int64_t>(ManagedCachePolicies().size());
  EXPECT_EQ(std::ranges::count(ids("managed"), "managed"), managed);
  EXPECT_EQ(ids("managed").size(), ManagedCachePolicies().size());
  EXPECT_EQ(ids("custom"), std::vector<std::string>{"custom"});
  EXPECT_EQ(static_cast<int64_t>(ids(std::nullopt).size()), managed + 1);

  const std::string id(kCachingOptimized);
  const auto found = cloudfront_->GetCachePolicy(Call(), {.id = id});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->cache_policy->cache_policy_config.name, "Managed-CachingOptimized");
  EXPECT_EQ(Refusal(cloudfront_->DeleteCachePolicy(Call(), {.id = id, .if_match = found->e_tag})), kIllegalDelete);
  EXPECT_EQ(Refusal(cloudfront_->UpdateCachePolicy(
                Call(), {.cache_policy_config = Policy("mine"), .id = id, .if_match = found->e_tag})),
            kIllegalUpdate);
}

TEST_F(AccessTest, PoliciesAreListedAPageAtATime) {
  std::vector<std::string> listed;
  std::optional<std::string> marker;
  do {
    const auto page = cloudfront_->ListCachePolicies(Call(), {.marker = marker, .max_items = "2", .type = {}});
    ASSERT_TRUE(page.ok());
    for (const auto& item : *page->cache_policy_list->items) listed.push_back(item.cache_policy.id);
    marker = page->cache_policy_list->next_marker;
  } while (marker);
  EXPECT_EQ(listed.size(), ManagedCachePolicies().size());
  std::ranges::sort(listed);
  EXPECT_EQ(std::ranges::adjacent_find(listed), listed.end());
}

}  // namespace
}  // namespace meetinity::cloudfront

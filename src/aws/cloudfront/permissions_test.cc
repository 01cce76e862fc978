// CloudFront's operations are authorised on what they are about.
#include "aws/cloudfront/permissions.h"

#include <gtest/gtest.h>

#include "wire/shape.h"

namespace meetinity::cloudfront {
namespace {

template <class Operation>
std::string ResourceOf(const typename Operation::Input& in) {
  return ResourceOf(Operation::Shape().name, SubjectOf(in));
}

TEST(Permissions, NameWhatIsThere) {
  EXPECT_EQ(ResourceOf<GetDistribution>({.id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<GetDistributionConfig>({.id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<DeleteDistribution>({.id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<CreateInvalidation>({.distribution_id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<GetInvalidation>({.distribution_id = "E1", .id = "I1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<ListInvalidations>({.distribution_id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<AssociateAlias>({.target_distribution_id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<ListConflictingAliases>({.distribution_id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<GetMonitoringSubscription>({.distribution_id = "E1"}), "distribution/E1");
  EXPECT_EQ(ResourceOf<GetOriginAccessControlConfig>({.id = "E2"}), "origin-access-control/E2");
  EXPECT_EQ(ResourceOf<DeleteCloudFrontOriginAccessIdentity>({.id = "E3"}), "origin-access-identity/E3");
  EXPECT_EQ(ResourceOf<GetCachePolicyConfig>({.id = "P1"}), "cache-policy/P1");
  EXPECT_EQ(ResourceOf<DeleteOriginRequestPolicy>({.id = "P2"}), "origin-request-policy/P2");
  EXPECT_EQ(ResourceOf<GetResponseHeadersPolicy>({.id = "P3"}), "response-headers-policy/P3");
}

TEST(Permissions, NameEveryOneOfTheKindForWhatIsToBeMade) {
  EXPECT_EQ(ResourceOf<CreateDistribution>({}), "distribution/*");
  EXPECT_EQ(ResourceOf<CreateDistributionWithTags>({}), "distribution/*");
  EXPECT_EQ(ResourceOf<CreateCachePolicy>({}), "cache-policy/*");
}

TEST(Permissions, NameNothingForListsAndForKeys) {
  EXPECT_EQ(ResourceOf<ListDistributions>({}), "");
  EXPECT_EQ(ResourceOf<ListCachePolicies>({}), "");
  EXPECT_EQ(ResourceOf<ListDistributionsByCachePolicyId>({.cache_policy_id = "P1"}), "");
  EXPECT_EQ(ResourceOf<ListDistributionsByWebACLId>({.web_acl_id = "null"}), "");
  EXPECT_EQ(ResourceOf<GetPublicKey>({.id = "K1"}), "");
  EXPECT_EQ(ResourceOf<DeleteKeyGroup>({.id = "G1"}), "");
}

TEST(Permissions, CarryTheTagsOfTheRequest) {
  TagResourceInput in;
  in.resource = "arn:aws:cloudfront::123456789012:distribution/E1";
  in.tags.items = std::vector<Tag>{{.key = "team", .value = "web"}};
  const Subject subject = SubjectOf(in);
  EXPECT_EQ(subject.arn, in.resource);
  ASSERT_NE(subject.tags, nullptr);
  EXPECT_EQ(subject.tags->front().key, "team");
}

}  // namespace
}  // namespace meetinity::cloudfront

#include <fmt/format.h>

#include "aws/s3/access.h"

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class Access : public S3Test {
 protected:
  Access() { Put("index.html", "hello"); }

  static std::string Policy(std::string_view effect, std::string_view principal, std::string_view action,
                            std::string_view resource, std::string_view condition = "{}") {
    return fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"{}","Principal":{},"Action":"{}",)"
                       R"("Resource":"{}","Condition":{}}}]}})",
                       effect, principal, action, resource, condition);
  }
  std::string_view Getting(const wire::Call& call, const std::string& key = "index.html") {
    return Refusal(s3_->GetObject(call, GetInput(key)));
  }
  std::string_view ListingAs(const wire::Call& call, std::optional<std::string> prefix = std::nullopt) {
    ListObjectsV2Input in;
    in.bucket = kBucket;
    in.prefix = std::move(prefix);
    return Refusal(s3_->ListObjectsV2(call, in));
  }
  static constexpr std::string_view kObjects = "arn:aws:s3:::site-assets/*";
  static constexpr std::string_view kItself = "arn:aws:s3:::site-assets";
  static constexpr std::string_view kEveryone = R"("*")";
  static inline const std::string kDistribution = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE";
};

TEST_F(Access, OfRootNeedsNoPolicy) { EXPECT_EQ(Getting(Root()), ""); }

TEST_F(Access, OfAnonymousCallersIsDenied) {
  EXPECT_EQ(Getting(Anonymous()), kAccessDenied);
  EXPECT_EQ(Getting(Anonymous(), "missing"), kAccessDenied) << "nor are they told what is missing";
  EXPECT_EQ(ListingAs(Anonymous()), kAccessDenied);
  EXPECT_EQ(Refusal(s3_->ListBuckets(Anonymous(), {})), kAccessDenied);
}

TEST_F(Access, OfUsersFollowsTheirOwnPolicies) {
  EXPECT_EQ(Getting(User()), kAccessDenied);
  identity_ = iam::Decision::kAllow;
  EXPECT_EQ(Getting(User()), "");
  EXPECT_EQ(Refusal(s3_->ListBuckets(User(), {})), "");
}

TEST_F(Access, OfUsersFollowsTheBucketPolicyToo) {
  Must(PutPolicy(Policy("Allow", R"({"AWS":"arn:aws:iam::123456789012:user/alice"})", "s3:GetObject", kObjects)));
  EXPECT_EQ(Getting(User("alice")), "");
  EXPECT_EQ(Getting(User("bob")), kAccessDenied);
}

TEST_F(Access, OfUsersEndsAtAnExplicitDeny) {
  identity_ = iam::Decision::kAllow;
  Must(PutPolicy(Policy("Deny", kEveryone, "s3:GetObject", kObjects)));
  const auto refused = s3_->GetObject(User(), GetInput("index.html"));
  EXPECT_EQ(Refusal(refused), kAccessDenied);
  EXPECT_NE(refused.error().detail.find("explicit deny in a resource-based policy"), std::string::npos);
}

TEST_F(Access, OfRootEndsAtAnExplicitDenySaveForThePolicyItself) {
  Must(PutPolicy(Policy("Deny", kEveryone, "s3:*", kItself)));
  EXPECT_EQ(ListingAs(Root()), kAccessDenied);
  DeleteBucketPolicyInput in;
  in.bucket = kBucket;
  Must(s3_->DeleteBucketPolicy(Root(), in));
  EXPECT_EQ(ListingAs(Root()), "");
}

TEST_F(Access, OfAnotherAccountNeedsBothSides) {
  const wire::Call stranger = User("eve", "210987654321");
  identity_ = iam::Decision::kAllow;
  EXPECT_EQ(Getting(stranger), kAccessDenied);
  Must(PutPolicy(Policy("Allow", R"({"AWS":"arn:aws:iam::210987654321:user/eve"})", "s3:GetObject", kObjects)));
  EXPECT_EQ(Getting(stranger), "");
  identity_ = iam::Decision::kImplicitDeny;
  EXPECT_EQ(Getting(stranger), kAccessDenied);
}

TEST_F(Access, OfCloudFrontIsForItsDistributionOnly) {
  Must(PutPolicy(Policy("Allow", R"({"Service":"cloudfront.amazonaws.com"})", "s3:GetObject", kObjects,
                        fmt::format(R"({{"StringEquals":{{"AWS:SourceArn":"{}"}}}})", kDistribution))));
  EXPECT_EQ(Getting(CloudFront(kDistribution)), "");
  EXPECT_EQ(Getting(CloudFront("arn:aws:cloudfront::123456789012:distribution/EOTHER")), kAccessDenied);
  EXPECT_EQ(Getting(Anonymous()), kAccessDenied);
}

TEST_F(Access, OfAnOriginAccessIdentityIsByItsArnOrCanonicalId) {
  const std::string identity =
      R"({"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL"})";
  Must(PutPolicy(Policy("Allow", identity, "s3:GetObject", kObjects)));
  EXPECT_EQ(Getting(OriginAccessIdentity("E2QWRUHAPOMQZL")), "");
  EXPECT_EQ(Getting(OriginAccessIdentity("EOTHER")), kAccessDenied);
  Must(PutPolicy(
      Policy("Allow", fmt::format(R"({{"CanonicalUser":"{}"}})", std::string(64, 'c')), "s3:GetObject", kObjects)));
  EXPECT_EQ(Getting(OriginAccessIdentity("E2QWRUHAPOMQZL")), "");
}

TEST_F(Access, ToWhatIsMissingIsToldOnlyToWhoMayList) {
  const std::string identity =
      R"({"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL"})";
  Must(PutPolicy(Policy("Allow", identity, "s3:GetObject", kObjects)));
  EXPECT_EQ(Getting(OriginAccessIdentity("E2QWRUHAPOMQZL"), "missing"), kAccessDenied);
  Must(PutPolicy(fmt::format(R"({{"Statement":[{{"Effect":"Allow","Principal":{0},"Action":"s3:GetObject",)"
                             R"("Resource":"{1}"}},{{"Effect":"Allow","Principal":{0},"Action":"s3:ListBucket",)"
                             R"("Resource":"{2}"}}]}})",
                             identity, kObjects, kItself)));
  EXPECT_EQ(Getting(OriginAccessIdentity("E2QWRUHAPOMQZL"), "missing"), kNoSuchKey);
}

TEST_F(Access, ByAPublicPolicyIsBlockedFromTheStart) {
  const std::string open = Policy("Allow", kEveryone, "s3:GetObject", kObjects);
  EXPECT_EQ(Refusal(PutPolicy(open)), kAccessDenied);
  UnblockPublicAccess();
  Must(PutPolicy(open));
  EXPECT_EQ(Getting(Anonymous()), "");
}

TEST_F(Access, ByAPublicPolicyIsRestrictedToTheAccountAndServices) {
  UnblockPublicAccess();
  Must(PutPolicy(Policy("Allow", kEveryone, "s3:GetObject", kObjects)));
  PutPublicAccessBlockInput in;
  in.bucket = kBucket;
  in.public_access_block_configuration.restrict_public_buckets = true;
  Must(s3_->PutPublicAccessBlock(Root(), in));
  EXPECT_EQ(Getting(Anonymous()), kAccessDenied);
  EXPECT_EQ(Getting(User()), "");
}

TEST_F(Access, MayDependOnThePrefix) {
  Must(PutPolicy(Policy("Allow", R"({"AWS":"arn:aws:iam::123456789012:user/alice"})", "s3:ListBucket", kItself,
                        R"({"StringLike":{"s3:prefix":"home/alice/*"}})")));
  EXPECT_EQ(ListingAs(User(), "home/alice/photos"), "");
  EXPECT_EQ(ListingAs(User(), "home/bob/"), kAccessDenied);
  EXPECT_EQ(ListingAs(User()), kAccessDenied);
}

TEST_F(Access, FollowsANewPolicyAtOnce) {
  UnblockPublicAccess();
  Must(PutPolicy(Policy("Allow", kEveryone, "s3:GetObject", kObjects)));
  EXPECT_EQ(Getting(Anonymous()), "");
  Must(PutPolicy(Policy("Allow", kEveryone, "s3:GetObject", "arn:aws:s3:::site-assets/public/*")));
  EXPECT_EQ(Getting(Anonymous()), kAccessDenied);
}

TEST_F(Access, TellsWhetherAPolicyIsPublic) {
  UnblockPublicAccess();
  GetBucketPolicyStatusInput in;
  in.bucket = kBucket;
  Must(PutPolicy(Policy("Allow", kEveryone, "s3:GetObject", kObjects)));
  EXPECT_EQ(Must(s3_->GetBucketPolicyStatus(Root(), in)).policy_status->is_public, true);
  Must(PutPolicy(Policy("Allow", R"({"Service":"cloudfront.amazonaws.com"})", "s3:GetObject", kObjects,
                        fmt::format(R"({{"StringEquals":{{"AWS:SourceArn":"{}"}}}})", kDistribution))));
  EXPECT_EQ(Must(s3_->GetBucketPolicyStatus(Root(), in)).policy_status->is_public, false);
}

TEST_F(Access, AsksEachDeletionOfAListForItself) {
  Put("mine/a", "1");
  Must(PutPolicy(Policy("Allow", R"({"AWS":"arn:aws:iam::123456789012:user/alice"})", "s3:DeleteObject",
                        "arn:aws:s3:::site-assets/mine/*")));
  DeleteObjectsInput in;
  in.bucket = kBucket;
  in.delete_.objects = {{.key = "mine/a"}, {.key = "index.html"}};
  const auto out = Must(s3_->DeleteObjects(User(), in));
  EXPECT_EQ(out.deleted->size(), 1u);
  ASSERT_EQ(out.errors->size(), 1u);
  EXPECT_EQ((*out.errors)[0].code, kAccessDenied);
  EXPECT_EQ(Read("index.html"), "hello");
}

}  // namespace
}  // namespace meetinity::s3

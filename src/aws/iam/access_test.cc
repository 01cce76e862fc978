#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "aws/iam/errors.h"
#include "aws/iam/testing_iam.h"

namespace meetinity::iam {
namespace {

using wire::PrincipalKind;

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_F(IamTest, RootsKeyIsMadeOnceAndForItsOwnerAlone) {
  const wire::Credential first = iam_->root();
  EXPECT_EQ(first.access_key_id.size(), 20U);
  EXPECT_TRUE(first.access_key_id.starts_with("AKIA"));
  EXPECT_EQ(first.secret_access_key.size(), 40U);
  EXPECT_EQ(first.principal.arn, "arn:aws:iam::123456789012:root");
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "root-credentials").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  Reopen();
  EXPECT_EQ(iam_->root().access_key_id, first.access_key_id);
  EXPECT_EQ(iam_->Find(first.access_key_id)->secret_access_key, first.secret_access_key);
}

TEST_F(IamTest, FindsAUsersKeyAtOnceAndAfterARestart) {
  const AccessKey key = UserWithKey("alice");
  for (int restarts = 0; restarts < 2; ++restarts) {
    const auto found = iam_->Find(key.access_key_id);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->secret_access_key, key.secret_access_key);
    EXPECT_EQ(found->principal.kind, PrincipalKind::kUser);
    EXPECT_EQ(found->principal.arn, "arn:aws:iam::123456789012:user/alice");
    Reopen();
  }
  EXPECT_EQ(iam_->Find("AKIANOBODY"), nullptr);
}

TEST_F(IamTest, TheStoreDoesNotHoldASecretInTheClear) {
  const AccessKey key = UserWithKey("alice");
  iam_.reset();
  database_.reset();
  for (const auto& file : std::filesystem::directory_iterator(directory_)) {
    EXPECT_EQ(Contents(file.path()).find(key.secret_access_key), std::string::npos) << file.path();
  }
}

TEST_F(IamTest, AnInactiveOrDeletedKeyIsNotFound) {
  const AccessKey key = UserWithKey("alice");
  const auto set = [&](const std::string& status) {
    return iam_->UpdateAccessKey(RootCall(),
                                 {.access_key_id = key.access_key_id, .status = status, .user_name = "alice"});
  };
  ASSERT_TRUE(set("Inactive").ok());
  EXPECT_EQ(iam_->Find(key.access_key_id), nullptr);
  ASSERT_TRUE(set("Active").ok());
  EXPECT_NE(iam_->Find(key.access_key_id), nullptr);
  ASSERT_TRUE(iam_->DeleteAccessKey(RootCall(), {.access_key_id = key.access_key_id, .user_name = "alice"}).ok());
  EXPECT_EQ(iam_->Find(key.access_key_id), nullptr);
}

TEST_F(IamTest, RootMayDoEverything) {
  EXPECT_TRUE(iam_->Authorize(RootCall(), {"cloudfront:DeleteDistribution", "*", {}}).ok());
}

TEST_F(IamTest, AUserWithoutPolicyMayOnlyAskWhoItIs) {
  const wire::Call call = CallWith(UserWithKey("alice"));
  const Status refused = iam_->Authorize(call, {"cloudfront:ListDistributions", "*", {}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().name, kAccessDenied);
  EXPECT_EQ(refused.error().detail,
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: cloudfront:ListDistributions on "
            "resource: * because no identity-based policy allows the cloudfront:ListDistributions action");
  EXPECT_TRUE(iam_->Authorize(call, {"sts:GetCallerIdentity", "*", {}}).ok());
}

TEST_F(IamTest, ServicesAndAnonymousHaveNoIdentityPolicies) {
  EXPECT_FALSE(iam_->Authorize(CallAs({}), {"sts:GetCallerIdentity", "*", {}}).ok());
  const auto service =
      iam_->IssueServiceCredential("cloudfront.amazonaws.com", "arn:aws:cloudfront::1:distribution/E1");
  EXPECT_FALSE(iam_->Authorize(CallAs(service.principal), {"iam:GetUser", "*", {}}).ok());
}

TEST_F(IamTest, PoliciesTakeEffectWhenTheyChange) {
  const wire::Call call = CallWith(UserWithKey("alice"));
  const auto may_read = [&] { return iam_->EvaluateIdentity(call, "s3:GetObject", "arn:aws:s3:::site/a"); };
  EXPECT_EQ(may_read(), Decision::kImplicitDeny);

  ASSERT_TRUE(
      iam_->PutUserPolicy(RootCall(), {.policy_document = kAllowS3Reads, .policy_name = "reads", .user_name = "alice"})
          .ok());
  EXPECT_EQ(may_read(), Decision::kAllow);

  const std::string arn =
      *iam_->CreatePolicy(RootCall(), {.policy_document = kDenyEverything, .policy_name = "stop"})->policy->arn;
  ASSERT_TRUE(iam_->AttachUserPolicy(RootCall(), {.policy_arn = arn, .user_name = "alice"}).ok());
  EXPECT_EQ(may_read(), Decision::kExplicitDeny);
  EXPECT_TRUE(iam_->Authorize(call, {"s3:GetObject", "*", {}})
                  .error()
                  .detail.ends_with("with an explicit deny in an identity-based policy"));

  ASSERT_TRUE(iam_->CreatePolicyVersion(RootCall(),
                                        {.policy_arn = arn, .policy_document = kAllowS3Reads, .set_as_default = true})
                  .ok());
  EXPECT_EQ(may_read(), Decision::kAllow);
  Reopen();
  EXPECT_EQ(may_read(), Decision::kAllow);
  ASSERT_TRUE(iam_->SetDefaultPolicyVersion(RootCall(), {.policy_arn = arn, .version_id = "v1"}).ok());
  EXPECT_EQ(may_read(), Decision::kExplicitDeny);
  ASSERT_TRUE(iam_->DetachUserPolicy(RootCall(), {.policy_arn = arn, .user_name = "alice"}).ok());
  ASSERT_TRUE(iam_->DeleteUserPolicy(RootCall(), {.policy_name = "reads", .user_name = "alice"}).ok());
  EXPECT_EQ(may_read(), Decision::kImplicitDeny);
}

TEST_F(IamTest, TheServicesOwnKeysReachConditions) {
  const wire::Call call = CallWith(UserWithKey("alice"));
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",
          "Condition":{"StringLike":{"s3:prefix":"${aws:username}/*"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}})";
  ASSERT_TRUE(
      iam_->PutUserPolicy(RootCall(), {.policy_document = policy, .policy_name = "own", .user_name = "alice"}).ok());
  const auto decide = [&](const std::string& prefix) {
    return iam_->EvaluateIdentity(call, "s3:ListBucket", "arn:aws:s3:::site", {{"s3:prefix", {prefix}}});
  };
  EXPECT_EQ(decide("alice/x"), Decision::kAllow);
  EXPECT_EQ(decide("bob/x"), Decision::kImplicitDeny);
}

TEST_F(IamTest, ReadOnlyAccessReadsAndDoesNotWrite) {
  const wire::Call call = CallWith(UserWithKey("alice"));
  ASSERT_TRUE(
      iam_->AttachUserPolicy(RootCall(), {.policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess", .user_name = "alice"})
          .ok());
  EXPECT_TRUE(iam_->Authorize(call, {"cloudfront:ListDistributions", "*", {}}).ok());
  EXPECT_TRUE(iam_->Authorize(call, {"s3:GetObject", "arn:aws:s3:::site/a", {}}).ok());
  EXPECT_FALSE(iam_->Authorize(call, {"cloudfront:CreateInvalidation", "*", {}}).ok());
  EXPECT_FALSE(iam_->Authorize(call, {"secretsmanager:GetSecretValue", "*", {}}).ok());
}

TEST_F(IamTest, ARenamedUserKeepsKeysAndPoliciesUnderItsNewArn) {
  const AccessKey key = UserWithKey("alice");
  ASSERT_TRUE(
      iam_->PutUserPolicy(RootCall(), {.policy_document = kAllowS3Reads, .policy_name = "reads", .user_name = "alice"})
          .ok());
  ASSERT_TRUE(
      iam_->UpdateUser(RootCall(), {.new_path = "/ops/", .new_user_name = "alicia", .user_name = "alice"}).ok());
  const wire::Call call = CallWith(key);
  EXPECT_EQ(call.principal.arn, "arn:aws:iam::123456789012:user/ops/alicia");
  EXPECT_TRUE(iam_->Authorize(call, {"s3:GetObject", "*", {}}).ok());
}

TEST_F(IamTest, ServiceCredentialsAreTheSameForTheSamePair) {
  const auto first = iam_->IssueServiceCredential("cloudfront.amazonaws.com", "arn:aws:cloudfront::123456789012:d/E1");
  const auto again = iam_->IssueServiceCredential("cloudfront.amazonaws.com", "arn:aws:cloudfront::123456789012:d/E1");
  const auto other = iam_->IssueServiceCredential("cloudfront.amazonaws.com", "arn:aws:cloudfront::123456789012:d/E2");
  EXPECT_EQ(first.access_key_id, again.access_key_id);
  EXPECT_NE(first.access_key_id, other.access_key_id);
  EXPECT_EQ(first.principal.kind, PrincipalKind::kService);
  EXPECT_EQ(first.principal.source_account, "123456789012");
  EXPECT_EQ(iam_->Find(first.access_key_id)->secret_access_key, first.secret_access_key);
  ASSERT_TRUE(iam_->Restore().ok());
  EXPECT_NE(iam_->Find(first.access_key_id), nullptr);
  Reopen();
  EXPECT_EQ(iam_->Find(first.access_key_id), nullptr);
}

TEST_F(IamTest, OriginAccessIdentitiesSignUnderTheirOwnArn) {
  const auto issued = iam_->IssueOriginAccessIdentityCredential("E2QWRUHAPOMQZL", "beef");
  EXPECT_EQ(issued.principal.arn, "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL");
  EXPECT_EQ(iam_->Find(issued.access_key_id)->principal.canonical_user_id, "beef");
}

TEST_F(IamTest, RestoreForgetsWhatTheStoreNoLongerHas) {
  const AccessKey key = UserWithKey("alice");
  ASSERT_TRUE(database_->Clear().ok());
  ASSERT_TRUE(iam_->Restore().ok());
  EXPECT_EQ(iam_->Find(key.access_key_id), nullptr);
  EXPECT_NE(iam_->Find(iam_->root().access_key_id), nullptr);
}

TEST_F(IamTest, TellsWhenAKeyWasLastUsed) {
  const AccessKey key = UserWithKey("alice");
  const auto ask = [&] {
    return *iam_->GetAccessKeyLastUsed(RootCall(), {.access_key_id = key.access_key_id})->access_key_last_used;
  };
  EXPECT_EQ(ask().service_name, "N/A");
  EXPECT_FALSE(iam_->Authorize(CallWith(key), {"cloudfront:ListDistributions", "*", {}}).ok());
  EXPECT_EQ(ask().service_name, "cloudfront");
  EXPECT_EQ(ask().region, "eu-west-1");
  EXPECT_EQ(ask().last_used_date, clock_.Now());
}

}  // namespace
}  // namespace meetinity::iam

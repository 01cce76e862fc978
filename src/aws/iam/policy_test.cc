#include "aws/iam/policy.h"

#include <gtest/gtest.h>

namespace meetinity::iam {
namespace {

using wire::Principal;
using wire::PrincipalKind;

constexpr auto kDeny = Decision::kExplicitDeny;
constexpr auto kNo = Decision::kImplicitDeny;
constexpr auto kYes = Decision::kAllow;

Principal OfAccount(PrincipalKind kind, const std::string& arn, const std::string& unique_id) {
  Principal principal;
  principal.kind = kind;
  principal.account = "123456789012";
  principal.arn = arn;
  principal.unique_id = unique_id;
  return principal;
}
Principal UserNamed(const std::string& name) {
  return OfAccount(PrincipalKind::kUser, "arn:aws:iam::123456789012:user/staff/" + name, "AIDA" + name);
}
Principal Root() {
  Principal root = OfAccount(PrincipalKind::kRoot, "arn:aws:iam::123456789012:root", "123456789012");
  root.canonical_user_id = "cafe";
  return root;
}
Principal CloudFront() {
  Principal service;
  service.kind = PrincipalKind::kService;
  service.service = "cloudfront.amazonaws.com";
  service.source_arn = "arn:aws:cloudfront::123456789012:distribution/E1";
  service.source_account = "123456789012";
  return service;
}
Principal OriginAccessIdentity() {
  Principal identity;
  identity.kind = PrincipalKind::kOriginAccessIdentity;
  identity.arn = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2Q";
  identity.canonical_user_id = "beef";
  return identity;
}

Decision Identity(const std::string& statement, const std::string& action, const std::string& resource,
                  const ContextKeys& keys = {}, const Principal& principal = UserNamed("alice")) {
  const auto policy =
      PolicyDocument::Parse(R"({"Version":"2012-10-17","Statement":)" + statement + "}", PolicyKind::kIdentity);
  EXPECT_TRUE(policy.ok()) << policy.error().detail;
  return Evaluate(*policy, {principal, action, resource, keys});
}

Decision Bucket(const std::string& statement, const Principal& principal, const ContextKeys& keys = {}) {
  const auto policy =
      PolicyDocument::Parse(R"({"Version":"2012-10-17","Statement":)" + statement + "}", PolicyKind::kResource);
  EXPECT_TRUE(policy.ok()) << policy.error().detail;
  return Evaluate(*policy, {principal, "s3:GetObject", "arn:aws:s3:::site/index.html", keys});
}

std::string BucketAllow(const std::string& principal) {
  return R"({"Effect":"Allow","Principal":)" + principal +
         R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::site/*"})";
}

TEST(PolicyEvaluation, AllowsWhatAStatementNamesAndNothingElse) {
  const std::string statement = R"({"Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws:s3:::site/*"})";
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::site/a/b"), kYes);
  EXPECT_EQ(Identity(statement, "S3:getobject", "arn:aws:s3:::site/a"), kYes);
  EXPECT_EQ(Identity(statement, "s3:PutObject", "arn:aws:s3:::site/a"), kNo);
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::Site/a"), kNo);
}

TEST(PolicyEvaluation, AnExplicitDenyWinsInAnyOrder) {
  const std::string allow = R"({"Effect":"Allow","Action":"*","Resource":"*"})";
  const std::string deny = R"({"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"})";
  EXPECT_EQ(Identity("[" + allow + "," + deny + "]", "s3:DeleteBucket", "arn:aws:s3:::site"), kDeny);
  EXPECT_EQ(Identity("[" + deny + "," + allow + "]", "s3:DeleteBucket", "arn:aws:s3:::site"), kDeny);
  EXPECT_EQ(Identity("[" + deny + "," + allow + "]", "s3:CreateBucket", "arn:aws:s3:::site"), kYes);
}

TEST(PolicyEvaluation, NotActionAndNotResourceAreExceptions) {
  const std::string statement = R"({"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*"})";
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::site/a"), kYes);
  EXPECT_EQ(Identity(statement, "iam:GetUser", "*"), kNo);
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::secret/a"), kNo);
}

TEST(PolicyEvaluation, ReplacesVariables) {
  const std::string statement = R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${aws:username}/*"})";
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::home/alice/x"), kYes);
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::home/bob/x"), kNo);
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::home/bob/x", {}, Root()), kNo);
}

TEST(PolicyEvaluation, AVariablesValueIsNoWildcard) {
  const std::string statement = R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${aws:username}/*"})";
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::home/bob/x", {{"aws:username", {"*"}}}), kNo);
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::home/*/x", {{"aws:username", {"*"}}}), kYes);
}

TEST(PolicyEvaluation, VariablesHaveDefaultsAndEscapes) {
  const std::string statement =
      R"({"Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::a/${aws:PrincipalTag/team, 'none'}","arn:aws:s3:::b/${*}"]})";
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::a/none"), kYes);
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::b/*"), kYes);
  EXPECT_EQ(Identity(statement, "s3:GetObject", "arn:aws:s3:::b/x"), kNo);
}

TEST(PolicyEvaluation, BeforeVersion2012VariablesAreText) {
  const auto policy = PolicyDocument::Parse(
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${aws:username}"}})",
      PolicyKind::kIdentity);
  const Principal alice = UserNamed("alice");
  EXPECT_EQ(Evaluate(*policy, {alice, "s3:GetObject", "arn:aws:s3:::home/alice", {}}), kNo);
  EXPECT_EQ(Evaluate(*policy, {alice, "s3:GetObject", "arn:aws:s3:::home/${aws:username}", {}}), kYes);
}

TEST(ResourcePolicy, EveryoneIncludesAnonymousAndServices) {
  for (const std::string everyone : {R"("*")", R"({"AWS":"*"})"}) {
    EXPECT_EQ(Bucket(BucketAllow(everyone), Principal{}), kYes);
    EXPECT_EQ(Bucket(BucketAllow(everyone), CloudFront()), kYes);
    EXPECT_EQ(Bucket(BucketAllow(everyone), UserNamed("alice")), kYes);
  }
}

TEST(ResourcePolicy, ServicePrincipalWithSourceArnIsOriginAccessControl) {
  const std::string statement =
      R"({"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject",
          "Resource":"arn:aws:s3:::site/*",
          "Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::123456789012:distribution/E1"}}})";
  EXPECT_EQ(Bucket(statement, CloudFront()), kYes);
  Principal other = CloudFront();
  other.source_arn += "X";
  EXPECT_EQ(Bucket(statement, other), kNo);
  EXPECT_EQ(Bucket(statement, UserNamed("alice")), kNo);
  EXPECT_EQ(Bucket(statement, Principal{}), kNo);
}

TEST(ResourcePolicy, OriginAccessIdentityByArnOrCanonicalUser) {
  EXPECT_EQ(Bucket(BucketAllow(R"({"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2Q"})"),
                   OriginAccessIdentity()),
            kYes);
  EXPECT_EQ(Bucket(BucketAllow(R"({"CanonicalUser":"beef"})"), OriginAccessIdentity()), kYes);
  EXPECT_EQ(Bucket(BucketAllow(R"({"CanonicalUser":"beef"})"), Root()), kNo);
}

TEST(ResourcePolicy, AnAccountIsItsRootInAnAllowAndEveryoneOfItInADeny) {
  for (const std::string account : {R"({"AWS":"123456789012"})", R"({"AWS":"arn:aws:iam::123456789012:root"})"}) {
    EXPECT_EQ(Bucket(BucketAllow(account), Root()), kYes);
    EXPECT_EQ(Bucket(BucketAllow(account), UserNamed("alice")), kNo);
    const std::string deny =
        R"({"Effect":"Deny","Principal":)" + account + R"(,"Action":"*","Resource":"arn:aws:s3:::site/*"})";
    EXPECT_EQ(Bucket(deny, UserNamed("alice")), kDeny);
    EXPECT_EQ(Bucket(deny, Principal{}), kNo);
  }
}

TEST(ResourcePolicy, NamesUsersByArnAndById) {
  EXPECT_EQ(Bucket(BucketAllow(R"({"AWS":"arn:aws:iam::123456789012:user/staff/alice"})"), UserNamed("alice")), kYes);
  EXPECT_EQ(Bucket(BucketAllow(R"({"AWS":"arn:aws:iam::123456789012:user/staff/alice"})"), UserNamed("bob")), kNo);
  Principal session =
      OfAccount(PrincipalKind::kAssumedRole, "arn:aws:sts::123456789012:assumed-role/deploy/ci", "AROA:ci");
  session.role_arn = "arn:aws:iam::123456789012:role/ops/deploy";
  EXPECT_EQ(Bucket(BucketAllow(R"({"AWS":"arn:aws:iam::123456789012:role/ops/deploy"})"), session), kYes);
  EXPECT_EQ(Bucket(BucketAllow(R"({"AWS":"arn:aws:iam::123456789012:role/ops/other"})"), session), kNo);
}

TEST(ResourcePolicy, NotPrincipalExceptsTheNamed) {
  const std::string statement =
      R"({"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/staff/alice"},
          "Action":"*","Resource":"arn:aws:s3:::site/*"})";
  EXPECT_EQ(Bucket(statement, UserNamed("alice")), kNo);
  EXPECT_EQ(Bucket(statement, UserNamed("bob")), kDeny);
  EXPECT_EQ(Bucket(statement, Principal{}), kDeny);
}

TEST(ResourcePolicy, NotPrincipalOfADenySparesTheAccountsRootAndNotItsUsers) {
  const std::string statement =
      R"({"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:user/staff/alice",
          "arn:aws:iam::123456789012:root"]},"Action":"*","Resource":"arn:aws:s3:::site/*"})";
  EXPECT_EQ(Bucket(statement, UserNamed("alice")), kNo);
  EXPECT_EQ(Bucket(statement, UserNamed("bob")), kDeny);
}

TEST(ResourcePolicy, NotPrincipalOfAnAllowKeepsTheWholeAccountOut) {
  const std::string statement =
      R"({"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"*","Resource":"arn:aws:s3:::site/*"})";
  EXPECT_EQ(Bucket(statement, UserNamed("bob")), kNo);
}

TEST(ContextKeys, OfACallAreKnownToPolicies) {
  wire::Call call;
  call.now = Instant::Utc("2024-05-01T00:00:00Z");
  call.source_ip = "203.0.113.7";
  call.secure_transport = true;
  call.region = "eu-west-1";
  const std::string statement =
      R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:sourceip":"203.0.113.0/24"},
          "Bool":{"aws:SecureTransport":true},"DateGreaterThan":{"aws:CurrentTime":"2024-04-30"},
          "StringEquals":{"aws:RequestedRegion":"eu-west-1"}}})";
  EXPECT_EQ(Identity(statement, "s3:ListBuckets", "*", KeysOf(call)), kYes);
  call.source_ip = "198.51.100.1";
  EXPECT_EQ(Identity(statement, "s3:ListBuckets", "*", KeysOf(call)), kNo);
}

TEST(Combine, PutsADenyAboveAnAllowAboveNothing) {
  EXPECT_EQ(Combine(kYes, kDeny), kDeny);
  EXPECT_EQ(Combine(kNo, kYes), kYes);
  EXPECT_EQ(Combine(kYes, kNo), kYes);
  EXPECT_EQ(Combine(kNo, kNo), kNo);
}

}  // namespace
}  // namespace meetinity::iam

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/iam/errors.h"
#include "aws/iam/policy.h"

namespace meetinity::iam {
namespace {

using testing::HasSubstr;

std::string Refusal(const std::string& text, PolicyKind kind) {
  const auto policy = PolicyDocument::Parse(text, kind);
  if (policy.ok()) return "accepted";
  EXPECT_EQ(policy.error().name, kMalformedPolicyDocument);
  return policy.error().detail;
}

struct ParserCase {
  const char* text;
  PolicyKind kind;
  const char* says;
};

const ParserCase kRefused[] = {
    {"", PolicyKind::kIdentity, "line 1, column 1"},
    {"{\n  \"Statement\": [}\n", PolicyKind::kIdentity, "line 2, column 17"},
    {"[]", PolicyKind::kIdentity, "must be a JSON object"},
    {R"({"Version":"2012-10-17"})", PolicyKind::kIdentity, "needs a Statement"},
    {R"({"Version":"2020-01-01","Statement":[]})", PolicyKind::kIdentity, "Version must be"},
    {R"({"Statement":[]})", PolicyKind::kIdentity, "Statement must be"},
    {R"({"Statement":[7]})", PolicyKind::kIdentity, "Statement[0] must be an object"},
    {R"({"Statement":[{"Action":"*","Resource":"*"}]})", PolicyKind::kIdentity, "Statement[0].Effect must be"},
    {R"({"Statement":{"Effect":"Allow","Actoin":"*","Resource":"*"}})", PolicyKind::kIdentity,
     "did you mean 'Action'?"},
    {R"({"Statement":{"Effect":"Allow","Action":"*"}})", PolicyKind::kIdentity, "needs Resource or NotResource"},
    {R"({"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}})", PolicyKind::kIdentity,
     "invalid action 'GetObject'"},
    {R"({"Statement":{"Effect":"Allow","Action":"s3:*","NotAction":"s3:*","Resource":"*"}})", PolicyKind::kIdentity,
     "both Action and NotAction"},
    {R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}})", PolicyKind::kIdentity,
     "must be an ARN"},
    {R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":[]}})", PolicyKind::kIdentity, "empty list"},
    {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}})", PolicyKind::kIdentity,
     "must not have Principal"},
    {R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})", PolicyKind::kResource,
     "needs Principal or NotPrincipal"},
    {R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"alice"},"Action":"s3:*","Resource":"*"}})",
     PolicyKind::kResource, "invalid principal 'alice'"},
    {R"({"Statement":{"Effect":"Allow","Principal":{"Service":"cloudfront"},"Action":"s3:*","Resource":"*"}})",
     PolicyKind::kResource, "invalid service"},
    {R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*"}})",
     PolicyKind::kTrust, "must not have Resource"},
    {R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"x"}}}})",
     PolicyKind::kIdentity, "Statement.Condition.Bool.aws:SecureTransport is invalid"},
    {R"({"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}})", PolicyKind::kIdentity,
     "'Effect' appears twice"},
    {R"({"Statement":[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"},
                      {"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]})",
     PolicyKind::kIdentity, "Statement[1].Sid is 'a' again"},
};

TEST(PolicyParser, SaysWhatIsWrongAndWhere) {
  for (const ParserCase& refused : kRefused) {
    EXPECT_THAT(Refusal(refused.text, refused.kind), HasSubstr(refused.says)) << refused.text;
  }
}

TEST(PolicyParser, TakesObjectsAndListsAlike) {
  const auto policy = PolicyDocument::Parse(
      R"({"Version":"2012-10-17","Id":"x","Statement":{"Sid":"One","Effect":"Allow","Action":"s3:Get*","Resource":["*"],
          "Condition":{"NumericLessThan":{"s3:max-keys":10},"Bool":{"aws:SecureTransport":true}}}})",
      PolicyKind::kIdentity);
  ASSERT_TRUE(policy.ok()) << policy.error().detail;
  ASSERT_EQ(policy->statements().size(), 1U);
  EXPECT_EQ(policy->statements()[0].sid, "One");
  EXPECT_EQ(policy->statements()[0].conditions.size(), 2U);
  EXPECT_TRUE(policy->has_variables());
}

TEST(PolicyParser, TakesTrustPolicies) {
  EXPECT_TRUE(PolicyDocument::Parse(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
      "Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}]})",
                                    PolicyKind::kTrust)
                  .ok());
}

TEST(PolicyParser, RefusesWhatIsTooLargeAndSurvivesDeepNesting) {
  EXPECT_THAT(Refusal(std::string(kPolicyBytesMax + 1, ' '), PolicyKind::kIdentity), HasSubstr("bytes"));
  EXPECT_THAT(
      Refusal(R"({"Statement":)" + std::string(9000, '[') + std::string(9000, ']') + "}", PolicyKind::kIdentity),
      HasSubstr("Statement[0]"));
}

TEST(IsPublic, UnlessEveryAllowPinsItsCaller) {
  const auto is_public = [](const std::string& principal, const std::string& condition) {
    const auto policy = PolicyDocument::Parse(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)" + principal +
            R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::site/*",)" + R"("Condition":)" + condition + "}]}",
        PolicyKind::kResource);
    EXPECT_TRUE(policy.ok()) << policy.error().detail;
    return IsPublic(*policy);
  };
  const std::string service = R"({"Service":"cloudfront.amazonaws.com"})";
  const std::string distribution = R"({"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::1:distribution/E1"}})";
  EXPECT_FALSE(is_public(service, distribution));
  EXPECT_FALSE(is_public(R"({"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2"})", "{}"));
  EXPECT_FALSE(is_public(R"({"AWS":"123456789012"})", "{}"));
  EXPECT_TRUE(is_public(R"("*")", "{}"));
  EXPECT_TRUE(is_public(R"({"AWS":["123456789012","*"]})", "{}"));
  EXPECT_FALSE(is_public(R"("*")", distribution));
  EXPECT_TRUE(is_public(R"("*")", R"({"StringLike":{"aws:SourceArn":"arn:aws:cloudfront::*"}})"));
  EXPECT_TRUE(is_public(R"("*")", R"({"StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}})"));
  EXPECT_TRUE(is_public(R"("*")", R"({"StringNotEquals":{"aws:SourceAccount":"123456789012"}})"));
  EXPECT_FALSE(is_public(R"("*")", R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}})"));
  EXPECT_TRUE(is_public(R"("*")", R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}})"));
  EXPECT_TRUE(is_public(R"("*")", R"({"StringEquals":{"s3:prefix":"public/"}})"));
}

TEST(IsPublic, OneOpenStatementMakesTheWholePolicyPublic) {
  const auto policy = PolicyDocument::Parse(
      R"({"Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"*","Resource":"*"},
                       {"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}]})",
      PolicyKind::kResource);
  EXPECT_TRUE(IsPublic(*policy));
}

TEST(IsPublic, ADenyOpensNothing) {
  const auto policy = PolicyDocument::Parse(
      R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}})", PolicyKind::kResource);
  EXPECT_FALSE(IsPublic(*policy));
}

}  // namespace
}  // namespace meetinity::iam

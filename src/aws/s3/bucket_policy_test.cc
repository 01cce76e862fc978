#include "aws/s3/bucket_policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aws/s3/errors.h"

namespace meetinity::s3 {
namespace {

std::string Statement(std::string_view principal, std::string_view action, std::string_view resource) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{},"Action":{},"Resource":{}}}]}})",
      principal, action, resource);
}

constexpr std::string_view kEveryone = R"("*")", kGet = R"("s3:GetObject")", kObjects = R"("arn:aws:s3:::site/*")";

Status Check(const std::string& text) {
  auto document = ParseBucketPolicy(text, "site");
  if (!document.ok()) return std::move(document).error();
  return {};
}

TEST(BucketPolicy, AcceptsThePlaybooksOwn) {
  const std::string identity =
      R"({"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL"})";
  EXPECT_TRUE(Check(Statement(identity, kGet, kObjects)).ok());
  EXPECT_TRUE(Check(Statement(identity, R"("s3:ListBucket")", R"("arn:aws:s3:::site")")).ok());
  EXPECT_TRUE(Check(Statement(R"({"Service":"cloudfront.amazonaws.com"})", kGet, kObjects)).ok());
  EXPECT_TRUE(Check(Statement(fmt::format(R"({{"CanonicalUser":"{}"}})", std::string(64, 'a')), kGet, kObjects)).ok());
  EXPECT_TRUE(Check(Statement(kEveryone, R"("s3:*")", R"(["arn:aws:s3:::site","arn:aws:s3:::site/*"])")).ok());
}

TEST(BucketPolicy, MustBeAJsonObject) {
  for (const char* text : {"", " {}", "[]", "{", "not json"})
    EXPECT_EQ(Check(text).error().name, kMalformedPolicy) << text;
}

TEST(BucketPolicy, HoldsAtMost20KiB) {
  std::string text = Statement(kEveryone, kGet, kObjects);
  text.insert(1, std::string(kBucketPolicyBytesMax, ' '));
  EXPECT_EQ(Check(text).error().name, kMalformedPolicy);
}

TEST(BucketPolicy, SpeaksOfItsOwnBucketOnly) {
  for (const char* resource : {R"("arn:aws:s3:::other/*")", R"("arn:aws:s3:::site-two/*")", R"("arn:aws:sns:::site")"})
    EXPECT_EQ(Check(Statement(kEveryone, kGet, resource)).error().detail, "Policy has invalid resource") << resource;
}

TEST(BucketPolicy, SpeaksOfS3Only) {
  EXPECT_EQ(Check(Statement(kEveryone, R"("ec2:RunInstances")", kObjects)).error().name, kMalformedPolicy);
}

TEST(BucketPolicy, PairsActionsWithWhatTheyActOn) {
  EXPECT_EQ(Check(Statement(kEveryone, kGet, R"("arn:aws:s3:::site")")).error().detail,
            "Action does not apply to any resource(s) in statement");
  EXPECT_EQ(Check(Statement(kEveryone, R"("s3:ListBucket")", kObjects)).error().detail,
            "Action does not apply to any resource(s) in statement");
}

TEST(BucketPolicy, RefusesPrincipalsThatCannotBe) {
  for (const char* principal :
       {R"({"AWS":"alice"})", R"({"AWS":"arn:aws:iam::12:user/alice"})",
        R"({"AWS":"arn:aws:iam::123456789012:user/*"})", R"({"Service":"example.com"})", R"({"CanonicalUser":"abc"})"})
    EXPECT_EQ(Check(Statement(principal, kGet, kObjects)).error().name, kMalformedPolicy) << principal;
}

}  // namespace
}  // namespace meetinity::s3

#include "wire/post_policy.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

using Fields = std::map<std::string, std::string>;

const Instant kNow = Instant::Utc("2024-01-01T00:00:00Z");

std::string With(std::string_view conditions, std::string_view expiration = "2024-01-01T01:00:00Z") {
  return Base64Encode("{\"expiration\":\"" + std::string(expiration) + "\",\"conditions\":[" + std::string(conditions) +
                      "]}");
}

// "" when it allows the fields, else the refusal's words.
std::string Refusal(const std::string& policy, const Fields& fields) {
  const Result<PostPolicy> parsed = PostPolicy::Parse(policy);
  if (!parsed.ok()) return parsed.error().detail;
  const Status status = parsed->Check(fields, kNow);
  return status.ok() ? std::string() : status.error().detail;
}

TEST(PostPolicy, AllowsWhatMeetsItsConditions) {
  EXPECT_EQ(
      Refusal(With(R"({"bucket":"b"},["eq","$key","k"],["starts-with","$Content-Type","image/"])"),
              {{"bucket", "b"}, {"key", "k"}, {"content-type", "image/png"}, {"policy", "…"}, {"x-ignore-me", ""}}),
      "");
  EXPECT_EQ(Refusal(With(R"(["starts-with","$key",""])"), {{"key", "anything"}, {"bucket", "b"}}), "");
}

TEST(PostPolicy, SaysWhichConditionFailed) {
  EXPECT_EQ(Refusal(With(R"(["eq","$key","k"])"), {{"key", "other"}}),
            "Invalid according to Policy: Policy Condition failed: [\"eq\",\"$key\",\"k\"]");
  EXPECT_EQ(Refusal(With(R"({"bucket":"b"},["starts-with","$key","u/"])"), {{"bucket", "c"}, {"key", "u/1"}}),
            "Invalid according to Policy: Policy Condition failed: [\"eq\",\"$bucket\",\"b\"]");
  EXPECT_EQ(Refusal(With(R"(["eq","$acl","private"],["eq","$key","k"])"), {{"key", "k"}}),
            "Invalid according to Policy: Policy Condition failed: [\"eq\",\"$acl\",\"private\"]");
}

TEST(PostPolicy, RefusesFieldsThatNoConditionSpeaksOf) {
  EXPECT_EQ(Refusal(With(R"(["eq","$key","k"])"), {{"key", "k"}, {"x-amz-meta-a", "b"}}),
            "Invalid according to Policy: Extra input fields: x-amz-meta-a");
}

TEST(PostPolicy, Expires) {
  EXPECT_EQ(Refusal(With(R"(["eq","$key","k"])", "2024-01-01T00:00:00.000Z"), {{"key", "k"}}),
            "Invalid according to Policy: Policy expired.");
}

TEST(PostPolicy, BoundsTheFile) {
  const PostPolicy policy =
      PostPolicy::Parse(With(R"(["content-length-range",10,20],["content-length-range",5,15])")).value();
  EXPECT_TRUE(policy.CheckSize(3, false).ok());
  EXPECT_EQ(policy.CheckSize(9, true).error().name, kEntityTooSmall);
  EXPECT_TRUE(policy.CheckSize(15, true).ok());
  EXPECT_EQ(policy.CheckSize(16, false).error().name, kEntityTooLarge);
}

TEST(PostPolicy, RefusesWhatIsNone) {
  for (const std::string& broken :
       {std::string("%"), Base64Encode("{"), Base64Encode("[]"), Base64Encode("{}"),
        Base64Encode(R"({"expiration":"soon","conditions":[]})"),
        Base64Encode(R"({"expiration":"2024-01-01T01:00:00Z"})"), With("1"), With(R"(["eq","key","k"])"),
        With(R"(["like","$key","k"])"), With(R"(["eq","$key",1])"), With(R"({"a":"b","c":"d"})"),
        With(R"(["content-length-range","few","many"])"), With(R"(["content-length-range",-1,2])")}) {
    const Result<PostPolicy> parsed = PostPolicy::Parse(broken);
    ASSERT_FALSE(parsed.ok()) << broken;
    EXPECT_EQ(parsed.error().name, kInvalidPolicyDocument);
  }
}

}  // namespace
}  // namespace meetinity::wire

#include "base/text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "base/arn.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/uri.h"

namespace meetinity {
namespace {

using namespace std::string_literals;

TEST(Arn, WritesWhatItReads) {
  for (const char* text :
       {"arn:aws:s3:::bucket/a:b/*", "arn:aws:cloudfront::123456789012:distribution/E2",
        "arn:aws:iam::aws:policy/ReadOnly", "arn:aws-cn:acm:eu-west-1:123456789012:certificate/6f1e"}) {
    const auto arn = Arn::Parse(text);
    ASSERT_TRUE(arn.ok()) << text;
    EXPECT_EQ(arn->ToString(), text);
  }
  EXPECT_EQ(Arn::Parse("arn:aws:s3:::bucket/a:b")->resource, "bucket/a:b");
}

TEST(Arn, RefusesWhatIsNone) {
  for (const std::string& text :
       {""s, "arn"s, "arn:aws:s3::bucket"s, "urn:aws:s3:::b"s, "arn::s3:::b"s, "arn:aws::::b"s, "arn:aws:s3:::"s,
        "arn:aws:s3:*::b"s, "arn:aws:s3:::b\n"s, std::string(3000, 'a')}) {
    const auto arn = Arn::Parse(text);
    ASSERT_FALSE(arn.ok()) << text;
    EXPECT_EQ(arn.error().name, kInvalidArn);
  }
}

TEST(Hex, DecodesWhatItEncodes) {
  EXPECT_EQ(HexEncode("\x00\xff\x1a"s), "00ff1a");
  EXPECT_EQ(*HexDecode("00FF1a"), "\x00\xff\x1a"s);
  for (const char* text : {"0", "0g", "0x", " 0"}) EXPECT_FALSE(HexDecode(text).ok()) << text;
}

// RFC 4648, section 10.
TEST(Base64, AgreesWithRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(*Base64Decode(text), bytes);
  }
  EXPECT_EQ(*Base64Decode(Base64Encode("\x00\xff\xfe\x80"s)), "\x00\xff\xfe\x80"s);
}

TEST(Base64, RefusesASecondWritingOfTheSameBytes) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Z g=", "====", "=g==", "Zg=a", "Zm-_"}) {
    EXPECT_FALSE(Base64Decode(text).ok()) << text;
  }
}

TEST(ConstantTimeEqual, ComparesWholeTexts) {
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "ab"));
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(PercentEncode("a-Z_0.~", Slash::kEncode), "a-Z_0.~");
  EXPECT_EQ(PercentEncode("/a b+\xc3\xa9*", Slash::kEncode), "%2Fa%20b%2B%C3%A9%2A");
  EXPECT_EQ(PercentEncode("/a b", Slash::kKeep), "/a%20b");
}

TEST(PercentDecode, RefusesABrokenEscape) {
  EXPECT_EQ(*PercentDecode("a%2fb%2F+%00"), "a/b/+\0"s);
  for (const char* text : {"%", "%2", "a%2", "%2g", "%%20"})
    EXPECT_EQ(PercentDecode(text).error().name, kInvalidUri) << text;
}

TEST(ParseQuery, KeepsOrderAndEmptyValues) {
  const std::vector<QueryParameter> expected = {{"a", "1"}, {"uploads", ""}, {"c", " x="}, {"a", "2 3"}};
  EXPECT_EQ(*ParseQuery("a=1&uploads&&c=%20x%3D&a=2+3"), expected);
  EXPECT_TRUE(ParseQuery("")->empty());
  EXPECT_FALSE(ParseQuery("a=%zz").ok());
  EXPECT_EQ(ParseQuery("a=b=c")->front().second, "b=c");
}

TEST(Text, SplitsJoinsAndTrims) {
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(Join({"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(Trim(" \t a b\t"), "a b");
  EXPECT_EQ(Trim(" \t"), "");
  EXPECT_EQ(ToLower("ABC-\xc3\x89"), "abc-\xc3\x89");
  EXPECT_TRUE(EqualsIgnoreCase("Content-Type", "content-tYPE"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
}

TEST(ParseUnsigned, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(ParseUnsigned("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "18446744073709551616", "-1", "+1", " 1", "1 ", "0x1"})
    EXPECT_FALSE(ParseUnsigned(text)) << text;
  EXPECT_EQ(ParseSigned("-9223372036854775808"), INT64_MIN);
  EXPECT_FALSE(ParseSigned("9223372036854775808"));
}

TEST(IsValidUtf8, RefusesWhatUnicodeForbids) {
  for (const char* text :
       {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  for (const char* text : {"\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80", "\xe2\x82", "a\xff", "\xc3\x28"}) {
    EXPECT_FALSE(IsValidUtf8(text)) << text;
  }
}

TEST(MatchesWildcard, KnowsStarAndQuestionMark) {
  for (const auto& [pattern, text] : std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                                                      {"*", ""},
                                                                                      {"*", "a/b"},
                                                                                      {"a*", "a"},
                                                                                      {"*.js", "/x/y.js"},
                                                                                      {"a?c", "abc"},
                                                                                      {"a*b*c", "a-b-b-c"},
                                                                                      {"**a", "a"},
                                                                                      {"*ab", "aab"},
                                                                                      {"/img/*.p?g", "/img/x.png"}}) {
    EXPECT_TRUE(MatchesWildcard(pattern, text)) << pattern << " ~ " << text;
  }
  for (const auto& [pattern, text] : std::vector<std::pair<std::string, std::string>>{
           {"", "a"}, {"?", ""}, {"a", "A"}, {"a*", "ba"}, {"*.js", "y.jsx"}, {"a?c", "ac"}, {"a*b", "a"}}) {
    EXPECT_FALSE(MatchesWildcard(pattern, text)) << pattern << " ~ " << text;
  }
}

TEST(MatchesWildcard, StaysFastOnAHostilePattern) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  const SystemClock clock;
  const MonotonicInstant start = clock.Monotonic();
  EXPECT_FALSE(MatchesWildcard(pattern + "b", std::string(100'000, 'a')));
  EXPECT_LT(clock.Monotonic() - start, std::chrono::seconds(5));  // backtracking into each star would take for ever
}

TEST(NearestName, ForgivesTypingMistakesOnly) {
  const std::vector<std::string_view> names = {"environment", "region", "price_class", "tags"};
  EXPECT_EQ(NearestName("enviroment", names), "environment");
  EXPECT_EQ(NearestName("regoin", names), "region");
  EXPECT_EQ(NearestName("tag", names), "tags");
  EXPECT_EQ(NearestName("zone", names), std::nullopt);
  EXPECT_EQ(NearestName("x", {}), std::nullopt);
}

std::string Logged(const std::function<void()>& log) {
  testing::internal::CaptureStderr();
  log();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneLineThatNobodyCanForge) {
  const std::string line =
      Logged([] { Log(LogLevel::kWarning, "s3", "key '{}'", "a\nb\r\x1b[31m\x7f\xc2\x9b\xc3\xa9"); });
  EXPECT_TRUE(line.ends_with(" warning s3: key 'a\\nb\\x0d\\x1b[31m\\x7f\\x9b\xc3\xa9'\n")) << line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_TRUE(Instant::ParseIso8601(line.substr(0, 24)).ok()) << line;
}

TEST(Log, CutsALineThatAPipeWouldNotTakeWhole) {
  const std::string line = Logged([] { WriteLog(LogLevel::kError, "net", std::string(100'000, '\x01')); });
  EXPECT_LE(line.size(), 4096U);
  EXPECT_TRUE(line.ends_with("...\n"));
}

TEST(Log, KeepsSilentBelowItsLevel) {
  EXPECT_EQ(Logged([] { Log(LogLevel::kDebug, "net", "{}", 1); }), "");
  SetLogLevel(LogLevel::kDebug);
  EXPECT_NE(Logged([] { Log(LogLevel::kDebug, "net", "{}", 1); }), "");
  SetLogLevel(LogLevel::kInfo);
}

}  // namespace
}  // namespace meetinity

#include "engine/dns/message.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "engine/dns/testing/messages.h"

namespace meetinity::dns {
namespace {

using std::string_literals::operator""s;
using testing::AppendNumber;
using testing::QueryWish;
using testing::ReadAnswer;
using testing::ToQuery;

std::optional<ResponseCode> VerdictOn(const std::string& message) {
  Query query;
  return ParseQuery(message, query);
}

std::string WithCount(std::string message, size_t at, uint8_t count) {
  message[at + 1] = static_cast<char>(count);
  return message;
}

TEST(DnsQuery, SaysWhatIsAsked) {
  const std::string message =
      ToQuery({.name = "WWW.example.com", .type = RecordType::kMx, .udp_bytes = 4096, .dnssec_ok = true});
  Query query;
  ASSERT_EQ(ParseQuery(message, query), ResponseCode::kNoError);
  EXPECT_EQ(query.id, 0x1234);
  EXPECT_EQ(query.name, Name::Parse("www.example.com"));
  EXPECT_EQ(query.type, static_cast<uint16_t>(RecordType::kMx));
  EXPECT_EQ(query.question.size(), 21U);
  ASSERT_TRUE(query.edns.has_value());
  EXPECT_EQ(query.edns->udp_bytes, 4096);
  EXPECT_TRUE(query.edns->dnssec_ok);
}

TEST(DnsQuery, IsDroppedWhenItIsNone) {
  const std::string good = ToQuery({});
  EXPECT_EQ(VerdictOn(""), std::nullopt);
  EXPECT_EQ(VerdictOn(good.substr(0, 11)), std::nullopt);
  EXPECT_EQ(VerdictOn(ToQuery({.flags = 0x8000})), std::nullopt);
}

TEST(DnsQuery, IsRefusedWhenItsFormIsBroken) {
  const std::string good = ToQuery({});
  const std::string with_edns = ToQuery({.udp_bytes = 1232});
  for (size_t size = kHeaderBytes; size < good.size(); ++size) {
    EXPECT_EQ(VerdictOn(good.substr(0, size)), ResponseCode::kFormatError) << size;
  }
  for (size_t size = good.size(); size < with_edns.size(); ++size) {
    EXPECT_EQ(VerdictOn(with_edns.substr(0, size)), ResponseCode::kFormatError) << size;
  }
  EXPECT_EQ(VerdictOn(good + "x"), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(WithCount(good, 4, 0)), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(WithCount(good, 4, 2)), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(WithCount(good, 6, 1)), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(WithCount(good, 8, 1)), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(good + std::string(kQueryBytesMax, '\0')), ResponseCode::kFormatError);
  // Two EDNS records; one with a name; one with half an option.
  const std::string edns = with_edns.substr(good.size());
  EXPECT_EQ(VerdictOn(WithCount(with_edns + edns, 10, 2)), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(WithCount(good + "\1a"s + edns, 10, 1)), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(WithCount(good + edns.substr(0, 9) + "\0\3\0\1\0"s, 10, 1)), ResponseCode::kFormatError);
  EXPECT_EQ(VerdictOn(WithCount(good + edns.substr(0, 9) + "\0\4\0\1\0\0"s, 10, 1)), ResponseCode::kNoError);
}

TEST(DnsQuery, PointsNowhereFromItsQuestion) {
  std::string message = ToQuery({}).substr(0, kHeaderBytes);
  message += "\xC0\x0C\0\1\0\1"s;
  EXPECT_EQ(VerdictOn(message), ResponseCode::kFormatError);
  // The id's second byte, 1, begins a name in the header.
  EXPECT_EQ(VerdictOn("\0\1\0\0\0\1\0\0\0\0\0\0\xC0\1\0\1\0\1"s), ResponseCode::kFormatError);
}

TEST(DnsQuery, OfOtherKindsIsNotServed) {
  EXPECT_EQ(VerdictOn(ToQuery({.flags = 0x2800})), ResponseCode::kNotImplemented);  // UPDATE
  EXPECT_EQ(VerdictOn(ToQuery({.udp_bytes = 1232, .edns_version = 1})), ResponseCode::kBadVersion);
}

// The skipped record may name its owner by a pointer into the question.
TEST(DnsQuery, MayCarryASignatureThatIsNotLookedAt) {
  std::string message = WithCount(ToQuery({}), 10, 1);
  message += "\xC0\x0C\0\xFA\0\xFF\0\0\0\0\0\1x"s;
  EXPECT_EQ(VerdictOn(message), ResponseCode::kNoError);
}

TEST(MessageWriter, PointsToNamesThatItWroteBefore) {
  const std::string asked = ToQuery({});
  Query query;
  ASSERT_EQ(ParseQuery(asked, query), ResponseCode::kNoError);
  std::array<char, 512> out{};
  MessageWriter writer(out, query);
  const Name sibling = Name::Parse("ftp.example.com").value();
  EXPECT_TRUE(writer.Add(Section::kAnswer, query.name.wire(), RecordType::kA, 1, "\1\2\3\4"));
  EXPECT_TRUE(writer.Add(Section::kAnswer, sibling.wire(), RecordType::kA, 1, "\1\2\3\4"));
  const size_t size = writer.Finish();
  // 2 bytes for the first owner, "ftp" and 2 for the second; 14 for each of what follows.
  EXPECT_EQ(size, asked.size() + 2 + 14 + 4 + 2 + 14);
  const auto answer = ReadAnswer({out.data(), size});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->answers(),
            (std::vector<std::string>{"www.example.com. 1 A 1.2.3.4", "ftp.example.com. 1 A 1.2.3.4"}));
}

TEST(MessageWriter, LeavesNoPartOfWhatDoesNotFit) {
  const std::string asked = ToQuery({.udp_bytes = 512});
  Query query;
  ASSERT_EQ(ParseQuery(asked, query), ResponseCode::kNoError);
  std::array<char, 512> out{};
  MessageWriter writer(out, query);
  EXPECT_TRUE(writer.Add(Section::kAnswer, query.name.wire(), RecordType::kTxt, 1, std::string(400, 'a')));
  const Name other = Name::Parse("a.very.long.name.indeed.example.com").value();
  EXPECT_FALSE(writer.Add(Section::kAnswer, other.wire(), RecordType::kTxt, 1, std::string(100, 'a')));
  const auto answer = ReadAnswer({out.data(), writer.Finish()});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->answers().size(), 1U);
  EXPECT_TRUE(answer->has_edns);
}

}  // namespace
}  // namespace meetinity::dns

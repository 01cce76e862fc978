#include "engine/dns/rdata.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/dns/errors.h"

namespace meetinity::dns {
namespace {

using std::string_literals::operator""s;

TEST(Rdata, IsWrittenAsItsTypeHasIt) {
  EXPECT_EQ(ParseRdata(RecordType::kA, "192.0.2.1").value(), "\xC0\0\2\1"s);
  EXPECT_EQ(ParseRdata(RecordType::kAaaa, "::1").value(), std::string(15, '\0') + "\1");
  EXPECT_EQ(ParseRdata(RecordType::kCname, "a.example.").value(), "\1a\7example\0"s);
  EXPECT_EQ(ParseRdata(RecordType::kMx, "10 mail.").value(), "\0\n\4mail\0"s);
  EXPECT_EQ(ParseRdata(RecordType::kSrv, "1 2 443 a.").value(), "\0\1\0\2\1\xBB\1a\0"s);
  EXPECT_EQ(ParseRdata(RecordType::kSoa, "a. b. 1 2 3 4 5").value(),
            "\1a\0\1b\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"s);
  EXPECT_EQ(ParseRdata(RecordType::kCaa, "0 issue \"ca.example\"").value(), "\0\5issueca.example"s);
}

TEST(Rdata, TextsAreStringsOneAfterTheOther) {
  EXPECT_EQ(ParseRdata(RecordType::kTxt, R"("a b" "c\"d" "\101")").value(), "\3a b\3c\"d\1e"s);
  EXPECT_EQ(ParseRdata(RecordType::kTxt, R"("\101")", Escapes::kOctal).value(), "\1A"s);
  EXPECT_EQ(ParseRdata(RecordType::kSpf, R"("")").value(), "\0"s);
  EXPECT_TRUE(ParseRdata(RecordType::kTxt, '"' + std::string(255, 'a') + '"').ok());
  EXPECT_FALSE(ParseRdata(RecordType::kTxt, '"' + std::string(256, 'a') + '"').ok());
}

TEST(Rdata, RefusesWhatIsNotOfTheType) {
  struct Case {
    RecordType type;
    std::string text;
  };
  for (const auto& [type, text] : std::vector<Case>{{RecordType::kA, "192.0.2"},
                                                    {RecordType::kA, "::1"},
                                                    {RecordType::kA, "192.0.2.1 "},
                                                    {RecordType::kAaaa, "192.0.2.1"},
                                                    {RecordType::kCname, ""},
                                                    {RecordType::kCname, "a. b."},
                                                    {RecordType::kMx, "mail."},
                                                    {RecordType::kMx, "65536 mail."},
                                                    {RecordType::kSrv, "1 2 a."},
                                                    {RecordType::kTxt, "bare"},
                                                    {RecordType::kTxt, "\"open"},
                                                    {RecordType::kTxt, "\"open\\"},
                                                    {RecordType::kSoa, "a. b. 1 2 3 4"},
                                                    {RecordType::kCaa, "0 is-sue \"a\""},
                                                    {RecordType::kCaa, "256 issue \"a\""},
                                                    {RecordType::kCaa, "0 issue a"},
                                                    {RecordType::kOpt, ""}}) {
    const auto parsed = ParseRdata(type, text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().name, kInvalidRecordValue);
  }
  EXPECT_EQ(ParseRdata(RecordType::kA, "x").error().detail, "Value is not a valid IPv4 address");
}

}  // namespace
}  // namespace meetinity::dns

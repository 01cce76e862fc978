#include "engine/dns/name.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace meetinity::dns {
namespace {

using std::string_literals::operator""s;

TEST(DnsName, IsReadFromTextInLowerCase) {
  EXPECT_EQ(Name::Parse("WWW.Example.com")->wire(), "\3www\7example\3com\0"s);
  EXPECT_EQ(Name::Parse("www.example.com."), Name::Parse("www.example.com"));
  EXPECT_TRUE(Name::Parse(".")->is_root());
}

TEST(DnsName, KnowsEscapesOfBothKinds) {
  EXPECT_EQ(Name::Parse("\\042.example.com")->ToString(), "*.example.com.");
  EXPECT_EQ(Name::Parse("\\052.example.com", Escapes::kOctal)->ToString(), "*.example.com.");
  EXPECT_TRUE(Name::Parse("\\042.example.com")->is_wildcard());
  EXPECT_EQ(Name::Parse("a\\.b.example.com")->labels(), 3U);
  EXPECT_EQ(Name::Parse("a\\.b.example.com")->ToString(), "a\\.b.example.com.");
  EXPECT_EQ(Name::Parse("\\000.example.com")->ToString(), "\\000.example.com.");
}

TEST(DnsName, RefusesWhatIsNone) {
  const std::string long_label(64, 'a');
  std::string long_name = "a";
  while (long_name.size() < 254) long_name += ".a";
  for (const std::string& text :
       {""s, ".com"s, "a..b"s, ".."s, long_label, "a\\"s, "a\\25"s, "\\256"s, "\\9"s, long_name + ".a"}) {
    EXPECT_FALSE(Name::Parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Name::Parse("\\400", Escapes::kOctal).has_value());
  EXPECT_FALSE(Name::Parse("\\089", Escapes::kOctal).has_value());
}

TEST(DnsName, HoldsAsManyLabelsAsFit) {
  std::string text = "a";
  while (text.size() < 253) text += ".a";
  const auto name = Name::Parse(text);
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->labels(), kLabelsMax);
  EXPECT_EQ(name->wire().size(), kNameBytesMax);
  EXPECT_FALSE(Name::Parse(text + ".a").has_value());
}

TEST(DnsName, FollowsPointersBackwards) {
  const std::string message = "\7example\3com\0\3www\xC0\0"s;
  size_t at = 13;
  EXPECT_EQ(Name::Read(message, at)->ToString(), "www.example.com.");
  EXPECT_EQ(at, message.size());
}

TEST(DnsName, FollowsNoPointerInCircles) {
  for (const std::string& message : {"\xC0\0"s, "\1a\xC0\0"s, "\1a\xC0\2"s, "\xC0\4\1a\xC0\0"s, "\1a\1b\xC0\2"s}) {
    size_t at = 0;
    EXPECT_FALSE(Name::Read(message, at).has_value()) << message;
  }
  // Each leads to before the other, so one of the two leads nowhere.
  const std::string two = "\xC0\2\xC0\0"s;
  for (size_t at : {0U, 2U}) EXPECT_FALSE(Name::Read(two, at).has_value());
}

TEST(DnsName, ReadsNothingPastTheEnd) {
  for (const std::string& message : {""s, "\3ww"s, "\3www"s, "\xC0"s, "\x40www"s, "\x80"s}) {
    size_t at = 0;
    EXPECT_FALSE(Name::Read(message, at).has_value()) << message;
  }
}

TEST(DnsName, KnowsItsAncestors) {
  const Name name = Name::Parse("a.b.example.com").value();
  EXPECT_TRUE(name.IsWithin(Name::Parse("example.com").value()));
  EXPECT_TRUE(name.IsWithin(name));
  EXPECT_TRUE(name.IsWithin(Name()));
  EXPECT_FALSE(name.IsWithin(Name::Parse("ample.com").value()));
  EXPECT_FALSE(Name::Parse("example.com")->IsWithin(name));
}

}  // namespace
}  // namespace meetinity::dns

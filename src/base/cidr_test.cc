#include "base/cidr.h"

#include <gtest/gtest.h>

namespace meetinity {
namespace {

TEST(CidrBlock, ParsesBothFamiliesAndWritesThemBack) {
  for (const char* text : {"10.0.0.0/16", "0.0.0.0/0", "203.0.113.7/32", "::/0", "2001:db8::/32"}) {
    ASSERT_TRUE(Cidr::Parse(text)) << text;
    EXPECT_EQ(Cidr::Parse(text)->ToString(), text);
  }
  EXPECT_EQ(Cidr::Parse("2001:DB8:0:0::/48")->ToString(), "2001:db8::/48");
}

TEST(CidrBlock, RefusesWhatIsNone) {
  for (const char* text : {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/016", "10.0.0/16", "10.0.0.0/1 ",
                           " 10.0.0.0/8", "10.0.0.256/8", "::/129", "10.0.0.0/-1", "10.0.0.0/8/8", "g::/8"}) {
    EXPECT_FALSE(Cidr::Parse(text)) << text;
  }
  EXPECT_FALSE(Cidr::Parse(std::string_view("10.0.0.1\0/8", 11)));
}

TEST(CidrBlock, ClearsWhatStandsBehindThePrefix) {
  EXPECT_EQ(Cidr::Parse("10.1.2.3/20")->Canonical().ToString(), "10.1.0.0/20");
  EXPECT_EQ(Cidr::Parse("2001:db8:ffff::1/36")->Canonical().ToString(), "2001:db8:f000::/36");
  EXPECT_FALSE(Cidr::Parse("10.0.0.1/24")->is_canonical());
  EXPECT_TRUE(Cidr::Parse("10.0.0.0/24")->is_canonical());
}

TEST(CidrBlock, ContainsSmallerBlocksOfItsFamily) {
  const Cidr wide = *Cidr::Parse("10.0.0.0/16");
  EXPECT_TRUE(wide.Contains(*Cidr::Parse("10.0.255.0/24")));
  EXPECT_TRUE(wide.Contains(wide));
  EXPECT_FALSE(wide.Contains(*Cidr::Parse("10.1.0.0/24")));
  EXPECT_FALSE(wide.Contains(*Cidr::Parse("10.0.0.0/8")));
  EXPECT_TRUE(wide.Overlaps(*Cidr::Parse("10.0.0.0/8")));
  EXPECT_FALSE(Cidr::Parse("0.0.0.0/0")->Contains(*Cidr::Parse("::/0")));
  EXPECT_TRUE(Cidr::Parse("::/0")->Contains(*Cidr::ParseAddress("2001:db8::1")));
}

TEST(CidrBlock, CountsAddressesOfVersion4) {
  EXPECT_EQ(Cidr::Parse("10.0.0.9/28")->first_v4(), 0x0A000000U);
  EXPECT_EQ(Cidr::Parse("10.0.0.0/28")->size_v4(), 16U);
  EXPECT_EQ(Cidr::Parse("0.0.0.0/0")->size_v4(), uint64_t{1} << 32);
  EXPECT_EQ(Ipv4Text(0xCB007107), "203.0.113.7");
}

}  // namespace
}  // namespace meetinity

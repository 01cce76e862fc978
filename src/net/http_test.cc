#include "net/http.h"

#include <gtest/gtest.h>

namespace meetinity::net {
namespace {

TEST(HeaderBlock, IsHttp1sOwnBytesAndAnIndex) {
  HeaderBlock headers;
  headers.Add("Content-Type", "text/plain");
  headers.Add("X-Empty", "");
  EXPECT_EQ(headers.http1_bytes(), "Content-Type: text/plain\r\nX-Empty: \r\n");
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0].name, "Content-Type");
  EXPECT_EQ(headers[1].value, "");
  EXPECT_EQ(headers.Find("content-TYPE"), "text/plain");
  EXPECT_FALSE(headers.Find("content-typ"));
}

TEST(HeaderBlock, LetsNoValueBecomeAnotherHeader) {
  HeaderBlock headers;
  headers.Add("Location", std::string("/a\r\nSet-Cookie: b\0c", 19));
  EXPECT_EQ(headers.http1_bytes(), "Location: /a  Set-Cookie: b c\r\n");
}

TEST(HeaderBlock, ReplacesAndRemovesEveryFieldOfAName) {
  HeaderBlock headers;
  headers.Add("A", "1");
  headers.Add("B", "2");
  headers.Add("a", "3");
  headers.Set("A", "4");
  EXPECT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers.Find("a"), "4");
  EXPECT_EQ(headers.Find("b"), "2");
  EXPECT_FALSE(headers.is_unique(1));
  headers.AddUnique("id", "5");
  EXPECT_TRUE(headers.is_unique(2));
  headers.Set("id", "6");
  EXPECT_FALSE(headers.is_unique(2));
  headers.Remove("id");
  headers.Remove("b");
  EXPECT_FALSE(headers.Find("b"));
  EXPECT_EQ(headers.http1_bytes(), "A: 4\r\n");
  headers.Clear();
  EXPECT_EQ(headers.size(), 0u);
  EXPECT_EQ(headers.http1_bytes(), "");
}

TEST(Slice, KeepsItsBytesForAsLongAsItIsHeld) {
  Slice kept;
  {
    std::string text(100, 'x');
    kept = Slice::Copy(text);
    text.assign(100, 'y');
  }
  EXPECT_EQ(kept.bytes, std::string(100, 'x'));
  const Slice owned = Slice::Own(std::string(100, 'z'));
  const Slice shared = owned;
  EXPECT_EQ(shared.bytes.data(), owned.bytes.data());
}

}  // namespace
}  // namespace meetinity::net

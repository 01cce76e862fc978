#include "engine/edge/conditional.h"

#include <gtest/gtest.h>

namespace meetinity::edge {
namespace {

constexpr std::string_view kDate = "Mon, 01 Jan 2024 03:00:00 GMT";
constexpr std::string_view kLater = "Tue, 02 Jan 2024 03:00:00 GMT";

Validators Stored(std::string_view etag = "\"x\"") { return {etag, Instant::Utc("2024-01-01T03:00:00Z")}; }

TEST(Conditional, ComparesEntityTagsWeakly) {
  EXPECT_TRUE(IsNotModified(Stored(), "\"x\"", ""));
  EXPECT_TRUE(IsNotModified(Stored(), "W/\"x\"", ""));
  EXPECT_TRUE(IsNotModified(Stored("W/\"x\""), "\"a,b\", \"x\"", ""));
  EXPECT_TRUE(IsNotModified(Stored(), "*", ""));
  EXPECT_FALSE(IsNotModified(Stored(), "\"y\"", ""));
  EXPECT_FALSE(IsNotModified(Stored(""), "\"\"", ""));
}

TEST(Conditional, IfNoneMatchWinsOverTheDate) {
  EXPECT_FALSE(IsNotModified(Stored(), "\"y\"", kDate));
  EXPECT_TRUE(IsNotModified(Stored(), "", kDate));
  EXPECT_TRUE(IsNotModified(Stored(), "", kLater));
  EXPECT_FALSE(IsNotModified(Stored(), "", "Sun, 31 Dec 2023 03:00:00 GMT"));
  EXPECT_FALSE(IsNotModified(Stored(), "", "yesterday"));
}

TEST(Conditional, IfRangeComparesStrongly) {
  EXPECT_TRUE(IfRangeHolds(Stored(), ""));
  EXPECT_TRUE(IfRangeHolds(Stored(), "\"x\""));
  EXPECT_FALSE(IfRangeHolds(Stored("W/\"x\""), "W/\"x\""));
  EXPECT_TRUE(IfRangeHolds(Stored(), kDate));
  EXPECT_FALSE(IfRangeHolds(Stored(), kLater));
}

}  // namespace
}  // namespace meetinity::edge

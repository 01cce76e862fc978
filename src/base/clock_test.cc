#include "base/clock.h"

#include <gtest/gtest.h>

namespace meetinity {
namespace {

using namespace std::chrono_literals;

TEST(Instant, WritesWhatItReads) {
  const Instant at = Instant::Utc("2024-02-29T23:59:58.123456789Z");
  EXPECT_EQ(at.ToIso8601(), "2024-02-29T23:59:58Z");
  EXPECT_EQ(at.ToIso8601Millis(), "2024-02-29T23:59:58.123Z");
  EXPECT_EQ(at.ToBasicIso8601(), "20240229T235958Z");
  EXPECT_EQ(at.ToHttpDate(), "Thu, 29 Feb 2024 23:59:58 GMT");
  EXPECT_EQ(at.since_epoch().count() % 1'000'000'000, 123'456'789);
}

TEST(Instant, WritesTimesBefore1970) {
  const Instant at = Instant::FromUnix(-1ns);
  EXPECT_EQ(at.ToIso8601Millis(), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(at.unix_seconds(), -1);
}

TEST(Instant, ReadsOffsetsAndBareDates) {
  EXPECT_EQ(*Instant::ParseIso8601("2024-01-01T03:00:00+02:00"), Instant::Utc("2024-01-01T01:00:00Z"));
  EXPECT_EQ(*Instant::ParseIso8601("2024-01-01T03:00:00-0230"), Instant::Utc("2024-01-01T05:30:00Z"));
  EXPECT_EQ(*Instant::ParseIso8601("2024-01-01"), Instant::Utc("2024-01-01T00:00:00Z"));
  EXPECT_EQ(*Instant::ParseIso8601("2016-12-31T23:59:60Z"), Instant::Utc("2017-01-01T00:00:00Z"));
}

TEST(Instant, RefusesImpossibleTimes) {
  for (const char* text :
       {"", "2024", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zx", "1500-01-01T00:00:00Z",
        "2024-01-01T00:00:00+24:00", "2024-1-01T00:00:00Z", "+024-01-01T00:00:00Z"}) {
    const auto at = Instant::ParseIso8601(text);
    ASSERT_FALSE(at.ok()) << text;
    EXPECT_EQ(at.error().name, kInvalidTimestamp);
  }
}

TEST(Instant, ReadsTheSignatureForm) {
  EXPECT_EQ(*Instant::ParseBasicIso8601("20240101T030000Z"), Instant::Utc("2024-01-01T03:00:00Z"));
  for (const char* text : {"20240101T030000", "20240101 030000Z", "20240132T030000Z", "2024-01-01T03:00:00Z"}) {
    EXPECT_FALSE(Instant::ParseBasicIso8601(text).ok()) << text;
  }
}

TEST(Instant, ReadsTheThreeFormsOfAnHttpDate) {
  const Instant at = Instant::Utc("1994-11-06T08:49:37Z");
  EXPECT_EQ(*Instant::ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), at);
  EXPECT_EQ(*Instant::ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), at);
  EXPECT_EQ(*Instant::ParseHttpDate("Sun Nov  6 08:49:37 1994"), at);
  for (const char* text :
       {"", "Sun", "Sun,", "Sun, 06", "Sun, 06 Nov", "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(Instant::ParseHttpDate(text).ok()) << text;
  }
}

TEST(SystemClock, KnowsTheTime) {
  const SystemClock clock;
  EXPECT_GT(clock.Now(), Instant::Utc("2023-01-01T00:00:00Z"));
  const MonotonicInstant before = clock.Monotonic();
  EXPECT_GE(clock.Monotonic(), before);
}

TEST(AdvanceableClock, JumpsInWallTimeOnly) {
  const FakeClock base;
  AdvanceableClock clock(base);
  clock.Advance(35 * kDay);
  EXPECT_EQ(clock.Now() - base.Now(), 35 * kDay);
  EXPECT_EQ(clock.Monotonic(), base.Monotonic());
}

TEST(AdvanceableClock, RefusesToGoBack) {
  const FakeClock base;
  AdvanceableClock clock(base);
  EXPECT_DEATH(clock.Advance(-1ns), "CHECK failed");
}

TEST(FakeClock, MovesBothTimesTogether) {
  FakeClock clock{Instant::Utc("2024-01-01T03:00:00Z")};
  const MonotonicInstant before = clock.Monotonic();
  clock.Advance(90s);
  EXPECT_EQ(clock.Now().ToIso8601(), "2024-01-01T03:01:30Z");
  EXPECT_EQ(clock.Monotonic() - before, 90s);
}

}  // namespace
}  // namespace meetinity

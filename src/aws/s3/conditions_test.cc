#include "aws/s3/conditions.h"

#include <gtest/gtest.h>

#include "aws/s3/errors.h"

namespace meetinity::s3 {
namespace {

StoredVersion OldObject() {
  StoredVersion object;
  object.etag = "abc";
  object.modified = Instant::Utc("2024-01-01T03:00:00.700Z");
  return object;
}
const Instant kBefore = Instant::Utc("2024-01-01T02:59:59Z");
const Instant kSame = Instant::Utc("2024-01-01T03:00:00Z");

std::string_view Read(const ReadConditions& conditions) {
  const Status status = CheckRead(conditions, OldObject());
  return status.ok() ? std::string_view("ok") : status.error().name;
}

TEST(ReadConditions, FailAsHttpHasIt) {
  EXPECT_EQ(Read({}), "ok");
  EXPECT_EQ(Read({.if_match = "\"abc\""}), "ok");
  EXPECT_EQ(Read({.if_match = "abc"}), "ok");
  EXPECT_EQ(Read({.if_match = "\"x\", \"abc\""}), "ok");
  EXPECT_EQ(Read({.if_match = "*"}), "ok");
  EXPECT_EQ(Read({.if_match = "\"x\""}), kPreconditionFailed);
  EXPECT_EQ(Read({.if_none_match = "\"abc\""}), kNotModified);
  EXPECT_EQ(Read({.if_none_match = "W/\"abc\""}), kNotModified);
  EXPECT_EQ(Read({.if_none_match = "\"x\""}), "ok");
  EXPECT_EQ(Read({.if_unmodified_since = kBefore}), kPreconditionFailed);
  EXPECT_EQ(Read({.if_modified_since = kBefore}), "ok");
}

TEST(ReadConditions, CompareWholeSeconds) {
  EXPECT_EQ(Read({.if_modified_since = kSame}), kNotModified);
  EXPECT_EQ(Read({.if_unmodified_since = kSame}), "ok");
}

TEST(ReadConditions, ETagsOutweighDates) {
  EXPECT_EQ(Read({.if_match = "abc", .if_unmodified_since = kBefore}), "ok");
  EXPECT_EQ(Read({.if_none_match = "x", .if_modified_since = kSame}), "ok");
  EXPECT_EQ(Read({.if_none_match = "abc", .if_modified_since = kBefore}), kNotModified);
}

TEST(ReadConditions, NotModifiedTellsTheETagInAHeader) {
  const Error error = CheckRead({.if_none_match = "abc"}, OldObject()).error();
  ASSERT_FALSE(error.fields.empty());
  EXPECT_EQ(error.fields[0].name, "etag");
  EXPECT_EQ(error.fields[0].value, "\"abc\"");
}

TEST(CopyConditions, AllFailWith412AndNameTheHeader) {
  const auto condition = [](const ReadConditions& conditions) {
    const Status status = CheckCopySource(conditions, OldObject());
    EXPECT_EQ(status.error().name, kPreconditionFailed);
    return status.error().fields[0].value;
  };
  EXPECT_EQ(condition({.if_match = "x"}), "x-amz-copy-source-If-Match");
  EXPECT_EQ(condition({.if_none_match = "abc"}), "x-amz-copy-source-If-None-Match");
  EXPECT_EQ(condition({.if_modified_since = kSame}), "x-amz-copy-source-If-Modified-Since");
  EXPECT_EQ(condition({.if_unmodified_since = kBefore}), "x-amz-copy-source-If-Unmodified-Since");
}

TEST(WriteConditions, KnowOnlyTwoForms) {
  EXPECT_TRUE(CheckForm({}).ok());
  EXPECT_TRUE(CheckForm({.if_match = "\"abc\""}).ok());
  EXPECT_TRUE(CheckForm({.if_none_match = "*"}).ok());
  EXPECT_EQ(CheckForm({.if_none_match = "\"abc\""}).error().name, kNotImplemented);
  EXPECT_EQ(CheckForm({.if_match = "*"}).error().name, kNotImplemented);
  EXPECT_EQ(CheckForm({.if_match = "\"abc\"", .if_none_match = "*"}).error().name, kNotImplemented);
}

TEST(WriteConditions, AskForTheCurrentObject) {
  EXPECT_TRUE(CheckWrite({.if_none_match = "*"}, std::nullopt, "k").ok());
  EXPECT_EQ(CheckWrite({.if_none_match = "*"}, OldObject(), "k").error().name, kPreconditionFailed);
  EXPECT_TRUE(CheckWrite({.if_match = "\"abc\""}, OldObject(), "k").ok());
  EXPECT_EQ(CheckWrite({.if_match = "\"x\""}, OldObject(), "k").error().name, kPreconditionFailed);
  EXPECT_EQ(CheckWrite({.if_match = "\"x\""}, std::nullopt, "k").error().name, kNoSuchKey);
}

struct RangeCase {
  const char* header;
  uint64_t size;
  std::optional<std::pair<uint64_t, uint64_t>> expected;  // offset and length; absent: everything
};

TEST(Range, IsReadOrIgnored) {
  for (const RangeCase& c :
       {RangeCase{"bytes=0-0", 10, {{0, 1}}}, RangeCase{"bytes=2-4", 10, {{2, 3}}}, RangeCase{"bytes=5-", 10, {{5, 5}}},
        RangeCase{"bytes=-3", 10, {{7, 3}}}, RangeCase{"bytes=-30", 10, {{0, 10}}},
        RangeCase{"bytes=8-99", 10, {{8, 2}}}, RangeCase{"bytes=4-2", 10, {}}, RangeCase{"bytes=0-1,3-4", 10, {}},
        RangeCase{"bytes=a-b", 10, {}}, RangeCase{"bytes=-", 10, {}}, RangeCase{"lines=1-2", 10, {}},
        RangeCase{"bytes=99999999999999999999-", 10, {}}}) {
    const auto range = ParseRange(std::string(c.header), c.size);
    ASSERT_TRUE(range.ok()) << c.header;
    ASSERT_EQ(range->has_value(), c.expected.has_value()) << c.header;
    if (!c.expected) continue;
    EXPECT_EQ((*range)->offset, c.expected->first) << c.header;
    EXPECT_EQ((*range)->length, c.expected->second) << c.header;
  }
}

TEST(Range, OutsideTheObjectIsRefused) {
  EXPECT_EQ(ParseRange("bytes=10-", 10).error().name, kInvalidRange);
  EXPECT_EQ(ParseRange("bytes=-0", 10).error().name, kInvalidRange);
  EXPECT_EQ(ParseRange("bytes=0-", 0).error().name, kInvalidRange);
  EXPECT_EQ(ParseRange("bytes=-1", 0).error().name, kInvalidRange);
}

}  // namespace
}  // namespace meetinity::s3

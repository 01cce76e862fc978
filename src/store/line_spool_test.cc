#include "store/line_spool.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "store/errors.h"
#include "store/temporary_directory.h"

namespace meetinity::store {
namespace {

class LineSpoolTest : public testing::Test {
 protected:
  std::unique_ptr<LineSpool> Open(LineSpoolOptions options = {}) {
    return LineSpool::Open(directory_.path() + "/spool", clock_, options).value();
  }
  static std::string ReadAll(LineSpool& spool) {
    std::string all;
    const std::vector<LineSpool::Segment> segments = spool.Finish().value();
    for (const LineSpool::Segment& segment : segments) all += spool.Read(segment).value();
    return all;
  }

  TemporaryDirectory directory_;
  FakeClock clock_;
};

TEST_F(LineSpoolTest, KeepsLinesUntilTheirSegmentIsRemoved) {
  auto spool = Open();
  ASSERT_TRUE(spool->Append("a\nb\n").ok());
  const auto first = spool->Finish().value();
  ASSERT_EQ(first.size(), 1U);
  ASSERT_TRUE(spool->Append("c\n").ok());
  EXPECT_EQ(ReadAll(*spool), "a\nb\nc\n");
  ASSERT_TRUE(spool->Remove(first[0]).ok());
  EXPECT_EQ(ReadAll(*spool), "c\n");
  EXPECT_EQ(spool->bytes(), 2U);
}

TEST_F(LineSpoolTest, FindsItsSegmentsAgainUnderTheirNames) {
  std::vector<LineSpool::Segment> before;
  {
    auto spool = Open();
    ASSERT_TRUE(spool->Append("one\n").ok());
    before = spool->Finish().value();
    clock_.Advance(std::chrono::seconds(7));
    ASSERT_TRUE(spool->Append("two\n").ok());  // its segment is never closed
  }
  auto spool = Open();
  const auto after = spool->Finish().value();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].name, before[0].name);
  EXPECT_EQ(after[1].begun, clock_.Now());
  EXPECT_EQ(ReadAll(*spool), "one\ntwo\n");
  EXPECT_EQ(spool->bytes(), 8U);
}

TEST_F(LineSpoolTest, LeavesOutALineThatACrashCutShort) {
  auto spool = Open();
  ASSERT_TRUE(spool->Append("whole\n").ok());
  const auto segments = spool->Finish().value();
  std::ofstream(directory_.path() + "/spool/" + segments[0].name, std::ios::app) << "half";
  EXPECT_EQ(spool->Read(segments[0]).value(), "whole\n");
}

TEST_F(LineSpoolTest, RefusesMoreThanItMayHoldUntilSomeIsRemoved) {
  auto spool = Open({.segment_bytes_max = 4, .bytes_max = 8});
  ASSERT_TRUE(spool->Append("abc\n").ok());
  ASSERT_TRUE(spool->Append("def\n").ok());
  const Status refused = spool->Append("g\n");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().name, kSpoolFull);
  const auto segments = spool->Finish().value();
  ASSERT_EQ(segments.size(), 2U) << "a segment of 4 bytes holds one of these lines";
  ASSERT_TRUE(spool->Remove(segments[0]).ok());
  EXPECT_TRUE(spool->Append("g\n").ok());
  EXPECT_TRUE(spool->Sync().ok());
  ASSERT_TRUE(spool->Clear().ok());
  EXPECT_EQ(spool->bytes(), 0U);
}

TEST_F(LineSpoolTest, KeepsLinesOfSeveralThreadsWhole) {
  auto spool = Open({.segment_bytes_max = 512});
  constexpr int kAppenders = 4, kLines = 500;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kAppenders; ++thread) {
      threads.emplace_back([&] {
        for (int line = 0; line < kLines; ++line) ASSERT_TRUE(spool->Append("0123456789\n").ok());
      });
    }
  }
  std::string expected;
  for (int line = 0; line < kAppenders * kLines; ++line) expected += "0123456789\n";
  EXPECT_EQ(ReadAll(*spool), expected);
}

}  // namespace
}  // namespace meetinity::store

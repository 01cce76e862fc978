#include "engine/edge/byte_range.h"

#include <gtest/gtest.h>

namespace meetinity::edge {
namespace {

std::vector<ByteRange> Ranges(std::string_view header, uint64_t size = 100) {
  const RangeChoice choice = ChooseRanges(header, size);
  EXPECT_EQ(choice.verdict, RangeVerdict::kPartial) << header;
  return choice.ranges;
}

RangeVerdict Verdict(std::string_view header, uint64_t size = 100) { return ChooseRanges(header, size).verdict; }

TEST(ByteRange, ReadsTheThreeForms) {
  EXPECT_EQ(Ranges("bytes=0-9"), (std::vector<ByteRange>{{0, 9}}));
  EXPECT_EQ(Ranges("bytes=90-"), (std::vector<ByteRange>{{90, 99}}));
  EXPECT_EQ(Ranges("bytes=-5"), (std::vector<ByteRange>{{95, 99}}));
  EXPECT_EQ(Ranges("bytes=-500"), (std::vector<ByteRange>{{0, 99}}));
  EXPECT_EQ(Ranges("bytes=50-99999999999999999999"), (std::vector<ByteRange>{{50, 99}}));
}

TEST(ByteRange, RefusesASingleOneBeyondTheEnd) {
  EXPECT_EQ(Verdict("bytes=100-"), RangeVerdict::kUnsatisfiable);
  EXPECT_EQ(Verdict("bytes=-0"), RangeVerdict::kUnsatisfiable);
  EXPECT_EQ(Verdict("bytes=0-0", 0), RangeVerdict::kUnsatisfiable);
}

TEST(ByteRange, IgnoresWhatIsMalformed) {
  for (const char* header : {"bytes=", "bytes=-", "bytes=a-b", "bytes=9-0", "items=0-1", "bytes=1", "bytes=+1-2"}) {
    EXPECT_EQ(Verdict(header), RangeVerdict::kWhole) << header;
  }
}

TEST(ByteRange, TakesSeveralOnlyInOrderAndAllValid) {
  EXPECT_EQ(Ranges("bytes=0-9, 20-29"), (std::vector<ByteRange>{{0, 9}, {20, 29}}));
  EXPECT_EQ(Verdict("bytes=20-29,0-9"), RangeVerdict::kWhole);
  EXPECT_EQ(Verdict("bytes=0-9,9-19"), RangeVerdict::kWhole);
  EXPECT_EQ(Verdict("bytes=0-9,200-"), RangeVerdict::kWhole);
  std::string many = "bytes=0-0";
  for (int i = 1; i < 200; ++i) many += ",1-1";
  EXPECT_EQ(Verdict(many), RangeVerdict::kWhole);
}

}  // namespace
}  // namespace meetinity::edge

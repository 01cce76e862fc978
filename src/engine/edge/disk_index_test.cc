#include "engine/edge/disk_index.h"

#include <gtest/gtest.h>

#include <unordered_map>

namespace meetinity::edge {
namespace {

using Place = DiskIndex::Place;

TEST(DiskIndex, AgreesWithAMapAfterAnyOperations) {
  DiskIndex index;
  std::unordered_map<uint64_t, Place> expected;
  uint64_t state = 1;
  const auto next = [&state] { return state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL; };
  for (uint32_t step = 1; step < 200'000; ++step) {
    // Few low bits, so that neighbours collide, in two shards.
    const uint64_t hash = (next() >> 40) % 500 * 3 | (next() >> 63) << 63;
    switch ((next() >> 50) % 8) {
      case 0:
      case 1:
        index.Erase(hash);
        expected.erase(hash);
        break;
      case 2:
        if (step % 1'000 != 0) break;
        index.EraseBefore(step - 500);
        std::erase_if(expected, [&](const auto& each) { return each.second.segment < step - 500; });
        break;
      default:
        index.Put(hash, {step, 1});
        expected[hash] = {step, 1};
    }
    ASSERT_EQ(index.size(), expected.size());
  }
  for (uint64_t low = 0; low < 1'500; ++low) {
    for (const uint64_t hash : {low, low | uint64_t{1} << 63}) {
      const auto found = expected.find(hash);
      ASSERT_EQ(index.Find(hash), found == expected.end() ? std::nullopt : std::optional<Place>(found->second));
    }
  }
}

TEST(DiskIndex, TheYoungerPlaceStays) {
  DiskIndex index;
  index.Put(7, {2, 10});
  index.Put(7, {1, 99});
  EXPECT_EQ(index.Find(7), (Place{2, 10}));
  index.Put(7, {2, 11});
  EXPECT_EQ(index.Find(7), (Place{2, 11}));
}

TEST(DiskIndex, AMillionResponsesTakeFewBytesEach) {
  DiskIndex index;
  constexpr uint64_t kCount = 1'000'000;
  for (uint64_t i = 1; i <= kCount; ++i) index.Put(i * 0x9E3779B97F4A7C15ULL, {1, static_cast<uint32_t>(i)});
  EXPECT_EQ(index.size(), kCount);
  EXPECT_LE(index.memory_bytes() / kCount, 43U);
  RecordProperty("bytes_per_response", std::to_string(index.memory_bytes() / kCount));
}

}  // namespace
}  // namespace meetinity::edge

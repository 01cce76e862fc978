#include "engine/edge/response_cache.h"

#include <gtest/gtest.h>

namespace meetinity::edge {
namespace {

// Spreads the numbers over the shards as real hashes are spread.
EntryPtr TestEntry(uint64_t number, size_t body_bytes) {
  auto entry = std::make_shared<CacheEntry>();
  entry->key = std::to_string(number);
  entry->hash = number * 0x9E3779B97F4A7C15ULL;
  entry->body = net::Slice::Own(std::string(body_bytes, 'x'));
  entry->epoch = std::make_shared<FetchEpoch>();
  return entry;
}

EntryPtr Find(const ResponseCache& cache, uint64_t number) {
  return cache.Find(number * 0x9E3779B97F4A7C15ULL, std::to_string(number));
}

TEST(ResponseCache, FindsWhatWasInsertedAndItsReplacement) {
  ResponseCache cache(MiB(1));
  const EntryPtr first = TestEntry(1, 100), second = TestEntry(1, 200);
  EXPECT_TRUE(cache.Insert(first));
  EXPECT_EQ(Find(cache, 1), first);
  EXPECT_TRUE(cache.Insert(second));
  EXPECT_EQ(Find(cache, 1), second);
  EXPECT_TRUE(first->retired);
  EXPECT_FALSE(second->retired);
  EXPECT_EQ(cache.stats().objects, 1U);
  cache.Remove(*first);  // not there any more: nothing happens
  EXPECT_EQ(Find(cache, 1), second);
  cache.Remove(*second);
  EXPECT_EQ(Find(cache, 1), nullptr);
  EXPECT_EQ(cache.stats().bytes, 0U);
}

TEST(ResponseCache, NeverExceedsItsBytes) {
  ResponseCache cache(MiB(1));
  uint64_t state = 42;
  for (uint64_t i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    cache.Insert(TestEntry(state % 4'000, (state >> 33) % 30'000));
    Find(cache, (state >> 20) % 4'000);
    ASSERT_LE(cache.stats().bytes, MiB(1).value);
  }
  EXPECT_GT(cache.stats().evictions, 1'000U);
}

TEST(ResponseCache, RefusesWhatWouldFlushHalfOfIt) {
  ResponseCache cache(MiB(1));
  EXPECT_FALSE(cache.Insert(TestEntry(1, 600'000)));
  EXPECT_TRUE(cache.Insert(TestEntry(2, 400'000)));
}

TEST(ResponseCache, KeepsTheWorkingSetThroughAScan) {
  ResponseCache cache(MiB(4));
  constexpr uint64_t kWorkingSet = 500;
  for (int round = 0; round < 3; ++round) {
    for (uint64_t i = 0; i < kWorkingSet; ++i) {
      if (Find(cache, i) == nullptr) cache.Insert(TestEntry(i, 4'000));
    }
  }
  for (uint64_t i = 0; i < 50'000; ++i) {  // a crawler, and now and then a visitor
    cache.Insert(TestEntry(1'000'000 + i, 4'000));
    if (i % 10 == 0) Find(cache, (i / 10) % kWorkingSet);
  }
  uint64_t kept = 0;
  for (uint64_t i = 0; i < kWorkingSet; ++i) kept += Find(cache, i) != nullptr ? 1 : 0;
  EXPECT_GT(kept, kWorkingSet * 95 / 100);
}

TEST(ResponseCache, BringsBackToTheMainQueueWhatLeftTooEarly) {
  ResponseCache cache(MiB(1));
  uint64_t other = 1'000;
  const auto flood = [&](int count) {
    for (int i = 0; i < count; ++i) cache.Insert(TestEntry(other++, 10'000));
  };
  cache.Insert(TestEntry(1, 1'000));
  flood(150);
  ASSERT_EQ(Find(cache, 1), nullptr);
  cache.Insert(TestEntry(1, 1'000));  // remembered as a ghost
  flood(150);
  EXPECT_NE(Find(cache, 1), nullptr);
}

TEST(ResponseCache, AsksForASweepAfterEnoughLeft) {
  ResponseCache cache(MiB(1));
  EXPECT_FALSE(cache.WantsSweep());
  for (uint64_t i = 0; i < 200; ++i) cache.Insert(TestEntry(i, 10'000));
  EXPECT_TRUE(cache.WantsSweep());
  EXPECT_FALSE(cache.WantsSweep());
}

TEST(ResponseCache, ClearRetiresEverything) {
  ResponseCache cache(MiB(1));
  const EntryPtr entry = TestEntry(1, 10);
  cache.Insert(entry);
  cache.Clear();
  EXPECT_TRUE(entry->retired);
  EXPECT_EQ(Find(cache, 1), nullptr);
  EXPECT_EQ(cache.stats().bytes, 0U);
}

}  // namespace
}  // namespace meetinity::edge

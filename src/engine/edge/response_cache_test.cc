#include "engine/edge/response_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <unordered_map>
#include <vector>

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

// ---- against LRU

// The least recently used gives way: what a cache without a small queue would keep in as many bytes.
class LruCache {
 public:
  explicit LruCache(size_t capacity) : capacity_(capacity) {}
  bool Ask(uint64_t number, size_t cost) {
    if (const auto found = places_.find(number); found != places_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return true;
    }
    order_.push_front(number);
    places_[number] = order_.begin();
    if (order_.size() * cost > capacity_) {
      places_.erase(order_.back());
      order_.pop_back();
    }
    return false;
  }

 private:
  const size_t capacity_;
  std::list<uint64_t> order_;
  std::unordered_map<uint64_t, std::list<uint64_t>::iterator> places_;
};

// Requests for objects whose popularity falls with their rank as a site's does (Zipf, exponent 0.9), and among them,
// `scan_share` of all, those of crawlers that want everything once. The same numbers on every run.
std::vector<uint64_t> Trace(size_t requests, size_t objects, double scan_share) {
  std::vector<double> cumulative;
  double sum = 0;
  for (size_t rank = 1; rank <= objects; ++rank) cumulative.push_back(sum += std::pow(rank, -0.9));
  uint64_t state = 1, scanned = 1'000'000'000;
  const auto next = [&state] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11) * 0x1.0p-53;
  };
  std::vector<uint64_t> trace;
  for (size_t i = 0; i < requests; ++i) {
    const bool is_scan = next() < scan_share;
    const auto at = std::lower_bound(cumulative.begin(), cumulative.end(), next() * sum);
    trace.push_back(is_scan ? scanned++ : static_cast<uint64_t>(at - cumulative.begin()));
  }
  return trace;
}

struct HitRatios {
  double ours, lru;
};
// Of the objects' requests; a crawler's are never hits.
HitRatios Replay(double scan_share) {
  constexpr size_t kRequests = 60'000, kObjects = 5'000, kKept = kObjects / 10;
  const size_t cost = TestEntry(1'000, 0)->Cost();
  ResponseCache cache({kKept * cost});
  LruCache lru(kKept * cost);
  size_t asked = 0, ours = 0, theirs = 0;
  for (const uint64_t number : Trace(kRequests, kObjects, scan_share)) {
    const bool hit = Find(cache, number) != nullptr;
    if (!hit) cache.Insert(TestEntry(number, 0));
    const bool lru_hit = lru.Ask(number, cost);
    if (number >= kObjects) continue;
    ++asked;
    ours += hit ? 1 : 0;
    theirs += lru_hit ? 1 : 0;
  }
  const auto share = [&](size_t hits) { return static_cast<double>(hits) / static_cast<double>(asked); };
  return {share(ours), share(theirs)};
}

TEST(ResponseCache, HitsMoreOftenThanLruOnASitesTraffic) {
  const HitRatios ratios = Replay(0);
  RecordProperty("s3_fifo", std::to_string(ratios.ours));
  RecordProperty("lru", std::to_string(ratios.lru));
  EXPECT_GT(ratios.ours, ratios.lru + 0.05);
}

TEST(ResponseCache, LosesLittleToAScanThatCostsLruDearly) {
  const HitRatios alone = Replay(0), scanned = Replay(0.5);
  RecordProperty("s3_fifo", std::to_string(scanned.ours));
  RecordProperty("lru", std::to_string(scanned.lru));
  EXPECT_GT(scanned.ours, scanned.lru + 0.10);
  EXPECT_GT(scanned.ours, alone.ours - 0.05);
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

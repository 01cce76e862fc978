#include "engine/edge/invalidation_log.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/edge/response_cache.h"

namespace meetinity::edge {
namespace {

void Add(InvalidationLog& log, std::string pattern) { log.Add(std::vector<std::string>{std::move(pattern)}); }

TEST(InvalidationLog, ReachesWhatWasFetchedBeforeAndNothingLater) {
  InvalidationLog log;
  const EpochPtr before = log.CurrentEpoch();
  Add(log, "/a.jpg");
  const EpochPtr after = log.CurrentEpoch();
  EXPECT_TRUE(log.IsStale("/a.jpg", before->start));
  EXPECT_FALSE(log.IsStale("/a.jpg", after->start));
  EXPECT_FALSE(log.IsStale("/a.jpg?x=1", before->start));
  EXPECT_FALSE(log.IsStale("/A.jpg", before->start));
}

TEST(InvalidationLog, WildcardsMatchByPrefixAcrossSlashes) {
  InvalidationLog log;
  const EpochPtr before = log.CurrentEpoch();
  Add(log, "/images*");
  EXPECT_TRUE(log.IsStale("/images", before->start));
  EXPECT_TRUE(log.IsStale("/images2/x?q=1", before->start));
  EXPECT_FALSE(log.IsStale("/image", before->start));
}

TEST(InvalidationLog, TheRootPatternSupersedesAllEarlierRules) {
  InvalidationLog log;
  const EpochPtr before = log.CurrentEpoch();
  for (int i = 0; i < 100; ++i) Add(log, "/" + std::to_string(i));
  EXPECT_EQ(log.rule_count(), 100U);
  Add(log, "/*");
  EXPECT_EQ(log.rule_count(), 0U);
  EXPECT_TRUE(log.IsStale("/anything", before->start));
  EXPECT_FALSE(log.IsStale("/1", log.CurrentEpoch()->start));
}

TEST(InvalidationLog, ForgetsRulesThatNoResponseIsOlderThan) {
  InvalidationLog log;
  EpochPtr held = log.CurrentEpoch();
  for (int i = 0; i < 50; ++i) Add(log, "/" + std::to_string(i) + "*");
  EXPECT_EQ(log.rule_count(), 50U);
  held.reset();
  Add(log, "/last");
  EXPECT_EQ(log.rule_count(), 0U);  // nothing is held that is older than "/last"
}

TEST(InvalidationLog, KeepsTheYoungerOfTwoEqualPatterns) {
  InvalidationLog log;
  const EpochPtr first = log.CurrentEpoch();
  Add(log, "/a*");
  EpochPtr second = log.CurrentEpoch();
  Add(log, "/a*");
  EXPECT_TRUE(log.IsStale("/a", second->start));
  EXPECT_EQ(log.rule_count(), 1U);
}

TEST(InvalidationLog, StaysBoundedAndErrsOnTheSideOfAskingAgain) {
  InvalidationLog log;
  const EpochPtr oldest = log.CurrentEpoch();
  std::vector<std::string> batch;
  for (int i = 0; i < 3'000; ++i) batch.push_back("/" + std::to_string(i));
  for (int i = 0; i < 10; ++i) {
    log.Add(batch);
    for (std::string& path : batch) path += 'x';
  }
  EXPECT_LE(log.rule_count(), 20'000U);
  EXPECT_TRUE(log.IsStale("/0", oldest->start));
  EXPECT_TRUE(log.IsStale("/never-named", oldest->start));
}

// What an invalidation does not touch it need not walk: entries are judged one by one, when they are asked for.
TEST(InvalidationLog, TouchesNoEntryHoweverManyThereAre) {
  InvalidationLog log;
  ResponseCache cache(MiB(64));
  std::vector<std::shared_ptr<CacheEntry>> entries;
  for (uint64_t number = 0; number < 10'000; ++number) {
    auto entry = std::make_shared<CacheEntry>();
    entry->key = "/" + std::to_string(number);
    entry->target_size = static_cast<uint32_t>(entry->key.size());
    entry->hash = number * 0x9E3779B97F4A7C15ULL;
    entry->epoch = log.CurrentEpoch();
    cache.Insert(entry);
    entries.push_back(std::move(entry));
  }
  const long holders = entries.front()->epoch.use_count();
  Add(log, "/*");
  EXPECT_EQ(log.rule_count(), 0U);  // nothing that a lookup would have to compare with, either
  EXPECT_EQ(cache.stats().objects, entries.size());
  EXPECT_EQ(entries.front()->epoch.use_count(), holders - 1);  // the log's own hold, and no entry's
  for (const auto& entry : entries) {
    ASSERT_EQ(entry->checked, 0U);  // nobody has judged it
    ASSERT_FALSE(entry->retired);
  }
  for (const auto& entry : entries) ASSERT_TRUE(IsInvalidated(*entry, log));
}

TEST(InvalidationLog, MatchesPathsInTheSpellingOfKeys) {
  InvalidationLog log;
  const EpochPtr before = log.CurrentEpoch();
  Add(log, "/caf\xc3\xa9*");
  EXPECT_TRUE(log.IsStale("/caf%C3%A9.html", before->start));
}

}  // namespace
}  // namespace meetinity::edge

#include "engine/edge/disk_tier.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "store/temporary_directory.h"

namespace meetinity::edge {
namespace {

uint64_t HashOf(uint64_t number) { return (number + 1) * 0x9E3779B97F4A7C15ULL; }
std::string KeyOf(uint64_t number) { return "key/" + std::to_string(number); }

std::string BodyOf(uint64_t number, size_t bytes) {
  std::string body(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) body[i] = static_cast<char>('a' + (number * 31 + i * 7 + i / 251) % 26);
  return body;
}

std::shared_ptr<CacheEntry> Entry(uint64_t number, size_t body_bytes) {
  auto entry = std::make_shared<CacheEntry>();
  entry->key = KeyOf(number);
  entry->hash = HashOf(number);
  entry->target_at = 3;
  entry->target_size = static_cast<uint32_t>(entry->key.size() - 3);
  entry->status = 200;
  net::HeaderBlock fields;
  fields.Add("content-type", "text/plain");
  fields.Add("etag", "W/\"abc\"");
  fields.Add("x-empty", "");
  entry->head = RestoreHead({.status = 200,
                             .fields = std::move(fields),
                             .origin_etag = "\"abc\"",
                             .content_length = body_bytes,
                             .encoded_at_edge = true});
  entry->body = net::Slice::Own(BodyOf(number, body_bytes));
  entry->epoch = std::make_shared<FetchEpoch>(FetchEpoch{42});
  entry->stored_at = Instant::FromUnixSeconds(1'000);
  entry->fresh_until = Instant::FromUnixSeconds(2'000);
  entry->revalidate_until = Instant::FromUnixSeconds(3'000);
  entry->stand_in_until = Instant::FromUnixSeconds(4'000);
  return entry;
}

class DiskTierTest : public ::testing::Test {
 protected:
  void Open(ByteCount capacity = MiB(64)) {
    tier_ = DiskTier::Open(folder_.path(), capacity, [this](const CacheEntry& entry) {
              let_go_.fetch_add(1);
              entry.retired.store(true);
            }).value();
  }
  void Reopen(ByteCount capacity = MiB(64)) {
    tier_.reset();
    Open(capacity);
    tier_->Settle();
  }
  EntryPtr Load(uint64_t number) { return tier_->Load(HashOf(number), KeyOf(number)); }
  std::vector<std::filesystem::path> Files() const {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path())) files.push_back(file.path());
    std::sort(files.begin(), files.end());
    return files;
  }

  store::TemporaryDirectory folder_;
  std::atomic<int> let_go_{0};
  std::unique_ptr<DiskTier> tier_;
};

TEST_F(DiskTierTest, FindsAfterARestartWhatWasKept) {
  Open();
  const std::vector<size_t> sizes = {0, 1, 1'000, 31'000, 32 * 1024, 300'000, 2'000'000};
  for (size_t i = 0; i < sizes.size(); ++i) tier_->Offer(Entry(i, sizes[i]));
  tier_->Settle();
  for (int run = 0; run < 2; ++run) {
    for (size_t i = 0; i < sizes.size(); ++i) {
      const EntryPtr entry = Load(i);
      ASSERT_TRUE(entry) << sizes[i];
      EXPECT_EQ(entry->body.bytes, BodyOf(i, sizes[i]));
      EXPECT_EQ(entry->target(), KeyOf(i).substr(3));
      EXPECT_EQ(entry->epoch->start, 42U);
      EXPECT_EQ(entry->stored_at, Instant::FromUnixSeconds(1'000));
      EXPECT_EQ(entry->fresh_until, Instant::FromUnixSeconds(2'000));
      EXPECT_EQ(entry->revalidate_until, Instant::FromUnixSeconds(3'000));
      EXPECT_EQ(entry->stand_in_until, Instant::FromUnixSeconds(4'000));
      EXPECT_EQ(entry->head->headers.http1_bytes(), Entry(i, 0)->head->headers.http1_bytes());
      EXPECT_EQ(entry->head->origin_etag, "\"abc\"");
      EXPECT_EQ(entry->head->content_length, sizes[i]);
      EXPECT_TRUE(entry->head->encoded_at_edge);
      EXPECT_TRUE(entry->offered.load());
    }
    Reopen();
  }
  EXPECT_FALSE(Load(99));
  EXPECT_FALSE(tier_->Load(HashOf(1), "another key"));
}

TEST_F(DiskTierTest, TheLastOneWrittenWins) {
  Open();
  tier_->Offer(Entry(1, 100));
  tier_->Offer(Entry(1, 200));
  tier_->Settle();
  EXPECT_EQ(Load(1)->body.bytes.size(), 200U);
  Reopen();
  EXPECT_EQ(Load(1)->body.bytes.size(), 200U);
}

TEST_F(DiskTierTest, NeverServesAHarmedByte) {
  Open();
  tier_->Offer(Entry(1, 200));
  tier_->Offer(Entry(2, 40'000));
  tier_->Settle();
  tier_.reset();
  const std::filesystem::path file = Files().at(0);
  std::ostringstream whole;
  whole << std::ifstream(file, std::ios::binary).rdbuf();
  const std::string bytes = whole.str();
  const size_t first = 512;  // all of the first record, then samples
  for (size_t at = 0; at < bytes.size(); at += at < first ? 1 : 997) {
    std::string harmed = bytes;
    harmed[at] = static_cast<char>(harmed[at] ^ 0x10);
    std::ofstream(file, std::ios::binary | std::ios::in)
        .write(harmed.data(), static_cast<std::streamsize>(harmed.size()));
    Open();
    tier_->Settle();
    for (const uint64_t number : {uint64_t{1}, uint64_t{2}}) {
      const EntryPtr entry = Load(number);
      if (!entry) continue;
      ASSERT_EQ(entry->body.bytes, BodyOf(number, number == 1 ? 200 : 40'000)) << at;
      ASSERT_EQ(entry->head->headers.http1_bytes(), Entry(1, 0)->head->headers.http1_bytes()) << at;
      ASSERT_EQ(entry->fresh_until, Instant::FromUnixSeconds(2'000)) << at;
    }
    tier_.reset();
  }
}

TEST_F(DiskTierTest, ATornEndCostsOnlyTheLastRecord) {
  Open();
  tier_->Offer(Entry(1, 5'000));
  tier_->Offer(Entry(2, 5'000));
  tier_->Settle();
  tier_.reset();
  const std::filesystem::path file = Files().at(0);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
  Open();
  tier_->Settle();
  EXPECT_TRUE(Load(1));
  EXPECT_FALSE(Load(2));
  tier_->Offer(Entry(2, 5'000));
  Reopen();
  EXPECT_TRUE(Load(2));
}

TEST_F(DiskTierTest, StaysWithinItsBoundAndKeepsTheYoungest) {
  Open(MiB(16));
  for (uint64_t i = 0; i < 500; ++i) {
    tier_->Offer(Entry(i, 100'000));
    if (i % 50 == 0) tier_->Settle();
    ASSERT_LE(tier_->stats().bytes, MiB(17).value);
  }
  tier_->Settle();
  EXPECT_FALSE(Load(0));
  EXPECT_TRUE(Load(499));
  uint64_t on_disk = 0;
  for (const auto& file : Files()) on_disk += std::filesystem::file_size(file);
  EXPECT_LE(on_disk, MiB(17).value);
  EXPECT_EQ(tier_->stats().dropped_offers, 0U);
}

TEST_F(DiskTierTest, WhatIsInUseOutlivesItsSegment) {
  Open(MiB(16));
  tier_->Offer(Entry(1'000, 100'000));
  tier_->Settle();
  EntryPtr used = Load(1'000);
  ASSERT_TRUE(used && used->segment);
  ASSERT_TRUE(used->segment->Register(used));
  used->CountUse();
  for (uint64_t i = 0; let_go_ == 0 && i < 1'000; ++i) {
    tier_->Offer(Entry(i, 100'000));
    tier_->Settle();
  }
  EXPECT_TRUE(used->retired.load());
  EXPECT_EQ(used->body.bytes, BodyOf(1'000, 100'000));  // whoever reads it may go on
  const EntryPtr again = Load(1'000);
  ASSERT_TRUE(again);
  EXPECT_NE(again->segment, used->segment);
  EXPECT_FALSE(used->segment->Register(used));
}

TEST_F(DiskTierTest, ClearForgetsForGood) {
  Open();
  tier_->Offer(Entry(1, 100));
  tier_->Settle();
  tier_->Clear();
  EXPECT_FALSE(Load(1));
  EXPECT_EQ(tier_->stats().bytes, 0U);
  Reopen();
  EXPECT_FALSE(Load(1));
  tier_->Offer(Entry(2, 100));
  tier_->Settle();
  EXPECT_TRUE(Load(2));
}

TEST_F(DiskTierTest, KeepsNoErrorsAndNothingThatFillsASegment) {
  Open(MiB(16));
  const auto error = Entry(1, 10);
  error->status = 404;
  tier_->Offer(error);
  tier_->Offer(Entry(2, MiB(1).value));
  tier_->Settle();
  EXPECT_EQ(tier_->stats().objects, 0U);
}

}  // namespace
}  // namespace meetinity::edge

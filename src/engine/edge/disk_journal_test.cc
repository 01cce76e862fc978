#include "engine/edge/disk_journal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "store/temporary_directory.h"

namespace meetinity::edge {
namespace {

using Found = DiskJournal::Found;

class DiskJournalTest : public ::testing::Test {
 protected:
  std::unique_ptr<DiskJournal> Open() const { return DiskJournal::Open(path_).value(); }
  std::string Bytes() const {
    std::ostringstream bytes;
    bytes << std::ifstream(path_, std::ios::binary).rdbuf();
    return bytes.str();
  }
  void Replace(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  static void Invalidate(DiskJournal& journal, uint64_t site, uint64_t number, std::string pattern) {
    ASSERT_TRUE(journal.Invalidate(site, number, std::vector<std::string>{std::move(pattern)}).ok());
  }

  store::TemporaryDirectory folder_;
  const std::string path_ = folder_ / "journal";
};

TEST_F(DiskJournalTest, RemembersSitesAndInvalidationsFromRunToRun) {
  uint64_t first = 0;
  {
    const auto journal = Open();
    EXPECT_EQ(journal->found(), Found::kNothing);
    first = journal->first_number();
    ASSERT_TRUE(journal->AddSite(first + 1, "EONE").ok());
    ASSERT_TRUE(journal->AddSite(first + 2, "ETWO").ok());
    Invalidate(*journal, first + 1, first + 1, "/a*");
    Invalidate(*journal, first + 1, first + 2, "/b");
    ASSERT_TRUE(journal->RemoveSite(first + 2).ok());
  }
  for (int run = 0; run < 2; ++run) {  // as appended, and as rewritten
    const auto journal = Open();
    EXPECT_EQ(journal->found(), Found::kPast);
    ASSERT_EQ(journal->sites().size(), 1U);
    const SitePast& past = journal->sites().at(first + 1);
    EXPECT_EQ(past.id, "EONE");
    ASSERT_EQ(past.rules.size(), 2U);
    EXPECT_EQ(past.rules[0], std::make_pair(first + 1, std::string("/a*")));
    EXPECT_GT(journal->first_number(), first + 2);
  }
}

TEST_F(DiskJournalTest, EverythingSupersedesWhatWasBefore) {
  const auto journal = Open();
  ASSERT_TRUE(journal->AddSite(1, "E").ok());
  Invalidate(*journal, 1, 1, "/a");
  Invalidate(*journal, 1, 2, "/*");
  const DiskJournal::Notes notes = DiskJournal::Read(Bytes());
  EXPECT_TRUE(notes.sites.at(1).rules.empty());
  EXPECT_EQ(notes.sites.at(1).all_since, 2U);
}

TEST_F(DiskJournalTest, ACutEndLosesOnlyWhatWasNotPromised) {
  std::string whole;
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->AddSite(1, "E").ok());
    Invalidate(*journal, 1, 1, "/promised");
    whole = Bytes();
    Invalidate(*journal, 1, 2, "/not-yet");
  }
  const std::string longer = Bytes();
  for (size_t size = whole.size(); size < longer.size(); ++size) {
    const DiskJournal::Notes notes = DiskJournal::Read(std::string_view(longer).substr(0, size));
    ASSERT_FALSE(notes.damaged);
    ASSERT_EQ(notes.sites.at(1).rules.size(), 1U);
  }
}

TEST_F(DiskJournalTest, NoFlippedBitHidesAnInvalidation) {
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->AddSite(1, "E").ok());
    Invalidate(*journal, 1, 1, "/secret*");
  }
  const std::string whole = Bytes();
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    ASSERT_TRUE(DiskJournal::Read(flipped).damaged) << "bit " << bit;
  }
  std::string flipped = whole;
  flipped[whole.size() - 3] ^= 1;
  Replace(flipped);
  const auto journal = Open();
  EXPECT_EQ(journal->found(), Found::kDamaged);
  EXPECT_TRUE(journal->sites().empty());
}

TEST_F(DiskJournalTest, StaysSmallUnderManyInvalidations) {
  const auto journal = Open();
  ASSERT_TRUE(journal->AddSite(1, "E").ok());
  const std::vector<std::string> patterns(1'000, "/" + std::string(1'000, 'x'));
  for (uint64_t number = 1; number <= 100; ++number) {
    ASSERT_TRUE(journal->Invalidate(1, number, patterns).ok());
    Invalidate(*journal, 1, number, "/*");
  }
  EXPECT_LT(Bytes().size(), 8U * 1024 * 1024);
  EXPECT_EQ(DiskJournal::Read(Bytes()).sites.at(1).all_since, 100U);
}

}  // namespace
}  // namespace meetinity::edge

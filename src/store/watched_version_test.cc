#include "store/watched_version.h"

#include <gtest/gtest.h>

#include <thread>

#include "store/temporary_directory.h"
#include "store/test_records.h"

namespace meetinity::store {
namespace {

// Shelves are watched, labels are not.
class WatchedVersionTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::Open(directory_ / "state.db", TestMigrations());
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    database_ = std::move(opened).value();
  }
  template <class Record>
  void Put(const Record& record) {
    ASSERT_TRUE(database_->Write([&](Tx& tx) { return tx.Put(record); }).ok());
  }
  uint64_t Now() const {
    const auto version = database_->watched_version();
    EXPECT_TRUE(version.has_value());
    return version.value_or(0);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(WatchedVersionTest, MovesWithEachChangeOfAWatchedTableOnly) {
  const uint64_t first = Now();
  Put(Label{"a"});
  EXPECT_EQ(Now(), first);
  Put(Shelf{"a", {}, {}});
  const uint64_t second = Now();
  EXPECT_NE(second, first);
  ASSERT_TRUE(database_->Write([](Tx& tx) { return tx.Delete<Shelf>(std::string("a")); }).ok());
  const uint64_t third = Now();
  EXPECT_NE(third, second);
  ASSERT_TRUE(database_->Write([](Tx& tx) { return tx.DeleteWhere<Shelf>("name > ?", {std::string("a")}); }).ok());
  EXPECT_NE(Now(), third);
}

TEST_F(WatchedVersionTest, OfAViewIsUnknownBeforeItsFirstLookUp) {
  const Status read = database_->Read([&](const ReadTx& tx) -> Status {
    EXPECT_FALSE(tx.watched_version().has_value());
    TRY(tx.Count<Label>(""));
    EXPECT_EQ(tx.watched_version(), Now());
    return {};
  });
  EXPECT_TRUE(read.ok());
}

TEST_F(WatchedVersionTest, OfAViewIsUnknownOnceTheTableMovedOn) {
  const Status read = database_->Read([&](const ReadTx& tx) -> Status {
    TRY(tx.Count<Label>(""));
    std::thread([&] { Put(Shelf{"late", {}, {}}); }).join();
    EXPECT_FALSE(tx.watched_version().has_value());
    EXPECT_EQ(TRY(tx.Count<Shelf>("")), 0) << "nor does it show what came since";
    return {};
  });
  EXPECT_TRUE(read.ok());
}

TEST_F(WatchedVersionTest, IsUnknownToATransactionThatChangedTheTable) {
  const Status written = database_->Write([&](Tx& tx) -> Status {
    EXPECT_TRUE(tx.watched_version().has_value());
    TRY(tx.Put(Shelf{"mine", {}, {}}));
    EXPECT_FALSE(tx.watched_version().has_value());
    return {};
  });
  EXPECT_TRUE(written.ok());
}

TEST_F(WatchedVersionTest, MovesWithWhatReplacesAllTables) {
  Put(Shelf{"kept", {}, {}});
  ASSERT_TRUE(database_->SaveGolden().ok());
  const uint64_t saved = Now();
  ASSERT_TRUE(database_->Clear().ok());
  const uint64_t cleared = Now();
  EXPECT_NE(cleared, saved);
  ASSERT_TRUE(database_->RestoreGolden().ok());
  EXPECT_NE(Now(), cleared);
}

}  // namespace
}  // namespace meetinity::store

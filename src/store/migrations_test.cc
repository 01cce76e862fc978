#include "store/migrations.h"

#include <gtest/gtest.h>

#include "store/temporary_directory.h"

namespace meetinity::store {
namespace {

struct Note {
  std::string name;
  std::optional<std::string> colour;
  static constexpr std::string_view kTable = "notes";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() { return std::tuple{Column{"name", &Note::name}, Column{"colour", &Note::colour}}; }
};

struct OldNote {
  std::string name;
  static constexpr std::string_view kTable = "notes";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() { return std::tuple{Column{"name", &OldNote::name}}; }
};

constexpr Migration kNotes{"notes", 1, "CREATE TABLE notes (name TEXT PRIMARY KEY)"};
constexpr Migration kNoteColours{
    "notes", 2, "ALTER TABLE notes ADD COLUMN colour TEXT; CREATE INDEX notes_by_colour ON notes (colour)"};
constexpr Migration kPens{"pens", 1, "CREATE TABLE pens (name TEXT PRIMARY KEY)"};

class MigrationsTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Database>> Open(std::vector<Migration> migrations) {
    return Database::Open(directory_ / "state.db", std::move(migrations));
  }
  TemporaryDirectory directory_;
};

TEST_F(MigrationsTest, TakesEachStepOnce) {
  for (const auto& migrations :
       std::vector<std::vector<Migration>>{{}, {kNotes}, {kNotes}, {kPens, kNotes, kNoteColours}}) {
    const auto database = Open(migrations);
    ASSERT_TRUE(database.ok()) << database.error().detail;
  }
  const auto database = Open({kNotes, kNoteColours, kPens});
  EXPECT_TRUE((*database)->Write([](Tx& tx) { return tx.Put(Note{"a", "red"}); }).ok());
}

TEST_F(MigrationsTest, RefusesDataOfANewerVersion) {
  ASSERT_TRUE(Open({kNotes, kNoteColours}).ok());
  const auto older = Open({kNotes});
  ASSERT_FALSE(older.ok());
  EXPECT_EQ(older.error().name, kNewerVersion);
  EXPECT_NE(older.error().detail.find("notes data is at step 2 and this program knows 1"), std::string::npos);
  EXPECT_NE(older.error().detail.find("choose another data directory"), std::string::npos);
  EXPECT_EQ(Open({kPens}).error().name, kNewerVersion);  // a component it has never heard of
  EXPECT_TRUE(Open({kNotes, kNoteColours}).ok());        // and nothing was changed
}

TEST_F(MigrationsTest, TakesAllStepsOrNone) {
  const auto broken = Open({kNotes, {"notes", 2, "CREATE TABLE more (name TEXT); CREATE TABEL oops"}});
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(broken.error().detail.find("TABEL"), std::string::npos) << broken.error().detail;
  EXPECT_TRUE(Open({{"notes", 1, "CREATE TABLE more (name TEXT)"}}).ok());
}

TEST_F(MigrationsTest, BringsAnOlderGoldenCopyUpToDate) {
  {
    const auto database = Open({kNotes});
    ASSERT_TRUE((*database)->Write([](Tx& tx) { return tx.Put(OldNote{"golden"}); }).ok());
    ASSERT_TRUE((*database)->SaveGolden().ok());
    ASSERT_TRUE((*database)->Clear().ok());
  }
  const auto database = Open({kNotes, kNoteColours});
  ASSERT_TRUE(database.ok());
  const Status restored = (*database)->RestoreGolden();
  ASSERT_TRUE(restored.ok()) << restored.error().detail;
  EXPECT_EQ((*database)->Read([](const ReadTx& tx) { return tx.Find<Note>("golden"); })->value().colour, std::nullopt);
}

TEST_F(MigrationsTest, StopsTheProcessOnAGapInTheSteps) { EXPECT_DEATH((void)Open({kNoteColours}), "CHECK failed"); }

}  // namespace
}  // namespace meetinity::store

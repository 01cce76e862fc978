#include "store/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <stdexcept>
#include <thread>

#include "store/temporary_directory.h"
#include "store/test_records.h"

namespace meetinity::store {
namespace {

using namespace std::string_literals;

constexpr std::string_view kShelfExists = "ShelfExists";

// A later reading of the shelves' table that has a column's type wrong.
struct NumberedShelf {
  std::string name;
  int64_t note = 0;
  static constexpr std::string_view kTable = "test_shelves";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    return std::tuple{Column{"name", &NumberedShelf::name}, Column{"note", &NumberedShelf::note}};
  }
};

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    database_.reset();
    auto opened = Database::Open(path(), TestMigrations());
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    database_ = std::move(opened).value();
  }
  std::string path() const { return directory_ / "data/state.db"; }

  Status PutLabels(const std::vector<std::string>& texts) {
    return database_->Write([&](Tx& tx) -> Status {
      for (const std::string& text : texts) TRY(tx.Put(Label{text}));
      return {};
    });
  }
  std::vector<std::string> Labels() const {
    const auto labels = database_->Read([](const ReadTx& tx) { return tx.Select<Label>("1 ORDER BY text"); });
    std::vector<std::string> texts;
    for (const Label& label : *labels) texts.push_back(label.text);
    return texts;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, FindsWhatWasPut) {
  const Shelf shelf{"a", Instant::Utc("2024-01-01T00:00:00Z"), "oak"};
  ASSERT_TRUE(database_->Write([&](Tx& tx) { return tx.Put(shelf); }).ok());
  Reopen();
  EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Find<Shelf>("a"); }), shelf);
  EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Find<Shelf>("b"); }), std::nullopt);
}

TEST_F(DatabaseTest, PutReplacesAndKeepsWhatRefersToIt) {
  const Status status = database_->Write([&](Tx& tx) -> Status {
    TRY(tx.Put(Shelf{"a", {}, "oak"}));
    TRY(tx.Put(Book{"a", 1, "x"}));
    return tx.Put(Shelf{"a", {}, std::nullopt});
  });
  ASSERT_TRUE(status.ok());
  EXPECT_EQ((*database_->Read([](const ReadTx& tx) { return tx.Find<Shelf>("a"); }))->note, std::nullopt);
  EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Count<Book>(""); }), 1);
}

TEST_F(DatabaseTest, InsertRefusesAnExistingKeyByName) {
  const auto insert = [&] {
    return database_->Write([](Tx& tx) { return tx.Insert(Shelf{"a", {}, {}}, kShelfExists); });
  };
  ASSERT_TRUE(insert().ok());
  const Status again = insert();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, Kind::kConflict);
  EXPECT_EQ(again.error().name, kShelfExists);
}

TEST_F(DatabaseTest, DeletesByKeyAndByCondition) {
  const Result<int64_t> deleted = database_->Write([&](Tx& tx) -> Result<int64_t> {
    TRY(tx.Put(Shelf{"a", {}, {}}));
    for (int place = 0; place < 10; ++place) TRY(tx.Put(Book{"a", place, "x"}));
    EXPECT_TRUE(TRY(tx.Delete<Book>("a", 3)));
    EXPECT_FALSE(TRY(tx.Delete<Book>("a", 3)));
    return TRY(tx.DeleteWhere<Book>("shelf = ? AND place >= ?", {"a", int64_t{5}}));
  });
  EXPECT_EQ(*deleted, 5);
  EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Count<Book>("place < ?", {int64_t{5}}); }), 4);
}

TEST_F(DatabaseTest, KeepsNulBytesAndOrdersTextsBytewise) {
  const std::vector<std::string> ordered = {"",     "\0"s,   "\0a"s, "A",  "B",        "a",
                                            "a\0"s, "a\0b"s, "a!",   "ab", "\xc3\xa9", "\xf0\x9f\x98\x80"};
  ASSERT_TRUE(PutLabels({ordered.rbegin(), ordered.rend()}).ok());
  EXPECT_EQ(Labels(), ordered);
  EXPECT_EQ((*database_->Read([](const ReadTx& tx) { return tx.Find<Label>("a\0b"s); }))->text, "a\0b"s);
  EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Count<Label>("text > ?", {"a\0"s}); }), 5);
}

TEST_F(DatabaseTest, RollsBackARefusedWriteAlone) {
  ASSERT_TRUE(PutLabels({"kept"}).ok());
  const Result<int> refused = database_->Write([](Tx& tx) -> Result<int> {
    TRY(tx.Put(Label{"lost"}));
    return Error{Kind::kInvalid, kShelfExists, "no"};
  });
  EXPECT_EQ(refused.error().name, kShelfExists);
  EXPECT_EQ(Labels(), std::vector<std::string>{"kept"});
}

TEST_F(DatabaseTest, TurnsAThrownExceptionIntoAnInternalError) {
  const Status thrown = database_->Write([](Tx& tx) -> Status {
    TRY(tx.Put(Label{"lost"}));
    throw std::runtime_error("boom");
  });
  ASSERT_FALSE(thrown.ok());
  EXPECT_EQ(thrown.error().kind, Kind::kInternal);
  EXPECT_NE(thrown.error().detail.find("boom"), std::string::npos);
  EXPECT_TRUE(Labels().empty());
  EXPECT_TRUE(PutLabels({"after"}).ok());
}

TEST_F(DatabaseTest, NamesABrokenConstraint) {
  const Status orphan = database_->Write([](Tx& tx) { return tx.Put(Book{"nowhere", 1, "x"}); });
  ASSERT_FALSE(orphan.ok());
  EXPECT_EQ(orphan.error().name, kConstraintBroken);
}

TEST_F(DatabaseTest, RunsCommitActionsAfterTheCommitOnly) {
  std::vector<std::string> seen;
  const auto write = [&](const std::string& text, bool fail) {
    return database_->Write([&](Tx& tx) -> Status {
      TRY(tx.Put(Label{text}));
      tx.OnCommit([&, text] {
        seen.push_back(text);
        EXPECT_EQ(*database_->Read([&](const ReadTx& after) { return after.Count<Label>("text = ?", {text}); }), 1);
      });
      if (fail) return Internal("no");
      return {};
    });
  };
  EXPECT_TRUE(write("a", false).ok());
  EXPECT_FALSE(write("b", true).ok());
  EXPECT_EQ(seen, std::vector<std::string>{"a"});
}

TEST_F(DatabaseTest, SurvivesACommitActionThatThrows) {
  EXPECT_TRUE(database_
                  ->Write([](Tx& tx) -> Status {
                    tx.OnCommit([] { throw std::runtime_error("boom"); });
                    return tx.Put(Label{"a"});
                  })
                  .ok());
  EXPECT_TRUE(PutLabels({"b"}).ok());
}

TEST_F(DatabaseTest, NumbersGrowAcrossRestartsAndResets) {
  uint64_t last = 0;
  const auto expect_growth = [&] {
    const Result<uint64_t> number = database_->Write([](Tx& tx) -> Result<uint64_t> { return tx.number(); });
    EXPECT_GT(*number, last);
    last = *number;
  };
  for (int round = 0; round < 3; ++round) {
    expect_growth();
    expect_growth();
    ASSERT_TRUE(database_->SaveGolden().ok());
    expect_growth();
    ASSERT_TRUE(database_->RestoreGolden().ok());
    expect_growth();
    ASSERT_TRUE(database_->Clear().ok());
    expect_growth();
    Reopen();
  }
}

TEST_F(DatabaseTest, AReadSeesOneState) {
  ASSERT_TRUE(PutLabels({"a"}).ok());
  const Status status = database_->Read([&](const ReadTx& tx) -> Status {
    EXPECT_EQ(TRY(tx.Count<Label>("")), 1);
    std::thread([&] { EXPECT_TRUE(PutLabels({"b"}).ok()); }).join();  // does not wait for the reader either
    EXPECT_EQ(TRY(tx.Count<Label>("")), 1);
    return {};
  });
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(Labels().size(), 2U);
}

TEST_F(DatabaseTest, AReadWithinAReadOrAWriteJoinsIt) {
  const Status status = database_->Write([&](Tx& tx) -> Status {
    TRY(tx.Put(Label{"mine"}));
    EXPECT_EQ(Labels(), std::vector<std::string>{"mine"});
    return {};
  });
  EXPECT_TRUE(status.ok());
  const Status nested = database_->Read([&](const ReadTx& tx) -> Status {
    EXPECT_EQ(TRY(tx.Count<Label>("")), 1);
    std::thread([&] { EXPECT_TRUE(PutLabels({"b"}).ok()); }).join();
    EXPECT_EQ(Labels().size(), 1U);
    return {};
  });
  EXPECT_TRUE(nested.ok());
}

TEST_F(DatabaseTest, AWriteWithinAWriteOrAReadStopsTheProcess) {
  EXPECT_DEATH((void)database_->Write([&](Tx&) { return PutLabels({"a"}); }), "CHECK failed");
  EXPECT_DEATH((void)database_->Read([&](const ReadTx&) { return PutLabels({"a"}); }), "CHECK failed");
}

TEST_F(DatabaseTest, ForEachStopsWhenToldAndNestsInItself) {
  ASSERT_TRUE(PutLabels({"a", "b", "c"}).ok());
  std::string pairs;
  const Status status = database_->Read([&](const ReadTx& tx) {
    return tx.ForEach<Label>("1 ORDER BY text", {}, [&](const Label& outer) {
      EXPECT_TRUE(tx.ForEach<Label>("1 ORDER BY text", {}, [&](const Label& inner) {
                      pairs += outer.text + inner.text + " ";
                      return inner.text != "b";
                    }).ok());
      return outer.text != "b";
    });
  });
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(pairs, "aa ab ba bb ");
}

TEST_F(DatabaseTest, ExplainsAWrongStatement) {
  const auto count = [&](std::string_view where, std::vector<Value> values) {
    return database_->Read([&](const ReadTx& tx) { return tx.Count<Label>(where, values); });
  };
  EXPECT_NE(count("colour = 1", {}).error().detail.find("colour"), std::string::npos);
  EXPECT_EQ(count("text = ?", {}).error().kind, Kind::kInternal);
  EXPECT_TRUE(count("text = ?", {"a"}).ok());
}

TEST_F(DatabaseTest, NamesTheColumnThatHoldsAnotherType) {
  const Status status = database_->Write([](Tx& tx) { return tx.Put(Shelf{"a", {}, "text"}); });
  ASSERT_TRUE(status.ok());
  const auto found = database_->Read([](const ReadTx& tx) { return tx.Find<NumberedShelf>("a"); });
  ASSERT_FALSE(found.ok());
  EXPECT_NE(found.error().detail.find("test_shelves.note"), std::string::npos);
}

TEST_F(DatabaseTest, ClearEmptiesEveryTable) {
  ASSERT_TRUE(database_
                  ->Write([](Tx& tx) -> Status {
                    TRY(tx.Put(Shelf{"a", {}, {}}));
                    return tx.Put(Book{"a", 1, "x"});
                  })
                  .ok());
  ASSERT_TRUE(database_->Clear().ok());
  EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Count<Shelf>(""); }), 0);
  EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Count<Book>(""); }), 0);
  Reopen();
  EXPECT_TRUE(PutLabels({"usable"}).ok());
}

TEST_F(DatabaseTest, RestoresWhatSaveGoldenKept) {
  EXPECT_FALSE(database_->HasGolden());
  EXPECT_EQ(database_->RestoreGolden().error().name, kGoldenMissing);
  const auto fill = [&](const std::string& shelf) {
    return database_->Write([&](Tx& tx) -> Status {
      TRY(tx.Put(Shelf{shelf, Instant::FromUnixSeconds(1), "n\0te"s}));
      return tx.Put(Book{shelf, 1, "x"});
    });
  };
  ASSERT_TRUE(fill("golden").ok());
  ASSERT_TRUE(database_->SaveGolden().ok());
  EXPECT_TRUE(database_->HasGolden());
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(fill("later").ok());
    ASSERT_TRUE(database_->Write([](Tx& tx) { return tx.Delete<Shelf>("golden"); }).ok());
    const Status restored = database_->RestoreGolden();
    ASSERT_TRUE(restored.ok()) << restored.error().detail;
    const auto shelves = database_->Read([](const ReadTx& tx) { return tx.Select<Shelf>(""); });
    EXPECT_EQ(*shelves, (std::vector<Shelf>{{"golden", Instant::FromUnixSeconds(1), "n\0te"s}}));
    EXPECT_EQ(*database_->Read([](const ReadTx& tx) { return tx.Count<Book>(""); }), 1);
    if (round == 1) Reopen();
  }
  // Foreign keys are checked again afterwards.
  EXPECT_EQ(database_->Write([](Tx& tx) { return tx.Put(Book{"nowhere", 1, "x"}); }).error().name, kConstraintBroken);
}

TEST_F(DatabaseTest, ANewerGoldenStateReplacesTheOlder) {
  ASSERT_TRUE(PutLabels({"a"}).ok());
  ASSERT_TRUE(database_->SaveGolden().ok());
  ASSERT_TRUE(PutLabels({"b"}).ok());
  ASSERT_TRUE(database_->SaveGolden().ok());
  ASSERT_TRUE(database_->Clear().ok());
  ASSERT_TRUE(database_->RestoreGolden().ok());
  EXPECT_EQ(Labels(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(DatabaseTest, IsReadableByItsOwnerOnly) {
  ASSERT_TRUE(PutLabels({"a"}).ok());
  ASSERT_TRUE(database_->SaveGolden().ok());
  struct stat status {};
  for (const char* suffix : {"", "-wal", "-shm", ".lock", ".golden"}) {
    ASSERT_EQ(::stat((path() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
  }
  ASSERT_EQ(::stat((directory_ / "data").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(DatabaseTest, RefusesADirectoryInUse) {
  const auto second = Database::Open(path(), TestMigrations());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().name, kDataDirectoryInUse);
  EXPECT_NE(second.error().detail.find(directory_ / "data"), std::string::npos);
}

TEST_F(DatabaseTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(directory_ / "other.db") << std::string(8192, 'x');
  const auto opened = Database::Open(directory_ / "other.db", TestMigrations());
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().detail.find("not a database"), std::string::npos) << opened.error().detail;
}

}  // namespace
}  // namespace meetinity::store

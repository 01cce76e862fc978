#include "store/write_queue.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "store/temporary_directory.h"
#include "store/test_records.h"

namespace meetinity::store {
namespace {

constexpr std::string_view kRefused = "Refused";

class WriteQueueTest : public testing::Test {
 protected:
  void Open(std::vector<Migration> migrations) {
    auto opened = Database::Open(directory_ / "state.db", std::move(migrations));
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    database_ = std::move(opened).value();
  }

  // Runs `work(i)` on its own thread for each i, while the writer is kept busy until all of them had time to queue up.
  void RunTogether(int threads, const std::function<void(int)>& work) {
    std::latch started(threads);
    std::thread blocker([&] {
      const Status status = database_->Write([&](Tx&) -> Status {
        started.wait();
        return {};
      });
      EXPECT_TRUE(status.ok());
    });
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back([&, i] {
        started.count_down();
        work(i);
      });
    }
    for (std::thread& worker : workers) worker.join();
    blocker.join();
  }

  int64_t Count(std::string_view where) {
    return *database_->Read([&](const ReadTx& tx) { return tx.Count<Label>(where); });
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(WriteQueueTest, CommitsTogetherWhatWaitsTogether) {
  Open(TestMigrations());
  constexpr int kThreads = 16, kEach = 50;
  RunTogether(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      const Label label{std::to_string(thread) + "/" + std::to_string(i)};
      ASSERT_TRUE(database_->Write([&](Tx& tx) { return tx.Insert(label, kRefused); }).ok());
      ASSERT_TRUE(database_->Read([&](const ReadTx& tx) { return tx.Find<Label>(label.text); })->has_value());
    }
  });
  EXPECT_EQ(Count(""), kThreads * kEach);
  const WriteCounts counts = database_->write_counts();
  EXPECT_EQ(counts.writes, kThreads * kEach + 1U);
  EXPECT_LT(counts.commits, counts.writes / 2);
}

TEST_F(WriteQueueTest, ARefusalDoesNotUndoItsNeighbours) {
  Open(TestMigrations());
  constexpr int kThreads = 24;
  RunTogether(kThreads, [&](int thread) {
    for (int i = 0; i < 20; ++i) {
      const std::string text = std::to_string(thread) + "/" + std::to_string(i);
      const Status status = database_->Write([&](Tx& tx) -> Status {
        TRY(tx.Put(Label{"first " + text}));
        TRY(tx.Put(Label{"second " + text}));
        if (thread % 3 == 0) return Error{Kind::kInvalid, kRefused, "no"};
        if (thread % 3 == 1) throw std::runtime_error("boom");
        return {};
      });
      ASSERT_EQ(status.ok(), thread % 3 == 2);
    }
  });
  EXPECT_EQ(Count("text LIKE 'first%'"), kThreads / 3 * 20);
  EXPECT_EQ(Count("text LIKE 'second%'"), kThreads / 3 * 20);
}

TEST_F(WriteQueueTest, EachWriteSeesThoseBeforeIt) {
  Open(TestMigrations());
  std::atomic<int> won{0};
  RunTogether(16, [&](int) {
    if (database_->Write([](Tx& tx) { return tx.Insert(Label{"only one"}, kRefused); }).ok()) ++won;
  });
  EXPECT_EQ(won, 1);
}

TEST_F(WriteQueueTest, ActionsRunInTheOrderOfCommits) {
  Open(TestMigrations());
  std::vector<uint64_t> numbers;  // without a lock: only one thread at a time may run actions
  RunTogether(16, [&](int) {
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(database_
                      ->Write([&](Tx& tx) -> Status {
                        tx.OnCommit([&numbers, number = tx.number()] { numbers.push_back(number); });
                        return {};
                      })
                      .ok());
    }
  });
  EXPECT_EQ(numbers.size(), 16U * 20);
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST_F(WriteQueueTest, ResetsAreOrderedWithWrites) {
  Open(TestMigrations());
  ASSERT_TRUE(database_->Write([](Tx& tx) { return tx.Put(Label{"golden"}); }).ok());
  ASSERT_TRUE(database_->SaveGolden().ok());
  RunTogether(16, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      if (thread == 0) {
        ASSERT_TRUE(database_->RestoreGolden().ok());
      } else if (thread == 1) {
        ASSERT_TRUE(database_->SaveGolden().ok());
      } else {
        ASSERT_TRUE(database_->Write([&](Tx& tx) { return tx.Put(Label{std::to_string(thread)}); }).ok());
      }
      ASSERT_TRUE(database_->Read([](const ReadTx& tx) { return tx.Find<Label>("golden"); })->has_value());
    }
  });
}

// The pragma bounds the file on the writer's connection, as a full disk does.
TEST_F(WriteQueueTest, AFullDiskFailsTheWholeBatchByNameAndLosesNothingElse) {
  std::vector<Migration> migrations = TestMigrations();
  migrations.push_back({"limit", 1, "PRAGMA max_page_count = 64"});
  Open(migrations);
  std::atomic<int> stored{0}, refused{0};
  RunTogether(8, [&](int thread) {
    for (int i = 0; i < 40; ++i) {
      const std::string text = std::to_string(thread) + "/" + std::to_string(i) + std::string(1000, 'x');
      const Status status = database_->Write([&](Tx& tx) { return tx.Put(Label{text}); });
      if (status.ok()) {
        ++stored;
        continue;
      }
      ++refused;
      ASSERT_EQ(status.error().name, kDiskFull) << status.error().detail;
      ASSERT_EQ(status.error().kind, Kind::kUnavailable);
    }
  });
  EXPECT_GT(stored, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(Count(""), stored);
  EXPECT_TRUE(database_->Write([](Tx& tx) { return tx.DeleteWhere<Label>(""); }).ok());
  EXPECT_TRUE(database_->Write([](Tx& tx) { return tx.Put(Label{"fits again"}); }).ok());
}

TEST_F(WriteQueueTest, WorkThatIgnoresAFullDiskWritesNothing) {
  std::vector<Migration> migrations = TestMigrations();
  migrations.push_back({"limit", 1, "PRAGMA max_page_count = 64"});
  Open(migrations);
  const Status status = database_->Write([](Tx& tx) -> Status {
    (void)tx.Put(Label{std::string(1'000'000, 'x')});
    EXPECT_FALSE(tx.Put(Label{"small"}).ok());
    return {};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().name, kDiskFull);
  EXPECT_EQ(Count(""), 0);
}

}  // namespace
}  // namespace meetinity::store

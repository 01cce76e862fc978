#include "store/write_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "base/log.h"
#include "store/activity.h"

namespace meetinity::store {
namespace {

// More threads than any pool of ours has; past it something is stuck, and another waiting thread would not help.
constexpr size_t kWritersWaitingMax = 4096;

// So that the first of a batch does not wait for the last of a thousand; one fsync is well shared by then.
constexpr size_t kBatchMax = 256;

// Tx numbers are reserved by the million, so that noting them costs a page a million commits and not one each. A
// restart skips what is left: 2^63 numbers last.
constexpr uint64_t kNumbersReservedAtOnce = 1'000'000;
constexpr std::string_view kNumbersName = "tx_numbers_reserved";

Status Caught(const std::function<Status()>& work) {
  try {
    return work();
  } catch (const std::exception& thrown) {
    return Internal(fmt::format("a transaction threw: {}", thrown.what()));
  } catch (...) {
    return Internal("a transaction threw something that is no exception");
  }
}

}  // namespace

// Wakes one thread, and without the queue's mutex: whoever is woken by a leader that still wakes the others would run
// into that one and sleep again, twice the switches for each write.
class WriteQueue::Alarm {
 public:
  void Ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    changed_.notify_one();
  }

  void Await() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return rung_; });
    rung_ = false;
  }

  // Shared, because who rings it may not be done yet when the thread has gone on and ended.
  static const std::shared_ptr<Alarm>& OfThisThread() {
    thread_local const auto alarm = std::make_shared<Alarm>();
    return alarm;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

struct WriteQueue::Waiter {
  const FunctionRef<Status(Tx&)>* work = nullptr;
  const FunctionRef<Status(Connection&)>* alone = nullptr;  // or this
  Status status;
  std::vector<std::function<Status()>> before_commit;
  std::vector<std::function<void()>> on_commit;
  Turn turn = Turn::kLeads;  // written before the alarm rings
  std::shared_ptr<Alarm> alarm;
};

class WriteQueue::QueuedTx : public Tx {
 public:
  QueuedTx(WriteQueue& queue, uint64_t number, Waiter& waiter)
      : queue_(queue), connection_(*queue.connection_), number_(number), waiter_(waiter) {}

  uint64_t number() const override { return number_; }
  void BeforeCommit(std::function<Status()> action) override { waiter_.before_commit.push_back(std::move(action)); }
  void OnCommit(std::function<void()> action) override { waiter_.on_commit.push_back(std::move(action)); }

  std::optional<uint64_t> watched_version() const override {
    return queue_.watched_changed_ ? std::nullopt : queue_.watched_.Read();
  }

 protected:
  Status Query(std::string_view sql, const std::vector<Value>& values,
               FunctionRef<Result<bool>(std::vector<Value>&)> row) const override {
    TRY(StillOpen());
    return connection_.Query(sql, values, row);
  }
  Result<int64_t> Execute(std::string_view sql, const std::vector<Value>& values) override {
    TRY(StillOpen());
    return connection_.Execute(sql, values);
  }
  void NoteWatchedChange() override { queue_.watched_changed_ = true; }

 private:
  // SQLite gives the whole transaction up when the disk is full in the middle of a statement. Work that goes on
  // regardless would then write outside of any.
  Status StillOpen() const {
    if (connection_.InTransaction()) return {};
    return Error{Kind::kUnavailable, kDiskFull, "the transaction was given up; nothing was changed"};
  }

  WriteQueue& queue_;
  Connection& connection_;
  uint64_t number_;
  Waiter& waiter_;
};

Result<std::unique_ptr<WriteQueue>> WriteQueue::Open(std::unique_ptr<Connection> connection) {
  int64_t reserved = 0;
  TRY(connection->Query("SELECT value FROM schema_meta WHERE name = ?", {std::string(kNumbersName)},
                        [&](std::vector<Value>& row) -> Result<bool> {
                          reserved = TRY(Get<int64_t>(row[0]));
                          return false;
                        }));
  return std::unique_ptr<WriteQueue>(new WriteQueue(std::move(connection), static_cast<uint64_t>(reserved)));
}

Status WriteQueue::Write(FunctionRef<Status(Tx&)> work) {
  Waiter waiter;
  waiter.work = &work;
  return Enqueue(waiter);
}

Status WriteQueue::RunAlone(FunctionRef<Status(Connection&)> work) {
  Waiter waiter;
  waiter.alone = &work;
  return Enqueue(waiter);
}

WriteCounts WriteQueue::counts() const { return {writes_.load(), commits_.load()}; }

Status WriteQueue::Enqueue(Waiter& waiter) {
  CHECK(Activity::In(this) == nullptr);  // a Write within a Read or a Write
  if (TRY(Join(waiter)) == Turn::kDone) return std::move(waiter.status);
  Batch batch;
  {
    const std::lock_guard lock(mutex_);
    batch = TakeBatch();  // stays in the queue, so that nobody else takes the lead
  }
  Run(batch);
  Leave(waiter, batch);
  return std::move(waiter.status);
}

// Returns when the work is done, or it is this thread's turn to do it.
Result<WriteQueue::Turn> WriteQueue::Join(Waiter& waiter) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kWritersWaitingMax) {
      return Error{Kind::kUnavailable, kStoreBusy, fmt::format("{} writes wait already; try again", queue_.size())};
    }
    waiter.alarm = Alarm::OfThisThread();
    queue_.push_back(&waiter);
    if (queue_.size() == 1) return Turn::kLeads;
  }
  waiter.alarm->Await();
  return waiter.turn;
}

// Hands the lead on, and sends the others of the batch home.
void WriteQueue::Leave(const Waiter& leader, const Batch& batch) {
  std::shared_ptr<Alarm> next;
  {
    const std::lock_guard lock(mutex_);
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
    if (!queue_.empty()) next = queue_.front()->alarm;
  }
  if (next) next->Ring();  // first, for it has most to do
  for (Waiter* waiter : batch) {
    if (waiter == &leader) continue;
    waiter->turn = Turn::kDone;
    const std::shared_ptr<Alarm> alarm = waiter->alarm;
    alarm->Ring();  // from now on `waiter` may be gone
  }
}

WriteQueue::Batch WriteQueue::TakeBatch() const {
  Batch batch;
  for (Waiter* waiter : queue_) {
    const bool fits = batch.size() < kBatchMax && waiter->alone == nullptr;
    if (!batch.empty() && !fits) break;
    batch.push_back(waiter);
    if (waiter->alone != nullptr) break;
  }
  return batch;
}

void WriteQueue::Run(const Batch& batch) {
  if (batch.front()->alone != nullptr) {
    const Activity activity(this, nullptr);
    watched_.BeginChange();  // what it does is not known here
    batch.front()->status = Caught([&] { return (*batch.front()->alone)(*connection_); });
    watched_.EndChange();
    return;
  }
  const Status committed = Commit(batch);
  LogChange(committed);
  if (committed.ok()) {
    RunCommitActions(batch);
    return;
  }
  if (connection_->InTransaction()) (void)connection_->Execute("ROLLBACK", {});
  // Those that were refused too: what they saw, such as a neighbour's new name, may never have happened.
  for (Waiter* waiter : batch) waiter->status = committed.error();
}

// Once when it begins and once when it ends: a full disk would otherwise fill its log too.
void WriteQueue::LogChange(const Status& committed) {
  if (committed.ok() && failing_) Log(LogLevel::kInfo, "store", "writes succeed again");
  if (!committed.ok() && !failing_) Log(LogLevel::kError, "store", "writes fail: {}", committed.error().detail);
  failing_ = !committed.ok();
}

Status WriteQueue::Commit(const Batch& batch) {
  watched_changed_ = false;
  TRY(connection_->Execute("BEGIN IMMEDIATE", {}));
  const uint64_t reserved = TRY(ReserveNumbers(batch.size()));
  for (Waiter* waiter : batch) TRY(RunInSavepoint(*waiter));
  const auto successes = std::count_if(batch.begin(), batch.end(), [](Waiter* waiter) { return waiter->status.ok(); });
  if (successes == 0) {
    TRY(connection_->Execute("ROLLBACK", {}));  // spares the fsync
    return {};
  }
  for (Waiter* waiter : batch) {
    for (const auto& prepare : waiter->before_commit) TRY(prepare());
  }
  TRY(CommitWatched());
  numbers_reserved_ = reserved;
  writes_ += static_cast<uint64_t>(successes);
  ++commits_;
  return {};
}

Status WriteQueue::CommitWatched() {
  if (watched_changed_) watched_.BeginChange();
  const Result<int64_t> committed = connection_->Execute("COMMIT", {});
  if (watched_changed_) watched_.EndChange();
  if (!committed.ok()) return committed.error();
  return {};
}

// An error is the whole batch's; the work's own refusal is in waiter.status.
Status WriteQueue::RunInSavepoint(Waiter& waiter) {
  TRY(connection_->Execute("SAVEPOINT one_write", {}));
  QueuedTx tx(*this, ++next_number_, waiter);
  {
    const Activity activity(this, &tx);
    waiter.status = Caught([&] { return (*waiter.work)(tx); });
  }
  if (!connection_->InTransaction()) {
    if (!waiter.status.ok()) return waiter.status.error();
    return Error{Kind::kUnavailable, kDiskFull, "the transaction was given up; nothing was changed"};
  }
  if (!waiter.status.ok()) {
    waiter.before_commit.clear();
    waiter.on_commit.clear();
    TRY(connection_->Execute("ROLLBACK TO one_write", {}));
  }
  TRY(connection_->Execute("RELEASE one_write", {}));
  return {};
}

// Returns how many are reserved once this transaction is committed.
Result<uint64_t> WriteQueue::ReserveNumbers(size_t count) {
  if (next_number_ + count <= numbers_reserved_) return numbers_reserved_;
  const uint64_t reserved = next_number_ + count + kNumbersReservedAtOnce;
  TRY(connection_->Execute(
      "INSERT INTO schema_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      {std::string(kNumbersName), static_cast<int64_t>(reserved)}));
  return reserved;
}

void WriteQueue::RunCommitActions(const Batch& batch) {
  const Activity activity(this, nullptr);
  for (Waiter* waiter : batch) {
    if (!waiter->status.ok()) continue;
    for (const std::function<void()>& action : waiter->on_commit) {
      const Status status = Caught([&]() -> Status {
        action();
        return {};
      });
      if (!status.ok()) Log(LogLevel::kError, "store", "an action after a commit failed: {}", status.error().detail);
    }
  }
}

}  // namespace meetinity::store

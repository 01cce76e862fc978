#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "store/database.h"
#include "store/sqlite.h"
#include "store/watched_version.h"

namespace meetinity::store {

// The database's one writer. Threads queue up; the one in front leads: it runs everything that waits by then, each in
// a savepoint, commits once, and hands the lead to whoever came meanwhile. While one commit waits for the disk the
// next batch gathers, so that commits grow with load and a lone writer waits for nobody. Thread-safe.
class WriteQueue {
 public:
  // `connection` is migrated. Used by the leading thread alone.
  static Result<std::unique_ptr<WriteQueue>> Open(std::unique_ptr<Connection> connection);

  Status Write(FunctionRef<Status(Tx&)> work);
  // Between two batches, outside of any transaction: for what SQLite does not do within one.
  Status RunAlone(FunctionRef<Status(Connection&)> work);
  WriteCounts counts() const;
  const WatchedVersion& watched() const { return watched_; }

 private:
  class Alarm;
  struct Waiter;
  class QueuedTx;
  using Batch = std::vector<Waiter*>;
  enum class Turn { kLeads, kDone };

  WriteQueue(std::unique_ptr<Connection> connection, uint64_t numbers_reserved)
      : connection_(std::move(connection)), next_number_(numbers_reserved), numbers_reserved_(numbers_reserved) {}

  Status Enqueue(Waiter& waiter);
  Result<Turn> Join(Waiter& waiter);
  void Leave(const Waiter& leader, const Batch& batch);
  Batch TakeBatch() const;
  void Run(const Batch& batch);
  void LogChange(const Status& committed);
  Status Commit(const Batch& batch);
  Status CommitWatched();
  Status RunInSavepoint(Waiter& waiter);
  Result<uint64_t> ReserveNumbers(size_t count);
  void RunCommitActions(const Batch& batch);

  std::mutex mutex_;  // guards queue_
  std::deque<Waiter*> queue_;

  // The leader's own; the mutex hands them on with the lead.
  const std::unique_ptr<Connection> connection_;
  uint64_t next_number_;
  uint64_t numbers_reserved_;
  bool failing_ = false;
  bool watched_changed_ = false;  // by a write of the transaction at hand
  WatchedVersion watched_;

  std::atomic<uint64_t> writes_{0};
  std::atomic<uint64_t> commits_{0};
};

}  // namespace meetinity::store

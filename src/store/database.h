#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "store/column_codec.h"
#include "store/errors.h"

namespace meetinity::store {

// One step of a component's schema, applied once, in order, in the transaction that also notes it. Forward only.
// A component's steps are numbered 1, 2, 3 …; a database with more steps than the program knows is refused with
// kNewerVersion, because guessing at a newer schema loses data. Table names that begin with "schema_" are the store's
// own; foreign keys must not be deferred, since a commit is shared with other writers.
struct Migration {
  std::string_view component;  // "s3", "cloudfront": owns the tables whose names begin with it
  int number;
  std::string_view sql;
};

// A typed record names its table once:
//
//   struct Bucket {
//     std::string name;
//     Instant created;
//     std::optional<std::string> policy;
//
//     static constexpr std::string_view kTable = "s3_buckets";
//     static constexpr int kKeyColumns = 1;  // the first so many columns are the primary key
//     static constexpr auto Columns() {
//       return std::tuple{Column{"name", &Bucket::name}, Column{"created", &Bucket::created},
//                         Column{"policy", &Bucket::policy}};
//     }
//   };
//
// A record of a small table that is read with nearly every request may also say
//
//     static constexpr bool kWatched = true;
//
// and what is made of its rows may then be kept in memory (ReadTx::watched_version).
template <class Record, class Member>
struct Column {
  std::string_view name;
  Member Record::*member;
};
template <class Record, class Member>
Column(std::string_view, Member Record::*) -> Column<Record, Member>;

namespace detail {
struct RecordSql;
}

// How a record becomes a row and comes back. A header whose records many files use spares them compiling it:
//
//   extern template struct store::RecordMapping<Bucket>;  // in the header, outside of namespaces
//   template struct store::RecordMapping<Bucket>;         // in one source
template <class Record>
struct RecordMapping {
  static const detail::RecordSql& Sql();
  static std::vector<Value> Encode(const Record& record);
  // Moves from `row`.
  static Status Decode(std::vector<Value>& row, Record& record);
};

// A consistent view of the whole database, for as long as it lives. Not shared between threads.
class ReadTx {
 public:
  virtual ~ReadTx() = default;

  template <class Record, class... Key>
  Result<std::optional<Record>> Find(const Key&... key) const;

  // `where` is what follows WHERE, with '?' for each of `values`: "bucket = ? AND name > ? ORDER BY name LIMIT ?";
  // empty for every row. SQL text is always a literal of ours; what a client sent goes into `values`.
  // Texts compare bytewise.
  template <class Record>
  Result<std::vector<Record>> Select(std::string_view where, std::vector<Value> values = {}) const;

  // The same without building a vector; return false to stop.
  template <class Record>
  Status ForEach(std::string_view where, std::vector<Value> values, FunctionRef<bool(Record)> each) const;

  template <class Record>
  Result<int64_t> Count(std::string_view where, std::vector<Value> values = {}) const;

  // What the watched tables hold in this view, as a number: views and Database::watched_version that say the same
  // number see the same rows there. Nothing while that cannot be told: before the view's first look-up, within a
  // transaction that changed such a row, and around the commit of one that did.
  virtual std::optional<uint64_t> watched_version() const { return std::nullopt; }

 protected:
  // One prepared statement, run to its end; `row` sees each row's values, which it may move from, and returns false
  // to stop.
  virtual Status Query(std::string_view sql, const std::vector<Value>& values,
                       FunctionRef<Result<bool>(std::vector<Value>&)> row) const = 0;
};

class Tx : public ReadTx {
 public:
  template <class Record>
  Status Put(const Record& record);  // inserts or replaces, by key
  // Refuses with kConflict and `name` when the key exists.
  template <class Record>
  Status Insert(const Record& record, std::string_view refusal_name);
  template <class Record>
  Result<bool> InsertIfNew(const Record& record);  // whether it was; what is there under its key stays
  template <class Record, class... Key>
  Result<bool> Delete(const Key&... key);  // whether it was there
  template <class Record>
  Result<int64_t> DeleteWhere(std::string_view where, std::vector<Value> values = {});

  // Numbers write transactions, ever growing across restarts: a late Apply(config, number) cannot undo a newer one.
  virtual uint64_t number() const = 0;
  // Runs before the commit, which fails with its error: what the committed records will rely on, such as a blob that
  // must be on the disk. Once for the whole batch that the commit is shared by, so that those waits are shared, too. On
  // the thread that commits; not at all after a rollback. Without a Write.
  virtual void BeforeCommit(std::function<Status()> action) = 0;
  // Runs after the commit is durable, on the thread that committed, in the order of commits and before the next one
  // begins; not at all after a rollback. For effects outside the database, such as removing a blob that no record
  // names any more. Short, and without a Write.
  virtual void OnCommit(std::function<void()> action) = 0;

 protected:
  virtual Result<int64_t> Execute(std::string_view sql, const std::vector<Value>& values) = 0;  // rows changed
  virtual void NoteWatchedChange() = 0;  // before a row of a watched table changes
};

struct WriteCounts {
  uint64_t writes = 0;   // calls of Write that became durable
  uint64_t commits = 0;  // commits, and so fsyncs, that they shared
};

// The cloud's state: one SQLite file (WAL, synchronous=FULL). Thread-safe.
//
// Writes that arrive together share one commit, and so one fsync: each runs in its own savepoint, in order, and is
// rolled back alone if it returns an Error or throws. Write returns only when the commit is durable.
class Database {
 public:
  // Creates what is missing (directory 0700, file 0600). Refuses a directory that another process has open.
  static Result<std::unique_ptr<Database>> Open(std::string path, std::vector<Migration> migrations);
  virtual ~Database() = default;

  // `work` is called with Tx&, returns Result<T>, and must not call Write again. It may run on another writer's thread.
  template <class Work>
  auto Write(Work&& work) -> std::invoke_result_t<Work, Tx&>;
  // `work` is called with const ReadTx& and returns Result<T>. Never waits for writers, and must not call Write.
  // Within another Read or a Write of the same thread it joins that one's view.
  template <class Work>
  auto Read(Work&& work) const -> std::invoke_result_t<Work, const ReadTx&>;

  // Empties every table but the schema's own, or brings back what SaveGolden kept. In one transaction each, ordered
  // with the writes; Tx numbers go on growing.
  virtual Status Clear() = 0;
  virtual Status SaveGolden() = 0;
  virtual Status RestoreGolden() = 0;  // kGoldenMissing
  virtual bool HasGolden() const = 0;

  virtual WriteCounts write_counts() const = 0;
  // Of what a view would show that began now; see ReadTx.
  virtual std::optional<uint64_t> watched_version() const = 0;

 protected:
  virtual Status RunWrite(FunctionRef<Status(Tx&)> work) = 0;
  virtual Status RunRead(FunctionRef<Status(const ReadTx&)> work) const = 0;
};

}  // namespace meetinity::store

#include "store/database_inl.h"

#include "store/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "store/activity.h"
#include "store/files.h"
#include "store/golden.h"
#include "store/migrations.h"
#include "store/reader_pool.h"
#include "store/write_queue.h"

namespace meetinity::store {
namespace {

class ConnectionReadTx : public ReadTx {
 public:
  // Before the connection's transaction begins.
  ConnectionReadTx(Connection& connection, const WatchedVersion& watched)
      : connection_(connection), watched_(watched), version_before_(watched.Read()) {}

  // SQLite takes the snapshot with the first look-up. What was committed before and after is the same when nothing
  // moved in between.
  std::optional<uint64_t> watched_version() const override {
    return looked_up_ && watched_.Read() == version_before_ ? version_before_ : std::nullopt;
  }

 protected:
  Status Query(std::string_view sql, const std::vector<Value>& values,
               FunctionRef<Result<bool>(std::vector<Value>&)> row) const override {
    Status status = connection_.Query(sql, values, row);
    looked_up_ = looked_up_ || status.ok();
    return status;
  }

 private:
  Connection& connection_;
  const WatchedVersion& watched_;
  const std::optional<uint64_t> version_before_;
  mutable bool looked_up_ = false;
};

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(const std::string& path, FileDescriptor lock, std::unique_ptr<WriteQueue> writer)
      : golden_path_(path + ".golden"), lock_(std::move(lock)), readers_(path), writer_(std::move(writer)) {}

  Status Clear() override {
    return writer_->RunAlone([](Connection& connection) { return ClearTables(connection); });
  }

  Status SaveGolden() override {
    return writer_->RunAlone([&](Connection& connection) { return SaveGoldenCopy(connection, golden_path_); });
  }

  Status RestoreGolden() override {
    return writer_->RunAlone([&](Connection& connection) -> Status {
      if (!HasGolden()) return Error{Kind::kPrecondition, kGoldenMissing, "no golden state was saved"};
      return RestoreGoldenCopy(connection, golden_path_);
    });
  }

  bool HasGolden() const override { return ::access(golden_path_.c_str(), F_OK) == 0; }

  WriteCounts write_counts() const override { return writer_->counts(); }

  std::optional<uint64_t> watched_version() const override { return writer_->watched().Read(); }

 protected:
  Status RunWrite(FunctionRef<Status(Tx&)> work) override { return writer_->Write(work); }

  Status RunRead(FunctionRef<Status(const ReadTx&)> work) const override {
    const Activity* outer = Activity::In(writer_.get());
    if (outer != nullptr && outer->tx() != nullptr) return work(*outer->tx());
    ReaderPool::Lease connection = TRY(readers_.Take());
    const ConnectionReadTx tx(*connection, writer_->watched());
    const Activity activity(writer_.get(), &tx);
    TRY((*connection).Execute("BEGIN", {}));
    // Ends the view however `work` leaves, or the connection would go on showing it.
    struct End {
      Connection& connection;
      ~End() { (void)connection.Execute("COMMIT", {}); }
    } const end{*connection};
    return work(tx);
  }

 private:
  const std::string golden_path_;
  const FileDescriptor lock_;
  mutable ReaderPool readers_;
  const std::unique_ptr<WriteQueue> writer_;
};

// Two programs on one directory would each trust what it keeps in memory.
Result<FileDescriptor> LockFile(const std::string& path) {
  FileDescriptor file = TRY(OpenFile(path, O_RDWR | O_CREAT));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) return SystemError(fmt::format("locking {}", path), errno);
  return Error{Kind::kUnavailable, kDataDirectoryInUse,
               fmt::format("another process uses {}; stop it, or choose another data directory",
                           std::filesystem::path(path).parent_path().string())};
}

// SQLite gives its log and its shared memory the mode of the database file, so that one is made first.
Status EnsureDatabaseFile(const std::string& path, const std::string& directory) {
  const FileDescriptor file = TRY(OpenFile(path, O_RDWR | O_CREAT));
  if (::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) return SystemError(fmt::format("protecting {}", path), errno);
  return SyncDirectory(directory);
}

// A golden copy kept by an older version takes the same steps, so that it can be brought back.
Status MigrateGolden(const std::string& golden_path, std::span<const Migration> migrations) {
  if (::access(golden_path.c_str(), F_OK) != 0) return {};
  const std::unique_ptr<Connection> golden = TRY(Connection::Open(golden_path, Access::kReadWrite));
  return Migrate(*golden, migrations);
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(std::string path, std::vector<Migration> migrations) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const std::string directory = folder.empty() ? "." : folder;
  TRY(EnsureDirectory(directory));
  FileDescriptor lock = TRY(LockFile(path + ".lock"));
  TRY(EnsureDatabaseFile(path, directory));
  std::unique_ptr<Connection> connection = TRY(Connection::Open(path, Access::kReadWrite));
  TRY(Migrate(*connection, migrations));
  TRY(MigrateGolden(path + ".golden", migrations));
  std::unique_ptr<WriteQueue> writer = TRY(WriteQueue::Open(std::move(connection)));
  return std::make_unique<SqliteDatabase>(path, std::move(lock), std::move(writer));
}

}  // namespace meetinity::store

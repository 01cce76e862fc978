#include "store/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <mutex>

namespace meetinity::store {
namespace {

// Statements are literals of ours, a few dozen a table; a program that makes more is building SQL text from data.
constexpr size_t kStatementsMax = 1024;

// Another process's backup or a recovery after a crash may hold the lock for a moment; a client waits no longer.
constexpr int kBusyMillis = 5000;

// Every connection: foreign keys are checked; a commit is durable when it returns; temporary tables stay in memory.
constexpr const char* kSetup = "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;";

// The writer: its pages stay cached between commits (negative is KiB). A checkpoint every 4,000 pages of log writes a
// hot page back once for many commits, and keeps recovery under a tenth of a second; a burst that made the log longer
// than 32 MiB is cut back.
constexpr const char* kWriterSetup =
    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=33554432; PRAGMA "
    "cache_size=-8192;";
// Several readers share the machine's page cache behind them, so each keeps little.
constexpr const char* kReaderSetup = "PRAGMA query_only=ON; PRAGMA cache_size=-1024;";

// One connection has one thread at a time, so SQLite's own locks and its global statistics only cost.
void ConfigureOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  });
}

// `values` must live until the statement is reset: texts are not copied.
int Bind(sqlite3_stmt* statement, int at, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(statement, at, *number);
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, at, *real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, at);
}

Value ColumnValue(sqlite3_stmt* statement, int at) {
  switch (sqlite3_column_type(statement, at)) {
    case SQLITE_INTEGER:
      return int64_t{sqlite3_column_int64(statement, at)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, at);
    case SQLITE_NULL:
      return {};
    default: {  // text, with its length, so that a NUL within it survives; and blobs, which we do not write
      const void* bytes = sqlite3_column_blob(statement, at);
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, at));
      return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
    }
  }
}

bool DiskIsFull(int code, int system_error) {
  return code == SQLITE_FULL || ((code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT));
}

}  // namespace

void Connection::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

// A statement between its first step and its reset.
class Connection::Running {
 public:
  Running(Kept* kept, Statement own) : kept_(kept), own_(std::move(own)) {
    if (kept_ != nullptr) kept_->running = true;
  }
  Running(Running&& other) noexcept : kept_(std::exchange(other.kept_, nullptr)), own_(std::move(other.own_)) {}
  Running& operator=(Running&&) = delete;
  ~Running() {
    if (kept_ == nullptr) return;
    sqlite3_reset(kept_->statement.get());
    sqlite3_clear_bindings(kept_->statement.get());  // they point into the caller's values
    kept_->running = false;
  }
  sqlite3_stmt* get() const { return kept_ != nullptr ? kept_->statement.get() : own_.get(); }

 private:
  Kept* kept_;     // in the connection's cache, or
  Statement own_;  // made for this run, because the kept one runs further up the stack
};

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, Access access) {
  ConfigureOnce();
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Connection> connection(new Connection(database));
  if (code != SQLITE_OK) return connection->LastError(fmt::format("opening {}", path));
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, kBusyMillis);
  TRY(connection->RunScript(kSetup));
  TRY(connection->RunScript(access == Access::kReadWrite ? kWriterSetup : kReaderSetup));
  return connection;
}

Connection::~Connection() {
  statements_.clear();
  sqlite3_close_v2(database_);
}

Result<Connection::Statement> Connection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return LastError(sql);
  CHECK(statement != nullptr);
  return Statement(statement);
}

Result<Connection::Running> Connection::Start(std::string_view sql, const std::vector<Value>& values) {
  const auto bind = [&](Running running) -> Result<Running> {
    const int wanted = sqlite3_bind_parameter_count(running.get());
    if (wanted != static_cast<int>(values.size())) {
      return Internal(fmt::format("{} values for the {} of: {}", values.size(), wanted, sql));
    }
    for (size_t i = 0; i < values.size(); ++i) {
      if (Bind(running.get(), static_cast<int>(i) + 1, values[i]) != SQLITE_OK) return LastError(sql);
    }
    return running;
  };
  auto found = statements_.find(sql);
  if (found != statements_.end() && found->second->running) return bind(Running(nullptr, TRY(Prepare(sql))));
  if (found == statements_.end()) {
    if (statements_.size() >= kStatementsMax)
      std::erase_if(statements_, [](const auto& s) { return !s.second->running; });
    auto kept = std::make_unique<Kept>(Kept{TRY(Prepare(sql))});
    found = statements_.emplace(std::string(sql), std::move(kept)).first;
  }
  return bind(Running(found->second.get(), nullptr));
}

Result<bool> Connection::Step(sqlite3_stmt* statement, std::string_view sql) {
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return LastError(sql);
}

Status Connection::Query(std::string_view sql, const std::vector<Value>& values,
                         FunctionRef<Result<bool>(std::vector<Value>&)> row) {
  const Running running = TRY(Start(sql, values));
  const int columns = sqlite3_column_count(running.get());
  std::vector<Value> read(static_cast<size_t>(columns));
  while (TRY(Step(running.get(), sql))) {
    for (int i = 0; i < columns; ++i) read[static_cast<size_t>(i)] = ColumnValue(running.get(), i);
    if (!TRY(row(read))) return {};
  }
  return {};
}

Result<int64_t> Connection::Execute(std::string_view sql, const std::vector<Value>& values) {
  const Running running = TRY(Start(sql, values));
  while (TRY(Step(running.get(), sql))) continue;
  return int64_t{sqlite3_changes64(database_)};
}

Status Connection::RunScript(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return LastError(sql);
  return {};
}

bool Connection::InTransaction() const { return sqlite3_get_autocommit(database_) == 0; }

Error Connection::LastError(std::string_view doing) const {
  constexpr size_t kShown = 200;
  if (database_ == nullptr) return Internal("SQLite is out of memory");
  const int code = sqlite3_extended_errcode(database_);
  if (DiskIsFull(code, sqlite3_system_errno(database_))) {
    return Error{Kind::kUnavailable, kDiskFull, "the disk is full; nothing was changed; free some space and try again"};
  }
  std::string detail = fmt::format("{} ({}) in: {}", sqlite3_errmsg(database_), code, doing.substr(0, kShown));
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error{Kind::kUnavailable, kStoreBusy, std::move(detail)};
    case SQLITE_CONSTRAINT:
      return Error{Kind::kConflict, kConstraintBroken, std::move(detail)};
    default:
      return Internal(std::move(detail));
  }
}

}  // namespace meetinity::store

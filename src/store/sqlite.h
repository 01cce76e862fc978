#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace meetinity::store {

enum class Access { kReadWrite, kReadOnly };

// One SQLite connection and its prepared statements. Used by one thread at a time.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const std::string& path, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A prepared and kept statement, run until it ends or `row` returns false. The same statement may run within its
  // own rows: the inner run then gets one of its own.
  Status Query(std::string_view sql, const std::vector<Value>& values,
               FunctionRef<Result<bool>(std::vector<Value>&)> row);
  // The same for a statement without rows; how many rows it changed.
  Result<int64_t> Execute(std::string_view sql, const std::vector<Value>& values);
  // Several statements at once, not kept: schema and pragmas.
  Status RunScript(const std::string& sql);

  // False also after SQLite gave a transaction up by itself, as it may when the disk is full.
  bool InTransaction() const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
  struct Kept {
    Statement statement;
    bool running = false;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  class Running;

  explicit Connection(sqlite3* database) : database_(database) {}
  Result<Statement> Prepare(std::string_view sql);
  Result<Running> Start(std::string_view sql, const std::vector<Value>& values);
  Result<bool> Step(sqlite3_stmt* statement, std::string_view sql);
  Error LastError(std::string_view doing) const;

  sqlite3* database_;
  std::unordered_map<std::string, std::unique_ptr<Kept>, TextHash, std::equal_to<>> statements_;
};

}  // namespace meetinity::store

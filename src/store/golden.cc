#include "store/golden.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "store/files.h"

namespace meetinity::store {
namespace {

Result<std::vector<std::string>> UserTables(Connection& connection) {
  std::vector<std::string> tables;
  TRY(
      connection.Query("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) NOT IN "
                       "('sqlite_', 'schema_') ORDER BY name",
                       {}, [&](std::vector<Value>& row) -> Result<bool> {
                         tables.push_back(TRY(Get<std::string>(row[0])));
                         return true;
                       }));
  return tables;
}

// Every table is emptied or filled as a whole, so foreign keys hold at the end and need no check in between; without
// them SQLite also drops and copies whole pages instead of rows. They can be switched only outside of a transaction.
Status InOneTransaction(Connection& connection, const std::string& script) {
  TRY(connection.RunScript("PRAGMA foreign_keys=OFF"));
  Status status = connection.RunScript("BEGIN IMMEDIATE;" + script + "COMMIT;");
  if (!status.ok() && connection.InTransaction()) (void)connection.RunScript("ROLLBACK");
  const Status checked_again = connection.RunScript("PRAGMA foreign_keys=ON");
  CHECK(checked_again.ok());  // only sets a flag; going on without it would let data decay
  return status;
}

}  // namespace

Status ClearTables(Connection& connection) {
  std::string script;
  for (const std::string& table : TRY(UserTables(connection))) script += fmt::format("DELETE FROM main.\"{}\";", table);
  return InOneTransaction(connection, script);
}

Status SaveGoldenCopy(Connection& connection, const std::string& golden_path) {
  const std::string temporary = golden_path + ".new";
  ::unlink(temporary.c_str());  // what a crash left
  const FileDescriptor file = TRY(OpenFile(temporary, O_RDWR | O_CREAT | O_EXCL));
  TRY(connection.Execute("VACUUM INTO ?", {temporary}));
  if (::fdatasync(file.get()) != 0) return SystemError(fmt::format("syncing {}", temporary), errno);
  if (::rename(temporary.c_str(), golden_path.c_str()) != 0) {
    return SystemError(fmt::format("renaming {}", temporary), errno);
  }
  return SyncDirectory(std::filesystem::path(golden_path).parent_path().string());
}

Status RestoreGoldenCopy(Connection& connection, const std::string& golden_path) {
  TRY(connection.Execute("ATTACH ? AS golden", {golden_path}));
  const auto restore = [&]() -> Status {
    const std::vector<std::string> tables = TRY(UserTables(connection));
    std::string script;
    for (const std::string& table : tables) script += fmt::format("DELETE FROM main.\"{}\";", table);
    for (const std::string& table : tables) {
      script += fmt::format("INSERT INTO main.\"{0}\" SELECT * FROM golden.\"{0}\";", table);
    }
    return InOneTransaction(connection, script);
  };
  Status status = restore();
  Status detached = connection.RunScript("DETACH golden");
  if (!status.ok()) return status;
  return detached;
}

}  // namespace meetinity::store

#include "store/migrations.h"

#include <fmt/format.h>

#include <map>

namespace meetinity::store {
namespace {

constexpr const char* kOwnTables =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "  component TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (component, number)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS schema_meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;";

using Steps = std::map<std::string, int64_t, std::less<>>;  // the last step of each component

Result<Steps> AppliedSteps(Connection& connection) {
  Steps applied;
  TRY(connection.Query("SELECT component, max(number) FROM schema_migrations GROUP BY component", {},
                       [&](std::vector<Value>& row) -> Result<bool> {
                         applied[TRY(Get<std::string>(row[0]))] = TRY(Get<int64_t>(row[1]));
                         return true;
                       }));
  return applied;
}

Steps KnownSteps(std::span<const Migration> migrations) {
  Steps known;
  for (const Migration& migration : migrations) {
    CHECK(migration.number == ++known[std::string(migration.component)]);  // 1, 2, 3 … in each component
  }
  return known;
}

Status RefuseNewer(const Steps& applied, const Steps& known) {
  for (const auto& [component, step] : applied) {
    const auto ours = known.find(component);
    const int64_t known_step = ours == known.end() ? 0 : ours->second;
    if (step <= known_step) continue;
    return Error{Kind::kPrecondition, kNewerVersion,
                 fmt::format("the data directory was written by a newer version: its {} data is at step {} and this "
                             "program knows {}; start the newer version, or choose another data directory",
                             component, step, known_step)};
  }
  return {};
}

Status ApplyMissing(Connection& connection, std::span<const Migration> migrations) {
  const Steps applied = TRY(AppliedSteps(connection));
  TRY(RefuseNewer(applied, KnownSteps(migrations)));
  for (const Migration& migration : migrations) {
    const auto last = applied.find(migration.component);
    if (last != applied.end() && migration.number <= last->second) continue;
    TRY(connection.RunScript(std::string(migration.sql)));
    TRY(connection.Execute("INSERT INTO schema_migrations (component, number) VALUES (?, ?)",
                           {std::string(migration.component), int64_t{migration.number}}));
  }
  return {};
}

}  // namespace

Status Migrate(Connection& connection, std::span<const Migration> migrations) {
  TRY(connection.RunScript("BEGIN IMMEDIATE"));
  Status status = connection.RunScript(kOwnTables);
  if (status.ok()) status = ApplyMissing(connection, migrations);
  if (status.ok()) status = connection.RunScript("COMMIT");
  if (!status.ok() && connection.InTransaction()) (void)connection.RunScript("ROLLBACK");
  return status;
}

}  // namespace meetinity::store

#pragma once

#include <string>

#include "store/sqlite.h"

namespace meetinity::store {

// All of these run between two batches of the writer's connection, in no transaction.

// Deletes every row but those of the store's own tables.
Status ClearTables(Connection& connection);
// A copy of everything in one file, durable before it takes the place of an older one.
Status SaveGoldenCopy(Connection& connection, const std::string& golden_path);
// Replaces every row by the copy's. The copy has the same schema.
Status RestoreGoldenCopy(Connection& connection, const std::string& golden_path);

}  // namespace meetinity::store

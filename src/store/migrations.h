#pragma once

#include <span>

#include "store/sqlite.h"

namespace meetinity::store {

// Brings the schema up to the last of `migrations`, all of it or nothing. kNewerVersion when it is further already.
Status Migrate(Connection& connection, std::span<const Migration> migrations);

}  // namespace meetinity::store

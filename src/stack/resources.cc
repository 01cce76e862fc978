#include "stack/resources.h"

namespace meetinity::stack {

std::vector<store::Migration> ResourceMigrations() {
  return {{"stack", 1, "CREATE TABLE stack_resources (address TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;"}};
}

Result<std::optional<std::string>> Resources::Find(std::string_view address) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<std::optional<std::string>> {
    auto record = TRY(tx.Find<ResourceRecord>(std::string(address)));
    if (!record) return std::optional<std::string>();
    return std::optional<std::string>(std::move(record->id));
  });
}

Result<std::vector<ResourceRecord>> Resources::Under(std::string_view prefix) const {
  const std::string begin(prefix);
  return database_.Read([&](const store::ReadTx& tx) {
    return tx.Select<ResourceRecord>("substr(address, 1, length(?)) = ? ORDER BY address", {begin, begin});
  });
}

Status Resources::Remember(std::string_view address, std::string_view id) {
  return database_.Write([&](store::Tx& tx) -> Status {
    return tx.Put(ResourceRecord{std::string(address), std::string(id)});
  });
}

Status Resources::Forget(std::string_view address) {
  return database_.Write([&](store::Tx& tx) -> Status {
    TRY(tx.Delete<ResourceRecord>(std::string(address)));
    return {};
  });
}

}  // namespace meetinity::stack

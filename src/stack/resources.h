#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace meetinity::stack {

// Which id a service gave to a resource of the stack: what Terraform's state file holds.
struct ResourceRecord {
  std::string address;
  std::string id;

  static constexpr std::string_view kTable = "stack_resources";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    return std::tuple{store::Column{"address", &ResourceRecord::address}, store::Column{"id", &ResourceRecord::id}};
  }
};

// Whether a service refused with this code.
inline bool Is(const Error& error, std::string_view name) { return error.name == name; }

std::vector<store::Migration> ResourceMigrations();

// The stack's memory of its resources.
class Resources {
 public:
  explicit Resources(store::Database& database) : database_(database) {}
  Result<std::optional<std::string>> Find(std::string_view address) const;
  // All whose address begins so.
  Result<std::vector<ResourceRecord>> Under(std::string_view prefix) const;
  Status Remember(std::string_view address, std::string_view id);
  Status Forget(std::string_view address);

 private:
  store::Database& database_;
};

}  // namespace meetinity::stack

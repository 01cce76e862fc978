#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stack/hcl.h"

namespace meetinity::stack {

// Reads the attributes of one object into C++ values, each name once, with errors that say where and what would be
// right. Terraform's conversions apply: "8" is a number, 8 a string, "true" a bool, and null means the default.
class ObjectReader {
 public:
  // `where` names the object in messages: "static_assets", or "" for the file.
  ObjectReader(std::string_view file_name, std::string_view where, const HclObject& object)
      : file_name_(file_name), where_(where), object_(object) {}

  Status Read(std::string_view name, bool& into);
  Status Read(std::string_view name, std::string& into);
  Status Read(std::string_view name, std::optional<int64_t>& into);
  Status Read(std::string_view name, std::vector<std::string>& into);
  Status Read(std::string_view name, std::map<std::string, std::string>& into);
  Status ReadObject(std::string_view name, const std::function<Status(const HclObject&)>& read);

  // Refuses what none of the Read calls asked for. Call last.
  Status RefuseOthers() const;

  // Refuses the value of `name`, if it was written, unless `valid`.
  Status Require(std::string_view name, bool valid, std::string_view what_is_right) const;

 private:
  const HclAttribute* Find(std::string_view name);  // null too where the value is null
  Error WrongType(const HclAttribute& attribute, std::string_view wanted) const;
  std::string Path(std::string_view name) const;

  std::string_view file_name_;
  std::string_view where_;
  const HclObject& object_;
  std::vector<std::string_view> known_;
};

}  // namespace meetinity::stack

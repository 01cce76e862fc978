#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

// The part of HCL that a .tfvars file may hold: literals (Terraform language documentation, pages "Input Variables",
// "Types and Values" and "HCL Native Syntax Specification"). Expressions, function calls and interpolation are refused
// by name, because a variables file cannot have them in Terraform either.
namespace meetinity::stack {

inline constexpr std::string_view kInvalidVariablesFile = "InvalidVariablesFile";

// More nesting than any variables file has, and far less than a thread's stack bears.
inline constexpr int kHclDepthMax = 64;
// A variables file is written by hand; a megabyte is not.
inline constexpr size_t kHclBytesMax = 1 << 20;
// Keys of one object. Keeps the search for a key set twice, which compares pairs, quick for any input.
inline constexpr size_t kHclKeysMax = 4'096;

// Where something stands, counted from 1; columns count characters as an editor shows them, not bytes.
struct Position {
  int line = 1;
  int column = 1;
};

struct HclValue;
struct HclAttribute;
using HclList = std::vector<HclValue>;
using HclObject = std::vector<HclAttribute>;  // in the order written

struct HclNumber {
  std::string text;  // as written, so that no digit is lost
  bool operator==(const HclNumber&) const = default;
};

struct HclValue {
  std::variant<std::monostate, bool, HclNumber, std::string, HclList, HclObject> data;
  Position at;

  bool is_null() const { return data.index() == 0; }
  const bool* as_bool() const { return std::get_if<bool>(&data); }
  const HclNumber* as_number() const { return std::get_if<HclNumber>(&data); }
  const std::string* as_string() const { return std::get_if<std::string>(&data); }
  const HclList* as_list() const { return std::get_if<HclList>(&data); }
  const HclObject* as_object() const { return std::get_if<HclObject>(&data); }
  // "a string", "a list", as an error message says it.
  std::string_view TypeName() const;
};

struct HclAttribute {
  std::string name;
  Position at;
  HclValue value;
};

// Parses a whole file. An error's detail begins with "file:line:column: ".
Result<HclObject> ParseHcl(std::string_view file_name, std::string_view text);

// The error that ParseHcl and the checks after it report.
Error HclError(std::string_view file_name, Position at, std::string_view message);

}  // namespace meetinity::stack

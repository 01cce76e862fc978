#include "aws/iam/policy_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "aws/iam/errors.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

using Family = ConditionFamily;

struct Operator {
  std::string_view name;
  Family family;
  Comparison comparison;
  bool negated;
};

constexpr Operator kOperators[] = {
    {"StringEquals", Family::kString, Comparison::kEqual, false},
    {"StringNotEquals", Family::kString, Comparison::kEqual, true},
    {"StringEqualsIgnoreCase", Family::kString, Comparison::kEqualIgnoreCase, false},
    {"StringNotEqualsIgnoreCase", Family::kString, Comparison::kEqualIgnoreCase, true},
    {"StringLike", Family::kString, Comparison::kLike, false},
    {"StringNotLike", Family::kString, Comparison::kLike, true},
    {"NumericEquals", Family::kNumeric, Comparison::kEqual, false},
    {"NumericNotEquals", Family::kNumeric, Comparison::kEqual, true},
    {"NumericLessThan", Family::kNumeric, Comparison::kLess, false},
    {"NumericLessThanEquals", Family::kNumeric, Comparison::kLessOrEqual, false},
    {"NumericGreaterThan", Family::kNumeric, Comparison::kGreater, false},
    {"NumericGreaterThanEquals", Family::kNumeric, Comparison::kGreaterOrEqual, false},
    {"DateEquals", Family::kDate, Comparison::kEqual, false},
    {"DateNotEquals", Family::kDate, Comparison::kEqual, true},
    {"DateLessThan", Family::kDate, Comparison::kLess, false},
    {"DateLessThanEquals", Family::kDate, Comparison::kLessOrEqual, false},
    {"DateGreaterThan", Family::kDate, Comparison::kGreater, false},
    {"DateGreaterThanEquals", Family::kDate, Comparison::kGreaterOrEqual, false},
    {"Bool", Family::kBool, Comparison::kEqual, false},
    {"BinaryEquals", Family::kBinary, Comparison::kEqual, false},
    {"IpAddress", Family::kIpAddress, Comparison::kEqual, false},
    {"NotIpAddress", Family::kIpAddress, Comparison::kEqual, true},
    // With ARNs, "Equals" and "Like" are the same.
    {"ArnEquals", Family::kArn, Comparison::kLike, false},
    {"ArnLike", Family::kArn, Comparison::kLike, false},
    {"ArnNotEquals", Family::kArn, Comparison::kLike, true},
    {"ArnNotLike", Family::kArn, Comparison::kLike, true},
    {"Null", Family::kNull, Comparison::kEqual, false},
};

const Operator* FindOperator(std::string_view name) {
  for (const Operator& known : kOperators) {
    if (EqualsIgnoreCase(known.name, name)) return &known;
  }
  return nullptr;
}

Error UnknownOperator(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Operator& known : kOperators) names.push_back(known.name);
  const std::optional<std::string_view> nearest = NearestName(name, names);
  return MalformedPolicy(nearest ? fmt::format("'{}' is no condition operator; did you mean '{}'?", name, *nearest)
                                 : fmt::format("'{}' is no condition operator", name));
}

std::optional<double> ParseNumber(std::string_view text) {
  const std::string copy(text);  // strtod wants a terminator
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

// The forms of W3C's ISO 8601 profile that policies use, or seconds since the epoch.
std::optional<Instant> ParseDate(std::string_view text) {
  if (Result<Instant> at = Instant::ParseIso8601(text); at.ok()) return *at;
  if (Result<Instant> at = Instant::ParseIso8601(std::string(text) + "T00:00:00Z"); at.ok()) return *at;
  const std::optional<double> seconds = ParseNumber(text);
  // Past this an Instant cannot reach.
  if (!seconds || std::abs(*seconds) > 9.2e9) return std::nullopt;
  return Instant::FromUnixSeconds(static_cast<int64_t>(*seconds));
}

std::optional<bool> ParseBool(std::string_view text) {
  if (EqualsIgnoreCase(text, "true")) return true;
  if (EqualsIgnoreCase(text, "false")) return false;
  return std::nullopt;
}

std::string_view TypeName(Family family) {
  switch (family) {
    case Family::kNumeric:
      return "a number";
    case Family::kDate:
      return "a date such as 2024-01-31T12:00:00Z";
    case Family::kBool:
    case Family::kNull:
      return "true or false";
    case Family::kIpAddress:
      return "an address range such as 203.0.113.0/24";
    default:
      return "a text";
  }
}

}  // namespace

Error MalformedPolicy(std::string detail) { return Error{Kind::kInvalid, kMalformedPolicyDocument, std::move(detail)}; }

std::optional<ConditionOperand> ToOperand(Family family, std::string_view text) {
  const auto widen = [](auto parsed) { return parsed ? std::optional<ConditionOperand>(*parsed) : std::nullopt; };
  switch (family) {
    case Family::kNumeric:
      return widen(ParseNumber(text));
    case Family::kDate:
      return widen(ParseDate(text));
    case Family::kBool:
    case Family::kNull:
      return widen(ParseBool(text));
    case Family::kIpAddress:
      return widen(ParseIpRange(text));
    case Family::kString:
    case Family::kBinary:
    case Family::kArn:
      break;
  }
  return ConditionOperand(std::string(text));
}

std::optional<Cidr> ParseIpRange(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<Cidr> address = Cidr::ParseAddress(text.substr(0, slash));
  if (!address || slash == std::string_view::npos) return address;
  const std::optional<uint64_t> prefix = ParseUnsigned(text.substr(slash + 1));
  return prefix ? address->WithPrefix(*prefix) : std::nullopt;
}

Result<std::shared_ptr<const ConditionTest>> CompileCondition(std::string_view operator_name,
                                                              const std::vector<std::string>& values) {
  auto test = std::make_shared<ConditionTest>();
  std::string_view name = operator_name;
  if (const size_t colon = name.find(':'); colon != std::string_view::npos) {
    const std::string_view qualifier = name.substr(0, colon);
    if (EqualsIgnoreCase(qualifier, "ForAllValues")) {
      test->qualifier = SetQualifier::kForAllValues;
    } else if (EqualsIgnoreCase(qualifier, "ForAnyValue")) {
      test->qualifier = SetQualifier::kForAnyValue;
    } else {
      return MalformedPolicy(fmt::format("'{}' is no set operator; there are ForAllValues and ForAnyValue", qualifier));
    }
    name.remove_prefix(colon + 1);
  }
  constexpr std::string_view kIfExists = "IfExists";
  if (name.size() > kIfExists.size() && EqualsIgnoreCase(name.substr(name.size() - kIfExists.size()), kIfExists)) {
    test->if_exists = true;
    name.remove_suffix(kIfExists.size());
  }
  const Operator* known = FindOperator(name);
  if (known == nullptr) return UnknownOperator(name);
  if (known->family == Family::kNull && test->if_exists)
    return MalformedPolicy("NullIfExists does not exist; use Null");
  test->family = known->family;
  test->comparison = known->comparison;
  test->negated = known->negated;
  for (const std::string& value : values) {
    std::optional<ConditionOperand> operand = ToOperand(known->family, value);
    if (!operand) {
      return MalformedPolicy(
          fmt::format("'{}' is not {}, which {} compares with", value, TypeName(known->family), name));
    }
    test->operands.push_back(std::move(*operand));
  }
  return std::shared_ptr<const ConditionTest>(std::move(test));
}

}  // namespace meetinity::iam

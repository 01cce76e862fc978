#include <algorithm>
#include <compare>

#include "aws/iam/policy_condition.h"
#include "aws/iam/policy_pattern.h"
#include "base/text.h"

// Whether a condition holds: from one value against one operand up to all values against all operands.
namespace meetinity::iam {
namespace {

constexpr size_t kArnParts = 6;

// "arn:aws:s3:::bucket/key:1" into its six parts; the last keeps its colons.
std::vector<std::string_view> ArnParts(std::string_view arn) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < kArnParts) {
    const size_t colon = arn.find(':');
    if (colon == std::string_view::npos) break;
    parts.push_back(arn.substr(0, colon));
    arn.remove_prefix(colon + 1);
  }
  parts.push_back(arn);
  return parts;
}

// Part by part, so that a '*' for the account cannot reach into the resource.
bool ArnMatches(std::string_view pattern, std::string_view arn, const ContextKeys* variables) {
  const std::vector<std::string_view> wanted = ArnParts(pattern);
  const std::vector<std::string_view> given = ArnParts(arn);
  if (pattern == "*") return true;
  if (wanted.size() != kArnParts || given.size() != kArnParts) return false;
  for (size_t i = 0; i < kArnParts; ++i) {
    const std::optional<PolicyPattern> part = PolicyPattern::From(wanted[i], variables);
    if (!part || !part->Matches(given[i])) return false;
  }
  return true;
}

bool Ordered(Comparison comparison, std::partial_ordering order) {
  switch (comparison) {
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessOrEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kGreaterOrEqual:
      return order >= 0;
    default:
      return order == 0;
  }
}

bool TextMatches(const ConditionTest& test, std::string_view operand, std::string_view value,
                 const ContextKeys* variables) {
  if (test.family == ConditionFamily::kArn) return ArnMatches(operand, value, variables);
  const std::optional<PolicyPattern> pattern = PolicyPattern::From(operand, variables);
  if (!pattern) return false;
  if (test.comparison == Comparison::kLike) return pattern->Matches(value);
  if (test.comparison == Comparison::kEqualIgnoreCase) return EqualsIgnoreCase(pattern->ToLiteral(), value);
  return pattern->ToLiteral() == value;
}

// What a request's value is, in the type of the operand; a value of another type matches nothing.
template <class T>
std::optional<T> ValueAs(ConditionFamily family, const std::string& value) {
  const std::optional<ConditionOperand> operand = ToOperand(family, value);
  return operand ? std::optional<T>(std::get<T>(*operand)) : std::nullopt;
}

struct OperandMatches {
  const ConditionTest& test;
  const std::string& value;
  const ContextKeys* variables;

  bool operator()(const std::string& operand) const { return TextMatches(test, operand, value, variables); }
  bool operator()(double operand) const {
    const std::optional<double> number = ValueAs<double>(test.family, value);
    return number && Ordered(test.comparison, *number <=> operand);
  }
  bool operator()(Instant operand) const {
    const std::optional<Instant> at = ValueAs<Instant>(test.family, value);
    return at && Ordered(test.comparison, *at <=> operand);
  }
  bool operator()(bool operand) const { return ValueAs<bool>(test.family, value) == operand; }
  bool operator()(const Cidr& operand) const {
    const std::optional<Cidr> address = ValueAs<Cidr>(test.family, value);
    return address && operand.Contains(*address);
  }
};

// Several operands are alternatives, and for a negated operator all of them are excluded.
bool ValuePasses(const ConditionTest& test, const std::string& value, const ContextKeys* variables) {
  const bool matched = std::any_of(test.operands.begin(), test.operands.end(), [&](const ConditionOperand& operand) {
    return std::visit(OperandMatches{test, value, variables}, operand);
  });
  return matched != test.negated;
}

bool AbsentPasses(const ConditionTest& test) {
  if (test.if_exists) return true;
  if (test.qualifier == SetQualifier::kForAllValues) return true;  // of no values, all pass
  if (test.qualifier == SetQualifier::kForAnyValue) return false;
  return test.negated;
}

}  // namespace

bool Holds(const PolicyCondition& condition, const ContextKeys& keys, Variables variables) {
  const ConditionTest& test = *condition.test;
  const auto found = keys.find(condition.key);
  const bool absent = found == keys.end() || found->second.empty();
  if (test.family == ConditionFamily::kNull) {
    return std::any_of(test.operands.begin(), test.operands.end(),
                       [&](const ConditionOperand& operand) { return std::get<bool>(operand) == absent; });
  }
  if (absent) return AbsentPasses(test);
  const ContextKeys* replaced_from = variables == Variables::kReplace ? &keys : nullptr;
  const auto passes = [&](const std::string& value) { return ValuePasses(test, value, replaced_from); };
  const std::vector<std::string>& values = found->second;
  // Without a set operator a negated test must hold for every value, or one harmless value would hide a forbidden one.
  const bool all =
      test.qualifier == SetQualifier::kForAllValues || (test.qualifier == SetQualifier::kNone && test.negated);
  return all ? std::all_of(values.begin(), values.end(), passes) : std::any_of(values.begin(), values.end(), passes);
}

}  // namespace meetinity::iam

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aws/iam/policy.h"
#include "base/cidr.h"
#include "base/clock.h"
#include "base/result.h"

// Condition operators (AWS page "IAM JSON policy elements: Condition operators").
namespace meetinity::iam {

enum class ConditionFamily { kString, kNumeric, kDate, kBool, kBinary, kIpAddress, kArn, kNull };
enum class Comparison { kEqual, kEqualIgnoreCase, kLike, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
enum class SetQualifier { kNone, kForAllValues, kForAnyValue };

// "203.0.113.0/24", "2001:db8::1": a block, or one address alone.
std::optional<Cidr> ParseIpRange(std::string_view text);

using ConditionOperand = std::variant<std::string, double, Instant, bool, Cidr>;

// A text in its family's type; nothing when it is not of that type.
std::optional<ConditionOperand> ToOperand(ConditionFamily family, std::string_view text);

struct ConditionTest {
  ConditionFamily family = ConditionFamily::kString;
  Comparison comparison = Comparison::kEqual;
  bool negated = false;
  SetQualifier qualifier = SetQualifier::kNone;
  bool if_exists = false;
  std::vector<ConditionOperand> operands;  // the policy's values, in the family's own type
};

// The refusal of a policy document; `detail` says what is wrong and where.
Error MalformedPolicy(std::string detail);

// "ForAnyValue:StringLikeIfExists" and its values. The error's detail says what is wrong; where is the caller's to add.
Result<std::shared_ptr<const ConditionTest>> CompileCondition(std::string_view operator_name,
                                                              const std::vector<std::string>& values);

enum class Variables { kReplace, kLeave };

bool Holds(const PolicyCondition& condition, const ContextKeys& keys, Variables variables);

}  // namespace meetinity::iam

#include <algorithm>

#include "aws/iam/policy.h"
#include "aws/iam/policy_condition.h"
#include "base/text.h"

// The meaning of "public" for S3's public access block.
namespace meetinity::iam {
namespace {

// Broader ranges than these count as everybody.
constexpr int kPrefixMinV4 = 8;
constexpr int kPrefixMinV6 = 32;

// Keys whose fixed values pin the caller, or where the caller comes from.
constexpr std::string_view kPinningKeys[] = {"aws:PrincipalOrgID",
                                             "aws:PrincipalArn",
                                             "aws:PrincipalAccount",
                                             "aws:SourceArn",
                                             "aws:SourceVpc",
                                             "aws:SourceVpce",
                                             "aws:SourceOwner",
                                             "aws:SourceAccount",
                                             "aws:userid",
                                             "s3:DataAccessPointAccount",
                                             "s3:x-amz-server-side-encryption-aws-kms-key-id"};

bool IsFixed(const std::string& value) {
  return value.find_first_of("*?") == std::string::npos && value.find("${") == std::string::npos;
}

// "arn:aws:s3:eu-west-1:123456789012:accesspoint/*" may leave the access point open, not the account.
bool PinsAccessPoint(const std::string& arn) {
  const std::vector<std::string_view> parts = Split(arn, ':');
  return parts.size() == 6 && parts[4].size() == 12 && IsFixed(std::string(parts[4]));
}

bool IsNarrow(const ConditionOperand& operand) {
  const Cidr& range = std::get<Cidr>(operand);
  return range.prefix() >= (range.is_v6() ? kPrefixMinV6 : kPrefixMinV4);
}

bool PinsCaller(const PolicyCondition& condition) {
  const ConditionTest& test = *condition.test;
  // All of these also pass requests that do not have the key at all.
  if (test.negated || test.if_exists || test.qualifier == SetQualifier::kForAllValues) return false;
  if (test.family == ConditionFamily::kIpAddress) {
    return EqualsIgnoreCase(condition.key, "aws:SourceIp") &&
           std::all_of(test.operands.begin(), test.operands.end(), IsNarrow);
  }
  if (test.family != ConditionFamily::kString && test.family != ConditionFamily::kArn) return false;
  if (EqualsIgnoreCase(condition.key, "s3:DataAccessPointArn")) {
    return std::all_of(condition.values.begin(), condition.values.end(), PinsAccessPoint);
  }
  return std::any_of(std::begin(kPinningKeys), std::end(kPinningKeys),
                     [&](std::string_view key) { return EqualsIgnoreCase(key, condition.key); }) &&
         std::all_of(condition.values.begin(), condition.values.end(), IsFixed);
}

bool ReachesEveryone(const PolicyStatement& statement) {
  return !statement.principals || statement.not_principal || statement.principals->everyone;
}

}  // namespace

bool IsPublic(const PolicyDocument& policy) {
  return std::any_of(policy.statements().begin(), policy.statements().end(), [](const PolicyStatement& statement) {
    return statement.effect == Effect::kAllow && ReachesEveryone(statement) &&
           std::none_of(statement.conditions.begin(), statement.conditions.end(), PinsCaller);
  });
}

}  // namespace meetinity::iam

#include "aws/iam/policy_condition.h"

#include <gtest/gtest.h>

namespace meetinity::iam {
namespace {

using Values = std::vector<std::string>;

struct ConditionCase {
  const char* operator_name;
  Values policy;
  Values request;  // empty: the key is absent
  bool holds;
};

bool HoldsIn(const ConditionCase& tried) {
  PolicyCondition condition{tried.operator_name, "x:key", tried.policy, nullptr};
  condition.test = CompileCondition(tried.operator_name, tried.policy).value();
  ContextKeys keys{{"aws:username", {"alice"}}};
  if (!tried.request.empty()) keys["X:Key"] = tried.request;
  return Holds(condition, keys, Variables::kReplace);
}

const ConditionCase kCases[] = {
    {"StringEquals", {"a", "b"}, {"b"}, true},
    {"StringEquals", {"a*"}, {"ab"}, false},
    {"StringEquals", {"a"}, {}, false},
    {"StringEquals", {"${aws:username}"}, {"alice"}, true},
    {"StringEquals", {"${aws:nothing}"}, {"${aws:nothing}"}, false},
    {"StringNotEquals", {"a", "b"}, {"c"}, true},
    {"StringNotEquals", {"a", "b"}, {"b"}, false},
    {"StringNotEquals", {"a"}, {}, true},
    {"StringNotEquals", {"a"}, {"b", "a"}, false},
    {"StringEqualsIgnoreCase", {"aB"}, {"Ab"}, true},
    {"StringLike", {"photos/*"}, {"photos/2024"}, true},
    {"StringLike", {"photos/?"}, {"photos/24"}, false},
    {"StringNotLike", {"photos/*"}, {"videos/1"}, true},
    {"StringEqualsIfExists", {"a"}, {}, true},
    {"StringEqualsIfExists", {"a"}, {"b"}, false},
    {"NumericLessThan", {"10"}, {"9.5"}, true},
    {"NumericLessThanEquals", {"10"}, {"10"}, true},
    {"NumericGreaterThan", {"10"}, {"10"}, false},
    {"NumericGreaterThanEquals", {"10"}, {"10"}, true},
    {"NumericEquals", {"10"}, {"1e1"}, true},
    {"NumericEquals", {"10"}, {"ten"}, false},
    {"NumericNotEquals", {"10"}, {"11"}, true},
    {"DateLessThan", {"2024-02-01T00:00:00Z"}, {"2024-01-31T23:59:59Z"}, true},
    {"DateGreaterThan", {"2024-02-01"}, {"1706745601"}, true},
    {"DateEquals", {"2024-02-01T00:00:00Z"}, {"1706745600"}, true},
    {"Bool", {"true"}, {"True"}, true},
    {"Bool", {"false"}, {"true"}, false},
    {"Bool", {"false"}, {}, false},
    {"BinaryEquals", {"QmluYXJ5"}, {"QmluYXJ5"}, true},
    {"IpAddress", {"203.0.113.0/24", "2001:db8::/33"}, {"203.0.113.255"}, true},
    {"IpAddress", {"203.0.113.0/25"}, {"203.0.113.128"}, false},
    {"IpAddress", {"2001:db8::/33"}, {"2001:db8:7fff::1"}, true},
    {"IpAddress", {"2001:db8::/33"}, {"2001:db8:8000::1"}, false},
    {"IpAddress", {"0.0.0.0/0"}, {"::1"}, false},
    {"NotIpAddress", {"10.0.0.0/8"}, {"11.0.0.1"}, true},
    {"ArnLike", {"arn:aws:s3:::site*"}, {"arn:aws:s3:::site-eu"}, true},
    {"ArnLike", {"arn:aws:s3:*:site"}, {"arn:aws:s3:::site"}, false},
    {"ArnEquals", {"arn:aws:cloudfront::*:distribution/*"}, {"arn:aws:cloudfront::1:distribution/E1"}, true},
    {"ArnLike", {"arn:aws:cloudfront::*"}, {"arn:aws:cloudfront::1:distribution/E1"}, false},
    {"ArnNotLike", {"arn:aws:s3:::site"}, {"arn:aws:s3:::other"}, true},
    {"Null", {"true"}, {}, true},
    {"Null", {"true"}, {"x"}, false},
    {"Null", {"false"}, {"x"}, true},
    {"ForAllValues:StringEquals", {"a", "b"}, {"a", "b"}, true},
    {"ForAllValues:StringEquals", {"a", "b"}, {"a", "c"}, false},
    {"ForAllValues:StringEquals", {"a"}, {}, true},
    {"ForAnyValue:StringEquals", {"a"}, {"c", "a"}, true},
    {"ForAnyValue:StringEquals", {"a"}, {"c"}, false},
    {"ForAnyValue:StringEquals", {"a"}, {}, false},
    {"ForAnyValue:StringNotEquals", {"a"}, {"a", "b"}, true},
    {"ForAllValues:StringNotLike", {"a*"}, {"b", "ab"}, false},
    {"forallvalues:stringequalsifexists", {"a"}, {}, true},
};

TEST(Condition, HoldsAsAwsDocumentsIt) {
  for (const ConditionCase& tried : kCases) {
    EXPECT_EQ(HoldsIn(tried), tried.holds) << tried.operator_name << " " << tried.policy.front() << " against "
                                           << (tried.request.empty() ? "nothing" : tried.request.front());
  }
}

TEST(Condition, RefusesUnknownOperatorsWithTheNearest) {
  EXPECT_EQ(CompileCondition("StringEqual", {"a"}).error().detail,
            "'StringEqual' is no condition operator; did you mean 'StringEquals'?");
  EXPECT_FALSE(CompileCondition("ForNoValues:StringEquals", {"a"}).ok());
  EXPECT_FALSE(CompileCondition("NullIfExists", {"true"}).ok());
}

TEST(Condition, RefusesValuesOfTheWrongType) {
  EXPECT_FALSE(CompileCondition("NumericEquals", {"ten"}).ok());
  EXPECT_FALSE(CompileCondition("DateEquals", {"yesterday"}).ok());
  EXPECT_FALSE(CompileCondition("IpAddress", {"10.0.0.0/33"}).ok());
  EXPECT_FALSE(CompileCondition("Bool", {"yes"}).ok());
}

TEST(IpRange, AnAddressAloneIsItself) {
  EXPECT_EQ(ParseIpRange("10.0.0.1")->prefix(), 32);
  EXPECT_EQ(ParseIpRange("::1")->prefix(), 128);
  EXPECT_FALSE(ParseIpRange("10.0.0"));
  EXPECT_FALSE(ParseIpRange("10.0.0.1/"));
}

}  // namespace
}  // namespace meetinity::iam

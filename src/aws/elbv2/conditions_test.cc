#include "aws/elbv2/conditions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aws/elbv2/errors.h"

namespace meetinity::elbv2 {
namespace {

RuleCondition Of(const std::string& field, std::vector<std::string> values) {
  RuleCondition condition;
  condition.field = field;
  if (field == "http-request-method") {
    condition.http_request_method_config = HttpRequestMethodConditionConfig{std::move(values)};
  } else if (field == "source-ip") {
    condition.source_ip_config = SourceIpConditionConfig{std::move(values)};
  } else if (field == "http-header") {
    condition.http_header_config = HttpHeaderConditionConfig{"User-Agent", {}, std::move(values)};
  } else if (field == "query-string") {
    condition.query_string_config = QueryStringConditionConfig{std::vector<QueryStringKeyValuePair>()};
    for (std::string& value : values) condition.query_string_config->values->push_back({{}, std::move(value)});
  } else {
    condition.values = std::move(values);
  }
  return condition;
}

std::string_view Refusal(const std::vector<RuleCondition>& conditions) {
  const auto result = NormalizeConditions(conditions);
  return result.ok() ? "accepted" : result.error().name;
}

TEST(Conditions, SayTheirValuesBothWays) {
  const auto host = NormalizeConditions({Of("host-header", {"*.example.com"})}).value().front();
  EXPECT_EQ(host.values, host.host_header_config->values);
  EXPECT_EQ(host.host_header_config->values->front(), "*.example.com");
  RuleCondition path;
  path.field = "path-pattern";
  path.path_pattern_config = PathPatternConditionConfig{{}, std::vector<std::string>{"/img/*"}};
  EXPECT_EQ(NormalizeConditions({path}).value().front().values->front(), "/img/*");
}

struct Case {
  std::string field, value;
};
class GoodValue : public testing::TestWithParam<Case> {};
class BadValue : public testing::TestWithParam<Case> {};

TEST_P(GoodValue, IsTaken) { EXPECT_EQ(Refusal({Of(GetParam().field, {GetParam().value})}), "accepted"); }
TEST_P(BadValue, IsRefused) { EXPECT_EQ(Refusal({Of(GetParam().field, {GetParam().value})}), kValidationError); }

INSTANTIATE_TEST_SUITE_P(Conditions, GoodValue,
                         testing::Values(Case{"host-header", "example.com"}, Case{"host-header", "*.Example.com"},
                                         Case{"path-pattern", "/a?b*/$~\"'@:+&"}, Case{"http-header", "*Chrome*"},
                                         Case{"http-request-method", "GET"}, Case{"http-request-method", "M-SEARCH"},
                                         Case{"query-string", "v1 *"}, Case{"source-ip", "192.0.2.0/24"},
                                         Case{"source-ip", "2001:db8::/32"}));
INSTANTIATE_TEST_SUITE_P(Conditions, BadValue,
                         testing::Values(Case{"host-header", "localhost"}, Case{"host-header", "127.0.0.1"},
                                         Case{"host-header", "a_b.example.com"}, Case{"host-header", ""},
                                         Case{"host-header", std::string(125, 'a') + ".com"},
                                         Case{"path-pattern", "/a b"}, Case{"path-pattern", "/a<b"},
                                         Case{"http-request-method", "get"},
                                         Case{"http-request-method", std::string(41, 'A')}, Case{"query-string", ""},
                                         Case{"query-string", "\x01"}, Case{"source-ip", "192.0.2.1"},
                                         Case{"source-ip", "192.0.2.1/24"}, Case{"source-ip", "192.0.2.0/33"},
                                         Case{"cookie", "a"}));

TEST(Conditions, OfOneKindAreOneUnlessRepeatable) {
  EXPECT_EQ(Refusal({Of("path-pattern", {"/a"}), Of("path-pattern", {"/b"})}), kValidationError);
  EXPECT_EQ(Refusal({Of("query-string", {"a"}), Of("query-string", {"b"})}), "accepted");
  EXPECT_EQ(Refusal({Of("http-header", {"a"}), Of("http-header", {"b"})}), "accepted");
}

TEST(Conditions, AreLimitedForARule) {
  EXPECT_EQ(Refusal({}), kValidationError);
  EXPECT_EQ(Refusal({Of("path-pattern", {"/1", "/2", "/3", "/4", "/5"})}), "accepted");
  EXPECT_EQ(Refusal({Of("path-pattern", {"/1", "/2", "/3"}), Of("host-header", {"a.b", "b.c", "c.d"})}),
            kValidationError);
}

TEST(Conditions, DoNotMatchHostAsAHeaderNorByExpression) {
  RuleCondition host = Of("http-header", {"a"});
  host.http_header_config->http_header_name = "hOsT";
  EXPECT_EQ(Refusal({host}), kValidationError);
  host.http_header_config->http_header_name = "bad name";
  EXPECT_EQ(Refusal({host}), kValidationError);
  RuleCondition path = Of("path-pattern", {});
  path.path_pattern_config = PathPatternConditionConfig{std::vector<std::string>{"^/a"}, {}};
  EXPECT_EQ(Refusal({path}), kInvalidConfigurationRequest);
}

}  // namespace
}  // namespace meetinity::elbv2

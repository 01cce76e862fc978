#include "aws/elbv2/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "base/cidr.h"
#include "base/text.h"

namespace meetinity::elbv2 {
namespace {

// ELBv2 API, RuleCondition.
constexpr size_t kValueMax = 128;
constexpr size_t kHeaderNameMax = 40;
constexpr size_t kMethodMax = 40;

constexpr std::string_view kHostHeader = "host-header";
constexpr std::string_view kPathPattern = "path-pattern";
constexpr std::string_view kHttpHeader = "http-header";
constexpr std::string_view kMethod = "http-request-method";
constexpr std::string_view kQueryString = "query-string";
constexpr std::string_view kSourceIp = "source-ip";

using Values = std::vector<std::string>;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAlphanumeric(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }
bool IsPrintable(char c) { return c >= 0x20 && c < 0x7F; }

template <class Predicate>
bool All(std::string_view text, Predicate is) {
  return std::all_of(text.begin(), text.end(), is);
}

std::string Shown(std::string_view text) { return std::string(text.substr(0, kValueMax)); }

Error Refuse(std::string_view field, std::string_view value, std::string_view right) {
  return Invalid(fmt::format("Condition value '{}' is not valid for '{}': {}", Shown(value), field, right));
}

Status CheckLength(std::string_view field, std::string_view value) {
  if (value.empty() || value.size() > kValueMax) {
    return Refuse(field, value, fmt::format("it has 1 to {} characters", kValueMax));
  }
  return {};
}

Status CheckHost(const std::string& value) {
  TRY(CheckLength(kHostHeader, value));
  const auto is_allowed = [](char c) { return IsAlphanumeric(c) || c == '-' || c == '.' || c == '*' || c == '?'; };
  if (!All(value, is_allowed)) return Refuse(kHostHeader, value, "it consists of A-Z, a-z, 0-9, '-', '.', '*' and '?'");
  const size_t dot = value.rfind('.');
  if (dot == std::string::npos || dot + 1 == value.size() || !All(std::string_view(value).substr(dot + 1), IsLetter)) {
    return Refuse(kHostHeader, value, "it has at least one '.', and only letters after the last one");
  }
  return {};
}

Status CheckPath(const std::string& value) {
  TRY(CheckLength(kPathPattern, value));
  const auto is_allowed = [](char c) {
    return IsAlphanumeric(c) || std::string_view("_-.$/~\"'@:+&*?").find(c) != std::string_view::npos;
  };
  if (All(value, is_allowed)) return {};
  return Refuse(kPathPattern, value, "it consists of A-Z, a-z, 0-9 and _-.$/~\"'@:+& with the wildcards '*' and '?'");
}

Status CheckMethod(const std::string& value) {
  const auto is_allowed = [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
  if (!value.empty() && value.size() <= kMethodMax && All(value, is_allowed)) return {};
  return Refuse(kMethod, value, "it has 1 to 40 characters, of A-Z, '-' and '_'");
}

Status CheckText(std::string_view field, const std::string& value) {
  TRY(CheckLength(field, value));
  return All(value, IsPrintable) ? Status() : Refuse(field, value, "it consists of printable ASCII characters");
}

Status CheckSource(const std::string& value) {
  const auto block = Cidr::Parse(value);
  if (block && block->is_canonical()) return {};
  return Refuse(kSourceIp, value, "it is a block of addresses such as 192.0.2.0/24 or 2001:db8::/32");
}

Status CheckHeaderName(const std::string& name) {
  // RFC 9110, section 5.6.2.
  const auto is_token = [](char c) {
    return IsAlphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  if (name.empty() || name.size() > kHeaderNameMax || !All(name, is_token)) {
    return Invalid(fmt::format("'{}' is not a header name of 1 to {} characters", Shown(name), kHeaderNameMax));
  }
  if (EqualsIgnoreCase(name, "host")) return Invalid("Use a host-header condition to match the header 'Host'");
  return {};
}

struct Budget {
  int64_t values = 0;
  int64_t wildcards = 0;

  void Spend(std::string_view pattern) {
    ++values;
    if (pattern.find_first_of("*?") != std::string_view::npos) ++wildcards;
  }
};

Error RefuseRegex(std::string_view field) {
  return Misconfigured(
      fmt::format("Regular expressions in '{}' conditions are not served here; use the wildcards '*' and '?'", field));
}

Result<Values> Filled(std::string_view field, const std::optional<Values>& values) {
  if (values && !values->empty()) return *values;
  return Invalid(fmt::format("A condition value must be specified for '{}'", field));
}

// The values of a condition that may be written in two ways, `Values` being the older.
template <class Config>
Result<Values> OneOfTwo(const RuleCondition& condition, const std::optional<Config>& config, std::string_view field) {
  const bool is_regex = (condition.regex_values && !condition.regex_values->empty()) ||
                        (config && config->regex_values && !config->regex_values->empty());
  if (is_regex) return RefuseRegex(field);
  if (config && condition.values && !condition.values->empty() && config->values != condition.values) {
    return Invalid(fmt::format("You cannot specify both 'Values' and a configuration for '{}'", field));
  }
  return Filled(field, config ? config->values : condition.values);
}

Result<RuleCondition> NormalizeHost(const RuleCondition& given, Budget& budget) {
  const Values values = TRY(OneOfTwo(given, given.host_header_config, kHostHeader));
  for (const std::string& value : values) {
    TRY(CheckHost(value));
    budget.Spend(value);
  }
  RuleCondition condition;
  condition.values = values;
  condition.host_header_config = HostHeaderConditionConfig{.values = values};
  return condition;
}

Result<RuleCondition> NormalizePath(const RuleCondition& given, Budget& budget) {
  const Values values = TRY(OneOfTwo(given, given.path_pattern_config, kPathPattern));
  for (const std::string& value : values) {
    TRY(CheckPath(value));
    budget.Spend(value);
  }
  RuleCondition condition;
  condition.values = values;
  condition.path_pattern_config = PathPatternConditionConfig{.values = values};
  return condition;
}

Result<RuleCondition> NormalizeHeader(const RuleCondition& given, Budget& budget) {
  if (!given.http_header_config) return Invalid("An 'http-header' condition needs its HttpHeaderConfig");
  const HttpHeaderConditionConfig& config = *given.http_header_config;
  if (config.regex_values && !config.regex_values->empty()) return RefuseRegex(kHttpHeader);
  TRY(CheckHeaderName(config.http_header_name.value_or("")));
  for (const std::string& value : TRY(Filled(kHttpHeader, config.values))) {
    TRY(CheckText(kHttpHeader, value));
    budget.Spend(value);
  }
  RuleCondition condition;
  condition.http_header_config = config;
  return condition;
}

Result<RuleCondition> NormalizeMethod(const RuleCondition& given, Budget& budget) {
  const auto& config = given.http_request_method_config;
  for (const std::string& value : TRY(Filled(kMethod, config ? config->values : std::nullopt))) {
    TRY(CheckMethod(value));
    ++budget.values;
  }
  RuleCondition condition;
  condition.http_request_method_config = config;
  return condition;
}

Result<RuleCondition> NormalizeQuery(const RuleCondition& given, Budget& budget) {
  const auto& config = given.query_string_config;
  if (!config || !config->values || config->values->empty()) {
    return Invalid("A condition value must be specified for 'query-string'");
  }
  for (const QueryStringKeyValuePair& pair : *config->values) {
    if (pair.key) TRY(CheckText(kQueryString, *pair.key));
    TRY(CheckText(kQueryString, pair.value.value_or("")));
    budget.Spend(*pair.value + pair.key.value_or(""));
  }
  RuleCondition condition;
  condition.query_string_config = config;
  return condition;
}

Result<RuleCondition> NormalizeSource(const RuleCondition& given, Budget& budget) {
  const auto& config = given.source_ip_config;
  for (const std::string& value : TRY(Filled(kSourceIp, config ? config->values : std::nullopt))) {
    TRY(CheckSource(value));
    ++budget.values;
  }
  RuleCondition condition;
  condition.source_ip_config = config;
  return condition;
}

struct ConditionKind {
  std::string_view field;
  bool repeatable;
  Result<RuleCondition> (*normalize)(const RuleCondition& given, Budget& budget);
};
constexpr ConditionKind kConditionKinds[] = {
    {kHostHeader, false, &NormalizeHost}, {kPathPattern, false, &NormalizePath}, {kHttpHeader, true, &NormalizeHeader},
    {kMethod, false, &NormalizeMethod},   {kQueryString, true, &NormalizeQuery}, {kSourceIp, false, &NormalizeSource},
};

}  // namespace

Result<std::vector<RuleCondition>> NormalizeConditions(const std::vector<RuleCondition>& given) {
  if (given.empty()) return Invalid("A rule must have at least one condition");
  Budget budget;
  std::set<std::string_view> seen;
  std::vector<RuleCondition> conditions;
  for (const RuleCondition& one : given) {
    const std::string field = one.field.value_or("");
    const auto* kind = std::find_if(std::begin(kConditionKinds), std::end(kConditionKinds),
                                    [&](const ConditionKind& known) { return known.field == field; });
    if (kind == std::end(kConditionKinds)) {
      return Invalid(
          fmt::format("Condition field '{}' must be one of '[host-header, path-pattern, http-header, "
                      "http-request-method, query-string, source-ip]'",
                      Shown(field)));
    }
    if (!seen.insert(kind->field).second && !kind->repeatable) {
      return Invalid(fmt::format("A rule can have only one '{}' condition", field));
    }
    RuleCondition condition = TRY(kind->normalize(one, budget));
    condition.field = field;
    conditions.push_back(std::move(condition));
  }
  if (budget.values > kConditionValuesMax) {
    return Invalid(fmt::format("A rule can only have '{}' condition values", kConditionValuesMax));
  }
  if (budget.wildcards > kConditionWildcardsMax) {
    return Invalid(fmt::format("A rule can only have '{}' condition wildcards", kConditionWildcardsMax));
  }
  return conditions;
}

}  // namespace meetinity::elbv2

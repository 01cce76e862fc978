#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "aws/iam/errors.h"
#include "aws/iam/policy.h"
#include "aws/iam/policy_condition.h"
#include "base/arn.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

using Json = nlohmann::json;

// More statements do not fit into the largest policy; what is left is a bound on the work of one evaluation.
constexpr size_t kStatementsMax = 500;

// "Statement[1].Effect must be …".
template <class... Args>
Error MalformedAt(std::string_view where, fmt::format_string<Args...> format, Args&&... args) {
  return MalformedPolicy(fmt::format("{} {}", where, fmt::format(format, std::forward<Args>(args)...)));
}

std::string PositionOf(std::string_view text, size_t byte) {
  text = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = 1 + std::count(text.begin(), text.end(), '\n');
  const size_t last_break = text.rfind('\n');
  const size_t column = 1 + (last_break == std::string_view::npos ? text.size() : text.size() - last_break - 1);
  return fmt::format("line {}, column {}", line, column);
}

// The library keeps the last of two members of one name; in a policy that could hide a Deny, so both are refused.
Result<Json> ParseJson(std::string_view text) {
  std::vector<std::set<std::string>> open_objects;
  std::optional<std::string> twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  try {
    Json json = Json::parse(text, watch);
    if (twice) return MalformedPolicy(fmt::format("The element '{}' appears twice in one object", *twice));
    return json;
  } catch (const Json::parse_error& error) {
    return MalformedPolicy(
        fmt::format("The policy is not valid JSON: syntax error at {}", PositionOf(text, error.byte)));
  }
}

Status CheckElements(const Json& object, const std::vector<std::string_view>& allowed, std::string_view where) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    const std::optional<std::string_view> nearest = NearestName(name, allowed);
    return MalformedAt(where, "has the unknown element '{}'{}", name,
                       nearest ? fmt::format("; did you mean '{}'?", *nearest) : "");
  }
  return {};
}

// A text or a list of texts. Numbers and booleans become text, as condition values may be written without quotes.
Result<std::vector<std::string>> ToTexts(const Json& json, std::string_view where) {
  std::vector<std::string> texts;
  const auto append = [&](const Json& one) -> Status {
    if (one.is_string()) {
      texts.push_back(one.get<std::string>());
    } else if (one.is_boolean() || one.is_number()) {
      texts.push_back(one.dump());
    } else {
      return MalformedAt(where, "must be a text or a list of texts");
    }
    return {};
  };
  if (!json.is_array()) {
    TRY(append(json));
  } else {
    for (const Json& one : json) TRY(append(one));
  }
  if (texts.empty()) return MalformedAt(where, "must not be an empty list");
  return texts;
}

bool IsAccount(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsUniqueId(std::string_view text) {
  return (text.starts_with("AIDA") || text.starts_with("AROA")) && text.size() >= 16 &&
         text.find_first_not_of(kUpperAlphanumeric) == std::string_view::npos;
}

bool IsPrincipalArn(std::string_view text) {
  const Result<Arn> arn = Arn::Parse(text);
  if (!arn.ok() || !arn->region.empty() || (arn->service != "iam" && arn->service != "sts")) return false;
  if (text.find('*') != std::string_view::npos) return false;
  if (arn->account == "cloudfront") return arn->resource.starts_with("user/CloudFront Origin Access Identity ");
  if (!IsAccount(arn->account)) return false;
  return arn->resource == "root" || arn->resource.starts_with("user/") || arn->resource.starts_with("role/") ||
         arn->resource.starts_with("assumed-role/") || arn->resource.starts_with("federated-user/");
}

Result<PolicyPrincipals> ParsePrincipals(const Json& json, const std::string& where) {
  PolicyPrincipals principals;
  if (json.is_string() && json.get<std::string>() == "*") {
    principals.everyone = true;
    return principals;
  }
  if (!json.is_object() || json.empty()) {
    return MalformedAt(where, "must be \"*\" or an object such as {{\"AWS\": \"123456789012\"}}");
  }
  TRY(CheckElements(json, {"AWS", "Service", "CanonicalUser", "Federated"}, where));
  if (json.contains("AWS")) principals.aws = TRY(ToTexts(json["AWS"], where + ".AWS"));
  if (json.contains("Service")) principals.services = TRY(ToTexts(json["Service"], where + ".Service"));
  if (json.contains("Federated")) principals.federated = TRY(ToTexts(json["Federated"], where + ".Federated"));
  if (json.contains("CanonicalUser")) {
    principals.canonical_users = TRY(ToTexts(json["CanonicalUser"], where + ".CanonicalUser"));
  }
  principals.everyone = std::erase(principals.aws, "*") > 0;
  for (const std::string& one : principals.aws) {
    if (IsAccount(one) || IsUniqueId(one) || IsPrincipalArn(one)) continue;
    return MalformedAt(where, "has the invalid principal '{}': neither an account nor the ARN of a user or role", one);
  }
  for (const std::string& one : principals.services) {
    if (one.find('.') != std::string::npos && one.find('*') == std::string::npos) continue;
    return MalformedAt(where, "has the invalid service '{}': it should be like 'cloudfront.amazonaws.com'", one);
  }
  return principals;
}

Result<std::vector<std::string>> ParseActions(const Json& json, const std::string& where) {
  std::vector<std::string> actions = TRY(ToTexts(json, where));
  for (std::string& action : actions) {
    const size_t colon = action.find(':');
    const bool named = colon != std::string::npos && colon > 0 && colon + 1 < action.size() &&
                       action.find(':', colon + 1) == std::string::npos;
    const bool plain = std::all_of(action.begin(), action.end(), [](char c) {
      return kAlphanumeric.find(c) != std::string_view::npos || c == ':' || c == '-' || c == '*' || c == '?';
    });
    if (action != "*" && !(named && plain)) {
      return MalformedAt(where, "has the invalid action '{}': it should be like 's3:GetObject' or '*'", action);
    }
    action = ToLower(action);
  }
  return actions;
}

Result<std::vector<std::string>> ParseResources(const Json& json, const std::string& where) {
  std::vector<std::string> resources = TRY(ToTexts(json, where));
  for (const std::string& resource : resources) {
    const bool arn = resource.starts_with("arn:") && std::count(resource.begin(), resource.end(), ':') >= 5;
    const bool wild = resource.starts_with("arn:") && resource.find('*') != std::string::npos;
    if (resource == "*" || arn || wild) continue;
    return MalformedAt(where, "has the invalid resource '{}': it must be an ARN or \"*\"", resource);
  }
  return resources;
}

Result<std::vector<PolicyCondition>> ParseConditions(const Json& json, const std::string& where) {
  if (!json.is_object()) return MalformedAt(where, "must be an object");
  std::vector<PolicyCondition> conditions;
  for (const auto& [operator_name, tests] : json.items()) {
    const std::string at = fmt::format("{}.{}", where, operator_name);
    if (!tests.is_object() || tests.empty()) return MalformedAt(at, "must be an object of condition keys");
    for (const auto& [key, values] : tests.items()) {
      const std::string at_key = fmt::format("{}.{}", at, key);
      if (key.find(':') == std::string::npos) return MalformedAt(at_key, "is no condition key such as aws:SourceIp");
      std::vector<std::string> texts = TRY(ToTexts(values, at_key));
      PolicyCondition condition{operator_name, key, std::move(texts), nullptr};
      auto test = CompileCondition(operator_name, condition.values);
      if (!test.ok()) return MalformedAt(at_key, "is invalid: {}", test.error().detail);
      condition.test = std::move(*test);
      conditions.push_back(std::move(condition));
    }
  }
  return conditions;
}

// Which of two elements, "Action" or "NotAction", a statement has; it must have exactly one where `needed`.
Result<std::optional<std::string>> OneOf(const Json& statement, const std::string& where, std::string_view element,
                                         bool needed) {
  const std::string plain(element);
  const std::string negated = "Not" + plain;
  const bool has_plain = statement.contains(plain);
  const bool has_negated = statement.contains(negated);
  if (has_plain && has_negated) return MalformedAt(where, "has both {} and {}; it may have one", plain, negated);
  if (needed && !has_plain && !has_negated) return MalformedAt(where, "needs {} or {}", plain, negated);
  if (!needed && (has_plain || has_negated)) {
    return MalformedAt(where, "must not have {}: this kind of policy has none", has_plain ? plain : negated);
  }
  return has_plain ? std::optional(plain) : has_negated ? std::optional(negated) : std::nullopt;
}

Result<Effect> ParseEffect(const Json& statement, const std::string& where) {
  const auto effect = statement.find("Effect");
  if (effect != statement.end() && *effect == "Allow") return Effect::kAllow;
  if (effect != statement.end() && *effect == "Deny") return Effect::kDeny;
  return MalformedAt(where + ".Effect", "must be \"Allow\" or \"Deny\"");
}

Result<std::string> ParseSid(const Json& statement, const std::string& where, PolicyKind kind) {
  const auto found = statement.find("Sid");
  if (found == statement.end()) return std::string();
  if (!found->is_string()) return MalformedAt(where + ".Sid", "must be a text");
  const std::string& sid = found->get_ref<const std::string&>();
  if (kind == PolicyKind::kIdentity && sid.find_first_not_of(kAlphanumeric) != std::string::npos) {
    return MalformedAt(where + ".Sid", "may have letters and digits only");
  }
  return sid;
}

Result<PolicyStatement> ParseStatement(const Json& json, const std::string& where, PolicyKind kind) {
  if (!json.is_object()) return MalformedAt(where, "must be an object");
  TRY(CheckElements(
      json,
      {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"},
      where));
  PolicyStatement statement;
  statement.sid = TRY(ParseSid(json, where, kind));
  statement.effect = TRY(ParseEffect(json, where));
  if (const auto name = TRY(OneOf(json, where, "Principal", kind != PolicyKind::kIdentity))) {
    statement.principals = TRY(ParsePrincipals(json[*name], where + "." + *name));
    statement.not_principal = *name == "NotPrincipal";
  }
  if (const auto name = TRY(OneOf(json, where, "Action", true))) {
    statement.actions = TRY(ParseActions(json[*name], where + "." + *name));
    statement.not_action = *name == "NotAction";
  }
  if (const auto name = TRY(OneOf(json, where, "Resource", kind != PolicyKind::kTrust))) {
    statement.resources = TRY(ParseResources(json[*name], where + "." + *name));
    statement.not_resource = *name == "NotResource";
  }
  if (json.contains("Condition")) {
    statement.conditions = TRY(ParseConditions(json["Condition"], where + ".Condition"));
  }
  return statement;
}

Result<std::string> ParseVersion(const Json& policy) {
  const auto version = policy.find("Version");
  if (version == policy.end()) return std::string("2008-10-17");
  if (*version == "2012-10-17" || *version == "2008-10-17") return version->get<std::string>();
  return MalformedAt("Version", "must be \"2012-10-17\" or \"2008-10-17\"");
}

}  // namespace

class PolicyParser {
 public:
  static Result<PolicyDocument> Parse(std::string_view text, PolicyKind kind) {
    if (text.size() > kPolicyBytesMax) {
      return MalformedPolicy(fmt::format("The policy has {} bytes, and may have {}", text.size(), kPolicyBytesMax));
    }
    const Json json = TRY(ParseJson(text));
    if (!json.is_object()) return MalformedPolicy("The policy must be a JSON object");
    TRY(CheckElements(json, {"Version", "Id", "Statement"}, "The policy"));
    PolicyDocument document;
    document.kind_ = kind;
    document.version_ = TRY(ParseVersion(json));
    document.statements_ = std::make_shared<const std::vector<PolicyStatement>>(TRY(ParseStatements(json, kind)));
    return document;
  }

 private:
  static Result<std::vector<PolicyStatement>> ParseStatements(const Json& policy, PolicyKind kind) {
    std::vector<PolicyStatement> statements;
    const auto json = policy.find("Statement");
    if (json == policy.end()) return MalformedPolicy("The policy needs a Statement");
    if (json->is_object()) {
      statements.push_back(TRY(ParseStatement(*json, "Statement", kind)));
      return statements;
    }
    if (!json->is_array() || json->empty() || json->size() > kStatementsMax) {
      return MalformedAt("Statement", "must be an object or a list of 1 to {} objects", kStatementsMax);
    }
    std::set<std::string> sids;
    for (size_t i = 0; i < json->size(); ++i) {
      statements.push_back(TRY(ParseStatement((*json)[i], fmt::format("Statement[{}]", i), kind)));
      const std::string& sid = statements.back().sid;
      if (!sid.empty() && !sids.insert(sid).second) {
        return MalformedAt(fmt::format("Statement[{}].Sid", i), "is '{}' again; Sids in one policy must differ", sid);
      }
    }
    return statements;
  }
};

Result<PolicyDocument> PolicyDocument::Parse(std::string_view text, PolicyKind kind) {
  return PolicyParser::Parse(text, kind);
}

}  // namespace meetinity::iam

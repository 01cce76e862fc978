#include "aws/iam/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/iam/policy_condition.h"
#include "aws/iam/policy_pattern.h"
#include "base/arn.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

using wire::PrincipalKind;

std::string AccountOf(const std::string& arn) {
  const Result<Arn> parsed = Arn::Parse(arn);
  return parsed.ok() ? parsed->account : "";
}

std::string_view PrincipalType(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::kRoot:
      return "Account";
    case PrincipalKind::kUser:
      return "User";
    case PrincipalKind::kAssumedRole:
      return "AssumedRole";
    case PrincipalKind::kAnonymous:
    case PrincipalKind::kService:
    case PrincipalKind::kOriginAccessIdentity:
      break;
  }
  return "Anonymous";
}

// Adds the keys that follow from who calls; what the service gave stays.
ContextKeys AllKeys(const RequestContext& context) {
  const wire::Principal& principal = context.principal;
  ContextKeys keys = context.keys;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) keys.emplace(std::string(name), std::vector<std::string>{std::string(value)});
  };
  const bool service = principal.kind == PrincipalKind::kService;
  add("aws:PrincipalIsAWSService", service ? "true" : "false");
  if (service) {
    add("aws:PrincipalServiceName", principal.service);
    add("aws:SourceArn", principal.source_arn);
    add("aws:SourceAccount", principal.source_account);
    return keys;
  }
  add("aws:PrincipalType", PrincipalType(principal.kind));
  add("aws:PrincipalArn", principal.arn);
  add("aws:PrincipalAccount", principal.account);
  add("aws:userid", principal.kind == PrincipalKind::kAnonymous ? "anonymous" : principal.unique_id);
  if (principal.kind == PrincipalKind::kUser) {
    add("aws:username", std::string_view(principal.arn).substr(principal.arn.rfind('/') + 1));
  }
  return keys;
}

// "arn:aws:sts::123456789012:assumed-role/deploy/session" is a session of "arn:aws:iam::123456789012:role/…/deploy".
bool IsSessionOf(const wire::Principal& principal, const std::string& role_arn) {
  if (principal.kind != PrincipalKind::kAssumedRole) return false;
  const Result<Arn> session = Arn::Parse(principal.arn);
  const Result<Arn> role = Arn::Parse(role_arn);
  if (!session.ok() || !role.ok() || session->account != role->account) return false;
  const std::vector<std::string_view> parts = Split(session->resource, '/');
  const std::string_view role_name = std::string_view(role->resource).substr(role->resource.rfind('/') + 1);
  return parts.size() >= 2 && role->resource.starts_with("role/") && parts[1] == role_name;
}

bool MatchesAws(const std::string& named, const wire::Principal& principal, Effect effect) {
  const bool account = named.find(':') == std::string::npos && named.size() == 12;
  const bool root_arn = named.ends_with(":root");
  if (account || root_arn) {
    const std::string& number = account ? named : AccountOf(named);
    if (principal.account != number) return false;
    return effect == Effect::kDeny || principal.kind == PrincipalKind::kRoot;
  }
  if (principal.kind == PrincipalKind::kAnonymous || principal.kind == PrincipalKind::kService) return false;
  if (named == principal.arn || named == principal.unique_id) return true;
  return IsSessionOf(principal, named);
}

bool Names(const PolicyPrincipals& principals, const wire::Principal& principal, Effect effect) {
  if (principals.everyone) return true;
  if (principal.kind == PrincipalKind::kService) {
    return std::find(principals.services.begin(), principals.services.end(), principal.service) !=
           principals.services.end();
  }
  const auto& users = principals.canonical_users;
  if (!principal.canonical_user_id.empty() &&
      std::find(users.begin(), users.end(), principal.canonical_user_id) != users.end()) {
    return true;
  }
  return std::any_of(principals.aws.begin(), principals.aws.end(),
                     [&](const std::string& named) { return MatchesAws(named, principal, effect); });
}

bool PrincipalApplies(const PolicyStatement& statement, const wire::Principal& principal) {
  if (!statement.principals) return true;
  // Exceptions to a Deny are narrow: an account spares its root, and each user or role needs naming (AWS page "IAM JSON
  // policy elements: NotPrincipal"). Exceptions to an Allow are wide: whom an account stands for is not let in.
  if (statement.not_principal) {
    const Effect width = statement.effect == Effect::kDeny ? Effect::kAllow : Effect::kDeny;
    return !Names(*statement.principals, principal, width);
  }
  return Names(*statement.principals, principal, statement.effect);
}

bool ActionApplies(const PolicyStatement& statement, std::string_view lower_action) {
  const bool named = std::any_of(statement.actions.begin(), statement.actions.end(),
                                 [&](const std::string& pattern) { return MatchesWildcard(pattern, lower_action); });
  return named != statement.not_action;
}

bool ResourceApplies(const PolicyStatement& statement, const std::string& resource, const ContextKeys* variables) {
  if (statement.resources.empty()) return true;
  const auto matches = [&](const std::string& text) {
    if (text == "*") return true;
    const std::optional<PolicyPattern> pattern = PolicyPattern::From(text, variables);
    return pattern && pattern->Matches(resource);
  };
  return std::any_of(statement.resources.begin(), statement.resources.end(), matches) != statement.not_resource;
}

}  // namespace

bool IgnoreCaseLess::operator()(std::string_view a, std::string_view b) const {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return lower(x) < lower(y); });
}

ContextKeys KeysOf(const wire::Call& call) {
  ContextKeys keys;
  keys["aws:SecureTransport"] = {call.secure_transport ? "true" : "false"};
  keys["aws:CurrentTime"] = {call.now.ToIso8601()};
  keys["aws:EpochTime"] = {std::to_string(call.now.unix_seconds())};
  if (!call.source_ip.empty()) keys["aws:SourceIp"] = {call.source_ip};
  if (!call.user_agent.empty()) keys["aws:UserAgent"] = {call.user_agent};
  const std::string& region = call.scope_region.empty() ? call.region : call.scope_region;
  if (!region.empty()) keys["aws:RequestedRegion"] = {region};
  return keys;
}

Decision Evaluate(const PolicyDocument& policy, const RequestContext& context) {
  const ContextKeys keys = AllKeys(context);
  const std::string action = ToLower(context.action);
  const ContextKeys* variables = policy.has_variables() ? &keys : nullptr;
  const Variables mode = policy.has_variables() ? Variables::kReplace : Variables::kLeave;
  Decision decision = Decision::kImplicitDeny;
  for (const PolicyStatement& statement : policy.statements()) {
    if (!ActionApplies(statement, action) || !PrincipalApplies(statement, context.principal) ||
        !ResourceApplies(statement, context.resource, variables) ||
        !std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const PolicyCondition& condition) { return Holds(condition, keys, mode); })) {
      continue;
    }
    if (statement.effect == Effect::kDeny) return Decision::kExplicitDeny;
    decision = Decision::kAllow;
  }
  return decision;
}

Decision Combine(Decision a, Decision b) {
  if (a == Decision::kExplicitDeny || b == Decision::kExplicitDeny) return Decision::kExplicitDeny;
  return a == Decision::kAllow ? a : b;
}

}  // namespace meetinity::iam

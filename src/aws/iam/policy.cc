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
  add("aws:PrincipalArn", principal.role_arn.empty() ? principal.arn : principal.role_arn);
  add("aws:PrincipalAccount", principal.account);
  add("aws:userid", principal.kind == PrincipalKind::kAnonymous ? "anonymous" : principal.unique_id);
  if (principal.tags) {
    for (const auto& [key, value] : *principal.tags) {
      keys.emplace("aws:PrincipalTag/" + key, std::vector<std::string>{value});  // an empty value is one, too
    }
  }
  if (principal.session_issued) {
    add("aws:TokenIssueTime", principal.session_issued->ToIso8601());
    add("aws:MultiFactorAuthPresent", "false");  // there are no MFA devices, and long-lived keys lack the key
  }
  if (principal.kind == PrincipalKind::kUser) {
    add("aws:username", std::string_view(principal.arn).substr(principal.arn.rfind('/') + 1));
  }
  return keys;
}

// The role that a session is of: "AROA…" of "AROA…:session".
std::string_view RoleIdOf(const wire::Principal& principal) {
  return std::string_view(principal.unique_id).substr(0, principal.unique_id.find(':'));
}

Grant NamedByAws(const std::string& named, const wire::Principal& principal, Effect effect) {
  const bool account = named.find(':') == std::string::npos && named.size() == 12;
  const bool root_arn = named.ends_with(":root");
  if (account || root_arn) {
    const std::string& number = account ? named : AccountOf(named);
    if (principal.account != number) return Grant::kNone;
    return effect == Effect::kDeny || principal.kind == PrincipalKind::kRoot ? Grant::kDirect : Grant::kAccount;
  }
  if (principal.kind == PrincipalKind::kAnonymous || principal.kind == PrincipalKind::kService) return Grant::kNone;
  if (named == principal.arn || named == principal.unique_id) return Grant::kDirect;
  if (principal.kind != PrincipalKind::kAssumedRole) return Grant::kNone;
  return named == principal.role_arn || named == RoleIdOf(principal) ? Grant::kShared : Grant::kNone;
}

Grant NamedBy(const PolicyPrincipals& principals, const wire::Principal& principal, Effect effect) {
  if (principal.kind == PrincipalKind::kService) {
    const auto& services = principals.services;
    if (std::find(services.begin(), services.end(), principal.service) != services.end()) return Grant::kDirect;
  }
  const auto& users = principals.canonical_users;
  if (!principal.canonical_user_id.empty() &&
      std::find(users.begin(), users.end(), principal.canonical_user_id) != users.end()) {
    return Grant::kDirect;
  }
  Grant grant = principals.everyone ? Grant::kShared : Grant::kNone;
  for (const std::string& named : principals.aws) grant = std::max(grant, NamedByAws(named, principal, effect));
  return grant;
}

Grant GrantOf(const PolicyStatement& statement, const wire::Principal& principal) {
  if (!statement.principals) return Grant::kShared;
  if (!statement.not_principal) return NamedBy(*statement.principals, principal, statement.effect);
  // Exceptions to a Deny are narrow: an account spares its root, and each user or role needs naming (AWS page "IAM JSON
  // policy elements: NotPrincipal"). Exceptions to an Allow are wide: whom an account stands for is not let in.
  const bool excepted = statement.effect == Effect::kDeny
                            ? NamedBy(*statement.principals, principal, Effect::kAllow) >= Grant::kShared
                            : NamedBy(*statement.principals, principal, Effect::kDeny) != Grant::kNone;
  return excepted ? Grant::kNone : Grant::kShared;
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

ContextKeys KeysOf(const wire::Call& call) {
  ContextKeys keys;
  keys["aws:SecureTransport"] = {call.secure_transport ? "true" : "false"};
  keys["aws:CurrentTime"] = {call.now.ToIso8601()};
  keys["aws:EpochTime"] = {std::to_string(call.now.unix_seconds())};
  if (!call.source_ip.empty()) keys["aws:SourceIp"] = {call.source_ip};
  if (!call.user_agent.empty()) keys["aws:UserAgent"] = {call.user_agent};
  const std::string& region = call.scope_region.empty() ? call.region : call.scope_region;
  if (!region.empty()) keys["aws:RequestedRegion"] = {region};
  // Everything that is served is of the one account, and nobody calls by forwarding a caller's own credentials.
  if (!call.account.empty()) keys["aws:ResourceAccount"] = {call.account};
  keys["aws:ViaAWSService"] = {"false"};
  return keys;
}

ResourceVerdict EvaluateResource(const PolicyDocument& policy, const RequestContext& context) {
  const ContextKeys keys = AllKeys(context);
  const std::string action = ToLower(context.action);
  const ContextKeys* variables = policy.has_variables() ? &keys : nullptr;
  const Variables mode = policy.has_variables() ? Variables::kReplace : Variables::kLeave;
  ResourceVerdict verdict;
  for (const PolicyStatement& statement : policy.statements()) {
    if (!ActionApplies(statement, action)) continue;
    const Grant grant = GrantOf(statement, context.principal);
    if (grant == Grant::kNone || !ResourceApplies(statement, context.resource, variables) ||
        !std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const PolicyCondition& condition) { return Holds(condition, keys, mode); })) {
      continue;
    }
    if (statement.effect == Effect::kDeny) return {Decision::kExplicitDeny, Grant::kNone};
    verdict.grant = std::max(verdict.grant, grant);
  }
  if (verdict.grant >= Grant::kShared) verdict.decision = Decision::kAllow;
  return verdict;
}

Decision Evaluate(const PolicyDocument& policy, const RequestContext& context) {
  return EvaluateResource(policy, context).decision;
}

Decision IdentityVerdict::limits() const {
  if (boundary == Decision::kAllow) return session_policies;
  return session_policies == Decision::kExplicitDeny ? Decision::kExplicitDeny : boundary;
}

Decision IdentityVerdict::decision() const {
  if (policies == Decision::kExplicitDeny || limits() == Decision::kExplicitDeny) return Decision::kExplicitDeny;
  return limits() == Decision::kAllow ? policies : Decision::kImplicitDeny;
}

std::string WhyDenied(const IdentityVerdict& verdict, std::string_view action) {
  constexpr auto kDeny = Decision::kExplicitDeny;
  if (verdict.policies == kDeny) return "with an explicit deny in an identity-based policy";
  if (verdict.boundary == kDeny) return "with an explicit deny in a permissions boundary";
  if (verdict.session_policies == kDeny) return "with an explicit deny in a session policy";
  std::string_view missing = "identity-based policy";
  if (verdict.policies == Decision::kAllow) {
    missing = verdict.boundary == Decision::kAllow ? "session policy" : "permissions boundary";
  }
  return fmt::format("because no {} allows the {} action", missing, action);
}

Decision CombineInAccount(const ResourceVerdict& resource, const IdentityVerdict& identity) {
  const Decision own = identity.decision();
  if (resource.decision == Decision::kExplicitDeny || own == Decision::kExplicitDeny) return Decision::kExplicitDeny;
  if (own == Decision::kAllow || resource.grant == Grant::kDirect) return Decision::kAllow;
  const bool within = resource.grant == Grant::kShared && identity.limits() == Decision::kAllow;
  return within ? Decision::kAllow : Decision::kImplicitDeny;
}

Decision Combine(Decision a, Decision b) {
  if (a == Decision::kExplicitDeny || b == Decision::kExplicitDeny) return Decision::kExplicitDeny;
  return a == Decision::kAllow ? a : b;
}

}  // namespace meetinity::iam

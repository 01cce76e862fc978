#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

std::string_view WhoIs(const wire::Principal& principal) {
  if (!principal.arn.empty()) return principal.arn;
  return principal.service.empty() ? std::string_view("anonymous") : std::string_view(principal.service);
}

}  // namespace

Error AccessDenied(const wire::Principal& principal, std::string_view action, std::string_view resource_arn,
                   const IdentityVerdict& verdict) {
  return Error{Kind::kUnauthorized, kAccessDenied,
               fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", WhoIs(principal), action,
                           resource_arn, WhyDenied(verdict, action))};
}

Decision Iam::EvaluateIdentity(const wire::Call& call, std::string_view action, std::string_view resource_arn,
                               ContextKeys keys) const {
  return JudgeIdentity(call, action, resource_arn, std::move(keys)).decision();
}

IdentityVerdict Iam::JudgeIdentity(const wire::Call& call, std::string_view action, std::string_view resource_arn,
                                   ContextKeys keys) const {
  state_->NoteUse(call, action);
  const wire::Principal& principal = call.principal;
  if (principal.kind == wire::PrincipalKind::kRoot) return Decision::kAllow;
  if (principal.kind != wire::PrincipalKind::kUser && principal.kind != wire::PrincipalKind::kAssumedRole) {
    return Decision::kImplicitDeny;
  }
  const std::string_view id = principal.unique_id;
  const IdentityAccessPtr access = state_->index.FindIdentity(id.substr(0, id.find(':')));
  if (!access) return Decision::kImplicitDeny;
  keys.merge(KeysOf(call));
  const RequestContext context{principal, std::string(action), std::string(resource_arn), std::move(keys)};
  IdentityVerdict verdict;
  for (const PolicyDocument& policy : access->policies) {
    verdict.policies = Combine(verdict.policies, Evaluate(policy, context));
  }
  if (access->boundary) verdict.boundary = Evaluate(*access->boundary, context);
  // Sessions are the only contexts that Iam gives out.
  const auto* const session = static_cast<const Session*>(principal.session.get());
  if (session != nullptr && session->is_limited()) {
    verdict.session_policies = Decision::kImplicitDeny;
    const auto add = [&](const PolicyDocument& policy) {
      verdict.session_policies = Combine(verdict.session_policies, Evaluate(policy, context));
    };
    if (session->parsed_policy) add(*session->parsed_policy);
    for (const std::string& arn : session->policy_arns) {
      // One that was deleted since allows nothing.
      if (const std::optional<PolicyDocument> policy = state_->ManagedPolicy(arn)) add(*policy);
    }
  }
  return verdict;
}

Status Iam::Authorize(const wire::Call& call, const wire::Permission& permission) const {
  const auto& [action, resource_arn, keys] = permission;
  const bool of_session_token = call.principal.session && call.principal.kind != wire::PrincipalKind::kAssumedRole;
  if (of_session_token && ToLower(action).starts_with("iam:")) {
    // STS API, page "GetSessionToken": no operation of IAM without MFA.
    return Error{Kind::kUnauthorized, kInvalidClientTokenId, "The security token included in the request is invalid"};
  }
  const IdentityVerdict verdict = JudgeIdentity(call, action, resource_arn, keys);
  if (verdict.decision() == Decision::kAllow) return {};
  // Whoever signs rightly may ask who it is (STS API, page "GetCallerIdentity").
  if (EqualsIgnoreCase(action, "sts:GetCallerIdentity") && call.principal.kind != wire::PrincipalKind::kAnonymous) {
    return {};
  }
  return AccessDenied(call.principal, action, resource_arn, verdict);
}

}  // namespace meetinity::iam

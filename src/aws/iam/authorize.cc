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
                   Decision decision) {
  const std::string why = decision == Decision::kExplicitDeny
                              ? "with an explicit deny in an identity-based policy"
                              : fmt::format("because no identity-based policy allows the {} action", action);
  return Error{Kind::kUnauthorized, kAccessDenied,
               fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", WhoIs(principal), action,
                           resource_arn, why)};
}

Decision Iam::EvaluateIdentity(const wire::Call& call, std::string_view action, std::string_view resource_arn,
                               ContextKeys keys) const {
  state_->NoteUse(call, action);
  if (call.principal.kind == wire::PrincipalKind::kRoot) return Decision::kAllow;
  if (call.principal.kind != wire::PrincipalKind::kUser) return Decision::kImplicitDeny;
  const UserAccessPtr access = state_->index.FindUser(call.principal.unique_id);
  if (!access) return Decision::kImplicitDeny;
  keys.merge(KeysOf(call));
  const RequestContext context{call.principal, std::string(action), std::string(resource_arn), std::move(keys)};
  Decision decision = Decision::kImplicitDeny;
  for (const PolicyDocument& policy : access->policies) decision = Combine(decision, Evaluate(policy, context));
  return decision;
}

Status Iam::Authorize(const wire::Call& call, std::string_view action, std::string_view resource_arn) const {
  const Decision decision = EvaluateIdentity(call, action, resource_arn);
  if (decision == Decision::kAllow) return {};
  // Whoever signs rightly may ask who it is (STS API, page "GetCallerIdentity").
  if (EqualsIgnoreCase(action, "sts:GetCallerIdentity") && call.principal.kind != wire::PrincipalKind::kAnonymous) {
    return {};
  }
  return AccessDenied(call.principal, action, resource_arn, decision);
}

}  // namespace meetinity::iam

#include "aws/sts/sts.h"

#include <fmt/format.h>

#include <utility>

#include "aws/sts/errors.h"
#include "base/arn.h"

namespace meetinity::sts {
namespace {

// Nobody has an MFA device here, so no code is ever right.
Status RefuseMfa(const std::optional<std::string>& serial_number, const std::optional<std::string>& token_code) {
  if (!serial_number && !token_code) return {};
  return Error{Kind::kUnauthorized, kAccessDenied,
               "MultiFactorAuthentication failed with invalid MFA one time pass code."};
}

Credentials ToCredentials(const iam::IssuedSession& session) {
  Credentials credentials;
  credentials.access_key_id = session.access_key_id;
  credentials.secret_access_key = session.secret_access_key;
  credentials.session_token = session.session_token;
  credentials.expiration = session.expires;
  return credentials;
}

}  // namespace

void Sts::Register(wire::ServiceHost& host) {
  host.Serve<sts::GetCallerIdentity>(
      [this](const wire::Call& call, const GetCallerIdentityInput& in) { return GetCallerIdentity(call, in); });
  host.Serve<sts::AssumeRole>(
      [this](const wire::Call& call, const AssumeRoleInput& in) { return AssumeRole(call, in); });
  host.Serve<sts::GetSessionToken>(
      [this](const wire::Call& call, const GetSessionTokenInput& in) { return GetSessionToken(call, in); });
  host.Serve<sts::GetAccessKeyInfo>(
      [this](const wire::Call& call, const GetAccessKeyInfoInput& in) { return GetAccessKeyInfo(call, in); });
}

Result<GetCallerIdentityOutput> Sts::GetCallerIdentity(const wire::Call& call, const GetCallerIdentityInput&) const {
  const wire::Principal& caller = call.principal;
  return GetCallerIdentityOutput{.account = caller.account, .arn = caller.arn, .user_id = caller.unique_id};
}

Result<AssumeRoleOutput> Sts::AssumeRole(const wire::Call& call, const AssumeRoleInput& in) const {
  TRY(RefuseMfa(in.serial_number, in.token_code));
  if (in.source_identity || in.provided_contexts) {
    return Error{Kind::kInvalid, kValidationError,
                 "SourceIdentity and ProvidedContexts are not served; leave them out."};
  }
  if (!Arn::Parse(in.role_arn).ok()) {
    return Error{Kind::kInvalid, kValidationError, fmt::format("{} is invalid", in.role_arn)};
  }
  iam::RoleSessionRequest request;
  request.role_arn = in.role_arn;
  request.session_name = in.role_session_name;
  request.seconds = in.duration_seconds;
  request.external_id = in.external_id;
  request.policy = in.policy;
  if (in.policy_arns) {
    for (const PolicyDescriptorType& policy : *in.policy_arns) request.policy_arns.push_back(policy.arn.value_or(""));
  }
  if (in.tags) {
    for (const Tag& tag : *in.tags) request.tags.emplace_back(tag.key, tag.value);
  }
  if (in.transitive_tag_keys) request.transitive_tags = *in.transitive_tag_keys;
  const bool is_limited = request.policy || !request.policy_arns.empty() || !request.tags.empty();
  const iam::IssuedSession session = TRY(iam_.AssumeRole(call, request));
  AssumeRoleOutput output;
  output.assumed_role_user = AssumedRoleUser{.arn = session.arn, .assumed_role_id = session.unique_id};
  output.credentials = ToCredentials(session);
  if (is_limited) output.packed_policy_size = session.packed_percent;
  return output;
}

Result<GetSessionTokenOutput> Sts::GetSessionToken(const wire::Call& call, const GetSessionTokenInput& in) const {
  TRY(RefuseMfa(in.serial_number, in.token_code));
  const iam::IssuedSession session = TRY(iam_.IssueUserSession(call, in.duration_seconds));
  GetSessionTokenOutput output;
  output.credentials = ToCredentials(session);
  return output;
}

Result<GetAccessKeyInfoOutput> Sts::GetAccessKeyInfo(const wire::Call&, const GetAccessKeyInfoInput& in) const {
  std::optional<std::string> account = iam_.AccountOfKey(in.access_key_id);
  if (!account) {
    return Error{Kind::kInvalid, kValidationError, fmt::format("{} is no access key of this cloud.", in.access_key_id)};
  }
  GetAccessKeyInfoOutput output;
  output.account = std::move(account);
  return output;
}

}  // namespace meetinity::sts

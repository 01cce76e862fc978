#include <fmt/format.h>

#include "aws/iam/iam_state.h"
#include "base/arn.h"

// Credentials of services and origin access identities: as short-lived as the process, and nobody's record.
namespace meetinity::iam {
namespace {

template <class State>
wire::Credential IssueOnce(State& state, std::pair<std::string, std::string> key, wire::Principal principal) {
  return state.issued.With([&](auto& issued) {
    const auto found = issued.find(key);
    if (found != issued.end()) return found->second;
    wire::Credential credential;
    credential.access_key_id = NewAccessKeyId();
    credential.secret_access_key = NewSecret();
    credential.principal = std::move(principal);
    credential.principal.access_key_id = credential.access_key_id;
    state.index.PutFixed(std::make_shared<const wire::Credential>(credential));
    return issued.emplace(std::move(key), std::move(credential)).first->second;
  });
}

}  // namespace

wire::Credential Iam::IssueServiceCredential(std::string_view service, std::string_view source_arn) {
  wire::Principal principal;
  principal.kind = wire::PrincipalKind::kService;
  principal.service = service;
  principal.source_arn = source_arn;
  const Result<Arn> source = Arn::Parse(source_arn);
  principal.source_account = source.ok() ? source->account : state_->options.account;
  return IssueOnce(*state_, {std::string(service), std::string(source_arn)}, std::move(principal));
}

wire::Credential Iam::IssueOriginAccessIdentityCredential(std::string_view identity,
                                                          std::string_view canonical_user_id) {
  wire::Principal principal;
  principal.kind = wire::PrincipalKind::kOriginAccessIdentity;
  principal.arn = fmt::format("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {}", identity);
  principal.unique_id = identity;
  principal.canonical_user_id = canonical_user_id;
  return IssueOnce(*state_, {"origin-access-identity", std::string(identity)}, std::move(principal));
}

}  // namespace meetinity::iam

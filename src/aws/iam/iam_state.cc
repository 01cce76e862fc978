#include "aws/iam/iam_state.h"

#include <fmt/format.h>

#include "aws/iam/errors.h"

namespace meetinity::iam {
namespace {

Status AddPolicy(std::vector<PolicyDocument>& policies, const std::string& document, const std::string& owner) {
  Result<PolicyDocument> parsed = PolicyDocument::Parse(document, PolicyKind::kIdentity);
  if (!parsed.ok()) {
    // Going on without it could lose a Deny.
    return Internal(fmt::format("a stored policy of {} does not parse: {}", owner, parsed.error().detail));
  }
  policies.push_back(std::move(*parsed));
  return {};
}

}  // namespace

std::string Iam::State::Arn(std::string_view resource) const {
  return fmt::format("arn:aws:iam::{}:{}", options.account, resource);
}

Result<UserAccessPtr> Iam::State::LoadAccess(const store::ReadTx& tx, const UserRecord& user) const {
  auto access = std::make_shared<UserAccess>();
  for (const AccessKeyRecord& key : TRY(tx.Select<AccessKeyRecord>("user_id = ? AND active = 1", {user.id}))) {
    auto credential = std::make_shared<wire::Credential>();
    credential->access_key_id = key.id;
    credential->secret_access_key = TRY(sealer.Open(key.sealed_secret, KeyContext(key.id)));
    credential->principal.kind = wire::PrincipalKind::kUser;
    credential->principal.account = options.account;
    credential->principal.arn = UserArn(user);
    credential->principal.unique_id = user.id;
    credential->principal.access_key_id = key.id;
    access->credentials.push_back(std::move(credential));
  }
  for (const InlinePolicyRecord& policy : TRY(tx.Select<InlinePolicyRecord>("owner_id = ?", {user.id}))) {
    TRY(AddPolicy(access->policies, policy.document, user.name));
  }
  for (const AttachmentRecord& attached : TRY(tx.Select<AttachmentRecord>("owner_id = ?", {user.id}))) {
    const PolicyRecord policy = TRY(GetPolicyRecord(tx, attached.policy_arn));
    const PolicyVersionRecord version = TRY(GetVersionRecord(tx, policy.arn, policy.default_version));
    TRY(AddPolicy(access->policies, version.document, user.name));
  }
  return UserAccessPtr(std::move(access));
}

Status Iam::State::Publish(store::Tx& tx, const UserRecord& user) {
  UserAccessPtr access = TRY(LoadAccess(tx, user));
  tx.OnCommit([this, id = user.id, access = std::move(access)] { index.PutUser(id, access); });
  return {};
}

Status Iam::State::PublishOwner(store::Tx& tx, const std::string& owner_id) {
  if (const auto user = TRY(tx.Find<UserRecord>(owner_id))) return Publish(tx, *user);
  return {};
}

Status Iam::State::PublishUsersOf(store::Tx& tx, const std::string& policy_arn) {
  for (const AttachmentRecord& attached : TRY(tx.Select<AttachmentRecord>("policy_arn = ?", {policy_arn}))) {
    TRY(PublishOwner(tx, attached.owner_id));
  }
  return {};
}

void Iam::State::NoteUse(const wire::Call& call, std::string_view action) const {
  const wire::PrincipalKind kind = call.principal.kind;
  if (kind != wire::PrincipalKind::kRoot && kind != wire::PrincipalKind::kUser) return;
  KeyUse use{call.now, call.scope_region.empty() ? call.region : call.scope_region,
             std::string(action.substr(0, action.find(':')))};
  uses.With([&](auto& by_key) { by_key[call.principal.access_key_id] = std::move(use); });
}

}  // namespace meetinity::iam

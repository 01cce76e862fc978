#include "aws/iam/iam_state.h"

#include <fmt/format.h>

#include "aws/iam/aws_managed_policies.h"
#include "aws/iam/errors.h"

namespace meetinity::iam {
namespace {

Result<PolicyDocument> ParseStored(const std::string& document, const std::string& owner) {
  Result<PolicyDocument> parsed = PolicyDocument::Parse(document, PolicyKind::kIdentity);
  if (parsed.ok()) return parsed;
  // Going on without it could lose a Deny.
  return Internal(fmt::format("a stored policy of {} does not parse: {}", owner, parsed.error().detail));
}

// What users and roles have in common.
template <class Record>
Status FillAccess(const Iam::State& state, const store::ReadTx& tx, const Record& owner, IdentityAccess& access) {
  access.name = owner.name;
  if (!owner.tags.values.empty()) access.tags = std::make_shared<const wire::PrincipalTags>(owner.tags.values);
  for (const InlinePolicyRecord& policy : TRY(tx.Select<InlinePolicyRecord>("owner_id = ?", {owner.id}))) {
    access.policies.push_back(TRY(ParseStored(policy.document, owner.name)));
  }
  for (const AttachmentRecord& attached : TRY(tx.Select<AttachmentRecord>("owner_id = ?", {owner.id}))) {
    access.policies.push_back(TRY(state.LoadPolicy(tx, attached.policy_arn)));
  }
  if (owner.boundary) access.boundary = TRY(state.LoadPolicy(tx, *owner.boundary));
  return {};
}

}  // namespace

std::string Iam::State::Arn(std::string_view resource) const {
  return fmt::format("arn:aws:iam::{}:{}", options.account, resource);
}

Result<IdentityAccessPtr> Iam::State::LoadAccess(const store::ReadTx& tx, const UserRecord& user) const {
  auto access = std::make_shared<IdentityAccess>();
  access->arn = UserArn(user);
  TRY(FillAccess(*this, tx, user, *access));
  for (const AccessKeyRecord& key : TRY(tx.Select<AccessKeyRecord>("user_id = ? AND active = 1", {user.id}))) {
    auto credential = std::make_shared<wire::Credential>();
    credential->access_key_id = key.id;
    credential->secret_access_key = TRY(sealer.Open(key.sealed_secret, KeyContext(key.id)));
    credential->principal.kind = wire::PrincipalKind::kUser;
    credential->principal.account = options.account;
    credential->principal.arn = UserArn(user);
    credential->principal.unique_id = user.id;
    credential->principal.access_key_id = key.id;
    credential->principal.tags = access->tags;
    access->credentials.push_back(std::move(credential));
  }
  return IdentityAccessPtr(std::move(access));
}

Result<IdentityAccessPtr> Iam::State::LoadAccess(const store::ReadTx& tx, const RoleRecord& role) const {
  auto access = std::make_shared<IdentityAccess>();
  access->arn = RoleArn(role);
  TRY(FillAccess(*this, tx, role, *access));
  return IdentityAccessPtr(std::move(access));
}

Result<PolicyDocument> Iam::State::LoadPolicy(const store::ReadTx& tx, const std::string& policy_arn) const {
  const PolicyRecord policy = TRY(GetPolicyRecord(tx, policy_arn));
  return ParseStored(TRY(GetVersionRecord(tx, policy.arn, policy.default_version)).document, policy_arn);
}

std::optional<PolicyDocument> Iam::State::ManagedPolicy(const std::string& policy_arn) const {
  const AwsManagedPolicy* managed = FindAwsManagedPolicy(policy_arn);
  if (managed == nullptr) return index.FindPolicy(policy_arn);
  Result<PolicyDocument> parsed = PolicyDocument::Parse(managed->document, PolicyKind::kIdentity);
  return parsed.ok() ? std::optional(std::move(*parsed)) : std::nullopt;
}

Status Iam::State::Publish(store::Tx& tx, const UserRecord& user) {
  IdentityAccessPtr access = TRY(LoadAccess(tx, user));
  tx.OnCommit([this, id = user.id, access = std::move(access)] { index.PutIdentity(id, access); });
  return {};
}

Status Iam::State::Publish(store::Tx& tx, const RoleRecord& role) {
  IdentityAccessPtr access = TRY(LoadAccess(tx, role));
  tx.OnCommit([this, id = role.id, access = std::move(access)] { index.PutIdentity(id, access); });
  return {};
}

Status Iam::State::PublishOwner(store::Tx& tx, const std::string& owner_id) {
  if (const auto user = TRY(tx.Find<UserRecord>(owner_id))) return Publish(tx, *user);
  if (const auto role = TRY(tx.Find<RoleRecord>(owner_id))) return Publish(tx, *role);
  return {};
}

Status Iam::State::PublishPolicy(store::Tx& tx, const std::string& policy_arn) {
  for (const AttachmentRecord& attached : TRY(tx.Select<AttachmentRecord>("policy_arn = ?", {policy_arn}))) {
    TRY(PublishOwner(tx, attached.owner_id));
  }
  for (const UserRecord& user : TRY(tx.Select<UserRecord>("boundary = ?", {policy_arn}))) TRY(Publish(tx, user));
  for (const RoleRecord& role : TRY(tx.Select<RoleRecord>("boundary = ?", {policy_arn}))) TRY(Publish(tx, role));
  tx.OnCommit(
      [this, policy_arn, document = TRY(LoadPolicy(tx, policy_arn))] { index.PutPolicy(policy_arn, document); });
  return {};
}

void Iam::State::NoteUse(const wire::Call& call, std::string_view action) const {
  const wire::Principal& principal = call.principal;
  const bool of_role = principal.kind == wire::PrincipalKind::kAssumedRole;
  const bool of_key = principal.kind == wire::PrincipalKind::kRoot || principal.kind == wire::PrincipalKind::kUser;
  // Sessions come without end, so theirs are not kept one by one.
  if (!of_role && (!of_key || principal.session)) return;
  const std::string& user = of_role ? principal.unique_id : principal.access_key_id;
  KeyUse use{call.now, call.scope_region.empty() ? call.region : call.scope_region,
             std::string(action.substr(0, action.find(':')))};
  uses.With([&](auto& by_key) { by_key[user.substr(0, user.find(':'))] = std::move(use); });
}

}  // namespace meetinity::iam

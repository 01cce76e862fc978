#include "aws/iam/iam.h"

#include <fmt/format.h>

#include "aws/iam/iam_state.h"
#include "aws/iam/permissions.h"
#include "base/arn.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace meetinity::iam {
namespace {

std::shared_ptr<const wire::Credential> RootCredential(const RootCredentials& keys, const std::string& account,
                                                       const std::string& canonical_user_id) {
  auto root = std::make_shared<wire::Credential>();
  root->access_key_id = keys.access_key_id;
  root->secret_access_key = keys.secret_access_key;
  root->principal.kind = wire::PrincipalKind::kRoot;
  root->principal.account = account;
  root->principal.arn = fmt::format("arn:aws:iam::{}:root", account);
  root->principal.unique_id = account;
  root->principal.canonical_user_id = canonical_user_id;
  root->principal.access_key_id = keys.access_key_id;
  return root;
}

// The same for the same account, so that grants survive a new data directory.
std::string CanonicalUserIdOf(const std::string& account) { return HexEncode(Sha256("canonical user of " + account)); }

}  // namespace

Iam::Iam(std::unique_ptr<State> state) : state_(std::move(state)) {}
Iam::~Iam() = default;

std::vector<store::Migration> Iam::Migrations() { return IamMigrations(); }

Result<std::unique_ptr<Iam>> Iam::Open(store::Database& database, const store::Sealer& sealer, const Clock& clock,
                                       IamOptions options) {
  auto state = std::make_unique<State>(database, sealer, clock, std::move(options));
  state->canonical_user_id = CanonicalUserIdOf(state->options.account);
  state->root_credentials = TRY(EnsureRootCredentials(state->options.data_directory, clock.Now()));
  state->root = RootCredential(state->root_credentials, state->options.account, state->canonical_user_id);
  state->index.PutFixed(state->root);
  std::unique_ptr<Iam> iam(new Iam(std::move(state)));
  TRY(iam->Restore());
  return iam;
}

Status Iam::Restore() {
  // In a write transaction: OnCommit orders the replacement with the changes that others make meanwhile.
  return state_->database.Write([&](store::Tx& tx) -> Status {
    IdentitiesAccess identities;
    for (const UserRecord& user : TRY(tx.Select<UserRecord>(""))) {
      identities.emplace(user.id, TRY(state_->LoadAccess(tx, user)));
    }
    for (const RoleRecord& role : TRY(tx.Select<RoleRecord>(""))) {
      identities.emplace(role.id, TRY(state_->LoadAccess(tx, role)));
    }
    ManagedPolicies policies;
    for (const PolicyRecord& policy : TRY(tx.Select<PolicyRecord>(""))) {
      policies.emplace(policy.arn, TRY(state_->LoadPolicy(tx, policy.arn)));
    }
    tx.OnCommit([this, identities = std::move(identities), policies = std::move(policies)] {
      state_->index.ReplaceIdentities(identities);
      state_->index.ReplacePolicies(policies);
    });
    return {};
  });
}

std::shared_ptr<const wire::Credential> Iam::Find(std::string_view access_key_id) const {
  return state_->index.Find(access_key_id);
}

const wire::Credential& Iam::root() const { return *state_->root; }
const std::string& Iam::canonical_user_id() const { return state_->canonical_user_id; }

// Inside the class an operation's name is its method; the tag of the same name stands in the namespace.
#define MEETINITY_SERVE(operation)                                                                                  \
  host.Serve<iam::operation>([this](const Call& call, const operation##Input& in) { return operation(call, in); }); \
  host.Require<iam::operation>(                                                                                     \
      [this](const Call& call, const operation##Input& in) { return PermissionsFor(call, SubjectOf(in)); })

void Iam::Register(wire::ServiceHost& host) {
  MEETINITY_SERVE(CreateUser);
  MEETINITY_SERVE(GetUser);
  MEETINITY_SERVE(ListUsers);
  MEETINITY_SERVE(UpdateUser);
  MEETINITY_SERVE(DeleteUser);
  MEETINITY_SERVE(TagUser);
  MEETINITY_SERVE(UntagUser);
  MEETINITY_SERVE(ListUserTags);
  MEETINITY_SERVE(CreateAccessKey);
  MEETINITY_SERVE(ListAccessKeys);
  MEETINITY_SERVE(UpdateAccessKey);
  MEETINITY_SERVE(DeleteAccessKey);
  MEETINITY_SERVE(GetAccessKeyLastUsed);
  MEETINITY_SERVE(ListGroupsForUser);
  MEETINITY_SERVE(PutUserPermissionsBoundary);
  MEETINITY_SERVE(DeleteUserPermissionsBoundary);
  MEETINITY_SERVE(PutRolePermissionsBoundary);
  MEETINITY_SERVE(DeleteRolePermissionsBoundary);
  MEETINITY_SERVE(CreateRole);
  MEETINITY_SERVE(GetRole);
  MEETINITY_SERVE(ListRoles);
  MEETINITY_SERVE(UpdateRole);
  MEETINITY_SERVE(UpdateAssumeRolePolicy);
  MEETINITY_SERVE(DeleteRole);
  MEETINITY_SERVE(TagRole);
  MEETINITY_SERVE(UntagRole);
  MEETINITY_SERVE(ListRoleTags);
  MEETINITY_SERVE(ListInstanceProfilesForRole);
  MEETINITY_SERVE(CreatePolicy);
  MEETINITY_SERVE(GetPolicy);
  MEETINITY_SERVE(ListPolicies);
  MEETINITY_SERVE(DeletePolicy);
  MEETINITY_SERVE(CreatePolicyVersion);
  MEETINITY_SERVE(GetPolicyVersion);
  MEETINITY_SERVE(ListPolicyVersions);
  MEETINITY_SERVE(SetDefaultPolicyVersion);
  MEETINITY_SERVE(DeletePolicyVersion);
  MEETINITY_SERVE(ListEntitiesForPolicy);
  MEETINITY_SERVE(TagPolicy);
  MEETINITY_SERVE(UntagPolicy);
  MEETINITY_SERVE(ListPolicyTags);
  MEETINITY_SERVE(AttachUserPolicy);
  MEETINITY_SERVE(DetachUserPolicy);
  MEETINITY_SERVE(ListAttachedUserPolicies);
  MEETINITY_SERVE(AttachRolePolicy);
  MEETINITY_SERVE(DetachRolePolicy);
  MEETINITY_SERVE(ListAttachedRolePolicies);
  MEETINITY_SERVE(PutUserPolicy);
  MEETINITY_SERVE(GetUserPolicy);
  MEETINITY_SERVE(ListUserPolicies);
  MEETINITY_SERVE(DeleteUserPolicy);
  MEETINITY_SERVE(PutRolePolicy);
  MEETINITY_SERVE(GetRolePolicy);
  MEETINITY_SERVE(ListRolePolicies);
  MEETINITY_SERVE(DeleteRolePolicy);
  MEETINITY_SERVE(ListAccountAliases);
  MEETINITY_SERVE(GetAccountSummary);
}

#undef MEETINITY_SERVE

}  // namespace meetinity::iam

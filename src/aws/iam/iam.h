#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/iam/policy.h"
#include "aws/iam/session.h"
#include "aws/iam_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"
#include "store/sealer.h"
#include "wire/auth.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::iam {

struct RoleRecord;
struct Subject;

struct IamOptions {
  std::string account = "123456789012";
  std::string data_directory;  // holds root-credentials
};

// Who may call, and what: users, roles, keys and policies of the one account that is served.
//
// Handlers are thread-safe and run on workers. Credentials and users' parsed policies are also kept in memory, replaced
// after each commit, so that Find and Authorize never wait for the store.
class Iam : public wire::CredentialSource, public wire::Authorizer {
 public:
  // Makes the root access key when the data directory has none yet, and loads everybody's keys and policies.
  static Result<std::unique_ptr<Iam>> Open(store::Database& database, const store::Sealer& sealer, const Clock& clock,
                                           IamOptions options);
  ~Iam() override;

  static std::vector<store::Migration> Migrations();
  void Register(wire::ServiceHost& host);

  // Loads keys and policies anew: needed after the store was replaced beneath us (Clear, RestoreGolden).
  Status Restore();

  std::shared_ptr<const wire::Credential> Find(std::string_view access_key_id) const override;
  // Temporary credentials of AssumeRole and GetSessionToken. Null also when the role is gone, or the user or key that
  // asked for them.
  std::shared_ptr<const wire::Credential> FindSession(std::string_view access_key_id,
                                                      std::string_view session_token) const override;
  Status Authorize(const wire::Call& call, const wire::Permission& permission) const override;

  // What identity policies say, for services that combine it with a resource policy. Root is always allowed; principals
  // that have no identity policies (anonymous, services) are implicitly denied. `keys` are the service's own condition
  // keys; those of KeysOf(call) are added.
  Decision EvaluateIdentity(const wire::Call& call, std::string_view action, std::string_view resource_arn,
                            ContextKeys keys = {}) const;
  // The same with what each kind of policy said, for CombineInAccount.
  IdentityVerdict JudgeIdentity(const wire::Call& call, std::string_view action, std::string_view resource_arn,
                                ContextKeys keys = {}) const;

  // AWS STS's business with users and roles. Refusals: AccessDenied, ValidationError, MalformedPolicyDocumentException,
  // PackedPolicyTooLargeException.
  Result<IssuedSession> AssumeRole(const wire::Call& call, const RoleSessionRequest& request) const;
  // GetSessionToken: the caller's own rights for a while.
  Result<IssuedSession> IssueUserSession(const wire::Call& call, std::optional<int32_t> seconds) const;
  // The account of a key of this cloud, also an inactive one.
  std::optional<std::string> AccountOfKey(const std::string& access_key_id) const;

  // Whether a policy may name this principal of Principal.AWS: a user's or role's ARN or unique id of this account, a
  // session of a role, or the account itself. What another account has is not known here and taken as said.
  Result<bool> KnowsPrincipal(const store::ReadTx& tx, std::string_view principal) const;

  // Root's key and secret, for the command line's environment.
  const wire::Credential& root() const;
  // The account's 64 hex digits, S3's owner id.
  const std::string& canonical_user_id() const;

  // A credential with which `service` ("cloudfront.amazonaws.com") signs on behalf of `source_arn`. Kept in memory
  // only; the same one for the same pair until the process ends.
  wire::Credential IssueServiceCredential(std::string_view service, std::string_view source_arn);
  // The same for a CloudFront origin access identity ("E2QWRUHAPOMQZL") and its canonical user id.
  wire::Credential IssueOriginAccessIdentityCredential(std::string_view identity, std::string_view canonical_user_id);

  using Call = wire::Call;

  // Users.
  Result<CreateUserOutput> CreateUser(const Call& call, const CreateUserInput& in);
  Result<GetUserOutput> GetUser(const Call& call, const GetUserInput& in) const;
  Result<ListUsersOutput> ListUsers(const Call& call, const ListUsersInput& in) const;
  Result<UpdateUserOutput> UpdateUser(const Call& call, const UpdateUserInput& in);
  Result<DeleteUserOutput> DeleteUser(const Call& call, const DeleteUserInput& in);
  Result<TagUserOutput> TagUser(const Call& call, const TagUserInput& in);
  Result<UntagUserOutput> UntagUser(const Call& call, const UntagUserInput& in);
  Result<ListUserTagsOutput> ListUserTags(const Call& call, const ListUserTagsInput& in) const;
  Result<ListGroupsForUserOutput> ListGroupsForUser(const Call& call, const ListGroupsForUserInput& in) const;

  // Access keys of users; root's are made with the cloud and listed only.
  Result<CreateAccessKeyOutput> CreateAccessKey(const Call& call, const CreateAccessKeyInput& in);
  Result<ListAccessKeysOutput> ListAccessKeys(const Call& call, const ListAccessKeysInput& in) const;
  Result<UpdateAccessKeyOutput> UpdateAccessKey(const Call& call, const UpdateAccessKeyInput& in);
  Result<DeleteAccessKeyOutput> DeleteAccessKey(const Call& call, const DeleteAccessKeyInput& in);
  Result<GetAccessKeyLastUsedOutput> GetAccessKeyLastUsed(const Call& call, const GetAccessKeyLastUsedInput& in) const;

  // Permissions boundaries.
  Result<PutUserPermissionsBoundaryOutput> PutUserPermissionsBoundary(const Call& call,
                                                                      const PutUserPermissionsBoundaryInput& in);
  Result<DeleteUserPermissionsBoundaryOutput> DeleteUserPermissionsBoundary(
      const Call& call, const DeleteUserPermissionsBoundaryInput& in);
  Result<PutRolePermissionsBoundaryOutput> PutRolePermissionsBoundary(const Call& call,
                                                                      const PutRolePermissionsBoundaryInput& in);
  Result<DeleteRolePermissionsBoundaryOutput> DeleteRolePermissionsBoundary(
      const Call& call, const DeleteRolePermissionsBoundaryInput& in);

  // Roles.
  Result<CreateRoleOutput> CreateRole(const Call& call, const CreateRoleInput& in);
  Result<GetRoleOutput> GetRole(const Call& call, const GetRoleInput& in) const;
  Result<ListRolesOutput> ListRoles(const Call& call, const ListRolesInput& in) const;
  Result<UpdateRoleOutput> UpdateRole(const Call& call, const UpdateRoleInput& in);
  Result<UpdateAssumeRolePolicyOutput> UpdateAssumeRolePolicy(const Call& call, const UpdateAssumeRolePolicyInput& in);
  Result<DeleteRoleOutput> DeleteRole(const Call& call, const DeleteRoleInput& in);
  Result<TagRoleOutput> TagRole(const Call& call, const TagRoleInput& in);
  Result<UntagRoleOutput> UntagRole(const Call& call, const UntagRoleInput& in);
  Result<ListRoleTagsOutput> ListRoleTags(const Call& call, const ListRoleTagsInput& in) const;
  Result<ListInstanceProfilesForRoleOutput> ListInstanceProfilesForRole(
      const Call& call, const ListInstanceProfilesForRoleInput& in) const;

  // Managed policies and their versions.
  Result<CreatePolicyOutput> CreatePolicy(const Call& call, const CreatePolicyInput& in);
  Result<GetPolicyOutput> GetPolicy(const Call& call, const GetPolicyInput& in) const;
  Result<ListPoliciesOutput> ListPolicies(const Call& call, const ListPoliciesInput& in) const;
  Result<DeletePolicyOutput> DeletePolicy(const Call& call, const DeletePolicyInput& in);
  Result<TagPolicyOutput> TagPolicy(const Call& call, const TagPolicyInput& in);
  Result<UntagPolicyOutput> UntagPolicy(const Call& call, const UntagPolicyInput& in);
  Result<ListPolicyTagsOutput> ListPolicyTags(const Call& call, const ListPolicyTagsInput& in) const;
  Result<CreatePolicyVersionOutput> CreatePolicyVersion(const Call& call, const CreatePolicyVersionInput& in);
  Result<GetPolicyVersionOutput> GetPolicyVersion(const Call& call, const GetPolicyVersionInput& in) const;
  Result<ListPolicyVersionsOutput> ListPolicyVersions(const Call& call, const ListPolicyVersionsInput& in) const;
  Result<SetDefaultPolicyVersionOutput> SetDefaultPolicyVersion(const Call& call,
                                                                const SetDefaultPolicyVersionInput& in);
  Result<DeletePolicyVersionOutput> DeletePolicyVersion(const Call& call, const DeletePolicyVersionInput& in);

  // Managed policies' users.
  Result<AttachUserPolicyOutput> AttachUserPolicy(const Call& call, const AttachUserPolicyInput& in);
  Result<DetachUserPolicyOutput> DetachUserPolicy(const Call& call, const DetachUserPolicyInput& in);
  Result<ListAttachedUserPoliciesOutput> ListAttachedUserPolicies(const Call& call,
                                                                  const ListAttachedUserPoliciesInput& in) const;
  Result<AttachRolePolicyOutput> AttachRolePolicy(const Call& call, const AttachRolePolicyInput& in);
  Result<DetachRolePolicyOutput> DetachRolePolicy(const Call& call, const DetachRolePolicyInput& in);
  Result<ListAttachedRolePoliciesOutput> ListAttachedRolePolicies(const Call& call,
                                                                  const ListAttachedRolePoliciesInput& in) const;
  Result<ListEntitiesForPolicyOutput> ListEntitiesForPolicy(const Call& call,
                                                            const ListEntitiesForPolicyInput& in) const;

  // Inline policies.
  Result<PutUserPolicyOutput> PutUserPolicy(const Call& call, const PutUserPolicyInput& in);
  Result<GetUserPolicyOutput> GetUserPolicy(const Call& call, const GetUserPolicyInput& in) const;
  Result<ListUserPoliciesOutput> ListUserPolicies(const Call& call, const ListUserPoliciesInput& in) const;
  Result<DeleteUserPolicyOutput> DeleteUserPolicy(const Call& call, const DeleteUserPolicyInput& in);
  Result<PutRolePolicyOutput> PutRolePolicy(const Call& call, const PutRolePolicyInput& in);
  Result<GetRolePolicyOutput> GetRolePolicy(const Call& call, const GetRolePolicyInput& in) const;
  Result<ListRolePoliciesOutput> ListRolePolicies(const Call& call, const ListRolePoliciesInput& in) const;
  Result<DeleteRolePolicyOutput> DeleteRolePolicy(const Call& call, const DeleteRolePolicyInput& in);

  // The account.
  Result<ListAccountAliasesOutput> ListAccountAliases(const Call& call, const ListAccountAliasesInput& in) const;
  Result<GetAccountSummaryOutput> GetAccountSummary(const Call& call, const GetAccountSummaryInput& in) const;

  // What the operation about `subject` needs to be allowed (permissions.h), for the dispatcher.
  Result<wire::Permissions> PermissionsFor(const Call& call, const Subject& subject) const;

  struct State;  // the room's own, iam_state.h

 private:
  explicit Iam(std::unique_ptr<State> state);
  Status MayAssume(const Call& call, const RoleSessionRequest& request, const RoleRecord& role,
                   const Session& session) const;
  Result<IssuedSession> Issue(const Call& call, Session session, int32_t seconds) const;
  Result<wire::Permissions> UserPermissions(const Call& call, const Subject& subject) const;
  Result<wire::Permissions> RolePermissions(const Subject& subject) const;
  Result<wire::Permissions> PolicyPermissions(const Subject& subject) const;
  Result<wire::Permissions> KeyPermissions(const std::string& access_key_id) const;

  std::unique_ptr<State> state_;
};

// The refusal in AWS's words.
Error AccessDenied(const wire::Principal& principal, std::string_view action, std::string_view resource_arn,
                   const IdentityVerdict& verdict);

}  // namespace meetinity::iam

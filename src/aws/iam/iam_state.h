#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "aws/iam/access_index.h"
#include "aws/iam/iam.h"
#include "aws/iam/root_credentials.h"
#include "aws/iam/session.h"
#include "aws/iam/state.h"
#include "base/guarded.h"

namespace meetinity::iam {

struct KeyUse {
  Instant at;
  std::string region;
  std::string service;
};

struct Iam::State {
  State(store::Database& database_in, const store::Sealer& sealer_in, const Clock& clock_in, IamOptions options_in)
      : database(database_in), sealer(sealer_in), clock(clock_in), options(std::move(options_in)), tokens(sealer_in) {}

  store::Database& database;
  const store::Sealer& sealer;
  const Clock& clock;
  const IamOptions options;
  RootCredentials root_credentials;
  std::shared_ptr<const wire::Credential> root;
  std::string canonical_user_id;
  AccessIndex index;
  SessionTokens tokens;
  // By service or identity, and on whose behalf.
  Guarded<std::map<std::pair<std::string, std::string>, wire::Credential>> issued;
  // Since the process began; at most one a long-lived key or role.
  mutable Guarded<std::map<std::string, KeyUse>> uses;

  std::string Arn(std::string_view resource) const;  // "user/staff/alice"
  std::string UserArn(const UserRecord& user) const { return Arn("user" + user.path + user.name); }
  std::string RoleArn(const RoleRecord& role) const { return Arn("role" + role.path + role.name); }

  Result<IdentityAccessPtr> LoadAccess(const store::ReadTx& tx, const UserRecord& user) const;
  Result<IdentityAccessPtr> LoadAccess(const store::ReadTx& tx, const RoleRecord& role) const;
  Result<PolicyDocument> LoadPolicy(const store::ReadTx& tx, const std::string& policy_arn) const;
  // A managed policy as memory has it, the account's or AWS's; nothing when there is none.
  std::optional<PolicyDocument> ManagedPolicy(const std::string& policy_arn) const;
  // After a change to the user's keys or policies in `tx`: memory follows once it is committed.
  Status Publish(store::Tx& tx, const UserRecord& user);
  Status Publish(store::Tx& tx, const RoleRecord& role);
  // The same for an owner id, which is a user's or a role's.
  Status PublishOwner(store::Tx& tx, const std::string& owner_id);
  // After a change to a managed policy: it, and everybody whom it concerns.
  Status PublishPolicy(store::Tx& tx, const std::string& policy_arn);

  void NoteUse(const wire::Call& call, std::string_view action) const;
};

inline std::string KeyContext(std::string_view access_key_id) { return "iam key " + std::string(access_key_id); }

}  // namespace meetinity::iam

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/iam/policy.h"
#include "base/guarded.h"
#include "wire/auth.h"

namespace meetinity::iam {

// A user's or role's usable keys and everything that its policies say.
struct IdentityAccess {
  std::vector<std::shared_ptr<const wire::Credential>> credentials;
  std::vector<PolicyDocument> policies;
  std::optional<PolicyDocument> boundary;
  std::string arn;
  std::string name;
  std::shared_ptr<const wire::PrincipalTags> tags;  // null when there are none
};
using IdentityAccessPtr = std::shared_ptr<const IdentityAccess>;
using IdentitiesAccess = std::map<std::string, IdentityAccessPtr, std::less<>>;  // by unique id

using ManagedPolicies = std::map<std::string, PolicyDocument, std::less<>>;  // by ARN

// What every request asks of IAM, in memory. Readers take a snapshot and then need no lock; a change copies the maps,
// which hold pointers only and change seldom. Thread-safe.
class AccessIndex {
 public:
  AccessIndex();

  std::shared_ptr<const wire::Credential> Find(std::string_view access_key_id) const;
  IdentityAccessPtr FindIdentity(std::string_view unique_id) const;  // null when unknown

  void PutIdentity(const std::string& unique_id, IdentityAccessPtr access);
  void RemoveIdentity(const std::string& unique_id);
  void ReplaceIdentities(IdentitiesAccess identities);
  // The account's managed policies, for sessions that name them; each in its default version.
  std::optional<PolicyDocument> FindPolicy(std::string_view arn) const;
  void PutPolicy(const std::string& arn, PolicyDocument document);
  void RemovePolicy(const std::string& arn);
  void ReplacePolicies(ManagedPolicies policies);
  // Credentials that are nobody's record: root's and services'. They stay when identities are replaced.
  void PutFixed(std::shared_ptr<const wire::Credential> credential);

 private:
  struct Snapshot {
    IdentitiesAccess identities;
    std::shared_ptr<const ManagedPolicies> policies = std::make_shared<const ManagedPolicies>();
    std::map<std::string, std::shared_ptr<const wire::Credential>, std::less<>> by_key;
    std::map<std::string, std::shared_ptr<const wire::Credential>, std::less<>> fixed;
  };
  using SnapshotPtr = std::shared_ptr<const Snapshot>;

  SnapshotPtr Current() const;
  template <class Change>
  void Swap(Change change);

  Guarded<SnapshotPtr> snapshot_;
};

}  // namespace meetinity::iam

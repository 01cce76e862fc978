#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/iam/policy.h"
#include "base/guarded.h"
#include "wire/auth.h"

namespace meetinity::iam {

// A user's usable keys and everything that its policies say.
struct UserAccess {
  std::vector<std::shared_ptr<const wire::Credential>> credentials;
  std::vector<PolicyDocument> policies;
};
using UserAccessPtr = std::shared_ptr<const UserAccess>;
using UsersAccess = std::map<std::string, UserAccessPtr, std::less<>>;  // by unique id

// What every request asks of IAM, in memory. Readers take a snapshot and then need no lock; a change copies the maps,
// which hold pointers only and change seldom. Thread-safe.
class AccessIndex {
 public:
  AccessIndex();

  std::shared_ptr<const wire::Credential> Find(std::string_view access_key_id) const;
  UserAccessPtr FindUser(std::string_view unique_id) const;  // null when unknown

  void PutUser(const std::string& unique_id, UserAccessPtr access);
  void RemoveUser(const std::string& unique_id);
  void ReplaceUsers(UsersAccess users);
  // Credentials that are nobody's record: root's and services'. They stay when users are replaced.
  void PutFixed(std::shared_ptr<const wire::Credential> credential);

 private:
  struct Snapshot {
    UsersAccess users;
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

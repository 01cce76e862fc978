#include "aws/s3/access_list.h"

#include <algorithm>
#include <array>
#include <utility>

namespace meetinity::s3 {
namespace {

constexpr std::array<std::pair<AclPermission, std::string_view>, 5> kNames = {{
    {AclPermission::kFullControl, "FULL_CONTROL"},
    {AclPermission::kRead, "READ"},
    {AclPermission::kWrite, "WRITE"},
    {AclPermission::kReadAcp, "READ_ACP"},
    {AclPermission::kWriteAcp, "WRITE_ACP"},
}};

bool IsInGroup(std::string_view group, const AclSubject& subject) {
  if (group == kAllUsers) return !subject.ignores_public;
  if (group == kAuthenticatedUsers) return subject.authenticated && !subject.ignores_public;
  return group == kLogDelivery && subject.delivers_logs;
}

}  // namespace

std::string_view ToString(AclPermission permission) {
  return std::ranges::find(kNames, permission, &std::pair<AclPermission, std::string_view>::first)->second;
}

std::optional<AclPermission> ParseAclPermission(std::string_view text) {
  for (const auto& [permission, name] : kNames)
    if (name == text) return permission;
  return std::nullopt;
}

std::vector<AclGrant> GrantsOf(const AccessControlList& list, const std::string& bucket_owner) {
  if (list.grants) return *list.grants;
  return {{list.owner.empty() ? bucket_owner : list.owner, AclPermission::kFullControl}};
}

bool IsPublic(const AccessControlList& list) {
  return list.grants && std::ranges::any_of(*list.grants, [](const AclGrant& grant) {
           return grant.grantee == kAllUsers || grant.grantee == kAuthenticatedUsers;
         });
}

bool GrantsOthers(const AccessControlList& list, const std::string& owner) {
  return list.grants &&
         std::ranges::any_of(*list.grants, [&](const AclGrant& grant) { return grant.grantee != owner; });
}

AclVerdict Judge(const AccessControlList& list, const std::string& bucket_owner, AclPermission needed,
                 const AclSubject& subject) {
  AclVerdict verdict;
  const std::string_view owner = list.owner.empty() ? bucket_owner : list.owner;
  const bool is_owner = !subject.canonical_user_id.empty() && subject.canonical_user_id == owner;
  // An owner that took everything from itself can still read and write the list.
  const bool about_list = needed == AclPermission::kReadAcp || needed == AclPermission::kWriteAcp;
  if (is_owner && (!list.grants || about_list)) verdict.by_user = true;
  if (!list.grants) return verdict;
  for (const AclGrant& grant : *list.grants) {
    if (grant.permission != needed && grant.permission != AclPermission::kFullControl) continue;
    if (grant.is_group()) {
      verdict.by_group |= IsInGroup(grant.grantee, subject);
    } else {
      verdict.by_user |= grant.grantee == subject.canonical_user_id;
    }
  }
  return verdict;
}

}  // namespace meetinity::s3

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Access control lists as they are kept, and what they say (S3 User Guide, "Access control list (ACL) overview").
namespace meetinity::s3 {

enum class AclPermission : uint8_t { kFullControl, kRead, kWrite, kReadAcp, kWriteAcp };

std::string_view ToString(AclPermission permission);  // "FULL_CONTROL"
std::optional<AclPermission> ParseAclPermission(std::string_view text);

// The groups that there are.
inline constexpr std::string_view kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
inline constexpr std::string_view kAuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
inline constexpr std::string_view kLogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";

// Who owns what nobody signed for.
inline constexpr std::string_view kAnonymousUser = "65a011a29cdf8ec533ec3d1ccaae921c";

struct AclGrant {
  std::string grantee;  // a canonical user id, or a group's URI
  AclPermission permission = AclPermission::kRead;

  bool is_group() const { return grantee.find(':') != std::string::npos; }
  bool operator==(const AclGrant&) const = default;
};

// The list of a bucket or of an object's version. Most are the default one, which costs nothing to keep.
struct AccessControlList {
  std::string owner;                            // a canonical user id; empty: the bucket's owner
  std::optional<std::vector<AclGrant>> grants;  // absent: the owner has everything, and nobody else anything

  bool operator==(const AccessControlList&) const = default;
};

// The grants, the default's one too.
std::vector<AclGrant> GrantsOf(const AccessControlList& list, const std::string& bucket_owner);

// What the public access block calls public: something is granted to everyone, or to everyone with an account.
bool IsPublic(const AccessControlList& list);
// Whether the list grants anything to anybody but `owner`.
bool GrantsOthers(const AccessControlList& list, const std::string& owner);

// The caller as lists see it.
struct AclSubject {
  std::string_view canonical_user_id = {};  // empty: has none
  bool authenticated = false;
  bool delivers_logs = false;
  bool ignores_public = false;  // the bucket's public access block says so
};

struct AclVerdict {
  bool by_user = false;   // granted to the caller's canonical user
  bool by_group = false;  // granted to a group that the caller is in
};
AclVerdict Judge(const AccessControlList& list, const std::string& bucket_owner, AclPermission needed,
                 const AclSubject& subject);

}  // namespace meetinity::s3

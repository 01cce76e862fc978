#pragma once

#include <optional>
#include <string>

#include "aws/s3/errors.h"
#include "base/result.h"

namespace meetinity::s3 {

inline Error AclNotSupported() {
  return {Kind::kInvalid, kAccessControlListNotSupported, "The bucket does not allow ACLs"};
}

// Whether a canned ACL says no more than that the bucket's owner has everything.
inline bool IsOwnersOnly(const std::optional<std::string>& canned) {
  return !canned || *canned == "private" || *canned == "bucket-owner-full-control" || *canned == "bucket-owner-read";
}

// ACL headers of any input that has them: buckets are BucketOwnerEnforced, so nothing else can be granted.
template <class Input>
Status CheckAcl(const Input& in) {
  bool grants = in.grant_read || in.grant_read_acp || in.grant_write_acp || in.grant_full_control;
  if constexpr (requires { in.grant_write; }) grants = grants || in.grant_write;
  if (grants || !IsOwnersOnly(in.acl)) return AclNotSupported();
  return {};
}

}  // namespace meetinity::s3

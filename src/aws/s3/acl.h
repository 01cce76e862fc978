#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/iam/policy.h"
#include "aws/s3/access_list.h"
#include "aws/s3_model.h"
#include "base/result.h"

// How clients write access control lists: canned ones, x-amz-grant-… headers, documents. Pure.
namespace meetinity::s3 {

struct BucketRecord;

inline constexpr size_t kAclGrantsMax = 100;  // S3 User Guide, "Access control list (ACL) overview"

// The canonical user as which CloudFront delivers its standard logs (Developer Guide, page "Configure and use standard
// logs (access logs)").
inline constexpr std::string_view kCloudFrontLogs = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";

Error AclNotSupported();

// The headers of a request that may bring a list.
struct AclHeaders {
  std::optional<std::string> canned = {};
  std::optional<std::string> full_control = {}, read = {}, write = {}, read_acp = {}, write_acp = {};

  bool grants() const { return full_control || read || write || read_acp || write_acp; }
  bool any() const { return canned || grants(); }
};

template <class Input>
AclHeaders AclHeadersOf(const Input& in) {
  AclHeaders headers{in.acl, in.grant_full_control, in.grant_read, {}, in.grant_read_acp, in.grant_write_acp};
  if constexpr (requires { in.grant_write; }) headers.write = in.grant_write;
  return headers;
}

// The condition keys that follow from them: s3:x-amz-acl, s3:x-amz-grant-read …
void AddAclKeys(const AclHeaders& headers, iam::ContextKeys& keys);

enum class AclOf { kBucket, kObject };

// Whom a new list is about, and who may appear in it.
struct AclParties {
  std::string owner;  // canonical user ids
  std::string bucket_owner;
  // Whether there is such a canonical user, besides these two and AWS's own.
  std::function<Result<bool>(const std::string& id)> is_known;
};

// Refusals of the next three: InvalidRequest, InvalidArgument, MalformedACLError, UnresolvableGrantByEmailAddress and,
// for a document that names another owner, AccessDenied.
Result<AccessControlList> AclFromHeaders(const AclHeaders& headers, AclOf what, const AclParties& parties);
Result<AccessControlList> AclFromDocument(const AccessControlPolicy& document, const AclParties& parties);
// The canonical user id or group URI of a grantee.
Result<std::string> ToGrantee(const Grantee& grantee, const AclParties& parties);

// One grantee of a header: {"id", "79a5…"}, {"uri", "http://…"} or {"emailAddress", "…"}.
struct HeaderGrantee {
  std::string kind;
  std::string value;
};
// 'id="79a5…", uri="http://…"'. `header` is named in the refusal, InvalidArgument.
Result<std::vector<HeaderGrantee>> ParseGrantHeader(std::string_view header, std::string_view value);

// Where lists are disabled, one may still be sent if it says what holds anyway; else AccessControlListNotSupported.
Status CheckOwnersOnly(const AclHeaders& headers, AclOf what, const std::string& bucket_owner);
Status CheckOwnersOnly(const AccessControlPolicy& document, const std::string& bucket_owner);

// A bucket that disables lists may have none that grants anything to others.
Status CheckGrantsNobody(const AccessControlList& list, const std::string& owner);
// The public access block may forbid that a list opens anything to everyone.
Status CheckPublicAcls(const BucketRecord& bucket, const AccessControlList& list);

Grantee ToModelGrantee(const std::string& grantee);
std::vector<Grant> ToModelGrants(const std::vector<AclGrant>& grants);

}  // namespace meetinity::s3

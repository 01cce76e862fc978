#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "aws/iam/policy.h"
#include "aws/s3/state.h"
#include "base/guarded.h"
#include "base/result.h"
#include "wire/call.h"

namespace meetinity::s3 {

// What the caller's own policies say of a request: Iam::JudgeIdentity. Thread-safe.
using IdentityDecision = std::function<iam::IdentityVerdict(const wire::Call& call, std::string_view action,
                                                            std::string_view resource, const iam::ContextKeys& keys)>;

// As which S3 delivers server access logs.
inline constexpr std::string_view kLoggingService = "logging.s3.amazonaws.com";

// "arn:aws:s3:::bucket" and "arn:aws:s3:::bucket/key".
std::string BucketArn(std::string_view bucket);
std::string ObjectArn(std::string_view bucket, std::string_view key);

// Who may do what (S3 User Guide, "How Amazon S3 authorizes a request").
//
// In the owning account an identity policy or the bucket policy is enough, and the root user needs neither; everyone
// else (anonymous callers, other services, CloudFront's identities) needs the bucket policy. An explicit deny wins,
// over root too, save for the policy itself: an owner who locked everybody out can still take it away.
//
// Where ACLs are enabled, one of them may allow too: the object's, for what is done to an object that is there, else
// the bucket's. A grant to a group reaches the account's own users; one to a canonical user only lets their identity
// policies decide. An object that somebody else owns is beyond the bucket's policy and its owner's identity policies,
// as far as they allow: its list alone opens it. Thread-safe.
class AccessControl {
 public:
  AccessControl(IdentityDecision identity, std::string account, std::string owner_id);

  // AccessDenied, or nothing. `bucket` is null where the request concerns none that exists: then only the caller's own
  // policies count. `keys` are conditions that follow from the request: {"s3:prefix", {"photos/"}}. `object_acl` is the
  // list of the version that is asked for, null when there is none yet.
  Status Check(const wire::Call& call, const BucketRecord* bucket, std::string_view action, std::string resource,
               iam::ContextKeys keys = {}, const AccessControlList* object_acl = nullptr) const;

 private:
  struct ParsedPolicy {
    std::string text;
    iam::PolicyDocument document;
    bool is_public;
  };
  using ParsedPolicyPtr = std::shared_ptr<const ParsedPolicy>;

  // Null when the bucket has none.
  Result<ParsedPolicyPtr> PolicyOf(const BucketRecord& bucket) const;
  // What the bucket's side says, before the caller's own policies are asked.
  struct BucketVerdict {
    iam::ResourceVerdict policy;
    AclVerdict acl;
    bool is_others = false;  // the object is not the bucket owner's
  };
  BucketVerdict JudgeBucket(const wire::Call& call, const BucketRecord* bucket, const iam::RequestContext& context,
                            const AccessControlList* object_acl, const ParsedPolicyPtr& policy) const;
  AclVerdict JudgeAcls(const wire::Call& call, const BucketRecord& bucket, std::string_view action,
                       const AccessControlList* object_acl) const;
  // `identity` becomes what the caller's own policies said, where they were asked.
  iam::Decision Decide(const wire::Call& call, const BucketVerdict& by_bucket, const iam::RequestContext& context,
                       iam::IdentityVerdict& identity) const;

  // For the log: whether it took a list to allow this.
  void NoteAcl(const wire::Call& call, const BucketVerdict& by_bucket, const iam::RequestContext& context) const;

  IdentityDecision identity_;
  std::string account_;
  std::string owner_id_;
  // Parsing costs more than a small GET. An entry counts only while its text is the bucket's, so it is never stale.
  mutable Guarded<std::unordered_map<std::string, ParsedPolicyPtr>> parsed_;
};

}  // namespace meetinity::s3

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

// "arn:aws:s3:::bucket" and "arn:aws:s3:::bucket/key".
std::string BucketArn(std::string_view bucket);
std::string ObjectArn(std::string_view bucket, std::string_view key);

// Who may do what (S3 User Guide, "How Amazon S3 authorizes a request").
//
// In the owning account an identity policy or the bucket policy is enough, and the root user needs neither; everyone
// else (anonymous callers, other services, CloudFront's identities) needs the bucket policy. An explicit deny wins,
// over root too, save for the policy itself: an owner who locked everybody out can still take it away. ACLs do not take
// part: buckets are BucketOwnerEnforced. Thread-safe.
class AccessControl {
 public:
  AccessControl(IdentityDecision identity, std::string account);

  // AccessDenied, or nothing. `bucket` is null where the request concerns none that exists: then only the caller's own
  // policies count. `keys` are conditions that follow from the request: {"s3:prefix", {"photos/"}}.
  Status Check(const wire::Call& call, const BucketRecord* bucket, std::string_view action, std::string resource,
               iam::ContextKeys keys = {}) const;

 private:
  struct ParsedPolicy {
    std::string text;
    iam::PolicyDocument document;
    bool is_public;
  };
  using ParsedPolicyPtr = std::shared_ptr<const ParsedPolicy>;

  // Null when the bucket has none.
  Result<ParsedPolicyPtr> PolicyOf(const BucketRecord& bucket) const;
  struct PolicyVerdict {
    iam::ResourceVerdict resource;
    bool is_public;
  };
  // `identity` becomes what the caller's own policies said, where they were asked.
  iam::Decision Decide(const wire::Call& call, const BucketRecord* bucket, PolicyVerdict verdict,
                       const iam::RequestContext& context, iam::IdentityVerdict& identity) const;

  IdentityDecision identity_;
  std::string account_;
  // Parsing costs more than a small GET. An entry counts only while its text is the bucket's, so it is never stale.
  mutable Guarded<std::unordered_map<std::string, ParsedPolicyPtr>> parsed_;
};

}  // namespace meetinity::s3

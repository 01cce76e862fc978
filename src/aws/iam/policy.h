#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/call.h"
#include "wire/permission.h"
#include "wire/principal.h"

// The policy language (AWS page "IAM JSON policy elements reference") and its evaluation.
namespace meetinity::iam {

// The largest policy of any kind: a bucket policy may have 20 KiB, IAM's own are smaller.
inline constexpr size_t kPolicyBytesMax = 20'480;

// Which elements a policy must and must not have: an identity policy names no principal, a resource policy names both
// principal and resource, a role's trust policy names a principal and no resource.
enum class PolicyKind { kIdentity, kResource, kTrust };

enum class Effect { kAllow, kDeny };

// The Principal or NotPrincipal element.
struct PolicyPrincipals {
  bool everyone = false;         // "*" or {"AWS": "*"}
  std::vector<std::string> aws;  // ARNs and twelve-digit accounts
  std::vector<std::string> services;
  std::vector<std::string> canonical_users;
  std::vector<std::string> federated;
};

struct ConditionTest;  // one operator compiled with its values, see policy_condition.h

// "StringEquals": {"aws:SourceArn": [ … ]}: one such test; all of a statement's must hold.
struct PolicyCondition {
  std::string operator_name;        // as written: "ForAnyValue:StringLikeIfExists"
  std::string key;                  // as written; compared without regard to case
  std::vector<std::string> values;  // as written, variables not replaced
  std::shared_ptr<const ConditionTest> test;
};

struct PolicyStatement {
  std::string sid;  // may be empty
  Effect effect = Effect::kDeny;
  std::optional<PolicyPrincipals> principals;
  bool not_principal = false;        // `principals` are exceptions
  std::vector<std::string> actions;  // lower case
  bool not_action = false;
  std::vector<std::string> resources;  // as written, wildcards and variables not replaced
  bool not_resource = false;
  std::vector<PolicyCondition> conditions;
};

// A parsed policy. Immutable and cheap to copy: caches may keep it and threads may share it.
class PolicyDocument {
 public:
  // Refuses with MalformedPolicyDocumentException, saying where: "line 4, column 9" for what is no JSON, and
  // "Statement[1].Effect" for what is no policy.
  static Result<PolicyDocument> Parse(std::string_view text, PolicyKind kind);

  PolicyKind kind() const { return kind_; }
  const std::string& version() const { return version_; }
  // ${…} stands for a context key from version 2012-10-17 on; before, it is text.
  bool has_variables() const { return version_ == "2012-10-17"; }
  const std::vector<PolicyStatement>& statements() const { return *statements_; }

 private:
  friend class PolicyParser;
  PolicyDocument() = default;

  PolicyKind kind_ = PolicyKind::kIdentity;
  std::string version_;
  std::shared_ptr<const std::vector<PolicyStatement>> statements_;
};

using ContextKeys = wire::ConditionKeys;

// One request as policies see it. The keys that follow from the principal (aws:username, aws:userid, aws:PrincipalArn,
// aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalTag/…, aws:TokenIssueTime, aws:MultiFactorAuthPresent,
// aws:PrincipalIsAWSService, aws:PrincipalServiceName, aws:SourceArn, aws:SourceAccount) need not be in `keys`; one
// that is there wins.
struct RequestContext {
  const wire::Principal& principal;
  std::string action;    // "s3:GetObject"
  std::string resource;  // an ARN, or "*" where the operation names none
  ContextKeys keys;
};

// aws:SourceIp, aws:SecureTransport, aws:CurrentTime, aws:EpochTime, aws:UserAgent, aws:RequestedRegion,
// aws:ResourceAccount and aws:ViaAWSService of a call.
ContextKeys KeysOf(const wire::Call& call);

enum class Decision { kImplicitDeny, kAllow, kExplicitDeny };

// How the Allow of a resource policy reached the caller, weakest first (AWS page "Policy evaluation logic"). What names
// the caller itself grants whatever its boundary and session policies leave out; what names its role or everyone grants
// within them; what names the account merely lets identity policies decide.
enum class Grant { kNone, kAccount, kShared, kDirect };

struct ResourceVerdict {
  Decision decision = Decision::kImplicitDeny;  // kAllow from kShared on
  Grant grant = Grant::kNone;
};

// What the caller's own side says. Made from a Decision where nothing limits.
struct IdentityVerdict {
  IdentityVerdict(Decision policies_in = Decision::kImplicitDeny) : policies(policies_in) {}

  Decision policies;                             // identity policies
  Decision boundary = Decision::kAllow;          // these two allow nothing by themselves: they only keep what the
  Decision session_policies = Decision::kAllow;  // policies say, or not

  Decision limits() const;    // boundary and session policies together
  Decision decision() const;  // without any resource policy
};

// What this one policy says. An identity policy is taken to be attached to the principal; the others are matched
// against it.
//
// In an Allow, an account (or its root ARN) as principal matches only the account's root user: to everyone else in the
// account it merely delegates, and the identity policy that they then need is enough without it. In a Deny it matches
// everyone in the account.
Decision Evaluate(const PolicyDocument& policy, const RequestContext& context);

// The same for a resource or trust policy, and how it reached the caller.
ResourceVerdict EvaluateResource(const PolicyDocument& policy, const RequestContext& context);

// Both sides within one account: either may allow, and a deny of either wins.
Decision CombineInAccount(const ResourceVerdict& resource, const IdentityVerdict& identity);

// The last part of AWS's words for a refusal: "with an explicit deny in a session policy", or which kind of policy does
// not allow the action.
std::string WhyDenied(const IdentityVerdict& verdict, std::string_view action);

// An explicit deny wins, then an allow.
Decision Combine(Decision a, Decision b);

// Whether a resource policy counts as public for S3's public access block: some Allow reaches everyone (or a service
// other than through fixed principals) without a condition that pins the caller to fixed values (AWS page "Blocking
// public access to your Amazon S3 storage", The meaning of "public").
bool IsPublic(const PolicyDocument& policy);

}  // namespace meetinity::iam

#include "aws/s3/access.h"

#include <fmt/format.h>

#include <array>

#include "aws/s3/access_log.h"
#include "aws/s3/errors.h"

namespace meetinity::s3 {
namespace {

using wire::PrincipalKind;

// Parsed policies kept; past it the cache starts anew. A thousand of the largest stay under 100 MB.
constexpr size_t kParsedPoliciesMax = 1000;

// What an explicit deny cannot take from the root user (S3 API Reference, PutBucketPolicy).
constexpr std::string_view kRootKeeps[] = {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"};

bool IsOfAccount(const wire::Principal& principal) {
  return principal.kind == PrincipalKind::kRoot || principal.kind == PrincipalKind::kUser ||
         principal.kind == PrincipalKind::kAssumedRole;
}

// What a list's permission stands for (S3 User Guide, "Mapping of ACL permissions and access policy permissions").
struct AclAction {
  std::string_view action;
  bool of_object;
  AclPermission permission;
};
constexpr std::array<AclAction, 13> kAclActions = {{
    {"s3:GetObject", true, AclPermission::kRead},
    {"s3:GetObjectVersion", true, AclPermission::kRead},
    {"s3:PutObject", false, AclPermission::kWrite},
    {"s3:ListBucket", false, AclPermission::kRead},
    {"s3:ListBucketVersions", false, AclPermission::kRead},
    {"s3:ListBucketMultipartUploads", false, AclPermission::kRead},
    {"s3:DeleteObject", false, AclPermission::kWrite},
    {"s3:GetBucketAcl", false, AclPermission::kReadAcp},
    {"s3:PutBucketAcl", false, AclPermission::kWriteAcp},
    {"s3:GetObjectAcl", true, AclPermission::kReadAcp},
    {"s3:GetObjectVersionAcl", true, AclPermission::kReadAcp},
    {"s3:PutObjectAcl", true, AclPermission::kWriteAcp},
    {"s3:PutObjectVersionAcl", true, AclPermission::kWriteAcp},
}};

// An object that is not there has no list: who may list the bucket may learn so, and who may write it may say, with the
// object, who is to read it.
AclPermission OfBucketInstead(AclPermission of_object) {
  return of_object == AclPermission::kWriteAcp ? AclPermission::kWrite : AclPermission::kRead;
}

Error Denied(const wire::Call& call, const iam::RequestContext& context, iam::Decision by_bucket,
             const iam::IdentityVerdict& identity) {
  // Only members of an account are told what they lack, as AWS does.
  if (!IsOfAccount(call.principal)) return Error{Kind::kUnauthorized, kAccessDenied, "Access Denied"};
  const std::string why = by_bucket == iam::Decision::kExplicitDeny ? "with an explicit deny in a resource-based policy"
                                                                    : iam::WhyDenied(identity, context.action);
  return Error{Kind::kUnauthorized, kAccessDenied,
               fmt::format("User: {} is not authorized to perform: {} on resource: \"{}\" {}", call.principal.arn,
                           context.action, context.resource, why)};
}

}  // namespace

std::string BucketArn(std::string_view bucket) { return fmt::format("arn:aws:s3:::{}", bucket); }
std::string ObjectArn(std::string_view bucket, std::string_view key) {
  return fmt::format("arn:aws:s3:::{}/{}", bucket, key);
}

AccessControl::AccessControl(IdentityDecision identity, std::string account, std::string owner_id)
    : identity_(std::move(identity)), account_(std::move(account)), owner_id_(std::move(owner_id)) {}

Status AccessControl::Check(const wire::Call& call, const BucketRecord* bucket, std::string_view action,
                            std::string resource, iam::ContextKeys keys, const AccessControlList* object_acl) const {
  const bool is_root = call.principal.kind == PrincipalKind::kRoot && call.principal.account == account_;
  const bool is_others = object_acl && !object_acl->owner.empty();
  if (is_root && !is_others && (!bucket || !bucket->policy)) return {};

  const ParsedPolicyPtr policy = bucket ? TRY(PolicyOf(*bucket)) : nullptr;
  keys.merge(iam::KeysOf(call));
  keys.try_emplace("s3:authType", std::vector<std::string>{call.presigned ? "REST-QUERY-STRING" : "REST-HEADER"});
  keys.try_emplace("s3:signatureversion", std::vector<std::string>{std::string(call.signature_version)});
  keys.try_emplace("s3:ResourceAccount", std::vector<std::string>{account_});
  const iam::RequestContext context{call.principal, std::string(action), std::move(resource), std::move(keys)};
  const BucketVerdict by_bucket = JudgeBucket(call, bucket, context, object_acl, policy);
  iam::IdentityVerdict identity;
  if (Decide(call, by_bucket, context, identity) == iam::Decision::kAllow) {
    NoteAcl(call, by_bucket, context);
    return {};
  }
  return Denied(call, context, by_bucket.policy.decision, identity);
}

void AccessControl::NoteAcl(const wire::Call& call, const BucketVerdict& by_bucket,
                            const iam::RequestContext& context) const {
  AccessLogEntry* const entry = AccessLogEntry::Of(call);
  if (!entry || (!by_bucket.acl.by_user && !by_bucket.acl.by_group)) return;
  BucketVerdict without = by_bucket;
  without.acl = {};
  iam::IdentityVerdict identity;
  if (Decide(call, without, context, identity) != iam::Decision::kAllow) entry->RequireAcl();
}

AccessControl::BucketVerdict AccessControl::JudgeBucket(const wire::Call& call, const BucketRecord* bucket,
                                                        const iam::RequestContext& context,
                                                        const AccessControlList* object_acl,
                                                        const ParsedPolicyPtr& policy) const {
  BucketVerdict verdict;
  if (!bucket) return verdict;
  if (policy) verdict.policy = iam::EvaluateResource(policy->document, context);
  if (AclsEnabled(*bucket)) {
    verdict.acl = JudgeAcls(call, *bucket, context.action, object_acl);
    verdict.is_others = object_acl && !object_acl->owner.empty();
  }
  const bool of_owner = IsOfAccount(call.principal) && call.principal.account == account_;
  const bool is_outsider = !of_owner && call.principal.kind != PrincipalKind::kService;
  const bool restricted = bucket->public_access_block && bucket->public_access_block->restrict_public_buckets;
  if (restricted && policy && policy->is_public && is_outsider) {
    verdict.acl = {};
    if (verdict.policy.decision == iam::Decision::kAllow) verdict.policy = {};
  }
  if (verdict.is_others && verdict.policy.decision == iam::Decision::kAllow) verdict.policy = {};
  return verdict;
}

AclVerdict AccessControl::JudgeAcls(const wire::Call& call, const BucketRecord& bucket, std::string_view action,
                                    const AccessControlList* object_acl) const {
  const auto* const found = std::ranges::find(kAclActions, action, &AclAction::action);
  if (found == kAclActions.end()) return {};
  const wire::Principal& principal = call.principal;
  const bool of_account = IsOfAccount(principal);
  AclSubject subject;
  subject.canonical_user_id = principal.canonical_user_id;
  if (of_account && principal.account == account_) subject.canonical_user_id = owner_id_;
  if (principal.kind == PrincipalKind::kAnonymous) subject.canonical_user_id = {};
  subject.authenticated = of_account || principal.kind == PrincipalKind::kOriginAccessIdentity;
  subject.delivers_logs = principal.kind == PrincipalKind::kService && principal.service == kLoggingService;
  subject.ignores_public = bucket.public_access_block && bucket.public_access_block->ignore_public_acls;
  if (found->of_object && object_acl) return Judge(*object_acl, owner_id_, found->permission, subject);
  return Judge(bucket.acl, owner_id_, found->of_object ? OfBucketInstead(found->permission) : found->permission,
               subject);
}

iam::Decision AccessControl::Decide(const wire::Call& call, const BucketVerdict& by_bucket,
                                    const iam::RequestContext& context, iam::IdentityVerdict& identity) const {
  using iam::Decision;
  const wire::Principal& principal = call.principal;
  const bool of_owner = IsOfAccount(principal) && principal.account == account_;
  const AclVerdict& acl = by_bucket.acl;
  iam::ResourceVerdict resource = by_bucket.policy;
  if (principal.kind == PrincipalKind::kRoot && of_owner) {
    const bool keeps = std::ranges::find(kRootKeeps, context.action) != std::end(kRootKeeps);
    if (resource.decision == Decision::kExplicitDeny && !keeps) return Decision::kExplicitDeny;
    return by_bucket.is_others && !acl.by_user && !acl.by_group ? Decision::kImplicitDeny : Decision::kAllow;
  }

  const bool by_acl = acl.by_group || (acl.by_user && !of_owner);
  if (by_acl && resource.decision == Decision::kImplicitDeny) resource = {Decision::kAllow, iam::Grant::kShared};
  if (!IsOfAccount(principal)) return resource.decision;

  identity = identity_(call, context.action, context.resource, context.keys);
  if (of_owner) {
    const Decision decision = iam::CombineInAccount(resource, identity);
    const bool beyond = by_bucket.is_others && !acl.by_user && !acl.by_group;
    return beyond && decision == Decision::kAllow ? Decision::kImplicitDeny : decision;
  }
  // Another account's principal needs the consent of both.
  const Decision either = iam::Combine(resource.decision, identity.decision());
  const bool both = resource.decision == identity.decision();
  return either == Decision::kAllow && !both ? Decision::kImplicitDeny : either;
}

Result<AccessControl::ParsedPolicyPtr> AccessControl::PolicyOf(const BucketRecord& bucket) const {
  if (!bucket.policy) return ParsedPolicyPtr();
  ParsedPolicyPtr known = parsed_.With([&](auto& parsed) {
    const auto found = parsed.find(bucket.name);
    return found == parsed.end() ? ParsedPolicyPtr() : found->second;
  });
  if (known && known->text == *bucket.policy) return known;

  Result<iam::PolicyDocument> document = iam::PolicyDocument::Parse(*bucket.policy, iam::PolicyKind::kResource);
  if (!document.ok())
    return Internal(fmt::format("the stored policy of {} cannot be read: {}", bucket.name, document.error().detail));
  const bool is_public = iam::IsPublic(*document);
  known = std::make_shared<const ParsedPolicy>(ParsedPolicy{*bucket.policy, *std::move(document), is_public});
  parsed_.With([&](auto& parsed) {
    if (parsed.size() >= kParsedPoliciesMax) parsed.clear();
    parsed.insert_or_assign(bucket.name, known);
  });
  return known;
}

}  // namespace meetinity::s3

#include "aws/s3/access.h"

#include <fmt/format.h>

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

AccessControl::AccessControl(IdentityDecision identity, std::string account)
    : identity_(std::move(identity)), account_(std::move(account)) {}

Status AccessControl::Check(const wire::Call& call, const BucketRecord* bucket, std::string_view action,
                            std::string resource, iam::ContextKeys keys) const {
  const bool is_root = call.principal.kind == PrincipalKind::kRoot && call.principal.account == account_;
  if (is_root && (!bucket || !bucket->policy)) return {};

  const ParsedPolicyPtr policy = bucket ? TRY(PolicyOf(*bucket)) : nullptr;
  keys.merge(iam::KeysOf(call));
  keys.try_emplace("s3:authType", std::vector<std::string>{call.presigned ? "REST-QUERY-STRING" : "REST-HEADER"});
  keys.try_emplace("s3:signatureversion", std::vector<std::string>{std::string(call.signature_version)});
  keys.try_emplace("s3:ResourceAccount", std::vector<std::string>{account_});
  const iam::RequestContext context{call.principal, std::string(action), std::move(resource), std::move(keys)};
  const iam::ResourceVerdict by_bucket =
      policy ? iam::EvaluateResource(policy->document, context) : iam::ResourceVerdict();
  const bool is_public = policy && policy->is_public;
  iam::IdentityVerdict identity;
  const iam::Decision decision = Decide(call, bucket, {by_bucket, is_public}, context, identity);
  if (decision == iam::Decision::kAllow) return {};
  return Denied(call, context, by_bucket.decision, identity);
}

iam::Decision AccessControl::Decide(const wire::Call& call, const BucketRecord* bucket, PolicyVerdict verdict,
                                    const iam::RequestContext& context, iam::IdentityVerdict& identity) const {
  using iam::Decision;
  const wire::Principal& principal = call.principal;
  const bool of_owner = IsOfAccount(principal) && principal.account == account_;
  iam::ResourceVerdict by_bucket = verdict.resource;
  if (principal.kind == PrincipalKind::kRoot && of_owner) {
    const bool keeps = std::ranges::find(kRootKeeps, context.action) != std::end(kRootKeeps);
    return by_bucket.decision == Decision::kExplicitDeny && !keeps ? Decision::kExplicitDeny : Decision::kAllow;
  }

  const bool restricted = bucket && bucket->public_access_block && bucket->public_access_block->restrict_public_buckets;
  if (by_bucket.decision == Decision::kAllow && restricted && verdict.is_public && !of_owner &&
      principal.kind != PrincipalKind::kService)
    by_bucket = {};
  if (!IsOfAccount(principal)) return by_bucket.decision;

  identity = identity_(call, context.action, context.resource, context.keys);
  if (of_owner) return iam::CombineInAccount(by_bucket, identity);
  // Another account's principal needs the consent of both.
  const Decision either = iam::Combine(by_bucket.decision, identity.decision());
  const bool both = by_bucket.decision == identity.decision();
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

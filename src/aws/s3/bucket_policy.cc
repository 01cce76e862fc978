#include "aws/s3/bucket_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/access.h"
#include "aws/s3/errors.h"
#include "base/text.h"

namespace meetinity::s3 {
namespace {

Error Malformed(std::string detail) { return {Kind::kInvalid, kMalformedPolicy, std::move(detail)}; }

// An account's has 64 digits, that of a CloudFront origin access identity 96.
bool IsCanonicalUser(std::string_view text) {
  return (text.size() == 64 || text.size() == 96) &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// What IAM's parser leaves open: canonical users are S3's own, and only AWS's services come calling here.
Status CheckPrincipals(const iam::PolicyPrincipals& principals) {
  const bool valid = std::ranges::all_of(principals.canonical_users, IsCanonicalUser) &&
                     std::ranges::all_of(principals.services, [](const std::string& service) {
                       return service.ends_with(".amazonaws.com");
                     });
  if (valid) return {};
  return InvalidPrincipal();
}

// Whether the statement names the bucket itself, and objects in it.
struct Reach {
  bool bucket = false;
  bool objects = false;
};

Result<Reach> ReachOf(const iam::PolicyStatement& statement, std::string_view bucket) {
  const std::string arn = BucketArn(bucket), below = arn + "/";
  Reach reach;
  for (const std::string& resource : statement.resources) {
    // "arn:aws:s3:::name*" would match both.
    const bool is_bucket = MatchesWildcard(resource, arn);
    const bool is_object = resource.starts_with(below) || (is_bucket && resource.ends_with('*'));
    if (!is_bucket && !is_object) return Malformed("Policy has invalid resource");
    reach.bucket |= is_bucket;
    reach.objects |= is_object;
  }
  return reach;
}

// s3:GetObject, s3:PutObjectTagging, s3:AbortMultipartUpload … act on objects, the others on buckets.
bool IsObjectAction(std::string_view action) {
  return action.find("object") != std::string_view::npos || action == "s3:abortmultipartupload" ||
         action == "s3:listmultipartuploadparts";
}
bool IsBucketAction(std::string_view action) {
  return !IsObjectAction(action) || action.find("bucketobjectlock") != std::string_view::npos;
}

Status CheckActions(const iam::PolicyStatement& statement, const Reach& reach) {
  for (const std::string& action : statement.actions) {
    if (action != "*" && !action.starts_with("s3:")) return Malformed("Policy has invalid action");
    if (statement.not_action || statement.not_resource || action.find('*') != std::string::npos) continue;
    const bool applies = (reach.objects && IsObjectAction(action)) || (reach.bucket && IsBucketAction(action));
    if (!applies) return Malformed("Action does not apply to any resource(s) in statement");
  }
  return {};
}

}  // namespace

Error InvalidPrincipal() { return Malformed("Invalid principal in policy"); }

Result<iam::PolicyDocument> ParseBucketPolicy(std::string_view text, std::string_view bucket) {
  if (text.size() > kBucketPolicyBytesMax)
    return Error{Kind::kInvalid, kMalformedPolicy,
                 fmt::format("Policy exceeds the maximum allowed document size of {} bytes", kBucketPolicyBytesMax)};
  if (!text.starts_with('{')) return Malformed("Policies must be valid JSON and the first byte must be '{'");
  Result<iam::PolicyDocument> document = iam::PolicyDocument::Parse(text, iam::PolicyKind::kResource);
  if (!document.ok()) return Malformed(document.error().detail);
  for (const iam::PolicyStatement& statement : document->statements()) {
    if (statement.principals) TRY(CheckPrincipals(*statement.principals));
    TRY(CheckActions(statement, TRY(ReachOf(statement, bucket))));
  }
  return document;
}

}  // namespace meetinity::s3

#include "aws/s3/bucket_policy.h"

#include "aws/s3/access.h"
#include "aws/s3/errors.h"
#include "base/text.h"

namespace meetinity::s3 {
namespace {

constexpr std::string_view kIamPrefix = "arn:aws:iam::";
constexpr std::string_view kOriginAccessIdentityPrefix =
    "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ";

Error Malformed(std::string detail) { return {Kind::kInvalid, kMalformedPolicy, std::move(detail)}; }

bool IsAccount(std::string_view text) {
  return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool IsCanonicalUser(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// An account, or something of one. Wildcards within an ARN name nobody: only "*" alone does, and that is `everyone`.
bool IsAwsPrincipal(std::string_view text) {
  if (IsAccount(text)) return true;
  if (text.starts_with(kOriginAccessIdentityPrefix)) return text.size() > kOriginAccessIdentityPrefix.size();
  const bool of_sts = text.starts_with("arn:aws:sts::");
  if (!of_sts && !text.starts_with(kIamPrefix)) return false;
  const std::string_view rest = text.substr(kIamPrefix.size());
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos || !IsAccount(rest.substr(0, colon))) return false;
  if (text.find('*') != std::string_view::npos) return false;
  const std::string_view resource = rest.substr(colon + 1);
  if (of_sts) return resource.starts_with("assumed-role/") || resource.starts_with("federated-user/");
  return resource == "root" || resource.starts_with("user/") || resource.starts_with("role/");
}

Status CheckPrincipals(const iam::PolicyPrincipals& principals) {
  const bool valid = std::ranges::all_of(principals.aws, IsAwsPrincipal) &&
                     std::ranges::all_of(principals.canonical_users, IsCanonicalUser) &&
                     std::ranges::all_of(principals.services, [](const std::string& service) {
                       return service.ends_with(".amazonaws.com") && !service.starts_with('*');
                     });
  if (!valid) return Malformed("Invalid principal in policy");
  return {};
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

#include "aws/cloudfront/permissions.h"

#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/state.h"

// The resources that CloudFront's operations are authorised on.
namespace meetinity::cloudfront {
namespace {

struct Noun {
  std::string_view in_operation;
  std::string_view in_arn;
};
constexpr Noun kNouns[] = {
    {"Distribution", "distribution"},
    {"OriginAccessControl", "origin-access-control"},
    {"CloudFrontOriginAccessIdentity", "origin-access-identity"},
    {"CachePolicy", "cache-policy"},
    {"OriginRequestPolicy", "origin-request-policy"},
    {"ResponseHeadersPolicy", "response-headers-policy"},
};
constexpr std::string_view kCreateDistributionWithTags = "CreateDistributionWithTags";

// "GetCachePolicyConfig" is about a CachePolicy.
std::string_view NounOf(std::string_view operation) {
  for (const std::string_view verb : {"Create", "Get", "Update", "Delete"}) {
    if (operation.starts_with(verb)) operation.remove_prefix(verb.size());
  }
  for (const std::string_view ending : {"WithTags", "Config"}) {
    if (operation.ends_with(ending)) operation.remove_suffix(ending.size());
  }
  return operation;
}

}  // namespace

std::string ResourceOf(std::string_view operation, const Subject& subject) {
  if (!subject.distribution_id.empty()) return "distribution/" + subject.distribution_id;
  const std::string_view name = NounOf(operation);
  for (const Noun& noun : kNouns) {
    if (noun.in_operation == name) return fmt::format("{}/{}", noun.in_arn, subject.id.empty() ? "*" : subject.id);
  }
  return {};
}

Result<wire::Permissions> CloudFront::PermissionsFor(std::string_view operation, const Subject& subject) const {
  wire::Permission permission;
  permission.resource = subject.arn;
  if (subject.arn.empty()) {
    const std::string resource = ResourceOf(operation, subject);
    permission.resource = resource.empty() ? "*" : fmt::format("arn:aws:cloudfront::{}:{}", options_.account, resource);
  }
  if (subject.tags != nullptr) wire::AddRequestTags(*subject.tags, permission.keys);
  if (subject.tag_keys != nullptr) permission.keys["aws:TagKeys"] = *subject.tag_keys;
  const auto stored = TRY(database_.Read(
      [&](const store::ReadTx& tx) { return tx.Select<TagRecord>("resource = ?", {permission.resource}); }));
  for (const TagRecord& tag : stored) permission.keys["aws:ResourceTag/" + tag.key] = {tag.value};
  if (operation != kCreateDistributionWithTags) return wire::Permissions{std::move(permission)};
  // There is no action of that name: it is the two that it does at once.
  wire::Permission tagging = permission;
  permission.action = "cloudfront:CreateDistribution";
  tagging.action = "cloudfront:TagResource";
  return wire::Permissions{std::move(permission), std::move(tagging)};
}

}  // namespace meetinity::cloudfront

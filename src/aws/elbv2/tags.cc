#include "aws/elbv2/tags.h"

#include <fmt/format.h>

#include <set>

#include "aws/elbv2/arns.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/state.h"

namespace meetinity::elbv2 {
namespace {

// ALB user guide, page "Tags for your Application Load Balancer".
constexpr int64_t kTagsMax = 50;
// ELBv2 API, DescribeTags.
constexpr size_t kResourcesMax = 20;

Status CheckResources(const store::ReadTx& tx, const std::vector<std::string>& arns) {
  if (arns.empty() || arns.size() > kResourcesMax) {
    return Invalid(fmt::format("1 to {} resource ARNs must be specified", kResourcesMax));
  }
  for (const std::string& arn : arns) {
    switch (TRY(ResourceOf(arn))) {
      case Resource::kLoadBalancer:
        TRY(GetLoadBalancer(tx, arn));
        break;
      case Resource::kListener:
        TRY(GetListener(tx, arn));
        break;
      case Resource::kRule:
        TRY(GetRule(tx, arn));
        break;
      case Resource::kTargetGroup:
        TRY(GetTargetGroup(tx, arn));
        break;
    }
  }
  return {};
}

}  // namespace

Status PutTags(store::Tx& tx, const std::string& arn, const std::vector<Tag>& tags) {
  std::set<std::string> keys;
  for (const Tag& tag : tags) {
    if (tag.key.starts_with("aws:")) {
      return Invalid(fmt::format("Tag keys that start with 'aws:' are reserved: '{}'", tag.key));
    }
    if (!keys.insert(tag.key).second) {
      return Error{Kind::kInvalid, kDuplicateTagKeys,
                   fmt::format("Tag key '{}' was specified more than once", tag.key)};
    }
    TRY(tx.Put(TagRecord{arn, tag.key, tag.value.value_or("")}));
  }
  if (TRY(tx.Count<TagRecord>("arn = ?", {store::Value(arn)})) > kTagsMax) {
    return Error{Kind::kLimit, kTooManyTags,
                 fmt::format("The maximum number of tags for resource '{}' is '{}'", arn, kTagsMax)};
  }
  return {};
}

Result<AddTagsOutput> Elbv2::AddTags(const Call&, const AddTagsInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(CheckResources(tx, in.resource_arns));
    for (const std::string& arn : in.resource_arns) TRY(PutTags(tx, arn, in.tags));
    return {};
  }));
  return AddTagsOutput{};
}

Result<RemoveTagsOutput> Elbv2::RemoveTags(const Call&, const RemoveTagsInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(CheckResources(tx, in.resource_arns));
    for (const std::string& arn : in.resource_arns) {
      for (const std::string& key : in.tag_keys) TRY(tx.Delete<TagRecord>(arn, key));
    }
    return {};
  }));
  return RemoveTagsOutput{};
}

Result<DescribeTagsOutput> Elbv2::DescribeTags(const Call&, const DescribeTagsInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeTagsOutput> {
    TRY(CheckResources(tx, in.resource_arns));
    DescribeTagsOutput out;
    out.tag_descriptions.emplace();
    for (const std::string& arn : in.resource_arns) {
      TagDescription description{.resource_arn = arn, .tags = std::vector<Tag>()};
      for (auto& record : TRY(tx.Select<TagRecord>("arn = ? ORDER BY key", {store::Value(arn)}))) {
        description.tags->push_back({.key = std::move(record.key), .value = std::move(record.value)});
      }
      out.tag_descriptions->push_back(std::move(description));
    }
    return out;
  });
}

}  // namespace meetinity::elbv2

#include "aws/cloudfront/tags.h"

#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/state.h"

namespace meetinity::cloudfront {
namespace {

// CloudFront Developer Guide, page "Tag a distribution".
constexpr int64_t kTagsMax = 50;
constexpr size_t kTagKeyMax = 128;
constexpr size_t kTagValueMax = 256;

}  // namespace

Status PutTags(store::Tx& tx, std::string_view arn, const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    const std::string value = tag.value.value_or("");
    if (tag.key.empty() || tag.key.size() > kTagKeyMax || value.size() > kTagValueMax || tag.key.starts_with("aws:")) {
      return Error{Kind::kInvalid, kInvalidTagging,
                   fmt::format("tag '{}' is not valid: a key has 1 to {} characters and does not start with aws:, a "
                               "value at most {}",
                               tag.key.substr(0, kTagKeyMax), kTagKeyMax, kTagValueMax)};
    }
    TRY(tx.Put(TagRecord{std::string(arn), tag.key, value}));
  }
  if (TRY(tx.Count<TagRecord>("resource = ?", {store::Value(std::string(arn))})) > kTagsMax) {
    return Error{Kind::kLimit, kInvalidTagging, fmt::format("a resource has {} tags at the most", kTagsMax)};
  }
  return {};
}

Status CloudFront::CheckTaggable(const store::ReadTx& tx, std::string_view arn) const {
  const std::string prefix = ArnOf("");
  if (arn.starts_with(prefix) && TRY(tx.Find<DistributionRecord>(std::string(arn.substr(prefix.size()))))) return {};
  return Error{Kind::kNotFound, kNoSuchResource, fmt::format("there is no distribution {}", arn.substr(0, 128))};
}

Result<TagResourceOutput> CloudFront::TagResource(const Call&, const TagResourceInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(CheckTaggable(tx, in.resource));
    return PutTags(tx, in.resource, in.tags.items.value_or(std::vector<Tag>()));
  }));
  return TagResourceOutput{};
}

Result<UntagResourceOutput> CloudFront::UntagResource(const Call&, const UntagResourceInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(CheckTaggable(tx, in.resource));
    for (const std::string& key : in.tag_keys.items.value_or(std::vector<std::string>())) {
      TRY(tx.Delete<TagRecord>(in.resource, key));
    }
    return {};
  }));
  return UntagResourceOutput{};
}

Result<ListTagsForResourceOutput> CloudFront::ListTagsForResource(const Call&, const ListTagsForResourceInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListTagsForResourceOutput> {
    TRY(CheckTaggable(tx, in.resource));
    std::vector<Tag> tags;
    for (TagRecord& record : TRY(tx.Select<TagRecord>("resource = ? ORDER BY key", {store::Value(in.resource)}))) {
      tags.push_back({std::move(record.key), std::move(record.value)});
    }
    ListTagsForResourceOutput out;
    out.tags.items = std::move(tags);
    return out;
  });
}

}  // namespace meetinity::cloudfront

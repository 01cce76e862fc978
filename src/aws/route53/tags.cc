#include <fmt/format.h>

#include "aws/route53/errors.h"
#include "aws/route53/route53.h"

namespace meetinity::route53 {
namespace {

// API Reference, ChangeTagsForResource: tags of a resource.
constexpr int64_t kTagsMax = 10;

// Hosted zones alone have tags here.
Result<ZoneRecord> GetTagged(const store::ReadTx& tx, const std::string& type, const std::string& id) {
  if (type != "hostedzone") {
    return Error{Kind::kNotFound, kNoSuchHealthCheck, fmt::format("A health check with id {} does not exist.", id)};
  }
  return GetZone(tx, id);
}

Result<ResourceTagSet> TagSetOf(const store::ReadTx& tx, const std::string& type, const std::string& id) {
  const ZoneRecord zone = TRY(GetTagged(tx, type, id));
  ResourceTagSet set;
  set.resource_id = zone.id;
  set.resource_type = type;
  std::vector<Tag> tags;
  for (TagRecord& tag : TRY(tx.Select<TagRecord>("zone_id = ? ORDER BY key", {zone.id}))) {
    tags.push_back({.key = std::move(tag.key), .value = std::move(tag.value)});
  }
  set.tags = std::move(tags);
  return set;
}

}  // namespace

Result<ChangeTagsForResourceOutput> Route53::ChangeTagsForResource(const Call&, const ChangeTagsForResourceInput& in) {
  if (!in.add_tags && !in.remove_tag_keys) {
    return Error{Kind::kInvalid, kInvalidInput, "Specify tags to add, keys of tags to remove, or both"};
  }
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const ZoneRecord zone = TRY(GetTagged(tx, in.resource_type, in.resource_id));
    for (const std::string& key : in.remove_tag_keys.value_or(std::vector<std::string>())) {
      TRY(tx.Delete<TagRecord>(zone.id, key));
    }
    for (const Tag& tag : in.add_tags.value_or(std::vector<Tag>())) {
      if (tag.key.value_or("").empty()) return Error{Kind::kInvalid, kInvalidInput, "A tag needs a key"};
      TRY(tx.Put(TagRecord{zone.id, *tag.key, tag.value.value_or("")}));
    }
    if (TRY(tx.Count<TagRecord>("zone_id = ?", {zone.id})) > kTagsMax) {
      return Error{Kind::kInvalid, kInvalidInput, fmt::format("A hosted zone has at most {} tags", kTagsMax)};
    }
    return {};
  }));
  return ChangeTagsForResourceOutput{};
}

Result<ListTagsForResourceOutput> Route53::ListTagsForResource(const Call&, const ListTagsForResourceInput& in) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListTagsForResourceOutput> {
    return ListTagsForResourceOutput{.resource_tag_set = TRY(TagSetOf(tx, in.resource_type, in.resource_id))};
  });
}

Result<ListTagsForResourcesOutput> Route53::ListTagsForResources(const Call&,
                                                                 const ListTagsForResourcesInput& in) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListTagsForResourcesOutput> {
    ListTagsForResourcesOutput out;
    for (const std::string& id : in.resource_ids) {
      out.resource_tag_sets.push_back(TRY(TagSetOf(tx, in.resource_type, id)));
    }
    return out;
  });
}

}  // namespace meetinity::route53

#include "aws/ec2/tags.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "aws/ec2/describe.h"
#include "aws/ec2/ec2.h"

namespace meetinity::ec2 {
namespace {

// EC2 User Guide, page "Tag your Amazon EC2 resources", section "Tag restrictions".
constexpr int64_t kTagsMax = 50;
constexpr size_t kTagKeyMax = 128;
constexpr size_t kTagValueMax = 256;

// Characters, not bytes.
size_t LengthOf(std::string_view utf8) {
  size_t length = 0;
  for (const char c : utf8) length += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return length;
}

Status CheckTag(const Tag& tag) {
  const std::string key = tag.key.value_or("");
  if (key.empty() || LengthOf(key) > kTagKeyMax) {
    return Invalid(
        fmt::format("Tag keys have 1 to {} characters. Invalid tag key: {}", kTagKeyMax, key.substr(0, kTagKeyMax)));
  }
  if (key.starts_with("aws:")) {
    return Invalid(fmt::format("Tag keys starting with 'aws:' are reserved for internal use: {}", key));
  }
  if (LengthOf(tag.value.value_or("")) > kTagValueMax) {
    return Invalid(fmt::format("Tag value exceeds the maximum length of {} characters", kTagValueMax));
  }
  return {};
}

template <class Record>
Status ExistsIn(const store::ReadTx& tx, const std::string& region, const std::string& id) {
  TRY(Get<Record>(tx, region, id));
  return {};
}

Status AclExists(const store::ReadTx& tx, const std::string& region, const std::string& id) {
  if (TRY(tx.Count<VpcRecord>("network_acl_id = ? AND region = ?", {id, region})) > 0) return {};
  return NotFound(kNetworkAclKind, id);
}

Status DhcpOptionsExist(const store::ReadTx& tx, const std::string& region, const std::string& id) {
  const auto found = TRY(tx.Find<RegionRecord>(region));
  if (found && found->dhcp_options_id == id) return {};
  return NotFound(kDhcpOptionsKind, id);
}

using Exists = Status (*)(const store::ReadTx& tx, const std::string& region, const std::string& id);
struct Taggable {
  const ResourceKind* kind;
  Exists exists;
};
constexpr std::array<Taggable, 11> kTaggables = {{{&kVpcKind, ExistsIn<VpcRecord>},
                                                  {&kSubnetKind, ExistsIn<SubnetRecord>},
                                                  {&kInternetGatewayKind, ExistsIn<InternetGatewayRecord>},
                                                  {&kAddressKind, ExistsIn<AddressRecord>},
                                                  {&kNatGatewayKind, ExistsIn<NatGatewayRecord>},
                                                  {&kRouteTableKind, ExistsIn<RouteTableRecord>},
                                                  {&kSecurityGroupKind, ExistsIn<SecurityGroupRecord>},
                                                  {&kRuleKind, ExistsIn<RuleRecord>},
                                                  {&kInterfaceKind, ExistsIn<InterfaceRecord>},
                                                  {&kNetworkAclKind, AclExists},
                                                  {&kDhcpOptionsKind, DhcpOptionsExist}}};

Status CheckTaggable(const store::ReadTx& tx, const std::string& region, const std::string& id) {
  const ResourceKind* kind = KindOf(id);
  for (const Taggable& taggable : kTaggables) {
    if (taggable.kind == kind) return taggable.exists(tx, region, id);
  }
  return Error{Kind::kInvalid, kInvalidId, fmt::format("The ID '{}' is not valid", id.substr(0, kTagKeyMax))};
}

constexpr std::array<FilterField<TagDescription>, 4> kTagFilters = {
    {{"key", [](const TagDescription& tag, Texts& out) { Add(out, tag.key); }},
     {"resource-id", [](const TagDescription& tag, Texts& out) { Add(out, tag.resource_id); }},
     {"resource-type", [](const TagDescription& tag, Texts& out) { Add(out, tag.resource_type); }},
     {"value", [](const TagDescription& tag, Texts& out) { Add(out, tag.value); }}}};

}  // namespace

Status PutTags(store::Tx& tx, const std::string& region, const std::string& resource_id, const std::vector<Tag>& tags) {
  const ResourceKind* kind = KindOf(resource_id);
  std::set<std::string> keys;
  for (const Tag& tag : tags) {
    TRY(CheckTag(tag));
    if (!keys.insert(*tag.key).second) return Invalid(fmt::format("Duplicate tag key '{}' specified.", *tag.key));
    TRY(tx.Put(TagRecord{resource_id, *tag.key, tag.value.value_or(""), region, std::string(kind->type)}));
  }
  if (TRY(tx.Count<TagRecord>("resource_id = ?", {resource_id})) > kTagsMax) {
    return Error{Kind::kLimit, kTagLimitExceeded, fmt::format("A resource has {} tags at the most", kTagsMax)};
  }
  return {};
}

Status PutTags(store::Tx& tx, const std::string& region, const std::string& resource_id,
               const std::optional<std::vector<TagSpecification>>& specifications) {
  if (!specifications) return {};
  const ResourceKind* kind = KindOf(resource_id);
  for (const TagSpecification& specification : *specifications) {
    if (specification.resource_type != kind->type) {
      return Invalid(fmt::format("'{}' is not a valid taggable resource type for this operation.",
                                 specification.resource_type.value_or("")));
    }
    if (specification.tags) TRY(PutTags(tx, region, resource_id, *specification.tags));
  }
  return {};
}

Status RemoveTags(store::Tx& tx, const std::string& resource_id) {
  TRY(tx.DeleteWhere<TagRecord>("resource_id = ?", {resource_id}));
  return {};
}

Result<std::vector<Tag>> TagsOf(const store::ReadTx& tx, const std::string& resource_id) {
  std::vector<Tag> tags;
  for (TagRecord& record : TRY(tx.Select<TagRecord>("resource_id = ? ORDER BY key", {resource_id}))) {
    tags.push_back({std::move(record.key), std::move(record.value)});
  }
  return tags;
}

Result<TagIndex> TagIndex::Load(const store::ReadTx& tx, const std::string& region, const ResourceKind& kind) {
  TagIndex index;
  TRY(tx.ForEach<TagRecord>(
      "region = ? AND resource_type = ? ORDER BY resource_id, key", {region, std::string(kind.type)},
      [&](TagRecord record) {
        index.tags_[record.resource_id].push_back({std::move(record.key), std::move(record.value)});
        return true;
      }));
  return index;
}

std::vector<Tag> TagIndex::Of(const std::string& resource_id) const {
  const auto found = tags_.find(resource_id);
  return found == tags_.end() ? std::vector<Tag>() : found->second;
}

Result<CreateTagsOutput> Ec2::CreateTags(const wire::Call& call, const CreateTagsInput& in) {
  const Place place = PlaceOf(call);
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    for (const std::string& id : in.resources) {
      TRY(CheckTaggable(tx, place.region, id));
      TRY(PutTags(tx, place.region, id, in.tags));
    }
    return {};
  }));
  return CreateTagsOutput{};
}

Result<DeleteTagsOutput> Ec2::DeleteTags(const wire::Call& call, const DeleteTagsInput& in) {
  const Place place = PlaceOf(call);
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    for (const std::string& id : in.resources) {
      TRY(CheckTaggable(tx, place.region, id));
      if (!in.tags) TRY(RemoveTags(tx, id));
      for (const Tag& tag : in.tags.value_or(std::vector<Tag>())) {
        const std::string key = tag.key.value_or("");
        const auto present = TRY(tx.Find<TagRecord>(id, key));
        // With a value, only that very pair is removed.
        if (!present || (tag.value && *tag.value != present->value)) continue;
        TRY(tx.Delete<TagRecord>(id, key));
      }
    }
    return {};
  }));
  return DeleteTagsOutput{};
}

Result<DescribeTagsOutput> Ec2::DescribeTags(const wire::Call& call, const DescribeTagsInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeTagsOutput> {
    const Question question = QuestionOf(in);
    PageMaker<TagDescription, decltype(kTagFilters)> maker(question, kTagFilters);
    TRY(maker.Begin());
    for (TagRecord& record : TRY(tx.Select<TagRecord>("region = ? ORDER BY resource_id, key", {place.region}))) {
      const std::string id = record.resource_id + ' ' + record.key;
      maker.Offer(id, {.key = std::move(record.key),
                       .resource_id = std::move(record.resource_id),
                       .resource_type = std::move(record.resource_type),
                       .value = std::move(record.value)});
    }
    Page<TagDescription> page = maker.Take();
    return DescribeTagsOutput{.next_token = std::move(page.next_token), .tags = std::move(page.items)};
  });
}

}  // namespace meetinity::ec2

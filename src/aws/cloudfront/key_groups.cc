#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/policy_usage.h"

namespace meetinity::cloudfront {
namespace {

KeyGroup ToKeyGroup(const KeyGroups::Held& held) {
  return {.id = held.id, .key_group_config = held.config, .last_modified_time = held.last_modified};
}

Status CheckKeysExist(const store::ReadTx& tx, const KeyGroupConfig& config) {
  for (const std::string& id : config.items) {
    if (TRY(PublicKeys::Find(tx, id))) continue;
    return Error{Kind::kInvalid, kInvalidArgument, fmt::format("there is no public key {}", id.substr(0, 64))};
  }
  return {};
}

}  // namespace

Result<CreateKeyGroupOutput> CloudFront::CreateKeyGroup(const Call& call, const CreateKeyGroupInput& in) {
  const auto held = TRY(database_.Write([&](store::Tx& tx) -> Result<KeyGroups::Held> {
    TRY(CheckKeysExist(tx, in.key_group_config));
    return KeyGroups::Add(tx, in.key_group_config, call.now);
  }));
  return CreateKeyGroupOutput{.e_tag = held.e_tag,
                              .key_group = ToKeyGroup(held),
                              .location = fmt::format("{}/2020-05-31/key-group/{}", call.endpoint, held.id)};
}

Result<GetKeyGroupOutput> CloudFront::GetKeyGroup(const Call&, const GetKeyGroupInput& in) {
  const auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return KeyGroups::Get(tx, in.id); }));
  return GetKeyGroupOutput{.e_tag = held.e_tag, .key_group = ToKeyGroup(held)};
}

Result<GetKeyGroupConfigOutput> CloudFront::GetKeyGroupConfig(const Call&, const GetKeyGroupConfigInput& in) {
  auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return KeyGroups::Get(tx, in.id); }));
  return GetKeyGroupConfigOutput{.e_tag = held.e_tag, .key_group_config = std::move(held.config)};
}

Result<UpdateKeyGroupOutput> CloudFront::UpdateKeyGroup(const Call& call, const UpdateKeyGroupInput& in) {
  edge::EdgeConfigPtr next;
  const auto held = TRY(database_.Write([&](store::Tx& tx) -> Result<KeyGroups::Held> {
    TRY(CheckKeysExist(tx, in.key_group_config));
    auto updated = TRY(KeyGroups::Replace(tx, in.id, in.if_match, in.key_group_config, call.now));
    next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return updated;
  }));
  deployer_->Deploy(std::move(next));
  return UpdateKeyGroupOutput{.e_tag = held.e_tag, .key_group = ToKeyGroup(held)};
}

Result<DeleteKeyGroupOutput> CloudFront::DeleteKeyGroup(const Call&, const DeleteKeyGroupInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(KeyGroups::CheckRemovable(tx, in.id, in.if_match));
    TRY(CheckUnused(TRY(DistributionsWhere(tx, [&](const auto& behavior) { return TrustsKeyGroup(behavior, in.id); })),
                    kResourceInUse, KeyGroupKind::kWhat));
    return KeyGroups::Remove(tx, in.id);
  }));
  return DeleteKeyGroupOutput{};
}

Result<ListKeyGroupsOutput> CloudFront::ListKeyGroups(const Call&, const ListKeyGroupsInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  const auto held = TRY(
      database_.Read([&](const store::ReadTx& tx) { return KeyGroups::List(tx, std::nullopt, in.marker, max_items); }));
  Page<KeyGroupSummary> page{.items = {}, .next_marker = held.next_marker};
  for (const auto& each : held.items) page.items.push_back({.key_group = ToKeyGroup(each)});
  KeyGroupList list;
  FillList(list, std::move(page), max_items);
  return ListKeyGroupsOutput{.key_group_list = std::move(list)};
}

}  // namespace meetinity::cloudfront

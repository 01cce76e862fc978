#include <fmt/format.h>

#include <algorithm>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/policy_usage.h"

namespace meetinity::cloudfront {
namespace {

PublicKey ToPublicKey(const PublicKeys::Held& held) {
  return {.created_time = held.last_modified, .id = held.id, .public_key_config = held.config};
}

PublicKeySummary ToSummary(const PublicKeys::Held& held) {
  return {.comment = held.config.comment,
          .created_time = held.last_modified,
          .encoded_key = held.config.encoded_key,
          .id = held.id,
          .name = held.config.name};
}

Result<std::vector<std::string>> KeyGroupsWith(const store::ReadTx& tx, const std::string& key) {
  std::vector<std::string> ids;
  for (const KeyGroups::Held& group : TRY(KeyGroups::All(tx))) {
    const auto& items = group.config.items;
    if (std::find(items.begin(), items.end(), key) != items.end()) ids.push_back(group.id);
  }
  return ids;
}

}  // namespace

Result<CreatePublicKeyOutput> CloudFront::CreatePublicKey(const Call& call, const CreatePublicKeyInput& in) {
  const auto held = TRY(database_.Write([&](store::Tx& tx) -> Result<PublicKeys::Held> {
    for (const PublicKeys::Held& other : TRY(PublicKeys::All(tx))) {
      if (other.config.caller_reference != in.public_key_config.caller_reference) continue;
      return Error{Kind::kConflict, kPublicKeyAlreadyExists,
                   fmt::format("a public key was already created with this CallerReference: {}", other.id)};
    }
    return PublicKeys::Add(tx, in.public_key_config, call.now);
  }));
  return CreatePublicKeyOutput{.e_tag = held.e_tag,
                               .location = fmt::format("{}/2020-05-31/public-key/{}", call.endpoint, held.id),
                               .public_key = ToPublicKey(held)};
}

Result<GetPublicKeyOutput> CloudFront::GetPublicKey(const Call&, const GetPublicKeyInput& in) {
  const auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return PublicKeys::Get(tx, in.id); }));
  return GetPublicKeyOutput{.e_tag = held.e_tag, .public_key = ToPublicKey(held)};
}

Result<GetPublicKeyConfigOutput> CloudFront::GetPublicKeyConfig(const Call&, const GetPublicKeyConfigInput& in) {
  auto held = TRY(database_.Read([&](const store::ReadTx& tx) { return PublicKeys::Get(tx, in.id); }));
  return GetPublicKeyConfigOutput{.e_tag = held.e_tag, .public_key_config = std::move(held.config)};
}

// Only the comment changes: who signed with the key must be able to rely on it.
Result<UpdatePublicKeyOutput> CloudFront::UpdatePublicKey(const Call&, const UpdatePublicKeyInput& in) {
  const auto held = TRY(database_.Write([&](store::Tx& tx) -> Result<PublicKeys::Held> {
    const PublicKeys::Held known = TRY(PublicKeys::Get(tx, in.id));
    TRY(CheckVersion(in.if_match, known.e_tag, PublicKeyKind::kWhat));
    if (in.public_key_config.name != known.config.name ||
        in.public_key_config.encoded_key != known.config.encoded_key ||
        in.public_key_config.caller_reference != known.config.caller_reference) {
      return Error{Kind::kInvalid, kCannotChangeImmutablePublicKeyFields,
                   "CallerReference, Name and EncodedKey of a public key do not change; create another one"};
    }
    return PublicKeys::Replace(tx, in.id, in.if_match, in.public_key_config, known.last_modified);
  }));
  return UpdatePublicKeyOutput{.e_tag = held.e_tag, .public_key = ToPublicKey(held)};
}

Result<DeletePublicKeyOutput> CloudFront::DeletePublicKey(const Call&, const DeletePublicKeyInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(PublicKeys::CheckRemovable(tx, in.id, in.if_match));
    TRY(CheckUnused(TRY(KeyGroupsWith(tx, in.id)), kPublicKeyInUse, PublicKeyKind::kWhat));
    return PublicKeys::Remove(tx, in.id);
  }));
  return DeletePublicKeyOutput{};
}

Result<ListPublicKeysOutput> CloudFront::ListPublicKeys(const Call&, const ListPublicKeysInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  const auto held = TRY(database_.Read(
      [&](const store::ReadTx& tx) { return PublicKeys::List(tx, std::nullopt, in.marker, max_items); }));
  Page<PublicKeySummary> page{.items = {}, .next_marker = held.next_marker};
  for (const auto& each : held.items) page.items.push_back(ToSummary(each));
  PublicKeyList list;
  FillList(list, std::move(page), max_items);
  return ListPublicKeysOutput{.public_key_list = std::move(list)};
}

}  // namespace meetinity::cloudfront

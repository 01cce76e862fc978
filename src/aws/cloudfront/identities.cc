#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/paging.h"
#include "aws/cloudfront/state.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/random.h"

// Who a distribution is to its origins: origin access controls, and the older origin access identities.
namespace meetinity::cloudfront {
namespace {

Error NoSuchControl(std::string_view id) {
  return Error{Kind::kNotFound, kNoSuchOriginAccessControl,
               fmt::format("The specified origin access control does not exist: {}", id.substr(0, 64))};
}

Error NoSuchIdentity(std::string_view id) {
  return Error{Kind::kNotFound, kNoSuchCloudFrontOriginAccessIdentity,
               fmt::format("The specified origin access identity does not exist: {}", id.substr(0, 64))};
}

Result<OriginAccessControlRecord> GetControl(const store::ReadTx& tx, const std::string& id) {
  auto record = TRY(tx.Find<OriginAccessControlRecord>(id));
  if (!record) return NoSuchControl(id);
  return std::move(*record);
}

Result<OriginAccessIdentityRecord> GetIdentity(const store::ReadTx& tx, const std::string& id) {
  auto record = TRY(tx.Find<OriginAccessIdentityRecord>(id));
  if (!record) return NoSuchIdentity(id);
  return std::move(*record);
}

// The id of a distribution with an origin for which `uses` says yes; empty when there is none.
template <class Uses>
Result<std::string> FindUser(const store::ReadTx& tx, Uses uses) {
  for (const DistributionRecord& record : TRY(tx.Select<DistributionRecord>("1"))) {
    const DistributionConfig config = TRY(LoadDistributionConfig(record));
    for (const Origin& origin : config.origins.items) {
      if (uses(origin)) return record.id;
    }
  }
  return std::string();
}

Status Adopt(OriginAccessControlRecord& record, const OriginAccessControlConfig& config) {
  if (config.origin_access_control_origin_type != "s3") {
    return Error{Kind::kInvalid, kInvalidArgument,
                 fmt::format("origin access controls for {} origins are not served here; s3 is",
                             config.origin_access_control_origin_type)};
  }
  if (config.name.empty() || config.name.size() > 64) {
    return Error{Kind::kInvalid, kInvalidArgument, "the Name of an origin access control has 1 to 64 characters"};
  }
  record.name = config.name;
  record.description = config.description.value_or("");
  record.origin_type = config.origin_access_control_origin_type;
  record.signing_behavior = config.signing_behavior;
  record.signing_protocol = config.signing_protocol;
  record.e_tag = NewId();
  return {};
}

Status CheckNameIsFree(const store::ReadTx& tx, const OriginAccessControlRecord& record) {
  for (const OriginAccessControlRecord& other :
       TRY(tx.Select<OriginAccessControlRecord>("name = ?", {store::Value(record.name)}))) {
    if (other.id == record.id) continue;
    return Error{Kind::kConflict, kOriginAccessControlAlreadyExists,
                 fmt::format("an origin access control named {} exists already: {}", record.name, other.id)};
  }
  return {};
}

OriginAccessControlConfig ToConfig(const OriginAccessControlRecord& record) {
  return {.description = record.description,
          .name = record.name,
          .origin_access_control_origin_type = record.origin_type,
          .signing_behavior = record.signing_behavior,
          .signing_protocol = record.signing_protocol};
}

OriginAccessControl ToControl(const OriginAccessControlRecord& record) {
  return {.id = record.id, .origin_access_control_config = ToConfig(record)};
}

CloudFrontOriginAccessIdentityConfig ToConfig(const OriginAccessIdentityRecord& record) {
  return {.caller_reference = record.caller_reference, .comment = record.comment};
}

CloudFrontOriginAccessIdentity ToIdentity(const OriginAccessIdentityRecord& record) {
  return {.cloud_front_origin_access_identity_config = ToConfig(record),
          .id = record.id,
          .s3_canonical_user_id = record.canonical_user_id};
}

}  // namespace

Result<CreateOriginAccessControlOutput> CloudFront::CreateOriginAccessControl(
    const Call& call, const CreateOriginAccessControlInput& in) {
  OriginAccessControlRecord record;
  record.id = NewId();
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(Adopt(record, in.origin_access_control_config));
    TRY(CheckNameIsFree(tx, record));
    return tx.Put(record);
  }));
  return CreateOriginAccessControlOutput{
      .e_tag = record.e_tag,
      .location = fmt::format("{}/2020-05-31/origin-access-control/{}", call.endpoint, record.id),
      .origin_access_control = ToControl(record)};
}

Result<GetOriginAccessControlOutput> CloudFront::GetOriginAccessControl(const Call&,
                                                                        const GetOriginAccessControlInput& in) {
  const auto record = TRY(database_.Read([&](const store::ReadTx& tx) { return GetControl(tx, in.id); }));
  return GetOriginAccessControlOutput{.e_tag = record.e_tag, .origin_access_control = ToControl(record)};
}

Result<GetOriginAccessControlConfigOutput> CloudFront::GetOriginAccessControlConfig(
    const Call&, const GetOriginAccessControlConfigInput& in) {
  const auto record = TRY(database_.Read([&](const store::ReadTx& tx) { return GetControl(tx, in.id); }));
  return GetOriginAccessControlConfigOutput{.e_tag = record.e_tag, .origin_access_control_config = ToConfig(record)};
}

Result<UpdateOriginAccessControlOutput> CloudFront::UpdateOriginAccessControl(
    const Call&, const UpdateOriginAccessControlInput& in) {
  struct Outcome {
    OriginAccessControlRecord record;
    edge::EdgeConfigPtr next;
  };
  Outcome outcome = TRY(database_.Write([&](store::Tx& tx) -> Result<Outcome> {
    OriginAccessControlRecord record = TRY(GetControl(tx, in.id));
    TRY(CheckVersion(in.if_match, record.e_tag, "origin access control"));
    TRY(Adopt(record, in.origin_access_control_config));
    TRY(CheckNameIsFree(tx, record));
    TRY(tx.Put(record));
    edge::EdgeConfigPtr next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return Outcome{std::move(record), std::move(next)};
  }));
  deployer_->Deploy(std::move(outcome.next));
  return UpdateOriginAccessControlOutput{.e_tag = outcome.record.e_tag,
                                         .origin_access_control = ToControl(outcome.record)};
}

Result<DeleteOriginAccessControlOutput> CloudFront::DeleteOriginAccessControl(
    const Call&, const DeleteOriginAccessControlInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const OriginAccessControlRecord record = TRY(GetControl(tx, in.id));
    TRY(CheckVersion(in.if_match, record.e_tag, "origin access control"));
    const std::string user = TRY(
        FindUser(tx, [&](const Origin& origin) { return origin.origin_access_control_id.value_or("") == record.id; }));
    if (!user.empty()) {
      return Error{Kind::kConflict, kOriginAccessControlInUse,
                   fmt::format("distribution {} uses the origin access control {}", user, record.id)};
    }
    TRY(tx.Delete<OriginAccessControlRecord>(record.id));
    return {};
  }));
  return DeleteOriginAccessControlOutput{};
}

Result<ListOriginAccessControlsOutput> CloudFront::ListOriginAccessControls(const Call&,
                                                                            const ListOriginAccessControlsInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListOriginAccessControlsOutput> {
    std::vector<OriginAccessControlSummary> all;
    for (const auto& record : TRY(tx.Select<OriginAccessControlRecord>("1 ORDER BY id"))) {
      all.push_back({.description = record.description,
                     .id = record.id,
                     .name = record.name,
                     .origin_access_control_origin_type = record.origin_type,
                     .signing_behavior = record.signing_behavior,
                     .signing_protocol = record.signing_protocol});
    }
    auto page = TakePage(std::move(all), in.marker, max_items, [](const auto& item) { return item.id; });
    OriginAccessControlList list;
    list.marker = in.marker.value_or("");
    list.is_truncated = page.next_marker.has_value();
    FillList(list, std::move(page), max_items);
    return ListOriginAccessControlsOutput{.origin_access_control_list = std::move(list)};
  });
}

Result<CreateCloudFrontOriginAccessIdentityOutput> CloudFront::CreateCloudFrontOriginAccessIdentity(
    const Call& call, const CreateCloudFrontOriginAccessIdentityInput& in) {
  const CloudFrontOriginAccessIdentityConfig& config = in.cloud_front_origin_access_identity_config;
  const OriginAccessIdentityRecord record =
      TRY(database_.Write([&](store::Tx& tx) -> Result<OriginAccessIdentityRecord> {
        const auto earlier =
            TRY(tx.Select<OriginAccessIdentityRecord>("caller_reference = ?", {store::Value(config.caller_reference)}));
        if (!earlier.empty()) {
          if (earlier.front().comment == config.comment) return earlier.front();
          return Error{Kind::kConflict, kCloudFrontOriginAccessIdentityAlreadyExists,
                       "the CallerReference was already used with another comment"};
        }
        OriginAccessIdentityRecord made;
        made.id = NewId();
        made.e_tag = NewId();
        made.caller_reference = config.caller_reference;
        made.comment = config.comment;
        // As many digits as S3's canonical user ids have.
        made.canonical_user_id = HexEncode(Sha256(RandomBytes(32))) + HexEncode(RandomBytes(16));
        TRY(tx.Put(made));
        return made;
      }));
  return CreateCloudFrontOriginAccessIdentityOutput{
      .cloud_front_origin_access_identity = ToIdentity(record),
      .e_tag = record.e_tag,
      .location = fmt::format("{}/2020-05-31/origin-access-identity/cloudfront/{}", call.endpoint, record.id)};
}

Result<bool> CloudFront::HasCanonicalUser(const store::ReadTx& tx, const std::string& canonical_user_id) {
  return TRY(tx.Count<OriginAccessIdentityRecord>("canonical_user_id = ?", {canonical_user_id})) > 0;
}

Result<bool> CloudFront::HasIdentityOfArn(const store::ReadTx& tx, std::string_view arn) {
  const std::string id(arn.substr(arn.rfind(' ') + 1));  // "…:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL"
  return TRY(tx.Count<OriginAccessIdentityRecord>("id = ?", {id})) > 0;
}

Result<GetCloudFrontOriginAccessIdentityOutput> CloudFront::GetCloudFrontOriginAccessIdentity(
    const Call&, const GetCloudFrontOriginAccessIdentityInput& in) {
  const auto record = TRY(database_.Read([&](const store::ReadTx& tx) { return GetIdentity(tx, in.id); }));
  return GetCloudFrontOriginAccessIdentityOutput{.cloud_front_origin_access_identity = ToIdentity(record),
                                                 .e_tag = record.e_tag};
}

Result<GetCloudFrontOriginAccessIdentityConfigOutput> CloudFront::GetCloudFrontOriginAccessIdentityConfig(
    const Call&, const GetCloudFrontOriginAccessIdentityConfigInput& in) {
  const auto record = TRY(database_.Read([&](const store::ReadTx& tx) { return GetIdentity(tx, in.id); }));
  return GetCloudFrontOriginAccessIdentityConfigOutput{.cloud_front_origin_access_identity_config = ToConfig(record),
                                                       .e_tag = record.e_tag};
}

Result<UpdateCloudFrontOriginAccessIdentityOutput> CloudFront::UpdateCloudFrontOriginAccessIdentity(
    const Call&, const UpdateCloudFrontOriginAccessIdentityInput& in) {
  const OriginAccessIdentityRecord record =
      TRY(database_.Write([&](store::Tx& tx) -> Result<OriginAccessIdentityRecord> {
        OriginAccessIdentityRecord changed = TRY(GetIdentity(tx, in.id));
        TRY(CheckVersion(in.if_match, changed.e_tag, "origin access identity"));
        if (in.cloud_front_origin_access_identity_config.caller_reference != changed.caller_reference) {
          return Error{Kind::kInvalid, kIllegalUpdate,
                       "the CallerReference of an origin access identity cannot be changed"};
        }
        changed.comment = in.cloud_front_origin_access_identity_config.comment;
        changed.e_tag = NewId();
        TRY(tx.Put(changed));
        return changed;
      }));
  return UpdateCloudFrontOriginAccessIdentityOutput{.cloud_front_origin_access_identity = ToIdentity(record),
                                                    .e_tag = record.e_tag};
}

Result<DeleteCloudFrontOriginAccessIdentityOutput> CloudFront::DeleteCloudFrontOriginAccessIdentity(
    const Call&, const DeleteCloudFrontOriginAccessIdentityInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const OriginAccessIdentityRecord record = TRY(GetIdentity(tx, in.id));
    TRY(CheckVersion(in.if_match, record.e_tag, "origin access identity"));
    const std::string user = TRY(FindUser(tx, [&](const Origin& origin) {
      return origin.s3_origin_config && origin.s3_origin_config->origin_access_identity.ends_with("/" + record.id);
    }));
    if (!user.empty()) {
      return Error{Kind::kConflict, kCloudFrontOriginAccessIdentityInUse,
                   fmt::format("distribution {} uses the origin access identity {}", user, record.id)};
    }
    TRY(tx.Delete<OriginAccessIdentityRecord>(record.id));
    return {};
  }));
  return DeleteCloudFrontOriginAccessIdentityOutput{};
}

Result<ListCloudFrontOriginAccessIdentitiesOutput> CloudFront::ListCloudFrontOriginAccessIdentities(
    const Call&, const ListCloudFrontOriginAccessIdentitiesInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListCloudFrontOriginAccessIdentitiesOutput> {
    std::vector<CloudFrontOriginAccessIdentitySummary> all;
    for (const auto& record : TRY(tx.Select<OriginAccessIdentityRecord>("1 ORDER BY id"))) {
      all.push_back({.comment = record.comment, .id = record.id, .s3_canonical_user_id = record.canonical_user_id});
    }
    auto page = TakePage(std::move(all), in.marker, max_items, [](const auto& item) { return item.id; });
    CloudFrontOriginAccessIdentityList list;
    list.marker = in.marker.value_or("");
    list.is_truncated = page.next_marker.has_value();
    FillList(list, std::move(page), max_items);
    return ListCloudFrontOriginAccessIdentitiesOutput{.cloud_front_origin_access_identity_list = std::move(list)};
  });
}

}  // namespace meetinity::cloudfront

#include <fmt/format.h>

#include "aws/route53/errors.h"
#include "aws/route53/names.h"
#include "aws/route53/route53.h"
#include "aws/route53/zone_model.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::route53 {
namespace {

// Developer Guide, page "Quotas": hosted zones of an account.
constexpr int64_t kHostedZonesMax = 500;

Result<dns::Name> ParseZoneName(const std::string& text) {
  const auto name = ParseName(text);
  if (!name || name->is_root()) {
    return Error{Kind::kInvalid, kInvalidDomainName, fmt::format("{} is not a valid domain name", text)};
  }
  return *name;
}

Status CheckCreation(const store::ReadTx& tx, const CreateHostedZoneInput& in) {
  if (in.delegation_set_id) {
    return Error{Kind::kInvalid, kNoSuchDelegationSet,
                 fmt::format("A reusable delegation set with the ID {} does not exist.", *in.delegation_set_id)};
  }
  if (!in.vpc && in.hosted_zone_config && in.hosted_zone_config->private_zone.value_or(false)) {
    return Error{Kind::kInvalid, kInvalidInput,
                 "When you're creating a private hosted zone (when you specify true for PrivateZone), you must also "
                 "specify values for VPCId and VPCRegion."};
  }
  if (TRY(tx.Count<ZoneRecord>("caller_reference = ?", {in.caller_reference})) > 0) {
    return Error{Kind::kConflict, kHostedZoneAlreadyExists,
                 fmt::format("A hosted zone has already been created with the specified caller reference: {}",
                             in.caller_reference)};
  }
  if (TRY(tx.Count<ZoneRecord>("")) >= kHostedZonesMax) {
    return Error{Kind::kLimit, kTooManyHostedZones,
                 fmt::format("Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than {} hosted zones",
                             kHostedZonesMax)};
  }
  return {};
}

}  // namespace

Result<HostedZone> ToModel(const store::ReadTx& tx, const ZoneRecord& record) {
  HostedZone zone;
  zone.id = "/hostedzone/" + record.id;
  zone.name = record.name;
  zone.caller_reference = record.caller_reference;
  HostedZoneConfig config;
  if (!record.comment.empty()) config.comment = record.comment;
  config.private_zone = record.is_private;
  zone.config = std::move(config);
  zone.resource_record_set_count = TRY(tx.Count<RecordSetRecord>("zone_id = ?", {record.id}));
  return zone;
}

DelegationSet DelegationSetOf(const ZoneRecord& record) {
  DelegationSet set;
  for (const std::string_view server : Split(record.name_servers, '\n')) set.name_servers.emplace_back(server);
  return set;
}

Result<CreateHostedZoneOutput> Route53::CreateHostedZone(const Call& call, const CreateHostedZoneInput& in) {
  ZoneRecord zone;
  zone.id = "Z" + RandomText(20, kUpperAlphanumeric);
  zone.name = ToText(TRY(ParseZoneName(in.name)));
  zone.sort_name = SortName(zone.name);
  zone.caller_reference = in.caller_reference;
  if (in.hosted_zone_config) zone.comment = in.hosted_zone_config->comment.value_or("");
  zone.is_private = in.vpc.has_value();
  zone.name_servers = Join(NewNameServers(zone.is_private), "\n");
  zone.created_at = call.now;
  CreateHostedZoneOutput out;
  const ChangeRecord change = TRY(database_.Write([&](store::Tx& tx) -> Result<ChangeRecord> {
    TRY(CheckCreation(tx, in));
    TRY(tx.Put(zone));
    if (in.vpc) TRY(Associate(tx, zone, *in.vpc));
    RecordSets sets;
    for (RecordSetRecord& set : DefaultRecordSets(zone)) {
      TRY(tx.Put(set));
      std::pair key{set.sort_name, set.type};
      sets.emplace(std::move(key), std::move(set));
    }
    TRY(Serve(tx, zone, sets));
    out.hosted_zone = TRY(ToModel(tx, zone));
    return NoteChange(tx, call, zone.id, "");
  }));
  out.change_info = ToInfo(change);
  if (!zone.is_private) out.delegation_set = DelegationSetOf(zone);
  out.vpc = in.vpc;
  out.location = fmt::format("{}/2013-04-01/hostedzone/{}", call.endpoint, zone.id);
  return out;
}

Result<GetHostedZoneOutput> Route53::GetHostedZone(const Call&, const GetHostedZoneInput& in) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetHostedZoneOutput> {
    const ZoneRecord zone = TRY(GetZone(tx, in.id));
    GetHostedZoneOutput out;
    out.hosted_zone = TRY(ToModel(tx, zone));
    if (zone.is_private) {
      out.vpcs = ToModel(TRY(tx.Select<ZoneVpcRecord>("zone_id = ? ORDER BY vpc_id", {zone.id})));
    } else {
      out.delegation_set = DelegationSetOf(zone);
    }
    return out;
  });
}

Result<DeleteHostedZoneOutput> Route53::DeleteHostedZone(const Call& call, const DeleteHostedZoneInput& in) {
  const ChangeRecord change = TRY(database_.Write([&](store::Tx& tx) -> Result<ChangeRecord> {
    const ZoneRecord zone = TRY(GetZone(tx, in.id));
    const int64_t others = TRY(tx.Count<RecordSetRecord>(
        "zone_id = ? AND NOT (sort_name = ? AND type IN ('NS', 'SOA'))", {zone.id, zone.sort_name}));
    if (others > 0) {
      return Error{Kind::kInvalid, kHostedZoneNotEmpty,
                   "The specified hosted zone contains non-required resource record sets and so cannot be deleted."};
    }
    TRY(tx.DeleteWhere<RecordSetRecord>("zone_id = ?", {zone.id}));
    TRY(tx.DeleteWhere<ZoneVpcRecord>("zone_id = ?", {zone.id}));
    TRY(tx.DeleteWhere<TagRecord>("zone_id = ?", {zone.id}));
    TRY(tx.Delete<ZoneRecord>(zone.id));
    StopServing(tx, zone);
    return NoteChange(tx, call, zone.id, "");
  }));
  return DeleteHostedZoneOutput{.change_info = ToInfo(change)};
}

Result<UpdateHostedZoneCommentOutput> Route53::UpdateHostedZoneComment(const Call&,
                                                                       const UpdateHostedZoneCommentInput& in) {
  return database_.Write([&](store::Tx& tx) -> Result<UpdateHostedZoneCommentOutput> {
    ZoneRecord zone = TRY(GetZone(tx, in.id));
    zone.comment = in.comment.value_or("");
    TRY(tx.Put(zone));
    return UpdateHostedZoneCommentOutput{.hosted_zone = TRY(ToModel(tx, zone))};
  });
}

Result<GetHostedZoneCountOutput> Route53::GetHostedZoneCount(const Call&, const GetHostedZoneCountInput&) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetHostedZoneCountOutput> {
    return GetHostedZoneCountOutput{.hosted_zone_count = TRY(tx.Count<ZoneRecord>(""))};
  });
}

Result<GetDNSSECOutput> Route53::GetDNSSEC(const Call&, const GetDNSSECInput& in) const {
  TRY(database_.Read([&](const store::ReadTx& tx) { return GetZone(tx, in.hosted_zone_id); }));
  GetDNSSECOutput out;
  out.status.serve_signature = "NOT_SIGNING";
  return out;
}

}  // namespace meetinity::route53

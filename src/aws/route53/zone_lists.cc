#include "aws/route53/errors.h"
#include "aws/route53/names.h"
#include "aws/route53/paging.h"
#include "aws/route53/route53.h"
#include "aws/route53/zone_model.h"

namespace meetinity::route53 {
namespace {

Result<std::vector<HostedZone>> ToModels(const store::ReadTx& tx, const std::vector<ZoneRecord>& records) {
  std::vector<HostedZone> zones;
  for (const ZoneRecord& record : records) zones.push_back(TRY(ToModel(tx, record)));
  return zones;
}

}  // namespace

Result<ListHostedZonesOutput> Route53::ListHostedZones(const Call&, const ListHostedZonesInput& in) const {
  const size_t page_size = TRY(PageSize(in.max_items, kZonesPageMax));
  if (in.delegation_set_id) {
    return Error{Kind::kInvalid, kNoSuchDelegationSet, "There are no reusable delegation sets."};
  }
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListHostedZonesOutput> {
    auto records = TRY(tx.Select<ZoneRecord>(
        in.hosted_zone_type ? "id >= ? AND is_private = 1 ORDER BY id LIMIT ?" : "id >= ? ORDER BY id LIMIT ?",
        {in.marker.value_or(""), static_cast<int64_t>(page_size + 1)}));
    const auto next = CutPage(records, page_size);
    ListHostedZonesOutput out;
    out.hosted_zones = TRY(ToModels(tx, records));
    out.is_truncated = next.has_value();
    out.marker = in.marker.value_or("");
    out.max_items = std::to_string(page_size);
    if (next) out.next_marker = next->id;
    return out;
  });
}

Result<ListHostedZonesByNameOutput> Route53::ListHostedZonesByName(const Call&,
                                                                   const ListHostedZonesByNameInput& in) const {
  const size_t page_size = TRY(PageSize(in.max_items, kZonesPageMax));
  std::string from;
  if (in.dns_name && !in.dns_name->empty()) {
    const auto name = ParseName(*in.dns_name);
    if (!name) return Error{Kind::kInvalid, kInvalidDomainName, *in.dns_name + " is not a valid domain name"};
    from = SortName(ToText(*name));
  } else if (in.hosted_zone_id) {
    return Error{Kind::kInvalid, kInvalidInput, "The hostedzoneid parameter requires the dnsname parameter"};
  }
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListHostedZonesByNameOutput> {
    auto records =
        TRY(tx.Select<ZoneRecord>("(sort_name, id) >= (?, ?) ORDER BY sort_name, id LIMIT ?",
                                  {from, in.hosted_zone_id.value_or(""), static_cast<int64_t>(page_size + 1)}));
    const auto next = CutPage(records, page_size);
    ListHostedZonesByNameOutput out;
    out.hosted_zones = TRY(ToModels(tx, records));
    out.is_truncated = next.has_value();
    out.dns_name = in.dns_name;
    out.hosted_zone_id = in.hosted_zone_id;
    out.max_items = std::to_string(page_size);
    if (next) {
      out.next_dns_name = next->name;
      out.next_hosted_zone_id = next->id;
    }
    return out;
  });
}

Result<ListHostedZonesByVPCOutput> Route53::ListHostedZonesByVPC(const Call& call,
                                                                 const ListHostedZonesByVPCInput& in) const {
  const size_t page_size = TRY(PageSize(in.max_items, kZonesPageMax));
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListHostedZonesByVPCOutput> {
    auto records = TRY(tx.Select<ZoneRecord>(
        "id >= ? AND id IN (SELECT zone_id FROM route53_zone_vpcs WHERE vpc_id = ? AND region = ?) ORDER BY id LIMIT ?",
        {in.next_token.value_or(""), in.vpc_id, in.vpc_region, static_cast<int64_t>(page_size + 1)}));
    const auto next = CutPage(records, page_size);
    ListHostedZonesByVPCOutput out;
    out.max_items = std::to_string(page_size);
    for (const ZoneRecord& record : records) {
      HostedZoneSummary summary;
      summary.hosted_zone_id = record.id;
      summary.name = record.name;
      summary.owner.owning_account = call.account;
      out.hosted_zone_summaries.push_back(std::move(summary));
    }
    if (next) out.next_token = next->id;
    return out;
  });
}

}  // namespace meetinity::route53

#include "aws/route53/state.h"

#include <fmt/format.h>

#include <array>

#include "aws/route53/errors.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::route53 {
namespace {

constexpr std::string_view kZonePrefix = "/hostedzone/";

}  // namespace

std::vector<store::Migration> Route53Migrations() {
  return {{"route53", 1, R"sql(
CREATE TABLE route53_zones (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, sort_name TEXT NOT NULL, caller_reference TEXT NOT NULL UNIQUE,
  comment TEXT NOT NULL, is_private INTEGER NOT NULL, name_servers TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX route53_zones_by_name ON route53_zones (sort_name, id);
CREATE TABLE route53_zone_vpcs (
  zone_id TEXT NOT NULL, vpc_id TEXT NOT NULL, region TEXT NOT NULL, PRIMARY KEY (zone_id, vpc_id)
) WITHOUT ROWID;
CREATE INDEX route53_zone_vpcs_by_vpc ON route53_zone_vpcs (vpc_id, zone_id);
CREATE TABLE route53_record_sets (
  zone_id TEXT NOT NULL, sort_name TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, ttl INTEGER NOT NULL,
  record_values TEXT NOT NULL, alias_zone_id TEXT NOT NULL, alias_name TEXT NOT NULL,
  evaluate_target_health INTEGER NOT NULL, PRIMARY KEY (zone_id, sort_name, type)
) WITHOUT ROWID;
CREATE TABLE route53_changes (
  id TEXT PRIMARY KEY, zone_id TEXT NOT NULL, comment TEXT NOT NULL, submitted_at INTEGER NOT NULL,
  number INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX route53_changes_by_number ON route53_changes (number);
CREATE TABLE route53_tags (
  zone_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (zone_id, key)
) WITHOUT ROWID;
)sql"}};
}

Result<RecordSets> LoadRecordSets(const store::ReadTx& tx, const std::string& zone_id) {
  RecordSets sets;
  TRY(tx.ForEach<RecordSetRecord>("zone_id = ?", {zone_id}, [&](RecordSetRecord record) {
    std::pair key{record.sort_name, record.type};
    sets.emplace(std::move(key), std::move(record));
    return true;
  }));
  return sets;
}

Result<ZoneRecord> GetZone(const store::ReadTx& tx, std::string_view id) {
  if (id.starts_with(kZonePrefix)) id.remove_prefix(kZonePrefix.size());
  auto zone = TRY(tx.Find<ZoneRecord>(std::string(id)));
  if (!zone) return Error{Kind::kNotFound, kNoSuchHostedZone, fmt::format("No hosted zone found with ID: {}", id)};
  return std::move(*zone);
}

// The names that AWS gives its servers: of 2,048, a quarter in each of four domains.
std::vector<std::string> NewNameServers(bool is_private) {
  constexpr std::array<std::string_view, 4> kDomains = {"com", "net", "org", "co.uk"};
  std::vector<std::string> servers;
  for (size_t i = 0; i < kDomains.size(); ++i) {
    const size_t place = is_private ? 0 : ParseUnsigned(RandomText(3, "0123456789")).value_or(0) % 512;
    servers.push_back(fmt::format("ns-{}.awsdns-{:02}.{}", 512 * i + place, place / 8, kDomains[i]));
  }
  return servers;
}

// Developer Guide, page "NS and SOA records that Amazon Route 53 creates for a public hosted zone".
std::vector<RecordSetRecord> DefaultRecordSets(const ZoneRecord& zone) {
  RecordSetRecord ns{.zone_id = zone.id,
                     .sort_name = zone.sort_name,
                     .type = "NS",
                     .name = zone.name,
                     .ttl = 172'800,
                     .record_values = {},
                     .alias_zone_id = {},
                     .alias_name = {}};
  std::vector<std::string> servers;
  for (const std::string_view server : Split(zone.name_servers, '\n')) servers.push_back(fmt::format("{}.", server));
  ns.record_values = Join(servers, "\n");
  RecordSetRecord soa = ns;
  soa.type = "SOA";
  soa.ttl = 900;
  soa.record_values = servers.front() + " awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400";
  return {ns, soa};
}

}  // namespace meetinity::route53

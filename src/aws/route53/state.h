#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"

namespace meetinity::route53 {

struct ZoneRecord {
  std::string id;         // "Z…"
  std::string name;       // as ToText has it
  std::string sort_name;  // as SortName has it
  std::string caller_reference;
  std::string comment;
  bool is_private = false;
  std::string name_servers;  // one a line
  Instant created_at;

  static constexpr std::string_view kTable = "route53_zones";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = ZoneRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"name", &R::name},
                      store::Column{"sort_name", &R::sort_name},
                      store::Column{"caller_reference", &R::caller_reference},
                      store::Column{"comment", &R::comment},
                      store::Column{"is_private", &R::is_private},
                      store::Column{"name_servers", &R::name_servers},
                      store::Column{"created_at", &R::created_at}};
  }
};

// Who may ask a private zone.
struct ZoneVpcRecord {
  std::string zone_id;
  std::string vpc_id;
  std::string region;

  static constexpr std::string_view kTable = "route53_zone_vpcs";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = ZoneVpcRecord;
    return std::tuple{store::Column{"zone_id", &R::zone_id}, store::Column{"vpc_id", &R::vpc_id},
                      store::Column{"region", &R::region}};
  }
};

struct RecordSetRecord {
  std::string zone_id;
  std::string sort_name;
  std::string type;  // RRType
  std::string name;
  int64_t ttl = 0;
  std::string record_values;  // one a line, as they were given
  // Of an alias, which has no TTL and values.
  std::string alias_zone_id;
  std::string alias_name;
  bool evaluate_target_health = false;

  bool is_alias() const { return !alias_name.empty(); }
  bool operator==(const RecordSetRecord&) const = default;

  static constexpr std::string_view kTable = "route53_record_sets";
  static constexpr int kKeyColumns = 3;
  static constexpr auto Columns() {
    using R = RecordSetRecord;
    return std::tuple{store::Column{"zone_id", &R::zone_id},
                      store::Column{"sort_name", &R::sort_name},
                      store::Column{"type", &R::type},
                      store::Column{"name", &R::name},
                      store::Column{"ttl", &R::ttl},
                      store::Column{"record_values", &R::record_values},
                      store::Column{"alias_zone_id", &R::alias_zone_id},
                      store::Column{"alias_name", &R::alias_name},
                      store::Column{"evaluate_target_health", &R::evaluate_target_health}};
  }
};

// A change that the name servers have, or will soon have.
struct ChangeRecord {
  std::string id;  // "C…"
  std::string zone_id;
  std::string comment;
  Instant submitted_at;
  int64_t number = 0;  // of its transaction

  static constexpr std::string_view kTable = "route53_changes";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = ChangeRecord;
    return std::tuple{store::Column{"id", &R::id}, store::Column{"zone_id", &R::zone_id},
                      store::Column{"comment", &R::comment}, store::Column{"submitted_at", &R::submitted_at},
                      store::Column{"number", &R::number}};
  }
};

struct TagRecord {
  std::string zone_id;
  std::string key;
  std::string value;

  static constexpr std::string_view kTable = "route53_tags";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = TagRecord;
    return std::tuple{store::Column{"zone_id", &R::zone_id}, store::Column{"key", &R::key},
                      store::Column{"value", &R::value}};
  }
};

std::vector<store::Migration> Route53Migrations();

// By sort name and type: in the order in which they are listed.
using RecordSets = std::map<std::pair<std::string, std::string>, RecordSetRecord>;
Result<RecordSets> LoadRecordSets(const store::ReadTx& tx, const std::string& zone_id);

// `id` with or without "/hostedzone/"; NoSuchHostedZone.
Result<ZoneRecord> GetZone(const store::ReadTx& tx, std::string_view id);

// What every zone begins with.
std::vector<std::string> NewNameServers(bool is_private);
std::vector<RecordSetRecord> DefaultRecordSets(const ZoneRecord& zone);

}  // namespace meetinity::route53

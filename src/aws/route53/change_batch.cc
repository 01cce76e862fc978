#include "aws/route53/change_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/route53/errors.h"
#include "aws/route53/names.h"
#include "base/text.h"

namespace meetinity::route53 {
namespace {

using Key = RecordSets::key_type;

Error BadInput(std::string detail) { return Error{Kind::kInvalid, kInvalidInput, std::move(detail)}; }
Error BadBatch(const std::vector<std::string>& messages) {
  return Error{Kind::kInvalid, kInvalidChangeBatch, fmt::format("[{}]", Join(messages, ", "))};
}

std::string Describe(const Change& change) {
  const ResourceRecordSet& set = change.resource_record_set;
  return fmt::format("Change with [Action={}, Name={}, Type={}, SetIdentifier={}]", change.action, set.name, set.type,
                     set.set_identifier.value_or("null"));
}

std::string Titled(const RecordSetRecord& record) {
  return fmt::format("resource record set [name='{}', type='{}']", record.name, record.type);
}

std::string_view ProblemOf(std::string_view type) {
  if (type == "A") return "ARRDATAIllegalIPv4Address";
  if (type == "AAAA") return "AAAARRDATAIllegalIPv6Address";
  if (type == "MX") return "MXRRDATANotTwoFields";
  if (type == "SRV") return "SRVRRDATANotFourFields";
  if (type == "CAA") return "CAARRDATANotThreeFields";
  if (type == "SOA") return "SOARRDATANotSevenFields";
  if (type == "TXT" || type == "SPF") return "InvalidCharacterString";
  return "InvalidDomainName";
}

// What no batch can be about here: routing by policies, types that the name server does not hold.
Status CheckServed(const Change& change) {
  const ResourceRecordSet& set = change.resource_record_set;
  const bool by_policy = set.set_identifier || set.weight || set.region || set.failover || set.geo_location ||
                         set.geo_proximity_location || set.cidr_routing_config || set.multi_value_answer;
  if (by_policy) {
    return BadInput(fmt::format("Invalid request: only simple routing is served, without a routing policy, in {}",
                                Describe(change)));
  }
  if (set.traffic_policy_instance_id) {
    return BadInput(fmt::format("Invalid request: traffic policies are not served, in {}", Describe(change)));
  }
  if (set.health_check_id) {
    return Error{Kind::kNotFound, kNoSuchHealthCheck,
                 fmt::format("A health check with id {} does not exist.", *set.health_check_id)};
  }
  if (!TypeOf(set.type)) {
    return BadInput(
        fmt::format("Invalid request: records of type {} are not served, in {}", set.type, Describe(change)));
  }
  return {};
}

// Exactly one of the ways to say what a name means.
Status CheckForm(const Change& change) {
  const ResourceRecordSet& set = change.resource_record_set;
  const bool has_values = set.resource_records && !set.resource_records->empty();
  const bool values = set.ttl && has_values;
  if (set.alias_target ? !set.ttl && !has_values : values) return {};
  return BadInput(
      fmt::format("Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
                  "TrafficPolicyInstanceId], but found {} in {}",
                  set.alias_target ? "more than one" : "none", Describe(change)));
}

// One batch under way.
class Batch {
 public:
  Batch(const ZoneRecord& zone, const std::vector<AliasZone>& alias_zones, RecordSets& sets)
      : zone_(zone), alias_zones_(alias_zones), sets_(sets), apex_(ParseName(zone.name).value_or(dns::Name())) {}

  Status Run(const std::vector<Change>& changes) {
    size_t records = 0;
    for (const Change& change : changes) {
      TRY(CheckServed(change));
      TRY(CheckForm(change));
      const auto& values = change.resource_record_set.resource_records;
      records += (values ? values->size() : 1) * (change.action == ChangeAction::kUpsert ? 2 : 1);
    }
    if (records > kBatchRecordsMax) return BadBatch({"Number of records limit of 1000 exceeded."});
    for (const Change& change : changes) Apply(change);
    if (messages_.empty()) {
      for (const Key& key : made_) CheckNeighbours(sets_.at(key));
      for (const Key& key : made_) CheckAlias(sets_.at(key));
      CheckApex();
    }
    return messages_.empty() ? Status() : BadBatch(messages_);
  }

 private:
  template <class... Arguments>
  void Say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    messages_.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  void Apply(const Change& change) {
    const auto record = ToRecord(change.resource_record_set);
    if (!record) return;
    const Key key{record->sort_name, record->type};
    const auto present = sets_.find(key);
    if (change.action == ChangeAction::kDelete) {
      if (present == sets_.end()) {
        Say("Tried to delete {} but it was not found", Titled(*record));
      } else if (!IsSame(present->second, *record)) {
        Say("Tried to delete {} but the values provided do not match the current values", Titled(*record));
      } else {
        sets_.erase(present);
        made_.erase(key);
      }
      return;
    }
    if (change.action == ChangeAction::kCreate && present != sets_.end()) {
      return Say("Tried to create {} but it already exists", Titled(*record));
    }
    sets_[key] = *record;
    made_.insert(key);
  }

  // Values are a set: their order tells nothing.
  static bool IsSame(RecordSetRecord a, RecordSetRecord b) {
    for (RecordSetRecord* record : {&a, &b}) {
      std::vector<std::string_view> values = Split(record->record_values, '\n');
      std::ranges::sort(values);
      record->record_values = Join({values.begin(), values.end()}, "\n");
    }
    return a == b;
  }

  // Nothing when something is wrong with it by itself, which then was said.
  std::optional<RecordSetRecord> ToRecord(const ResourceRecordSet& set) {
    const size_t said = messages_.size();
    const auto name = ParseName(set.name);
    if (!name) {
      Say("FATAL problem: DomainLabelEmpty (Domain label is empty or malformed) encountered with '{}'", set.name);
      return std::nullopt;
    }
    RecordSetRecord record;
    record.zone_id = zone_.id;
    record.name = ToText(*name);
    record.sort_name = SortName(record.name);
    record.type = set.type;
    record.ttl = set.ttl.value_or(0);
    if (!name->IsWithin(apex_)) Say("RRSet with DNS name {} is not permitted in zone {}", record.name, zone_.name);
    const bool at_apex = *name == apex_;
    if (set.type == "CNAME" && at_apex) {
      Say("RRSet of type CNAME with DNS name {} is not permitted at apex in zone {}", record.name, zone_.name);
    }
    if (set.type == "SOA" && !at_apex) {
      Say("RRSet of type SOA with DNS name {} is not permitted below the apex of zone {}", record.name, zone_.name);
    }
    if (set.type == "NS" && name->is_wildcard()) {
      Say("RRSet of type NS with DNS name {} is not permitted: a wildcard cannot be delegated", record.name);
    }
    if (set.alias_target) {
      ReadAlias(*set.alias_target, record);
    } else {
      ReadValues(*set.resource_records, record);
    }
    return messages_.size() == said ? std::optional(record) : std::nullopt;
  }

  void ReadAlias(const AliasTarget& target, RecordSetRecord& record) {
    const auto name = ParseName(target.dns_name);
    if (!name) return Say("The alias target '{}' is no domain name", target.dns_name);
    record.alias_zone_id = target.hosted_zone_id;
    record.alias_name = ToText(*name);
    record.evaluate_target_health = target.evaluate_target_health;
    if (record.type == "NS" || record.type == "SOA") {
      Say("RRSet of type {} with DNS name {} is not permitted to be an alias", record.type, record.name);
    }
  }

  void ReadValues(const std::vector<ResourceRecord>& values, RecordSetRecord& record) {
    std::vector<std::string> texts;
    for (const ResourceRecord& value : values) {
      const auto parsed = dns::ParseRdata(*TypeOf(record.type), value.value, dns::Escapes::kOctal);
      const bool one_line = value.value.find_first_of("\r\n") == std::string::npos;
      if (!parsed.ok() || !one_line) {
        Say("Invalid Resource Record: 'FATAL problem: {} ({}) encountered with '{}''", ProblemOf(record.type),
            parsed.ok() ? "Value has a line break" : parsed.error().detail, value.value);
      } else if (std::ranges::find(texts, value.value) != texts.end()) {
        Say("Duplicate Resource Record: '{}'", value.value);
      } else {
        texts.push_back(value.value);
      }
    }
    if (values.size() > 1 && (record.type == "CNAME" || record.type == "SOA")) {
      Say("RRSet of type {} with DNS name {} has more than one value", record.type, record.name);
    }
    record.record_values = Join(texts, "\n");
  }

  // A canonical name stands alone (RFC 1034, section 3.6.2).
  void CheckNeighbours(const RecordSetRecord& record) {
    const auto first = sets_.lower_bound({record.sort_name, ""});
    for (auto it = first; it != sets_.end() && it->first.first == record.sort_name; ++it) {
      if (it->first.second == record.type) continue;
      if (record.type == "CNAME") {
        return Say(
            "RRSet of type CNAME with DNS name {} is not permitted as it conflicts with other records with the "
            "same DNS name in zone {}",
            record.name, zone_.name);
      }
      if (it->first.second == "CNAME") {
        return Say(
            "RRSet of type {} with DNS name {} is not permitted as it conflicts with other records with the same "
            "DNS name in zone {}",
            record.type, record.name, zone_.name);
      }
    }
  }

  void CheckAlias(const RecordSetRecord& record) {
    if (!record.is_alias()) return;
    const auto refuse = [&](std::string_view why) {
      Say("Tried to create an alias that targets {}, type {} in zone {}, but {}", record.alias_name, record.type,
          record.alias_zone_id, why);
    };
    if (record.alias_zone_id != zone_.id) {
      if (!LiesInServiceZone(record)) refuse("the alias target name does not lie within the target zone");
      return;
    }
    if (!ParseName(record.alias_name).value_or(dns::Name()).IsWithin(apex_)) {
      return refuse("the alias target name does not lie within the target zone");
    }
    std::set<Key> seen{{record.sort_name, record.type}};
    const RecordSetRecord* at = &record;
    while (at->is_alias() && at->alias_zone_id == zone_.id) {
      const Key next{SortName(at->alias_name), at->type};
      if (!seen.insert(next).second) return refuse("that would make an alias circular");
      const auto found = sets_.find(next);
      if (found == sets_.end()) return refuse("that target was not found");
      at = &found->second;
    }
  }

  bool LiesInServiceZone(const RecordSetRecord& record) const {
    if (record.type != "A" && record.type != "AAAA") return false;
    const auto zone = std::ranges::find(alias_zones_, record.alias_zone_id, &AliasZone::id);
    if (zone == alias_zones_.end()) return false;
    const auto patterns = Split(zone->patterns, '\n');
    return std::ranges::any_of(patterns,
                               [&](std::string_view pattern) { return MatchesWildcard(pattern, record.alias_name); });
  }

  void CheckApex() {
    if (!sets_.contains({zone_.sort_name, "SOA"})) Say("A HostedZone must contain exactly one SOA record.");
    if (!sets_.contains({zone_.sort_name, "NS"})) {
      Say("A HostedZone must contain at least one NS record for the zone itself.");
    }
  }

  const ZoneRecord& zone_;
  const std::vector<AliasZone>& alias_zones_;
  RecordSets& sets_;
  const dns::Name apex_;
  std::set<Key> made_;
  std::vector<std::string> messages_;
};

// What an alias of a load balancer or a distribution may be held for (Developer Guide, page "Choosing between alias and
// non-alias records").
constexpr uint32_t kAliasTtl = 60;

}  // namespace

Status ApplyBatch(const ZoneRecord& zone, const std::vector<AliasZone>& alias_zones, const std::vector<Change>& changes,
                  RecordSets& sets) {
  return Batch(zone, alias_zones, sets).Run(changes);
}

ResourceRecordSet ToModel(const RecordSetRecord& record) {
  ResourceRecordSet set;
  set.name = record.name;
  set.type = record.type;
  if (record.is_alias()) {
    set.alias_target = AliasTarget{.dns_name = record.alias_name,
                                   .evaluate_target_health = record.evaluate_target_health,
                                   .hosted_zone_id = record.alias_zone_id};
    return set;
  }
  set.ttl = record.ttl;
  std::vector<ResourceRecord> values;
  for (const std::string_view value : Split(record.record_values, '\n')) values.push_back({std::string(value)});
  set.resource_records = std::move(values);
  return set;
}

Result<dns::ZonePtr> ToZone(const ZoneRecord& zone, const RecordSets& sets, const dns::AliasResolver& resolve_alias) {
  dns::ZoneConfig config;
  config.apex = ParseName(zone.name).value_or(dns::Name());
  config.resolve_alias = resolve_alias;
  for (const auto& [key, record] : sets) {
    dns::RecordSet set;
    set.name = ParseName(record.name).value_or(dns::Name());
    set.type = TypeOf(record.type).value_or(dns::RecordType::kA);
    set.ttl = record.is_alias() ? kAliasTtl : static_cast<uint32_t>(record.ttl);
    if (record.is_alias()) {
      set.alias = ParseName(record.alias_name);
    } else {
      for (const std::string_view value : Split(record.record_values, '\n')) {
        set.rdata.push_back(TRY(dns::ParseRdata(set.type, value, dns::Escapes::kOctal)));
      }
    }
    config.records.push_back(std::move(set));
  }
  auto built = dns::Zone::Build(std::move(config));
  if (!built.ok()) return BadBatch({built.error().detail});
  return built;
}

}  // namespace meetinity::route53

#include "engine/dns/zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/dns/errors.h"

namespace meetinity::dns {
namespace {

Error Unfit(const Name& apex, std::string_view why) {
  return Error{Kind::kInvalid, kInvalidZone, fmt::format("zone {}: {}", apex.ToString(), why)};
}

const RecordSet* FindSet(const std::vector<RecordSet>& sets, RecordType type) {
  const auto found = std::ranges::find(sets, type, &RecordSet::type);
  return found == sets.end() ? nullptr : &*found;
}

// The last 4 bytes of an SOA's value: MINIMUM.
uint32_t MinimumOf(std::string_view rdata) {
  uint32_t minimum = 0;
  for (const char c : rdata.substr(rdata.size() - 4)) minimum = minimum << 8 | static_cast<uint8_t>(c);
  return minimum;
}

}  // namespace

const RecordSet* Finding::Find(RecordType type) const { return sets == nullptr ? nullptr : FindSet(*sets, type); }

Result<std::shared_ptr<const Zone>> Zone::Build(ZoneConfig config) {
  const auto zone = std::make_shared<Zone>();
  zone->apex_ = config.apex;
  zone->resolve_alias_ = std::move(config.resolve_alias);
  size_t records = 0;
  for (RecordSet& set : config.records) {
    records += std::max<size_t>(set.rdata.size(), 1);
    if (records > kZoneRecordsMax) return Unfit(config.apex, "it has too many records");
    TRY(zone->Add(std::move(set)));
  }
  const auto* apex = zone->Node(config.apex.wire());
  const RecordSet* soa = apex == nullptr ? nullptr : FindSet(*apex, RecordType::kSoa);
  if (soa == nullptr || soa->rdata.size() != 1 || soa->rdata.front().size() < 22) {
    return Unfit(config.apex, "it has no start of authority");
  }
  if (FindSet(*apex, RecordType::kNs) == nullptr) return Unfit(config.apex, "it has no name servers");
  return std::shared_ptr<const Zone>(zone);
}

Status Zone::Add(RecordSet set) {
  const auto refuse = [&](std::string_view why) {
    return Unfit(apex_, fmt::format("{} {}", set.name.ToString(), why));
  };
  if (!set.name.IsWithin(apex_)) return refuse("is outside of it");
  if (set.alias ? !set.rdata.empty() : set.rdata.empty()) return refuse("has either values or an alias target");
  if (set.alias && (set.type == RecordType::kNs || set.type == RecordType::kSoa))
    return refuse("is an alias of a zone");
  if (set.type == RecordType::kCname && set.rdata.size() > 1) return refuse("has two canonical names");
  // Names between this one and the apex exist, even if nothing is known of them (RFC 4592, section 2.2.2).
  const size_t below_apex = set.name.labels() - apex_.labels();
  for (size_t i = 1; i <= below_apex; ++i) nodes_.try_emplace(std::string(set.name.Suffix(i)));
  std::vector<RecordSet>& sets = nodes_[std::string(set.name.wire())];
  if (FindSet(sets, set.type) != nullptr) return refuse("has two sets of a type");
  if (!sets.empty() && (set.type == RecordType::kCname || FindSet(sets, RecordType::kCname) != nullptr)) {
    return refuse("has a CNAME beside other records");
  }
  sets.push_back(std::move(set));
  return {};
}

const std::vector<RecordSet>* Zone::Node(std::string_view wire) const {
  const auto found = nodes_.find(wire);
  return found == nodes_.end() ? nullptr : &found->second;
}

const RecordSet& Zone::soa() const { return *FindSet(*Node(apex_.wire()), RecordType::kSoa); }

uint32_t Zone::negative_ttl() const {
  const RecordSet& set = soa();
  return std::min(set.ttl, MinimumOf(set.rdata.front()));
}

Finding Zone::Find(const Name& name) const {
  const size_t below_apex = name.labels() - apex_.labels();
  // From the apex downwards, as the algorithm has it: what lies behind a delegation is not this zone's to tell.
  std::string_view encloser = apex_.wire();
  for (size_t left = below_apex + 1; left-- > 0;) {
    const std::string_view suffix = name.Suffix(left);
    const auto* sets = Node(suffix);
    if (sets == nullptr) break;
    encloser = suffix;
    const bool delegated = left != below_apex && FindSet(*sets, RecordType::kNs) != nullptr;
    if (delegated) return {Finding::Kind::kDelegation, sets, suffix};
    if (left == 0) return {Finding::Kind::kRecords, sets, {}};
  }
  // The source of synthesis: "*" below the closest name that exists (RFC 4592, section 3.3.1).
  if (encloser.size() + 2 > kNameBytesMax) return {};
  std::array<char, kNameBytesMax> wildcard{1, '*'};
  std::ranges::copy(encloser, wildcard.begin() + 2);
  const auto* sets = Node({wildcard.data(), encloser.size() + 2});
  if (sets == nullptr) return {};
  return {Finding::Kind::kRecords, sets, {}};
}

const RecordSet* Zone::FindGlue(const Name& name, RecordType type) const {
  const auto* sets = Node(name.wire());
  return sets == nullptr ? nullptr : FindSet(*sets, type);
}

void Zone::ResolveAlias(const Name& target, RecordType type, FunctionRef<void(std::string_view)> found) const {
  if (resolve_alias_ == nullptr) return;
  resolve_alias_(target, type, found);
}

ZoneSet::ZoneSet(const std::vector<ZonePtr>& zones) {
  for (const ZonePtr& zone : zones) zones_.try_emplace(zone->apex().wire(), zone);
}

const Zone* ZoneSet::Find(const Name& name) const {
  if (zones_.empty()) return nullptr;
  for (std::string_view wire = name.wire();; wire.remove_prefix(static_cast<uint8_t>(wire.front()) + 1U)) {
    if (const auto found = zones_.find(wire); found != zones_.end()) return found->second.get();
    if (wire.size() == 1) return nullptr;
  }
}

}  // namespace meetinity::dns

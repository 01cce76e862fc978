#include "aws/route53/route53.h"

#include <fmt/format.h>

#include <type_traits>
#include <utility>

#include "base/random.h"

namespace meetinity::route53 {

namespace {

std::string ArnOf(std::string_view resource) {
  const size_t id = resource.rfind('/');
  return fmt::format("arn:aws:route53:::{}/{}", resource.substr(0, resource.find('/')), resource.substr(id + 1));
}

// What an operation is about; without a resource type: those that create, list or count (Service Authorization
// Reference, "Actions defined by Amazon Route 53").
template <class In>
std::vector<std::string> ResourcesOf(const In& in) {
  if constexpr (std::is_same_v<In, GetChangeInput>) {
    return {ArnOf("change/" + in.id)};
  } else if constexpr (std::is_same_v<In, ListTagsForResourcesInput>) {
    std::vector<std::string> arns;
    for (const std::string& id : in.resource_ids) arns.push_back(ArnOf(in.resource_type + "/" + id));
    return arns;
  } else if constexpr (requires { in.resource_id; }) {
    return {ArnOf(in.resource_type + "/" + in.resource_id)};
  } else if constexpr (requires { in.id; }) {
    return {ArnOf("hostedzone/" + in.id)};
  } else if constexpr (requires { in.hosted_zone_id.size(); }) {
    return {ArnOf("hostedzone/" + in.hosted_zone_id)};
  } else {
    return {"*"};
  }
}

template <class In>
wire::Permissions PermissionsFor(const In& in) {
  wire::Permissions permissions;
  for (std::string& arn : ResourcesOf(in)) permissions.push_back({"", std::move(arn), {}});
  return permissions;
}

// Private before public, then the oldest.
std::string OrderOf(const ZoneRecord& zone) {
  return fmt::format("{}{:020}{}", zone.is_private ? 0 : 1, zone.created_at.unix_seconds(), zone.id);
}

// Changes that can still be asked about.
constexpr int kChangesKept = 1'000;

}  // namespace

Route53::Route53(store::Database& database, const ec2::Ec2& ec2, const Clock& clock, Route53Options options)
    : database_(database), ec2_(ec2), clock_(clock), options_(std::move(options)) {}

Route53::~Route53() = default;

std::vector<store::Migration> Route53::Migrations() { return Route53Migrations(); }

// Inside the class an operation's name is its method; the tag of the same name stands in the namespace.
#define MEETINITY_SERVE(operation)                                                           \
  host.Serve<route53::operation>(                                                            \
      [this](const Call& call, const operation##Input& in) { return operation(call, in); }); \
  host.Require<route53::operation>(                                                          \
      [](const Call&, const operation##Input& in) -> Result<wire::Permissions> { return PermissionsFor(in); })

void Route53::Register(wire::ServiceHost& host) {
  MEETINITY_SERVE(CreateHostedZone);
  MEETINITY_SERVE(GetHostedZone);
  MEETINITY_SERVE(ListHostedZones);
  MEETINITY_SERVE(ListHostedZonesByName);
  MEETINITY_SERVE(ListHostedZonesByVPC);
  MEETINITY_SERVE(DeleteHostedZone);
  MEETINITY_SERVE(UpdateHostedZoneComment);
  MEETINITY_SERVE(GetHostedZoneCount);
  MEETINITY_SERVE(GetDNSSEC);
  MEETINITY_SERVE(ChangeResourceRecordSets);
  MEETINITY_SERVE(ListResourceRecordSets);
  MEETINITY_SERVE(GetChange);
  MEETINITY_SERVE(AssociateVPCWithHostedZone);
  MEETINITY_SERVE(DisassociateVPCFromHostedZone);
  MEETINITY_SERVE(ChangeTagsForResource);
  MEETINITY_SERVE(ListTagsForResource);
  MEETINITY_SERVE(ListTagsForResources);
}

#undef MEETINITY_SERVE

Status Route53::Restore() {
  return database_.Write([&](store::Tx& tx) -> Status {
    Zones zones;
    for (const ZoneRecord& zone : TRY(tx.Select<ZoneRecord>(""))) {
      zones[OrderOf(zone)] = TRY(ToZone(zone, TRY(LoadRecordSets(tx, zone.id)), options_.resolve_alias));
    }
    tx.OnCommit([this, zones = std::move(zones), number = tx.number()] {
      zones_.With([&](Zones& served) {
        served = zones;
        PublishZones(served, number);
      });
    });
    return {};
  });
}

Result<ChangeRecord> Route53::NoteChange(store::Tx& tx, const Call& call, const std::string& zone_id,
                                         std::string comment) {
  ChangeRecord change{.id = "C" + RandomText(20, kUpperAlphanumeric),
                      .zone_id = zone_id,
                      .comment = std::move(comment),
                      .submitted_at = call.now,
                      .number = static_cast<int64_t>(tx.number())};
  TRY(tx.Put(change));
  TRY(tx.DeleteWhere<ChangeRecord>(
      "number <= (SELECT number FROM route53_changes ORDER BY number DESC LIMIT 1 OFFSET ?)", {int64_t{kChangesKept}}));
  return change;
}

// After the commit and in the order of commits, so that no older set follows a newer one.
Status Route53::Serve(store::Tx& tx, const ZoneRecord& zone, const RecordSets& sets) {
  dns::ZonePtr built = TRY(ToZone(zone, sets, options_.resolve_alias));
  tx.OnCommit([this, order = OrderOf(zone), built = std::move(built), number = tx.number()] {
    zones_.With([&](Zones& served) {
      served[order] = built;
      PublishZones(served, number);
    });
  });
  return {};
}

void Route53::StopServing(store::Tx& tx, const ZoneRecord& zone) {
  tx.OnCommit([this, order = OrderOf(zone), number = tx.number()] {
    zones_.With([&](Zones& served) {
      served.erase(order);
      PublishZones(served, number);
    });
  });
}

void Route53::PublishZones(const Zones& zones, uint64_t number) const {
  const auto note = [adopted = adopted_, number] {
    uint64_t before = adopted->load();
    while (before < number && !adopted->compare_exchange_weak(before, number)) {
    }
  };
  if (!publish_) return note();
  std::vector<dns::ZonePtr> all;
  for (const auto& [order, zone] : zones) all.push_back(zone);
  all.insert(all.end(), options_.more_zones.begin(), options_.more_zones.end());
  publish_(std::make_shared<const dns::ZoneSet>(all), number, note);
}

ChangeInfo Route53::ToInfo(const ChangeRecord& record) const {
  ChangeInfo info;
  info.id = "/change/" + record.id;
  info.status =
      adopted_->load() >= static_cast<uint64_t>(record.number) ? ChangeStatus::kInsync : ChangeStatus::kPending;
  info.submitted_at = record.submitted_at;
  if (!record.comment.empty()) info.comment = record.comment;
  return info;
}

}  // namespace meetinity::route53

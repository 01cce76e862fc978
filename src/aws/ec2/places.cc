// Regions, their zones, and what an account may have.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/ec2/ec2.h"
#include "aws/ec2/interfaces.h"
#include "aws/ec2/vpcs.h"
#include "aws/ec2/zones.h"

namespace meetinity::ec2 {
namespace {

AvailabilityZone ViewOfZone(const std::string& region, const std::string& name) {
  AvailabilityZone zone;
  zone.group_name = fmt::format("{}-zg-1", region);
  zone.messages.emplace();
  zone.network_border_group = region;
  zone.opt_in_status = AvailabilityZoneOptInStatus::kOptInNotRequired;
  zone.region_name = region;
  zone.state = AvailabilityZoneState::kAvailable;
  zone.zone_id = ZoneId(name);
  zone.zone_name = name;
  zone.zone_type = "availability-zone";
  return zone;
}

const std::array<FilterField<AvailabilityZone>, 10> kZoneFilters = {
    {{"group-name", [](const AvailabilityZone& zone, Texts& out) { Add(out, zone.group_name); }},
     {"message", [](const AvailabilityZone&, Texts&) {}},
     {"opt-in-status", [](const AvailabilityZone& zone, Texts& out) { Add(out, zone.opt_in_status); }},
     {"parent-zone-id", [](const AvailabilityZone&, Texts&) {}},
     {"parent-zone-name", [](const AvailabilityZone&, Texts&) {}},
     {"region-name", [](const AvailabilityZone& zone, Texts& out) { Add(out, zone.region_name); }},
     {"state", [](const AvailabilityZone& zone, Texts& out) { Add(out, zone.state); }},
     {"zone-id", [](const AvailabilityZone& zone, Texts& out) { Add(out, zone.zone_id); }},
     {"zone-name", [](const AvailabilityZone& zone, Texts& out) { Add(out, zone.zone_name); }},
     {"zone-type", [](const AvailabilityZone& zone, Texts& out) { Add(out, zone.zone_type); }}}};

const std::array<FilterField<Region>, 3> kRegionFilters = {
    {{"endpoint", [](const Region& region, Texts& out) { Add(out, region.endpoint); }},
     {"opt-in-status", [](const Region& region, Texts& out) { Add(out, region.opt_in_status); }},
     {"region-name", [](const Region& region, Texts& out) { Add(out, region.region_name); }}}};

bool Asks(const std::optional<std::vector<std::string>>& names, std::string_view name) {
  return !names || names->empty() || std::ranges::find(*names, name) != names->end();
}

// Each of the names must be one of `known`.
Status CheckNames(const std::optional<std::vector<std::string>>& names, const std::vector<std::string>& known,
                  std::string_view noun) {
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    if (std::ranges::find(known, name) != known.end()) continue;
    return Invalid(fmt::format("Invalid {}: [{}]", noun, name.substr(0, 64)));
  }
  return {};
}

AccountAttribute Attribute(std::string name, std::string value) {
  AccountAttribute attribute;
  attribute.attribute_name = std::move(name);
  attribute.attribute_values = std::vector{AccountAttributeValue{std::move(value)}};
  return attribute;
}

}  // namespace

Result<DescribeAvailabilityZonesOutput> Ec2::DescribeAvailabilityZones(const wire::Call& call,
                                                                       const DescribeAvailabilityZonesInput& in) const {
  const std::string region = PlaceOf(call).region;
  std::vector<std::string> names;
  std::vector<std::string> ids;
  for (const char letter : kZoneLetters) {
    names.push_back(ZoneName(region, letter));
    ids.push_back(ZoneId(names.back()));
  }
  TRY(CheckNames(in.zone_names, names, "availability zone"));
  TRY(CheckNames(in.zone_ids, ids, "availability zone-id"));
  const Question question = QuestionOf(in);
  PageMaker<AvailabilityZone, decltype(kZoneFilters)> maker(question, kZoneFilters);
  TRY(maker.Begin());
  for (size_t i = 0; i < names.size(); ++i) {
    if (Asks(in.zone_names, names[i]) && Asks(in.zone_ids, ids[i])) maker.Offer(names[i], ViewOfZone(region, names[i]));
  }
  return DescribeAvailabilityZonesOutput{.availability_zones = maker.Take().items};
}

Result<DescribeRegionsOutput> Ec2::DescribeRegions(const wire::Call&, const DescribeRegionsInput& in) const {
  const std::vector<std::string> known(kRegions.begin(), kRegions.end());
  TRY(CheckNames(in.region_names, known, "region"));
  const Question question = QuestionOf(in);
  PageMaker<Region, decltype(kRegionFilters)> maker(question, kRegionFilters);
  TRY(maker.Begin());
  for (const std::string& name : known) {
    if (!Asks(in.region_names, name)) continue;
    Region region;
    region.endpoint = fmt::format("ec2.{}.amazonaws.com", name);
    region.opt_in_status = AvailabilityZoneOptInStatus::kOptInNotRequired;
    region.region_name = name;
    maker.Offer(name, std::move(region));
  }
  return DescribeRegionsOutput{.regions = maker.Take().items};
}

Result<DescribeAccountAttributesOutput> Ec2::DescribeAccountAttributes(const wire::Call& call,
                                                                       const DescribeAccountAttributesInput& in) const {
  const auto vpc = database_.Read([&](const store::ReadTx& tx) { return DefaultVpc(tx, PlaceOf(call).region); });
  if (!vpc.ok() && vpc.error().name != kVpcIdNotSpecified) return vpc.error();
  const std::array attributes = {
      Attribute("supported-platforms", "VPC"),
      Attribute("default-vpc", vpc.ok() ? vpc->id : "none"),
      Attribute("vpc-max-security-groups-per-interface", std::to_string(kGroupsPerInterfaceMax)),
      Attribute("max-elastic-ips", std::to_string(kAddressesMax)),
      Attribute("vpc-max-elastic-ips", std::to_string(kAddressesMax)),
      Attribute("max-instances", "0"),
  };
  DescribeAccountAttributesOutput out;
  out.account_attributes.emplace();
  for (const AccountAttribute& attribute : attributes) {
    if (Asks(in.attribute_names, *attribute.attribute_name)) out.account_attributes->push_back(attribute);
  }
  return out;
}

}  // namespace meetinity::ec2

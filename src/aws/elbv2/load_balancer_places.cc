#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "aws/elbv2/arns.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/state.h"

// Where load balancers are in the network, and who may reach them there.
namespace meetinity::elbv2 {
namespace {

// EC2's refusals, as a load balancer's owner knows them. Those that are not about the request pass as they are.
Error AsSubnetRefusal(Error error, std::string_view subnet_id) {
  if (error.kind == Kind::kInternal || error.kind == Kind::kUnavailable) return error;
  if (error.name == "InvalidAllocationID.NotFound") {
    return Error{Kind::kNotFound, kAllocationIdNotFound, std::move(error.detail)};
  }
  if (error.kind == Kind::kNotFound) {
    return Error{Kind::kNotFound, kSubnetNotFound, fmt::format("The subnet ID '{}' does not exist", subnet_id)};
  }
  return Error{Kind::kInvalid, kInvalidSubnet, fmt::format("Subnet '{}': {}", subnet_id, error.detail)};
}

Status CheckMapping(const SubnetMapping& mapping, std::string_view type, std::string_view scheme) {
  if (!mapping.subnet_id || mapping.subnet_id->empty()) return Invalid("A subnet mapping needs a subnet ID");
  const bool is_network = type == LoadBalancerTypeEnum::kNetwork;
  if (!is_network && (mapping.allocation_id || mapping.private_i_pv4_address)) {
    return Misconfigured("Addresses cannot be specified for an application load balancer");
  }
  if (mapping.allocation_id && scheme == LoadBalancerSchemeEnum::kInternal) {
    return Misconfigured("Elastic IP addresses cannot be specified for an internal load balancer");
  }
  if (mapping.private_i_pv4_address && scheme != LoadBalancerSchemeEnum::kInternal) {
    return Misconfigured("Private IPv4 addresses can be specified for an internal load balancer only");
  }
  if (mapping.i_pv6_address || mapping.source_nat_ipv6_prefix) {
    return Misconfigured("IPv6 addresses of load balancers are not served here");
  }
  return {};
}

}  // namespace

Result<Elbv2::Placement> Elbv2::CheckPlacement(const store::ReadTx& tx, const Call& call, std::string_view type,
                                               std::string_view scheme,
                                               const std::vector<SubnetMapping>& mappings) const {
  const bool is_network = type == LoadBalancerTypeEnum::kNetwork;
  if (mappings.empty()) {
    return Invalid(is_network ? "At least one subnet must be specified"
                              : "At least two subnets in two different Availability Zones must be specified");
  }
  Placement placement;
  std::map<std::string, ZoneRecord> zones;
  for (const SubnetMapping& mapping : mappings) {
    TRY(CheckMapping(mapping, type, scheme));
    auto subnet = ec2_.FindSubnet(tx, *mapping.subnet_id);
    if (!subnet.ok()) return AsSubnetRefusal(std::move(subnet).error(), *mapping.subnet_id);
    if (subnet->region != RegionOf(call)) {
      return Error{Kind::kNotFound, kSubnetNotFound, fmt::format("The subnet ID '{}' does not exist", subnet->id)};
    }
    if (placement.vpc_id.empty()) placement.vpc_id = subnet->vpc_id;
    if (placement.vpc_id != subnet->vpc_id) {
      return Misconfigured("All subnets must belong to the same VPC");
    }
    ZoneRecord zone;
    zone.zone_name = subnet->availability_zone;
    zone.subnet_id = subnet->id;
    zone.private_address = mapping.private_i_pv4_address.value_or("");
    zone.allocation_id = mapping.allocation_id.value_or("");
    if (!zones.emplace(zone.zone_name, zone).second) {
      return Misconfigured("A load balancer cannot be attached to multiple subnets in the same Availability Zone");
    }
  }
  if (!is_network && zones.size() < 2) {
    return Invalid("At least two subnets in two different Availability Zones must be specified");
  }
  for (auto& [name, zone] : zones) placement.zones.push_back(std::move(zone));
  return placement;
}

Result<std::vector<std::string>> Elbv2::CheckSecurityGroups(const store::ReadTx& tx, const std::string& vpc_id,
                                                            const std::vector<std::string>& asked) const {
  if (asked.empty()) return std::vector<std::string>{TRY(ec2_.DefaultSecurityGroup(tx, vpc_id)).id};
  std::vector<std::string> groups;
  for (const std::string& id : asked) {
    const auto group = ec2_.FindSecurityGroup(tx, id);
    if (!group.ok() && group.error().kind == Kind::kInternal) return group.error();
    if (!group.ok()) {
      return Error{Kind::kInvalid, kInvalidSecurityGroup, fmt::format("The security group '{}' does not exist", id)};
    }
    if (group->vpc_id != vpc_id) {
      return Error{Kind::kInvalid, kInvalidSecurityGroup,
                   fmt::format("Security group '{}' does not belong to VPC '{}'", id, vpc_id)};
    }
    if (std::find(groups.begin(), groups.end(), id) == groups.end()) groups.push_back(id);
  }
  return groups;
}

Status Elbv2::PutZones(store::Tx& tx, const LoadBalancerRecord& record, std::vector<ZoneRecord> zones) {
  const std::vector<ZoneRecord> before = TRY(ZonesOf(tx, record.arn));
  const auto stays = [](const std::vector<ZoneRecord>& in, const ZoneRecord& zone) {
    return std::find_if(in.begin(), in.end(), [&](const ZoneRecord& one) {
      return one.zone_name == zone.zone_name && one.subnet_id == zone.subnet_id &&
             one.allocation_id == zone.allocation_id && one.private_address == zone.private_address;
    });
  };
  for (const ZoneRecord& zone : before) {
    if (stays(zones, zone) != zones.end()) continue;
    TRY(ec2_.DeleteNetworkInterface(tx, zone.interface_id));
    TRY(tx.Delete<ZoneRecord>(zone.load_balancer_arn, zone.zone_name));
  }
  for (ZoneRecord& zone : zones) {
    if (stays(before, zone) != before.end()) continue;
    ec2::LoadBalancerInterface wanted;
    if (record.type == LoadBalancerTypeEnum::kNetwork) wanted.kind = ec2::LoadBalancerKind::kNetwork;
    wanted.load_balancer = ShortNameOf(record.arn);
    wanted.subnet_id = zone.subnet_id;
    wanted.security_group_ids = LinesOf(record.security_groups);
    wanted.internet_facing = record.scheme == LoadBalancerSchemeEnum::kInternetFacing;
    wanted.private_address = zone.private_address;
    wanted.allocation_id = zone.allocation_id;
    auto made = ec2_.CreateLoadBalancerInterface(tx, wanted);
    if (!made.ok()) return AsSubnetRefusal(std::move(made).error(), zone.subnet_id);
    zone.load_balancer_arn = record.arn;
    zone.interface_id = made->id;
    TRY(tx.Put(zone));
  }
  return {};
}

Result<std::vector<AvailabilityZone>> Elbv2::DescribeZones(const store::ReadTx& tx,
                                                           const LoadBalancerRecord& record) const {
  const auto interfaces = TRY(ec2_.LoadBalancerInterfaces(tx, ShortNameOf(record.arn)));
  std::vector<AvailabilityZone> zones;
  for (const ZoneRecord& zone : TRY(ZonesOf(tx, record.arn))) {
    AvailabilityZone out;
    out.zone_name = zone.zone_name;
    out.subnet_id = zone.subnet_id;
    out.load_balancer_addresses.emplace();
    const auto interface = std::find_if(interfaces.begin(), interfaces.end(),
                                        [&](const auto& one) { return one.id == zone.interface_id; });
    // As the API answers: the addresses that the owner chose.
    if (interface != interfaces.end() && !zone.allocation_id.empty()) {
      out.load_balancer_addresses->push_back(
          {.allocation_id = zone.allocation_id, .ip_address = interface->public_address});
    } else if (!zone.private_address.empty()) {
      out.load_balancer_addresses->push_back({.private_i_pv4_address = zone.private_address});
    }
    zones.push_back(std::move(out));
  }
  return zones;
}

Result<SetSubnetsOutput> Elbv2::SetSubnets(const Call& call, const SetSubnetsInput& in) {
  if (in.subnets && !in.subnets->empty() && in.subnet_mappings && !in.subnet_mappings->empty()) {
    return Invalid("You must specify either subnets or subnet mappings, but not both");
  }
  std::vector<SubnetMapping> mappings = in.subnet_mappings.value_or(std::vector<SubnetMapping>());
  for (const std::string& id : in.subnets.value_or(std::vector<std::string>())) mappings.push_back({.subnet_id = id});
  return Change([&](store::Tx& tx) -> Result<SetSubnetsOutput> {
    LoadBalancerRecord record = TRY(GetLoadBalancer(tx, in.load_balancer_arn));
    Placement placement = TRY(CheckPlacement(tx, call, record.type, record.scheme, mappings));
    if (placement.vpc_id != record.vpc_id) {
      return Misconfigured(fmt::format("The subnets are not of the load balancer's VPC '{}'", record.vpc_id));
    }
    if (in.ip_address_type) record.ip_address_type = *in.ip_address_type;
    TRY(PutZones(tx, record, std::move(placement.zones)));
    TRY(tx.Put(record));
    SetSubnetsOutput out;
    out.availability_zones = TRY(DescribeZones(tx, record));
    out.ip_address_type = record.ip_address_type;
    return out;
  });
}

Result<SetSecurityGroupsOutput> Elbv2::SetSecurityGroups(const Call&, const SetSecurityGroupsInput& in) {
  return Change([&](store::Tx& tx) -> Result<SetSecurityGroupsOutput> {
    LoadBalancerRecord record = TRY(GetLoadBalancer(tx, in.load_balancer_arn));
    // NLB user guide, page "Security groups": what was made without any can have none later.
    if (record.type == LoadBalancerTypeEnum::kNetwork && record.security_groups.empty()) {
      return Misconfigured(fmt::format(
          "You cannot associate security groups with the network load balancer '{}', which was created without any",
          record.name));
    }
    if (in.security_groups.empty()) return Invalid("At least one security group must be specified");
    const std::vector<std::string> groups = TRY(CheckSecurityGroups(tx, record.vpc_id, in.security_groups));
    record.security_groups = ToLines(groups);
    TRY(ec2_.SetLoadBalancerSecurityGroups(tx, ShortNameOf(record.arn), groups));
    TRY(tx.Put(record));
    SetSecurityGroupsOutput out;
    out.security_group_ids = groups;
    return out;
  });
}

Result<SetIpAddressTypeOutput> Elbv2::SetIpAddressType(const Call&, const SetIpAddressTypeInput& in) {
  return Change([&](store::Tx& tx) -> Result<SetIpAddressTypeOutput> {
    LoadBalancerRecord record = TRY(GetLoadBalancer(tx, in.load_balancer_arn));
    const bool is_new = in.ip_address_type == IpAddressType::kDualstackWithoutPublicIpv4;
    if (is_new &&
        (record.type == LoadBalancerTypeEnum::kNetwork || record.scheme == LoadBalancerSchemeEnum::kInternal)) {
      return Misconfigured(
          "IP address type 'dualstack-without-public-ipv4' is for internet-facing application load "
          "balancers");
    }
    record.ip_address_type = in.ip_address_type;
    TRY(tx.Put(record));
    return SetIpAddressTypeOutput{.ip_address_type = record.ip_address_type};
  });
}

}  // namespace meetinity::elbv2

#include <fmt/format.h>

#include <array>

#include "aws/ec2/ec2.h"
#include "aws/ec2/interfaces.h"
#include "aws/ec2/vpcs.h"
#include "aws/ec2/zones.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

Result<Subnet> ViewOfSubnet(const store::ReadTx& tx, const Place& place, const SubnetRecord& record,
                            std::vector<Tag> tags) {
  const auto used = TRY(tx.Count<InterfaceRecord>("subnet_id = ?", {record.id}));
  const auto block = Cidr::Parse(record.cidr);
  if (!block) return Internal(fmt::format("subnet {} has the block '{}'", record.id, record.cidr));
  Subnet subnet;
  subnet.assign_ipv6_address_on_creation = false;
  subnet.availability_zone = record.zone;
  subnet.availability_zone_id = ZoneId(record.zone);
  subnet.available_ip_address_count = static_cast<int32_t>(static_cast<int64_t>(block->size_v4() - kReserved) - used);
  subnet.block_public_access_states = BlockPublicAccessStates{.internet_gateway_block_mode = "off"};
  subnet.cidr_block = record.cidr;
  subnet.default_for_az = record.is_default;
  subnet.enable_dns64 = false;
  subnet.ipv6_cidr_block_association_set.emplace();
  subnet.ipv6_native = false;
  subnet.map_customer_owned_ip_on_launch = false;
  subnet.map_public_ip_on_launch = record.map_public_ip;
  subnet.owner_id = place.account;
  subnet.private_dns_name_options_on_launch =
      PrivateDnsNameOptionsOnLaunch{.enable_resource_name_dns_aaaa_record = false,
                                    .enable_resource_name_dns_a_record = record.dns_a_record,
                                    .hostname_type = record.hostname_type};
  subnet.state = SubnetState::kAvailable;
  subnet.subnet_arn = ArnOf(place, kSubnetKind, record.id);
  subnet.subnet_id = record.id;
  subnet.tags = std::move(tags);
  subnet.vpc_id = record.vpc_id;
  return subnet;
}

const std::array<FilterField<Subnet>, 20> kSubnetFilters = {
    {{"availability-zone", [](const Subnet& subnet, Texts& out) { Add(out, subnet.availability_zone); }},
     {"availabilityZone", [](const Subnet& subnet, Texts& out) { Add(out, subnet.availability_zone); }},
     {"availability-zone-id", [](const Subnet& subnet, Texts& out) { Add(out, subnet.availability_zone_id); }},
     {"availabilityZoneId", [](const Subnet& subnet, Texts& out) { Add(out, subnet.availability_zone_id); }},
     {"available-ip-address-count",
      [](const Subnet& subnet, Texts& out) { Add(out, subnet.available_ip_address_count); }},
     {"cidr", [](const Subnet& subnet, Texts& out) { Add(out, subnet.cidr_block); }},
     {"cidr-block", [](const Subnet& subnet, Texts& out) { Add(out, subnet.cidr_block); }},
     {"cidrBlock", [](const Subnet& subnet, Texts& out) { Add(out, subnet.cidr_block); }},
     {"default-for-az", [](const Subnet& subnet, Texts& out) { Add(out, subnet.default_for_az); }},
     {"defaultForAz", [](const Subnet& subnet, Texts& out) { Add(out, subnet.default_for_az); }},
     {"ipv6-native", [](const Subnet& subnet, Texts& out) { Add(out, subnet.ipv6_native); }},
     {"map-public-ip-on-launch", [](const Subnet& subnet, Texts& out) { Add(out, subnet.map_public_ip_on_launch); }},
     {"owner-id", [](const Subnet& subnet, Texts& out) { Add(out, subnet.owner_id); }},
     {"private-dns-name-options-on-launch.hostname-type",
      [](const Subnet& subnet, Texts& out) { Add(out, subnet.private_dns_name_options_on_launch->hostname_type); }},
     {"private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
      [](const Subnet& subnet, Texts& out) {
        Add(out, subnet.private_dns_name_options_on_launch->enable_resource_name_dns_a_record);
      }},
     {"state", [](const Subnet& subnet, Texts& out) { Add(out, subnet.state); }},
     {"subnet-arn", [](const Subnet& subnet, Texts& out) { Add(out, subnet.subnet_arn); }},
     {"subnet-id", [](const Subnet& subnet, Texts& out) { Add(out, subnet.subnet_id); }},
     {"vpc-id", [](const Subnet& subnet, Texts& out) { Add(out, subnet.vpc_id); }},
     {"vpcId", [](const Subnet& subnet, Texts& out) { Add(out, subnet.vpc_id); }}}};

// The zone that is asked for by name or by id; the first one otherwise.
Result<std::string> ChooseZone(const std::string& region, const CreateSubnetInput& in) {
  if (in.availability_zone && in.availability_zone_id) {
    return Error{Kind::kInvalid, kInvalidParameterCombination,
                 "Specify AvailabilityZone or AvailabilityZoneId, not both."};
  }
  const std::string asked = in.availability_zone_id ? ZoneOfId(region, *in.availability_zone_id).value_or("")
                                                    : in.availability_zone.value_or(ZoneName(region, 'a'));
  if (IsZone(region, asked)) return asked;
  return Invalid(fmt::format(
      "Value ({}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following "
      "availability zones: {}, {}, {}.",
      in.availability_zone_id.value_or(in.availability_zone.value_or("")), ZoneName(region, 'a'), ZoneName(region, 'b'),
      ZoneName(region, 'c')));
}

Status CheckPlaceInVpc(const store::ReadTx& tx, const VpcRecord& vpc, const std::string& cidr) {
  const auto block = Cidr::Parse(cidr);
  if (!Cidr::Parse(vpc.cidr)->Contains(*block)) {
    return Error{Kind::kInvalid, kInvalidSubnetRange, fmt::format("The CIDR '{}' is invalid.", cidr)};
  }
  for (const SubnetRecord& other : TRY(tx.Select<SubnetRecord>("vpc_id = ?", {vpc.id}))) {
    if (!Cidr::Parse(other.cidr)->Overlaps(*block)) continue;
    return Error{Kind::kConflict, kInvalidSubnetConflict,
                 fmt::format("The CIDR '{}' conflicts with another subnet", cidr)};
  }
  return {};
}

// What is asked for and cannot be: subnets here have IPv4 alone and are in no Outpost.
Status CheckServed(const ModifySubnetAttributeInput& in) {
  const auto is_on = [](const std::optional<AttributeBooleanValue>& value) { return value && value->value == true; };
  return RefuseParameters(
      {{"AssignIpv6AddressOnCreation", is_on(in.assign_ipv6_address_on_creation)},
       {"CustomerOwnedIpv4Pool", in.customer_owned_ipv4_pool.has_value()},
       {"EnableDns64", is_on(in.enable_dns64)},
       {"EnableLniAtDeviceIndex", in.enable_lni_at_device_index.has_value()},
       {"EnableResourceNameDnsAAAARecordOnLaunch", is_on(in.enable_resource_name_dns_aaaa_record_on_launch)},
       {"MapCustomerOwnedIpOnLaunch", is_on(in.map_customer_owned_ip_on_launch)}});
}

}  // namespace

Result<SubnetRecord> MakeSubnet(store::Tx& tx, const VpcRecord& vpc, const std::string& zone, const std::string& cidr,
                                bool is_default) {
  TRY(CheckPlaceInVpc(tx, vpc, cidr));
  TRY(Bound<SubnetRecord>(tx, "vpc_id = ?", {vpc.id}, kSubnetsPerVpcMax, kSubnetLimitExceeded, "subnets of a VPC"));
  SubnetRecord subnet;
  subnet.id = NewId(kSubnetKind.prefix);
  subnet.region = vpc.region;
  subnet.vpc_id = vpc.id;
  subnet.zone = zone;
  subnet.cidr = cidr;
  subnet.is_default = is_default;
  subnet.map_public_ip = is_default;
  subnet.hostname_type = HostnameType::kIpName;
  subnet.acl_association_id = NewId("aclassoc");
  TRY(tx.Put(subnet));
  return subnet;
}

Result<CreateSubnetOutput> Ec2::CreateSubnet(const wire::Call& call, const CreateSubnetInput& in) {
  TRY(RefuseParameters({{"Ipv4IpamPoolId", in.ipv4_ipam_pool_id.has_value()},
                        {"Ipv4NetmaskLength", in.ipv4_netmask_length.has_value()},
                        {"Ipv6CidrBlock", in.ipv6_cidr_block.has_value()},
                        {"Ipv6IpamPoolId", in.ipv6_ipam_pool_id.has_value()},
                        {"Ipv6Native", in.ipv6_native.value_or(false)},
                        {"OutpostArn", in.outpost_arn.has_value()}}));
  if (!in.cidr_block) return Missing("cidrBlock");
  const Place place = PlaceOf(call);
  const std::string cidr = TRY(CheckBlock(*in.cidr_block, kInvalidSubnetRange));
  const std::string zone = TRY(ChooseZone(place.region, in));
  return database_.Write([&](store::Tx& tx) -> Result<CreateSubnetOutput> {
    const auto vpc = TRY(Get<VpcRecord>(tx, place.region, in.vpc_id));
    const SubnetRecord subnet = TRY(MakeSubnet(tx, vpc, zone, cidr, false));
    TRY(PutTags(tx, place.region, subnet.id, in.tag_specifications));
    CreateSubnetOutput out;
    out.subnet = TRY(ViewOfSubnet(tx, place, subnet, TRY(TagsOf(tx, subnet.id))));
    return out;
  });
}

Result<DescribeSubnetsOutput> Ec2::DescribeSubnets(const wire::Call& call, const DescribeSubnetsInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeSubnetsOutput> {
    auto page = TRY((Describe<SubnetRecord, Subnet>(tx, place.region, QuestionOf(in, &in.subnet_ids), kSubnetFilters,
                                                    [&](const SubnetRecord& record, std::vector<Tag> tags) {
                                                      return ViewOfSubnet(tx, place, record, std::move(tags));
                                                    })));
    return DescribeSubnetsOutput{.next_token = std::move(page.next_token), .subnets = std::move(page.items)};
  });
}

Result<ModifySubnetAttributeOutput> Ec2::ModifySubnetAttribute(const wire::Call& call,
                                                               const ModifySubnetAttributeInput& in) {
  TRY(CheckServed(in));
  const auto set = [](const std::optional<AttributeBooleanValue>& value, bool& into) {
    if (value) into = value->value.value_or(false);
  };
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    auto subnet = TRY(Get<SubnetRecord>(tx, PlaceOf(call).region, in.subnet_id));
    set(in.map_public_ip_on_launch, subnet.map_public_ip);
    set(in.enable_resource_name_dns_a_record_on_launch, subnet.dns_a_record);
    if (in.private_dns_hostname_type_on_launch) subnet.hostname_type = *in.private_dns_hostname_type_on_launch;
    return tx.Put(subnet);
  }));
  return ModifySubnetAttributeOutput{};
}

Result<DeleteSubnetOutput> Ec2::DeleteSubnet(const wire::Call& call, const DeleteSubnetInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto subnet = TRY(Get<SubnetRecord>(tx, PlaceOf(call).region, in.subnet_id));
    if (TRY(tx.Count<InterfaceRecord>("subnet_id = ?", {subnet.id})) > 0) return HasDependencies("subnet", subnet.id);
    TRY(tx.DeleteWhere<RouteAssociationRecord>("subnet_id = ?", {subnet.id}));
    TRY(RemoveTags(tx, subnet.id));
    TRY(tx.Delete<SubnetRecord>(subnet.id));
    return {};
  }));
  return DeleteSubnetOutput{};
}

}  // namespace meetinity::ec2

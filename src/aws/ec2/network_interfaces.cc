#include <fmt/format.h>

#include <array>

#include "aws/ec2/ec2.h"
#include "aws/ec2/interfaces.h"
#include "aws/ec2/vpcs.h"
#include "aws/ec2/zones.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

// "ip-10-0-0-7.eu-west-1.compute.internal" (VPC User Guide, page "DNS attributes for your VPC").
std::string PrivateName(const std::string& region, std::string address) {
  for (char& c : address) c = c == '.' ? '-' : c;
  return region == "us-east-1" ? fmt::format("ip-{}.ec2.internal", address)
                               : fmt::format("ip-{}.{}.compute.internal", address, region);
}

// What the world reaches it by; nothing for an internal one.
Result<std::optional<NetworkInterfaceAssociation>> PublicSide(const store::ReadTx& tx, const Place& place,
                                                              const InterfaceRecord& record) {
  NetworkInterfaceAssociation association;
  if (const auto address = TRY(AddressOf(tx, record.id))) {
    association.allocation_id = address->id;
    association.association_id = address->association_id;
    association.ip_owner_id = place.account;
    association.public_ip = address->public_ip;
  } else if (!record.public_ip.empty()) {
    association.ip_owner_id = record.requester_id;
    association.public_ip = record.public_ip;
  } else {
    return std::optional<NetworkInterfaceAssociation>();
  }
  return std::optional<NetworkInterfaceAssociation>(std::move(association));
}

NetworkInterfaceAttachment ViewOfAttachment(const InterfaceRecord& record) {
  NetworkInterfaceAttachment attachment;
  attachment.attach_time = record.created_at;
  attachment.attachment_id = record.attachment_id;
  attachment.delete_on_termination = false;
  attachment.device_index = 1;
  attachment.instance_owner_id = record.instance_owner_id;
  attachment.status = AttachmentStatus::kAttached;
  return attachment;
}

Result<std::vector<GroupIdentifier>> NamedGroups(const store::ReadTx& tx, const InterfaceRecord& record) {
  std::vector<GroupIdentifier> groups;
  for (const std::string& id : TRY(GroupsOf(tx, record.id))) {
    auto group = TRY(Get<SecurityGroupRecord>(tx, record.region, id));
    groups.push_back({.group_id = id, .group_name = std::move(group.name)});
  }
  return groups;
}

Result<NetworkInterface> ViewOfInterface(const store::ReadTx& tx, const Place& place, const InterfaceRecord& record,
                                         std::vector<Tag> tags) {
  NetworkInterface view;
  view.association = TRY(PublicSide(tx, place, record));
  view.attachment = ViewOfAttachment(record);
  view.availability_zone = record.zone;
  view.availability_zone_id = ZoneId(record.zone);
  view.description = record.description;
  view.groups = TRY(NamedGroups(tx, record));
  view.interface_type = record.type;
  view.ipv6_addresses.emplace();
  view.mac_address = record.mac;
  view.network_interface_id = record.id;
  view.owner_id = place.account;
  view.private_ip_address = Ipv4Text(static_cast<uint32_t>(record.address));
  view.private_dns_name = PrivateName(place.region, *view.private_ip_address);
  view.private_ip_addresses =
      std::vector{NetworkInterfacePrivateIpAddress{.association = view.association,
                                                   .primary = true,
                                                   .private_dns_name = view.private_dns_name,
                                                   .private_ip_address = view.private_ip_address}};
  view.requester_id = record.requester_id;
  view.requester_managed = true;
  view.source_dest_check = false;
  view.status = NetworkInterfaceStatus::kInUse;
  view.subnet_id = record.subnet_id;
  view.tag_set = std::move(tags);
  view.vpc_id = record.vpc_id;
  return view;
}

template <auto Member>
void OfPublicSide(const NetworkInterface& view, Texts& out) {
  if (view.association) Add(out, (*view.association).*Member);
}
template <auto Member>
void OfAttachment(const NetworkInterface& view, Texts& out) {
  if (view.attachment) Add(out, (*view.attachment).*Member);
}
template <auto Member>
void OfInterface(const NetworkInterface& view, Texts& out) {
  Add(out, view.*Member);
}

const std::array<FilterField<NetworkInterface>, 31> kInterfaceFilters = {
    {{"addresses.association.public-ip", OfPublicSide<&NetworkInterfaceAssociation::public_ip>},
     {"addresses.primary",
      [](const NetworkInterface& view, Texts& out) {
        AddEach(out, view.private_ip_addresses, &NetworkInterfacePrivateIpAddress::primary);
      }},
     {"addresses.private-ip-address", OfInterface<&NetworkInterface::private_ip_address>},
     {"association.allocation-id", OfPublicSide<&NetworkInterfaceAssociation::allocation_id>},
     {"association.association-id", OfPublicSide<&NetworkInterfaceAssociation::association_id>},
     {"association.ip-owner-id", OfPublicSide<&NetworkInterfaceAssociation::ip_owner_id>},
     {"association.public-dns-name", OfPublicSide<&NetworkInterfaceAssociation::public_dns_name>},
     {"association.public-ip", OfPublicSide<&NetworkInterfaceAssociation::public_ip>},
     {"attachment.attachment-id", OfAttachment<&NetworkInterfaceAttachment::attachment_id>},
     {"attachment.device-index", OfAttachment<&NetworkInterfaceAttachment::device_index>},
     {"attachment.instance-id", OfAttachment<&NetworkInterfaceAttachment::instance_id>},
     {"attachment.instance-owner-id", OfAttachment<&NetworkInterfaceAttachment::instance_owner_id>},
     {"attachment.status", OfAttachment<&NetworkInterfaceAttachment::status>},
     {"availability-zone", OfInterface<&NetworkInterface::availability_zone>},
     {"availability-zone-id", OfInterface<&NetworkInterface::availability_zone_id>},
     {"description", OfInterface<&NetworkInterface::description>},
     {"group-id",
      [](const NetworkInterface& view, Texts& out) { AddEach(out, view.groups, &GroupIdentifier::group_id); }},
     {"group-name",
      [](const NetworkInterface& view, Texts& out) { AddEach(out, view.groups, &GroupIdentifier::group_name); }},
     {"interface-type", OfInterface<&NetworkInterface::interface_type>},
     {"mac-address", OfInterface<&NetworkInterface::mac_address>},
     {"network-interface-id", OfInterface<&NetworkInterface::network_interface_id>},
     {"owner-id", OfInterface<&NetworkInterface::owner_id>},
     {"private-dns-name", OfInterface<&NetworkInterface::private_dns_name>},
     {"private-ip-address", OfInterface<&NetworkInterface::private_ip_address>},
     {"requester-id", OfInterface<&NetworkInterface::requester_id>},
     {"requester-managed", OfInterface<&NetworkInterface::requester_managed>},
     {"source-dest-check", OfInterface<&NetworkInterface::source_dest_check>},
     {"status", OfInterface<&NetworkInterface::status>},
     {"subnet-id", OfInterface<&NetworkInterface::subnet_id>},
     {"vpc-id", OfInterface<&NetworkInterface::vpc_id>},
     {"ipv6-addresses.ipv6-address", [](const NetworkInterface&, Texts&) {}}}};

}  // namespace

Result<DescribeNetworkInterfacesOutput> Ec2::DescribeNetworkInterfaces(const wire::Call& call,
                                                                       const DescribeNetworkInterfacesInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeNetworkInterfacesOutput> {
    auto page = TRY((Describe<InterfaceRecord, NetworkInterface>(
        tx, place.region, QuestionOf(in, &in.network_interface_ids), kInterfaceFilters,
        [&](const InterfaceRecord& record, std::vector<Tag> tags) {
          return ViewOfInterface(tx, place, record, std::move(tags));
        })));
    return DescribeNetworkInterfacesOutput{.network_interfaces = std::move(page.items),
                                           .next_token = std::move(page.next_token)};
  });
}

}  // namespace meetinity::ec2

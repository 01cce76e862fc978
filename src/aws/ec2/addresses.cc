#include <fmt/format.h>

#include <array>

#include "aws/ec2/ec2.h"
#include "aws/ec2/interfaces.h"
#include "aws/ec2/vpcs.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

Result<Address> ViewOfAddress(const store::ReadTx& tx, const Place& place, const AddressRecord& record,
                              std::vector<Tag> tags) {
  Address address;
  address.allocation_id = record.id;
  address.domain = DomainType::kVpc;
  address.network_border_group = place.region;
  address.public_ip = record.public_ip;
  address.public_ipv4_pool = "amazon";
  address.tags = std::move(tags);
  if (record.association_id.empty()) return address;
  address.association_id = record.association_id;
  address.network_interface_id = record.interface_id;
  address.network_interface_owner_id = place.account;
  address.private_ip_address = record.private_ip;
  if (const auto interface = TRY(tx.Find<InterfaceRecord>(record.interface_id))) {
    address.subnet_id = interface->subnet_id;
  }
  return address;
}

const std::array<FilterField<Address>, 9> kAddressFilters = {
    {{"allocation-id", [](const Address& address, Texts& out) { Add(out, address.allocation_id); }},
     {"association-id", [](const Address& address, Texts& out) { Add(out, address.association_id); }},
     {"domain", [](const Address& address, Texts& out) { Add(out, address.domain); }},
     {"instance-id", [](const Address& address, Texts& out) { Add(out, address.instance_id); }},
     {"network-border-group", [](const Address& address, Texts& out) { Add(out, address.network_border_group); }},
     {"network-interface-id", [](const Address& address, Texts& out) { Add(out, address.network_interface_id); }},
     {"network-interface-owner-id",
      [](const Address& address, Texts& out) { Add(out, address.network_interface_owner_id); }},
     {"private-ip-address", [](const Address& address, Texts& out) { Add(out, address.private_ip_address); }},
     {"public-ip", [](const Address& address, Texts& out) { Add(out, address.public_ip); }}}};

// By allocation or by the address itself, whichever an operation names.
Result<AddressRecord> FindAddress(const store::ReadTx& tx, const std::string& region,
                                  const std::optional<std::string>& allocation_id,
                                  const std::optional<std::string>& public_ip) {
  if (allocation_id) return Get<AddressRecord>(tx, region, *allocation_id);
  if (!public_ip) return Missing("AllocationId");
  auto found = TRY(tx.Select<AddressRecord>("region = ? AND public_ip = ?", {region, *public_ip}));
  if (!found.empty()) return std::move(found.front());
  return Error{Kind::kNotFound, kInvalidAddressNotFound,
               fmt::format("Address '{}' not found.", public_ip->substr(0, 64))};
}

Result<std::vector<std::string>> IdsOfPublicAddresses(const store::ReadTx& tx, const std::string& region,
                                                      const std::vector<std::string>& addresses) {
  std::vector<std::string> ids;
  for (const std::string& address : addresses) ids.push_back(TRY(FindAddress(tx, region, std::nullopt, address)).id);
  return ids;
}

// A NAT gateway's or a balancer's address is not its owner's to take away.
Status CheckNotManaged(const store::ReadTx& tx, const AddressRecord& address) {
  const auto interface = TRY(tx.Find<InterfaceRecord>(address.interface_id));
  if (!interface || (interface->requester_id != kNatService && interface->requester_id != kLoadBalancing)) return {};
  return Error{Kind::kConflict, kOperationNotPermitted,
               fmt::format("You are not allowed to manage '{}' attachments.", interface->attachment_id)};
}

}  // namespace

Result<AllocateAddressOutput> Ec2::AllocateAddress(const wire::Call& call, const AllocateAddressInput& in) {
  TRY(RefuseParameters({{"Address", in.address.has_value()},
                        {"CustomerOwnedIpv4Pool", in.customer_owned_ipv4_pool.has_value()},
                        {"IpamPoolId", in.ipam_pool_id.has_value()}}));
  const Place place = PlaceOf(call);
  if (in.domain == DomainType::kStandard) {
    return Invalid("EC2-Classic has been retired: the domain of an address is vpc.");
  }
  if (in.public_ipv4_pool && *in.public_ipv4_pool != "amazon") {
    return Unsupported("The parameter PublicIpv4Pool is not served here.");
  }
  if (in.network_border_group && *in.network_border_group != place.region) {
    return Invalid(fmt::format("Invalid network border group: {}", *in.network_border_group));
  }
  return database_.Write([&](store::Tx& tx) -> Result<AllocateAddressOutput> {
    TRY(Bound<AddressRecord>(tx, "region = ?", {place.region}, kAddressesMax, kAddressLimitExceeded, "addresses"));
    AddressRecord address;
    address.id = NewId(kAddressKind.prefix);
    address.region = place.region;
    address.public_ip = TRY(NewPublicAddress(tx));
    TRY(tx.Put(address));
    TRY(PutTags(tx, place.region, address.id, in.tag_specifications));
    AllocateAddressOutput out;
    out.allocation_id = address.id;
    out.domain = DomainType::kVpc;
    out.network_border_group = place.region;
    out.public_ip = address.public_ip;
    out.public_ipv4_pool = "amazon";
    return out;
  });
}

Result<AssociateAddressOutput> Ec2::AssociateAddress(const wire::Call& call, const AssociateAddressInput& in) {
  TRY(RefuseParameters({{"InstanceId", in.instance_id.has_value()}}));
  if (!in.network_interface_id) return Missing("NetworkInterfaceId");
  const Place place = PlaceOf(call);
  return database_.Write([&](store::Tx& tx) -> Result<AssociateAddressOutput> {
    auto address = TRY(FindAddress(tx, place.region, in.allocation_id, in.public_ip));
    const auto interface = TRY(Get<InterfaceRecord>(tx, place.region, *in.network_interface_id));
    if (in.private_ip_address && *in.private_ip_address != Ipv4Text(static_cast<uint32_t>(interface.address))) {
      return Invalid(fmt::format("The address {} is not assigned to {}", *in.private_ip_address, interface.id));
    }
    if (!address.association_id.empty() && !in.allow_reassociation.value_or(true)) {
      return Error{
          Kind::kConflict, kResourceAlreadyAssociated,
          fmt::format("resource {} is already associated with associate-id {}", address.id, address.association_id)};
    }
    TRY(CheckNotManaged(tx, address));
    if (auto other = TRY(AddressOf(tx, interface.id))) {
      if (other->id != address.id) TRY(Disassociate(tx, std::move(*other)));
    }
    AssociateAddressOutput out;
    out.association_id = TRY(Associate(tx, std::move(address), interface)).association_id;
    return out;
  });
}

Result<DescribeAddressesOutput> Ec2::DescribeAddresses(const wire::Call& call, const DescribeAddressesInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeAddressesOutput> {
    std::vector<std::string> ids = in.allocation_ids.value_or(std::vector<std::string>());
    if (in.public_ips) {
      for (std::string& id : TRY(IdsOfPublicAddresses(tx, place.region, *in.public_ips))) ids.push_back(std::move(id));
    }
    const std::optional<std::vector<std::string>> asked = std::move(ids);
    auto page = TRY((Describe<AddressRecord, Address>(tx, place.region, QuestionOf(in, &asked), kAddressFilters,
                                                      [&](const AddressRecord& record, std::vector<Tag> tags) {
                                                        return ViewOfAddress(tx, place, record, std::move(tags));
                                                      })));
    return DescribeAddressesOutput{.addresses = std::move(page.items)};
  });
}

// The reverse name that an owner may have set, which nobody can here.
Result<DescribeAddressesAttributeOutput> Ec2::DescribeAddressesAttribute(
    const wire::Call& call, const DescribeAddressesAttributeInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeAddressesAttributeOutput> {
    const std::array<FilterField<AddressAttribute>, 0> no_filters{};
    auto page = TRY((Describe<AddressRecord, AddressAttribute>(
        tx, place.region, QuestionOf(in, &in.allocation_ids), no_filters,
        [](const AddressRecord& record, const std::vector<Tag>&) -> Result<AddressAttribute> {
          AddressAttribute attribute;
          attribute.allocation_id = record.id;
          attribute.public_ip = record.public_ip;
          return attribute;
        })));
    return DescribeAddressesAttributeOutput{.addresses = std::move(page.items),
                                            .next_token = std::move(page.next_token)};
  });
}

Result<DisassociateAddressOutput> Ec2::DisassociateAddress(const wire::Call& call, const DisassociateAddressInput& in) {
  const Place place = PlaceOf(call);
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    AddressRecord address;
    if (in.association_id) {
      auto found =
          TRY(tx.Select<AddressRecord>("region = ? AND association_id = ?", {place.region, *in.association_id}));
      if (found.empty() || in.association_id->empty()) return NotFound(kRouteAssociationKind, *in.association_id);
      address = std::move(found.front());
    } else {
      address = TRY(FindAddress(tx, place.region, std::nullopt, in.public_ip));
    }
    TRY(CheckNotManaged(tx, address));
    return Disassociate(tx, std::move(address));
  }));
  return DisassociateAddressOutput{};
}

Result<ReleaseAddressOutput> Ec2::ReleaseAddress(const wire::Call& call, const ReleaseAddressInput& in) {
  const Place place = PlaceOf(call);
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto address = TRY(FindAddress(tx, place.region, in.allocation_id, in.public_ip));
    if (!address.association_id.empty()) {
      return Error{Kind::kConflict, kInvalidIpAddressInUse, fmt::format("Address {} is in use.", address.public_ip)};
    }
    TRY(RemoveTags(tx, address.id));
    TRY(tx.Delete<AddressRecord>(address.id));
    return {};
  }));
  return ReleaseAddressOutput{};
}

}  // namespace meetinity::ec2

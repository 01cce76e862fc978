// What other services ask of the network.
#include <fmt/format.h>

#include <algorithm>

#include "aws/ec2/ec2.h"
#include "aws/ec2/interfaces.h"
#include "aws/ec2/state.h"
#include "aws/ec2/zones.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

// Without the caller's region: an id names its resource wherever it lives.
template <class Record>
Result<Record> Anywhere(const store::ReadTx& tx, std::string_view id) {
  auto record = TRY(tx.Find<Record>(std::string(id)));
  if (!record) return NotFound(Record::kKind, id);
  return std::move(*record);
}

SecurityGroupInfo ToInfo(SecurityGroupRecord group) {
  return {.id = std::move(group.id),
          .name = std::move(group.name),
          .vpc_id = std::move(group.vpc_id),
          .region = std::move(group.region)};
}

Result<NetworkInterfaceInfo> ToInfo(const store::ReadTx& tx, const InterfaceRecord& record) {
  NetworkInterfaceInfo info;
  info.id = record.id;
  info.subnet_id = record.subnet_id;
  info.vpc_id = record.vpc_id;
  info.availability_zone = record.zone;
  info.private_address = Ipv4Text(static_cast<uint32_t>(record.address));
  info.public_address = record.public_ip;
  if (const auto address = TRY(AddressOf(tx, record.id))) info.public_address = address->public_ip;
  info.security_group_ids = TRY(GroupsOf(tx, record.id));
  return info;
}

std::string DescriptionOf(std::string_view load_balancer) { return fmt::format("ELB {}", load_balancer); }

Result<std::vector<InterfaceRecord>> InterfacesOf(const store::ReadTx& tx, std::string_view load_balancer) {
  return tx.Select<InterfaceRecord>("description = ? AND requester_id = ? ORDER BY zone, id",
                                    {DescriptionOf(load_balancer), std::string(kLoadBalancing)});
}

// The owner's Elastic IP, or one of the provider's.
Status GivePublicAddress(store::Tx& tx, const LoadBalancerInterface& wanted, InterfaceRecord& interface) {
  if (wanted.allocation_id.empty()) {
    interface.public_ip = TRY(NewPublicAddress(tx));
    return tx.Put(interface);
  }
  auto address = TRY(Get<AddressRecord>(tx, interface.region, wanted.allocation_id));
  if (!address.association_id.empty()) {
    return Error{Kind::kConflict, kInvalidIpAddressInUse, fmt::format("Address {} is in use.", address.public_ip)};
  }
  TRY(Associate(tx, std::move(address), interface));
  return {};
}

}  // namespace

Result<VpcInfo> Ec2::FindVpc(const store::ReadTx& tx, std::string_view vpc_id) const {
  auto vpc = TRY(Anywhere<VpcRecord>(tx, vpc_id));
  return VpcInfo{.id = std::move(vpc.id),
                 .region = std::move(vpc.region),
                 .account = options_.account,
                 .cidr_blocks = {std::move(vpc.cidr)},
                 .is_default = vpc.is_default};
}

Result<SubnetInfo> Ec2::FindSubnet(const store::ReadTx& tx, std::string_view subnet_id) const {
  auto subnet = TRY(Anywhere<SubnetRecord>(tx, subnet_id));
  SubnetInfo info;
  info.availability_zone_id = ZoneId(subnet.zone);
  info.id = std::move(subnet.id);
  info.vpc_id = std::move(subnet.vpc_id);
  info.region = std::move(subnet.region);
  info.account = options_.account;
  info.availability_zone = std::move(subnet.zone);
  info.cidr_block = std::move(subnet.cidr);
  return info;
}

Result<SecurityGroupInfo> Ec2::FindSecurityGroup(const store::ReadTx& tx, std::string_view group_id) const {
  return ToInfo(TRY(Anywhere<SecurityGroupRecord>(tx, group_id)));
}

Result<SecurityGroupInfo> Ec2::DefaultSecurityGroup(const store::ReadTx& tx, std::string_view vpc_id) const {
  TRY(Anywhere<VpcRecord>(tx, vpc_id));
  auto found = TRY(
      tx.Select<SecurityGroupRecord>("vpc_id = ? AND name = ?", {std::string(vpc_id), std::string(kDefaultGroupName)}));
  if (found.empty()) return Internal(fmt::format("{} has no default security group", vpc_id));
  return ToInfo(std::move(found.front()));
}

Result<NetworkInterfaceInfo> Ec2::CreateLoadBalancerInterface(store::Tx& tx, const LoadBalancerInterface& wanted) {
  InterfaceWish wish;
  wish.subnet = TRY(Anywhere<SubnetRecord>(tx, wanted.subnet_id));
  wish.type = wanted.kind == LoadBalancerKind::kNetwork ? "network_load_balancer" : "interface";
  wish.description = DescriptionOf(wanted.load_balancer);
  wish.requester_id = kLoadBalancing;
  wish.group_ids = wanted.security_group_ids;
  wish.private_address = wanted.private_address;
  wish.now = clock_.Now();
  InterfaceRecord made = TRY(PlaceInterface(tx, wish));
  if (wanted.internet_facing) TRY(GivePublicAddress(tx, wanted, made));
  return ToInfo(tx, made);
}

Result<std::vector<NetworkInterfaceInfo>> Ec2::LoadBalancerInterfaces(const store::ReadTx& tx,
                                                                      std::string_view load_balancer) const {
  std::vector<NetworkInterfaceInfo> infos;
  for (const InterfaceRecord& record : TRY(InterfacesOf(tx, load_balancer))) infos.push_back(TRY(ToInfo(tx, record)));
  return infos;
}

Status Ec2::SetLoadBalancerSecurityGroups(store::Tx& tx, std::string_view load_balancer,
                                          const std::vector<std::string>& security_group_ids) {
  for (const InterfaceRecord& record : TRY(InterfacesOf(tx, load_balancer))) {
    TRY(SetGroups(tx, record, security_group_ids));
  }
  return {};
}

Status Ec2::DeleteNetworkInterface(store::Tx& tx, std::string_view interface_id) {
  return RemoveInterface(tx, std::string(interface_id));
}

Status Ec2::DeleteLoadBalancerInterfaces(store::Tx& tx, std::string_view load_balancer) {
  for (const InterfaceRecord& record : TRY(InterfacesOf(tx, load_balancer))) TRY(RemoveInterface(tx, record.id));
  return {};
}

Result<std::vector<IngressRule>> Ec2::IngressRules(const store::ReadTx& tx,
                                                   const std::vector<std::string>& security_group_ids) const {
  std::vector<IngressRule> rules;
  for (const std::string& group_id : security_group_ids) {
    for (RuleRecord& record : TRY(tx.Select<RuleRecord>("group_id = ? AND is_egress = 0 ORDER BY id", {group_id}))) {
      IngressRule rule;
      rule.protocol = record.protocol;
      rule.from_port = record.from_port;
      rule.to_port = record.to_port;
      const bool is_v6 = record.is_v6();
      std::string& peer = record.refers_to_group() ? rule.referenced_group_id : is_v6 ? rule.cidr_ipv6 : rule.cidr_ipv4;
      peer = std::move(record.peer);
      if (std::ranges::find(rules, rule) == rules.end()) rules.push_back(std::move(rule));
    }
  }
  return rules;
}

Result<std::vector<std::string>> Ec2::PrivateAddressesOf(const store::ReadTx& tx, std::string_view group_id) const {
  std::vector<std::string> addresses;
  for (const auto& row : TRY(tx.Select<InterfaceGroupRecord>("group_id = ?", {std::string(group_id)}))) {
    const auto record = TRY(tx.Find<InterfaceRecord>(row.interface_id));
    if (record) addresses.push_back(Ipv4Text(static_cast<uint32_t>(record->address)));
  }
  return addresses;
}

void Ec2::OnRulesChanged(std::function<void(const std::vector<std::string>& group_ids)> changed) {
  rules_changed_ = std::move(changed);
}

void Ec2::RulesChanged(const std::vector<std::string>& group_ids) const {
  if (rules_changed_) rules_changed_(group_ids);
}

}  // namespace meetinity::ec2

#include "aws/ec2/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.h"

namespace meetinity::ec2 {
namespace {

constexpr std::array kTagged = {&kVpcKind,        &kSubnetKind,     &kInternetGatewayKind,  &kAddressKind,
                                &kNatGatewayKind, &kRouteTableKind, &kRouteAssociationKind, &kSecurityGroupKind,
                                &kRuleKind,       &kInterfaceKind,  &kNetworkAclKind,       &kDhcpOptionsKind};
// What an error says of a name that a client sent.
constexpr size_t kIdShownMax = 128;

}  // namespace

std::string NewId(std::string_view prefix) { return fmt::format("{}-0{}", prefix, RandomText(16, "0123456789abcdef")); }

std::string_view PrefixOf(std::string_view id) { return id.substr(0, std::min(id.find('-'), id.size())); }

const ResourceKind* KindOf(std::string_view id) {
  const auto found = std::ranges::find(kTagged, PrefixOf(id), &ResourceKind::prefix);
  return found == kTagged.end() ? nullptr : *found;
}

Error NotFound(const ResourceKind& kind, std::string_view id) {
  id = id.substr(0, kIdShownMax);
  if (&kind == &kSecurityGroupKind && PrefixOf(id) != kind.prefix) {
    return Error{Kind::kInvalid, kInvalidGroupMalformed, fmt::format("Invalid id: \"{}\" (expecting \"sg-...\")", id)};
  }
  return Error{Kind::kNotFound, kind.not_found, fmt::format("The {} '{}' does not exist", kind.noun, id)};
}

std::vector<store::Migration> Ec2Migrations() {
  return {{"ec2", 1, R"sql(
CREATE TABLE ec2_regions (region TEXT PRIMARY KEY, dhcp_options_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ec2_vpcs (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, cidr TEXT NOT NULL, cidr_association_id TEXT NOT NULL,
  tenancy TEXT NOT NULL, is_default INTEGER NOT NULL, dns_support INTEGER NOT NULL, dns_hostnames INTEGER NOT NULL,
  usage_metrics INTEGER NOT NULL, network_acl_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE ec2_subnets (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, vpc_id TEXT NOT NULL, zone TEXT NOT NULL, cidr TEXT NOT NULL,
  is_default INTEGER NOT NULL, map_public_ip INTEGER NOT NULL, hostname_type TEXT NOT NULL,
  dns_a_record INTEGER NOT NULL, acl_association_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ec2_subnets_by_vpc ON ec2_subnets (vpc_id);
CREATE TABLE ec2_internet_gateways (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, vpc_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ec2_internet_gateways_by_vpc ON ec2_internet_gateways (vpc_id);
CREATE TABLE ec2_addresses (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, public_ip TEXT NOT NULL UNIQUE, association_id TEXT NOT NULL,
  interface_id TEXT NOT NULL, private_ip TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ec2_addresses_by_interface ON ec2_addresses (interface_id);
CREATE TABLE ec2_nat_gateways (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, vpc_id TEXT NOT NULL, subnet_id TEXT NOT NULL, connectivity TEXT NOT NULL,
  state TEXT NOT NULL, failure_code TEXT NOT NULL, failure_message TEXT NOT NULL, interface_id TEXT NOT NULL,
  private_ip TEXT NOT NULL, allocation_id TEXT NOT NULL, association_id TEXT NOT NULL, public_ip TEXT NOT NULL,
  created_at INTEGER NOT NULL, deleted_at INTEGER, client_token TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE ec2_route_tables (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, vpc_id TEXT NOT NULL, client_token TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ec2_route_tables_by_vpc ON ec2_route_tables (vpc_id);
CREATE TABLE ec2_route_associations (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, vpc_id TEXT NOT NULL, route_table_id TEXT NOT NULL,
  subnet_id TEXT NOT NULL, gateway_id TEXT NOT NULL, is_main INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX ec2_route_associations_by_table ON ec2_route_associations (route_table_id);
CREATE INDEX ec2_route_associations_by_vpc ON ec2_route_associations (vpc_id);
CREATE TABLE ec2_routes (
  route_table_id TEXT NOT NULL, destination TEXT NOT NULL, target_id TEXT NOT NULL,
  PRIMARY KEY (route_table_id, destination)
) WITHOUT ROWID;
CREATE TABLE ec2_security_groups (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, vpc_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
  UNIQUE (vpc_id, name)
) WITHOUT ROWID;
CREATE TABLE ec2_rules (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, group_id TEXT NOT NULL, is_egress INTEGER NOT NULL,
  protocol TEXT NOT NULL, from_port INTEGER NOT NULL, to_port INTEGER NOT NULL, peer TEXT NOT NULL,
  description TEXT NOT NULL, UNIQUE (group_id, is_egress, protocol, from_port, to_port, peer)
) WITHOUT ROWID;
CREATE INDEX ec2_rules_by_peer ON ec2_rules (peer);
CREATE TABLE ec2_interfaces (
  id TEXT PRIMARY KEY, region TEXT NOT NULL, vpc_id TEXT NOT NULL, subnet_id TEXT NOT NULL, zone TEXT NOT NULL,
  address INTEGER NOT NULL, type TEXT NOT NULL, description TEXT NOT NULL, requester_id TEXT NOT NULL,
  instance_owner_id TEXT NOT NULL, attachment_id TEXT NOT NULL, mac TEXT NOT NULL, public_ip TEXT NOT NULL,
  created_at INTEGER NOT NULL, UNIQUE (subnet_id, address)
) WITHOUT ROWID;
CREATE INDEX ec2_interfaces_by_vpc ON ec2_interfaces (vpc_id);
CREATE INDEX ec2_interfaces_by_description ON ec2_interfaces (description);
CREATE TABLE ec2_interface_groups (
  interface_id TEXT NOT NULL, group_id TEXT NOT NULL, PRIMARY KEY (interface_id, group_id)
) WITHOUT ROWID;
CREATE INDEX ec2_interface_groups_by_group ON ec2_interface_groups (group_id);
CREATE TABLE ec2_tags (
  resource_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, region TEXT NOT NULL, resource_type TEXT NOT NULL,
  PRIMARY KEY (resource_id, key)
) WITHOUT ROWID;
CREATE INDEX ec2_tags_by_type ON ec2_tags (region, resource_type);
)sql"}};
}

}  // namespace meetinity::ec2

template struct meetinity::store::RecordMapping<meetinity::ec2::VpcRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::SubnetRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::InternetGatewayRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::AddressRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::NatGatewayRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::RouteTableRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::RouteAssociationRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::RouteRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::SecurityGroupRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::RuleRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::InterfaceRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::InterfaceGroupRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::RegionRecord>;
template struct meetinity::store::RecordMapping<meetinity::ec2::TagRecord>;

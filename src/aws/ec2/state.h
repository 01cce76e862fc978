#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/ec2/resource_kinds.h"
#include "base/clock.h"
#include "store/database.h"

// What is stored. Every resource has its id as its key and the region that it lives in; `kKind` says the rest.
namespace meetinity::ec2 {

struct VpcRecord {
  std::string id;
  std::string region;
  std::string cidr;
  std::string cidr_association_id;
  std::string tenancy;
  bool is_default = false;
  bool dns_support = true;
  bool dns_hostnames = false;
  bool usage_metrics = false;
  std::string network_acl_id;  // every VPC has its default one, and no other

  static constexpr const ResourceKind& kKind = kVpcKind;
  static constexpr std::string_view kTable = "ec2_vpcs";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = VpcRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"region", &R::region},
                      store::Column{"cidr", &R::cidr},
                      store::Column{"cidr_association_id", &R::cidr_association_id},
                      store::Column{"tenancy", &R::tenancy},
                      store::Column{"is_default", &R::is_default},
                      store::Column{"dns_support", &R::dns_support},
                      store::Column{"dns_hostnames", &R::dns_hostnames},
                      store::Column{"usage_metrics", &R::usage_metrics},
                      store::Column{"network_acl_id", &R::network_acl_id}};
  }
};

struct SubnetRecord {
  std::string id;
  std::string region;
  std::string vpc_id;
  std::string zone;  // "eu-west-1a"
  std::string cidr;
  bool is_default = false;  // for its zone
  bool map_public_ip = false;
  std::string hostname_type;
  bool dns_a_record = false;
  std::string acl_association_id;

  static constexpr const ResourceKind& kKind = kSubnetKind;
  static constexpr std::string_view kTable = "ec2_subnets";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = SubnetRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"region", &R::region},
                      store::Column{"vpc_id", &R::vpc_id},
                      store::Column{"zone", &R::zone},
                      store::Column{"cidr", &R::cidr},
                      store::Column{"is_default", &R::is_default},
                      store::Column{"map_public_ip", &R::map_public_ip},
                      store::Column{"hostname_type", &R::hostname_type},
                      store::Column{"dns_a_record", &R::dns_a_record},
                      store::Column{"acl_association_id", &R::acl_association_id}};
  }
};

struct InternetGatewayRecord {
  std::string id;
  std::string region;
  std::string vpc_id;  // empty while it is detached

  static constexpr const ResourceKind& kKind = kInternetGatewayKind;
  static constexpr std::string_view kTable = "ec2_internet_gateways";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = InternetGatewayRecord;
    return std::tuple{store::Column{"id", &R::id}, store::Column{"region", &R::region},
                      store::Column{"vpc_id", &R::vpc_id}};
  }
};

struct AddressRecord {
  std::string id;  // of the allocation
  std::string region;
  std::string public_ip;
  std::string association_id;  // this and the next two are empty while it is not associated
  std::string interface_id;
  std::string private_ip;

  static constexpr const ResourceKind& kKind = kAddressKind;
  static constexpr std::string_view kTable = "ec2_addresses";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = AddressRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"region", &R::region},
                      store::Column{"public_ip", &R::public_ip},
                      store::Column{"association_id", &R::association_id},
                      store::Column{"interface_id", &R::interface_id},
                      store::Column{"private_ip", &R::private_ip}};
  }
};

struct NatGatewayRecord {
  std::string id;
  std::string region;
  std::string vpc_id;
  std::string subnet_id;
  std::string connectivity;  // ConnectivityType
  std::string state;         // NatGatewayState: available, failed or deleted, because neither takes any time
  std::string failure_code;
  std::string failure_message;
  // As they were while it stood; a deleted one is still described.
  std::string interface_id;
  std::string private_ip;
  std::string allocation_id;
  std::string association_id;
  std::string public_ip;
  Instant created_at;
  std::optional<Instant> deleted_at;
  std::string client_token;

  static constexpr const ResourceKind& kKind = kNatGatewayKind;
  static constexpr std::string_view kTable = "ec2_nat_gateways";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = NatGatewayRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"region", &R::region},
                      store::Column{"vpc_id", &R::vpc_id},
                      store::Column{"subnet_id", &R::subnet_id},
                      store::Column{"connectivity", &R::connectivity},
                      store::Column{"state", &R::state},
                      store::Column{"failure_code", &R::failure_code},
                      store::Column{"failure_message", &R::failure_message},
                      store::Column{"interface_id", &R::interface_id},
                      store::Column{"private_ip", &R::private_ip},
                      store::Column{"allocation_id", &R::allocation_id},
                      store::Column{"association_id", &R::association_id},
                      store::Column{"public_ip", &R::public_ip},
                      store::Column{"created_at", &R::created_at},
                      store::Column{"deleted_at", &R::deleted_at},
                      store::Column{"client_token", &R::client_token}};
  }
};

struct RouteTableRecord {
  std::string id;
  std::string region;
  std::string vpc_id;
  std::string client_token;

  static constexpr const ResourceKind& kKind = kRouteTableKind;
  static constexpr std::string_view kTable = "ec2_route_tables";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = RouteTableRecord;
    return std::tuple{store::Column{"id", &R::id}, store::Column{"region", &R::region},
                      store::Column{"vpc_id", &R::vpc_id}, store::Column{"client_token", &R::client_token}};
  }
};

struct RouteAssociationRecord {
  std::string id;
  std::string region;
  std::string vpc_id;
  std::string route_table_id;
  std::string subnet_id;   // empty for the VPC's main association and for a gateway's
  std::string gateway_id;  // of an internet gateway, whose arriving traffic the table routes
  bool is_main = false;

  static constexpr const ResourceKind& kKind = kRouteAssociationKind;
  static constexpr std::string_view kTable = "ec2_route_associations";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = RouteAssociationRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"region", &R::region},
                      store::Column{"vpc_id", &R::vpc_id},
                      store::Column{"route_table_id", &R::route_table_id},
                      store::Column{"subnet_id", &R::subnet_id},
                      store::Column{"gateway_id", &R::gateway_id},
                      store::Column{"is_main", &R::is_main}};
  }
};

// A table's route to elsewhere; the local one follows from the VPC.
struct RouteRecord {
  std::string route_table_id;
  std::string destination;  // canonical, of either family
  std::string target_id;    // igw-…, nat-…, eni-…

  static constexpr std::string_view kTable = "ec2_routes";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = RouteRecord;
    return std::tuple{store::Column{"route_table_id", &R::route_table_id},
                      store::Column{"destination", &R::destination}, store::Column{"target_id", &R::target_id}};
  }
};

// Every VPC has a group of this name, which nobody may delete or take for another.
inline constexpr std::string_view kDefaultGroupName = "default";

struct SecurityGroupRecord {
  std::string id;
  std::string region;
  std::string vpc_id;
  std::string name;
  std::string description;

  static constexpr const ResourceKind& kKind = kSecurityGroupKind;
  static constexpr std::string_view kTable = "ec2_security_groups";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = SecurityGroupRecord;
    return std::tuple{store::Column{"id", &R::id}, store::Column{"region", &R::region},
                      store::Column{"vpc_id", &R::vpc_id}, store::Column{"name", &R::name},
                      store::Column{"description", &R::description}};
  }
};

// One rule with one peer, as EC2 counts them.
struct RuleRecord {
  std::string id;
  std::string region;
  std::string group_id;
  bool is_egress = false;
  std::string protocol;  // "tcp", "udp", "icmp", "icmpv6", a number as text, "-1"
  int32_t from_port = -1;
  int32_t to_port = -1;
  std::string peer;  // a canonical block, or the id of a group
  std::string description;

  static constexpr const ResourceKind& kKind = kRuleKind;
  static constexpr std::string_view kTable = "ec2_rules";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = RuleRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"region", &R::region},
                      store::Column{"group_id", &R::group_id},
                      store::Column{"is_egress", &R::is_egress},
                      store::Column{"protocol", &R::protocol},
                      store::Column{"from_port", &R::from_port},
                      store::Column{"to_port", &R::to_port},
                      store::Column{"peer", &R::peer},
                      store::Column{"description", &R::description}};
  }
  bool refers_to_group() const { return peer.starts_with("sg-"); }
  bool is_v6() const { return !refers_to_group() && peer.find(':') != std::string::npos; }
};

struct InterfaceRecord {
  std::string id;
  std::string region;
  std::string vpc_id;
  std::string subnet_id;
  std::string zone;
  int64_t address = 0;  // IPv4, as a number
  std::string type;     // NetworkInterfaceType; for an application balancer AWS says "interface"
  std::string description;
  std::string requester_id;  // "amazon-elb", or the account
  std::string instance_owner_id;
  std::string attachment_id;
  std::string mac;
  std::string public_ip;  // one of the provider's own; an Elastic IP names its interface instead
  Instant created_at;

  static constexpr const ResourceKind& kKind = kInterfaceKind;
  static constexpr std::string_view kTable = "ec2_interfaces";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = InterfaceRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"region", &R::region},
                      store::Column{"vpc_id", &R::vpc_id},
                      store::Column{"subnet_id", &R::subnet_id},
                      store::Column{"zone", &R::zone},
                      store::Column{"address", &R::address},
                      store::Column{"type", &R::type},
                      store::Column{"description", &R::description},
                      store::Column{"requester_id", &R::requester_id},
                      store::Column{"instance_owner_id", &R::instance_owner_id},
                      store::Column{"attachment_id", &R::attachment_id},
                      store::Column{"mac", &R::mac},
                      store::Column{"public_ip", &R::public_ip},
                      store::Column{"created_at", &R::created_at}};
  }
};

struct InterfaceGroupRecord {
  std::string interface_id;
  std::string group_id;

  static constexpr std::string_view kTable = "ec2_interface_groups";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = InterfaceGroupRecord;
    return std::tuple{store::Column{"interface_id", &R::interface_id}, store::Column{"group_id", &R::group_id}};
  }
};

// That a region has been begun: its default VPC was made, which its owner may have deleted since.
struct RegionRecord {
  std::string region;
  std::string dhcp_options_id;

  static constexpr std::string_view kTable = "ec2_regions";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = RegionRecord;
    return std::tuple{store::Column{"region", &R::region}, store::Column{"dhcp_options_id", &R::dhcp_options_id}};
  }
};

struct TagRecord {
  std::string resource_id;
  std::string key;
  std::string value;
  std::string region;
  std::string resource_type;  // ResourceType

  static constexpr std::string_view kTable = "ec2_tags";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = TagRecord;
    return std::tuple{store::Column{"resource_id", &R::resource_id}, store::Column{"key", &R::key},
                      store::Column{"value", &R::value}, store::Column{"region", &R::region},
                      store::Column{"resource_type", &R::resource_type}};
  }
};

std::vector<store::Migration> Ec2Migrations();

// The one look-up: a record of the region, or its kind's own NotFound.
template <class Record>
Result<Record> Get(const store::ReadTx& tx, std::string_view region, std::string_view id) {
  auto record = TRY(tx.Find<Record>(std::string(id)));
  if (!record || record->region != region) return NotFound(Record::kKind, id);
  return std::move(*record);
}

// All of a region, by id.
template <class Record>
Result<std::vector<Record>> InRegion(const store::ReadTx& tx, const std::string& region) {
  return tx.Select<Record>("region = ? ORDER BY id", {store::Value(region)});
}

}  // namespace meetinity::ec2

extern template struct meetinity::store::RecordMapping<meetinity::ec2::VpcRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::SubnetRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::InternetGatewayRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::AddressRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::NatGatewayRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::RouteTableRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::RouteAssociationRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::RouteRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::SecurityGroupRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::RuleRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::InterfaceRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::InterfaceGroupRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::RegionRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::ec2::TagRecord>;

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What other services see of the network: plain values, read within their own transaction.
namespace meetinity::ec2 {

struct VpcInfo {
  std::string id = {};
  std::string region = {};
  std::string account = {};
  std::vector<std::string> cidr_blocks = {};  // IPv4, the primary one first
  bool is_default = false;
};

struct SubnetInfo {
  std::string id = {};
  std::string vpc_id = {};
  std::string region = {};
  std::string account = {};
  std::string availability_zone = {};     // "eu-west-1a"
  std::string availability_zone_id = {};  // "euw1-az1"
  std::string cidr_block = {};            // IPv4
};

struct SecurityGroupInfo {
  std::string id = {};
  std::string name = {};
  std::string vpc_id = {};
  std::string region = {};
};

enum class LoadBalancerKind { kApplication, kNetwork };

// An interface that a load balancer is to have in a subnet. It is requester-managed: owners see it and cannot delete
// it.
struct LoadBalancerInterface {
  LoadBalancerKind kind = LoadBalancerKind::kApplication;
  std::string load_balancer = {};  // "app/my-alb/50dc6c495c0c9188", of its ARN; the description is "ELB " and this
  std::string subnet_id = {};
  std::vector<std::string> security_group_ids = {};  // of the subnet's VPC; a network load balancer may have none
  bool internet_facing = false;                      // it has a public address, too
  // Of the subnet, when the owner chose it; else the lowest free one.
  std::string private_address = {};
  // An Elastic IP that the owner brings (network load balancers); empty for one of the provider's own.
  std::string allocation_id = {};
};

struct NetworkInterfaceInfo {
  std::string id = {};
  std::string subnet_id = {};
  std::string vpc_id = {};
  std::string availability_zone = {};
  std::string private_address = {};  // IPv4
  std::string public_address = {};   // IPv4; empty for an internal one
  std::vector<std::string> security_group_ids = {};
};

// Who may send what: one rule with one peer. Exactly one of the three peers is set.
struct IngressRule {
  std::string protocol = {};  // "tcp", "udp", "icmp", "icmpv6", an IANA number, or "-1" for all
  // TCP and UDP: ports, both included. ICMP: type and code, -1 for all. Protocol -1: both are -1, every port.
  int32_t from_port = -1;
  int32_t to_port = -1;
  std::string cidr_ipv4 = {};  // "203.0.113.0/24", canonical: no bit is set behind the prefix
  std::string cidr_ipv6 = {};
  std::string referenced_group_id = {};  // whoever has an interface in that group: see Ec2::PrivateAddressesOf
  bool operator==(const IngressRule&) const = default;
};

}  // namespace meetinity::ec2

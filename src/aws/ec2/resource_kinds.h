#pragma once

#include <string>
#include <string_view>

#include "aws/ec2/errors.h"
#include "base/result.h"

// What EC2's resources are called, each in its id, its ARN, its tags and its errors.
namespace meetinity::ec2 {

struct ResourceKind {
  std::string_view prefix;  // of ids: "vpc" in "vpc-0a1b…"
  std::string_view type;    // ResourceType, and the noun of its ARN
  std::string_view not_found;
  std::string_view noun;  // "The vpc ID 'vpc-…' does not exist"
};

inline constexpr ResourceKind kVpcKind{"vpc", "vpc", kInvalidVpcNotFound, "vpc ID"};
inline constexpr ResourceKind kSubnetKind{"subnet", "subnet", kInvalidSubnetNotFound, "subnet ID"};
inline constexpr ResourceKind kInternetGatewayKind{"igw", "internet-gateway", kInvalidInternetGatewayNotFound,
                                                   "internetGateway ID"};
inline constexpr ResourceKind kAddressKind{"eipalloc", "elastic-ip", kInvalidAllocationNotFound, "allocation ID"};
inline constexpr ResourceKind kNatGatewayKind{"nat", "natgateway", kNatGatewayNotFound, "NAT gateway"};
inline constexpr ResourceKind kRouteTableKind{"rtb", "route-table", kInvalidRouteTableNotFound, "routeTable ID"};
inline constexpr ResourceKind kRouteAssociationKind{"rtbassoc", "", kInvalidAssociationNotFound, "association ID"};
inline constexpr ResourceKind kSecurityGroupKind{"sg", "security-group", kInvalidGroupNotFound, "security group"};
inline constexpr ResourceKind kRuleKind{"sgr", "security-group-rule", kInvalidRuleNotFound, "security group rule ID"};
inline constexpr ResourceKind kInterfaceKind{"eni", "network-interface", kInvalidNetworkInterfaceNotFound,
                                             "networkInterface ID"};
inline constexpr ResourceKind kNetworkAclKind{"acl", "network-acl", kInvalidNetworkAclNotFound, "networkAcl ID"};
inline constexpr ResourceKind kDhcpOptionsKind{"dopt", "dhcp-options", kInvalidDhcpOptionNotFound, "dhcpOption ID"};

// A new id: the prefix, and 17 hexadecimal digits (EC2 User Guide, page "Resource IDs").
std::string NewId(std::string_view prefix);
// By an id's prefix; null for what nothing here is called.
const ResourceKind* KindOf(std::string_view id);
std::string_view PrefixOf(std::string_view id);
// "The vpc ID 'vpc-1' does not exist", under the kind's own name.
Error NotFound(const ResourceKind& kind, std::string_view id);

}  // namespace meetinity::ec2

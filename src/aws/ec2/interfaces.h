#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/ec2/state.h"

// Network interfaces as records: placed in a subnet, with an address of it and security groups.
namespace meetinity::ec2 {

// Of requester-managed interfaces: whose they are to be.
inline constexpr std::string_view kLoadBalancing = "amazon-elb";
inline constexpr std::string_view kNatService = "amazon-aws";
// Default quota "security groups per network interface" (VPC User Guide, page "Amazon VPC quotas").
inline constexpr size_t kGroupsPerInterfaceMax = 5;
// Addresses of a subnet that nobody gets: the first four and the last (VPC User Guide, page "Subnet CIDR blocks").
inline constexpr uint64_t kReservedFirst = 4;
inline constexpr uint64_t kReserved = 5;

struct InterfaceWish {
  SubnetRecord subnet;
  std::string type;
  std::string description;
  std::string requester_id;
  std::vector<std::string> group_ids;
  std::string private_address;  // empty: the lowest free one
  Instant now;
};

Result<InterfaceRecord> PlaceInterface(store::Tx& tx, const InterfaceWish& wish);
// Replaces the interface's groups, which are of its VPC.
Status SetGroups(store::Tx& tx, const InterfaceRecord& interface, const std::vector<std::string>& group_ids);
// Its addresses are free again; an Elastic IP is its owner's.
Status RemoveInterface(store::Tx& tx, const std::string& id);
Result<std::vector<std::string>> GroupsOf(const store::ReadTx& tx, const std::string& interface_id);

// The Elastic IP of an interface; nothing when it has none.
Result<std::optional<AddressRecord>> AddressOf(const store::ReadTx& tx, const std::string& interface_id);
// InvalidIPAddress.InUse is the caller's to check.
Result<AddressRecord> Associate(store::Tx& tx, AddressRecord address, const InterfaceRecord& interface);
Status Disassociate(store::Tx& tx, AddressRecord address);
// One that nobody has. Of 198.18.0.0/15, which the Internet does not route (RFC 2544; RFC 6890, section 2.2.2): what
// is public in this cloud must not be somebody's elsewhere.
Result<std::string> NewPublicAddress(const store::ReadTx& tx);

// Whether an internet gateway is attached to the VPC.
Result<bool> ReachesInternet(const store::ReadTx& tx, const std::string& vpc_id);

}  // namespace meetinity::ec2

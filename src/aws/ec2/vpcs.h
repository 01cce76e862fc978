#pragma once

#include <string>
#include <vector>

#include "aws/ec2/describe.h"
#include "aws/ec2/state.h"
#include "aws/ec2_model.h"

namespace meetinity::ec2 {

// Bounds for each region; AWS's defaults are lower and are raised on request (VPC User Guide, "Amazon VPC quotas").
inline constexpr size_t kVpcsMax = 100;
inline constexpr size_t kSubnetsPerVpcMax = 200;
inline constexpr size_t kInternetGatewaysMax = 100;
inline constexpr size_t kAddressesMax = 100;
inline constexpr size_t kNatGatewaysMax = 100;
inline constexpr size_t kRouteTablesPerVpcMax = 200;
inline constexpr size_t kRoutesPerTableMax = 500;
inline constexpr size_t kGroupsMax = 2'500;
inline constexpr size_t kRulesPerDirectionMax = 60;

// What AWS says of a default or new VPC's block.
struct NewVpc {
  std::string region;
  std::string cidr;  // canonical
  std::string tenancy;
  bool is_default = false;
};
// With what every VPC has from its first moment: a main route table, a security group and a network ACL.
Result<VpcRecord> MakeVpc(store::Tx& tx, const NewVpc& wanted);
Result<SubnetRecord> MakeSubnet(store::Tx& tx, const VpcRecord& vpc, const std::string& zone, const std::string& cidr,
                                bool is_default);
Result<SecurityGroupRecord> MakeSecurityGroup(store::Tx& tx, const VpcRecord& vpc, const std::string& name,
                                              const std::string& description);
Result<RouteTableRecord> MakeRouteTable(store::Tx& tx, const VpcRecord& vpc, const std::string& client_token);
// InvalidGroup.NotFound.
Result<SecurityGroupRecord> GroupNamed(const store::ReadTx& tx, const std::string& vpc_id, const std::string& name);
// The VPC that is meant where none is named: VPCIdNotSpecified when its owner has deleted it.
Result<VpcRecord> DefaultVpc(const store::ReadTx& tx, const std::string& region);
Status RemoveSecurityGroup(store::Tx& tx, const std::string& group_id);
Status RemoveRouteTable(store::Tx& tx, const std::string& route_table_id);
// Whether the block can be a VPC's or a subnet's: IPv4, canonical, /16 to /28. `refusal` names what else it is.
Result<std::string> CheckBlock(const std::string& cidr, std::string_view refusal);

}  // namespace meetinity::ec2

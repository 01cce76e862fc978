#pragma once

#include "base/result.h"

// The operations that models/served/ec2.txt lists: each is a method of Ec2, which takes the generated <Operation>Input
// and answers its <Operation>Output. Only declared here, so that who includes ec2.h for the network's sake alone need
// not compile EC2's shapes; who calls an operation includes "aws/ec2_model.h".
//
// Each pass of the formatter would undo the one before.
// clang-format off
#define MEETINITY_EC2_CHANGES(X)                                                                              \
  X(AllocateAddress) X(AssociateAddress) X(AssociateRouteTable) X(AttachInternetGateway)                      \
  X(AuthorizeSecurityGroupEgress) X(AuthorizeSecurityGroupIngress) X(CreateInternetGateway)                   \
  X(CreateNatGateway) X(CreateRoute) X(CreateRouteTable) X(CreateSecurityGroup) X(CreateSubnet)               \
  X(CreateTags) X(CreateVpc) X(DeleteInternetGateway) X(DeleteNatGateway) X(DeleteRoute)                      \
  X(DeleteRouteTable) X(DeleteSecurityGroup) X(DeleteSubnet) X(DeleteTags) X(DeleteVpc)                       \
  X(DetachInternetGateway) X(DisassociateAddress) X(DisassociateRouteTable) X(ModifySecurityGroupRules)       \
  X(ModifySubnetAttribute) X(ModifyVpcAttribute) X(ReleaseAddress) X(ReplaceRoute)                            \
  X(ReplaceRouteTableAssociation) X(RevokeSecurityGroupEgress) X(RevokeSecurityGroupIngress)                  \
  X(UpdateSecurityGroupRuleDescriptionsEgress) X(UpdateSecurityGroupRuleDescriptionsIngress)

#define MEETINITY_EC2_QUESTIONS(X)                                                                            \
  X(DescribeAccountAttributes) X(DescribeAddresses) X(DescribeAddressesAttribute)                             \
  X(DescribeAvailabilityZones) X(DescribeDhcpOptions) X(DescribeInternetGateways) X(DescribeNatGateways)      \
  X(DescribeNetworkAcls) X(DescribeNetworkInterfaces) X(DescribeRegions) X(DescribeRouteTables)               \
  X(DescribeSecurityGroupReferences) X(DescribeSecurityGroupRules) X(DescribeSecurityGroups)                  \
  X(DescribeSubnets) X(DescribeTags) X(DescribeVpcAttribute) X(DescribeVpcs) X(GetSecurityGroupsForVpc)
// clang-format on

namespace meetinity::ec2 {

#define MEETINITY_DECLARE(operation) \
  struct operation##Input;           \
  struct operation##Output;
MEETINITY_EC2_CHANGES(MEETINITY_DECLARE)
MEETINITY_EC2_QUESTIONS(MEETINITY_DECLARE)
#undef MEETINITY_DECLARE

}  // namespace meetinity::ec2

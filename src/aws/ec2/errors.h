#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

// Every refusal of EC2 (EC2 API Reference, page "Error codes for the Amazon EC2 API"); models/errors/ec2.txt has the
// statuses.
namespace meetinity::ec2 {

inline constexpr std::string_view kAddressLimitExceeded = "AddressLimitExceeded";
inline constexpr std::string_view kCannotDelete = "CannotDelete";
inline constexpr std::string_view kDependencyViolation = "DependencyViolation";
inline constexpr std::string_view kDryRunOperation = "DryRunOperation";
inline constexpr std::string_view kFilterLimitExceeded = "FilterLimitExceeded";
inline constexpr std::string_view kGatewayNotAttached = "Gateway.NotAttached";
inline constexpr std::string_view kIdempotentParameterMismatch = "IdempotentParameterMismatch";
inline constexpr std::string_view kInsufficientFreeAddresses = "InsufficientFreeAddressesInSubnet";
inline constexpr std::string_view kInternetGatewayLimitExceeded = "InternetGatewayLimitExceeded";
inline constexpr std::string_view kInvalidAddressNotFound = "InvalidAddress.NotFound";
inline constexpr std::string_view kInvalidAllocationNotFound = "InvalidAllocationID.NotFound";
inline constexpr std::string_view kInvalidAssociationNotFound = "InvalidAssociationID.NotFound";
inline constexpr std::string_view kInvalidDhcpOptionNotFound = "InvalidDhcpOptionID.NotFound";
inline constexpr std::string_view kInvalidGatewayNotFound = "InvalidGatewayID.NotFound";
inline constexpr std::string_view kInvalidGroupDuplicate = "InvalidGroup.Duplicate";
inline constexpr std::string_view kInvalidGroupMalformed = "InvalidGroupId.Malformed";
inline constexpr std::string_view kInvalidGroupNotFound = "InvalidGroup.NotFound";
inline constexpr std::string_view kInvalidGroupReserved = "InvalidGroup.Reserved";
inline constexpr std::string_view kInvalidId = "InvalidID";
inline constexpr std::string_view kInvalidInternetGatewayNotFound = "InvalidInternetGatewayID.NotFound";
inline constexpr std::string_view kInvalidIpAddressInUse = "InvalidIPAddress.InUse";
inline constexpr std::string_view kInvalidNetworkAclNotFound = "InvalidNetworkAclID.NotFound";
inline constexpr std::string_view kInvalidNetworkInterfaceNotFound = "InvalidNetworkInterfaceID.NotFound";
inline constexpr std::string_view kInvalidNextToken = "InvalidNextToken";
inline constexpr std::string_view kInvalidParameterCombination = "InvalidParameterCombination";
inline constexpr std::string_view kInvalidParameterValue = "InvalidParameterValue";
inline constexpr std::string_view kInvalidPermissionDuplicate = "InvalidPermission.Duplicate";
inline constexpr std::string_view kInvalidPermissionMalformed = "InvalidPermission.Malformed";
inline constexpr std::string_view kInvalidPermissionNotFound = "InvalidPermission.NotFound";
inline constexpr std::string_view kInvalidRouteNotFound = "InvalidRoute.NotFound";
inline constexpr std::string_view kInvalidRouteTableNotFound = "InvalidRouteTableID.NotFound";
inline constexpr std::string_view kInvalidRuleNotFound = "InvalidSecurityGroupRuleId.NotFound";
inline constexpr std::string_view kInvalidSubnetConflict = "InvalidSubnet.Conflict";
inline constexpr std::string_view kInvalidSubnetNotFound = "InvalidSubnetID.NotFound";
inline constexpr std::string_view kInvalidSubnetRange = "InvalidSubnet.Range";
inline constexpr std::string_view kInvalidVpcNotFound = "InvalidVpcID.NotFound";
inline constexpr std::string_view kInvalidVpcRange = "InvalidVpc.Range";
inline constexpr std::string_view kMissingParameter = "MissingParameter";
inline constexpr std::string_view kNatGatewayLimitExceeded = "NatGatewayLimitExceeded";
inline constexpr std::string_view kNatGatewayNotFound = "NatGatewayNotFound";
inline constexpr std::string_view kOperationNotPermitted = "OperationNotPermitted";
inline constexpr std::string_view kResourceAlreadyAssociated = "Resource.AlreadyAssociated";
inline constexpr std::string_view kRouteAlreadyExists = "RouteAlreadyExists";
inline constexpr std::string_view kRouteLimitExceeded = "RouteLimitExceeded";
inline constexpr std::string_view kRouteTableLimitExceeded = "RouteTableLimitExceeded";
inline constexpr std::string_view kRulesPerGroupLimitExceeded = "RulesPerSecurityGroupLimitExceeded";
inline constexpr std::string_view kGroupLimitExceeded = "SecurityGroupLimitExceeded";
inline constexpr std::string_view kGroupsPerInterfaceLimitExceeded = "SecurityGroupsPerInterfaceLimitExceeded";
inline constexpr std::string_view kSubnetLimitExceeded = "SubnetLimitExceeded";
inline constexpr std::string_view kTagLimitExceeded = "TagLimitExceeded";
inline constexpr std::string_view kUnsupportedOperation = "UnsupportedOperation";
inline constexpr std::string_view kVpcIdNotSpecified = "VPCIdNotSpecified";
inline constexpr std::string_view kVpcLimitExceeded = "VpcLimitExceeded";
inline constexpr std::string_view kRefusals[] = {kAddressLimitExceeded,
                                                 kCannotDelete,
                                                 kDependencyViolation,
                                                 kDryRunOperation,
                                                 kFilterLimitExceeded,
                                                 kGatewayNotAttached,
                                                 kIdempotentParameterMismatch,
                                                 kInsufficientFreeAddresses,
                                                 kInternetGatewayLimitExceeded,
                                                 kInvalidAddressNotFound,
                                                 kInvalidAllocationNotFound,
                                                 kInvalidAssociationNotFound,
                                                 kInvalidDhcpOptionNotFound,
                                                 kInvalidGatewayNotFound,
                                                 kInvalidGroupDuplicate,
                                                 kInvalidGroupMalformed,
                                                 kInvalidGroupNotFound,
                                                 kInvalidGroupReserved,
                                                 kInvalidId,
                                                 kInvalidInternetGatewayNotFound,
                                                 kInvalidIpAddressInUse,
                                                 kInvalidNetworkAclNotFound,
                                                 kInvalidNetworkInterfaceNotFound,
                                                 kInvalidNextToken,
                                                 kInvalidParameterCombination,
                                                 kInvalidParameterValue,
                                                 kInvalidPermissionDuplicate,
                                                 kInvalidPermissionMalformed,
                                                 kInvalidPermissionNotFound,
                                                 kInvalidRouteNotFound,
                                                 kInvalidRouteTableNotFound,
                                                 kInvalidRuleNotFound,
                                                 kInvalidSubnetConflict,
                                                 kInvalidSubnetNotFound,
                                                 kInvalidSubnetRange,
                                                 kInvalidVpcNotFound,
                                                 kInvalidVpcRange,
                                                 kMissingParameter,
                                                 kNatGatewayLimitExceeded,
                                                 kNatGatewayNotFound,
                                                 kOperationNotPermitted,
                                                 kResourceAlreadyAssociated,
                                                 kRouteAlreadyExists,
                                                 kRouteLimitExceeded,
                                                 kRouteTableLimitExceeded,
                                                 kRulesPerGroupLimitExceeded,
                                                 kGroupLimitExceeded,
                                                 kGroupsPerInterfaceLimitExceeded,
                                                 kSubnetLimitExceeded,
                                                 kTagLimitExceeded,
                                                 kUnsupportedOperation,
                                                 kVpcIdNotSpecified,
                                                 kVpcLimitExceeded};

inline Error Invalid(std::string detail) { return Error{Kind::kInvalid, kInvalidParameterValue, std::move(detail)}; }
inline Error Missing(std::string_view parameter) {
  return Error{Kind::kInvalid, kMissingParameter, fmt::format("The request must contain the parameter {}", parameter)};
}
inline Error Unsupported(std::string detail) {
  return Error{Kind::kUnsupported, kUnsupportedOperation, std::move(detail)};
}
inline Error HasDependencies(std::string_view noun, std::string_view id) {
  return Error{Kind::kConflict, kDependencyViolation,
               fmt::format("The {} '{}' has dependencies and cannot be deleted.", noun, id)};
}

}  // namespace meetinity::ec2

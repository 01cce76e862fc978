#pragma once

#include <array>
#include <string_view>

// Every refusal of Route 53 that this service makes, by the model's shape name.
namespace meetinity::route53 {

inline constexpr std::string_view kConflictingDomainExists = "ConflictingDomainExists";
inline constexpr std::string_view kHostedZoneAlreadyExists = "HostedZoneAlreadyExists";
inline constexpr std::string_view kHostedZoneNotEmpty = "HostedZoneNotEmpty";
inline constexpr std::string_view kInvalidChangeBatch = "InvalidChangeBatch";
inline constexpr std::string_view kInvalidDomainName = "InvalidDomainName";
inline constexpr std::string_view kInvalidInput = "InvalidInput";
inline constexpr std::string_view kInvalidVpcId = "InvalidVPCId";
inline constexpr std::string_view kLastVpcAssociation = "LastVPCAssociation";
inline constexpr std::string_view kNoSuchChange = "NoSuchChange";
inline constexpr std::string_view kNoSuchDelegationSet = "NoSuchDelegationSet";
inline constexpr std::string_view kNoSuchHealthCheck = "NoSuchHealthCheck";
inline constexpr std::string_view kNoSuchHostedZone = "NoSuchHostedZone";
inline constexpr std::string_view kPublicZoneVpcAssociation = "PublicZoneVPCAssociation";
inline constexpr std::string_view kTooManyHostedZones = "TooManyHostedZones";
inline constexpr std::string_view kVpcAssociationNotFound = "VPCAssociationNotFound";

inline constexpr std::array kModeled = {kConflictingDomainExists,
                                        kHostedZoneAlreadyExists,
                                        kHostedZoneNotEmpty,
                                        kInvalidChangeBatch,
                                        kInvalidDomainName,
                                        kInvalidInput,
                                        kInvalidVpcId,
                                        kLastVpcAssociation,
                                        kNoSuchChange,
                                        kNoSuchDelegationSet,
                                        kNoSuchHealthCheck,
                                        kNoSuchHostedZone,
                                        kPublicZoneVpcAssociation,
                                        kTooManyHostedZones,
                                        kVpcAssociationNotFound};

}  // namespace meetinity::route53

#pragma once

#include <string_view>

#include "base/result.h"

// Every refusal of S3, by the code that clients see. Those that the service model does not describe are in
// models/errors/s3.txt; a test asks both.
namespace meetinity::s3 {

inline constexpr std::string_view kAccessControlListNotSupported = "AccessControlListNotSupported";
inline constexpr std::string_view kAccessDenied = "AccessDenied";
inline constexpr std::string_view kBadDigest = "BadDigest";
inline constexpr std::string_view kBadRequest = "BadRequest";
inline constexpr std::string_view kBucketAlreadyExists = "BucketAlreadyExists";
inline constexpr std::string_view kBucketAlreadyOwnedByYou = "BucketAlreadyOwnedByYou";
inline constexpr std::string_view kBucketNotEmpty = "BucketNotEmpty";
inline constexpr std::string_view kConditionalRequestConflict = "ConditionalRequestConflict";
inline constexpr std::string_view kEntityTooLarge = "EntityTooLarge";
inline constexpr std::string_view kEntityTooSmall = "EntityTooSmall";
inline constexpr std::string_view kIllegalLocationConstraint = "IllegalLocationConstraintException";
inline constexpr std::string_view kIllegalVersioningConfiguration = "IllegalVersioningConfigurationException";
inline constexpr std::string_view kInvalidArgument = "InvalidArgument";
inline constexpr std::string_view kInvalidBucketAclWithObjectOwnership = "InvalidBucketAclWithObjectOwnership";
inline constexpr std::string_view kInvalidBucketName = "InvalidBucketName";
inline constexpr std::string_view kInvalidBucketOwner = "InvalidBucketOwnerAWSAccountID";
inline constexpr std::string_view kInvalidBucketState = "InvalidBucketState";
inline constexpr std::string_view kInvalidLocationConstraint = "InvalidLocationConstraint";
inline constexpr std::string_view kInvalidPart = "InvalidPart";
inline constexpr std::string_view kInvalidPartNumber = "InvalidPartNumber";
inline constexpr std::string_view kInvalidPartOrder = "InvalidPartOrder";
inline constexpr std::string_view kInvalidRange = "InvalidRange";
inline constexpr std::string_view kInvalidRequest = "InvalidRequest";
inline constexpr std::string_view kInvalidStorageClass = "InvalidStorageClass";
inline constexpr std::string_view kInvalidTag = "InvalidTag";
inline constexpr std::string_view kInvalidTargetBucket = "InvalidTargetBucketForLogging";
inline constexpr std::string_view kInvalidUri = "InvalidURI";
inline constexpr std::string_view kKeyTooLong = "KeyTooLongError";
inline constexpr std::string_view kMalformedAcl = "MalformedACLError";
inline constexpr std::string_view kMalformedPolicy = "MalformedPolicy";
inline constexpr std::string_view kMalformedXml = "MalformedXML";
inline constexpr std::string_view kMetadataTooLarge = "MetadataTooLarge";
inline constexpr std::string_view kMethodNotAllowed = "MethodNotAllowed";
inline constexpr std::string_view kMissingSecurityHeader = "MissingSecurityHeader";
inline constexpr std::string_view kNoSuchBucket = "NoSuchBucket";
inline constexpr std::string_view kNoSuchBucketPolicy = "NoSuchBucketPolicy";
inline constexpr std::string_view kNoSuchCorsConfiguration = "NoSuchCORSConfiguration";
inline constexpr std::string_view kNoSuchKey = "NoSuchKey";
inline constexpr std::string_view kNoSuchLifecycleConfiguration = "NoSuchLifecycleConfiguration";
inline constexpr std::string_view kNoSuchObjectLockConfiguration = "NoSuchObjectLockConfiguration";
inline constexpr std::string_view kNoSuchPublicAccessBlock = "NoSuchPublicAccessBlockConfiguration";
inline constexpr std::string_view kNoSuchTagSet = "NoSuchTagSet";
inline constexpr std::string_view kNoSuchUpload = "NoSuchUpload";
inline constexpr std::string_view kNoSuchVersion = "NoSuchVersion";
inline constexpr std::string_view kNoSuchWebsiteConfiguration = "NoSuchWebsiteConfiguration";
inline constexpr std::string_view kNotImplemented = "NotImplemented";
inline constexpr std::string_view kNotModified = "NotModified";
inline constexpr std::string_view kObjectLockConfigurationNotFound = "ObjectLockConfigurationNotFoundError";
inline constexpr std::string_view kOwnershipControlsNotFound = "OwnershipControlsNotFoundError";
inline constexpr std::string_view kPreconditionFailed = "PreconditionFailed";
inline constexpr std::string_view kReplicationConfigurationNotFound = "ReplicationConfigurationNotFoundError";
inline constexpr std::string_view kTooManyBuckets = "TooManyBuckets";
inline constexpr std::string_view kUnexpectedContent = "UnexpectedContent";
inline constexpr std::string_view kUnresolvableGrant = "UnresolvableGrantByEmailAddress";

// A document that does not follow its schema. `detail` says where: "one rule is expected."
Error MalformedXml(std::string_view detail = {});

}  // namespace meetinity::s3

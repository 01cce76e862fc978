#pragma once

#include <string_view>

// Every refusal of CloudFront that this service makes, by the model's shape name.
namespace meetinity::cloudfront {

inline constexpr std::string_view kBatchTooLarge = "BatchTooLarge";
inline constexpr std::string_view kCachePolicyAlreadyExists = "CachePolicyAlreadyExists";
inline constexpr std::string_view kCachePolicyInUse = "CachePolicyInUse";
inline constexpr std::string_view kCloudFrontOriginAccessIdentityAlreadyExists =
    "CloudFrontOriginAccessIdentityAlreadyExists";
inline constexpr std::string_view kCloudFrontOriginAccessIdentityInUse = "CloudFrontOriginAccessIdentityInUse";
inline constexpr std::string_view kCnameAlreadyExists = "CNAMEAlreadyExists";
inline constexpr std::string_view kDistributionAlreadyExists = "DistributionAlreadyExists";
inline constexpr std::string_view kDistributionNotDisabled = "DistributionNotDisabled";
inline constexpr std::string_view kIllegalDelete = "IllegalDelete";
inline constexpr std::string_view kIllegalOriginAccessConfiguration = "IllegalOriginAccessConfiguration";
inline constexpr std::string_view kIllegalUpdate = "IllegalUpdate";
inline constexpr std::string_view kInconsistentQuantities = "InconsistentQuantities";
inline constexpr std::string_view kInvalidArgument = "InvalidArgument";
inline constexpr std::string_view kInvalidDefaultRootObject = "InvalidDefaultRootObject";
inline constexpr std::string_view kInvalidErrorCode = "InvalidErrorCode";
inline constexpr std::string_view kInvalidGeoRestrictionParameter = "InvalidGeoRestrictionParameter";
inline constexpr std::string_view kInvalidHeadersForS3Origin = "InvalidHeadersForS3Origin";
inline constexpr std::string_view kInvalidIfMatchVersion = "InvalidIfMatchVersion";
inline constexpr std::string_view kInvalidOrigin = "InvalidOrigin";
inline constexpr std::string_view kInvalidOriginAccessIdentity = "InvalidOriginAccessIdentity";
inline constexpr std::string_view kInvalidRelativePath = "InvalidRelativePath";
inline constexpr std::string_view kInvalidRequiredProtocol = "InvalidRequiredProtocol";
inline constexpr std::string_view kInvalidResponseCode = "InvalidResponseCode";
inline constexpr std::string_view kInvalidTagging = "InvalidTagging";
inline constexpr std::string_view kInvalidTtlOrder = "InvalidTTLOrder";
inline constexpr std::string_view kInvalidViewerCertificate = "InvalidViewerCertificate";
inline constexpr std::string_view kNoSuchCachePolicy = "NoSuchCachePolicy";
inline constexpr std::string_view kNoSuchCloudFrontOriginAccessIdentity = "NoSuchCloudFrontOriginAccessIdentity";
inline constexpr std::string_view kNoSuchDistribution = "NoSuchDistribution";
inline constexpr std::string_view kNoSuchInvalidation = "NoSuchInvalidation";
inline constexpr std::string_view kNoSuchOrigin = "NoSuchOrigin";
inline constexpr std::string_view kNoSuchOriginAccessControl = "NoSuchOriginAccessControl";
inline constexpr std::string_view kNoSuchOriginRequestPolicy = "NoSuchOriginRequestPolicy";
inline constexpr std::string_view kNoSuchResource = "NoSuchResource";
inline constexpr std::string_view kNoSuchResponseHeadersPolicy = "NoSuchResponseHeadersPolicy";
inline constexpr std::string_view kOriginAccessControlAlreadyExists = "OriginAccessControlAlreadyExists";
inline constexpr std::string_view kOriginAccessControlInUse = "OriginAccessControlInUse";
inline constexpr std::string_view kPreconditionFailed = "PreconditionFailed";
inline constexpr std::string_view kTooManyCacheBehaviors = "TooManyCacheBehaviors";
inline constexpr std::string_view kTooManyCachePolicies = "TooManyCachePolicies";
inline constexpr std::string_view kTooManyDistributionCnames = "TooManyDistributionCNAMEs";
inline constexpr std::string_view kTooManyDistributions = "TooManyDistributions";
inline constexpr std::string_view kTooManyInvalidationsInProgress = "TooManyInvalidationsInProgress";
inline constexpr std::string_view kTooManyOrigins = "TooManyOrigins";
// In no operation's list, but what the service answers when a caller reference is used again with other paths.
inline constexpr std::string_view kInvalidationBatchAlreadyExists = "InvalidationBatchAlreadyExists";

}  // namespace meetinity::cloudfront

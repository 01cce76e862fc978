#pragma once

#include <string_view>

// Every refusal of CloudFront that this service makes, by the model's shape name.
namespace meetinity::cloudfront {

inline constexpr std::string_view kBatchTooLarge = "BatchTooLarge";
inline constexpr std::string_view kCachePolicyAlreadyExists = "CachePolicyAlreadyExists";
inline constexpr std::string_view kCachePolicyInUse = "CachePolicyInUse";
inline constexpr std::string_view kCannotChangeImmutablePublicKeyFields = "CannotChangeImmutablePublicKeyFields";
inline constexpr std::string_view kCloudFrontOriginAccessIdentityAlreadyExists =
    "CloudFrontOriginAccessIdentityAlreadyExists";
inline constexpr std::string_view kCloudFrontOriginAccessIdentityInUse = "CloudFrontOriginAccessIdentityInUse";
inline constexpr std::string_view kCnameAlreadyExists = "CNAMEAlreadyExists";
inline constexpr std::string_view kDistributionAlreadyExists = "DistributionAlreadyExists";
inline constexpr std::string_view kDistributionNotDisabled = "DistributionNotDisabled";
inline constexpr std::string_view kEntityNotFound = "EntityNotFound";
inline constexpr std::string_view kIllegalDelete = "IllegalDelete";
inline constexpr std::string_view kIllegalOriginAccessConfiguration = "IllegalOriginAccessConfiguration";
inline constexpr std::string_view kIllegalUpdate = "IllegalUpdate";
inline constexpr std::string_view kInconsistentQuantities = "InconsistentQuantities";
inline constexpr std::string_view kInvalidArgument = "InvalidArgument";
inline constexpr std::string_view kInvalidDefaultRootObject = "InvalidDefaultRootObject";
inline constexpr std::string_view kInvalidDomainNameForOriginAccessControl = "InvalidDomainNameForOriginAccessControl";
inline constexpr std::string_view kInvalidErrorCode = "InvalidErrorCode";
inline constexpr std::string_view kInvalidForwardCookies = "InvalidForwardCookies";
inline constexpr std::string_view kInvalidFunctionAssociation = "InvalidFunctionAssociation";
inline constexpr std::string_view kInvalidGeoRestrictionParameter = "InvalidGeoRestrictionParameter";
inline constexpr std::string_view kInvalidHeadersForS3Origin = "InvalidHeadersForS3Origin";
inline constexpr std::string_view kInvalidIfMatchVersion = "InvalidIfMatchVersion";
inline constexpr std::string_view kInvalidLambdaFunctionAssociation = "InvalidLambdaFunctionAssociation";
inline constexpr std::string_view kInvalidLocationCode = "InvalidLocationCode";
inline constexpr std::string_view kInvalidMinimumProtocolVersion = "InvalidMinimumProtocolVersion";
inline constexpr std::string_view kInvalidOrigin = "InvalidOrigin";
inline constexpr std::string_view kInvalidOriginAccessControl = "InvalidOriginAccessControl";
inline constexpr std::string_view kInvalidOriginAccessIdentity = "InvalidOriginAccessIdentity";
inline constexpr std::string_view kInvalidOriginKeepaliveTimeout = "InvalidOriginKeepaliveTimeout";
inline constexpr std::string_view kInvalidOriginReadTimeout = "InvalidOriginReadTimeout";
inline constexpr std::string_view kInvalidQueryStringParameters = "InvalidQueryStringParameters";
inline constexpr std::string_view kInvalidRelativePath = "InvalidRelativePath";
inline constexpr std::string_view kInvalidRequiredProtocol = "InvalidRequiredProtocol";
inline constexpr std::string_view kInvalidResponseCode = "InvalidResponseCode";
inline constexpr std::string_view kInvalidTagging = "InvalidTagging";
inline constexpr std::string_view kInvalidTtlOrder = "InvalidTTLOrder";
inline constexpr std::string_view kInvalidViewerCertificate = "InvalidViewerCertificate";
inline constexpr std::string_view kInvalidWebAclId = "InvalidWebACLId";
inline constexpr std::string_view kKeyGroupAlreadyExists = "KeyGroupAlreadyExists";
inline constexpr std::string_view kMonitoringSubscriptionAlreadyExists = "MonitoringSubscriptionAlreadyExists";
inline constexpr std::string_view kNoSuchCachePolicy = "NoSuchCachePolicy";
inline constexpr std::string_view kNoSuchCloudFrontOriginAccessIdentity = "NoSuchCloudFrontOriginAccessIdentity";
inline constexpr std::string_view kNoSuchContinuousDeploymentPolicy = "NoSuchContinuousDeploymentPolicy";
inline constexpr std::string_view kNoSuchDistribution = "NoSuchDistribution";
inline constexpr std::string_view kNoSuchFieldLevelEncryptionConfig = "NoSuchFieldLevelEncryptionConfig";
inline constexpr std::string_view kNoSuchInvalidation = "NoSuchInvalidation";
inline constexpr std::string_view kNoSuchMonitoringSubscription = "NoSuchMonitoringSubscription";
inline constexpr std::string_view kNoSuchOrigin = "NoSuchOrigin";
inline constexpr std::string_view kNoSuchOriginAccessControl = "NoSuchOriginAccessControl";
inline constexpr std::string_view kNoSuchOriginRequestPolicy = "NoSuchOriginRequestPolicy";
inline constexpr std::string_view kNoSuchPublicKey = "NoSuchPublicKey";
inline constexpr std::string_view kNoSuchRealtimeLogConfig = "NoSuchRealtimeLogConfig";
inline constexpr std::string_view kNoSuchResource = "NoSuchResource";
inline constexpr std::string_view kNoSuchResponseHeadersPolicy = "NoSuchResponseHeadersPolicy";
inline constexpr std::string_view kOriginAccessControlAlreadyExists = "OriginAccessControlAlreadyExists";
inline constexpr std::string_view kOriginAccessControlInUse = "OriginAccessControlInUse";
inline constexpr std::string_view kOriginRequestPolicyAlreadyExists = "OriginRequestPolicyAlreadyExists";
inline constexpr std::string_view kOriginRequestPolicyInUse = "OriginRequestPolicyInUse";
inline constexpr std::string_view kPreconditionFailed = "PreconditionFailed";
inline constexpr std::string_view kPublicKeyAlreadyExists = "PublicKeyAlreadyExists";
inline constexpr std::string_view kPublicKeyInUse = "PublicKeyInUse";
inline constexpr std::string_view kResourceInUse = "ResourceInUse";
inline constexpr std::string_view kResponseHeadersPolicyAlreadyExists = "ResponseHeadersPolicyAlreadyExists";
inline constexpr std::string_view kResponseHeadersPolicyInUse = "ResponseHeadersPolicyInUse";
inline constexpr std::string_view kTooLongCspInResponseHeadersPolicy = "TooLongCSPInResponseHeadersPolicy";
inline constexpr std::string_view kTooManyCacheBehaviors = "TooManyCacheBehaviors";
inline constexpr std::string_view kTooManyCachePolicies = "TooManyCachePolicies";
inline constexpr std::string_view kTooManyCookieNamesInWhiteList = "TooManyCookieNamesInWhiteList";
inline constexpr std::string_view kTooManyCookiesInCachePolicy = "TooManyCookiesInCachePolicy";
inline constexpr std::string_view kTooManyCookiesInOriginRequestPolicy = "TooManyCookiesInOriginRequestPolicy";
inline constexpr std::string_view kTooManyCustomHeadersInResponseHeadersPolicy =
    "TooManyCustomHeadersInResponseHeadersPolicy";
inline constexpr std::string_view kTooManyDistributionCnames = "TooManyDistributionCNAMEs";
inline constexpr std::string_view kTooManyDistributions = "TooManyDistributions";
inline constexpr std::string_view kTooManyHeadersInCachePolicy = "TooManyHeadersInCachePolicy";
inline constexpr std::string_view kTooManyHeadersInForwardedValues = "TooManyHeadersInForwardedValues";
inline constexpr std::string_view kTooManyHeadersInOriginRequestPolicy = "TooManyHeadersInOriginRequestPolicy";
inline constexpr std::string_view kTooManyInvalidationsInProgress = "TooManyInvalidationsInProgress";
inline constexpr std::string_view kTooManyKeyGroups = "TooManyKeyGroups";
inline constexpr std::string_view kTooManyKeyGroupsAssociatedToDistribution =
    "TooManyKeyGroupsAssociatedToDistribution";
inline constexpr std::string_view kTooManyOriginCustomHeaders = "TooManyOriginCustomHeaders";
inline constexpr std::string_view kTooManyOriginGroupsPerDistribution = "TooManyOriginGroupsPerDistribution";
inline constexpr std::string_view kTooManyOriginRequestPolicies = "TooManyOriginRequestPolicies";
inline constexpr std::string_view kTooManyOrigins = "TooManyOrigins";
inline constexpr std::string_view kTooManyPublicKeys = "TooManyPublicKeys";
inline constexpr std::string_view kTooManyPublicKeysInKeyGroup = "TooManyPublicKeysInKeyGroup";
inline constexpr std::string_view kTooManyQueryStringParameters = "TooManyQueryStringParameters";
inline constexpr std::string_view kTooManyQueryStringsInCachePolicy = "TooManyQueryStringsInCachePolicy";
inline constexpr std::string_view kTooManyQueryStringsInOriginRequestPolicy =
    "TooManyQueryStringsInOriginRequestPolicy";
inline constexpr std::string_view kTooManyRemoveHeadersInResponseHeadersPolicy =
    "TooManyRemoveHeadersInResponseHeadersPolicy";
inline constexpr std::string_view kTooManyResponseHeadersPolicies = "TooManyResponseHeadersPolicies";
inline constexpr std::string_view kTrustedKeyGroupDoesNotExist = "TrustedKeyGroupDoesNotExist";
inline constexpr std::string_view kTrustedSignerDoesNotExist = "TrustedSignerDoesNotExist";
// In no operation's list, but what the service answers when a caller reference is used again with other paths.
inline constexpr std::string_view kInvalidationBatchAlreadyExists = "InvalidationBatchAlreadyExists";

}  // namespace meetinity::cloudfront

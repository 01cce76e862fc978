#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

// Every refusal of Elastic Load Balancing, by the model's shape name.
namespace meetinity::elbv2 {

inline constexpr std::string_view kAllocationIdNotFound = "AllocationIdNotFoundException";
inline constexpr std::string_view kAlpnPolicyNotSupported = "ALPNPolicyNotSupportedException";
inline constexpr std::string_view kCertificateNotFound = "CertificateNotFoundException";
inline constexpr std::string_view kDuplicateListener = "DuplicateListenerException";
inline constexpr std::string_view kDuplicateLoadBalancerName = "DuplicateLoadBalancerNameException";
inline constexpr std::string_view kDuplicateTagKeys = "DuplicateTagKeysException";
inline constexpr std::string_view kDuplicateTargetGroupName = "DuplicateTargetGroupNameException";
inline constexpr std::string_view kIncompatibleProtocols = "IncompatibleProtocolsException";
inline constexpr std::string_view kInvalidConfigurationRequest = "InvalidConfigurationRequestException";
inline constexpr std::string_view kInvalidLoadBalancerAction = "InvalidLoadBalancerActionException";
inline constexpr std::string_view kInvalidScheme = "InvalidSchemeException";
inline constexpr std::string_view kInvalidSecurityGroup = "InvalidSecurityGroupException";
inline constexpr std::string_view kInvalidSubnet = "InvalidSubnetException";
inline constexpr std::string_view kInvalidTarget = "InvalidTargetException";
inline constexpr std::string_view kListenerNotFound = "ListenerNotFoundException";
inline constexpr std::string_view kLoadBalancerNotFound = "LoadBalancerNotFoundException";
inline constexpr std::string_view kOperationNotPermitted = "OperationNotPermittedException";
inline constexpr std::string_view kPriorityInUse = "PriorityInUseException";
inline constexpr std::string_view kResourceInUse = "ResourceInUseException";
inline constexpr std::string_view kRuleNotFound = "RuleNotFoundException";
inline constexpr std::string_view kSslPolicyNotFound = "SSLPolicyNotFoundException";
inline constexpr std::string_view kSubnetNotFound = "SubnetNotFoundException";
inline constexpr std::string_view kTargetGroupAssociationLimit = "TargetGroupAssociationLimitException";
inline constexpr std::string_view kTargetGroupNotFound = "TargetGroupNotFoundException";
inline constexpr std::string_view kTooManyActions = "TooManyActionsException";
inline constexpr std::string_view kTooManyCertificates = "TooManyCertificatesException";
inline constexpr std::string_view kTooManyListeners = "TooManyListenersException";
inline constexpr std::string_view kTooManyLoadBalancers = "TooManyLoadBalancersException";
inline constexpr std::string_view kTooManyRules = "TooManyRulesException";
inline constexpr std::string_view kTooManyTags = "TooManyTagsException";
inline constexpr std::string_view kTooManyTargetGroups = "TooManyTargetGroupsException";
inline constexpr std::string_view kTooManyTargets = "TooManyTargetsException";
inline constexpr std::string_view kTooManyUniqueTargetGroups = "TooManyUniqueTargetGroupsPerLoadBalancerException";
inline constexpr std::string_view kUnsupportedProtocol = "UnsupportedProtocolException";
inline constexpr std::string_view kModeled[] = {kAllocationIdNotFound,
                                                kAlpnPolicyNotSupported,
                                                kCertificateNotFound,
                                                kDuplicateListener,
                                                kDuplicateLoadBalancerName,
                                                kDuplicateTagKeys,
                                                kDuplicateTargetGroupName,
                                                kIncompatibleProtocols,
                                                kInvalidConfigurationRequest,
                                                kInvalidLoadBalancerAction,
                                                kInvalidScheme,
                                                kInvalidSecurityGroup,
                                                kInvalidSubnet,
                                                kInvalidTarget,
                                                kListenerNotFound,
                                                kLoadBalancerNotFound,
                                                kOperationNotPermitted,
                                                kPriorityInUse,
                                                kResourceInUse,
                                                kRuleNotFound,
                                                kSslPolicyNotFound,
                                                kSubnetNotFound,
                                                kTargetGroupAssociationLimit,
                                                kTargetGroupNotFound,
                                                kTooManyActions,
                                                kTooManyCertificates,
                                                kTooManyListeners,
                                                kTooManyLoadBalancers,
                                                kTooManyRules,
                                                kTooManyTags,
                                                kTooManyTargetGroups,
                                                kTooManyTargets,
                                                kTooManyUniqueTargetGroups,
                                                kUnsupportedProtocol};

// AWS's common errors, which no model lists. Certificates that cannot serve are told so by a code that only the
// user guide knows (Application Load Balancers, page "Create an HTTPS listener").
inline constexpr std::string_view kValidationError = "ValidationError";
inline constexpr std::string_view kUnsupportedCertificate = "UnsupportedCertificate";

inline Error Invalid(std::string detail) { return Error{Kind::kInvalid, kValidationError, std::move(detail)}; }
inline Error Misconfigured(std::string detail) {
  return Error{Kind::kInvalid, kInvalidConfigurationRequest, std::move(detail)};
}

}  // namespace meetinity::elbv2

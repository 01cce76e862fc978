#pragma once

#include <cstdint>

// Quotas, AWS's defaults: pages "Quotas" of the ALB and NLB user guides.
namespace meetinity::elbv2 {

inline constexpr int64_t kApplicationBalancersMax = 50;  // a region
inline constexpr int64_t kNetworkBalancersMax = 50;      // a region
inline constexpr int64_t kListenersMax = 50;             // a load balancer
inline constexpr int64_t kRulesMax = 100;                // an application load balancer, default rules apart
inline constexpr int64_t kCertificatesMax = 25;          // a listener, the default one apart
inline constexpr int64_t kTargetGroupsMax = 3'000;       // a region
inline constexpr int64_t kTargetsMax = 1'000;            // a target group, and so a load balancer with one
inline constexpr int64_t kGroupsPerActionMax = 5;
inline constexpr int64_t kGroupsPerBalancerMax = 100;
inline constexpr int64_t kActionsMax = 10;            // a rule
inline constexpr int64_t kConditionValuesMax = 5;     // a rule
inline constexpr int64_t kConditionWildcardsMax = 5;  // a rule

}  // namespace meetinity::elbv2

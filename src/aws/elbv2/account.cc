#include <fmt/format.h>

#include <algorithm>

#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "aws/elbv2/paging.h"
#include "aws/elbv2/ssl_policies.h"
#include "aws/elbv2/state.h"

// What holds for the whole account: limits, security policies, capacity.
namespace meetinity::elbv2 {
namespace {

struct Named {
  std::string_view name;
  int64_t max;
};
constexpr Named kLimits[] = {
    {"application-load-balancers", kApplicationBalancersMax},
    {"listeners-per-application-load-balancer", kListenersMax},
    {"rules-per-application-load-balancer", kRulesMax},
    {"network-load-balancers", kNetworkBalancersMax},
    {"listeners-per-network-load-balancer", kListenersMax},
    {"target-groups", kTargetGroupsMax},
    {"targets-per-application-load-balancer", kTargetsMax},
    {"targets-per-network-load-balancer", kTargetsMax},
    {"certificates-per-application-load-balancer", kCertificatesMax},
    {"certificates-per-network-load-balancer", kCertificatesMax},
    {"target-groups-per-action-on-application-load-balancer", kGroupsPerActionMax},
    {"target-groups-per-application-load-balancer", kGroupsPerBalancerMax},
    {"condition-values-per-alb-rule", kConditionValuesMax},
    {"condition-wildcards-per-alb-rule", kConditionWildcardsMax},
};

SslPolicy ToSslPolicy(const SecurityPolicy& policy) {
  SslPolicy out;
  out.name = policy.name;
  out.ssl_protocols = ProtocolsOf(policy);
  out.ciphers.emplace();
  int32_t priority = 0;
  for (const std::string_view cipher : policy.ciphers) {
    out.ciphers->push_back({.name = std::string(cipher), .priority = ++priority});
  }
  out.supported_load_balancer_types = {std::string(LoadBalancerTypeEnum::kApplication),
                                       std::string(LoadBalancerTypeEnum::kNetwork)};
  return out;
}

}  // namespace

Result<DescribeAccountLimitsOutput> Elbv2::DescribeAccountLimits(const Call&, const DescribeAccountLimitsInput& in) {
  std::vector<Limit> all;
  for (const Named& limit : kLimits) all.push_back({.max = std::to_string(limit.max), .name = std::string(limit.name)});
  auto page = TRY(TakePage(std::move(all), in.marker, in.page_size, [](const Limit& limit) { return *limit.name; }));
  return DescribeAccountLimitsOutput{.limits = std::move(page.items), .next_marker = std::move(page.next_marker)};
}

Result<DescribeSSLPoliciesOutput> Elbv2::DescribeSSLPolicies(const Call&, const DescribeSSLPoliciesInput& in) {
  std::vector<SslPolicy> all;
  if (in.names && !in.names->empty()) {
    for (const std::string& name : *in.names) all.push_back(ToSslPolicy(*TRY(GetSecurityPolicy(name))));
  } else {
    for (const SecurityPolicy& policy : SecurityPolicies()) all.push_back(ToSslPolicy(policy));
  }
  // Gateway load balancers speak no TLS.
  if (in.load_balancer_type == LoadBalancerTypeEnum::kGateway) all.clear();
  auto page =
      TRY(TakePage(std::move(all), in.marker, in.page_size, [](const SslPolicy& policy) { return *policy.name; }));
  DescribeSSLPoliciesOutput out;
  out.ssl_policies = std::move(page.items);
  out.next_marker = std::move(page.next_marker);
  return out;
}

// A machine has the capacity it has, so none is ever reserved.
Result<DescribeCapacityReservationOutput> Elbv2::DescribeCapacityReservation(
    const Call&, const DescribeCapacityReservationInput& in) {
  TRY(database_.Read([&](const store::ReadTx& tx) { return GetLoadBalancer(tx, in.load_balancer_arn); }));
  return DescribeCapacityReservationOutput{};
}

}  // namespace meetinity::elbv2

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// The names of load balancing's resources: ARNs, names that owners choose, DNS names.
namespace meetinity::elbv2 {

enum class Resource { kLoadBalancer, kListener, kRule, kTargetGroup };

// ValidationError unless `arn` has the form of such a resource's.
Status CheckArn(std::string_view arn, Resource resource);
// Which resource an ARN is of; ValidationError when of none.
Result<Resource> ResourceOf(std::string_view arn);
// LoadBalancerNotFound and so on.
Error NotFound(Resource resource, std::string_view arn);

// Where resources are made.
struct Place {
  std::string region;
  std::string account;
};

// "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/site/50dc6c495c0c9188", ids fresh ones.
// "arn:…:loadbalancer/app/site/*": what is to be made, as policies name it.
std::string ArnToBe(const Place& place, std::string_view kind, std::string_view name);
std::string NewLoadBalancerArn(const Place& place, std::string_view type, std::string_view name);
std::string NewTargetGroupArn(const Place& place, std::string_view name);
std::string NewListenerArn(std::string_view load_balancer_arn);
std::string NewRuleArn(std::string_view listener_arn);

// "app/site/50dc6c495c0c9188": how interfaces, metrics and logs name a load balancer.
std::string_view ShortNameOf(std::string_view load_balancer_arn);
// "arn:…:loadbalancer/app/site/50dc6c495c0c9188" of a listener's or rule's.
std::string LoadBalancerArnOf(std::string_view listener_or_rule_arn);

// ValidationError for a name that AWS refuses: longer than 32, other than letters, digits and inner hyphens, or
// beginning with "internal-" (ELBv2 API, CreateLoadBalancer and CreateTargetGroup).
Status CheckLoadBalancerName(std::string_view name);
Status CheckTargetGroupName(std::string_view name);

// "site-1234567890.eu-west-1.elb.localhost", "internal-site-…" when internal, and for a network load balancer
// "site-50dc6c495c0c9188.elb.eu-west-1.localhost":
// AWS's names beneath .localhost, lower case, so that they resolve on this machine.
std::string NewDnsName(std::string_view load_balancer_arn, std::string_view region, bool internal);

}  // namespace meetinity::elbv2

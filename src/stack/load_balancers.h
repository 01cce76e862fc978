#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/elbv2_model.h"
#include "base/function_ref.h"
#include "stack/resources.h"
#include "stack/stack.h"

namespace meetinity::stack {

// One apply of the shared load balancers, as infra/terraform/modules/load_balancers describes them. Lives for that
// apply, and comes after the network's.
class LoadBalancersPlan {
 public:
  LoadBalancersPlan(Stack::Services services, Resources& resources, const wire::Call& call, const Variables& variables,
                    std::function<void(Step)> report);

  // Makes those that are wanted, and takes down the others.
  Status Apply();
  // Takes down what an earlier apply created: before the network that it stands in.
  Status Destroy() { return RemoveOthers(); }

 private:
  struct Balancer {
    std::string part;  // "alb", "nlb"
    elbv2::CreateLoadBalancerInput wanted;
    std::map<std::string, std::string> attributes;
    elbv2::CreateTargetGroupInput group;
  };
  struct Listener {
    std::string part;  // "http", "https", "tcp"
    int64_t port = 0;
    std::string_view protocol;
    std::string certificate_arn;
    int64_t redirect_to = 0;  // a port; 0: forwards
  };

  // load_balancers.cc
  Status ApplyApplication();
  Status ApplyNetwork();
  Status ApplyBalancer(const Balancer& balancer, const std::vector<Listener>& listeners);
  Result<std::vector<std::string>> SubnetsFor(const std::vector<std::string>& asked, bool internal) const;
  Result<std::string> EnsureSecurityGroup(const std::vector<int64_t>& ports);
  std::string NameOf(const std::string& asked, std::string_view part) const;

  // load_balancer_parts.cc. Each answers the resource's ARN.
  Result<std::string> EnsureBalancer(const Balancer& balancer);
  Result<std::string> EnsureTargetGroup(const Balancer& balancer);
  Status EnsureListener(const Listener& listener, const std::string& balancer, const std::string& group);
  Result<bool> ConvergeAttributes(const std::string& balancer, const std::map<std::string, std::string>& wanted);
  Result<bool> ConvergeTags(const std::string& arn);
  // What was remembered under the address, when the service still has it.
  template <class Found>
  Result<std::optional<Found>> FindEarlier(const std::string& address,
                                           FunctionRef<Result<Found>(const std::string& arn)> describe) const;
  Status Remove(const std::string& id);
  // Whatever is remembered and was not ensured, dependents first.
  Status RemoveOthers();
  Status Keep(const std::string& address, const std::string& id, Action action, const std::string& detail);

  Stack::Services services_;
  Resources& resources_;
  wire::Call call_;
  const Variables& variables_;
  std::function<void(Step)> report_;

  std::string vpc_id_;
  std::set<std::string> ensured_;  // addresses
};

// shared_alb_dns_name and so on, of what stands.
Status AddLoadBalancerOutputs(const Stack::Services& services, const Resources& resources, const wire::Call& call,
                              std::vector<Output>& outputs);

}  // namespace meetinity::stack

#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "stack/resources.h"
#include "stack/stack.h"

namespace meetinity::stack {

// One apply of the network, as infra/terraform/modules/network describes it. Lives for that apply.
class NetworkPlan {
 public:
  NetworkPlan(ec2::Ec2& ec2, Resources& resources, const wire::Call& call, const Variables& variables,
              const StackOptions& options, std::function<void(Step)> report);

  Status Apply();
  // Takes down what an earlier apply created. What others have placed in the network is refused, as Terraform refuses
  // it: DependencyViolation.
  Status Destroy();

 private:
  // The network's parts, each after those it needs (network.cc).
  Status ApplyVpc();
  Status ApplyPublicSide();
  Status ApplyNatGateways();
  Status ApplyPrivateSide();
  Result<std::string> EnsureSubnet(std::string_view side, size_t index, uint32_t block, bool is_public);
  Result<std::string> EnsureTable(const std::string& address, const std::string& name);
  Status EnsureRoute(const std::string& address, const std::string& table, const std::string& target);
  Status EnsureAssociation(const std::string& address, const std::string& table, const std::string& subnet);
  std::string BlockOf(uint32_t index) const;
  size_t zones() const { return zones_.size(); }
  size_t nat_gateways() const;

  // How any of them is kept (network_parts.cc). `address` is without the module's own.
  // The part's id: the one that stands, or what `make` makes; then with the stack's tags and `name`.
  Result<std::string> Ensure(const std::string& address, const std::string& name,
                             FunctionRef<Result<std::string>()> make);
  Result<bool> Exists(const std::string& id) const;
  Result<bool> ConvergeTags(const std::string& id, const std::string& name);
  Status Remove(const std::string& id);
  // Whatever is remembered and was not ensured, dependents first.
  Status RemoveOthers();
  Status Keep(const std::string& address, const std::string& id, Action action, const std::string& detail);

  ec2::Ec2& ec2_;
  Resources& resources_;
  wire::Call call_;
  const Variables& variables_;
  const Network& network_;
  const StackOptions& options_;
  std::function<void(Step)> report_;

  std::string name_;
  std::vector<std::string> zones_;
  std::set<std::string> ensured_;  // addresses
  std::string vpc_id_;
  std::string gateway_id_;
  std::vector<std::string> public_subnets_;
  std::vector<std::string> nat_gateways_;
};

// vpc_id, public_subnet_ids and private_subnet_ids, the ids of each list with commas between them.
Status AddNetworkOutputs(const Resources& resources, std::vector<Output>& outputs);

}  // namespace meetinity::stack

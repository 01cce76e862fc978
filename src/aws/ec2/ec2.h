#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/ec2/network.h"
#include "aws/ec2/operations.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::ec2 {

struct Ec2Options {
  std::string account = "123456789012";
};

// EC2's network: VPCs, subnets, gateways, addresses, routes, security groups and interfaces, each of the region that
// the call was signed for. Thread-safe; handlers run on workers. What moves packets elsewhere is a record here: who
// listens in a subnet asks for an interface, and for the rules of its security groups.
class Ec2 {
 public:
  Ec2(store::Database& database, const Clock& clock, Ec2Options options);
  ~Ec2();

  static std::vector<store::Migration> Migrations();
  void Register(wire::ServiceHost& host);
  // Every account has a default VPC in every region, with a subnet in each zone and a way out: made before the region's
  // first call is served. Does nothing where it was made, even if its owner has deleted it since.
  Status EnsureRegion(const std::string& region);

  // --- For other services, within their own transaction or view. An id that is not known is refused with kNotFound
  // and EC2's own name for it: InvalidVpcID.NotFound, InvalidSubnetID.NotFound, InvalidGroup.NotFound.
  Result<VpcInfo> FindVpc(const store::ReadTx& tx, std::string_view vpc_id) const;
  Result<SubnetInfo> FindSubnet(const store::ReadTx& tx, std::string_view subnet_id) const;
  Result<SecurityGroupInfo> FindSecurityGroup(const store::ReadTx& tx, std::string_view group_id) const;
  // The group "default" that every VPC has.
  Result<SecurityGroupInfo> DefaultSecurityGroup(const store::ReadTx& tx, std::string_view vpc_id) const;

  // Takes a free address of the subnet. InvalidSubnetID.NotFound, InvalidGroup.NotFound, InvalidParameterValue for a
  // group of another VPC, InsufficientFreeAddressesInSubnet, InvalidIPAddress.InUse, InvalidAllocationID.NotFound.
  Result<NetworkInterfaceInfo> CreateLoadBalancerInterface(store::Tx& tx, const LoadBalancerInterface& wanted);
  // The load balancer's interfaces, in the order of their subnets' zones. `load_balancer` as above, "app/my-alb/…".
  Result<std::vector<NetworkInterfaceInfo>> LoadBalancerInterfaces(const store::ReadTx& tx,
                                                                   std::string_view load_balancer) const;
  // Of all interfaces of the load balancer; refuses groups as the creation does.
  Status SetLoadBalancerSecurityGroups(store::Tx& tx, std::string_view load_balancer,
                                       const std::vector<std::string>& security_group_ids);
  // Frees its address; an Elastic IP goes back to its owner. What is not there is no error.
  Status DeleteNetworkInterface(store::Tx& tx, std::string_view interface_id);
  Status DeleteLoadBalancerInterfaces(store::Tx& tx, std::string_view load_balancer);

  // What the groups together let in, one entry for each rule and peer; a group that is not known lets in nothing.
  Result<std::vector<IngressRule>> IngressRules(const store::ReadTx& tx,
                                                const std::vector<std::string>& security_group_ids) const;
  // IPv4 addresses of the interfaces in a group: who a rule means that refers to it.
  Result<std::vector<std::string>> PrivateAddressesOf(const store::ReadTx& tx, std::string_view group_id) const;
  // Told of the groups whose rules changed, after the commit, on a worker. Set before the first call is served.
  void OnRulesChanged(std::function<void(const std::vector<std::string>& group_ids)> changed);

  // --- EC2's operations; see operations.h.
#define MEETINITY_DECLARE(operation) \
  Result<operation##Output> operation(const wire::Call& call, const operation##Input& in);
  MEETINITY_EC2_CHANGES(MEETINITY_DECLARE)
#undef MEETINITY_DECLARE
#define MEETINITY_DECLARE(operation) \
  Result<operation##Output> operation(const wire::Call& call, const operation##Input& in) const;
  MEETINITY_EC2_QUESTIONS(MEETINITY_DECLARE)
#undef MEETINITY_DECLARE

 private:
  void RulesChanged(const std::vector<std::string>& group_ids) const;

  store::Database& database_;
  const Clock& clock_;
  const Ec2Options options_;
  std::function<void(const std::vector<std::string>&)> rules_changed_;
};

}  // namespace meetinity::ec2

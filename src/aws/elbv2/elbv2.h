#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "aws/acm/acm.h"
#include "aws/ec2/ec2.h"
#include "aws/elbv2/balancer_config.h"
#include "aws/elbv2/data_plane.h"
#include "aws/elbv2/published.h"
#include "aws/elbv2_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::elbv2 {

class Publisher;
struct Publication;
struct Subject;

struct Elbv2Options {
  std::string account = "123456789012";
};

// Whether access logs of this account and region may be written to a bucket, and that it exists: the refusal tells the
// owner.
using LogBucketCheck = std::function<Status(const std::string& bucket, const std::string& prefix)>;

// Elastic Load Balancing: application and network load balancers, their listeners and rules, target groups and who is
// in them. Thread-safe; handlers run on workers. State is the store's; a change builds the data plane's configuration
// in its own transaction, and publishes it after the commit. Health is asked of the data plane.
class Elbv2 {
 public:
  Elbv2(store::Database& database, ec2::Ec2& ec2, acm::Acm& acm, DataPlane& data_plane, const Clock& clock,
        Elbv2Options options);
  ~Elbv2();

  static std::vector<store::Migration> Migrations();
  void Register(wire::ServiceHost& host);

  // Set before the first call is served.
  void OnPublish(std::function<void(const Published&)> published);
  void AskLogBucket(LogBucketCheck check) { log_bucket_check_ = std::move(check); }
  // Publishes what the store says: at start, once it is known where this machine listens, and when the store was
  // replaced beneath us.
  Status Restore(Doorway doorway);
  // Publishes anew: a certificate was replaced, or a security group's rules changed. On a worker.
  Status Republish();
  // A deregistered target has nothing under way any more, or its delay is over; names as the data plane has them. On a
  // worker.
  Status OnDrained(const std::string& target_group_arn, const std::string& target_id);
  // Lets go of targets whose deregistration delay is over by the cloud's clock. For a timer of the program's.
  Status EndDrains();

  using Call = wire::Call;
  // --- load_balancers.cc, load_balancer_places.cc
  Result<CreateLoadBalancerOutput> CreateLoadBalancer(const Call& call, const CreateLoadBalancerInput& in);
  Result<DescribeLoadBalancersOutput> DescribeLoadBalancers(const Call& call, const DescribeLoadBalancersInput& in);
  Result<DeleteLoadBalancerOutput> DeleteLoadBalancer(const Call& call, const DeleteLoadBalancerInput& in);
  Result<SetSubnetsOutput> SetSubnets(const Call& call, const SetSubnetsInput& in);
  Result<SetSecurityGroupsOutput> SetSecurityGroups(const Call& call, const SetSecurityGroupsInput& in);
  Result<SetIpAddressTypeOutput> SetIpAddressType(const Call& call, const SetIpAddressTypeInput& in);
  Result<DescribeCapacityReservationOutput> DescribeCapacityReservation(const Call& call,
                                                                        const DescribeCapacityReservationInput& in);
  // --- listeners.cc, listener_certificates.cc
  Result<CreateListenerOutput> CreateListener(const Call& call, const CreateListenerInput& in);
  Result<DescribeListenersOutput> DescribeListeners(const Call& call, const DescribeListenersInput& in);
  Result<ModifyListenerOutput> ModifyListener(const Call& call, const ModifyListenerInput& in);
  Result<DeleteListenerOutput> DeleteListener(const Call& call, const DeleteListenerInput& in);
  Result<AddListenerCertificatesOutput> AddListenerCertificates(const Call& call,
                                                                const AddListenerCertificatesInput& in);
  Result<DescribeListenerCertificatesOutput> DescribeListenerCertificates(const Call& call,
                                                                          const DescribeListenerCertificatesInput& in);
  Result<RemoveListenerCertificatesOutput> RemoveListenerCertificates(const Call& call,
                                                                      const RemoveListenerCertificatesInput& in);
  // --- rules.cc
  Result<CreateRuleOutput> CreateRule(const Call& call, const CreateRuleInput& in);
  Result<DescribeRulesOutput> DescribeRules(const Call& call, const DescribeRulesInput& in);
  Result<ModifyRuleOutput> ModifyRule(const Call& call, const ModifyRuleInput& in);
  Result<DeleteRuleOutput> DeleteRule(const Call& call, const DeleteRuleInput& in);
  Result<SetRulePrioritiesOutput> SetRulePriorities(const Call& call, const SetRulePrioritiesInput& in);
  // --- target_groups.cc, targets.cc
  Result<CreateTargetGroupOutput> CreateTargetGroup(const Call& call, const CreateTargetGroupInput& in);
  Result<DescribeTargetGroupsOutput> DescribeTargetGroups(const Call& call, const DescribeTargetGroupsInput& in);
  Result<ModifyTargetGroupOutput> ModifyTargetGroup(const Call& call, const ModifyTargetGroupInput& in);
  Result<DeleteTargetGroupOutput> DeleteTargetGroup(const Call& call, const DeleteTargetGroupInput& in);
  Result<RegisterTargetsOutput> RegisterTargets(const Call& call, const RegisterTargetsInput& in);
  Result<DeregisterTargetsOutput> DeregisterTargets(const Call& call, const DeregisterTargetsInput& in);
  Result<DescribeTargetHealthOutput> DescribeTargetHealth(const Call& call, const DescribeTargetHealthInput& in);
  // --- attribute_operations.cc
  Result<DescribeLoadBalancerAttributesOutput> DescribeLoadBalancerAttributes(
      const Call& call, const DescribeLoadBalancerAttributesInput& in);
  Result<ModifyLoadBalancerAttributesOutput> ModifyLoadBalancerAttributes(const Call& call,
                                                                          const ModifyLoadBalancerAttributesInput& in);
  Result<DescribeTargetGroupAttributesOutput> DescribeTargetGroupAttributes(
      const Call& call, const DescribeTargetGroupAttributesInput& in);
  Result<ModifyTargetGroupAttributesOutput> ModifyTargetGroupAttributes(const Call& call,
                                                                        const ModifyTargetGroupAttributesInput& in);
  Result<DescribeListenerAttributesOutput> DescribeListenerAttributes(const Call& call,
                                                                      const DescribeListenerAttributesInput& in);
  Result<ModifyListenerAttributesOutput> ModifyListenerAttributes(const Call& call,
                                                                  const ModifyListenerAttributesInput& in);
  // --- tags.cc, account.cc
  Result<AddTagsOutput> AddTags(const Call& call, const AddTagsInput& in);
  Result<DescribeTagsOutput> DescribeTags(const Call& call, const DescribeTagsInput& in);
  Result<RemoveTagsOutput> RemoveTags(const Call& call, const RemoveTagsInput& in);
  Result<DescribeSSLPoliciesOutput> DescribeSSLPolicies(const Call& call, const DescribeSSLPoliciesInput& in);
  Result<DescribeAccountLimitsOutput> DescribeAccountLimits(const Call& call, const DescribeAccountLimitsInput& in);

 private:
  // Where a load balancer's nodes are to be, checked: one subnet a zone, of one VPC.
  struct Placement {
    std::string vpc_id;
    std::vector<ZoneRecord> zones;  // in the order of their names, without interfaces
  };
  Result<Placement> CheckPlacement(const store::ReadTx& tx, const Call& call, std::string_view type,
                                   std::string_view scheme, const std::vector<SubnetMapping>& mappings) const;
  // The groups as they are asked for, or the VPC's default one.
  Result<std::vector<std::string>> CheckSecurityGroups(const store::ReadTx& tx, const std::string& vpc_id,
                                                       const std::vector<std::string>& asked) const;
  Status PutZones(store::Tx& tx, const LoadBalancerRecord& record, std::vector<ZoneRecord> zones);
  Result<std::vector<AvailabilityZone>> DescribeZones(const store::ReadTx& tx, const LoadBalancerRecord& record) const;
  Result<LoadBalancer> DescribeOne(const store::ReadTx& tx, const LoadBalancerRecord& record) const;
  LoadBalancerState StateOf(const LoadBalancerRecord& record, const std::vector<ListenerRecord>& listeners) const;
  Status EraseListener(store::Tx& tx, const ListenerRecord& record);

  // A listener's certificates must be there and serve: CertificateNotFound, UnsupportedCertificate.
  Status CheckCertificate(const Call& call, const std::string& arn) const;
  // ACM refuses to delete a certificate while a load balancer shows it. Runs `change`, and tells ACM the difference.
  Status WithCertificates(store::Tx& tx, const std::string& load_balancer_arn, const std::function<Status()>& change);
  // Why the listener cannot listen; nothing when it does.
  Status CheckListens(const std::string& listener_arn) const;
  // What protocol, certificates and policy a listener is to have, from a request.
  template <class In>
  Status FillListener(const Call& call, const LoadBalancerRecord& load_balancer, const In& in,
                      ListenerRecord& record) const;

  Status CheckTarget(const store::ReadTx& tx, const TargetGroupRecord& group, TargetRecord& target) const;
  TargetHealth HealthOf(const TargetRecord& record, bool is_used) const;

  // What an operation needs to be allowed (permissions.h), for the dispatcher.
  Result<wire::Permissions> PermissionsFor(const Subject& subject) const;

  // One change of state: `work` in a transaction, the configuration that follows in the same one, and its publication
  // after the commit.
  template <class Work>
  auto Change(Work&& work) -> std::invoke_result_t<Work, store::Tx&>;
  Result<std::shared_ptr<const Publication>> Build(const store::Tx& tx) const;
  void Publish(const Publication& next) const;

  store::Database& database_;
  ec2::Ec2& ec2_;
  acm::Acm& acm_;
  DataPlane& data_plane_;
  const Clock& clock_;
  const Elbv2Options options_;
  LogBucketCheck log_bucket_check_;
  const std::unique_ptr<Publisher> publisher_;
};

template <class Work>
auto Elbv2::Change(Work&& work) -> std::invoke_result_t<Work, store::Tx&> {
  std::shared_ptr<const Publication> next;
  auto result = database_.Write([&](store::Tx& tx) {
    auto changed = work(tx);
    if (!changed.ok()) return changed;
    auto built = Build(tx);
    if (!built.ok()) return decltype(changed)(std::move(built).error());
    next = std::move(built).value();
    return changed;
  });
  if (result.ok()) Publish(*next);
  return result;
}

}  // namespace meetinity::elbv2

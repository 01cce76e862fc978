#include <fmt/format.h>

#include "aws/elbv2/attributes.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/state.h"

// Reading and setting attributes.
namespace meetinity::elbv2 {
namespace {

// Stores what a request sets; what holds afterwards.
template <class Record>
Result<Attributes> SetAttributes(store::Tx& tx, const Record& record, const Attributes& wanted) {
  if (wanted.empty()) return Invalid("At least one attribute must be specified");
  const AttributeOwner owner = OwnerOf(record);
  TRY(CheckAttributes(owner, wanted));
  Attributes all = TRY(AttributesOf(tx, record));
  for (const auto& [key, value] : wanted) {
    TRY(tx.Put(AttributeRecord{record.arn, key, value}));
    all[key] = value;
  }
  TRY(CheckTogether(owner, all));
  return all;
}

// NLB user guide, "Target group attributes": what UDP does not let one choose.
Status CheckUdp(const TargetGroupRecord& record, const Attributes& wanted) {
  if (record.protocol != ProtocolEnum::kUdp) return {};
  if (wanted.contains(std::string(attribute::kTerminateWhenUnhealthy))) {
    return Misconfigured(
        fmt::format("Attribute '{}' cannot be set for protocol 'UDP'", attribute::kTerminateWhenUnhealthy));
  }
  const auto preserve = wanted.find(std::string(attribute::kPreserveClientIp));
  if (preserve == wanted.end() || preserve->second == "true") return {};
  return Misconfigured("Client IP preservation cannot be disabled for protocol 'UDP'");
}

// One machine cannot send with another's address.
Status CheckPreservation(const TargetGroupRecord& record, const Attributes& wanted) {
  const auto preserve = wanted.find(std::string(attribute::kPreserveClientIp));
  if (preserve == wanted.end() || preserve->second == "false" || record.protocol == ProtocolEnum::kUdp) return {};
  return Misconfigured(
      "Client IP preservation is not served here; proxy_protocol_v2.enabled tells targets the client's "
      "address");
}

}  // namespace

Result<DescribeLoadBalancerAttributesOutput> Elbv2::DescribeLoadBalancerAttributes(
    const Call&, const DescribeLoadBalancerAttributesInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeLoadBalancerAttributesOutput> {
    const Attributes all = TRY(AttributesOf(tx, TRY(GetLoadBalancer(tx, in.load_balancer_arn))));
    return DescribeLoadBalancerAttributesOutput{.attributes = FromAttributes<LoadBalancerAttribute>(all)};
  });
}

Result<ModifyLoadBalancerAttributesOutput> Elbv2::ModifyLoadBalancerAttributes(
    const Call&, const ModifyLoadBalancerAttributesInput& in) {
  const Attributes wanted = TRY(ToAttributes(in.attributes));
  // Whether logs may be written is tried before the transaction: it writes an object, which takes one of its own.
  const auto after = TRY(database_.Read([&](const store::ReadTx& tx) -> Result<Attributes> {
    const LoadBalancerRecord record = TRY(GetLoadBalancer(tx, in.load_balancer_arn));
    TRY(CheckAttributes(OwnerOf(record), wanted));
    Attributes all = TRY(AttributesOf(tx, record));
    for (const auto& [key, value] : wanted) all[key] = value;
    return all;
  }));
  if (IsOn(after, attribute::kAccessLogs) && log_bucket_check_) {
    const std::string& bucket = TextOf(after, attribute::kAccessLogsBucket);
    if (!bucket.empty()) TRY(log_bucket_check_(bucket, TextOf(after, attribute::kAccessLogsPrefix)));
  }
  return Change([&](store::Tx& tx) -> Result<ModifyLoadBalancerAttributesOutput> {
    const LoadBalancerRecord record = TRY(GetLoadBalancer(tx, in.load_balancer_arn));
    const Attributes all = TRY(SetAttributes(tx, record, wanted));
    return ModifyLoadBalancerAttributesOutput{.attributes = FromAttributes<LoadBalancerAttribute>(all)};
  });
}

Result<DescribeTargetGroupAttributesOutput> Elbv2::DescribeTargetGroupAttributes(
    const Call&, const DescribeTargetGroupAttributesInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeTargetGroupAttributesOutput> {
    const Attributes all = TRY(AttributesOf(tx, TRY(GetTargetGroup(tx, in.target_group_arn))));
    return DescribeTargetGroupAttributesOutput{.attributes = FromAttributes<TargetGroupAttribute>(all)};
  });
}

Result<ModifyTargetGroupAttributesOutput> Elbv2::ModifyTargetGroupAttributes(
    const Call&, const ModifyTargetGroupAttributesInput& in) {
  const Attributes wanted = TRY(ToAttributes(in.attributes));
  return Change([&](store::Tx& tx) -> Result<ModifyTargetGroupAttributesOutput> {
    const TargetGroupRecord record = TRY(GetTargetGroup(tx, in.target_group_arn));
    TRY(CheckUdp(record, wanted));
    TRY(CheckPreservation(record, wanted));
    const Attributes all = TRY(SetAttributes(tx, record, wanted));
    return ModifyTargetGroupAttributesOutput{.attributes = FromAttributes<TargetGroupAttribute>(all)};
  });
}

Result<DescribeListenerAttributesOutput> Elbv2::DescribeListenerAttributes(const Call&,
                                                                           const DescribeListenerAttributesInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeListenerAttributesOutput> {
    const Attributes all = TRY(AttributesOf(tx, TRY(GetListener(tx, in.listener_arn))));
    return DescribeListenerAttributesOutput{.attributes = FromAttributes<ListenerAttribute>(all)};
  });
}

Result<ModifyListenerAttributesOutput> Elbv2::ModifyListenerAttributes(const Call&,
                                                                       const ModifyListenerAttributesInput& in) {
  const Attributes wanted = TRY(ToAttributes(in.attributes));
  return Change([&](store::Tx& tx) -> Result<ModifyListenerAttributesOutput> {
    const ListenerRecord record = TRY(GetListener(tx, in.listener_arn));
    const Attributes all = TRY(SetAttributes(tx, record, wanted));
    return ModifyListenerAttributesOutput{.attributes = FromAttributes<ListenerAttribute>(all)};
  });
}

}  // namespace meetinity::elbv2

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/elbv2/arns.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "aws/elbv2/paging.h"
#include "aws/elbv2/publisher.h"
#include "aws/elbv2/state.h"
#include "aws/elbv2/tags.h"

// Load balancers: made, listed, deleted.
namespace meetinity::elbv2 {
namespace {

// ELBv2 API, DescribeLoadBalancers.
constexpr size_t kNamedMax = 20;
// Route 53's zones of the load balancers' names; AWS General Reference, "Elastic Load Balancing endpoints", eu-west-1.
constexpr std::string_view kApplicationZone = "Z32O12XQLNTSW2";
constexpr std::string_view kNetworkZone = "Z2IFOLAFXWLO4F";

std::string_view KindName(std::string_view type) {
  return type == LoadBalancerTypeEnum::kNetwork ? "network" : "application";
}

// What was asked for, with the API's defaults.
struct Wish {
  std::string type, scheme, ip_address_type;
  std::vector<SubnetMapping> mappings;
};

Result<std::vector<SubnetMapping>> MappingsOf(const std::optional<std::vector<std::string>>& subnets,
                                              const std::optional<std::vector<SubnetMapping>>& mappings) {
  const bool has_subnets = subnets && !subnets->empty();
  const bool has_mappings = mappings && !mappings->empty();
  if (has_subnets && has_mappings) return Invalid("You must specify either subnets or subnet mappings, but not both");
  if (has_mappings) return *mappings;
  std::vector<SubnetMapping> all;
  if (has_subnets) {
    for (const std::string& id : *subnets) all.push_back({.subnet_id = id});
  }
  return all;
}

Result<Wish> WishOf(const CreateLoadBalancerInput& in) {
  Wish wish;
  wish.type = in.type.value_or(std::string(LoadBalancerTypeEnum::kApplication));
  wish.scheme = in.scheme.value_or(std::string(LoadBalancerSchemeEnum::kInternetFacing));
  wish.ip_address_type = in.ip_address_type.value_or(std::string(IpAddressType::kIpv4));
  if (wish.type == LoadBalancerTypeEnum::kGateway) {
    return Misconfigured("Gateway load balancers are not served here; use 'application' or 'network'");
  }
  if (in.customer_owned_ipv4_pool || (in.ipam_pools && in.ipam_pools->ipv4_ipam_pool_id)) {
    return Misconfigured("Customer-owned and IPAM address pools are not served here");
  }
  if (wish.ip_address_type == IpAddressType::kDualstackWithoutPublicIpv4 &&
      (wish.type == LoadBalancerTypeEnum::kNetwork || wish.scheme == LoadBalancerSchemeEnum::kInternal)) {
    return Misconfigured(
        "IP address type 'dualstack-without-public-ipv4' is for internet-facing application load "
        "balancers");
  }
  wish.mappings = TRY(MappingsOf(in.subnets, in.subnet_mappings));
  return wish;
}

Status CheckCount(const store::ReadTx& tx, const std::string& region, const std::string& type) {
  const int64_t max = type == LoadBalancerTypeEnum::kNetwork ? kNetworkBalancersMax : kApplicationBalancersMax;
  const int64_t there = TRY(tx.Count<LoadBalancerRecord>("region = ? AND type = ?", {region, type}));
  if (there < max) return {};
  return Error{Kind::kLimit, kTooManyLoadBalancers,
               fmt::format("You've reached the limit of {} {} load balancers in {}", max, KindName(type), region)};
}

std::set<std::string> SubnetsOf(const std::vector<ZoneRecord>& zones) {
  std::set<std::string> ids;
  for (const ZoneRecord& zone : zones) ids.insert(zone.subnet_id);
  return ids;
}

Result<LoadBalancerRecord> GetByName(const store::ReadTx& tx, const std::string& region, const std::string& name) {
  auto found = TRY(tx.Select<LoadBalancerRecord>("region = ? AND name = ?", {region, name}));
  if (!found.empty()) return std::move(found.front());
  return Error{Kind::kNotFound, kLoadBalancerNotFound, fmt::format("Load balancers '[{}]' not found", name)};
}

}  // namespace

Result<CreateLoadBalancerOutput> Elbv2::CreateLoadBalancer(const Call& call, const CreateLoadBalancerInput& in) {
  TRY(CheckLoadBalancerName(in.name));
  const Wish wish = TRY(WishOf(in));
  const std::string region = RegionOf(call);
  return Change([&](store::Tx& tx) -> Result<CreateLoadBalancerOutput> {
    Placement placement = TRY(CheckPlacement(tx, call, wish.type, wish.scheme, wish.mappings));
    std::vector<std::string> asked = in.security_groups.value_or(std::vector<std::string>());
    // A network load balancer without groups has none, and lets everybody in.
    std::vector<std::string> groups;
    if (wish.type == LoadBalancerTypeEnum::kApplication || !asked.empty()) {
      groups = TRY(CheckSecurityGroups(tx, placement.vpc_id, asked));
    }
    CreateLoadBalancerOutput out;
    const auto there = TRY(tx.Select<LoadBalancerRecord>("region = ? AND name = ?", {region, in.name}));
    if (!there.empty()) {
      const LoadBalancerRecord& same = there.front();
      const bool is_same = same.type == wish.type && same.scheme == wish.scheme &&
                           same.ip_address_type == wish.ip_address_type && LinesOf(same.security_groups) == groups &&
                           SubnetsOf(TRY(ZonesOf(tx, same.arn))) == SubnetsOf(placement.zones);
      if (!is_same) {
        return Error{
            Kind::kConflict, kDuplicateLoadBalancerName,
            fmt::format("A load balancer with the same name '{}' exists, but with different settings", in.name)};
      }
      out.load_balancers = {TRY(DescribeOne(tx, same))};
      return out;
    }
    TRY(CheckCount(tx, region, wish.type));
    LoadBalancerRecord record;
    record.arn = NewLoadBalancerArn({region, call.account}, wish.type, in.name);
    record.region = region;
    record.name = in.name;
    record.type = wish.type;
    record.scheme = wish.scheme;
    record.vpc_id = placement.vpc_id;
    record.ip_address_type = wish.ip_address_type;
    record.dns_name = NewDnsName(record.arn, region, wish.scheme == LoadBalancerSchemeEnum::kInternal);
    record.security_groups = ToLines(groups);
    record.created_at = call.now;
    record.number = static_cast<int64_t>(tx.number());
    TRY(tx.Put(record));
    TRY(PutZones(tx, record, std::move(placement.zones)));
    TRY(PutTags(tx, record.arn, in.tags));
    out.load_balancers = {TRY(DescribeOne(tx, record))};
    return out;
  });
}

LoadBalancerState Elbv2::StateOf(const LoadBalancerRecord& record, const std::vector<ListenerRecord>& listeners) const {
  LoadBalancerState state;
  if (!publisher_->HasAdopted(record.number)) {
    state.code = LoadBalancerStateEnum::kProvisioning;
    return state;
  }
  size_t broken = 0;
  const auto problems = data_plane_.Problems();
  for (const ListenerRecord& listener : listeners) {
    const auto problem = std::find_if(problems.begin(), problems.end(),
                                      [&](const auto& one) { return one.listener_id == listener.arn; });
    if (problem == problems.end()) continue;
    ++broken;
    state.reason = fmt::format("The listener on port {} does not listen: {}", listener.port, problem->error.detail);
  }
  state.code = broken == 0                 ? LoadBalancerStateEnum::kActive
               : broken < listeners.size() ? LoadBalancerStateEnum::kActiveImpaired
                                           : LoadBalancerStateEnum::kFailed;
  return state;
}

Result<LoadBalancer> Elbv2::DescribeOne(const store::ReadTx& tx, const LoadBalancerRecord& record) const {
  const bool is_network = record.type == LoadBalancerTypeEnum::kNetwork;
  LoadBalancer out;
  out.load_balancer_arn = record.arn;
  out.load_balancer_name = record.name;
  out.dns_name = record.dns_name;
  out.canonical_hosted_zone_id = is_network ? kNetworkZone : kApplicationZone;
  out.created_time = record.created_at;
  out.scheme = record.scheme;
  out.type = record.type;
  out.vpc_id = record.vpc_id;
  out.ip_address_type = record.ip_address_type;
  const std::vector<std::string> groups = LinesOf(record.security_groups);
  if (!groups.empty()) out.security_groups = groups;
  if (is_network) {
    out.enable_prefix_for_ipv6_source_nat = EnablePrefixForIpv6SourceNatEnum::kOff;
    if (!groups.empty()) {
      out.enforce_security_group_inbound_rules_on_private_link_traffic =
          EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum::kOn;
    }
  }
  out.state = StateOf(record, TRY(ListenersOf(tx, record.arn)));
  out.availability_zones = TRY(DescribeZones(tx, record));
  return out;
}

Result<DescribeLoadBalancersOutput> Elbv2::DescribeLoadBalancers(const Call& call,
                                                                 const DescribeLoadBalancersInput& in) {
  const auto& arns = in.load_balancer_arns;
  const bool by_arn = arns && !arns->empty();
  const bool by_name = in.names && !in.names->empty();
  if (by_arn && by_name) return Invalid("Load balancer names and load balancer ARNs cannot be specified together");
  if ((by_arn && arns->size() > kNamedMax) || (by_name && in.names->size() > kNamedMax)) {
    return Invalid(fmt::format("At most {} load balancers can be specified", kNamedMax));
  }
  const std::string region = RegionOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeLoadBalancersOutput> {
    std::vector<LoadBalancerRecord> records;
    if (by_arn) {
      for (const std::string& arn : *arns) records.push_back(TRY(GetLoadBalancer(tx, arn)));
    } else if (by_name) {
      for (const std::string& name : *in.names) records.push_back(TRY(GetByName(tx, region, name)));
    } else {
      records = TRY(tx.Select<LoadBalancerRecord>("region = ? ORDER BY created_at, arn", {region}));
    }
    auto page = TRY(TakePage(std::move(records), in.marker, in.page_size,
                             [](const LoadBalancerRecord& record) { return record.arn; }));
    DescribeLoadBalancersOutput out;
    out.next_marker = std::move(page.next_marker);
    out.load_balancers.emplace();
    for (const LoadBalancerRecord& record : page.items) out.load_balancers->push_back(TRY(DescribeOne(tx, record)));
    return out;
  });
}

Result<DeleteLoadBalancerOutput> Elbv2::DeleteLoadBalancer(const Call&, const DeleteLoadBalancerInput& in) {
  TRY(CheckArn(in.load_balancer_arn, Resource::kLoadBalancer));
  return Change([&](store::Tx& tx) -> Result<DeleteLoadBalancerOutput> {
    const auto record = TRY(tx.Find<LoadBalancerRecord>(in.load_balancer_arn));
    if (!record) return DeleteLoadBalancerOutput{};  // deleting again is no mistake
    if (IsOn(TRY(AttributesOf(tx, *record)), attribute::kDeletionProtection)) {
      return Error{
          Kind::kConflict, kOperationNotPermitted,
          fmt::format("Load balancer '{}' cannot be deleted because deletion protection is enabled", record->arn)};
    }
    if (TRY(tx.Count<TargetRecord>("id = ?", {store::Value(record->arn)})) > 0) {
      return Error{Kind::kConflict, kResourceInUse,
                   fmt::format("Load balancer '{}' is currently in use by a target group", record->arn)};
    }
    TRY(WithCertificates(tx, record->arn, [&]() -> Status {
      for (const ListenerRecord& listener : TRY(ListenersOf(tx, record->arn))) TRY(EraseListener(tx, listener));
      return {};
    }));
    TRY(ec2_.DeleteLoadBalancerInterfaces(tx, ShortNameOf(record->arn)));
    TRY(tx.DeleteWhere<ZoneRecord>("load_balancer_arn = ?", {store::Value(record->arn)}));
    TRY(EraseNotes(tx, record->arn));
    TRY(tx.Delete<LoadBalancerRecord>(record->arn));
    return DeleteLoadBalancerOutput{};
  });
}

}  // namespace meetinity::elbv2

#include "stack/load_balancers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aws/ec2_model.h"
#include "aws/elbv2_model.h"

namespace meetinity::stack {
namespace {

using elbv2::LoadBalancerSchemeEnum;
using elbv2::LoadBalancerTypeEnum;
using elbv2::ProtocolEnum;

// ELBv2's names; the module cuts longer ones.
constexpr size_t kNameMax = 32;
constexpr std::string_view kGroupSuffix = "-tg";
constexpr std::string_view kAnybody = "0.0.0.0/0";

std::string Cut(const std::string& name, size_t max) {
  std::string cut = name.substr(0, max);
  if (cut.ends_with('-')) cut.pop_back();
  return cut;
}

std::string_view SchemeOf(bool internal) {
  return internal ? LoadBalancerSchemeEnum::kInternal : LoadBalancerSchemeEnum::kInternetFacing;
}

std::set<int64_t> PortsOf(const ec2::SecurityGroup& group) {
  std::set<int64_t> ports;
  for (const ec2::IpPermission& permission : *group.ip_permissions) {
    const bool is_plain = permission.ip_protocol == "tcp" && permission.from_port == permission.to_port &&
                          permission.ip_ranges && permission.ip_ranges->size() == 1 &&
                          permission.ip_ranges->front().cidr_ip == kAnybody;
    ports.insert(is_plain ? *permission.from_port : -1);
  }
  return ports;
}

}  // namespace

LoadBalancersPlan::LoadBalancersPlan(Stack::Services services, Resources& resources, const wire::Call& call,
                                     const Variables& variables, std::function<void(Step)> report)
    : services_(services), resources_(resources), call_(call), variables_(variables), report_(std::move(report)) {}

Status LoadBalancersPlan::Apply() {
  vpc_id_ = TRY(resources_.Find("module.network.aws_vpc.this")).value_or("");
  if (vpc_id_.empty()) {
    return Error{Kind::kInvalid, kStackRefused, "load balancers stand in the network; set network.enabled = true"};
  }
  if (variables_.alb_config.enabled) TRY(ApplyApplication());
  if (variables_.nlb_config.enabled) TRY(ApplyNetwork());
  return RemoveOthers();
}

std::string LoadBalancersPlan::NameOf(const std::string& asked, std::string_view part) const {
  return Cut(asked.empty() ? fmt::format("{}-shared-{}", variables_.environment, part) : asked, kNameMax);
}

Result<std::vector<std::string>> LoadBalancersPlan::SubnetsFor(const std::vector<std::string>& asked,
                                                               bool internal) const {
  if (!asked.empty()) return asked;
  std::vector<std::string> subnets;
  for (const ResourceRecord& record :
       TRY(resources_.Under(fmt::format("module.network.aws_subnet.{}[", internal ? "private" : "public")))) {
    subnets.push_back(record.id);
  }
  return subnets;
}

Status LoadBalancersPlan::ApplyApplication() {
  const AlbConfig& config = variables_.alb_config;
  const bool https = !config.certificate_arn.empty();
  std::vector<int64_t> ports = {*config.http_port};
  if (https) ports.push_back(*config.https_port);
  std::vector<std::string> groups = {TRY(EnsureSecurityGroup(ports))};
  groups.insert(groups.end(), config.security_group_ids.begin(), config.security_group_ids.end());

  Balancer balancer;
  balancer.part = "alb";
  balancer.wanted.name = NameOf(config.name, balancer.part);
  balancer.wanted.type = LoadBalancerTypeEnum::kApplication;
  balancer.wanted.scheme = SchemeOf(config.internal);
  balancer.wanted.subnets = TRY(SubnetsFor(config.subnets, config.internal));
  balancer.wanted.security_groups = groups;
  balancer.attributes["idle_timeout.timeout_seconds"] = std::to_string(*config.idle_timeout);
  balancer.group.name = Cut(balancer.wanted.name, kNameMax - kGroupSuffix.size()) + std::string(kGroupSuffix);
  balancer.group.protocol = ProtocolEnum::kHttp;
  balancer.group.port = 80;
  balancer.group.health_check_path = config.health_check_path;
  balancer.group.matcher = elbv2::Matcher{.http_code = "200-399"};
  balancer.group.healthy_threshold_count = 3;
  balancer.group.unhealthy_threshold_count = 3;

  std::vector<Listener> listeners = {{"http", *config.http_port, ProtocolEnum::kHttp, "", 0}};
  if (https) {
    listeners.front().redirect_to = *config.https_port;
    listeners.push_back({"https", *config.https_port, ProtocolEnum::kHttps, config.certificate_arn, 0});
  }
  return ApplyBalancer(balancer, listeners);
}

Status LoadBalancersPlan::ApplyNetwork() {
  const NlbConfig& config = variables_.nlb_config;
  Balancer balancer;
  balancer.part = "nlb";
  balancer.wanted.name = NameOf(config.name, balancer.part);
  balancer.wanted.type = LoadBalancerTypeEnum::kNetwork;
  balancer.wanted.scheme = SchemeOf(config.internal);
  balancer.wanted.subnets = TRY(SubnetsFor(config.subnets, config.internal));
  balancer.attributes["load_balancing.cross_zone.enabled"] = config.cross_zone ? "true" : "false";
  balancer.group.name = Cut(balancer.wanted.name, kNameMax - kGroupSuffix.size()) + std::string(kGroupSuffix);
  balancer.group.protocol = ProtocolEnum::kTcp;
  balancer.group.port = static_cast<int32_t>(*config.tcp_port);
  balancer.group.health_check_protocol = config.health_check_protocol;
  balancer.group.health_check_port = config.health_check_port.empty() ? "traffic-port" : config.health_check_port;
  balancer.group.health_check_interval_seconds = static_cast<int32_t>(*config.health_check_interval);
  balancer.group.healthy_threshold_count = static_cast<int32_t>(*config.healthy_threshold);
  balancer.group.unhealthy_threshold_count = static_cast<int32_t>(*config.unhealthy_threshold);
  return ApplyBalancer(balancer, {{"tcp", *config.tcp_port, ProtocolEnum::kTcp, "", 0}});
}

Status LoadBalancersPlan::ApplyBalancer(const Balancer& balancer, const std::vector<Listener>& listeners) {
  const std::string arn = TRY(EnsureBalancer(balancer));
  const std::string group = TRY(EnsureTargetGroup(balancer));
  for (const Listener& listener : listeners) TRY(EnsureListener(listener, arn, group));
  return {};
}

Result<std::string> LoadBalancersPlan::EnsureSecurityGroup(const std::vector<int64_t>& ports) {
  const std::string address = "aws_security_group.alb";
  const std::string name = fmt::format("{}-shared-alb-sg", variables_.environment);
  ec2::DescribeSecurityGroupsInput by_name;
  by_name.filters =
      std::vector{ec2::Filter{"vpc-id", std::vector{vpc_id_}}, ec2::Filter{"group-name", std::vector{name}}};
  auto found = TRY(services_.ec2.DescribeSecurityGroups(call_, by_name));
  Action action = Action::kUnchanged;
  if (found.security_groups->empty()) {
    ec2::CreateSecurityGroupInput in;
    in.group_name = name;
    in.description = "Who reaches the shared application load balancer";
    in.vpc_id = vpc_id_;
    TRY(services_.ec2.CreateSecurityGroup(call_, in));
    found = TRY(services_.ec2.DescribeSecurityGroups(call_, by_name));
    action = Action::kCreated;
  }
  const ec2::SecurityGroup& group = found.security_groups->front();
  const std::string id = *group.group_id;
  if (PortsOf(group) != std::set<int64_t>(ports.begin(), ports.end())) {
    if (!group.ip_permissions->empty()) {
      ec2::RevokeSecurityGroupIngressInput old;
      old.group_id = id;
      old.ip_permissions = group.ip_permissions;
      TRY(services_.ec2.RevokeSecurityGroupIngress(call_, old));
    }
    ec2::AuthorizeSecurityGroupIngressInput in;
    in.group_id = id;
    in.ip_permissions.emplace();
    for (const int64_t port : ports) {
      ec2::IpPermission permission;
      permission.ip_protocol = "tcp";
      permission.from_port = permission.to_port = static_cast<int32_t>(port);
      permission.ip_ranges = std::vector{ec2::IpRange{std::string(kAnybody), "Visitors"}};
      in.ip_permissions->push_back(std::move(permission));
    }
    TRY(services_.ec2.AuthorizeSecurityGroupIngress(call_, in));
    if (action == Action::kUnchanged) action = Action::kUpdated;
  }
  ec2::CreateTagsInput tags;
  tags.resources = {id};
  for (const auto& [key, value] : variables_.tags) tags.tags.push_back({key, value});
  tags.tags.push_back({"Environment", variables_.environment});
  tags.tags.push_back({"Project", "meetinity"});
  tags.tags.push_back({"Name", name});
  TRY(services_.ec2.CreateTags(call_, tags));
  TRY(Keep(address, id, action, id));
  return id;
}

}  // namespace meetinity::stack

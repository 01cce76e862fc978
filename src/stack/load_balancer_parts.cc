#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "aws/ec2_model.h"
#include "aws/elbv2_model.h"
#include "stack/load_balancers.h"

// How a load balancer's parts are found, changed and removed.
namespace meetinity::stack {
namespace {

constexpr std::string_view kBalancersModule = "module.load_balancers.";

// As the Terraform module has it.
constexpr std::string_view kListenerTlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";

// In the order in which they can be removed.
constexpr std::array<std::string_view, 4> kPartsRemovalOrder = {"aws_lb_listener.", "aws_lb_target_group.", "aws_lb.",
                                                                "aws_security_group."};

template <class T>
bool SameSet(std::optional<std::vector<T>> a, std::optional<std::vector<T>> b) {
  std::vector<T> first = a.value_or(std::vector<T>()), second = b.value_or(std::vector<T>());
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  return first == second;
}

std::vector<std::string> SubnetsIn(const elbv2::LoadBalancer& balancer) {
  std::vector<std::string> subnets;
  for (const elbv2::AvailabilityZone& zone : *balancer.availability_zones) subnets.push_back(*zone.subnet_id);
  return subnets;
}

}  // namespace

template <class Found>
Result<std::optional<Found>> LoadBalancersPlan::FindEarlier(
    const std::string& address, FunctionRef<Result<Found>(const std::string& arn)> describe) const {
  const auto earlier = TRY(resources_.Find(std::string(kBalancersModule) + address));
  if (!earlier) return std::optional<Found>();
  Result<Found> found = describe(*earlier);
  if (found.ok()) return std::optional<Found>(std::move(found).value());
  if (found.error().kind == Kind::kNotFound) return std::optional<Found>();
  return found.error();
}

Result<std::string> LoadBalancersPlan::EnsureBalancer(const Balancer& balancer) {
  const std::string address = "aws_lb." + balancer.part;
  auto earlier =
      TRY(FindEarlier<elbv2::LoadBalancer>(address, [&](const std::string& arn) -> Result<elbv2::LoadBalancer> {
        elbv2::DescribeLoadBalancersInput in;
        in.load_balancer_arns = std::vector{arn};
        return std::move(TRY(services_.elbv2.DescribeLoadBalancers(call_, in)).load_balancers->front());
      }));
  // What cannot be changed is made anew, as Terraform does.
  if (earlier && (earlier->load_balancer_name != balancer.wanted.name || earlier->scheme != balancer.wanted.scheme)) {
    TRY(Remove(*earlier->load_balancer_arn));
    earlier.reset();
  }
  if (!earlier) {
    const auto made = TRY(services_.elbv2.CreateLoadBalancer(call_, balancer.wanted));
    const std::string arn = *made.load_balancers->front().load_balancer_arn;
    TRY(ConvergeAttributes(arn, balancer.attributes));
    TRY(ConvergeTags(arn));
    TRY(Keep(address, arn, Action::kCreated, arn));
    return arn;
  }
  const std::string arn = *earlier->load_balancer_arn;
  bool changed = false;
  if (!SameSet(std::optional(SubnetsIn(*earlier)), balancer.wanted.subnets)) {
    elbv2::SetSubnetsInput in;
    in.load_balancer_arn = arn;
    in.subnets = balancer.wanted.subnets;
    TRY(services_.elbv2.SetSubnets(call_, in));
    changed = true;
  }
  if (balancer.wanted.security_groups && !SameSet(earlier->security_groups, balancer.wanted.security_groups)) {
    elbv2::SetSecurityGroupsInput in;
    in.load_balancer_arn = arn;
    in.security_groups = *balancer.wanted.security_groups;
    TRY(services_.elbv2.SetSecurityGroups(call_, in));
    changed = true;
  }
  changed = TRY(ConvergeAttributes(arn, balancer.attributes)) || changed;
  changed = TRY(ConvergeTags(arn)) || changed;
  TRY(Keep(address, arn, changed ? Action::kUpdated : Action::kUnchanged, arn));
  return arn;
}

Result<bool> LoadBalancersPlan::ConvergeAttributes(const std::string& balancer,
                                                   const std::map<std::string, std::string>& wanted) {
  std::map<std::string, std::string> missing = wanted;
  const auto present = TRY(services_.elbv2.DescribeLoadBalancerAttributes(call_, {.load_balancer_arn = balancer}));
  for (const elbv2::LoadBalancerAttribute& one : *present.attributes) {
    const auto found = missing.find(*one.key);
    if (found != missing.end() && found->second == one.value) missing.erase(found);
  }
  if (missing.empty()) return false;
  elbv2::ModifyLoadBalancerAttributesInput in;
  in.load_balancer_arn = balancer;
  for (const auto& [key, value] : missing) in.attributes.push_back({key, value});
  TRY(services_.elbv2.ModifyLoadBalancerAttributes(call_, in));
  return true;
}

Result<bool> LoadBalancersPlan::ConvergeTags(const std::string& arn) {
  std::map<std::string, std::string> wanted = variables_.tags;
  wanted["Environment"] = variables_.environment;
  wanted["Project"] = "meetinity";
  elbv2::RemoveTagsInput old;
  old.resource_arns = {arn};
  const auto present = TRY(services_.elbv2.DescribeTags(call_, {.resource_arns = {arn}}));
  for (const elbv2::Tag& tag : *present.tag_descriptions->front().tags) {
    const auto kept = wanted.find(tag.key);
    if (kept == wanted.end()) {
      old.tag_keys.push_back(tag.key);
    } else if (kept->second == tag.value) {
      wanted.erase(kept);
    }
  }
  if (!old.tag_keys.empty()) TRY(services_.elbv2.RemoveTags(call_, old));
  elbv2::AddTagsInput more;
  more.resource_arns = {arn};
  for (const auto& [key, value] : wanted) more.tags.push_back({key, value});
  if (!more.tags.empty()) TRY(services_.elbv2.AddTags(call_, more));
  return !old.tag_keys.empty() || !more.tags.empty();
}

Result<std::string> LoadBalancersPlan::EnsureTargetGroup(const Balancer& balancer) {
  const std::string address = "aws_lb_target_group." + balancer.part;
  elbv2::CreateTargetGroupInput wanted = balancer.group;
  wanted.vpc_id = vpc_id_;
  wanted.target_type = elbv2::TargetTypeEnum::kIp;
  auto earlier =
      TRY(FindEarlier<elbv2::TargetGroup>(address, [&](const std::string& arn) -> Result<elbv2::TargetGroup> {
        elbv2::DescribeTargetGroupsInput in;
        in.target_group_arns = std::vector{arn};
        return std::move(TRY(services_.elbv2.DescribeTargetGroups(call_, in)).target_groups->front());
      }));
  if (earlier &&
      (earlier->target_group_name != wanted.name || earlier->port != wanted.port || earlier->vpc_id != wanted.vpc_id)) {
    // Listeners that forward to it go first; they are made again below.
    for (const std::string& user : *earlier->load_balancer_arns) {
      elbv2::DescribeListenersInput in;
      in.load_balancer_arn = user;
      const auto listeners = TRY(services_.elbv2.DescribeListeners(call_, in));
      for (const elbv2::Listener& listener : *listeners.listeners) TRY(Remove(*listener.listener_arn));
    }
    TRY(Remove(*earlier->target_group_arn));
    earlier.reset();
  }
  if (!earlier) {
    const auto made = TRY(services_.elbv2.CreateTargetGroup(call_, wanted));
    const std::string arn = *made.target_groups->front().target_group_arn;
    TRY(ConvergeTags(arn));
    TRY(Keep(address, arn, Action::kCreated, arn));
    return arn;
  }
  const std::string arn = *earlier->target_group_arn;
  elbv2::ModifyTargetGroupInput in;
  in.target_group_arn = arn;
  const auto take = [](const auto& value, const auto& there, auto& into) {
    if (!value || value == there) return false;
    into = value;
    return true;
  };
  bool changed = take(wanted.health_check_path, earlier->health_check_path, in.health_check_path);
  changed = take(wanted.health_check_protocol, earlier->health_check_protocol, in.health_check_protocol) || changed;
  changed = take(wanted.health_check_port, earlier->health_check_port, in.health_check_port) || changed;
  changed = take(wanted.health_check_interval_seconds, earlier->health_check_interval_seconds,
                 in.health_check_interval_seconds) ||
            changed;
  changed =
      take(wanted.healthy_threshold_count, earlier->healthy_threshold_count, in.healthy_threshold_count) || changed;
  changed = take(wanted.unhealthy_threshold_count, earlier->unhealthy_threshold_count, in.unhealthy_threshold_count) ||
            changed;
  if (changed) TRY(services_.elbv2.ModifyTargetGroup(call_, in));
  changed = TRY(ConvergeTags(arn)) || changed;
  TRY(Keep(address, arn, changed ? Action::kUpdated : Action::kUnchanged, arn));
  return arn;
}

Status LoadBalancersPlan::EnsureListener(const Listener& listener, const std::string& balancer,
                                         const std::string& group) {
  const std::string address = "aws_lb_listener." + listener.part;
  elbv2::CreateListenerInput wanted;
  wanted.load_balancer_arn = balancer;
  wanted.port = static_cast<int32_t>(listener.port);
  wanted.protocol = std::string(listener.protocol);
  if (!listener.certificate_arn.empty()) {
    wanted.certificates = std::vector{elbv2::Certificate{.certificate_arn = listener.certificate_arn}};
    wanted.ssl_policy = std::string(kListenerTlsPolicy);
  }
  elbv2::Action action;
  if (listener.redirect_to != 0) {
    action.type = elbv2::ActionTypeEnum::kRedirect;
    action.redirect_config = elbv2::RedirectActionConfig{};
    action.redirect_config->protocol = "HTTPS";
    action.redirect_config->port = std::to_string(listener.redirect_to);
    action.redirect_config->status_code = elbv2::RedirectActionStatusCodeEnum::kHttp301;
  } else {
    action.type = elbv2::ActionTypeEnum::kForward;
    action.target_group_arn = group;
  }
  wanted.default_actions = {action};
  const auto earlier =
      TRY(FindEarlier<elbv2::Listener>(address, [&](const std::string& arn) -> Result<elbv2::Listener> {
        elbv2::DescribeListenersInput in;
        in.listener_arns = std::vector{arn};
        return std::move(TRY(services_.elbv2.DescribeListeners(call_, in)).listeners->front());
      }));
  if (!earlier) {
    const auto made = TRY(services_.elbv2.CreateListener(call_, wanted));
    const std::string arn = *made.listeners->front().listener_arn;
    TRY(ConvergeTags(arn));
    return Keep(address, arn, Action::kCreated, arn);
  }
  const elbv2::Action& does = earlier->default_actions->front();
  const bool same_redirect =
      !action.redirect_config || (does.redirect_config && does.redirect_config->port == action.redirect_config->port);
  const bool same_certificate =
      listener.certificate_arn.empty() ||
      (earlier->certificates && earlier->certificates->front().certificate_arn == listener.certificate_arn);
  bool changed = earlier->port != wanted.port || does.type != action.type || !same_redirect || !same_certificate ||
                 (action.target_group_arn && does.target_group_arn != action.target_group_arn);
  if (changed) {
    elbv2::ModifyListenerInput in;
    in.listener_arn = *earlier->listener_arn;
    in.port = wanted.port;
    in.certificates = wanted.certificates;
    in.default_actions = wanted.default_actions;
    TRY(services_.elbv2.ModifyListener(call_, in));
  }
  changed = TRY(ConvergeTags(*earlier->listener_arn)) || changed;
  return Keep(address, *earlier->listener_arn, changed ? Action::kUpdated : Action::kUnchanged, *earlier->listener_arn);
}

Status LoadBalancersPlan::Remove(const std::string& id) {
  const auto removed = [&]() -> Status {
    if (id.starts_with("sg-")) {
      ec2::DeleteSecurityGroupInput in;
      in.group_id = id;
      TRY(services_.ec2.DeleteSecurityGroup(call_, in));
    } else if (id.find(":listener/") != std::string::npos) {
      TRY(services_.elbv2.DeleteListener(call_, {.listener_arn = id}));
    } else if (id.find(":targetgroup/") != std::string::npos) {
      TRY(services_.elbv2.DeleteTargetGroup(call_, {.target_group_arn = id}));
    } else {
      TRY(services_.elbv2.DeleteLoadBalancer(call_, {.load_balancer_arn = id}));
    }
    return {};
  }();
  // What is gone already is as it should be.
  return removed.ok() || removed.error().kind == Kind::kNotFound ? Status() : removed;
}

Status LoadBalancersPlan::RemoveOthers() {
  const auto remembered = TRY(resources_.Under(kBalancersModule));
  for (const std::string_view kind : kPartsRemovalOrder) {
    for (const ResourceRecord& record : remembered) {
      const std::string address = record.address.substr(kBalancersModule.size());
      if (!address.starts_with(kind) || ensured_.contains(address)) continue;
      TRY(Remove(record.id));
      TRY(resources_.Forget(record.address));
      report_(Step{record.address, Action::kDeleted, record.id});
    }
  }
  return {};
}

Status LoadBalancersPlan::Keep(const std::string& address, const std::string& id, Action action,
                               const std::string& detail) {
  ensured_.insert(address);
  TRY(resources_.Remember(std::string(kBalancersModule) + address, id));
  report_(Step{std::string(kBalancersModule) + address, action, detail});
  return {};
}

Status AddLoadBalancerOutputs(const Stack::Services& services, const Resources& resources, const wire::Call& call,
                              std::vector<Output>& outputs) {
  for (const std::string part : {"alb", "nlb"}) {
    const auto arn = TRY(resources.Find(fmt::format("{}aws_lb.{}", kBalancersModule, part)));
    if (!arn) continue;
    elbv2::DescribeLoadBalancersInput in;
    in.load_balancer_arns = std::vector{*arn};
    const auto found = services.elbv2.DescribeLoadBalancers(call, in);
    if (found.ok()) {
      outputs.push_back({fmt::format("shared_{}_dns_name", part), *found->load_balancers->front().dns_name});
    }
    const auto group = TRY(resources.Find(fmt::format("{}aws_lb_target_group.{}", kBalancersModule, part)));
    if (group) outputs.push_back({fmt::format("shared_{}_target_group_arn", part), *group});
  }
  return {};
}

}  // namespace meetinity::stack

#include <fmt/format.h>

#include <algorithm>

#include "aws/elbv2/arns.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "aws/elbv2/publisher.h"
#include "aws/elbv2/state.h"
#include "base/cidr.h"

// Who is in a target group, and how they are.
namespace meetinity::elbv2 {
namespace {

using std::chrono::seconds;

// ALB user guide, "Target type": the ranges besides the VPC's own. And this machine, whose addresses stand for hosts
// that AWS would have elsewhere.
constexpr std::string_view kPrivateBlocks[] = {"10.0.0.0/8",  "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16",
                                               "127.0.0.0/8", "::1/128",       "fc00::/7"};

Error BadTarget(std::string detail) { return Error{Kind::kInvalid, kInvalidTarget, std::move(detail)}; }

Status CheckAddress(const ec2::VpcInfo& vpc, const TargetGroupRecord& group, const TargetRecord& target) {
  const auto address = Cidr::ParseAddress(target.id);
  if (!address) return Invalid(fmt::format("The IP address '{}' is not a valid IP address", target.id.substr(0, 128)));
  const bool is_v6_group = group.ip_address_type == TargetGroupIpAddressTypeEnum::kIpv6;
  if (address->is_v6() != is_v6_group) {
    return BadTarget(fmt::format("The IP address '{}' is not of the target group's IP address type '{}'", target.id,
                                 group.ip_address_type));
  }
  const auto holds = [&](std::string_view block) {
    const auto parsed = Cidr::Parse(block);
    return parsed && parsed->Contains(*address);
  };
  if (std::any_of(vpc.cidr_blocks.begin(), vpc.cidr_blocks.end(), holds)) return {};
  if (std::any_of(std::begin(kPrivateBlocks), std::end(kPrivateBlocks), holds)) return {};
  return BadTarget(
      fmt::format("The IP address '{}' is not within the VPC '{}' nor a private range: publicly routable "
                  "addresses cannot be targets",
                  target.id, vpc.id));
}

Status CheckBalancer(const store::ReadTx& tx, const TargetGroupRecord& group, const TargetRecord& target) {
  const auto balancer = GetLoadBalancer(tx, target.id);
  if (!balancer.ok() && balancer.error().kind == Kind::kInternal) return balancer.error();
  if (!balancer.ok() || balancer->type != LoadBalancerTypeEnum::kApplication) {
    return BadTarget(fmt::format("'{}' is not an application load balancer", target.id.substr(0, 256)));
  }
  if (balancer->vpc_id != group.vpc_id) {
    return BadTarget(fmt::format("Load balancer '{}' is not in the target group's VPC '{}'", target.id, group.vpc_id));
  }
  const auto listeners = TRY(ListenersOf(tx, target.id));
  const bool listens = std::any_of(listeners.begin(), listeners.end(),
                                   [&](const ListenerRecord& listener) { return listener.port == target.port; });
  if (listens) return {};
  return BadTarget(fmt::format("Load balancer '{}' has no listener on port '{}'", target.id, target.port));
}

Duration DelayOf(const Attributes& attributes) {
  return seconds(NumberOf(attributes, attribute::kDeregistrationDelay));
}

bool HasDrained(const TargetRecord& target, Duration delay, Instant now) {
  return target.draining_since && now - *target.draining_since >= delay;
}

TargetHealth Say(std::string_view state, std::string_view reason, std::string description) {
  TargetHealth health{.state = std::string(state)};
  health.reason = std::string(reason);
  health.description = std::move(description);
  return health;
}

TargetHealth ToUnhealthy(const balancer::TargetHealth& health) {
  using Reason = TargetHealthReasonEnum;
  const std::string_view unhealthy = TargetHealthStateEnum::kUnhealthy;
  switch (health.reason) {
    case balancer::HealthReason::kResponseCodeMismatch:
      return Say(unhealthy, Reason::kTargetResponseCodeMismatch,
                 fmt::format("Health checks failed with these codes: [{}]", health.status));
    case balancer::HealthReason::kTimeout:
      return Say(unhealthy, Reason::kTargetTimeout, "Request timed out");
    default:
      return Say(unhealthy, Reason::kTargetFailedHealthChecks, "Health checks failed");
  }
}

TargetHealth NotRegistered() {
  return Say(TargetHealthStateEnum::kUnused, TargetHealthReasonEnum::kTargetNotRegistered,
             "Target is not registered to the target group");
}

std::string HealthPortOf(const TargetGroupRecord& group, int32_t port) {
  return group.health_check_port == "traffic-port" ? std::to_string(port) : group.health_check_port;
}

TargetDescription ToDescription(const TargetRecord& target) {
  TargetDescription out{.id = target.id, .port = target.port};
  if (!target.availability_zone.empty()) out.availability_zone = target.availability_zone;
  return out;
}

}  // namespace

Status Elbv2::CheckTarget(const store::ReadTx& tx, const TargetGroupRecord& group, TargetRecord& target) const {
  if (group.target_type == TargetTypeEnum::kInstance) {
    return BadTarget(
        fmt::format("The instance '{}' does not exist: this cloud runs no instances, register the address "
                    "in a target group of target type 'ip'",
                    target.id.substr(0, 128)));
  }
  if (group.target_type == TargetTypeEnum::kAlb) return CheckBalancer(tx, group, target);
  const ec2::VpcInfo vpc = TRY(ec2_.FindVpc(tx, group.vpc_id));
  return CheckAddress(vpc, group, target);
}

Result<RegisterTargetsOutput> Elbv2::RegisterTargets(const Call&, const RegisterTargetsInput& in) {
  if (in.targets.empty()) return Invalid("At least one target must be specified");
  return Change([&](store::Tx& tx) -> Result<RegisterTargetsOutput> {
    const TargetGroupRecord group = TRY(GetTargetGroup(tx, in.target_group_arn));
    for (const TargetDescription& one : in.targets) {
      if (one.quic_server_id) return Misconfigured("QUIC server IDs are not served here");
      TargetRecord target{.target_group_arn = group.arn, .id = one.id, .port = one.port.value_or(group.port)};
      target.availability_zone = one.availability_zone.value_or("");
      target.number = static_cast<int64_t>(tx.number());
      TRY(CheckTarget(tx, group, target));
      const auto there = TRY(tx.Find<TargetRecord>(target.target_group_arn, target.id, target.port));
      // It stays as it is, or leaves draining.
      if (there && !there->draining_since) continue;
      TRY(tx.Put(target));
    }
    const int64_t max = group.target_type == TargetTypeEnum::kAlb ? 1 : kTargetsMax;
    if (TRY(tx.Count<TargetRecord>("target_group_arn = ?", {group.arn})) > max) {
      return Error{Kind::kLimit, kTooManyTargets,
                   fmt::format("You've reached the limit of {} targets for target group '{}'", max, group.arn)};
    }
    return RegisterTargetsOutput{};
  });
}

Result<DeregisterTargetsOutput> Elbv2::DeregisterTargets(const Call& call, const DeregisterTargetsInput& in) {
  if (in.targets.empty()) return Invalid("At least one target must be specified");
  return Change([&](store::Tx& tx) -> Result<DeregisterTargetsOutput> {
    const TargetGroupRecord group = TRY(GetTargetGroup(tx, in.target_group_arn));
    const bool is_used = !TRY(UsersOf(tx, group.arn)).empty();
    for (const TargetDescription& one : in.targets) {
      auto target = TRY(tx.Find<TargetRecord>(group.arn, one.id, one.port.value_or(group.port)));
      if (!target) {
        return BadTarget(fmt::format("The following targets are not registered: '{}:{}'", one.id.substr(0, 256),
                                     one.port.value_or(group.port)));
      }
      if (!is_used) {
        TRY(tx.Delete<TargetRecord>(target->target_group_arn, target->id, target->port));
      } else if (!target->draining_since) {
        target->draining_since = call.now;
        TRY(tx.Put(*target));
      }
    }
    return DeregisterTargetsOutput{};
  });
}

TargetHealth Elbv2::HealthOf(const TargetRecord& record, bool is_used) const {
  using Reason = TargetHealthReasonEnum;
  if (record.draining_since) {
    return Say(TargetHealthStateEnum::kDraining, Reason::kTargetDeregistrationInProgress,
               "Target deregistration is in progress");
  }
  if (!is_used) {
    return Say(TargetHealthStateEnum::kUnused, Reason::kTargetNotInUse,
               "Target group is not configured to receive traffic from the load balancer");
  }
  if (!publisher_->HasAdopted(record.number)) {
    return Say(TargetHealthStateEnum::kInitial, Reason::kElbRegistrationInProgress,
               "Target registration is in progress");
  }
  const balancer::TargetHealth health =
      data_plane_.HealthOf(record.target_group_arn, TargetIdOf(record.id, record.port));
  switch (health.state) {
    case balancer::TargetState::kHealthy:
      return TargetHealth{.state = std::string(TargetHealthStateEnum::kHealthy)};
    case balancer::TargetState::kUnhealthy:
      return ToUnhealthy(health);
    case balancer::TargetState::kUnused:
      return Say(TargetHealthStateEnum::kUnused, Reason::kTargetNotInUse,
                 "Target is in an Availability Zone that is not enabled for the load balancer");
    case balancer::TargetState::kInitial:
    case balancer::TargetState::kDraining:  // registered again; the data plane hears of it any moment
      break;
  }
  return Say(TargetHealthStateEnum::kInitial, Reason::kElbInitialHealthChecking, "Initial health checks in progress");
}

Result<DescribeTargetHealthOutput> Elbv2::DescribeTargetHealth(const Call& call, const DescribeTargetHealthInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeTargetHealthOutput> {
    const TargetGroupRecord group = TRY(GetTargetGroup(tx, in.target_group_arn));
    const bool is_used = !TRY(UsersOf(tx, group.arn)).empty();
    const Duration delay = DelayOf(TRY(AttributesOf(tx, group)));
    DescribeTargetHealthOutput out;
    out.target_health_descriptions.emplace();
    const auto add = [&](TargetDescription target, TargetHealth health) {
      TargetHealthDescription description;
      description.health_check_port = HealthPortOf(group, target.port.value_or(group.port));
      description.target = std::move(target);
      description.target_health = std::move(health);
      out.target_health_descriptions->push_back(std::move(description));
    };
    if (!in.targets || in.targets->empty()) {
      for (const TargetRecord& target : TRY(TargetsOf(tx, group.arn))) {
        if (!HasDrained(target, delay, call.now)) add(ToDescription(target), HealthOf(target, is_used));
      }
      return out;
    }
    for (const TargetDescription& one : *in.targets) {
      const auto target = TRY(tx.Find<TargetRecord>(group.arn, one.id, one.port.value_or(group.port)));
      if (target && !HasDrained(*target, delay, call.now)) {
        add(ToDescription(*target), HealthOf(*target, is_used));
      } else {
        TargetDescription asked{.id = one.id, .port = one.port.value_or(group.port)};
        add(std::move(asked), NotRegistered());
      }
    }
    return out;
  });
}

Status Elbv2::OnDrained(const std::string& target_group_arn, const std::string& target_id) {
  const auto [id, port] = ParseTargetId(target_id);
  return Change([&, id = id, port = port](store::Tx& tx) -> Status {
    const auto target = TRY(tx.Find<TargetRecord>(target_group_arn, id, port));
    // It may have been registered again meanwhile.
    if (!target || !target->draining_since) return {};
    TRY(tx.Delete<TargetRecord>(target_group_arn, id, port));
    return {};
  });
}

Status Elbv2::EndDrains() {
  const auto is_due = [this](const store::ReadTx& tx) -> Result<std::vector<TargetRecord>> {
    std::vector<TargetRecord> due;
    for (TargetRecord& target : TRY(tx.Select<TargetRecord>("draining_since IS NOT NULL"))) {
      const auto group = TRY(tx.Find<TargetGroupRecord>(target.target_group_arn));
      const bool is_used = group && !TRY(UsersOf(tx, group->arn)).empty();
      // Nobody sends to a group that is not used any more, so nothing is under way.
      if (!is_used || HasDrained(target, DelayOf(TRY(AttributesOf(tx, *group))), clock_.Now())) {
        due.push_back(std::move(target));
      }
    }
    return due;
  };
  if (TRY(database_.Read(is_due)).empty()) return {};
  return Change([&](store::Tx& tx) -> Status {
    for (const TargetRecord& target : TRY(is_due(tx))) {
      TRY(tx.Delete<TargetRecord>(target.target_group_arn, target.id, target.port));
    }
    return {};
  });
}

}  // namespace meetinity::elbv2

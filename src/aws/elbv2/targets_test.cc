#include "aws/elbv2/testing_elbv2.h"

namespace meetinity::elbv2 {
namespace {

using State = TargetHealthStateEnum;
using Reason = TargetHealthReasonEnum;

class TargetsTest : public Elbv2Test {
 protected:
  // A group that a listener forwards to, so that its targets are checked.
  std::string MakeUsed() {
    std::string group = MakePods();
    MakeListener(MakeBalancer(), Forward(group));
    return group;
  }
  TargetHealth First(const std::string& group) { return *Health(group).front().target_health; }
  size_t Served() { return data_plane_.configuration->target_groups.front().targets.size(); }
};

TEST_F(TargetsTest, OfAnUnusedGroupAreUnused) {
  const std::string group = MakePods();
  Must(RegisterTarget(group, "10.0.0.9"));
  const TargetHealth health = First(group);
  EXPECT_EQ(health.state, State::kUnused);
  EXPECT_EQ(health.reason, Reason::kTargetNotInUse);
  EXPECT_EQ(Health(group).front().health_check_port, "8080");
  // Nobody sends to it, so it leaves at once.
  Must(DeregisterTarget(group, "10.0.0.9"));
  EXPECT_TRUE(Health(group).empty());
}

TEST_F(TargetsTest, AreAsTheDataPlaneSays) {
  const std::string group = MakeUsed();
  data_plane_.holds = true;
  Must(RegisterTarget(group, "10.0.0.9"));
  EXPECT_EQ(First(group).reason, Reason::kElbRegistrationInProgress);
  data_plane_.Release();
  EXPECT_EQ(First(group).state, State::kInitial);
  EXPECT_EQ(First(group).reason, Reason::kElbInitialHealthChecking);
  balancer::TargetHealth& seen = data_plane_.health["10.0.0.9:8080"];
  seen = {balancer::TargetState::kHealthy, balancer::HealthReason::kNone, 0};
  EXPECT_EQ(First(group).state, State::kHealthy);
  EXPECT_FALSE(First(group).reason);
  seen = {balancer::TargetState::kUnhealthy, balancer::HealthReason::kResponseCodeMismatch, 503};
  EXPECT_EQ(First(group).reason, Reason::kTargetResponseCodeMismatch);
  EXPECT_EQ(First(group).description, "Health checks failed with these codes: [503]");
  seen = {balancer::TargetState::kUnhealthy, balancer::HealthReason::kTimeout, 0};
  EXPECT_EQ(First(group).reason, Reason::kTargetTimeout);
  seen = {balancer::TargetState::kUnhealthy, balancer::HealthReason::kFailedChecks, 0};
  EXPECT_EQ(First(group).reason, Reason::kTargetFailedHealthChecks);
}

TEST_F(TargetsTest, DrainUntilTheDataPlaneIsDone) {
  const std::string group = MakeUsed();
  Must(RegisterTarget(group, "10.0.0.9"));
  Must(DeregisterTarget(group, "10.0.0.9"));
  EXPECT_EQ(First(group).state, State::kDraining);
  EXPECT_EQ(First(group).reason, Reason::kTargetDeregistrationInProgress);
  EXPECT_TRUE(data_plane_.configuration->target_groups.front().targets.front().draining_since);
  ASSERT_TRUE(elbv2_->OnDrained(group, "10.0.0.9:8080").ok());
  EXPECT_TRUE(Health(group).empty());
  EXPECT_EQ(Served(), 0u);
  DescribeTargetHealthInput in;
  in.target_group_arn = group;
  in.targets = {{.id = "10.0.0.9"}};
  const auto asked = Must(elbv2_->DescribeTargetHealth(Call(), in)).target_health_descriptions->front();
  EXPECT_EQ(asked.target_health->state, State::kUnused);
  EXPECT_EQ(asked.target_health->reason, Reason::kTargetNotRegistered);
}

TEST_F(TargetsTest, DrainNoLongerThanTheDelay) {
  const std::string group = MakeUsed();
  Must(RegisterTarget(group, "10.0.0.9"));
  Must(DeregisterTarget(group, "10.0.0.9"));
  clock_.Advance(std::chrono::seconds(299));
  ASSERT_TRUE(elbv2_->EndDrains().ok());
  EXPECT_EQ(Health(group).size(), 1u);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(Health(group).empty());
  EXPECT_EQ(Served(), 1u);
  ASSERT_TRUE(elbv2_->EndDrains().ok());
  EXPECT_EQ(Served(), 0u);
}

TEST_F(TargetsTest, RegisteredAgainLeaveDraining) {
  const std::string group = MakeUsed();
  Must(RegisterTarget(group, "10.0.0.9"));
  Must(DeregisterTarget(group, "10.0.0.9"));
  Must(RegisterTarget(group, "10.0.0.9"));
  EXPECT_EQ(First(group).state, State::kInitial);
  // The data plane's word about the draining of before comes late.
  ASSERT_TRUE(elbv2_->OnDrained(group, "10.0.0.9:8080").ok());
  EXPECT_EQ(Health(group).size(), 1u);
}

TEST_F(TargetsTest, OneAddressMayHaveSeveralPorts) {
  const std::string group = MakeUsed();
  Must(RegisterTarget(group, "10.0.0.9"));
  Must(RegisterTarget(group, "10.0.0.9", 9090));
  Must(RegisterTarget(group, "10.0.0.9", 9090));
  EXPECT_EQ(Health(group).size(), 2u);
}

TEST_F(TargetsTest, ArePrivateAddressesOfTheGroupsFamily) {
  const std::string group = MakePods();
  for (const std::string good : {"10.0.0.9", "10.200.0.1", "100.64.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.2"}) {
    EXPECT_EQ(Refusal(RegisterTarget(group, good)), "accepted") << good;
  }
  for (const std::string bad : {"8.8.8.8", "203.0.113.1", "::1", "fd00::1"}) {
    EXPECT_EQ(Refusal(RegisterTarget(group, bad)), kInvalidTarget) << bad;
  }
  EXPECT_EQ(Refusal(RegisterTarget(group, "host")), kValidationError);
  EXPECT_EQ(Refusal(RegisterTarget(group, "i-0123456789abcdef0")), kValidationError);
  CreateTargetGroupInput v6 = GroupInput("v6");
  v6.ip_address_type = "ipv6";
  const std::string other = *Make(v6).target_group_arn;
  EXPECT_EQ(Refusal(RegisterTarget(other, "fd00::1")), "accepted");
  EXPECT_EQ(Refusal(RegisterTarget(other, "10.0.0.9")), kInvalidTarget);
  EXPECT_EQ(Refusal(RegisterTarget(other, "2001:4860:4860::8888")), kInvalidTarget);
}

TEST_F(TargetsTest, InstancesAreNotThere) {
  CreateTargetGroupInput in = GroupInput();
  in.target_type = std::string(TargetTypeEnum::kInstance);
  const std::string group = *Make(in).target_group_arn;
  EXPECT_EQ(Refusal(RegisterTarget(group, "i-0123456789abcdef0")), kInvalidTarget);
  EXPECT_EQ(Refusal(RegisterTarget(group, "10.0.0.9")), kInvalidTarget);
}

TEST_F(TargetsTest, UnknownOnesCannotLeave) {
  const std::string group = MakePods();
  EXPECT_EQ(Refusal(DeregisterTarget(group, "10.0.0.9")), kInvalidTarget);
  const std::string gone = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/gone/0123456789abcdef";
  EXPECT_EQ(Refusal(RegisterTarget(gone, "10.0.0.9")), kTargetGroupNotFound);
  EXPECT_EQ(Refusal(elbv2_->DescribeTargetHealth(Call(), {.target_group_arn = gone})), kTargetGroupNotFound);
  EXPECT_EQ(Refusal(elbv2_->RegisterTargets(Call(), {.target_group_arn = group})), kValidationError);
}

TEST_F(TargetsTest, ALoadBalancerIsOneOfItsPort) {
  const std::string web = MakeBalancer();
  CreateTargetGroupInput in = GroupInput("balancers", "TCP");
  in.target_type = std::string(TargetTypeEnum::kAlb);
  in.port = 80;
  const std::string group = *Make(in).target_group_arn;
  EXPECT_EQ(Refusal(RegisterTarget(group, web)), kInvalidTarget);
  const std::string listener = MakeListener(web, Fixed("200"));
  EXPECT_EQ(Refusal(RegisterTarget(group, MakeFlowBalancer())), kInvalidTarget);
  EXPECT_EQ(Refusal(RegisterTarget(group, "10.0.0.9")), kInvalidTarget);
  Must(RegisterTarget(group, web));
  const auto& target = data_plane_.configuration->target_groups.front().targets.front();
  const auto& binding = data_plane_.configuration->load_balancers.front().listeners.front().bindings.at(0);
  EXPECT_EQ(target.reached_at->first, binding.address);
  EXPECT_EQ(target.reached_at->second, binding.port);
  EXPECT_EQ(Refusal(elbv2_->DeleteListener(Call(), {.listener_arn = listener})), kResourceInUse);
  EXPECT_EQ(Refusal(elbv2_->DeleteLoadBalancer(Call(), {.load_balancer_arn = web})), kResourceInUse);
}

TEST_F(TargetsTest, AreAThousandAtMost) {
  const std::string group = MakePods();
  RegisterTargetsInput in;
  in.target_group_arn = group;
  for (int32_t port = 1; port <= 1'000; ++port) in.targets.push_back({.id = "10.0.0.9", .port = port});
  EXPECT_EQ(Refusal(elbv2_->RegisterTargets(Call(), in)), "accepted");
  EXPECT_EQ(Refusal(RegisterTarget(group, "10.0.0.10")), kTooManyTargets);
}

}  // namespace
}  // namespace meetinity::elbv2

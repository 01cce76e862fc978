#include "aws/elbv2/testing_elbv2.h"

namespace meetinity::elbv2 {
namespace {

class TargetGroupsTest : public Elbv2Test {
 protected:
  auto Create(const CreateTargetGroupInput& in) { return elbv2_->CreateTargetGroup(Call(), in); }
  auto Delete(const std::string& arn) { return elbv2_->DeleteTargetGroup(Call(), {.target_group_arn = arn}); }
  std::vector<TargetGroup> List(const DescribeTargetGroupsInput& in = {}) {
    return *Must(elbv2_->DescribeTargetGroups(Call(), in)).target_groups;
  }
};

TEST_F(TargetGroupsTest, HaveTheDefaultsOfAws) {
  const TargetGroup web = Make(GroupInput());
  EXPECT_EQ(web.health_check_protocol, "HTTP");
  EXPECT_EQ(web.health_check_port, "traffic-port");
  EXPECT_EQ(web.health_check_path, "/");
  EXPECT_EQ(web.health_check_interval_seconds, 30);
  EXPECT_EQ(web.health_check_timeout_seconds, 5);
  EXPECT_EQ(web.healthy_threshold_count, 5);
  EXPECT_EQ(web.unhealthy_threshold_count, 2);
  EXPECT_EQ(web.matcher->http_code, "200");
  EXPECT_EQ(web.protocol_version, "HTTP1");
  EXPECT_TRUE(web.load_balancer_arns->empty());
  const TargetGroup flows = Make(GroupInput("flows", "TCP"));
  EXPECT_EQ(flows.health_check_protocol, "TCP");
  EXPECT_EQ(flows.health_check_timeout_seconds, 10);
  EXPECT_FALSE(flows.health_check_path);
  EXPECT_FALSE(flows.matcher);
  EXPECT_FALSE(flows.protocol_version);
  CreateTargetGroupInput grpc = GroupInput("grpc");
  grpc.protocol_version = "GRPC";
  const TargetGroup remote = Make(grpc);
  EXPECT_EQ(remote.matcher->grpc_code, "12");
  EXPECT_EQ(remote.health_check_path, "/AWS.ALB/healthcheck");
}

TEST_F(TargetGroupsTest, MadeAgainWithTheSameSettingsIsTheSame) {
  const std::string arn = MakePods();
  EXPECT_EQ(MakePods(), arn);
  CreateTargetGroupInput other = GroupInput();
  other.port = 9090;
  EXPECT_EQ(Refusal(Create(other)), kDuplicateTargetGroupName);
}

TEST_F(TargetGroupsTest, WhatIsMissingOrOutOfRangeIsRefused) {
  const auto refused = [&](const std::function<void(CreateTargetGroupInput&)>& change,
                           const std::string& protocol = "HTTP") {
    CreateTargetGroupInput in = GroupInput("pods", protocol);
    change(in);
    return Refusal(Create(in));
  };
  EXPECT_EQ(refused([](auto& in) { in.name = "pods_"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.port.reset(); }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.protocol.reset(); }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.vpc_id.reset(); }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.vpc_id = "vpc-00000000000000000"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.target_type = "lambda"; }), kInvalidConfigurationRequest);
  EXPECT_EQ(refused([](auto& in) { in.target_type = "alb"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.protocol_version = "HTTP3"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.protocol_version = "HTTP1"; }, "TCP"), kValidationError);
  EXPECT_EQ(refused([](auto& in) {
              in.protocol_version = "";
              in.name = "plain";
            }),
            "accepted");
  EXPECT_EQ(refused([](auto&) {}, "GENEVE"), kInvalidConfigurationRequest);
  EXPECT_EQ(refused([](auto& in) { in.health_check_enabled = false; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.health_check_protocol = "TCP"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.health_check_protocol = "UDP"; }, "TCP"), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.health_check_path = "/"; }, "TCP"), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.health_check_path = "healthz"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.health_check_path = "/a b"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.health_check_port = "http"; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.health_check_interval_seconds = 5; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.matcher = Matcher{{}, "199"}; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.matcher = Matcher{{}, "200-500"}; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.matcher = Matcher{{}, "299-200"}; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.matcher = Matcher{"0", {}}; }), kValidationError);
  EXPECT_EQ(refused([](auto& in) { in.matcher = Matcher{{}, "200,202,300-399"}; }), "accepted");
}

TEST_F(TargetGroupsTest, HealthChecksAreChangedInPlace) {
  const std::string arn = MakePods();
  ModifyTargetGroupInput in;
  in.target_group_arn = arn;
  in.health_check_path = "/healthz";
  in.matcher = Matcher{{}, "200-399"};
  in.health_check_interval_seconds = 10;
  in.healthy_threshold_count = 3;
  const TargetGroup changed = Must(elbv2_->ModifyTargetGroup(Call(), in)).target_groups->front();
  EXPECT_EQ(changed.health_check_path, "/healthz");
  EXPECT_EQ(changed.matcher->http_code, "200-399");
  EXPECT_EQ(changed.healthy_threshold_count, 3);
  const auto& served = data_plane_.configuration->target_groups.front().health_check;
  EXPECT_EQ(served.path, "/healthz");
  EXPECT_EQ(served.interval, std::chrono::seconds(10));
  in.health_check_timeout_seconds = 10;
  EXPECT_EQ(Refusal(elbv2_->ModifyTargetGroup(Call(), in)), kValidationError);
}

TEST_F(TargetGroupsTest, TheCheckOfAFlowGroupMayBecomeHttp) {
  ModifyTargetGroupInput in;
  in.target_group_arn = MakePods("flows", "TCP");
  in.health_check_protocol = "HTTP";
  const TargetGroup changed = Must(elbv2_->ModifyTargetGroup(Call(), in)).target_groups->front();
  EXPECT_EQ(changed.health_check_path, "/");
  EXPECT_EQ(changed.matcher->http_code, "200-399");
  in.health_check_protocol = "TCP";
  EXPECT_FALSE(Must(elbv2_->ModifyTargetGroup(Call(), in)).target_groups->front().matcher);
}

TEST_F(TargetGroupsTest, InUseStays) {
  const std::string group = MakePods();
  const std::string balancer = MakeBalancer();
  const std::string listener = MakeListener(balancer, Forward(group));
  EXPECT_EQ(List().front().load_balancer_arns->front(), balancer);
  EXPECT_EQ(Refusal(Delete(group)), kResourceInUse);
  ASSERT_TRUE(elbv2_->DeleteListener(Call(), {.listener_arn = listener}).ok());
  EXPECT_TRUE(Delete(group).ok());
  EXPECT_TRUE(Delete(group).ok());
  EXPECT_TRUE(List().empty());
}

TEST_F(TargetGroupsTest, AreFoundByArnNameOrLoadBalancer) {
  const std::string pods = MakePods("pods"), others = MakePods("others");
  const std::string balancer = MakeBalancer();
  MakeListener(balancer, Forward(others));
  EXPECT_EQ(List({.load_balancer_arn = balancer}).front().target_group_arn, others);
  EXPECT_EQ(List({.names = std::vector<std::string>{"pods"}}).front().target_group_arn, pods);
  EXPECT_EQ(List({.target_group_arns = std::vector{pods}}).size(), 1u);
  EXPECT_EQ(List().size(), 2u);
  DescribeTargetGroupsInput in;
  in.names = {"none"};
  EXPECT_EQ(Refusal(elbv2_->DescribeTargetGroups(Call(), in)), kTargetGroupNotFound);
  in.target_group_arns = {pods};
  EXPECT_EQ(Refusal(elbv2_->DescribeTargetGroups(Call(), in)), kValidationError);
}

}  // namespace
}  // namespace meetinity::elbv2

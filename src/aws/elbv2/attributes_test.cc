#include "aws/elbv2/attributes.h"

#include "aws/elbv2/testing_elbv2.h"

namespace meetinity::elbv2 {
namespace {

class AttributesTest : public Elbv2Test {
 protected:
  std::string_view SetBalancer(const std::string& arn, const std::initializer_list<LoadBalancerAttribute>& attributes) {
    return Refusal(elbv2_->ModifyLoadBalancerAttributes(Call(), {.attributes = attributes, .load_balancer_arn = arn}));
  }
  std::string_view SetGroup(const std::string& arn, const std::initializer_list<TargetGroupAttribute>& attributes) {
    return Refusal(elbv2_->ModifyTargetGroupAttributes(Call(), {.attributes = attributes, .target_group_arn = arn}));
  }
  std::vector<LoadBalancerAttribute> OfBalancer(const std::string& arn) {
    return *Must(elbv2_->DescribeLoadBalancerAttributes(Call(), {.load_balancer_arn = arn})).attributes;
  }
  std::vector<TargetGroupAttribute> OfGroup(const std::string& arn) {
    return *Must(elbv2_->DescribeTargetGroupAttributes(Call(), {.target_group_arn = arn})).attributes;
  }
};

TEST_F(AttributesTest, OfLoadBalancersAreCompleteFromTheStart) {
  const auto web = OfBalancer(MakeBalancer());
  EXPECT_EQ(ValueOf(web, "idle_timeout.timeout_seconds"), "60");
  EXPECT_EQ(ValueOf(web, "client_keep_alive.seconds"), "3600");
  EXPECT_EQ(ValueOf(web, "routing.http2.enabled"), "true");
  EXPECT_EQ(ValueOf(web, "routing.http.desync_mitigation_mode"), "defensive");
  EXPECT_EQ(ValueOf(web, "load_balancing.cross_zone.enabled"), "true");
  EXPECT_EQ(ValueOf(web, "access_logs.s3.bucket"), "");
  EXPECT_EQ(ValueOf(web, "dns_record.client_routing_policy"), "absent");
  const auto flows = OfBalancer(MakeFlowBalancer());
  EXPECT_EQ(ValueOf(flows, "load_balancing.cross_zone.enabled"), "false");
  EXPECT_EQ(ValueOf(flows, "dns_record.client_routing_policy"), "any_availability_zone");
  EXPECT_EQ(ValueOf(flows, "idle_timeout.timeout_seconds"), "absent");
}

TEST_F(AttributesTest, OfTargetGroupsFollowFromTheirProtocol) {
  const auto web = OfGroup(MakePods());
  EXPECT_EQ(ValueOf(web, "deregistration_delay.timeout_seconds"), "300");
  EXPECT_EQ(ValueOf(web, "stickiness.type"), "lb_cookie");
  EXPECT_EQ(ValueOf(web, "load_balancing.algorithm.type"), "round_robin");
  EXPECT_EQ(ValueOf(web, "load_balancing.cross_zone.enabled"), "use_load_balancer_configuration");
  EXPECT_EQ(ValueOf(web, "proxy_protocol_v2.enabled"), "absent");
  const auto flows = OfGroup(MakePods("flows", "TCP"));
  EXPECT_EQ(ValueOf(flows, "preserve_client_ip.enabled"), "false");
  EXPECT_EQ(ValueOf(flows, "stickiness.type"), "source_ip");
  EXPECT_EQ(ValueOf(flows, "target_health_state.unhealthy.connection_termination.enabled"), "true");
  EXPECT_EQ(ValueOf(OfGroup(MakePods("datagrams", "UDP")), "deregistration_delay.connection_termination.enabled"),
            "true");
}

TEST_F(AttributesTest, AreSetAndServed) {
  const std::string arn = MakeBalancer();
  EXPECT_EQ(SetBalancer(arn, {{"idle_timeout.timeout_seconds", "4000"}, {"routing.http2.enabled", "false"}}),
            "accepted");
  EXPECT_EQ(data_plane_.configuration->load_balancers.front().idle_timeout, std::chrono::seconds(4'000));
  EXPECT_FALSE(data_plane_.configuration->load_balancers.front().http2);
  Reopen();
  EXPECT_EQ(ValueOf(OfBalancer(arn), "idle_timeout.timeout_seconds"), "4000");
}

TEST_F(AttributesTest, UnknownKeysAndValuesOutOfRangeAreRefused) {
  const std::string web = MakeBalancer(), flows = MakeFlowBalancer(), pods = MakePods();
  EXPECT_EQ(SetBalancer(web, {}), kValidationError);
  EXPECT_EQ(SetBalancer(web, {{"idle_timeout", "60"}}), kValidationError);
  EXPECT_EQ(SetBalancer(flows, {{"idle_timeout.timeout_seconds", "60"}}), kValidationError);
  EXPECT_EQ(SetBalancer(web, {{"idle_timeout.timeout_seconds", "0"}}), kValidationError);
  EXPECT_EQ(SetBalancer(web, {{"idle_timeout.timeout_seconds", "4001"}}), kValidationError);
  EXPECT_EQ(SetBalancer(web, {{"routing.http2.enabled", "yes"}}), kValidationError);
  EXPECT_EQ(SetBalancer(web, {{"routing.http.desync_mitigation_mode", "off"}}), kValidationError);
  EXPECT_EQ(SetBalancer(web, {{"routing.http2.enabled", "true"}, {"routing.http2.enabled", "false"}}),
            kValidationError);
  EXPECT_EQ(SetGroup(pods, {{"deregistration_delay.timeout_seconds", "3601"}}), kValidationError);
  EXPECT_EQ(SetGroup(pods, {{"slow_start.duration_seconds", "29"}}), kValidationError);
  EXPECT_EQ(SetGroup(pods, {{"slow_start.duration_seconds", "0"}}), "accepted");
  EXPECT_EQ(SetGroup(pods, {{"stickiness.type", "source_ip"}}), kValidationError);
}

TEST_F(AttributesTest, ThatContradictEachOtherAreRefused) {
  const std::string pods = MakePods();
  EXPECT_EQ(SetGroup(pods, {{"slow_start.duration_seconds", "30"},
                            {"load_balancing.algorithm.type", "least_outstanding_requests"}}),
            kInvalidConfigurationRequest);
  EXPECT_EQ(SetGroup(pods, {{"slow_start.duration_seconds", "30"}}), "accepted");
  EXPECT_EQ(SetGroup(pods, {{"load_balancing.algorithm.type", "weighted_random"}}), kInvalidConfigurationRequest);
  EXPECT_EQ(SetGroup(pods, {{"load_balancing.algorithm.anomaly_mitigation", "on"}}), kInvalidConfigurationRequest);
  EXPECT_EQ(SetGroup(pods, {{"stickiness.enabled", "true"}, {"load_balancing.cross_zone.enabled", "false"}}),
            kInvalidConfigurationRequest);
  EXPECT_EQ(SetGroup(pods, {{"stickiness.enabled", "true"}, {"stickiness.type", "app_cookie"}}),
            kInvalidConfigurationRequest);
  EXPECT_EQ(SetGroup(pods, {{"stickiness.app_cookie.cookie_name", "AWSALBTG"}}), kInvalidConfigurationRequest);
  EXPECT_EQ(SetGroup(pods, {{"stickiness.enabled", "true"},
                            {"stickiness.type", "app_cookie"},
                            {"stickiness.app_cookie.cookie_name", "session"}}),
            "accepted");
}

TEST_F(AttributesTest, ThatNothingWouldFollowFromAreRefused) {
  EXPECT_EQ(SetBalancer(MakeBalancer(), {{"connection_logs.s3.enabled", "true"}}), kInvalidConfigurationRequest);
  EXPECT_EQ(SetBalancer(MakeBalancer(), {{"connection_logs.s3.enabled", "false"}}), "accepted");
  EXPECT_EQ(SetGroup(MakePods("flows", "TCP"), {{"preserve_client_ip.enabled", "true"}}), kInvalidConfigurationRequest);
  EXPECT_EQ(SetGroup(MakePods("datagrams", "UDP"), {{"preserve_client_ip.enabled", "false"}}),
            kInvalidConfigurationRequest);
}

TEST_F(AttributesTest, AccessLogsNeedABucketThatTakesThem) {
  const std::string arn = MakeBalancer();
  elbv2_->AskLogBucket([](const std::string& bucket, const std::string&) -> Status {
    return bucket == "logs" ? Status() : Status(Misconfigured("Access Denied for bucket: " + bucket));
  });
  EXPECT_EQ(SetBalancer(arn, {{"access_logs.s3.enabled", "true"}}), kInvalidConfigurationRequest);
  EXPECT_EQ(SetBalancer(arn, {{"access_logs.s3.enabled", "true"}, {"access_logs.s3.bucket", "other"}}),
            kInvalidConfigurationRequest);
  EXPECT_EQ(SetBalancer(arn, {{"access_logs.s3.enabled", "true"},
                              {"access_logs.s3.bucket", "logs"},
                              {"access_logs.s3.prefix", "AWSLogs"}}),
            kInvalidConfigurationRequest);
  EXPECT_TRUE(published_.log_streams.empty());
  EXPECT_EQ(SetBalancer(arn, {{"access_logs.s3.enabled", "true"},
                              {"access_logs.s3.bucket", "logs"},
                              {"access_logs.s3.prefix", "web"}}),
            "accepted");
  EXPECT_EQ(published_.log_streams.at(arn), "logs/web\t" + arn);
  EXPECT_TRUE(data_plane_.configuration->load_balancers.front().logs_access);
}

TEST_F(AttributesTest, OfListenersFollowFromTheirProtocol) {
  const auto of = [&](const std::string& arn) {
    return *Must(elbv2_->DescribeListenerAttributes(Call(), {.listener_arn = arn})).attributes;
  };
  const std::string tcp =
      *Make(ListenerInput(MakeFlowBalancer(), Forward(MakePods("flows", "TCP")), 9000, "TCP")).listener_arn;
  EXPECT_EQ(ValueOf(of(tcp), "tcp.idle_timeout.seconds"), "350");
  Must(elbv2_->ModifyListenerAttributes(
      Call(), {.attributes = {ListenerAttribute{"tcp.idle_timeout.seconds", "60"}}, .listener_arn = tcp}));
  EXPECT_EQ(data_plane_.configuration->load_balancers.front().listeners.front().tcp_idle_timeout,
            std::chrono::seconds(60));
  const std::string http = MakeListener(MakeBalancer(), Fixed("200"));
  EXPECT_EQ(ValueOf(of(http), "routing.http.response.server.enabled"), "true");
  EXPECT_EQ(Refusal(elbv2_->ModifyListenerAttributes(
                Call(), {.attributes = {ListenerAttribute{"tcp.idle_timeout.seconds", "60"}}, .listener_arn = http})),
            kValidationError);
}

}  // namespace
}  // namespace meetinity::elbv2

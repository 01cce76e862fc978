#include <gmock/gmock.h>

#include "aws/acm_model.h"
#include "aws/elbv2/testing_elbv2.h"

namespace meetinity::elbv2 {
namespace {

class ListenersTest : public Elbv2Test {
 protected:
  auto Create(const CreateListenerInput& in) { return elbv2_->CreateListener(Call(), in); }
  CreateListenerInput HttpsInput(const std::string& balancer, const std::string& certificate) const {
    CreateListenerInput in = ListenerInput(balancer, Fixed("200"), 443, "HTTPS");
    in.certificates = {{.certificate_arn = certificate}};
    return in;
  }
  auto DeleteCertificate(const std::string& arn) { return acm_->DeleteCertificate(Call(), {.certificate_arn = arn}); }
  const balancer::Listener& Served(size_t index = 0) {
    return data_plane_.configuration->load_balancers.at(0).listeners.at(index);
  }
  std::vector<elbv2::Certificate> Certificates(const std::string& listener) {
    return *Must(elbv2_->DescribeListenerCertificates(Call(), {.listener_arn = listener})).certificates;
  }
};

TEST_F(ListenersTest, ForwardsAsTheApiAnswers) {
  const std::string group = MakePods();
  const Listener made = Make(ListenerInput(MakeBalancer(), Forward(group)));
  const Action& action = made.default_actions->front();
  EXPECT_EQ(action.target_group_arn, group);
  EXPECT_EQ(action.forward_config->target_groups->front().target_group_arn, group);
  EXPECT_EQ(action.forward_config->target_groups->front().weight, 1);
  EXPECT_EQ(action.forward_config->target_group_stickiness_config->enabled, false);
  EXPECT_FALSE(made.ssl_policy);
}

TEST_F(ListenersTest, RedirectsWithEveryPart) {
  const Listener made =
      Make(ListenerInput(MakeBalancer(), Redirect({.port = "443", .protocol = "HTTPS", .status_code = "HTTP_301"})));
  const RedirectActionConfig& config = *made.default_actions->front().redirect_config;
  EXPECT_EQ(config.host, "#{host}");
  EXPECT_EQ(config.path, "/#{path}");
  EXPECT_EQ(config.query, "#{query}");
}

TEST_F(ListenersTest, OnOnePortIsOne) {
  const std::string arn = MakeBalancer();
  MakeListener(arn, Fixed("200"));
  EXPECT_EQ(Refusal(Create(ListenerInput(arn, Fixed("200")))), kDuplicateListener);
  const std::string other = MakeListener(arn, Fixed("200"), 81);
  ModifyListenerInput change;
  change.listener_arn = other;
  change.port = 80;
  EXPECT_EQ(Refusal(elbv2_->ModifyListener(Call(), change)), kDuplicateListener);
}

TEST_F(ListenersTest, SpeaksWhatItsLoadBalancerDoes) {
  const std::string web = MakeBalancer(), flows = MakeFlowBalancer();
  EXPECT_EQ(Refusal(Create(ListenerInput(web, Fixed("200"), 80, "TCP"))), kValidationError);
  EXPECT_EQ(Refusal(Create(ListenerInput(flows, Forward(MakePods()), 80, "HTTP"))), kValidationError);
  EXPECT_EQ(Refusal(Create(ListenerInput(flows, Forward(MakePods("q", "UDP")), 80, "TCP_UDP"))), kUnsupportedProtocol);
  EXPECT_EQ(Refusal(Create(ListenerInput(flows, Forward(MakePods("t", "TCP")), 81, "TCP"))), "accepted");
  EXPECT_EQ(Refusal(Create(ListenerInput(flows, Forward(MakePods("u", "UDP")), 82, "UDP"))), "accepted");
  EXPECT_EQ(Refusal(Create(ListenerInput(flows, Fixed("200"), 83, "TCP"))), kInvalidLoadBalancerAction);
  CreateListenerInput portless = ListenerInput(web, Fixed("200"));
  portless.port.reset();
  EXPECT_EQ(Refusal(Create(portless)), kValidationError);
}

TEST_F(ListenersTest, SendsToGroupsThatFit) {
  const std::string web = MakeBalancer(), flows = MakeFlowBalancer();
  EXPECT_EQ(Refusal(Create(ListenerInput(web, Forward(MakePods("t", "TCP"))))), kIncompatibleProtocols);
  EXPECT_EQ(Refusal(Create(ListenerInput(flows, Forward(MakePods("h", "HTTP")), 80, "TCP"))), kIncompatibleProtocols);
  EXPECT_EQ(Refusal(Create(ListenerInput(flows, Forward(MakePods("u", "UDP")), 80, "TCP"))), kIncompatibleProtocols);
  CreateTargetGroupInput grpc = GroupInput("g");
  grpc.protocol_version = "GRPC";
  EXPECT_EQ(Refusal(Create(ListenerInput(web, Forward(*Make(grpc).target_group_arn)))), kIncompatibleProtocols);
  const std::string gone = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/gone/0123456789abcdef";
  EXPECT_EQ(Refusal(Create(ListenerInput(web, Forward(gone)))), kTargetGroupNotFound);
  EXPECT_EQ(Refusal(Create(ListenerInput(web, Forward("gone")))), kValidationError);
}

TEST_F(ListenersTest, AGroupServesOneLoadBalancer) {
  const std::string group = MakePods();
  MakeListener(MakeBalancer("site"), Forward(group));
  EXPECT_EQ(Refusal(Create(ListenerInput(MakeBalancer("shop"), Forward(group)))), kTargetGroupAssociationLimit);
  CreateTargetGroupInput elsewhere = GroupInput("elsewhere");
  elsewhere.vpc_id = MakeVpc("10.1.0.0/16");
  EXPECT_EQ(Refusal(Create(ListenerInput(MakeBalancer("shop"), Forward(*Make(elsewhere).target_group_arn)))),
            kInvalidConfigurationRequest);
}

TEST_F(ListenersTest, HttpsNeedsACertificateThatServes) {
  const std::string arn = MakeBalancer();
  EXPECT_EQ(Refusal(Create(ListenerInput(arn, Fixed("200"), 443, "HTTPS"))), kValidationError);
  EXPECT_EQ(Refusal(Create(HttpsInput(arn, "arn:aws:acm:eu-west-1:123456789012:certificate/none"))),
            kCertificateNotFound);
  const std::string certificate = Certificate("shop.localhost");
  CreateListenerInput in = HttpsInput(arn, certificate);
  in.ssl_policy = "ELBSecurityPolicy-None";
  EXPECT_EQ(Refusal(Create(in)), kSslPolicyNotFound);
  in.ssl_policy.reset();
  in.certificates->push_back({.certificate_arn = certificate});
  EXPECT_EQ(Refusal(Create(in)), kTooManyCertificates);
  clock_.Advance(400 * kDay);
  EXPECT_EQ(Refusal(Create(HttpsInput(arn, certificate))), kUnsupportedCertificate);
  in = HttpsInput(arn, Certificate("new.localhost"));
  in.protocol = "HTTP";
  EXPECT_EQ(Refusal(Create(in)), kInvalidConfigurationRequest);
}

TEST_F(ListenersTest, ACertificateInUseStays) {
  const std::string first = Certificate("shop.localhost"), second = Certificate("*.blog.localhost");
  const std::string balancer = MakeBalancer();
  const Listener made = Make(HttpsInput(balancer, first));
  EXPECT_EQ(made.ssl_policy, "ELBSecurityPolicy-2016-08");
  EXPECT_EQ(made.certificates->front().certificate_arn, first);
  EXPECT_EQ(Refusal(DeleteCertificate(first)), "ResourceInUseException");
  EXPECT_EQ(acm_->DescribeCertificate(Call(), {.certificate_arn = first})->certificate->in_use_by->front(), balancer);
  ModifyListenerInput change;
  change.listener_arn = *made.listener_arn;
  change.certificates = {{.certificate_arn = second}};
  Must(elbv2_->ModifyListener(Call(), change));
  EXPECT_TRUE(DeleteCertificate(first).ok());
  EXPECT_EQ(Refusal(DeleteCertificate(second)), "ResourceInUseException");
  ASSERT_TRUE(elbv2_->DeleteLoadBalancer(Call(), {.load_balancer_arn = balancer}).ok());
  EXPECT_TRUE(DeleteCertificate(second).ok());
}

TEST_F(ListenersTest, MoreCertificatesAreAddedAndRemoved) {
  const std::string first = Certificate("shop.localhost"), second = Certificate("blog.localhost");
  const std::string listener = *Make(HttpsInput(MakeBalancer(), first)).listener_arn;
  AddListenerCertificatesInput add;
  add.listener_arn = listener;
  add.certificates = {{.certificate_arn = second}};
  EXPECT_EQ(Must(elbv2_->AddListenerCertificates(Call(), add)).certificates->front().is_default, false);
  ASSERT_EQ(Certificates(listener).size(), 2u);
  EXPECT_EQ(Certificates(listener).front().is_default, true);
  EXPECT_EQ(Served().certificates.size(), 2u);
  RemoveListenerCertificatesInput remove;
  remove.listener_arn = listener;
  remove.certificates = {{.certificate_arn = first}};
  EXPECT_EQ(Refusal(elbv2_->RemoveListenerCertificates(Call(), remove)), kOperationNotPermitted);
  remove.certificates = {{.certificate_arn = second}};
  Must(elbv2_->RemoveListenerCertificates(Call(), remove));
  EXPECT_EQ(Certificates(listener).size(), 1u);
  EXPECT_TRUE(DeleteCertificate(second).ok());
}

TEST_F(ListenersTest, APortThatIsTakenLeavesNoListener) {
  const std::string arn = MakeBalancer();
  data_plane_.taken_port = 9000;
  const auto refused = Create(ListenerInput(arn, Fixed("200"), 9000));
  EXPECT_EQ(Refusal(refused), kInvalidConfigurationRequest);
  EXPECT_THAT(refused.error().detail, testing::HasSubstr("the port is taken"));
  EXPECT_TRUE(data_plane_.configuration->load_balancers.front().listeners.empty());
  const std::string listener = MakeListener(arn, Fixed("200"), 9001);
  ModifyListenerInput change;
  change.listener_arn = listener;
  change.port = 9000;
  EXPECT_EQ(Refusal(elbv2_->ModifyListener(Call(), change)), kInvalidConfigurationRequest);
  EXPECT_EQ(Served().port, 9001);
}

TEST_F(ListenersTest, IsChangedInPlace) {
  const std::string listener = MakeListener(MakeBalancer(), Fixed("200", "old"));
  ModifyListenerInput change;
  change.listener_arn = listener;
  change.default_actions = {Fixed("503", "new")};
  Must(elbv2_->ModifyListener(Call(), change));
  EXPECT_EQ(std::get<balancer::FixedResponseAction>(Served().rules.front().action).body, "new");
  change.default_actions.reset();
  change.port = 81;
  EXPECT_EQ(Must(elbv2_->ModifyListener(Call(), change)).listeners->front().port, 81);
}

TEST_F(ListenersTest, GoneIsNotFound) {
  const std::string listener = MakeListener(MakeBalancer(), Fixed("200"));
  ASSERT_TRUE(elbv2_->DeleteListener(Call(), {.listener_arn = listener}).ok());
  EXPECT_EQ(Refusal(elbv2_->DeleteListener(Call(), {.listener_arn = listener})), kListenerNotFound);
  DescribeListenersInput in;
  EXPECT_EQ(Refusal(elbv2_->DescribeListeners(Call(), in)), kValidationError);
  in.listener_arns = {listener};
  EXPECT_EQ(Refusal(elbv2_->DescribeListeners(Call(), in)), kListenerNotFound);
  EXPECT_EQ(
      Refusal(Create(ListenerInput(
          "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/none/0123456789abcdef", Fixed("200")))),
      kLoadBalancerNotFound);
}

TEST_F(ListenersTest, NamesOfSharedPortsLeadToIt) {
  const std::string balancer = MakeBalancer();
  const std::string http = MakeListener(balancer, Fixed("200"));
  RuleCondition host;
  host.field = "host-header";
  host.values = {"api.shop.test", "*.tenant.test", "a*.test"};
  MakeRule(http, 1, host, Fixed("200"));
  const std::string https = *Make(HttpsInput(balancer, Certificate("shop.localhost"))).listener_arn;
  std::map<std::string, Entrance> entrances;
  for (const Entrance& entrance : published_.entrances) entrances[entrance.host] = entrance;
  ASSERT_EQ(entrances.size(), 4u);
  for (const std::string name : {"api.shop.test", "*.tenant.test", "shop.localhost"}) {
    EXPECT_EQ(entrances.at(name).http_listener, http) << name;
    EXPECT_EQ(entrances.at(name).https_listener, https) << name;
    EXPECT_NE(entrances.at(name).certificate, nullptr) << name;
  }
  MakeListener(balancer, Fixed("200"), 8081);
  EXPECT_EQ(published_.entrances.size(), 4u);
  EXPECT_EQ(Served(2).bindings.front().port, 8081);
  EXPECT_TRUE(Served(0).bindings.empty());
}

}  // namespace
}  // namespace meetinity::elbv2

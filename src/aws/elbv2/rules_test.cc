#include "aws/elbv2/testing_elbv2.h"

namespace meetinity::elbv2 {
namespace {

class RulesTest : public Elbv2Test {
 protected:
  RulesTest() : balancer_(MakeBalancer()), listener_(MakeListener(balancer_, Fixed("404"))) {}

  auto Create(int32_t priority, const Action& action) {
    return elbv2_->CreateRule(Call(), RuleInput(listener_, priority, Path("/a"), action));
  }
  auto Create(int32_t priority, std::vector<Action> actions) {
    CreateRuleInput in = RuleInput(listener_, priority, Path("/a"), Fixed("200"));
    in.actions = std::move(actions);
    return elbv2_->CreateRule(Call(), in);
  }
  std::vector<Rule> Rules() {
    DescribeRulesInput in;
    in.listener_arn = listener_;
    return *Must(elbv2_->DescribeRules(Call(), in)).rules;
  }
  static Action Weighted(std::vector<std::pair<std::string, int32_t>> groups) {
    Action action;
    action.type = ActionTypeEnum::kForward;
    action.forward_config = ForwardActionConfig{};
    action.forward_config->target_groups.emplace();
    for (auto& [arn, weight] : groups) action.forward_config->target_groups->push_back({arn, weight});
    return action;
  }
  static Action Ordered(Action action, int32_t order) {
    action.order = order;
    return action;
  }

  const std::string balancer_, listener_;
};

TEST_F(RulesTest, AreInTheOrderOfTheirPrioritiesTheDefaultOneLast) {
  ASSERT_TRUE(Create(20, Fixed("200")).ok());
  ASSERT_TRUE(Create(3, Fixed("200")).ok());
  const auto rules = Rules();
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[0].priority, "3");
  EXPECT_EQ(rules[1].priority, "20");
  EXPECT_EQ(rules[2].priority, "default");
  EXPECT_EQ(rules[2].is_default, true);
  EXPECT_TRUE(rules[2].conditions->empty());
}

TEST_F(RulesTest, APriorityIsTakenOnce) {
  ASSERT_TRUE(Create(1, Fixed("200")).ok());
  EXPECT_EQ(Refusal(Create(1, Fixed("200"))), kPriorityInUse);
}

TEST_F(RulesTest, PrioritiesMayBeTraded) {
  const std::string a = *Must(Create(1, Fixed("200"))).rules->front().rule_arn;
  const std::string b = *Must(Create(2, Fixed("200"))).rules->front().rule_arn;
  SetRulePrioritiesInput in;
  in.rule_priorities = {{2, a}, {1, b}};
  Must(elbv2_->SetRulePriorities(Call(), in));
  EXPECT_EQ(Rules().front().rule_arn, b);
  in.rule_priorities = {{1, a}};
  EXPECT_EQ(Refusal(elbv2_->SetRulePriorities(Call(), in)), kPriorityInUse);
  in.rule_priorities = {{5, *Rules().back().rule_arn}};
  EXPECT_EQ(Refusal(elbv2_->SetRulePriorities(Call(), in)), kOperationNotPermitted);
  in.rule_priorities = {{5, a}, {6, a}};
  EXPECT_EQ(Refusal(elbv2_->SetRulePriorities(Call(), in)), kValidationError);
}

TEST_F(RulesTest, TheDefaultOneStays) {
  const std::string arn = *Rules().back().rule_arn;
  EXPECT_EQ(Refusal(elbv2_->DeleteRule(Call(), {.rule_arn = arn})), kOperationNotPermitted);
  ModifyRuleInput in;
  in.rule_arn = arn;
  in.actions = {Fixed("200")};
  EXPECT_EQ(Refusal(elbv2_->ModifyRule(Call(), in)), kOperationNotPermitted);
}

TEST_F(RulesTest, AreChangedAndDeleted) {
  const std::string arn = *Must(Create(1, Fixed("200"))).rules->front().rule_arn;
  ModifyRuleInput in;
  in.rule_arn = arn;
  EXPECT_EQ(Refusal(elbv2_->ModifyRule(Call(), in)), kValidationError);
  in.conditions = {Path("/b")};
  const Rule changed = Must(elbv2_->ModifyRule(Call(), in)).rules->front();
  EXPECT_EQ(changed.conditions->front().values->front(), "/b");
  EXPECT_EQ(changed.actions->front().fixed_response_config->status_code, "200");
  ASSERT_TRUE(elbv2_->DeleteRule(Call(), {.rule_arn = arn}).ok());
  EXPECT_EQ(Refusal(elbv2_->DeleteRule(Call(), {.rule_arn = arn})), kRuleNotFound);
  EXPECT_EQ(data_plane_.configuration->load_balancers.front().listeners.front().rules.size(), 1u);
}

TEST_F(RulesTest, EndInExactlyOneOfThreeActions) {
  EXPECT_EQ(Refusal(Create(1, std::vector<Action>())), kValidationError);
  EXPECT_EQ(Refusal(Create(1, {Ordered(Fixed("200"), 1), Ordered(Fixed("200"), 2)})), kInvalidLoadBalancerAction);
  Action sign_in;
  sign_in.type = ActionTypeEnum::kAuthenticateOidc;
  EXPECT_EQ(Refusal(Create(1, {Ordered(Fixed("200"), 1), Ordered(sign_in, 2)})), kInvalidLoadBalancerAction);
  EXPECT_EQ(Refusal(Create(1, {Fixed("200"), sign_in})), kInvalidLoadBalancerAction);
  EXPECT_EQ(Refusal(Create(1, {Ordered(sign_in, 1), Ordered(Fixed("200"), 2)})), kInvalidLoadBalancerAction);
}

TEST_F(RulesTest, RedirectsThatLoopAreRefused) {
  EXPECT_EQ(Refusal(Create(1, Redirect({}))), kInvalidLoadBalancerAction);
  EXPECT_EQ(Refusal(Create(1, Redirect({.query = "a=b"}))), kInvalidLoadBalancerAction);
  EXPECT_EQ(Refusal(Create(1, Redirect({.path = "/new"}))), "accepted");
  EXPECT_EQ(Refusal(Create(2, Redirect({.path = "new"}))), kValidationError);
  EXPECT_EQ(Refusal(Create(2, Redirect({.port = "0"}))), kValidationError);
  EXPECT_EQ(Refusal(Create(2, Redirect({.protocol = "TCP"}))), kValidationError);
}

TEST_F(RulesTest, HttpsIsNotRedirectedToHttp) {
  CreateListenerInput in =
      ListenerInput(balancer_, Redirect({.protocol = "HTTP", .status_code = "HTTP_301"}), 443, "HTTPS");
  in.certificates = {{.certificate_arn = Certificate("shop.localhost")}};
  EXPECT_EQ(Refusal(elbv2_->CreateListener(Call(), in)), kInvalidLoadBalancerAction);
}

TEST_F(RulesTest, FixedResponsesAreSmallAndPlain) {
  for (const std::string status : {"301", "99", "2000", "abc"}) {
    EXPECT_EQ(Refusal(Create(1, Fixed(status))), kValidationError) << status;
  }
  Action action = Fixed("200");
  action.fixed_response_config->content_type = "image/png";
  EXPECT_EQ(Refusal(Create(1, action)), kValidationError);
  EXPECT_EQ(Refusal(Create(1, Fixed("200", std::string(1'025, 'x')))), kValidationError);
  EXPECT_EQ(Refusal(Create(1, Fixed("200", std::string(1'024, 'x')))), "accepted");
}

TEST_F(RulesTest, ForwardsToFiveGroupsByWeight) {
  std::vector<std::pair<std::string, int32_t>> groups;
  for (int i = 0; i < 6; ++i) groups.emplace_back(MakePods("pods-" + std::to_string(i)), i);
  EXPECT_EQ(Refusal(Create(1, Weighted(groups))), kTooManyUniqueTargetGroups);
  groups.pop_back();
  const Action made = Must(Create(1, Weighted(groups))).rules->front().actions->front();
  EXPECT_FALSE(made.target_group_arn);
  EXPECT_EQ(made.forward_config->target_groups->at(4).weight, 4);
  EXPECT_EQ(Refusal(Create(2, Weighted({{groups[0].first, 1'000}}))), kValidationError);
  EXPECT_EQ(Refusal(Create(2, Weighted({groups[0], groups[0]}))), kValidationError);
  Action both = Weighted({groups[0]});
  both.target_group_arn = groups[1].first;
  EXPECT_EQ(Refusal(Create(2, both)), kValidationError);
  Action sticky = Weighted({groups[0]});
  sticky.forward_config->target_group_stickiness_config = TargetGroupStickinessConfig{{}, true};
  EXPECT_EQ(Refusal(Create(2, sticky)), kValidationError);
  sticky.forward_config->target_group_stickiness_config->duration_seconds = 60;
  EXPECT_EQ(Refusal(Create(2, sticky)), "accepted");
}

TEST_F(RulesTest, WhatIsNotServedIsRefused) {
  CreateRuleInput in = RuleInput(listener_, 1, Path("/a"), Fixed("200"));
  in.transforms = {{.type = std::string(TransformTypeEnum::kUrlRewrite)}};
  EXPECT_EQ(Refusal(elbv2_->CreateRule(Call(), in)), kInvalidConfigurationRequest);
  const std::string flows = MakeFlowBalancer();
  const std::string group = MakePods("t", "TCP");
  const std::string tcp = *Make(ListenerInput(flows, Forward(group), 9000, "TCP")).listener_arn;
  EXPECT_EQ(Refusal(elbv2_->CreateRule(Call(), RuleInput(tcp, 1, Path("/a"), Forward(group)))), kUnsupportedProtocol);
}

TEST_F(RulesTest, AreFoundByArnOrListener) {
  DescribeRulesInput in;
  EXPECT_EQ(Refusal(elbv2_->DescribeRules(Call(), in)), kValidationError);
  in.rule_arns = {*Rules().front().rule_arn};
  EXPECT_EQ(Must(elbv2_->DescribeRules(Call(), in)).rules->size(), 1u);
  in.rule_arns->front().back() = 'x';
  EXPECT_EQ(Refusal(elbv2_->DescribeRules(Call(), in)), kRuleNotFound);
  in.rule_arns = {"rule"};
  EXPECT_EQ(Refusal(elbv2_->DescribeRules(Call(), in)), kValidationError);
}

TEST_F(RulesTest, SurviveARestart) {
  const std::string group = MakePods();
  ASSERT_TRUE(Create(7, Forward(group)).ok());
  Reopen();
  EXPECT_EQ(Rules().front().actions->front().target_group_arn, group);
  const auto& served = data_plane_.configuration->load_balancers.front().listeners.front().rules;
  EXPECT_EQ(served.front().priority, 7);
}

}  // namespace
}  // namespace meetinity::elbv2

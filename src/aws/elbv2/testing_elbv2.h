#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "aws/acm/acm.h"
#include "aws/ec2/ec2.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/state.h"
#include "base/random.h"

namespace meetinity::elbv2 {

// A data plane that carries nothing: it remembers what was published, and says what a test wants.
class FakeDataPlane : public DataPlane {
 public:
  void Publish(balancer::ConfigurationPtr next, std::function<void()> adopted) override {
    configuration = std::move(next);
    if (holds) {
      waiting.push_back(std::move(adopted));
    } else {
      adopted();
    }
  }
  std::vector<balancer::ListenerProblem> Problems() const override {
    std::vector<balancer::ListenerProblem> problems;
    for (const auto& balancer : configuration->load_balancers) {
      for (const auto& listener : balancer.listeners) {
        if (listener.port != taken_port) continue;
        problems.push_back({listener.id, Error{Kind::kConflict, balancer::kListenerFailed, "the port is taken"}});
      }
    }
    return problems;
  }
  balancer::TargetHealth HealthOf(std::string_view, std::string_view target_id) const override {
    const auto found = health.find(std::string(target_id));
    return found == health.end() ? balancer::TargetHealth{balancer::TargetState::kInitial, {}, 0} : found->second;
  }
  void Release() {
    holds = false;
    for (const auto& adopted : std::exchange(waiting, {})) adopted();
  }

  balancer::ConfigurationPtr configuration;
  std::map<std::string, balancer::TargetHealth> health;  // by "address:port"
  uint16_t taken_port = 0;                               // somebody else's
  bool holds = false;                                    // adopts nothing until Release
  std::vector<std::function<void()>> waiting;
};

// Elastic Load Balancing on a store of its own with a network of two zones, called in eu-west-1.
class Elbv2Test : public testing::Test {
 protected:
  Elbv2Test() {
    Open();
    vpc_ = MakeVpc("10.0.0.0/16");
    subnets_ = {MakeSubnet(vpc_, "10.0.0.0/24", "eu-west-1a"), MakeSubnet(vpc_, "10.0.1.0/24", "eu-west-1b")};
  }
  ~Elbv2Test() override {
    Close();
    std::filesystem::remove_all(directory_);
  }

  // What a restart of the process does.
  void Reopen() {
    Close();
    Open();
  }

  wire::Call Call(const std::string& region = "eu-west-1") const {
    wire::Call call;
    call.now = clock_.Now();
    call.account = "123456789012";
    call.region = "eu-west-1";
    call.scope_region = region;
    return call;
  }

  // --- the network around
  std::string MakeVpc(const std::string& cidr);
  std::string MakeSubnet(const std::string& vpc, const std::string& cidr, const std::string& zone);
  std::string MakeGroup(const std::string& vpc, const std::string& name);
  void Admit(const std::string& group, int32_t port, const std::string& cidr);
  std::string Certificate(const std::string& name);

  // --- requests that need nothing special
  CreateLoadBalancerInput WebInput(const std::string& name = "site") const {
    CreateLoadBalancerInput in;
    in.name = name;
    in.subnets = subnets_;
    return in;
  }
  CreateLoadBalancerInput FlowInput(const std::string& name = "flows") const {
    CreateLoadBalancerInput in = WebInput(name);
    in.type = std::string(LoadBalancerTypeEnum::kNetwork);
    return in;
  }
  CreateTargetGroupInput GroupInput(const std::string& name = "pods", std::string_view protocol = "HTTP") const {
    CreateTargetGroupInput in;
    in.name = name;
    in.protocol = std::string(protocol);
    in.port = 8080;
    in.vpc_id = vpc_;
    in.target_type = std::string(TargetTypeEnum::kIp);
    return in;
  }
  static Action Forward(const std::string& group) {
    Action action;
    action.type = ActionTypeEnum::kForward;
    action.target_group_arn = group;
    return action;
  }
  static Action Redirect(RedirectActionConfig config) {
    if (config.status_code.empty()) config.status_code = RedirectActionStatusCodeEnum::kHttp301;
    Action action;
    action.type = ActionTypeEnum::kRedirect;
    action.redirect_config = std::move(config);
    return action;
  }
  static Action Fixed(const std::string& status, const std::string& body = "") {
    Action action;
    action.type = ActionTypeEnum::kFixedResponse;
    action.fixed_response_config = FixedResponseActionConfig{"text/plain", body, status};
    return action;
  }
  static RuleCondition Path(const std::string& pattern) {
    RuleCondition condition;
    condition.field = "path-pattern";
    condition.values = {pattern};
    return condition;
  }
  CreateListenerInput ListenerInput(const std::string& balancer, const Action& action, int32_t port = 80,
                                    std::string_view protocol = "HTTP") const {
    CreateListenerInput in;
    in.load_balancer_arn = balancer;
    in.port = port;
    in.protocol = std::string(protocol);
    in.default_actions = {action};
    return in;
  }

  // --- what a test takes for granted
  LoadBalancer Make(const CreateLoadBalancerInput& in) {
    return Must(elbv2_->CreateLoadBalancer(Call(), in)).load_balancers->front();
  }
  TargetGroup Make(const CreateTargetGroupInput& in) {
    return Must(elbv2_->CreateTargetGroup(Call(), in)).target_groups->front();
  }
  Listener Make(const CreateListenerInput& in) { return Must(elbv2_->CreateListener(Call(), in)).listeners->front(); }
  Rule MakeRule(const std::string& listener, int32_t priority, const RuleCondition& condition, const Action& action) {
    return Must(elbv2_->CreateRule(Call(), RuleInput(listener, priority, condition, action))).rules->front();
  }
  static CreateRuleInput RuleInput(const std::string& listener, int32_t priority, const RuleCondition& condition,
                                   const Action& action) {
    CreateRuleInput in;
    in.listener_arn = listener;
    in.priority = priority;
    in.conditions = {condition};
    in.actions = {action};
    return in;
  }
  std::string MakeBalancer(const std::string& name = "site") { return *Make(WebInput(name)).load_balancer_arn; }
  std::string MakeFlowBalancer(const std::string& name = "flows") { return *Make(FlowInput(name)).load_balancer_arn; }
  std::string MakePods(const std::string& name = "pods", std::string_view protocol = "HTTP") {
    return *Make(GroupInput(name, protocol)).target_group_arn;
  }
  std::string MakeListener(const std::string& balancer, const Action& action, int32_t port = 80) {
    return *Make(ListenerInput(balancer, action, port)).listener_arn;
  }
  Result<RegisterTargetsOutput> RegisterTarget(const std::string& group, const std::string& id,
                                               std::optional<int32_t> port = {}) {
    return elbv2_->RegisterTargets(Call(), {.target_group_arn = group, .targets = {{.id = id, .port = port}}});
  }
  Result<DeregisterTargetsOutput> DeregisterTarget(const std::string& group, const std::string& id) {
    return elbv2_->DeregisterTargets(Call(), {.target_group_arn = group, .targets = {{.id = id}}});
  }
  std::vector<TargetHealthDescription> Health(const std::string& group) {
    return *Must(elbv2_->DescribeTargetHealth(Call(), {.target_group_arn = group})).target_health_descriptions;
  }
  template <class Attribute>
  static std::string ValueOf(const std::vector<Attribute>& attributes, std::string_view key) {
    for (const Attribute& one : attributes) {
      if (one.key == key) return *one.value;
    }
    return "absent";
  }

  template <class Output>
  static Output Must(Result<Output> result) {
    EXPECT_TRUE(result.ok()) << result.error().name << ": " << result.error().detail;
    return std::move(result).value();
  }
  template <class Output>
  static std::string_view Refusal(const Result<Output>& result) {
    return result.ok() ? std::string_view("accepted") : result.error().name;
  }

  FakeClock clock_;
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("elbv2-" + RandomText(10, kLowerAlphanumeric));
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<ca::CertificateAuthority> authority_;
  std::unique_ptr<acm::Acm> acm_;
  std::unique_ptr<ec2::Ec2> ec2_;
  FakeDataPlane data_plane_;
  std::unique_ptr<Elbv2> elbv2_;
  Published published_;
  std::string vpc_;
  std::vector<std::string> subnets_;

 private:
  void Open();
  void Close();
};

}  // namespace meetinity::elbv2

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/ec2/ec2.h"
#include "aws/elbv2/attributes.h"
#include "aws/elbv2/state.h"
#include "base/result.h"
#include "engine/balancer/configuration.h"

// State → the balancer's plain configuration. Pure, but for what Surroundings are asked.
namespace meetinity::elbv2 {

// Where this machine listens.
struct Doorway {
  std::vector<std::string> addresses = {"127.0.0.1"};  // of listeners that own their port
  // Where HTTP listeners on port 80 and HTTPS ones on port 443 are reached, together with everybody else's.
  uint16_t http_port = 80;
  uint16_t https_port = 443;
};

// What load balancers refer to, and this service does not hold itself.
struct Surroundings {
  Doorway doorway;
  std::string cookie_secret;
  std::function<Result<balancer::Certificate>(const std::string& certificate_arn)> certificate;
  std::function<Result<std::vector<ec2::IngressRule>>(const std::vector<std::string>& groups)> ingress;
  // Addresses in a security group that a rule refers to.
  std::function<Result<std::vector<std::string>>(const std::string& group)> members;
};

// A target's name in the balancer, "10.0.3.7:8080", and back.
std::string TargetIdOf(std::string_view id, int32_t port);
std::pair<std::string, int32_t> ParseTargetId(std::string_view target_id);

// Whether the listener shares the front door's port: HTTP on 80, HTTPS on 443.
bool SharesPort(const ListenerRecord& record);
// The port as clients on this machine know it.
uint16_t PortOf(const ListenerRecord& record, const Doorway& doorway);
// A loopback address of a load balancer's own, by which network load balancers reach it as their target.
std::string OwnAddressOf(std::string_view load_balancer_arn);

balancer::TlsPolicy ToTlsPolicy(const ListenerRecord& record);
// "200-299,404" as closed ranges; nothing for other text.
std::vector<std::pair<int, int>> ParseMatcher(std::string_view text);
balancer::Rule ToRule(int32_t priority, const std::vector<Action>& actions,
                      const std::vector<RuleCondition>& conditions, const Doorway& doorway);
// Who may connect to these listeners; peers on this machine come as 127.0.0.1, and as ::1 just the same.
Result<std::vector<balancer::AdmissionRule>> ToAdmission(const std::vector<ec2::IngressRule>& rules,
                                                         const std::vector<ListenerRecord>& listeners,
                                                         const Surroundings& around);
balancer::TargetGroup ToTargetGroup(const TargetGroupRecord& record, const Attributes& attributes,
                                    const std::vector<TargetRecord>& targets, const Doorway& doorway);

// All of it, as the transaction sees it.
Result<balancer::ConfigurationPtr> ToConfiguration(const store::ReadTx& tx, uint64_t number,
                                                   const Surroundings& around);

}  // namespace meetinity::elbv2

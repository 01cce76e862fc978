#include <algorithm>
#include <chrono>
#include <string>

#include "aws/elbv2/balancer_config.h"
#include "base/text.h"

// Actions and conditions → the balancer's rules.
namespace meetinity::elbv2 {
namespace {

using std::chrono::seconds;

balancer::ForwardAction ToForward(const Action& action) {
  balancer::ForwardAction out;
  const ForwardActionConfig& config = *action.forward_config;
  for (const TargetGroupTuple& group : *config.target_groups) {
    out.groups.push_back({.group_id = group.target_group_arn.value_or(""), .weight = group.weight.value_or(1)});
  }
  const auto& stickiness = config.target_group_stickiness_config;
  if (stickiness && stickiness->enabled.value_or(false)) {
    out.group_stickiness = seconds(stickiness->duration_seconds.value_or(0));
  }
  return out;
}

balancer::RedirectAction ToRedirect(const Action& action, const Doorway& doorway) {
  const RedirectActionConfig& config = *action.redirect_config;
  balancer::RedirectAction out;
  out.status = config.status_code == RedirectActionStatusCodeEnum::kHttp302 ? 302 : 301;
  out.protocol = config.protocol.value_or(out.protocol);
  out.host = config.host.value_or(out.host);
  out.port = config.port.value_or(out.port);
  out.path = config.path.value_or(out.path);
  out.query = config.query.value_or(out.query);
  // The well-known ports, where this machine has them.
  if (out.port == "80") out.port = std::to_string(doorway.http_port);
  if (out.port == "443") out.port = std::to_string(doorway.https_port);
  return out;
}

balancer::FixedResponseAction ToFixedResponse(const Action& action) {
  const FixedResponseActionConfig& config = *action.fixed_response_config;
  balancer::FixedResponseAction out;
  out.status = static_cast<int>(ParseUnsigned(config.status_code).value_or(500));
  out.content_type = config.content_type.value_or("");
  out.body = config.message_body.value_or("");
  return out;
}

balancer::Action ToAction(const Action& action, const Doorway& doorway) {
  if (action.redirect_config) return ToRedirect(action, doorway);
  if (action.fixed_response_config) return ToFixedResponse(action);
  return ToForward(action);
}

balancer::Condition ToCondition(const RuleCondition& condition) {
  if (condition.host_header_config) return balancer::HostHeaderCondition{*condition.host_header_config->values};
  if (condition.path_pattern_config) return balancer::PathPatternCondition{*condition.path_pattern_config->values};
  if (condition.http_header_config) {
    return balancer::HttpHeaderCondition{*condition.http_header_config->http_header_name,
                                         *condition.http_header_config->values};
  }
  if (condition.http_request_method_config) {
    return balancer::MethodCondition{*condition.http_request_method_config->values};
  }
  if (condition.source_ip_config) return balancer::SourceIpCondition{*condition.source_ip_config->values};
  balancer::QueryStringCondition query;
  for (const QueryStringKeyValuePair& pair : *condition.query_string_config->values) {
    query.pairs.push_back({.key = pair.key, .value = pair.value.value_or("")});
  }
  return query;
}

}  // namespace

balancer::Rule ToRule(int32_t priority, const std::vector<Action>& actions,
                      const std::vector<RuleCondition>& conditions, const Doorway& doorway) {
  balancer::Rule rule;
  rule.priority = priority;
  for (const RuleCondition& condition : conditions) rule.conditions.push_back(ToCondition(condition));
  // The last to be performed; what may come before it is refused when a rule is made.
  const auto last = std::max_element(actions.begin(), actions.end(), [](const Action& a, const Action& b) {
    return a.order.value_or(1) < b.order.value_or(1);
  });
  CHECK(last != actions.end());
  rule.action = ToAction(*last, doorway);
  return rule;
}

}  // namespace meetinity::elbv2

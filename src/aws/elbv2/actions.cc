#include "aws/elbv2/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "base/text.h"

namespace meetinity::elbv2 {
namespace {

// ELBv2 API: what is listed of an action beyond the model's own bounds.
constexpr int32_t kWeightMax = 999;
constexpr int32_t kStickySecondsMax = 604'800;
constexpr size_t kBodyMax = 1'024;
constexpr std::string_view kContentTypes[] = {"text/plain", "text/css", "text/html", "application/javascript",
                                              "application/json"};

Error InvalidAction(std::string detail) { return Error{Kind::kInvalid, kInvalidLoadBalancerAction, std::move(detail)}; }

struct Target {
  const store::ReadTx& tx;
  const LoadBalancerRecord& load_balancer;
  std::string_view protocol;  // of the listener
  bool is_network() const { return load_balancer.type == LoadBalancerTypeEnum::kNetwork; }
};

// ---- forward

Status CheckGroup(const Target& to, const std::string& arn) {
  const TargetGroupRecord group = TRY(GetTargetGroup(to.tx, arn));
  TRY(CheckCompatible(to.protocol, group));
  if (group.vpc_id != to.load_balancer.vpc_id) {
    return Misconfigured(fmt::format("The following target groups are in a different VPC than load balancer '{}': {}",
                                     to.load_balancer.arn, arn));
  }
  for (const std::string& user : TRY(UsersOf(to.tx, arn))) {
    if (user == to.load_balancer.arn) continue;
    return Error{
        Kind::kLimit, kTargetGroupAssociationLimit,
        fmt::format("The following target groups cannot be associated with more than one load balancer: {}", arn)};
  }
  return {};
}

Status CheckStickiness(const Target& to, const TargetGroupStickinessConfig& stickiness) {
  if (!stickiness.enabled.value_or(false)) return {};
  if (to.is_network()) return InvalidAction("Network load balancers have no target group stickiness");
  const int32_t seconds = stickiness.duration_seconds.value_or(0);
  if (seconds >= 1 && seconds <= kStickySecondsMax) return {};
  return Invalid(
      fmt::format("Target group stickiness duration must be between '1' and '{}' seconds", kStickySecondsMax));
}

Status CheckGroups(const Target& to, const std::vector<TargetGroupTuple>& groups) {
  if (groups.empty()) return Invalid("A target group ARN must be specified for a 'forward' action");
  if (groups.size() > size_t{kGroupsPerActionMax}) {
    return Error{Kind::kLimit, kTooManyUniqueTargetGroups,
                 fmt::format("A forward action has at most {} target groups", kGroupsPerActionMax)};
  }
  if (to.is_network() && groups.size() > 1) {
    return InvalidAction("A forward action of a network load balancer has one target group");
  }
  std::set<std::string> seen;
  for (const TargetGroupTuple& group : groups) {
    const std::string arn = group.target_group_arn.value_or("");
    TRY(CheckGroup(to, arn));
    if (!seen.insert(arn).second) return Invalid(fmt::format("Target group '{}' is given more than once", arn));
    const int32_t weight = group.weight.value_or(1);
    if (weight < 0 || weight > kWeightMax) {
      return Invalid(fmt::format("Target group weight '{}' must be between '0' and '{}'", weight, kWeightMax));
    }
  }
  auto used = TRY(to.tx.Select<ForwardRecord>("load_balancer_arn = ?", {store::Value(to.load_balancer.arn)}));
  for (ForwardRecord& forward : used) seen.insert(std::move(forward.target_group_arn));
  if (seen.size() <= size_t{kGroupsPerBalancerMax}) return {};
  return Error{Kind::kLimit, kTooManyUniqueTargetGroups,
               fmt::format("A load balancer has at most {} target groups", kGroupsPerBalancerMax)};
}

Result<Action> NormalizeForward(const Target& to, const Action& given) {
  ForwardActionConfig config = given.forward_config.value_or(ForwardActionConfig{});
  std::vector<TargetGroupTuple> groups = config.target_groups.value_or(std::vector<TargetGroupTuple>());
  if (given.target_group_arn && given.forward_config && !groups.empty()) {
    if (groups.size() != 1 || groups.front().target_group_arn != given.target_group_arn) {
      return Invalid("You cannot specify both 'TargetGroupArn' and another target group in 'ForwardConfig'");
    }
  }
  if (groups.empty() && given.target_group_arn) groups.push_back({.target_group_arn = given.target_group_arn});
  TRY(CheckGroups(to, groups));
  TargetGroupStickinessConfig stickiness =
      config.target_group_stickiness_config.value_or(TargetGroupStickinessConfig{});
  TRY(CheckStickiness(to, stickiness));
  stickiness.enabled = stickiness.enabled.value_or(false);
  for (TargetGroupTuple& group : groups) {
    if (!to.is_network()) group.weight = group.weight.value_or(1);
  }
  Action action;
  if (groups.size() == 1) action.target_group_arn = groups.front().target_group_arn;
  config.target_groups = std::move(groups);
  if (!to.is_network()) config.target_group_stickiness_config = stickiness;
  action.forward_config = std::move(config);
  return action;
}

// ---- redirect

bool IsPort(std::string_view text) {
  const auto number = ParseUnsigned(text);
  return number && *number >= 1 && *number <= 65'535;
}

Result<Action> NormalizeRedirect(const Target& to, const Action& given) {
  if (!given.redirect_config) return Invalid("A redirect configuration must be specified for a 'redirect' action");
  RedirectActionConfig config = *given.redirect_config;
  config.protocol = config.protocol.value_or("#{protocol}");
  config.host = config.host.value_or("#{host}");
  config.port = config.port.value_or("#{port}");
  config.path = config.path.value_or("/#{path}");
  config.query = config.query.value_or("#{query}");
  if (*config.protocol != "HTTP" && *config.protocol != "HTTPS" && *config.protocol != "#{protocol}") {
    return Invalid(fmt::format("Redirect protocol '{}' must be one of 'HTTP, HTTPS, #{{protocol}}'", *config.protocol));
  }
  if (*config.port != "#{port}" && !IsPort(*config.port)) {
    return Invalid(fmt::format("Redirect port '{}' must be a number from 1 to 65535, or '#{{port}}'", *config.port));
  }
  if (!config.path->starts_with('/')) {
    return Invalid(fmt::format("Redirect path '{}' must begin with a '/'", *config.path));
  }
  const bool changes = *config.protocol != "#{protocol}" || *config.host != "#{host}" || *config.port != "#{port}" ||
                       *config.path != "/#{path}";
  if (!changes) {
    return InvalidAction("At least one of protocol, host, port and path must change, or the redirect is a loop");
  }
  if (to.protocol == ProtocolEnum::kHttps && *config.protocol == "HTTP") {
    return InvalidAction("You cannot redirect HTTPS to HTTP");
  }
  Action action;
  action.redirect_config = std::move(config);
  return action;
}

// ---- fixed response

Result<Action> NormalizeFixedResponse(const Action& given) {
  if (!given.fixed_response_config) {
    return Invalid("A fixed response configuration must be specified for a 'fixed-response' action");
  }
  const FixedResponseActionConfig& config = *given.fixed_response_config;
  const auto status = ParseUnsigned(config.status_code);
  const bool is_status =
      config.status_code.size() == 3 && status && *status / 100 != 3 && *status / 100 >= 2 && *status / 100 <= 5;
  if (!is_status) {
    return Invalid(fmt::format("Fixed response status code '{}' must match '^(2|4|5)\\d\\d$'", config.status_code));
  }
  const std::string type = config.content_type.value_or("");
  if (!type.empty() && std::find(std::begin(kContentTypes), std::end(kContentTypes), type) == std::end(kContentTypes)) {
    return Invalid(
        fmt::format("Fixed response content type '{}' must be one of '[text/plain, text/css, text/html, "
                    "application/javascript, application/json]'",
                    type));
  }
  if (config.message_body && config.message_body->size() > kBodyMax) {
    return Invalid(fmt::format("Fixed response message body cannot be longer than '{}' bytes", kBodyMax));
  }
  Action action;
  action.fixed_response_config = config;
  return action;
}

// ---- all of a rule

Result<Action> Normalize(const Target& to, const Action& given) {
  if (to.is_network() && given.type != ActionTypeEnum::kForward) {
    return InvalidAction(fmt::format("A network load balancer's action is 'forward', not '{}'", given.type));
  }
  if (given.type == ActionTypeEnum::kForward) return NormalizeForward(to, given);
  if (given.type == ActionTypeEnum::kRedirect) return NormalizeRedirect(to, given);
  if (given.type == ActionTypeEnum::kFixedResponse) return NormalizeFixedResponse(given);
  if (to.protocol != ProtocolEnum::kHttps) {
    return InvalidAction(fmt::format("An action of type '{}' needs an HTTPS listener", given.type));
  }
  return InvalidAction(fmt::format("Actions of type '{}' are not served here", given.type));
}

bool IsTerminal(const Action& action) {
  return action.type == ActionTypeEnum::kForward || action.type == ActionTypeEnum::kRedirect ||
         action.type == ActionTypeEnum::kFixedResponse;
}

Status CheckOrder(const std::vector<Action>& given) {
  if (given.empty()) return Invalid("An action must be specified");
  if (given.size() > size_t{kActionsMax}) {
    return Error{Kind::kLimit, kTooManyActions, fmt::format("A rule has at most {} actions", kActionsMax)};
  }
  std::set<int32_t> orders;
  for (const Action& action : given) {
    if (given.size() > 1 && (!action.order || !orders.insert(*action.order).second)) {
      return InvalidAction("Each of several actions needs an order of its own");
    }
  }
  const auto terminals = std::count_if(given.begin(), given.end(), IsTerminal);
  if (terminals != 1) {
    return InvalidAction("A rule has exactly one of the actions 'forward', 'redirect' and 'fixed-response'");
  }
  const auto last = std::max_element(given.begin(), given.end(), [](const Action& a, const Action& b) {
    return a.order.value_or(1) < b.order.value_or(1);
  });
  if (IsTerminal(*last)) return {};
  return InvalidAction(fmt::format("The action '{}' cannot be the last to be performed", last->type));
}

}  // namespace

Status CheckCompatible(std::string_view listener_protocol, const TargetGroupRecord& group) {
  const auto refuse = [&](std::string_view why) {
    return Error{Kind::kInvalid, kIncompatibleProtocols,
                 fmt::format("Target group '{}' with protocol '{}' cannot be used by a listener of protocol '{}'{}",
                             group.arn, group.protocol, listener_protocol, why)};
  };
  const bool is_web_group = group.protocol == ProtocolEnum::kHttp || group.protocol == ProtocolEnum::kHttps;
  const bool is_web = listener_protocol == ProtocolEnum::kHttp || listener_protocol == ProtocolEnum::kHttps;
  if (is_web != is_web_group) return refuse("");
  if (is_web) {
    // ALB user guide, "Protocol versions": clients speak HTTP/2 over TLS alone.
    const bool is_new = group.protocol_version == "GRPC" || group.protocol_version == "HTTP2";
    return is_new && listener_protocol != ProtocolEnum::kHttps ? Status(refuse(": HTTP2 and GRPC need HTTPS"))
                                                               : Status();
  }
  // NLB user guide, page "Listeners".
  const bool fits = listener_protocol == ProtocolEnum::kTls
                        ? group.protocol == ProtocolEnum::kTcp || group.protocol == ProtocolEnum::kTls
                        : group.protocol == listener_protocol;
  return fits ? Status() : Status(refuse(""));
}

Result<std::vector<Action>> NormalizeActions(const store::ReadTx& tx, const LoadBalancerRecord& load_balancer,
                                             std::string_view listener_protocol, const std::vector<Action>& given) {
  TRY(CheckOrder(given));
  const Target to{tx, load_balancer, listener_protocol};
  std::vector<Action> actions;
  for (const Action& one : given) {
    Action action = TRY(Normalize(to, one));
    action.type = one.type;
    action.order = one.order.value_or(1);
    actions.push_back(std::move(action));
  }
  return actions;
}

}  // namespace meetinity::elbv2

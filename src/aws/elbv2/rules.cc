#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "aws/elbv2/actions.h"
#include "aws/elbv2/arns.h"
#include "aws/elbv2/conditions.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "aws/elbv2/paging.h"
#include "aws/elbv2/state.h"
#include "aws/elbv2/tags.h"

// Listener rules.
namespace meetinity::elbv2 {
namespace {

Status CheckTransforms(const std::optional<std::vector<RuleTransform>>& transforms) {
  if (!transforms || transforms->empty()) return {};
  return Misconfigured(fmt::format("Transforms of type '{}' are not served here", transforms->front().type));
}

Status CheckHasRules(const ListenerRecord& listener) {
  if (listener.protocol == ProtocolEnum::kHttp || listener.protocol == ProtocolEnum::kHttps) return {};
  return Error{Kind::kInvalid, kUnsupportedProtocol,
               fmt::format("Rules are unsupported for listeners with protocol '{}'", listener.protocol)};
}

Status CheckPriorityIsFree(const store::ReadTx& tx, const std::string& listener_arn, int32_t priority) {
  const int64_t there =
      TRY(tx.Count<RuleRecord>("listener_arn = ? AND priority = ?", {listener_arn, int64_t{priority}}));
  if (there == 0) return {};
  return Error{Kind::kConflict, kPriorityInUse, fmt::format("Priority '{}' is currently in use", priority)};
}

Status CheckRuleCount(const store::ReadTx& tx, const std::string& load_balancer_arn) {
  int64_t count = 0;
  for (const ListenerRecord& listener : TRY(ListenersOf(tx, load_balancer_arn))) {
    count +=
        TRY(tx.Count<RuleRecord>("listener_arn = ? AND priority <> ?", {listener.arn, int64_t{kDefaultRulePriority}}));
  }
  if (count < kRulesMax) return {};
  return Error{
      Kind::kLimit, kTooManyRules,
      fmt::format("You've reached the limit of {} rules for load balancer '{}'", kRulesMax, load_balancer_arn)};
}

Error DefaultRuleRefusal(const RuleRecord& record, std::string_view what) {
  return Error{Kind::kConflict, kOperationNotPermitted,
               fmt::format("Default rule '{}' cannot be {}", record.arn, what)};
}

Result<Rule> Describe(const RuleRecord& record) {
  Rule out;
  out.rule_arn = record.arn;
  out.is_default = record.is_default();
  out.priority = record.is_default() ? "default" : std::to_string(record.priority);
  out.actions = TRY(ActionsOf(record));
  out.conditions = TRY(ConditionsOf(record));
  return out;
}

}  // namespace

Result<CreateRuleOutput> Elbv2::CreateRule(const Call&, const CreateRuleInput& in) {
  TRY(CheckTransforms(in.transforms));
  return Change([&](store::Tx& tx) -> Result<CreateRuleOutput> {
    const ListenerRecord listener = TRY(GetListener(tx, in.listener_arn));
    TRY(CheckHasRules(listener));
    TRY(CheckPriorityIsFree(tx, listener.arn, in.priority));
    TRY(CheckRuleCount(tx, listener.load_balancer_arn));
    const LoadBalancerRecord load_balancer = TRY(GetLoadBalancer(tx, listener.load_balancer_arn));
    const auto conditions = TRY(NormalizeConditions(in.conditions));
    const auto actions = TRY(NormalizeActions(tx, load_balancer, listener.protocol, in.actions));
    RuleRecord record{.arn = NewRuleArn(listener.arn), .listener_arn = listener.arn, .priority = in.priority};
    record.conditions = ToStored(conditions);
    record.actions = ToStored(actions);
    TRY(PutRule(tx, record, actions, load_balancer.arn));
    TRY(PutTags(tx, record.arn, in.tags));
    CreateRuleOutput out;
    out.rules = {TRY(Describe(record))};
    return out;
  });
}

Result<DescribeRulesOutput> Elbv2::DescribeRules(const Call&, const DescribeRulesInput& in) {
  const bool by_arn = in.rule_arns && !in.rule_arns->empty();
  if (by_arn == in.listener_arn.has_value()) {
    return Invalid("You must specify either a listener ARN or rule ARNs");
  }
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeRulesOutput> {
    std::vector<RuleRecord> records;
    if (by_arn) {
      for (const std::string& arn : *in.rule_arns) records.push_back(TRY(GetRule(tx, arn)));
    } else {
      TRY(GetListener(tx, *in.listener_arn));
      records = TRY(RulesOf(tx, *in.listener_arn));
    }
    auto page =
        TRY(TakePage(std::move(records), in.marker, in.page_size, [](const RuleRecord& record) { return record.arn; }));
    DescribeRulesOutput out;
    out.next_marker = std::move(page.next_marker);
    out.rules.emplace();
    for (const RuleRecord& record : page.items) out.rules->push_back(TRY(Describe(record)));
    return out;
  });
}

Result<ModifyRuleOutput> Elbv2::ModifyRule(const Call&, const ModifyRuleInput& in) {
  TRY(CheckTransforms(in.transforms));
  const bool has_actions = in.actions && !in.actions->empty();
  const bool has_conditions = in.conditions && !in.conditions->empty();
  if (!has_actions && !has_conditions && !in.reset_transforms) {
    return Invalid("Actions, conditions or transforms must be specified");
  }
  return Change([&](store::Tx& tx) -> Result<ModifyRuleOutput> {
    RuleRecord record = TRY(GetRule(tx, in.rule_arn));
    if (record.is_default()) return DefaultRuleRefusal(record, "modified");
    const ListenerRecord listener = TRY(GetListener(tx, record.listener_arn));
    const LoadBalancerRecord load_balancer = TRY(GetLoadBalancer(tx, listener.load_balancer_arn));
    if (has_conditions) record.conditions = ToStored(TRY(NormalizeConditions(*in.conditions)));
    std::vector<Action> actions = TRY(ActionsOf(record));
    if (has_actions) actions = TRY(NormalizeActions(tx, load_balancer, listener.protocol, *in.actions));
    record.actions = ToStored(actions);
    TRY(PutRule(tx, record, actions, load_balancer.arn));
    ModifyRuleOutput out;
    out.rules = {TRY(Describe(record))};
    return out;
  });
}

Result<DeleteRuleOutput> Elbv2::DeleteRule(const Call&, const DeleteRuleInput& in) {
  return Change([&](store::Tx& tx) -> Result<DeleteRuleOutput> {
    const RuleRecord record = TRY(GetRule(tx, in.rule_arn));
    if (record.is_default()) return DefaultRuleRefusal(record, "deleted");
    TRY(EraseRule(tx, record.arn));
    return DeleteRuleOutput{};
  });
}

Result<SetRulePrioritiesOutput> Elbv2::SetRulePriorities(const Call&, const SetRulePrioritiesInput& in) {
  if (in.rule_priorities.empty()) return Invalid("At least one rule priority must be specified");
  return Change([&](store::Tx& tx) -> Result<SetRulePrioritiesOutput> {
    std::map<std::string, RuleRecord> changed;
    std::string listener_arn;
    for (const RulePriorityPair& pair : in.rule_priorities) {
      RuleRecord record = TRY(GetRule(tx, pair.rule_arn.value_or("")));
      if (record.is_default()) return DefaultRuleRefusal(record, "given a priority");
      if (!pair.priority) return Invalid("A priority must be specified for each rule");
      if (listener_arn.empty()) listener_arn = record.listener_arn;
      if (record.listener_arn != listener_arn) return Invalid("All rules must belong to the same listener");
      record.priority = *pair.priority;
      const std::string arn = record.arn;
      if (!changed.emplace(arn, std::move(record)).second) {
        return Invalid(fmt::format("Rule '{}' is given more than once", arn));
      }
    }
    // As they stand afterwards: rules may trade places.
    std::set<int32_t> taken;
    for (const RuleRecord& rule : TRY(RulesOf(tx, listener_arn))) {
      const auto found = changed.find(rule.arn);
      const int32_t priority = found == changed.end() ? rule.priority : found->second.priority;
      if (!taken.insert(priority).second) {
        return Error{Kind::kConflict, kPriorityInUse, fmt::format("Priority '{}' is currently in use", priority)};
      }
    }
    SetRulePrioritiesOutput out;
    out.rules.emplace();
    for (const auto& [arn, record] : changed) {
      TRY(tx.Put(record));
      out.rules->push_back(TRY(Describe(record)));
    }
    return out;
  });
}

}  // namespace meetinity::elbv2

#include "aws/elbv2/state.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/elbv2/errors.h"
#include "base/text.h"
#include "wire/stored_form.h"

namespace meetinity::elbv2 {
namespace {

// The shape of what is stored is that of the request's member that brings it.
const wire::Shape& ShapeOf(std::string_view member_name) {
  const auto& members = CreateRule::Shape().input->members;
  const auto member =
      std::find_if(members.begin(), members.end(), [&](const wire::Member& one) { return one.name == member_name; });
  CHECK(member != members.end());
  return *member->shape;
}

template <class List>
Result<List> FromStored(std::string_view member_name, const std::string& text) {
  List list;
  if (!text.empty()) TRY(wire::FromStoredForm(ShapeOf(member_name), text, &list));
  return list;
}

template <class Record>
Result<Record> GetNamed(const store::ReadTx& tx, const std::string& arn, Resource resource) {
  TRY(CheckArn(arn, resource));
  auto record = TRY(tx.Find<Record>(arn));
  if (!record) return NotFound(resource, arn);
  return std::move(*record);
}

}  // namespace

std::vector<store::Migration> Elbv2Migrations() {
  return {{"elbv2", 1, R"sql(
CREATE TABLE elbv2_load_balancers (
  arn TEXT PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, scheme TEXT NOT NULL,
  vpc_id TEXT NOT NULL, ip_address_type TEXT NOT NULL, dns_name TEXT NOT NULL, security_groups TEXT NOT NULL,
  created_at INTEGER NOT NULL, number INTEGER NOT NULL,
  UNIQUE (region, name)
) WITHOUT ROWID;
CREATE TABLE elbv2_zones (
  load_balancer_arn TEXT NOT NULL, zone_name TEXT NOT NULL, subnet_id TEXT NOT NULL, interface_id TEXT NOT NULL,
  private_address TEXT NOT NULL, allocation_id TEXT NOT NULL, PRIMARY KEY (load_balancer_arn, zone_name)
) WITHOUT ROWID;
CREATE TABLE elbv2_listeners (
  arn TEXT PRIMARY KEY, load_balancer_arn TEXT NOT NULL, number INTEGER NOT NULL, port INTEGER NOT NULL,
  protocol TEXT NOT NULL, ssl_policy TEXT NOT NULL, certificate_arn TEXT NOT NULL, alpn_policy TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX elbv2_listeners_by_load_balancer ON elbv2_listeners (load_balancer_arn, number);
CREATE TABLE elbv2_listener_certificates (
  listener_arn TEXT NOT NULL, certificate_arn TEXT NOT NULL, PRIMARY KEY (listener_arn, certificate_arn)
) WITHOUT ROWID;
CREATE TABLE elbv2_rules (
  arn TEXT PRIMARY KEY, listener_arn TEXT NOT NULL, priority INTEGER NOT NULL, actions TEXT NOT NULL,
  conditions TEXT NOT NULL, transforms TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX elbv2_rules_by_listener ON elbv2_rules (listener_arn, priority);
CREATE TABLE elbv2_forwards (
  rule_arn TEXT NOT NULL, target_group_arn TEXT NOT NULL, load_balancer_arn TEXT NOT NULL,
  PRIMARY KEY (rule_arn, target_group_arn)
) WITHOUT ROWID;
CREATE INDEX elbv2_forwards_by_target_group ON elbv2_forwards (target_group_arn, load_balancer_arn);
CREATE INDEX elbv2_forwards_by_load_balancer ON elbv2_forwards (load_balancer_arn, target_group_arn);
CREATE TABLE elbv2_target_groups (
  arn TEXT PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, protocol TEXT NOT NULL, port INTEGER NOT NULL,
  protocol_version TEXT NOT NULL, vpc_id TEXT NOT NULL, target_type TEXT NOT NULL, ip_address_type TEXT NOT NULL,
  health_check_protocol TEXT NOT NULL, health_check_port TEXT NOT NULL, health_check_path TEXT NOT NULL,
  health_check_interval_seconds INTEGER NOT NULL, health_check_timeout_seconds INTEGER NOT NULL,
  healthy_threshold INTEGER NOT NULL, unhealthy_threshold INTEGER NOT NULL, matcher TEXT NOT NULL,
  created_at INTEGER NOT NULL, UNIQUE (region, name)
) WITHOUT ROWID;
CREATE TABLE elbv2_targets (
  target_group_arn TEXT NOT NULL, id TEXT NOT NULL, port INTEGER NOT NULL, availability_zone TEXT NOT NULL,
  number INTEGER NOT NULL, draining_since INTEGER, PRIMARY KEY (target_group_arn, id, port)
) WITHOUT ROWID;
CREATE TABLE elbv2_attributes (
  arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
) WITHOUT ROWID;
CREATE TABLE elbv2_secrets (name TEXT PRIMARY KEY, secret TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE elbv2_tags (arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key))
  WITHOUT ROWID;
)sql"}};
}

Result<LoadBalancerRecord> GetLoadBalancer(const store::ReadTx& tx, const std::string& arn) {
  return GetNamed<LoadBalancerRecord>(tx, arn, Resource::kLoadBalancer);
}
Result<ListenerRecord> GetListener(const store::ReadTx& tx, const std::string& arn) {
  return GetNamed<ListenerRecord>(tx, arn, Resource::kListener);
}
Result<RuleRecord> GetRule(const store::ReadTx& tx, const std::string& arn) {
  return GetNamed<RuleRecord>(tx, arn, Resource::kRule);
}
Result<TargetGroupRecord> GetTargetGroup(const store::ReadTx& tx, const std::string& arn) {
  return GetNamed<TargetGroupRecord>(tx, arn, Resource::kTargetGroup);
}

Result<std::vector<ZoneRecord>> ZonesOf(const store::ReadTx& tx, const std::string& load_balancer_arn) {
  return tx.Select<ZoneRecord>("load_balancer_arn = ? ORDER BY zone_name", {store::Value(load_balancer_arn)});
}

Result<std::vector<ListenerRecord>> ListenersOf(const store::ReadTx& tx, const std::string& load_balancer_arn) {
  return tx.Select<ListenerRecord>("load_balancer_arn = ? ORDER BY number, arn", {store::Value(load_balancer_arn)});
}

Result<std::vector<RuleRecord>> RulesOf(const store::ReadTx& tx, const std::string& listener_arn) {
  return tx.Select<RuleRecord>("listener_arn = ? ORDER BY priority", {store::Value(listener_arn)});
}

Result<RuleRecord> DefaultRuleOf(const store::ReadTx& tx, const std::string& listener_arn) {
  auto found = TRY(tx.Select<RuleRecord>("listener_arn = ? AND priority = ?",
                                         {store::Value(listener_arn), store::Value(int64_t{kDefaultRulePriority})}));
  if (found.empty()) return Internal(fmt::format("listener {} has no default rule", listener_arn));
  return std::move(found.front());
}

Result<std::vector<TargetRecord>> TargetsOf(const store::ReadTx& tx, const std::string& target_group_arn) {
  return tx.Select<TargetRecord>("target_group_arn = ? ORDER BY number, id, port", {store::Value(target_group_arn)});
}

Result<std::vector<std::string>> UsersOf(const store::ReadTx& tx, const std::string& target_group_arn) {
  std::vector<std::string> users;
  for (auto& forward : TRY(tx.Select<ForwardRecord>("target_group_arn = ? ORDER BY load_balancer_arn",
                                                    {store::Value(target_group_arn)}))) {
    if (users.empty() || users.back() != forward.load_balancer_arn) {
      users.push_back(std::move(forward.load_balancer_arn));
    }
  }
  return users;
}

std::vector<std::string> LinesOf(std::string_view column) {
  std::vector<std::string> lines;
  for (const std::string_view line : Split(column, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

std::string ToLines(const std::vector<std::string>& items) { return Join(items, "\n"); }

std::string ToStored(const std::vector<Action>& actions) { return wire::ToStoredForm(ShapeOf("Actions"), &actions); }
std::string ToStored(const std::vector<RuleCondition>& conditions) {
  return wire::ToStoredForm(ShapeOf("Conditions"), &conditions);
}
std::string ToStored(const std::vector<RuleTransform>& transforms) {
  return wire::ToStoredForm(ShapeOf("Transforms"), &transforms);
}
Result<std::vector<Action>> ActionsOf(const RuleRecord& record) {
  return FromStored<std::vector<Action>>("Actions", record.actions);
}
Result<std::vector<RuleCondition>> ConditionsOf(const RuleRecord& record) {
  return FromStored<std::vector<RuleCondition>>("Conditions", record.conditions);
}
Result<std::vector<RuleTransform>> TransformsOf(const RuleRecord& record) {
  return FromStored<std::vector<RuleTransform>>("Transforms", record.transforms);
}

Status PutRule(store::Tx& tx, const RuleRecord& record, const std::vector<Action>& actions,
               const std::string& load_balancer_arn) {
  TRY(tx.DeleteWhere<ForwardRecord>("rule_arn = ?", {store::Value(record.arn)}));
  for (const Action& action : actions) {
    if (!action.forward_config || !action.forward_config->target_groups) continue;
    for (const TargetGroupTuple& group : *action.forward_config->target_groups) {
      TRY(tx.Put(ForwardRecord{record.arn, group.target_group_arn.value_or(""), load_balancer_arn}));
    }
  }
  return tx.Put(record);
}

Status EraseRule(store::Tx& tx, const std::string& rule_arn) {
  TRY(tx.DeleteWhere<ForwardRecord>("rule_arn = ?", {store::Value(rule_arn)}));
  TRY(tx.Delete<RuleRecord>(rule_arn));
  return EraseNotes(tx, rule_arn);
}

Status EraseNotes(store::Tx& tx, const std::string& arn) {
  TRY(tx.DeleteWhere<TagRecord>("arn = ?", {store::Value(arn)}));
  TRY(tx.DeleteWhere<AttributeRecord>("arn = ?", {store::Value(arn)}));
  return {};
}

std::string RegionOf(const wire::Call& call) { return call.scope_region.empty() ? call.region : call.scope_region; }
Place PlaceOf(const wire::Call& call) { return {RegionOf(call), call.account}; }

}  // namespace meetinity::elbv2

template struct meetinity::store::RecordMapping<meetinity::elbv2::LoadBalancerRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::ZoneRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::ListenerRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::ListenerCertificateRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::RuleRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::ForwardRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::TargetGroupRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::TargetRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::AttributeRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::TagRecord>;
template struct meetinity::store::RecordMapping<meetinity::elbv2::SecretRecord>;

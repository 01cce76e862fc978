#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "aws/ec2/ec2.h"
#include "aws/ec2/rules.h"
#include "aws/ec2/vpcs.h"

namespace meetinity::ec2 {
namespace {

// The group whose rules an input is about.
template <class In>
Result<RuleSide> SideOf(const store::ReadTx& tx, const Place& place, const In& in, bool is_egress) {
  if constexpr (std::is_same_v<decltype(in.group_id), std::string>) {
    return RuleSide{TRY(Get<SecurityGroupRecord>(tx, place.region, in.group_id)), is_egress};
  } else {
    if (in.group_id) return RuleSide{TRY(Get<SecurityGroupRecord>(tx, place.region, *in.group_id)), is_egress};
    if constexpr (requires { in.group_name; }) {
      if (in.group_name) {
        const auto vpc = TRY(DefaultVpc(tx, place.region));
        return RuleSide{TRY(GroupNamed(tx, vpc.id, *in.group_name)), is_egress};
      }
    }
    return Missing("GroupId");
  }
}

// The input's permissions; it may also write a single one in parameters of its own.
template <class In>
std::vector<IpPermission> PermissionsIn(const In& in) {
  std::vector<IpPermission> permissions = in.ip_permissions.value_or(std::vector<IpPermission>());
  if constexpr (requires { in.cidr_ip; }) {
    if (!in.ip_protocol && !in.cidr_ip && !in.source_security_group_name) return permissions;
    IpPermission single;
    single.from_port = in.from_port;
    single.ip_protocol = in.ip_protocol;
    single.to_port = in.to_port;
    if (in.cidr_ip) single.ip_ranges = std::vector{IpRange{in.cidr_ip, {}}};
    if (in.source_security_group_name) {
      UserIdGroupPair pair;
      pair.group_name = in.source_security_group_name;
      pair.user_id = in.source_security_group_owner_id;
      single.user_id_group_pairs = std::vector{std::move(pair)};
    }
    permissions.push_back(std::move(single));
  }
  return permissions;
}

// The two families are counted apart (VPC User Guide, page "Amazon VPC quotas").
Status CheckRuleCount(const store::ReadTx& tx, const RuleSide& side) {
  const auto rules =
      TRY(tx.Select<RuleRecord>("group_id = ? AND is_egress = ?", {side.group.id, int64_t{side.is_egress}}));
  const auto v6 = static_cast<size_t>(std::ranges::count_if(rules, &RuleRecord::is_v6));
  if (std::max(v6, rules.size() - v6) <= kRulesPerDirectionMax) return {};
  return Error{
      Kind::kLimit, kRulesPerGroupLimitExceeded,
      fmt::format("The maximum number of rules per security group has been reached: {}.", kRulesPerDirectionMax)};
}

Result<std::vector<SecurityGroupRule>> AddRules(store::Tx& tx, const Place& place, const RuleSide& side,
                                                const std::vector<IpPermission>& permissions,
                                                const std::optional<std::vector<TagSpecification>>& tags) {
  std::vector<SecurityGroupRule> added;
  std::set<std::string> seen;
  for (RuleRecord& rule : TRY(ParsePermissions(tx, side, permissions))) {
    if (!seen.insert(Told(rule)).second) return Invalid("The same permission must not appear multiple times");
    if (TRY(FindSame(tx, rule))) {
      return Error{Kind::kConflict, kInvalidPermissionDuplicate,
                   fmt::format("the specified rule \"{}\" already exists", Told(rule))};
    }
    rule.id = NewId(kRuleKind.prefix);
    TRY(tx.Put(rule));
    TRY(PutTags(tx, place.region, rule.id, tags));
    added.push_back(ViewOfRule(place, rule, side.group.vpc_id, TRY(TagsOf(tx, rule.id))));
  }
  TRY(CheckRuleCount(tx, side));
  return added;
}

RevokedSecurityGroupRule ViewOfRevoked(const RuleRecord& rule) {
  RevokedSecurityGroupRule view;
  if (rule.refers_to_group()) {
    view.referenced_group_id = rule.peer;
  } else {
    (rule.is_v6() ? view.cidr_ipv6 : view.cidr_ipv4) = rule.peer;
  }
  if (!rule.description.empty()) view.description = rule.description;
  view.from_port = rule.from_port;
  view.group_id = rule.group_id;
  view.ip_protocol = rule.protocol;
  view.is_egress = rule.is_egress;
  view.security_group_rule_id = rule.id;
  view.to_port = rule.to_port;
  return view;
}

struct Revoked {
  std::vector<RevokedSecurityGroupRule> rules;
  std::vector<RuleRecord> unknown;
};

Status Revoke(store::Tx& tx, const RuleRecord& rule, Revoked& revoked) {
  TRY(RemoveTags(tx, rule.id));
  TRY(tx.Delete<RuleRecord>(rule.id));
  revoked.rules.push_back(ViewOfRevoked(rule));
  return {};
}

Result<RuleRecord> RuleOfGroup(const store::ReadTx& tx, const RuleSide& side, const std::string& id) {
  auto rule = TRY(Get<RuleRecord>(tx, side.group.region, id));
  if (rule.group_id != side.group.id) return NotFound(kRuleKind, id);
  return rule;
}

template <class In>
Result<Revoked> RevokeRules(store::Tx& tx, const RuleSide& side, const In& in) {
  Revoked revoked;
  const std::vector<std::string> ids = in.security_group_rule_ids.value_or(std::vector<std::string>());
  for (const std::string& id : ids) {
    const auto rule = TRY(RuleOfGroup(tx, side, id));
    if (rule.is_egress != side.is_egress) return NotFound(kRuleKind, id);
    TRY(Revoke(tx, rule, revoked));
  }
  const std::vector<IpPermission> permissions = PermissionsIn(in);
  if (permissions.empty() && !ids.empty()) return revoked;
  for (RuleRecord& wanted : TRY(ParsePermissions(tx, side, permissions))) {
    const auto same = TRY(FindSame(tx, wanted));
    if (same) {
      TRY(Revoke(tx, *same, revoked));
    } else {
      revoked.unknown.push_back(std::move(wanted));
    }
  }
  // In the default VPC what was not there is told, elsewhere it is refused (EC2 API, RevokeSecurityGroupIngress).
  const auto vpc = TRY(Get<VpcRecord>(tx, side.group.region, side.group.vpc_id));
  if (revoked.unknown.empty() || vpc.is_default) return revoked;
  return Error{Kind::kNotFound, kInvalidPermissionNotFound,
               "The specified rule does not exist in this security group."};
}

template <class Output>
Output ToOutput(const Place& place, Revoked revoked) {
  Output out;
  out.return_ = true;
  out.revoked_security_group_rules = std::move(revoked.rules);
  out.unknown_ip_permissions = ToPermissions(place, revoked.unknown);
  return out;
}

Status SetDescription(store::Tx& tx, const std::string& rule_id, const std::optional<std::string>& description,
                      const RuleSide& side) {
  auto rule = TRY(RuleOfGroup(tx, side, rule_id));
  rule.description = description.value_or("");
  TRY(CheckDescription(rule.description, "rule"));
  return tx.Put(rule);
}

template <class In>
Status DescribeRules(store::Tx& tx, const RuleSide& side, const In& in) {
  const auto described = in.security_group_rule_descriptions.value_or(std::vector<SecurityGroupRuleDescription>());
  for (const SecurityGroupRuleDescription& one : described) {
    if (!one.security_group_rule_id) return Missing("SecurityGroupRuleId");
    TRY(SetDescription(tx, *one.security_group_rule_id, one.description, side));
  }
  const std::vector<IpPermission> permissions = PermissionsIn(in);
  if (permissions.empty() && !described.empty()) return {};
  for (const RuleRecord& wanted : TRY(ParsePermissions(tx, side, permissions))) {
    const auto same = TRY(FindSame(tx, wanted));
    if (!same) {
      return Error{Kind::kNotFound, kInvalidPermissionNotFound,
                   "The specified rule does not exist in this security group."};
    }
    TRY(SetDescription(tx, same->id, wanted.description, side));
  }
  return {};
}

const std::array<FilterField<SecurityGroupRule>, 2> kRuleFilters = {
    {{"group-id", [](const SecurityGroupRule& rule, Texts& out) { Add(out, rule.group_id); }},
     {"security-group-rule-id",
      [](const SecurityGroupRule& rule, Texts& out) { Add(out, rule.security_group_rule_id); }}}};

}  // namespace

Result<AuthorizeSecurityGroupIngressOutput> Ec2::AuthorizeSecurityGroupIngress(
    const wire::Call& call, const AuthorizeSecurityGroupIngressInput& in) {
  const Place place = PlaceOf(call);
  RuleSide side;
  AuthorizeSecurityGroupIngressOutput out;
  out.return_ = true;
  out.security_group_rules = TRY(database_.Write([&](store::Tx& tx) -> Result<std::vector<SecurityGroupRule>> {
    side = TRY(SideOf(tx, place, in, false));
    return AddRules(tx, place, side, PermissionsIn(in), in.tag_specifications);
  }));
  RulesChanged({side.group.id});
  return out;
}

Result<AuthorizeSecurityGroupEgressOutput> Ec2::AuthorizeSecurityGroupEgress(
    const wire::Call& call, const AuthorizeSecurityGroupEgressInput& in) {
  const Place place = PlaceOf(call);
  AuthorizeSecurityGroupEgressOutput out;
  out.return_ = true;
  out.security_group_rules = TRY(database_.Write([&](store::Tx& tx) -> Result<std::vector<SecurityGroupRule>> {
    const RuleSide side = TRY(SideOf(tx, place, in, true));
    return AddRules(tx, place, side, PermissionsIn(in), in.tag_specifications);
  }));
  RulesChanged({in.group_id});
  return out;
}

Result<RevokeSecurityGroupIngressOutput> Ec2::RevokeSecurityGroupIngress(const wire::Call& call,
                                                                         const RevokeSecurityGroupIngressInput& in) {
  const Place place = PlaceOf(call);
  RuleSide side;
  Revoked revoked = TRY(database_.Write([&](store::Tx& tx) -> Result<Revoked> {
    side = TRY(SideOf(tx, place, in, false));
    return RevokeRules(tx, side, in);
  }));
  RulesChanged({side.group.id});
  return ToOutput<RevokeSecurityGroupIngressOutput>(place, std::move(revoked));
}

Result<RevokeSecurityGroupEgressOutput> Ec2::RevokeSecurityGroupEgress(const wire::Call& call,
                                                                       const RevokeSecurityGroupEgressInput& in) {
  const Place place = PlaceOf(call);
  Revoked revoked = TRY(database_.Write(
      [&](store::Tx& tx) -> Result<Revoked> { return RevokeRules(tx, TRY(SideOf(tx, place, in, true)), in); }));
  RulesChanged({in.group_id});
  return ToOutput<RevokeSecurityGroupEgressOutput>(place, std::move(revoked));
}

Result<DescribeSecurityGroupRulesOutput> Ec2::DescribeSecurityGroupRules(
    const wire::Call& call, const DescribeSecurityGroupRulesInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeSecurityGroupRulesOutput> {
    auto page = TRY((Describe<RuleRecord, SecurityGroupRule>(
        tx, place.region, QuestionOf(in, &in.security_group_rule_ids), kRuleFilters,
        [&](const RuleRecord& rule, std::vector<Tag> tags) -> Result<SecurityGroupRule> {
          const auto group = TRY(Get<SecurityGroupRecord>(tx, place.region, rule.group_id));
          return ViewOfRule(place, rule, group.vpc_id, std::move(tags));
        })));
    return DescribeSecurityGroupRulesOutput{.next_token = std::move(page.next_token),
                                            .security_group_rules = std::move(page.items)};
  });
}

Result<ModifySecurityGroupRulesOutput> Ec2::ModifySecurityGroupRules(const wire::Call& call,
                                                                     const ModifySecurityGroupRulesInput& in) {
  const Place place = PlaceOf(call);
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    RuleSide side{TRY(Get<SecurityGroupRecord>(tx, place.region, in.group_id)), false};
    for (const SecurityGroupRuleUpdate& update : in.security_group_rules) {
      const auto present = TRY(RuleOfGroup(tx, side, update.security_group_rule_id));
      if (!update.security_group_rule) return Missing("SecurityGroupRule");
      side.is_egress = present.is_egress;
      auto wanted = TRY(ParseRule(tx, side, *update.security_group_rule));
      wanted.id = present.id;
      const auto same = TRY(FindSame(tx, wanted));
      if (same && same->id != present.id) {
        return Error{Kind::kConflict, kInvalidPermissionDuplicate,
                     fmt::format("the specified rule \"{}\" already exists", Told(wanted))};
      }
      TRY(tx.Put(wanted));
    }
    return {};
  }));
  RulesChanged({in.group_id});
  return ModifySecurityGroupRulesOutput{.return_ = true};
}

Result<UpdateSecurityGroupRuleDescriptionsIngressOutput> Ec2::UpdateSecurityGroupRuleDescriptionsIngress(
    const wire::Call& call, const UpdateSecurityGroupRuleDescriptionsIngressInput& in) {
  TRY(database_.Write(
      [&](store::Tx& tx) -> Status { return DescribeRules(tx, TRY(SideOf(tx, PlaceOf(call), in, false)), in); }));
  return UpdateSecurityGroupRuleDescriptionsIngressOutput{.return_ = true};
}

Result<UpdateSecurityGroupRuleDescriptionsEgressOutput> Ec2::UpdateSecurityGroupRuleDescriptionsEgress(
    const wire::Call& call, const UpdateSecurityGroupRuleDescriptionsEgressInput& in) {
  TRY(database_.Write(
      [&](store::Tx& tx) -> Status { return DescribeRules(tx, TRY(SideOf(tx, PlaceOf(call), in, true)), in); }));
  return UpdateSecurityGroupRuleDescriptionsEgressOutput{.return_ = true};
}

}  // namespace meetinity::ec2

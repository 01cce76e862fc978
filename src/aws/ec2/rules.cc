#include "aws/ec2/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "aws/ec2/vpcs.h"
#include "base/cidr.h"
#include "base/text.h"

namespace meetinity::ec2 {
namespace {

constexpr std::string_view kAllProtocols = "-1";
constexpr int32_t kPortMax = 65'535;
constexpr int32_t kIcmpMax = 255;
// EC2 API Reference, CreateSecurityGroup and IpRange.
constexpr size_t kDescriptionMax = 255;
constexpr std::string_view kDescriptionPunctuation = " ._-:/()#,@[]+=&;{}!$*";

// Protocols that EC2 writes by name, and their numbers (IANA, "Protocol Numbers").
struct NamedProtocol {
  std::string_view name, number;
};
constexpr std::array<NamedProtocol, 4> kNamed = {{{"tcp", "6"}, {"udp", "17"}, {"icmp", "1"}, {"icmpv6", "58"}}};

bool HasPorts(std::string_view protocol) { return protocol == "tcp" || protocol == "udp"; }
bool IsIcmp(std::string_view protocol) { return protocol == "icmp" || protocol == "icmpv6"; }

Result<std::string> ParseProtocol(const std::optional<std::string>& text) {
  if (!text || text->empty()) return Missing("ipProtocol");
  const std::string lower = ToLower(*text);
  if (lower == kAllProtocols || lower == "all") return std::string(kAllProtocols);
  for (const NamedProtocol& named : kNamed) {
    if (lower == named.name || lower == named.number) return std::string(named.name);
  }
  const auto number = ParseUnsigned(lower);
  if (number && *number <= 255) return std::to_string(*number);
  return Invalid(fmt::format("Invalid value '{}' for IP protocol. Unknown protocol.", text->substr(0, 64)));
}

Status SetPorts(std::optional<int32_t> from, std::optional<int32_t> to, RuleRecord& rule) {
  rule.from_port = rule.to_port = -1;
  if (HasPorts(rule.protocol)) {
    if (!from || !to)
      return Invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
    if (*from < 0 || *from > *to || *to > kPortMax) {
      return Invalid(fmt::format("Invalid {} port range ({}:{})", rule.protocol == "tcp" ? "TCP" : "UDP", *from, *to));
    }
    rule.from_port = *from;
    rule.to_port = *to;
  } else if (IsIcmp(rule.protocol)) {
    const int32_t type = from.value_or(-1);
    const int32_t code = to.value_or(-1);
    if (type < -1 || type > kIcmpMax || code < -1 || code > kIcmpMax || (type == -1 && code != -1)) {
      return Invalid(fmt::format("ICMP type ({}) and code ({}) are not valid", type, code));
    }
    rule.from_port = type;
    rule.to_port = code;
  }
  return {};
}

Result<std::string> ParsePeerBlock(const std::optional<std::string>& text, bool is_v6) {
  const auto block = text ? Cidr::Parse(*text) : std::nullopt;
  if (block && block->is_v6() == is_v6) return block->Canonical().ToString();
  return Invalid(fmt::format("CIDR block {} is malformed", text ? text->substr(0, 64) : "null"));
}

Result<std::string> ParsePeerGroup(const store::ReadTx& tx, const RuleSide& side, const UserIdGroupPair& pair) {
  if (pair.vpc_peering_connection_id) return Unsupported("The parameter VpcPeeringConnectionId is not served here.");
  if (pair.group_id) {
    const auto group = TRY(Get<SecurityGroupRecord>(tx, side.group.region, *pair.group_id));
    if (group.vpc_id == side.group.vpc_id) return group.id;
    return Error{Kind::kNotFound, kInvalidGroupNotFound,
                 fmt::format("You have specified two resources that belong to different networks: {} and {}", group.id,
                             side.group.id)};
  }
  if (!pair.group_name) return Missing("groupId");
  return TRY(GroupNamed(tx, side.group.vpc_id, *pair.group_name)).id;
}

RuleRecord WithPeer(const RuleRecord& base, std::string peer, const std::optional<std::string>& description) {
  RuleRecord rule = base;
  rule.peer = std::move(peer);
  rule.description = description.value_or("");
  return rule;
}

Status AddPeers(const store::ReadTx& tx, const RuleSide& side, const RuleRecord& base, const IpPermission& permission,
                std::vector<RuleRecord>& rules) {
  const size_t before = rules.size();
  if (permission.prefix_list_ids && !permission.prefix_list_ids->empty()) {
    return Unsupported("Prefix lists are not served here.");
  }
  for (const IpRange& range : permission.ip_ranges.value_or(std::vector<IpRange>())) {
    rules.push_back(WithPeer(base, TRY(ParsePeerBlock(range.cidr_ip, false)), range.description));
  }
  for (const Ipv6Range& range : permission.ipv6_ranges.value_or(std::vector<Ipv6Range>())) {
    rules.push_back(WithPeer(base, TRY(ParsePeerBlock(range.cidr_ipv6, true)), range.description));
  }
  for (const UserIdGroupPair& pair : permission.user_id_group_pairs.value_or(std::vector<UserIdGroupPair>())) {
    rules.push_back(WithPeer(base, TRY(ParsePeerGroup(tx, side, pair)), pair.description));
  }
  if (rules.size() == before) return Missing("cidrIp");
  for (size_t i = before; i < rules.size(); ++i) TRY(CheckDescription(rules[i].description, "rule"));
  return {};
}

// EC2 shows ports where the protocol has any.
bool ShowsPorts(const RuleRecord& rule) { return HasPorts(rule.protocol) || IsIcmp(rule.protocol); }

std::optional<std::string> NonEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

void AddPeer(const Place& place, const RuleRecord& rule, IpPermission& permission) {
  if (rule.refers_to_group()) {
    UserIdGroupPair pair;
    pair.description = NonEmpty(rule.description);
    pair.group_id = rule.peer;
    pair.user_id = place.account;
    permission.user_id_group_pairs->push_back(std::move(pair));
  } else if (rule.is_v6()) {
    permission.ipv6_ranges->push_back({.cidr_ipv6 = rule.peer, .description = NonEmpty(rule.description)});
  } else {
    permission.ip_ranges->push_back({.cidr_ip = rule.peer, .description = NonEmpty(rule.description)});
  }
}

}  // namespace

Status CheckDescription(std::string_view text, std::string_view noun) {
  const bool valid = text.size() <= kDescriptionMax && std::ranges::all_of(text, [](char c) {
                       return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                              kDescriptionPunctuation.find(c) != std::string_view::npos;
                     });
  if (valid) return {};
  return Invalid(
      fmt::format("Invalid {0} description. Valid {0} descriptions are strings less than 256 characters from "
                  "the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$*",
                  noun));
}

Result<std::vector<RuleRecord>> ParsePermissions(const store::ReadTx& tx, const RuleSide& side,
                                                 const std::vector<IpPermission>& permissions) {
  std::vector<RuleRecord> rules;
  for (const IpPermission& permission : permissions) {
    RuleRecord base;
    base.region = side.group.region;
    base.group_id = side.group.id;
    base.is_egress = side.is_egress;
    base.protocol = TRY(ParseProtocol(permission.ip_protocol));
    TRY(SetPorts(permission.from_port, permission.to_port, base));
    TRY(AddPeers(tx, side, base, permission, rules));
  }
  if (rules.empty()) return Missing("ipPermissions");
  return rules;
}

Result<RuleRecord> ParseRule(const store::ReadTx& tx, const RuleSide& side, const SecurityGroupRuleRequest& request) {
  IpPermission permission;
  permission.ip_protocol = request.ip_protocol;
  permission.from_port = request.from_port;
  permission.to_port = request.to_port;
  if (request.prefix_list_id) permission.prefix_list_ids = std::vector{PrefixListId{}};
  if (request.cidr_ipv4) permission.ip_ranges = std::vector{IpRange{request.cidr_ipv4, request.description}};
  if (request.cidr_ipv6) permission.ipv6_ranges = std::vector{Ipv6Range{request.cidr_ipv6, request.description}};
  if (request.referenced_group_id) {
    UserIdGroupPair pair;
    pair.description = request.description;
    pair.group_id = request.referenced_group_id;
    permission.user_id_group_pairs = std::vector{std::move(pair)};
  }
  auto rules = TRY(ParsePermissions(tx, side, {std::move(permission)}));
  if (rules.size() == 1) return std::move(rules.front());
  return Error{Kind::kInvalid, kInvalidParameterCombination, "A rule has exactly one peer."};
}

Result<std::optional<RuleRecord>> FindSame(const store::ReadTx& tx, const RuleRecord& rule) {
  auto found = TRY(tx.Select<RuleRecord>(
      "group_id = ? AND is_egress = ? AND protocol = ? AND from_port = ? AND to_port = ? AND peer = ?",
      {rule.group_id, int64_t{rule.is_egress}, rule.protocol, int64_t{rule.from_port}, int64_t{rule.to_port},
       rule.peer}));
  if (found.empty()) return std::optional<RuleRecord>();
  return std::optional<RuleRecord>(std::move(found.front()));
}

std::string Told(const RuleRecord& rule) {
  std::string protocol = rule.protocol == kAllProtocols ? "ALL" : rule.protocol;
  for (char& c : protocol) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (!HasPorts(rule.protocol)) return fmt::format("peer: {}, {}, ALLOW", rule.peer, protocol);
  return fmt::format("peer: {}, {}, from port: {}, to port: {}, ALLOW", rule.peer, protocol, rule.from_port,
                     rule.to_port);
}

SecurityGroupRule ViewOfRule(const Place& place, const RuleRecord& rule, const std::string& vpc_id,
                             std::vector<Tag> tags) {
  SecurityGroupRule view;
  if (rule.refers_to_group()) {
    ReferencedSecurityGroup group;
    group.group_id = rule.peer;
    group.user_id = place.account;
    group.vpc_id = vpc_id;
    view.referenced_group_info = std::move(group);
  } else {
    (rule.is_v6() ? view.cidr_ipv6 : view.cidr_ipv4) = rule.peer;
  }
  view.description = NonEmpty(rule.description);
  view.from_port = rule.from_port;
  view.group_id = rule.group_id;
  view.group_owner_id = place.account;
  view.ip_protocol = rule.protocol;
  view.is_egress = rule.is_egress;
  view.security_group_rule_arn = ArnOf(place, kRuleKind, rule.id);
  view.security_group_rule_id = rule.id;
  view.tags = std::move(tags);
  view.to_port = rule.to_port;
  return view;
}

std::vector<IpPermission> ToPermissions(const Place& place, const std::vector<RuleRecord>& rules) {
  std::vector<IpPermission> permissions;
  for (const RuleRecord& rule : rules) {
    const auto from = ShowsPorts(rule) ? std::optional(rule.from_port) : std::nullopt;
    const auto to = ShowsPorts(rule) ? std::optional(rule.to_port) : std::nullopt;
    auto same = std::ranges::find_if(permissions, [&](const IpPermission& other) {
      return other.ip_protocol == rule.protocol && other.from_port == from && other.to_port == to;
    });
    if (same == permissions.end()) {
      IpPermission made;
      made.from_port = from;
      made.ip_protocol = rule.protocol;
      made.ip_ranges.emplace();
      made.ipv6_ranges.emplace();
      made.prefix_list_ids.emplace();
      made.to_port = to;
      made.user_id_group_pairs.emplace();
      permissions.push_back(std::move(made));
      same = permissions.end() - 1;
    }
    AddPeer(place, rule, *same);
  }
  return permissions;
}

}  // namespace meetinity::ec2

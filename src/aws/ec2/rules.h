#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/ec2/describe.h"
#include "aws/ec2/state.h"
#include "aws/ec2_model.h"

// Rules of security groups, as requests write them and as they are stored: one rule with one peer.
namespace meetinity::ec2 {

// Whose rules a request is about.
struct RuleSide {
  SecurityGroupRecord group;
  bool is_egress = false;
};

// Rules without ids, one for each peer of the permissions: protocols by name where they have one, blocks canonical.
// InvalidParameterValue, MissingParameter, InvalidGroup.NotFound for a peer that is no group of the VPC.
Result<std::vector<RuleRecord>> ParsePermissions(const store::ReadTx& tx, const RuleSide& side,
                                                 const std::vector<IpPermission>& permissions);
// A rule as ModifySecurityGroupRules writes it.
Result<RuleRecord> ParseRule(const store::ReadTx& tx, const RuleSide& side, const SecurityGroupRuleRequest& request);

// The stored rule with the same protocol, ports and peer.
Result<std::optional<RuleRecord>> FindSame(const store::ReadTx& tx, const RuleRecord& rule);
// `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW`, as EC2 writes rules in messages.
std::string Told(const RuleRecord& rule);

SecurityGroupRule ViewOfRule(const Place& place, const RuleRecord& rule, const std::string& vpc_id,
                             std::vector<Tag> tags);
// Rules of one direction, those of one protocol and one port range together.
std::vector<IpPermission> ToPermissions(const Place& place, const std::vector<RuleRecord>& rules);
// InvalidParameterValue for what is no description of a rule or a group.
Status CheckDescription(std::string_view text, std::string_view noun);

}  // namespace meetinity::ec2

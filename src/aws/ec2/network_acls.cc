// The network ACL that every VPC has: it lets everything through, and all subnets are its own.
#include <array>

#include "aws/ec2/describe.h"
#include "aws/ec2/ec2.h"

namespace meetinity::ec2 {
namespace {

// VPC User Guide, page "Default network ACL": rule 100 allows, the last one, written "*", denies the rest.
constexpr int32_t kAllowRule = 100;
constexpr int32_t kLastRule = 32'767;

NetworkAclEntry Entry(bool is_egress, int32_t number, std::string_view action) {
  NetworkAclEntry entry;
  entry.cidr_block = "0.0.0.0/0";
  entry.egress = is_egress;
  entry.protocol = "-1";
  entry.rule_action = action;
  entry.rule_number = number;
  return entry;
}

NetworkAcl ViewOfAcl(const Place& place, const VpcRecord& vpc, const std::vector<SubnetRecord>& subnets,
                     std::vector<Tag> tags) {
  NetworkAcl acl;
  acl.associations.emplace();
  for (const SubnetRecord& subnet : subnets) {
    acl.associations->push_back({.network_acl_association_id = subnet.acl_association_id,
                                 .network_acl_id = vpc.network_acl_id,
                                 .subnet_id = subnet.id});
  }
  acl.entries.emplace();
  for (const bool is_egress : {true, false}) {
    acl.entries->push_back(Entry(is_egress, kAllowRule, RuleAction::kAllow));
    acl.entries->push_back(Entry(is_egress, kLastRule, RuleAction::kDeny));
  }
  acl.is_default = true;
  acl.network_acl_id = vpc.network_acl_id;
  acl.owner_id = place.account;
  acl.tags = std::move(tags);
  acl.vpc_id = vpc.id;
  return acl;
}

const std::array<FilterField<NetworkAcl>, 11> kAclFilters = {
    {{"association.association-id",
      [](const NetworkAcl& acl, Texts& out) {
        AddEach(out, acl.associations, &NetworkAclAssociation::network_acl_association_id);
      }},
     {"association.network-acl-id", [](const NetworkAcl& acl, Texts& out) { Add(out, acl.network_acl_id); }},
     {"association.subnet-id",
      [](const NetworkAcl& acl, Texts& out) { AddEach(out, acl.associations, &NetworkAclAssociation::subnet_id); }},
     {"default", [](const NetworkAcl& acl, Texts& out) { Add(out, acl.is_default); }},
     {"entry.cidr", [](const NetworkAcl& acl, Texts& out) { AddEach(out, acl.entries, &NetworkAclEntry::cidr_block); }},
     {"entry.egress", [](const NetworkAcl& acl, Texts& out) { AddEach(out, acl.entries, &NetworkAclEntry::egress); }},
     {"entry.protocol",
      [](const NetworkAcl& acl, Texts& out) { AddEach(out, acl.entries, &NetworkAclEntry::protocol); }},
     {"entry.rule-action",
      [](const NetworkAcl& acl, Texts& out) { AddEach(out, acl.entries, &NetworkAclEntry::rule_action); }},
     {"network-acl-id", [](const NetworkAcl& acl, Texts& out) { Add(out, acl.network_acl_id); }},
     {"owner-id", [](const NetworkAcl& acl, Texts& out) { Add(out, acl.owner_id); }},
     {"vpc-id", [](const NetworkAcl& acl, Texts& out) { Add(out, acl.vpc_id); }}}};

// Those asked for, in the order of the ACLs' ids.
Result<std::vector<VpcRecord>> WithAcls(const store::ReadTx& tx, const std::string& region, const Question& question) {
  if (question.ids == nullptr) return tx.Select<VpcRecord>("region = ? ORDER BY network_acl_id", {region});
  std::vector<VpcRecord> vpcs;
  for (const std::string& id : std::set<std::string>(question.ids->begin(), question.ids->end())) {
    auto found = TRY(tx.Select<VpcRecord>("region = ? AND network_acl_id = ?", {region, id}));
    if (found.empty()) return NotFound(kNetworkAclKind, id);
    vpcs.push_back(std::move(found.front()));
  }
  return vpcs;
}

}  // namespace

Result<DescribeNetworkAclsOutput> Ec2::DescribeNetworkAcls(const wire::Call& call,
                                                           const DescribeNetworkAclsInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeNetworkAclsOutput> {
    const Question question = QuestionOf(in, &in.network_acl_ids);
    PageMaker<NetworkAcl, decltype(kAclFilters)> maker(question, kAclFilters);
    TRY(maker.Begin());
    for (const VpcRecord& vpc : TRY(WithAcls(tx, place.region, question))) {
      const auto subnets = TRY(tx.Select<SubnetRecord>("vpc_id = ? ORDER BY id", {vpc.id}));
      maker.Offer(vpc.network_acl_id, ViewOfAcl(place, vpc, subnets, TRY(TagsOf(tx, vpc.network_acl_id))));
    }
    auto page = maker.Take();
    return DescribeNetworkAclsOutput{.network_acls = std::move(page.items), .next_token = std::move(page.next_token)};
  });
}

}  // namespace meetinity::ec2

#include <map>

#include "aws/ec2/testing_ec2.h"

namespace meetinity::ec2 {
namespace {

class SecurityGroupTest : public Ec2Test {
 protected:
  SecurityGroupTest() : vpc_(MakeVpc()), group_(MakeGroup(vpc_, "web")) {}

  std::string_view NameOfNew(const std::string& name, const std::string& description = "for a test") {
    CreateSecurityGroupInput in;
    in.vpc_id = vpc_;
    in.group_name = name;
    in.description = description;
    return NameOf(ec2_->CreateSecurityGroup(Call(), in));
  }
  std::string_view Delete(const std::string& group) {
    DeleteSecurityGroupInput in;
    in.group_id = group;
    return NameOf(ec2_->DeleteSecurityGroup(Call(), in));
  }
  Result<RevokeSecurityGroupIngressOutput> Revoke(const IpPermission& permission) {
    RevokeSecurityGroupIngressInput in;
    in.group_id = group_;
    in.ip_permissions = std::vector{permission};
    return ec2_->RevokeSecurityGroupIngress(Call(), in);
  }
  std::vector<SecurityGroupRule> Rules(const std::string& group) {
    DescribeSecurityGroupRulesInput in;
    in.filters = std::vector{By("group-id", {group})};
    return *ec2_->DescribeSecurityGroupRules(Call(), in)->security_group_rules;
  }
  static IpPermission FromGroup(const std::string& group) {
    IpPermission permission;
    permission.ip_protocol = "-1";
    UserIdGroupPair pair;
    pair.group_id = group;
    permission.user_id_group_pairs = std::vector{pair};
    return permission;
  }

  std::string vpc_, group_;
};

TEST_F(SecurityGroupTest, LetsEverythingOutAndNothingIn) {
  const SecurityGroup group = GroupOf(group_);
  EXPECT_TRUE(group.ip_permissions->empty());
  ASSERT_EQ(group.ip_permissions_egress->size(), 1U);
  EXPECT_EQ(group.ip_permissions_egress->front().ip_protocol, "-1");
  EXPECT_FALSE(group.ip_permissions_egress->front().from_port);
  EXPECT_EQ(group.security_group_arn, "arn:aws:ec2:eu-west-1:123456789012:security-group/" + group_);
}

TEST_F(SecurityGroupTest, HasANameOfItsOwnInItsVpc) {
  EXPECT_EQ(NameOfNew("web"), kInvalidGroupDuplicate);
  EXPECT_EQ(NameOfNew("default"), kInvalidGroupReserved);
  EXPECT_EQ(NameOfNew("sg-web"), kInvalidParameterValue);
  EXPECT_EQ(NameOfNew("web2", "quo\"te"), kInvalidParameterValue);
  MakeGroup(MakeVpc(), "web");
}

TEST_F(SecurityGroupTest, GoesToTheDefaultVpcWhenNoneIsNamed) {
  CreateSecurityGroupInput in;
  in.group_name = "loose";
  in.description = "for a test";
  EXPECT_EQ(NameOf(ec2_->CreateSecurityGroup(Call(), in)), kVpcIdNotSpecified);
  ASSERT_TRUE(ec2_->EnsureRegion("eu-west-1").ok());
  ASSERT_TRUE(ec2_->CreateSecurityGroup(Call(), in).ok());
  DescribeSecurityGroupsInput by_name;
  by_name.group_names = Ids({"loose"});
  EXPECT_EQ(ec2_->DescribeSecurityGroups(Call(), by_name)->security_groups->size(), 1U);
}

TEST_F(SecurityGroupTest, ShowsRulesAsTheyWereWritten) {
  IpPermission permission = Tcp(443, 443, "203.0.113.0/24");
  permission.ip_ranges->front().description = "the office";
  permission.ip_ranges->push_back({"198.51.100.7/24", {}});
  permission.ipv6_ranges = std::vector{Ipv6Range{"::/0", "everyone"}};
  const auto added = Authorize(group_, permission).value();
  EXPECT_EQ(added.security_group_rules->size(), 3U);
  EXPECT_EQ(added.security_group_rules->front().is_egress, false);
  const SecurityGroup group = GroupOf(group_);
  ASSERT_EQ(group.ip_permissions->size(), 1U);
  const IpPermission& shown = group.ip_permissions->front();
  EXPECT_EQ(shown.from_port, 443);
  EXPECT_EQ(shown.ipv6_ranges->front().description, "everyone");
  std::map<std::string, std::string> ranges;
  for (const IpRange& range : *shown.ip_ranges) ranges[*range.cidr_ip] = range.description.value_or("");
  EXPECT_EQ(ranges, (std::map<std::string, std::string>{{"198.51.100.0/24", ""}, {"203.0.113.0/24", "the office"}}));
}

TEST_F(SecurityGroupTest, RefusesTheSameRuleTwice) {
  ASSERT_TRUE(Authorize(group_, Tcp(80, 80, "0.0.0.0/0")).ok());
  EXPECT_EQ(NameOf(Authorize(group_, Tcp(80, 80, "0.0.0.0/0"))), kInvalidPermissionDuplicate);
  IpPermission numbered = Tcp(80, 80, "0.0.0.0/0");
  numbered.ip_protocol = "6";
  EXPECT_EQ(NameOf(Authorize(group_, numbered)), kInvalidPermissionDuplicate);
  IpPermission twice = Tcp(81, 81, "0.0.0.0/0");
  twice.ip_ranges->push_back({"0.0.0.0/0", {}});
  EXPECT_EQ(NameOf(Authorize(group_, twice)), kInvalidParameterValue);
  EXPECT_EQ(Rules(group_).size(), 2U);
}

TEST_F(SecurityGroupTest, RefusesRulesThatMeanNothing) {
  EXPECT_EQ(NameOf(Authorize(group_, Tcp(80, 79, "0.0.0.0/0"))), kInvalidParameterValue);
  EXPECT_EQ(NameOf(Authorize(group_, Tcp(80, 65536, "0.0.0.0/0"))), kInvalidParameterValue);
  EXPECT_EQ(NameOf(Authorize(group_, Tcp(80, 80, "0.0.0.0/33"))), kInvalidParameterValue);
  EXPECT_EQ(NameOf(Authorize(group_, Tcp(80, 80, "::/0"))), kInvalidParameterValue);
  IpPermission permission = Tcp(80, 80, "0.0.0.0/0");
  permission.ip_protocol = "quic";
  EXPECT_EQ(NameOf(Authorize(group_, permission)), kInvalidParameterValue);
  permission = Tcp(80, 80, "0.0.0.0/0");
  permission.to_port.reset();
  EXPECT_EQ(NameOf(Authorize(group_, permission)), kInvalidParameterValue);
  permission = Tcp(80, 80, "0.0.0.0/0");
  permission.ip_ranges.reset();
  EXPECT_EQ(NameOf(Authorize(group_, permission)), kMissingParameter);
  EXPECT_EQ(NameOf(Authorize(group_, FromGroup("sg-0123"))), kInvalidGroupNotFound);
  EXPECT_EQ(NameOf(Authorize(group_, FromGroup(MakeGroup(MakeVpc(), "far")))), kInvalidGroupNotFound);
  EXPECT_EQ(NameOf(Authorize("nonsense", FromGroup(group_))), kInvalidGroupMalformed);
}

TEST_F(SecurityGroupTest, RevokesByWhatARuleSays) {
  ASSERT_TRUE(Authorize(group_, Tcp(80, 80, "0.0.0.0/0")).ok());
  EXPECT_EQ(NameOf(Revoke(Tcp(81, 81, "0.0.0.0/0"))), kInvalidPermissionNotFound);
  const auto revoked = Revoke(Tcp(80, 80, "0.0.0.0/0")).value();
  EXPECT_EQ(revoked.revoked_security_group_rules->size(), 1U);
  EXPECT_TRUE(GroupOf(group_).ip_permissions->empty());
}

TEST_F(SecurityGroupTest, RevokesByTheIdOfARule) {
  const auto added = Authorize(group_, Tcp(80, 80, "0.0.0.0/0")).value();
  RevokeSecurityGroupEgressInput out;
  out.group_id = group_;
  out.security_group_rule_ids = Ids({*added.security_group_rules->front().security_group_rule_id});
  EXPECT_EQ(NameOf(ec2_->RevokeSecurityGroupEgress(Call(), out)), kInvalidRuleNotFound);
  RevokeSecurityGroupIngressInput in;
  in.group_id = group_;
  in.security_group_rule_ids = out.security_group_rule_ids;
  EXPECT_TRUE(ec2_->RevokeSecurityGroupIngress(Call(), in).ok());
  EXPECT_EQ(Rules(group_).size(), 1U);
}

TEST_F(SecurityGroupTest, LosesTheEgressRuleThatTerraformRevokes) {
  RevokeSecurityGroupEgressInput in;
  in.group_id = group_;
  IpPermission all;
  all.ip_protocol = "-1";
  all.from_port = all.to_port = 0;
  all.ip_ranges = std::vector{IpRange{"0.0.0.0/0", {}}};
  in.ip_permissions = std::vector{all};
  ASSERT_TRUE(ec2_->RevokeSecurityGroupEgress(Call(), in).ok());
  EXPECT_TRUE(GroupOf(group_).ip_permissions_egress->empty());
}

TEST_F(SecurityGroupTest, ChangesARuleInPlace) {
  const auto rule = Authorize(group_, Tcp(80, 80, "0.0.0.0/0"))->security_group_rules->front();
  SecurityGroupRuleRequest wanted;
  wanted.ip_protocol = "tcp";
  wanted.from_port = wanted.to_port = 8080;
  wanted.cidr_ipv4 = "10.0.0.0/8";
  wanted.description = "inside";
  ModifySecurityGroupRulesInput in;
  in.group_id = group_;
  in.security_group_rules = {{.security_group_rule = wanted, .security_group_rule_id = *rule.security_group_rule_id}};
  ASSERT_TRUE(ec2_->ModifySecurityGroupRules(Call(), in).ok());
  DescribeSecurityGroupRulesInput by_id;
  by_id.security_group_rule_ids = Ids({*rule.security_group_rule_id});
  const auto shown = ec2_->DescribeSecurityGroupRules(Call(), by_id)->security_group_rules->front();
  EXPECT_EQ(shown.from_port, 8080);
  EXPECT_EQ(shown.cidr_ipv4, "10.0.0.0/8");
  EXPECT_EQ(shown.description, "inside");
  ASSERT_TRUE(Authorize(group_, Tcp(80, 80, "0.0.0.0/0")).ok());
  wanted.cidr_ipv4 = "0.0.0.0/0";
  wanted.from_port = wanted.to_port = 80;
  in.security_group_rules.front().security_group_rule = wanted;
  EXPECT_EQ(NameOf(ec2_->ModifySecurityGroupRules(Call(), in)), kInvalidPermissionDuplicate);
}

TEST_F(SecurityGroupTest, DescribesARuleAnew) {
  ASSERT_TRUE(Authorize(group_, Tcp(80, 80, "0.0.0.0/0")).ok());
  IpPermission described = Tcp(80, 80, "0.0.0.0/0");
  described.ip_ranges->front().description = "the world";
  UpdateSecurityGroupRuleDescriptionsIngressInput in;
  in.group_id = group_;
  in.ip_permissions = std::vector{described};
  ASSERT_TRUE(ec2_->UpdateSecurityGroupRuleDescriptionsIngress(Call(), in).ok());
  EXPECT_EQ(GroupOf(group_).ip_permissions->front().ip_ranges->front().description, "the world");
  in.ip_permissions->front().from_port = 79;
  EXPECT_EQ(NameOf(ec2_->UpdateSecurityGroupRuleDescriptionsIngress(Call(), in)), kInvalidPermissionNotFound);
}

TEST_F(SecurityGroupTest, IsNotDeletedWhileAnotherRefersToIt) {
  const std::string other = MakeGroup(vpc_, "behind");
  ASSERT_TRUE(Authorize(other, FromGroup(group_)).ok());
  ASSERT_TRUE(Authorize(group_, FromGroup(group_)).ok());
  EXPECT_EQ(Delete(group_), kDependencyViolation);
  EXPECT_EQ(Delete(other), "");
  EXPECT_EQ(Delete(group_), "");
  EXPECT_EQ(Delete(group_), kInvalidGroupNotFound);
}

TEST_F(SecurityGroupTest, KeepsTheDefaultOne) {
  DescribeSecurityGroupsInput in;
  in.filters = std::vector{By("vpc-id", {vpc_}), By("group-name", {"default"})};
  const auto found = ec2_->DescribeSecurityGroups(Call(), in).value();
  EXPECT_EQ(Delete(*found.security_groups->front().group_id), kCannotDelete);
}

TEST_F(SecurityGroupTest, HasSixtyRulesOfAFamilyAtTheMost) {
  IpPermission many = Tcp(80, 80, "10.0.0.0/32");
  for (int i = 1; i < 60; ++i) many.ip_ranges->push_back({"10.0.0." + std::to_string(i) + "/32", {}});
  ASSERT_TRUE(Authorize(group_, many).ok());
  EXPECT_EQ(NameOf(Authorize(group_, Tcp(80, 80, "10.0.1.0/32"))), kRulesPerGroupLimitExceeded);
  IpPermission v6 = Tcp(80, 80, "10.0.1.0/32");
  v6.ip_ranges.reset();
  v6.ipv6_ranges = std::vector{Ipv6Range{"::/0", {}}};
  EXPECT_TRUE(Authorize(group_, v6).ok());
}

TEST_F(SecurityGroupTest, TellsWhoeverFollowsItsRules) {
  ASSERT_TRUE(Authorize(group_, Tcp(80, 80, "0.0.0.0/0")).ok());
  EXPECT_EQ(changed_, std::vector{group_});
  EXPECT_FALSE(Authorize(group_, Tcp(80, 80, "0.0.0.0/0")).ok());
  EXPECT_EQ(changed_.size(), 1U);
  ASSERT_TRUE(Revoke(Tcp(80, 80, "0.0.0.0/0")).ok());
  EXPECT_EQ(changed_.size(), 2U);
}

TEST_F(SecurityGroupTest, IsListedForItsVpc) {
  GetSecurityGroupsForVpcInput in;
  in.vpc_id = vpc_;
  EXPECT_EQ(ec2_->GetSecurityGroupsForVpc(Call(), in)->security_group_for_vpcs->size(), 2U);
  in.vpc_id = "vpc-0123";
  EXPECT_EQ(NameOf(ec2_->GetSecurityGroupsForVpc(Call(), in)), kInvalidVpcNotFound);
  DescribeSecurityGroupReferencesInput references;
  references.group_id = {group_};
  EXPECT_TRUE(ec2_->DescribeSecurityGroupReferences(Call(), references)->security_group_reference_set->empty());
}

}  // namespace
}  // namespace meetinity::ec2

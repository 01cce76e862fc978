#include "aws/ec2/testing_ec2.h"

namespace meetinity::ec2 {
namespace {

class DescribeTest : public Ec2Test {
 protected:
  std::string MakeTaggedVpc(const std::string& key, const std::string& value) {
    CreateVpcInput in;
    in.cidr_block = "10.0.0.0/16";
    in.tag_specifications = std::vector{TagSpecification{"vpc", std::vector{Tag{key, value}}}};
    return *ec2_->CreateVpc(Call(), in)->vpc->vpc_id;
  }
  std::vector<std::string> Find(const std::vector<Filter>& filters) {
    DescribeVpcsInput in;
    in.filters = filters;
    const auto found = ec2_->DescribeVpcs(Call(), in).value();
    std::vector<std::string> ids;
    for (const Vpc& vpc : *found.vpcs) ids.push_back(*vpc.vpc_id);
    return ids;
  }
  Result<CreateTagsOutput> TagWith(const std::string& id, const std::vector<Tag>& tags) {
    CreateTagsInput in;
    in.resources = {id};
    in.tags = tags;
    return ec2_->CreateTags(Call(), in);
  }
  std::vector<TagDescription> TagsOf(const std::string& id) {
    DescribeTagsInput in;
    in.filters = std::vector{By("resource-id", {id})};
    return *ec2_->DescribeTags(Call(), in)->tags;
  }
};

TEST_F(DescribeTest, FindsByTags) {
  const std::string first = MakeTaggedVpc("Environment", "dev");
  const std::string second = MakeTaggedVpc("Project", "meetinity");
  EXPECT_EQ(Find({By("tag:Environment", {"dev"})}), std::vector{first});
  EXPECT_EQ(Find({By("tag-key", {"Project"})}), std::vector{second});
  EXPECT_TRUE(Find({By("tag:Environment", {"prod"})}).empty());
}

TEST_F(DescribeTest, TakesAllFiltersAndAnyOfAFiltersValues) {
  const std::string first = MakeTaggedVpc("Environment", "dev");
  MakeTaggedVpc("Environment", "prod");
  EXPECT_EQ(Find({By("tag:Environment", {"dev", "prod"})}).size(), 2U);
  EXPECT_EQ(Find({By("tag:Environment", {"dev", "prod"}), By("vpc-id", {first})}), std::vector{first});
  EXPECT_EQ(Find({By("cidr", {"10.*"}), By("tag:Environment", {"d?v"})}), std::vector{first});
  EXPECT_TRUE(Find({By("vpc-id", {})}).empty());
}

TEST_F(DescribeTest, RefusesFiltersItDoesNotKnow) {
  DescribeVpcsInput in;
  in.filters = std::vector{By("colour", {"blue"})};
  EXPECT_EQ(NameOf(ec2_->DescribeVpcs(Call(), in)), kInvalidParameterValue);
  in.filters = std::vector{Filter{}};
  EXPECT_EQ(NameOf(ec2_->DescribeVpcs(Call(), in)), kInvalidParameterValue);
  in.filters = std::vector{By("vpc-id", std::vector<std::string>(201, "vpc-1"))};
  EXPECT_EQ(NameOf(ec2_->DescribeVpcs(Call(), in)), kFilterLimitExceeded);
}

TEST_F(DescribeTest, PagesThroughWhatPasses) {
  std::vector<std::string> made;
  for (int i = 0; i < 12; ++i) made.push_back(MakeTaggedVpc("n", i % 2 == 0 ? "even" : "odd"));
  DescribeVpcsInput in;
  in.filters = std::vector{By("tag:n", {"even"})};
  in.max_results = 5;
  const auto first = ec2_->DescribeVpcs(Call(), in).value();
  EXPECT_EQ(first.vpcs->size(), 5U);
  ASSERT_TRUE(first.next_token);
  in.next_token = first.next_token;
  const auto second = ec2_->DescribeVpcs(Call(), in).value();
  ASSERT_EQ(second.vpcs->size(), 1U);
  EXPECT_FALSE(second.next_token);
  EXPECT_GT(second.vpcs->front().vpc_id, first.vpcs->back().vpc_id);
  in.next_token = "not ours";
  EXPECT_EQ(NameOf(ec2_->DescribeVpcs(Call(), in)), kInvalidNextToken);
}

TEST_F(DescribeTest, EndsWithThePageThatIsJustFull) {
  for (int i = 0; i < 5; ++i) MakeVpc();
  DescribeVpcsInput in;
  in.max_results = 5;
  EXPECT_FALSE(ec2_->DescribeVpcs(Call(), in)->next_token);
}

TEST_F(DescribeTest, RefusesIdsThatAreNotThere) {
  DescribeVpcsInput in;
  in.vpc_ids = Ids({MakeVpc(), "vpc-0123"});
  EXPECT_EQ(NameOf(ec2_->DescribeVpcs(Call(), in)), kInvalidVpcNotFound);
}

TEST_F(DescribeTest, TagsAreReplacedAndRemoved) {
  const std::string vpc = MakeTaggedVpc("a", "1");
  ASSERT_TRUE(TagWith(vpc, {{"a", "2"}, {"b", ""}}).ok());
  const auto tags = TagsOf(vpc);
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags.front().value, "2");
  EXPECT_EQ(tags.front().resource_type, "vpc");
  DeleteTagsInput in;
  in.resources = {vpc};
  in.tags = std::vector{Tag{"a", "other"}};
  ASSERT_TRUE(ec2_->DeleteTags(Call(), in).ok());
  EXPECT_EQ(TagsOf(vpc).size(), 2U);
  in.tags = std::vector{Tag{"a", {}}};
  ASSERT_TRUE(ec2_->DeleteTags(Call(), in).ok());
  EXPECT_EQ(TagsOf(vpc).size(), 1U);
  in.tags.reset();
  ASSERT_TRUE(ec2_->DeleteTags(Call(), in).ok());
  EXPECT_TRUE(TagsOf(vpc).empty());
}

TEST_F(DescribeTest, EveryKindOfResourceTakesTags) {
  const std::string vpc = MakeVpc();
  const std::string subnet = MakeSubnet(vpc, "10.0.0.0/24");
  MakeAttachedGateway(vpc);
  const std::string address = MakeAddress();
  const std::string group = MakeGroup(vpc, "web");
  const auto rule = Authorize(group, Tcp(80, 80, "0.0.0.0/0"))->security_group_rules->front().security_group_rule_id;
  const std::string acl = *ec2_->DescribeNetworkAcls(Call(), {})->network_acls->front().network_acl_id;
  const NatGateway nat = MakeNat(subnet, address);
  for (const std::string& id : {subnet, MakeGateway(), address, *nat.nat_gateway_id, MakeTable(vpc), group, *rule, acl,
                                *nat.nat_gateway_addresses->front().network_interface_id}) {
    EXPECT_TRUE(TagWith(id, {{"Project", "meetinity"}}).ok()) << id;
    EXPECT_EQ(TagsOf(id).size(), 1U) << id;
  }
}

TEST_F(DescribeTest, RefusesTagsThatNoResourceMayHave) {
  const std::string vpc = MakeVpc();
  EXPECT_EQ(NameOf(TagWith(vpc, {{"aws:name", "x"}})), kInvalidParameterValue);
  EXPECT_EQ(NameOf(TagWith(vpc, {{"", "x"}})), kInvalidParameterValue);
  EXPECT_EQ(NameOf(TagWith(vpc, {{std::string(129, 'k'), "x"}})), kInvalidParameterValue);
  EXPECT_EQ(NameOf(TagWith(vpc, {{"k", std::string(257, 'v')}})), kInvalidParameterValue);
  EXPECT_EQ(NameOf(TagWith(vpc, {{"k", "1"}, {"k", "2"}})), kInvalidParameterValue);
  EXPECT_EQ(NameOf(TagWith("vpc-0123", {{"k", "1"}})), kInvalidVpcNotFound);
  EXPECT_EQ(NameOf(TagWith("i-0123", {{"k", "1"}})), kInvalidId);
  std::vector<Tag> many;
  for (int i = 0; i < 51; ++i) many.push_back({"k" + std::to_string(i), "v"});
  EXPECT_EQ(NameOf(TagWith(vpc, many)), kTagLimitExceeded);
  EXPECT_TRUE(TagsOf(vpc).empty());
}

TEST_F(DescribeTest, TagsOfAnotherTypeAreRefusedWithTheirResource) {
  CreateVpcInput in;
  in.cidr_block = "10.0.0.0/16";
  in.tag_specifications = std::vector{TagSpecification{"subnet", std::vector{Tag{"a", "b"}}}};
  EXPECT_EQ(NameOf(ec2_->CreateVpc(Call(), in)), kInvalidParameterValue);
  EXPECT_TRUE(Find({}).empty());
}

TEST_F(DescribeTest, ZonesAndRegionsAreThere) {
  const auto zones = ec2_->DescribeAvailabilityZones(Call("us-east-1"), {}).value();
  ASSERT_EQ(zones.availability_zones->size(), 3U);
  EXPECT_EQ(zones.availability_zones->front().zone_name, "us-east-1a");
  EXPECT_EQ(zones.availability_zones->front().zone_id, "use1-az1");
  EXPECT_EQ(zones.availability_zones->front().zone_type, "availability-zone");
  DescribeAvailabilityZonesInput in;
  in.zone_names = Ids({"eu-west-1z"});
  EXPECT_EQ(NameOf(ec2_->DescribeAvailabilityZones(Call(), in)), kInvalidParameterValue);
  DescribeRegionsInput regions;
  regions.region_names = Ids({"eu-west-1"});
  EXPECT_EQ(ec2_->DescribeRegions(Call(), regions)->regions->front().endpoint, "ec2.eu-west-1.amazonaws.com");
}

TEST_F(DescribeTest, TheAccountTellsItsDefaultVpc) {
  DescribeAccountAttributesInput in;
  in.attribute_names = Ids({"default-vpc"});
  const auto value = [&] {
    const auto out = ec2_->DescribeAccountAttributes(Call(), in).value();
    return *out.account_attributes->front().attribute_values->front().attribute_value;
  };
  EXPECT_EQ(value(), "none");
  ASSERT_TRUE(ec2_->EnsureRegion("eu-west-1").ok());
  EXPECT_TRUE(value().starts_with("vpc-"));
}

}  // namespace
}  // namespace meetinity::ec2

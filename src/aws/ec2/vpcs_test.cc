#include "aws/ec2/testing_ec2.h"

namespace meetinity::ec2 {
namespace {

class VpcTest : public Ec2Test {
 protected:
  Vpc VpcOf(const std::string& id) {
    DescribeVpcsInput in;
    in.vpc_ids = Ids({id});
    return ec2_->DescribeVpcs(Call(), in)->vpcs->front();
  }
  bool Attribute(const std::string& vpc, std::string_view name) {
    DescribeVpcAttributeInput in;
    in.vpc_id = vpc;
    in.attribute = name;
    const auto out = ec2_->DescribeVpcAttribute(Call(), in).value();
    const auto& value = out.enable_dns_hostnames ? out.enable_dns_hostnames
                        : out.enable_dns_support ? out.enable_dns_support
                                                 : out.enable_network_address_usage_metrics;
    return *value->value;
  }
  Result<DeleteVpcOutput> Delete(const std::string& vpc) {
    DeleteVpcInput in;
    in.vpc_id = vpc;
    return ec2_->DeleteVpc(Call(), in);
  }
  std::string_view NameOfNew(const std::string& cidr) {
    CreateVpcInput in;
    in.cidr_block = cidr;
    return NameOf(ec2_->CreateVpc(Call(), in));
  }
};

TEST_F(VpcTest, HasItsPartsFromItsFirstMoment) {
  const std::string id = MakeVpc();
  const Vpc vpc = VpcOf(id);
  EXPECT_EQ(vpc.cidr_block, "10.0.0.0/16");
  EXPECT_EQ(vpc.is_default, false);
  EXPECT_EQ(vpc.state, "available");
  EXPECT_EQ(vpc.instance_tenancy, "default");
  EXPECT_EQ(vpc.cidr_block_association_set->front().cidr_block_state->state, "associated");

  DescribeRouteTablesInput tables;
  tables.filters = std::vector{By("vpc-id", {id}), By("association.main", {"true"})};
  const auto main = ec2_->DescribeRouteTables(Call(), tables).value();
  ASSERT_EQ(main.route_tables->size(), 1U);
  EXPECT_EQ(main.route_tables->front().routes->front().gateway_id, "local");

  DescribeSecurityGroupsInput groups;
  groups.filters = std::vector{By("vpc-id", {id}), By("group-name", {"default"})};
  const auto found = ec2_->DescribeSecurityGroups(Call(), groups).value();
  ASSERT_EQ(found.security_groups->size(), 1U);
  const SecurityGroup& group = found.security_groups->front();
  EXPECT_EQ(group.ip_permissions->front().user_id_group_pairs->front().group_id, group.group_id);
  EXPECT_EQ(group.ip_permissions_egress->front().ip_ranges->front().cidr_ip, "0.0.0.0/0");

  DescribeNetworkAclsInput acls;
  acls.filters = std::vector{By("vpc-id", {id}), By("default", {"true"})};
  EXPECT_EQ(ec2_->DescribeNetworkAcls(Call(), acls)->network_acls->size(), 1U);
}

TEST_F(VpcTest, ResolvesNamesUnlessToldOtherwise) {
  const std::string vpc = MakeVpc();
  EXPECT_TRUE(Attribute(vpc, "enableDnsSupport"));
  EXPECT_FALSE(Attribute(vpc, "enableDnsHostnames"));
  EXPECT_FALSE(Attribute(vpc, "enableNetworkAddressUsageMetrics"));
  ModifyVpcAttributeInput in;
  in.vpc_id = vpc;
  in.enable_dns_hostnames = AttributeBooleanValue{true};
  ASSERT_TRUE(ec2_->ModifyVpcAttribute(Call(), in).ok());
  Reopen();
  EXPECT_TRUE(Attribute(vpc, "enableDnsHostnames"));
}

TEST_F(VpcTest, ChangesOneAttributeAtATime) {
  ModifyVpcAttributeInput in;
  in.vpc_id = MakeVpc();
  EXPECT_EQ(NameOf(ec2_->ModifyVpcAttribute(Call(), in)), kMissingParameter);
  in.enable_dns_hostnames = AttributeBooleanValue{true};
  in.enable_dns_support = AttributeBooleanValue{true};
  EXPECT_EQ(NameOf(ec2_->ModifyVpcAttribute(Call(), in)), kInvalidParameterCombination);
}

TEST_F(VpcTest, RefusesBlocksThatAreTooLargeOrTooSmall) {
  EXPECT_EQ(NameOfNew("10.0.0.0/15"), kInvalidVpcRange);
  EXPECT_EQ(NameOfNew("10.0.0.0/29"), kInvalidVpcRange);
  EXPECT_EQ(NameOfNew("10.0.0.0"), kInvalidParameterValue);
  EXPECT_EQ(NameOfNew("2001:db8::/56"), kInvalidParameterValue);
  EXPECT_EQ(VpcOf(MakeVpc("10.1.2.3/16")).cidr_block, "10.1.0.0/16");
}

TEST_F(VpcTest, RefusesWhatIsNotServed) {
  CreateVpcInput in;
  in.cidr_block = "10.0.0.0/16";
  in.amazon_provided_ipv6_cidr_block = true;
  EXPECT_EQ(NameOf(ec2_->CreateVpc(Call(), in)), kUnsupportedOperation);
  in.amazon_provided_ipv6_cidr_block = false;
  EXPECT_TRUE(ec2_->CreateVpc(Call(), in).ok());
}

TEST_F(VpcTest, IsNotDeletedUnderWhatDependsOnIt) {
  const std::string vpc = MakeVpc();
  const std::string subnet = MakeSubnet(vpc, "10.0.0.0/24");
  EXPECT_EQ(NameOf(Delete(vpc)), kDependencyViolation);
  DeleteSubnetInput without;
  without.subnet_id = subnet;
  ASSERT_TRUE(ec2_->DeleteSubnet(Call(), without).ok());
  const std::string group = MakeGroup(vpc, "web");
  EXPECT_EQ(NameOf(Delete(vpc)), kDependencyViolation);
  DeleteSecurityGroupInput old;
  old.group_id = group;
  ASSERT_TRUE(ec2_->DeleteSecurityGroup(Call(), old).ok());
  MakeTable(vpc);
  EXPECT_EQ(NameOf(Delete(vpc)), kDependencyViolation);
}

TEST_F(VpcTest, GoesWithAllItsParts) {
  const std::string vpc = MakeVpc();
  ASSERT_TRUE(Delete(vpc).ok());
  EXPECT_EQ(NameOf(Delete(vpc)), kInvalidVpcNotFound);
  DescribeSecurityGroupsInput groups;
  groups.filters = std::vector{By("vpc-id", {vpc})};
  EXPECT_TRUE(ec2_->DescribeSecurityGroups(Call(), groups)->security_groups->empty());
  DescribeRouteTablesInput tables;
  tables.filters = std::vector{By("vpc-id", {vpc})};
  EXPECT_TRUE(ec2_->DescribeRouteTables(Call(), tables)->route_tables->empty());
}

TEST_F(VpcTest, IsSeenInItsRegionOnly) {
  const std::string vpc = MakeVpc();
  DescribeVpcsInput in;
  in.vpc_ids = Ids({vpc});
  EXPECT_EQ(NameOf(ec2_->DescribeVpcs(Call("us-east-1"), in)), kInvalidVpcNotFound);
}

TEST_F(VpcTest, ComesWithTheRegion) {
  ASSERT_TRUE(ec2_->EnsureRegion("eu-west-1").ok());
  ASSERT_TRUE(ec2_->EnsureRegion("eu-west-1").ok());
  DescribeVpcsInput in;
  in.filters = std::vector{By("is-default", {"true"})};
  const auto found = ec2_->DescribeVpcs(Call(), in).value();
  ASSERT_EQ(found.vpcs->size(), 1U);
  EXPECT_EQ(found.vpcs->front().cidr_block, "172.31.0.0/16");
  DescribeSubnetsInput subnets;
  subnets.filters = std::vector{By("default-for-az", {"true"}), By("map-public-ip-on-launch", {"true"})};
  EXPECT_EQ(ec2_->DescribeSubnets(Call(), subnets)->subnets->size(), 3U);
  const auto options = ec2_->DescribeDhcpOptions(Call(), {}).value();
  ASSERT_EQ(options.dhcp_options->size(), 1U);
  EXPECT_EQ(options.dhcp_options->front().dhcp_options_id, found.vpcs->front().dhcp_options_id);
}

class SubnetTest : public VpcTest {
 protected:
  std::string_view NameOfNewSubnet(const std::string& vpc, const std::string& cidr,
                                   const std::string& zone = "eu-west-1a") {
    CreateSubnetInput in;
    in.vpc_id = vpc;
    in.cidr_block = cidr;
    in.availability_zone = zone;
    return NameOf(ec2_->CreateSubnet(Call(), in));
  }
  Subnet SubnetOf(const std::string& id) {
    DescribeSubnetsInput in;
    in.subnet_ids = Ids({id});
    return ec2_->DescribeSubnets(Call(), in)->subnets->front();
  }
};

TEST_F(SubnetTest, ShowsWhatTerraformReads) {
  const std::string id = MakeSubnet(MakeVpc(), "10.0.1.0/24", "eu-west-1b");
  const Subnet subnet = SubnetOf(id);
  EXPECT_EQ(subnet.state, "available");
  EXPECT_EQ(subnet.availability_zone, "eu-west-1b");
  EXPECT_EQ(subnet.availability_zone_id, "euw1-az2");
  EXPECT_EQ(subnet.available_ip_address_count, 251);
  EXPECT_EQ(subnet.map_public_ip_on_launch, false);
  EXPECT_EQ(subnet.assign_ipv6_address_on_creation, false);
  EXPECT_EQ(subnet.subnet_arn, "arn:aws:ec2:eu-west-1:123456789012:subnet/" + id);
  EXPECT_EQ(subnet.private_dns_name_options_on_launch->hostname_type, "ip-name");
}

TEST_F(SubnetTest, LiesWithinItsVpcAndApartFromOthers) {
  const std::string vpc = MakeVpc();
  MakeSubnet(vpc, "10.0.1.0/24");
  EXPECT_EQ(NameOfNewSubnet(vpc, "10.1.0.0/24"), kInvalidSubnetRange);
  EXPECT_EQ(NameOfNewSubnet(vpc, "10.0.0.0/29"), kInvalidSubnetRange);
  EXPECT_EQ(NameOfNewSubnet(vpc, "10.0.1.128/25"), kInvalidSubnetConflict);
  EXPECT_EQ(NameOfNewSubnet(vpc, "10.0.0.0/23"), kInvalidSubnetConflict);
  EXPECT_EQ(NameOfNewSubnet(vpc, "10.0.2.0/24", "eu-west-1z"), kInvalidParameterValue);
  EXPECT_EQ(NameOfNewSubnet("vpc-0123", "10.0.2.0/24"), kInvalidVpcNotFound);
}

TEST_F(SubnetTest, IsPlacedByTheIdOfAZone) {
  CreateSubnetInput in;
  in.vpc_id = MakeVpc();
  in.cidr_block = "10.0.3.0/24";
  in.availability_zone_id = "euw1-az3";
  EXPECT_EQ(ec2_->CreateSubnet(Call(), in)->subnet->availability_zone, "eu-west-1c");
}

TEST_F(SubnetTest, ChangesWhatMayChange) {
  const std::string id = MakeSubnet(MakeVpc(), "10.0.1.0/24");
  ModifySubnetAttributeInput in;
  in.subnet_id = id;
  in.map_public_ip_on_launch = AttributeBooleanValue{true};
  ASSERT_TRUE(ec2_->ModifySubnetAttribute(Call(), in).ok());
  EXPECT_EQ(SubnetOf(id).map_public_ip_on_launch, true);
  in.assign_ipv6_address_on_creation = AttributeBooleanValue{true};
  EXPECT_EQ(NameOf(ec2_->ModifySubnetAttribute(Call(), in)), kUnsupportedOperation);
}

TEST_F(SubnetTest, StaysWhileAnInterfaceIsInIt) {
  const std::string id = MakeSubnet(MakeVpc(), "10.0.1.0/24");
  const auto interface = Place({.load_balancer = "app/web/1", .subnet_id = id});
  ASSERT_TRUE(interface.ok());
  EXPECT_EQ(SubnetOf(id).available_ip_address_count, 250);
  DeleteSubnetInput in;
  in.subnet_id = id;
  EXPECT_EQ(NameOf(ec2_->DeleteSubnet(Call(), in)), kDependencyViolation);
  ASSERT_TRUE(
      database_->Write([&](store::Tx& tx) { return ec2_->DeleteLoadBalancerInterfaces(tx, "app/web/1"); }).ok());
  EXPECT_TRUE(ec2_->DeleteSubnet(Call(), in).ok());
  EXPECT_EQ(NameOf(ec2_->DeleteSubnet(Call(), in)), kInvalidSubnetNotFound);
}

TEST_F(SubnetTest, BelongsToTheNetworkAclOfItsVpc) {
  const std::string id = MakeSubnet(MakeVpc(), "10.0.1.0/24");
  DescribeNetworkAclsInput in;
  in.filters = std::vector{By("association.subnet-id", {id})};
  const auto found = ec2_->DescribeNetworkAcls(Call(), in).value();
  ASSERT_EQ(found.network_acls->size(), 1U);
  EXPECT_EQ(found.network_acls->front().associations->front().subnet_id, id);
  EXPECT_EQ(found.network_acls->front().entries->size(), 4U);
}

}  // namespace
}  // namespace meetinity::ec2

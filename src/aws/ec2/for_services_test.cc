#include <algorithm>

#include "aws/ec2/testing_ec2.h"

namespace meetinity::ec2 {
namespace {

// What a load balancer's service does with the network.
class ForServicesTest : public Ec2Test {
 protected:
  ForServicesTest() : vpc_(MakeVpc()), subnet_(MakeSubnet(vpc_, "10.0.0.0/28")), group_(MakeGroup(vpc_, "alb")) {}

  LoadBalancerInterface Wanted() const {
    return {.load_balancer = "app/web/50dc6c495c0c9188", .subnet_id = subnet_, .security_group_ids = {group_}};
  }
  template <class Work>
  auto Read(Work work) {
    return database_->Read([&](const store::ReadTx& tx) { return work(tx); });
  }
  std::vector<NetworkInterface> Interfaces(std::vector<Filter> filters) {
    DescribeNetworkInterfacesInput in;
    in.filters = std::move(filters);
    return *ec2_->DescribeNetworkInterfaces(Call(), in)->network_interfaces;
  }
  Status Remove(const std::string& load_balancer) {
    return database_->Write([&](store::Tx& tx) { return ec2_->DeleteLoadBalancerInterfaces(tx, load_balancer); });
  }

  std::string vpc_, subnet_, group_;
};

TEST_F(ForServicesTest, AnswersWhatIsWhere) {
  const auto subnet = Read([&](const store::ReadTx& tx) { return ec2_->FindSubnet(tx, subnet_); }).value();
  EXPECT_EQ(subnet.vpc_id, vpc_);
  EXPECT_EQ(subnet.availability_zone, "eu-west-1a");
  EXPECT_EQ(subnet.availability_zone_id, "euw1-az1");
  EXPECT_EQ(subnet.cidr_block, "10.0.0.0/28");
  EXPECT_EQ(subnet.account, "123456789012");
  const auto vpc = Read([&](const store::ReadTx& tx) { return ec2_->FindVpc(tx, vpc_); }).value();
  EXPECT_EQ(vpc.cidr_blocks, std::vector<std::string>{"10.0.0.0/16"});
  const auto group = Read([&](const store::ReadTx& tx) { return ec2_->FindSecurityGroup(tx, group_); }).value();
  EXPECT_EQ(group.vpc_id, vpc_);
  const auto fallback = Read([&](const store::ReadTx& tx) { return ec2_->DefaultSecurityGroup(tx, vpc_); }).value();
  EXPECT_EQ(fallback.name, "default");
}

TEST_F(ForServicesTest, RefusesWhatIsNotThereByEc2sNames) {
  EXPECT_EQ(NameOf(Read([&](const store::ReadTx& tx) { return ec2_->FindSubnet(tx, "subnet-1"); })),
            kInvalidSubnetNotFound);
  EXPECT_EQ(NameOf(Read([&](const store::ReadTx& tx) { return ec2_->FindVpc(tx, "vpc-1"); })), kInvalidVpcNotFound);
  EXPECT_EQ(NameOf(Read([&](const store::ReadTx& tx) { return ec2_->FindSecurityGroup(tx, "sg-1"); })),
            kInvalidGroupNotFound);
}

TEST_F(ForServicesTest, ShowsABalancersInterfaceToItsOwner) {
  const auto made = Place(Wanted()).value();
  EXPECT_EQ(made.private_address, "10.0.0.4");
  EXPECT_EQ(made.public_address, "");
  const auto shown = Interfaces({By("description", {"ELB app/web/*"})});
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown.front().network_interface_id, made.id);
  EXPECT_EQ(shown.front().description, "ELB app/web/50dc6c495c0c9188");
  EXPECT_EQ(shown.front().requester_managed, true);
  EXPECT_EQ(shown.front().status, "in-use");
  EXPECT_EQ(shown.front().attachment->instance_owner_id, "amazon-elb");
  EXPECT_EQ(shown.front().groups->front().group_name, "alb");
  EXPECT_EQ(shown.front().private_dns_name, "ip-10-0-0-4.eu-west-1.compute.internal");
  EXPECT_FALSE(shown.front().association);
}

TEST_F(ForServicesTest, GivesAPublicAddressToWhatFacesTheInternet) {
  auto wanted = Wanted();
  wanted.internet_facing = true;
  const auto lent = Place(wanted).value();
  EXPECT_NE(lent.public_address, "");
  EXPECT_EQ(Interfaces({By("association.public-ip", {lent.public_address})}).front().association->ip_owner_id,
            "amazon-elb");
  wanted.kind = LoadBalancerKind::kNetwork;
  wanted.load_balancer = "net/wire/1";
  wanted.allocation_id = MakeAddress();
  const auto owned = Place(wanted).value();
  const auto shown = Interfaces({By("association.allocation-id", {wanted.allocation_id})});
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown.front().interface_type, "network_load_balancer");
  EXPECT_EQ(shown.front().association->public_ip, owned.public_address);
  EXPECT_EQ(NameOf(Place(wanted)), kInvalidIpAddressInUse);
  ASSERT_TRUE(Remove("net/wire/1").ok());
  ReleaseAddressInput release;
  release.allocation_id = wanted.allocation_id;
  EXPECT_TRUE(ec2_->ReleaseAddress(Call(), release).ok());
}

TEST_F(ForServicesTest, TakesTheLowestFreeAddressUntilNoneIsLeft) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 11; ++i) addresses.push_back(Place(Wanted())->private_address);
  EXPECT_EQ(addresses.front(), "10.0.0.4");
  EXPECT_EQ(addresses.back(), "10.0.0.14");
  EXPECT_EQ(NameOf(Place(Wanted())), kInsufficientFreeAddresses);
  const auto shown = Interfaces({By("addresses.private-ip-address", {"10.0.0.7"})});
  ASSERT_TRUE(
      database_
          ->Write([&](store::Tx& tx) { return ec2_->DeleteNetworkInterface(tx, *shown.front().network_interface_id); })
          .ok());
  EXPECT_EQ(Place(Wanted())->private_address, "10.0.0.7");
}

TEST_F(ForServicesTest, TakesTheAddressThatIsAskedFor) {
  auto wanted = Wanted();
  wanted.private_address = "10.0.0.9";
  EXPECT_EQ(Place(wanted)->private_address, "10.0.0.9");
  EXPECT_EQ(NameOf(Place(wanted)), kInvalidIpAddressInUse);
  for (const char* outside : {"10.0.0.3", "10.0.0.15", "10.0.1.4", "nonsense", "::1"}) {
    wanted.private_address = outside;
    EXPECT_EQ(NameOf(Place(wanted)), kInvalidParameterValue) << outside;
  }
}

TEST_F(ForServicesTest, TakesGroupsOfItsVpcAlone) {
  auto wanted = Wanted();
  wanted.security_group_ids = {"sg-0123"};
  EXPECT_EQ(NameOf(Place(wanted)), kInvalidGroupNotFound);
  wanted.security_group_ids = {MakeGroup(MakeVpc(), "far")};
  EXPECT_EQ(NameOf(Place(wanted)), kInvalidParameterValue);
  EXPECT_TRUE(Interfaces({}).empty());
}

TEST_F(ForServicesTest, KeepsGroupsThatAreInUse) {
  ASSERT_TRUE(Place(Wanted()).ok());
  DeleteSecurityGroupInput in;
  in.group_id = group_;
  EXPECT_EQ(NameOf(ec2_->DeleteSecurityGroup(Call(), in)), kDependencyViolation);
  const std::string other = MakeGroup(vpc_, "other");
  ASSERT_TRUE(database_
                  ->Write([&](store::Tx& tx) {
                    return ec2_->SetLoadBalancerSecurityGroups(tx, "app/web/50dc6c495c0c9188", {other});
                  })
                  .ok());
  EXPECT_TRUE(ec2_->DeleteSecurityGroup(Call(), in).ok());
  const auto now = Read([&](const store::ReadTx& tx) {
                     return ec2_->LoadBalancerInterfaces(tx, "app/web/50dc6c495c0c9188");
                   }).value();
  EXPECT_EQ(now.front().security_group_ids, std::vector{other});
}

TEST_F(ForServicesTest, FlattensWhatGroupsLetIn) {
  ASSERT_TRUE(Authorize(group_, Tcp(443, 443, "0.0.0.0/0")).ok());
  IpPermission permission = Tcp(80, 81, "203.0.113.0/24");
  permission.ipv6_ranges = std::vector{Ipv6Range{"2001:db8::/32", {}}};
  UserIdGroupPair pair;
  pair.group_id = group_;
  permission.user_id_group_pairs = std::vector{pair};
  ASSERT_TRUE(Authorize(group_, permission).ok());
  const auto rules = Read([&](const store::ReadTx& tx) {
                       return ec2_->IngressRules(tx, {group_, group_, "sg-0123"});
                     }).value();
  ASSERT_EQ(rules.size(), 4U);
  const auto has = [&](const IngressRule& wanted) { return std::ranges::find(rules, wanted) != rules.end(); };
  EXPECT_TRUE(has({.protocol = "tcp", .from_port = 443, .to_port = 443, .cidr_ipv4 = "0.0.0.0/0"}));
  EXPECT_TRUE(has({.protocol = "tcp", .from_port = 80, .to_port = 81, .cidr_ipv4 = "203.0.113.0/24"}));
  EXPECT_TRUE(has({.protocol = "tcp", .from_port = 80, .to_port = 81, .cidr_ipv6 = "2001:db8::/32"}));
  EXPECT_TRUE(has({.protocol = "tcp", .from_port = 80, .to_port = 81, .referenced_group_id = group_}));
}

TEST_F(ForServicesTest, KnowsWhoIsInAGroup) {
  ASSERT_TRUE(Place(Wanted()).ok());
  const auto addresses = Read([&](const store::ReadTx& tx) { return ec2_->PrivateAddressesOf(tx, group_); }).value();
  EXPECT_EQ(addresses, std::vector<std::string>{"10.0.0.4"});
}

}  // namespace
}  // namespace meetinity::ec2

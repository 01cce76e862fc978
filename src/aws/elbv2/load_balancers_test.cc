#include <gmock/gmock.h>

#include "aws/ec2_model.h"
#include "aws/elbv2/testing_elbv2.h"

namespace meetinity::elbv2 {
namespace {

using testing::HasSubstr;

class LoadBalancersTest : public Elbv2Test {
 protected:
  auto Create(const CreateLoadBalancerInput& in) { return elbv2_->CreateLoadBalancer(Call(), in); }
  LoadBalancer Describe(const std::string& arn) {
    DescribeLoadBalancersInput in;
    in.load_balancer_arns = {arn};
    return Must(elbv2_->DescribeLoadBalancers(Call(), in)).load_balancers->front();
  }
  auto Delete(const std::string& arn) { return elbv2_->DeleteLoadBalancer(Call(), {.load_balancer_arn = arn}); }
  Status Set(const std::string& arn, const std::string& key, const std::string& value) {
    TRY(elbv2_->ModifyLoadBalancerAttributes(
        Call(), {.attributes = {LoadBalancerAttribute{key, value}}, .load_balancer_arn = arn}));
    return {};
  }
};

TEST_F(LoadBalancersTest, IsActiveOnceTheDataPlaneServesIt) {
  data_plane_.holds = true;
  const LoadBalancer made = Make(WebInput());
  EXPECT_EQ(made.state->code, LoadBalancerStateEnum::kProvisioning);
  EXPECT_EQ(Describe(*made.load_balancer_arn).state->code, LoadBalancerStateEnum::kProvisioning);
  data_plane_.Release();
  EXPECT_EQ(Describe(*made.load_balancer_arn).state->code, LoadBalancerStateEnum::kActive);
  Reopen();
  EXPECT_EQ(Describe(*made.load_balancer_arn).state->code, LoadBalancerStateEnum::kActive);
}

TEST_F(LoadBalancersTest, HasTheDefaultsOfAws) {
  const LoadBalancer made = Make(WebInput());
  EXPECT_EQ(made.type, LoadBalancerTypeEnum::kApplication);
  EXPECT_EQ(made.scheme, LoadBalancerSchemeEnum::kInternetFacing);
  EXPECT_EQ(made.ip_address_type, "ipv4");
  EXPECT_EQ(made.vpc_id, vpc_);
  ASSERT_EQ(made.availability_zones->size(), 2u);
  EXPECT_EQ(made.availability_zones->front().zone_name, "eu-west-1a");
  EXPECT_EQ(made.availability_zones->front().subnet_id, subnets_.front());
  ASSERT_EQ(made.security_groups->size(), 1u);  // the VPC's default one
  EXPECT_FALSE(Make(FlowInput()).security_groups);
}

TEST_F(LoadBalancersTest, TakesAnInterfaceInEachZoneAndGivesItBack) {
  const std::string arn = MakeBalancer();
  const auto interfaces = [&] {
    ec2::DescribeNetworkInterfacesInput in;
    return ec2_->DescribeNetworkInterfaces(Call(), in)->network_interfaces->size();
  };
  EXPECT_EQ(interfaces(), 2u);
  const std::string third = MakeSubnet(vpc_, "10.0.2.0/24", "eu-west-1c");
  SetSubnetsInput in;
  in.load_balancer_arn = arn;
  in.subnets = {subnets_[0], subnets_[1], third};
  EXPECT_EQ(Must(elbv2_->SetSubnets(Call(), in)).availability_zones->size(), 3u);
  EXPECT_EQ(interfaces(), 3u);
  in.subnets = {subnets_[1], third};
  EXPECT_EQ(Must(elbv2_->SetSubnets(Call(), in)).availability_zones->front().zone_name, "eu-west-1b");
  EXPECT_EQ(interfaces(), 2u);
  ASSERT_TRUE(Delete(arn).ok());
  EXPECT_EQ(interfaces(), 0u);
}

TEST_F(LoadBalancersTest, MadeAgainWithTheSameSettingsIsTheSame) {
  const LoadBalancer first = Make(WebInput());
  EXPECT_EQ(Make(WebInput()).load_balancer_arn, first.load_balancer_arn);
  CreateLoadBalancerInput other = WebInput();
  other.scheme = std::string(LoadBalancerSchemeEnum::kInternal);
  EXPECT_EQ(Refusal(Create(other)), kDuplicateLoadBalancerName);
  EXPECT_EQ(Refusal(Create(FlowInput("site"))), kDuplicateLoadBalancerName);
}

TEST_F(LoadBalancersTest, NamesThatAwsRefuses) {
  for (const std::string& name :
       {std::string(33, 'a'), std::string("a_b"), std::string("-a"), std::string("internal-x")}) {
    EXPECT_EQ(Refusal(Create(WebInput(name))), kValidationError) << name;
  }
}

TEST_F(LoadBalancersTest, NeedsSubnetsOfTwoZones) {
  CreateLoadBalancerInput in = WebInput();
  in.subnets = {subnets_[0]};
  EXPECT_EQ(Refusal(Create(in)), kValidationError);
  in.subnets = {subnets_[0], MakeSubnet(vpc_, "10.0.3.0/24", "eu-west-1a")};
  EXPECT_EQ(Refusal(Create(in)), kInvalidConfigurationRequest);
  in.subnets = {subnets_[0], "subnet-00000000000000000"};
  EXPECT_EQ(Refusal(Create(in)), kSubnetNotFound);
  in.subnets = {subnets_[0], MakeSubnet(MakeVpc("10.1.0.0/16"), "10.1.0.0/24", "eu-west-1b")};
  EXPECT_EQ(Refusal(Create(in)), kInvalidConfigurationRequest);
  in.subnets.reset();
  EXPECT_EQ(Refusal(Create(in)), kValidationError);
  CreateLoadBalancerInput flows = FlowInput();
  flows.subnets = {subnets_[0]};
  EXPECT_EQ(Refusal(Create(flows)), "accepted");
}

TEST_F(LoadBalancersTest, NeedsGroupsOfItsVpc) {
  CreateLoadBalancerInput in = WebInput();
  in.security_groups = {"sg-00000000000000000"};
  EXPECT_EQ(Refusal(Create(in)), kInvalidSecurityGroup);
  in.security_groups = {MakeGroup(MakeVpc("10.1.0.0/16"), "elsewhere")};
  EXPECT_EQ(Refusal(Create(in)), kInvalidSecurityGroup);
  in.security_groups = {MakeGroup(vpc_, "web")};
  const LoadBalancer made = Make(in);
  EXPECT_EQ(made.security_groups, in.security_groups);
  const std::string other = MakeGroup(vpc_, "other");
  SetSecurityGroupsInput change;
  change.load_balancer_arn = *made.load_balancer_arn;
  change.security_groups = {other};
  EXPECT_EQ(Must(elbv2_->SetSecurityGroups(Call(), change)).security_group_ids->front(), other);
  // A network load balancer without any stays without.
  change.load_balancer_arn = MakeFlowBalancer();
  EXPECT_EQ(Refusal(elbv2_->SetSecurityGroups(Call(), change)), kInvalidConfigurationRequest);
}

TEST_F(LoadBalancersTest, WhatIsNotServedIsRefused) {
  CreateLoadBalancerInput in = WebInput();
  in.type = std::string(LoadBalancerTypeEnum::kGateway);
  EXPECT_EQ(Refusal(Create(in)), kInvalidConfigurationRequest);
  in = FlowInput();
  in.subnets.reset();
  in.subnet_mappings = {{.allocation_id = "eipalloc-00000000000000000", .subnet_id = subnets_[0]}};
  EXPECT_EQ(Refusal(Create(in)), kAllocationIdNotFound);
  in.subnets = subnets_;
  EXPECT_EQ(Refusal(Create(in)), kValidationError);
}

TEST_F(LoadBalancersTest, AreFoundByArnByNameAndPageByPage) {
  const std::string site = MakeBalancer("site");
  clock_.Advance(std::chrono::seconds(1));
  const std::string shop = MakeBalancer("shop");
  DescribeLoadBalancersInput in;
  in.page_size = 1;
  const auto first = Must(elbv2_->DescribeLoadBalancers(Call(), in));
  EXPECT_EQ(first.load_balancers->front().load_balancer_arn, site);
  in.marker = first.next_marker;
  const auto second = Must(elbv2_->DescribeLoadBalancers(Call(), in));
  EXPECT_EQ(second.load_balancers->front().load_balancer_arn, shop);
  EXPECT_FALSE(second.next_marker);
  DescribeLoadBalancersInput by_name;
  by_name.names = {"shop"};
  EXPECT_EQ(Must(elbv2_->DescribeLoadBalancers(Call(), by_name)).load_balancers->front().load_balancer_arn, shop);
  by_name.names = {"none"};
  EXPECT_EQ(Refusal(elbv2_->DescribeLoadBalancers(Call(), by_name)), kLoadBalancerNotFound);
  EXPECT_EQ(Refusal(elbv2_->DescribeLoadBalancers(Call(),
                                                  [&] {
                                                    DescribeLoadBalancersInput gone;
                                                    gone.load_balancer_arns = {site.substr(0, site.size() - 1) + "x"};
                                                    return gone;
                                                  }())),
            kLoadBalancerNotFound);
  EXPECT_TRUE(Must(elbv2_->DescribeLoadBalancers(Call("us-east-1"), {})).load_balancers->empty());
}

TEST_F(LoadBalancersTest, ProtectedIsNotDeletedAndGoneIsNoMistake) {
  const std::string arn = MakeBalancer();
  ASSERT_TRUE(Set(arn, "deletion_protection.enabled", "true").ok());
  EXPECT_EQ(Refusal(Delete(arn)), kOperationNotPermitted);
  ASSERT_TRUE(Set(arn, "deletion_protection.enabled", "false").ok());
  EXPECT_TRUE(Delete(arn).ok());
  EXPECT_TRUE(Delete(arn).ok());
  EXPECT_EQ(Refusal(Delete("site")), kValidationError);
  EXPECT_TRUE(data_plane_.configuration->load_balancers.empty());
}

TEST_F(LoadBalancersTest, TellsOfAListenerThatDoesNotListenAnyMore) {
  const std::string arn = MakeBalancer();
  MakeListener(arn, Fixed("200"), 81);
  MakeListener(arn, Fixed("200"), 82);
  data_plane_.taken_port = 81;
  const LoadBalancer one = Describe(arn);
  EXPECT_EQ(one.state->code, LoadBalancerStateEnum::kActiveImpaired);
  EXPECT_THAT(*one.state->reason, HasSubstr("port 81"));
  ASSERT_TRUE(elbv2_
                  ->DeleteListener(
                      Call(), {.listener_arn =
                                   [&] {
                                     DescribeListenersInput in;
                                     in.load_balancer_arn = arn;
                                     return *Must(elbv2_->DescribeListeners(Call(), in)).listeners->back().listener_arn;
                                   }()})
                  .ok());
  EXPECT_EQ(Describe(arn).state->code, LoadBalancerStateEnum::kFailed);
}

TEST_F(LoadBalancersTest, IpAddressTypeIsChanged) {
  const std::string arn = MakeBalancer();
  EXPECT_EQ(Must(elbv2_->SetIpAddressType(Call(), {.ip_address_type = "dualstack", .load_balancer_arn = arn}))
                .ip_address_type,
            "dualstack");
  EXPECT_EQ(Describe(arn).ip_address_type, "dualstack");
  EXPECT_FALSE(
      Must(elbv2_->DescribeCapacityReservation(Call(), {.load_balancer_arn = arn})).minimum_load_balancer_capacity);
}

}  // namespace
}  // namespace meetinity::elbv2

#include "aws/ec2/testing_ec2.h"

namespace meetinity::ec2 {
namespace {

class GatewayTest : public Ec2Test {
 protected:
  template <class In, class Method>
  std::string_view Attachment(Method method, const std::string& gateway, const std::string& vpc) {
    In in;
    in.internet_gateway_id = gateway;
    in.vpc_id = vpc;
    return NameOf((ec2_.get()->*method)(Call(), in));
  }
  std::string_view Attach(const std::string& gateway, const std::string& vpc) {
    return Attachment<AttachInternetGatewayInput>(&Ec2::AttachInternetGateway, gateway, vpc);
  }
  std::string_view Detach(const std::string& gateway, const std::string& vpc) {
    return Attachment<DetachInternetGatewayInput>(&Ec2::DetachInternetGateway, gateway, vpc);
  }
  std::string_view Delete(const std::string& gateway) {
    DeleteInternetGatewayInput in;
    in.internet_gateway_id = gateway;
    return NameOf(ec2_->DeleteInternetGateway(Call(), in));
  }
};

TEST_F(GatewayTest, IsAttachedToOneVpcWhichHasOne) {
  const std::string vpc = MakeVpc();
  const std::string gateway = MakeAttachedGateway(vpc);
  EXPECT_EQ(Attach(gateway, MakeVpc()), kResourceAlreadyAssociated);
  EXPECT_EQ(Attach(MakeGateway(), vpc), kInvalidParameterValue);
  EXPECT_EQ(Attach("igw-0123", vpc), kInvalidInternetGatewayNotFound);
  DescribeInternetGatewaysInput in;
  in.filters = std::vector{By("attachment.vpc-id", {vpc}), By("attachment.state", {"available"})};
  const auto found = ec2_->DescribeInternetGateways(Call(), in).value();
  ASSERT_EQ(found.internet_gateways->size(), 1U);
  EXPECT_EQ(found.internet_gateways->front().internet_gateway_id, gateway);
}

TEST_F(GatewayTest, IsDeletedOnceItIsDetached) {
  const std::string vpc = MakeVpc();
  const std::string gateway = MakeAttachedGateway(vpc);
  EXPECT_EQ(Delete(gateway), kDependencyViolation);
  EXPECT_EQ(Detach(gateway, MakeVpc()), kGatewayNotAttached);
  EXPECT_EQ(Detach(gateway, vpc), "");
  EXPECT_EQ(Delete(gateway), "");
  EXPECT_EQ(Delete(gateway), kInvalidInternetGatewayNotFound);
}

TEST_F(GatewayTest, StaysWhileSomethingBehindItIsPublic) {
  const std::string vpc = MakeVpc();
  const std::string gateway = MakeAttachedGateway(vpc);
  const auto interface =
      Place({.load_balancer = "app/web/1", .subnet_id = MakeSubnet(vpc, "10.0.0.0/24"), .internet_facing = true});
  ASSERT_TRUE(interface.ok());
  EXPECT_EQ(Detach(gateway, vpc), kDependencyViolation);
  ASSERT_TRUE(database_->Write([&](store::Tx& tx) { return ec2_->DeleteNetworkInterface(tx, interface->id); }).ok());
  EXPECT_EQ(Detach(gateway, vpc), "");
}

class AddressTest : public GatewayTest {
 protected:
  Address AddressOf(const std::string& id) {
    DescribeAddressesInput in;
    in.allocation_ids = Ids({id});
    return ec2_->DescribeAddresses(Call(), in)->addresses->front();
  }
  std::string_view Release(const std::string& id) {
    ReleaseAddressInput in;
    in.allocation_id = id;
    return NameOf(ec2_->ReleaseAddress(Call(), in));
  }
};

TEST_F(AddressTest, IsPublicAndNobodyElses) {
  const Address first = AddressOf(MakeAddress());
  const Address second = AddressOf(MakeAddress());
  EXPECT_EQ(first.domain, "vpc");
  EXPECT_NE(first.public_ip, second.public_ip);
  EXPECT_TRUE(first.public_ip->starts_with("198.18.") || first.public_ip->starts_with("198.19."));
  DescribeAddressesInput in;
  in.public_ips = Ids({*second.public_ip});
  EXPECT_EQ(ec2_->DescribeAddresses(Call(), in)->addresses->front().allocation_id, second.allocation_id);
}

TEST_F(AddressTest, IsReleasedOnce) {
  const std::string id = MakeAddress();
  EXPECT_EQ(Release(id), "");
  EXPECT_EQ(Release(id), kInvalidAllocationNotFound);
}

TEST_F(AddressTest, HasNoReverseNameOfItsOwn) {
  DescribeAddressesAttributeInput in;
  in.attribute = "domain-name";
  const std::string id = MakeAddress();
  in.allocation_ids = Ids({id});
  const auto out = ec2_->DescribeAddressesAttribute(Call(), in).value();
  ASSERT_EQ(out.addresses->size(), 1U);
  EXPECT_EQ(out.addresses->front().allocation_id, id);
  EXPECT_FALSE(out.addresses->front().ptr_record);
}

class NatGatewayTest : public AddressTest {
 protected:
  NatGatewayTest() {
    vpc_ = MakeVpc();
    subnet_ = MakeSubnet(vpc_, "10.0.0.0/24");
    gateway_ = MakeAttachedGateway(vpc_);
    allocation_ = MakeAddress();
  }
  Result<DescribeNatGatewaysOutput> Describe(const std::string& id) {
    DescribeNatGatewaysInput in;
    in.nat_gateway_ids = Ids({id});
    return ec2_->DescribeNatGateways(Call(), in);
  }
  NatGateway NatOf(const std::string& id) { return Describe(id)->nat_gateways->front(); }
  std::string_view Delete(const std::string& id) {
    DeleteNatGatewayInput in;
    in.nat_gateway_id = id;
    return NameOf(ec2_->DeleteNatGateway(Call(), in));
  }

  std::string vpc_, subnet_, gateway_, allocation_;
};

TEST_F(NatGatewayTest, HasAnInterfaceAndTheAddress) {
  const NatGateway nat = MakeNat(subnet_, allocation_);
  EXPECT_EQ(nat.state, "available");
  const NatGatewayAddress& address = nat.nat_gateway_addresses->front();
  const Address owned = AddressOf(allocation_);
  EXPECT_EQ(address.allocation_id, allocation_);
  EXPECT_EQ(address.private_ip, "10.0.0.4");
  EXPECT_EQ(address.public_ip, owned.public_ip);
  EXPECT_EQ(address.association_id, owned.association_id);
  DescribeNetworkInterfacesInput in;
  in.network_interface_ids = Ids({*address.network_interface_id});
  const auto interfaces = ec2_->DescribeNetworkInterfaces(Call(), in).value();
  EXPECT_EQ(interfaces.network_interfaces->front().interface_type, "nat_gateway");
  EXPECT_EQ(interfaces.network_interfaces->front().description, "Interface for NAT Gateway " + *nat.nat_gateway_id);
}

TEST_F(NatGatewayTest, KeepsItsAddressFromItsOwnersHands) {
  MakeNat(subnet_, allocation_);
  EXPECT_EQ(Release(allocation_), kInvalidIpAddressInUse);
  DisassociateAddressInput in;
  in.association_id = AddressOf(allocation_).association_id;
  EXPECT_EQ(NameOf(ec2_->DisassociateAddress(Call(), in)), kOperationNotPermitted);
}

TEST_F(NatGatewayTest, IsSeenAsDeletedForAnHour) {
  const std::string id = *MakeNat(subnet_, allocation_).nat_gateway_id;
  EXPECT_EQ(Delete(id), "");
  EXPECT_EQ(NatOf(id).state, "deleted");
  EXPECT_EQ(NatOf(id).delete_time, clock_.Now());
  EXPECT_FALSE(AddressOf(allocation_).association_id);
  EXPECT_EQ(Release(allocation_), "");
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(NameOf(Describe(id)), kNatGatewayNotFound);
  EXPECT_EQ(Delete(id), kNatGatewayNotFound);
}

TEST_F(NatGatewayTest, FailsWithoutAWayToTheInternet) {
  ASSERT_EQ(Detach(gateway_, vpc_), "");
  const NatGateway nat = MakeNat(subnet_, allocation_);
  EXPECT_EQ(nat.state, "failed");
  EXPECT_EQ(nat.failure_code, "Gateway.NotAttached");
  EXPECT_FALSE(AddressOf(allocation_).association_id);
  DescribeNetworkInterfacesInput in;
  in.filters = std::vector{By("vpc-id", {vpc_})};
  EXPECT_TRUE(ec2_->DescribeNetworkInterfaces(Call(), in)->network_interfaces->empty());
}

TEST_F(NatGatewayTest, IsMadeOnceForAToken) {
  CreateNatGatewayInput in;
  in.subnet_id = subnet_;
  in.allocation_id = allocation_;
  in.client_token = "once";
  const std::string id = *ec2_->CreateNatGateway(Call(), in)->nat_gateway->nat_gateway_id;
  EXPECT_EQ(ec2_->CreateNatGateway(Call(), in)->nat_gateway->nat_gateway_id, id);
  in.allocation_id = MakeAddress();
  EXPECT_EQ(NameOf(ec2_->CreateNatGateway(Call(), in)), kIdempotentParameterMismatch);
}

TEST_F(NatGatewayTest, NeedsAnAddressThatIsFree) {
  MakeNat(subnet_, allocation_);
  CreateNatGatewayInput in;
  in.subnet_id = subnet_;
  EXPECT_EQ(NameOf(ec2_->CreateNatGateway(Call(), in)), kMissingParameter);
  in.allocation_id = allocation_;
  EXPECT_EQ(NameOf(ec2_->CreateNatGateway(Call(), in)), kResourceAlreadyAssociated);
  in.connectivity_type = "private";
  EXPECT_EQ(NameOf(ec2_->CreateNatGateway(Call(), in)), kInvalidParameterCombination);
  in.allocation_id.reset();
  const auto made = ec2_->CreateNatGateway(Call(), in);
  ASSERT_TRUE(made.ok());
  EXPECT_FALSE(made->nat_gateway->nat_gateway_addresses->front().public_ip);
}

}  // namespace
}  // namespace meetinity::ec2

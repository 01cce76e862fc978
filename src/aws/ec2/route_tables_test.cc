#include <algorithm>

#include "aws/ec2/testing_ec2.h"

namespace meetinity::ec2 {
namespace {

class RouteTableTest : public Ec2Test {
 protected:
  RouteTableTest() : vpc_(MakeVpc()), table_(MakeTable(vpc_)) {}

  static CreateRouteInput To(const std::string& table, const std::string& destination) {
    CreateRouteInput in;
    in.route_table_id = table;
    (destination.find(':') != std::string::npos ? in.destination_ipv6_cidr_block : in.destination_cidr_block) =
        destination;
    return in;
  }
  std::string_view AddByGateway(const std::string& destination, const std::string& gateway) {
    CreateRouteInput in = To(table_, destination);
    in.gateway_id = gateway;
    return NameOf(ec2_->CreateRoute(Call(), in));
  }
  std::optional<Route> RouteTo(const std::string& destination) {
    const RouteTable table = TableOf(table_);
    for (const Route& route : *table.routes) {
      if (route.destination_cidr_block == destination || route.destination_ipv6_cidr_block == destination) return route;
    }
    return std::nullopt;
  }
  Result<AssociateRouteTableOutput> Associate(const std::string& table, const std::string& subnet) {
    AssociateRouteTableInput in;
    in.route_table_id = table;
    in.subnet_id = subnet;
    return ec2_->AssociateRouteTable(Call(), in);
  }
  std::string MainAssociation() {
    DescribeRouteTablesInput in;
    in.filters = std::vector{By("vpc-id", {vpc_}), By("association.main", {"true"})};
    const auto found = ec2_->DescribeRouteTables(Call(), in).value();
    return *found.route_tables->front().associations->front().route_table_association_id;
  }

  std::string vpc_, table_;
};

TEST_F(RouteTableTest, RoutesLocallyFromTheStart) {
  const Route local = TableOf(table_).routes->front();
  EXPECT_EQ(local.destination_cidr_block, "10.0.0.0/16");
  EXPECT_EQ(local.gateway_id, "local");
  EXPECT_EQ(local.origin, "CreateRouteTable");
  EXPECT_EQ(local.state, "active");
}

TEST_F(RouteTableTest, RoutesToAGatewayOfItsVpc) {
  const std::string gateway = MakeAttachedGateway(vpc_);
  EXPECT_EQ(AddByGateway("0.0.0.0/0", gateway), "");
  EXPECT_EQ(AddByGateway("::/0", gateway), "");
  EXPECT_EQ(RouteTo("0.0.0.0/0")->gateway_id, gateway);
  EXPECT_EQ(RouteTo("0.0.0.0/0")->origin, "CreateRoute");
  EXPECT_EQ(RouteTo("::/0")->state, "active");
  EXPECT_EQ(AddByGateway("192.0.2.0/24", MakeAttachedGateway(MakeVpc())), kInvalidParameterValue);
  EXPECT_EQ(AddByGateway("192.0.2.0/24", "igw-0123"), kInvalidInternetGatewayNotFound);
  EXPECT_EQ(AddByGateway("192.0.2.0/24", "vgw-0123"), kInvalidGatewayNotFound);
}

TEST_F(RouteTableTest, TakesTheSameRouteAgainAndNoOther) {
  const std::string gateway = MakeAttachedGateway(vpc_);
  EXPECT_EQ(AddByGateway("0.0.0.0/0", gateway), "");
  EXPECT_EQ(AddByGateway("0.0.0.0/0", gateway), "");
  const std::string nat = *MakeNat(MakeSubnet(vpc_, "10.0.0.0/24"), MakeAddress()).nat_gateway_id;
  CreateRouteInput in = To(table_, "0.0.0.0/0");
  in.nat_gateway_id = nat;
  EXPECT_EQ(NameOf(ec2_->CreateRoute(Call(), in)), kRouteAlreadyExists);
  ReplaceRouteInput other;
  other.route_table_id = table_;
  other.destination_cidr_block = "0.0.0.0/0";
  other.nat_gateway_id = nat;
  ASSERT_TRUE(ec2_->ReplaceRoute(Call(), other).ok());
  EXPECT_EQ(RouteTo("0.0.0.0/0")->nat_gateway_id, nat);
  EXPECT_FALSE(RouteTo("0.0.0.0/0")->gateway_id);
  other.destination_cidr_block = "192.0.2.0/24";
  EXPECT_EQ(NameOf(ec2_->ReplaceRoute(Call(), other)), kInvalidRouteNotFound);
}

TEST_F(RouteTableTest, TellsRoutesWhoseTargetIsGone) {
  const std::string subnet = MakeSubnet(vpc_, "10.0.0.0/24");
  MakeAttachedGateway(vpc_);
  const std::string nat = *MakeNat(subnet, MakeAddress()).nat_gateway_id;
  CreateRouteInput in = To(table_, "0.0.0.0/0");
  in.nat_gateway_id = nat;
  ASSERT_TRUE(ec2_->CreateRoute(Call(), in).ok());
  EXPECT_EQ(RouteTo("0.0.0.0/0")->state, "active");
  DeleteNatGatewayInput gone;
  gone.nat_gateway_id = nat;
  ASSERT_TRUE(ec2_->DeleteNatGateway(Call(), gone).ok());
  EXPECT_EQ(RouteTo("0.0.0.0/0")->state, "blackhole");
}

TEST_F(RouteTableTest, LeavesTheLocalRouteAlone) {
  const std::string gateway = MakeAttachedGateway(vpc_);
  EXPECT_EQ(AddByGateway("10.0.0.0/16", gateway), kRouteAlreadyExists);
  EXPECT_EQ(AddByGateway("10.0.3.0/24", gateway), kInvalidParameterValue);
  DeleteRouteInput in;
  in.route_table_id = table_;
  in.destination_cidr_block = "10.0.0.0/16";
  EXPECT_EQ(NameOf(ec2_->DeleteRoute(Call(), in)), kInvalidParameterValue);
  in.destination_cidr_block = "192.0.2.0/24";
  EXPECT_EQ(NameOf(ec2_->DeleteRoute(Call(), in)), kInvalidRouteNotFound);
}

TEST_F(RouteTableTest, TakesExactlyOneDestinationAndOneTarget) {
  const std::string gateway = MakeAttachedGateway(vpc_);
  CreateRouteInput in = To(table_, "0.0.0.0/0");
  EXPECT_EQ(NameOf(ec2_->CreateRoute(Call(), in)), kInvalidParameterCombination);
  in.gateway_id = gateway;
  in.destination_ipv6_cidr_block = "::/0";
  EXPECT_EQ(NameOf(ec2_->CreateRoute(Call(), in)), kInvalidParameterCombination);
  in.destination_ipv6_cidr_block.reset();
  in.transit_gateway_id = "tgw-0123";
  EXPECT_EQ(NameOf(ec2_->CreateRoute(Call(), in)), kUnsupportedOperation);
  EXPECT_EQ(AddByGateway("0.0.0.0", gateway), kInvalidParameterValue);
}

TEST_F(RouteTableTest, IsAssociatedWithASubnetOnce) {
  const std::string subnet = MakeSubnet(vpc_, "10.0.0.0/24");
  const auto made = Associate(table_, subnet);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->association_state->state, "associated");
  EXPECT_EQ(NameOf(Associate(MakeTable(vpc_), subnet)), kResourceAlreadyAssociated);
  EXPECT_EQ(NameOf(Associate(MakeTable(MakeVpc()), subnet)), kInvalidParameterValue);
  DescribeRouteTablesInput in;
  in.filters = std::vector{By("association.route-table-association-id", {*made->association_id})};
  const auto found = ec2_->DescribeRouteTables(Call(), in).value();
  ASSERT_EQ(found.route_tables->size(), 1U);
  EXPECT_EQ(found.route_tables->front().associations->front().subnet_id, subnet);
}

TEST_F(RouteTableTest, MovesAnAssociationToAnotherTable) {
  const auto made = Associate(table_, MakeSubnet(vpc_, "10.0.0.0/24"));
  ReplaceRouteTableAssociationInput in;
  in.association_id = *made->association_id;
  in.route_table_id = MakeTable(vpc_);
  const auto moved = ec2_->ReplaceRouteTableAssociation(Call(), in).value();
  EXPECT_NE(moved.new_association_id, made->association_id);
  EXPECT_TRUE(TableOf(table_).associations->empty());
  EXPECT_EQ(TableOf(in.route_table_id).associations->front().route_table_association_id, moved.new_association_id);
}

TEST_F(RouteTableTest, CanBecomeTheMainOne) {
  DisassociateRouteTableInput without;
  without.association_id = MainAssociation();
  EXPECT_EQ(NameOf(ec2_->DisassociateRouteTable(Call(), without)), kInvalidParameterValue);
  ReplaceRouteTableAssociationInput in;
  in.association_id = MainAssociation();
  in.route_table_id = table_;
  ASSERT_TRUE(ec2_->ReplaceRouteTableAssociation(Call(), in).ok());
  EXPECT_EQ(TableOf(table_).associations->front().main, true);
}

TEST_F(RouteTableTest, IsDeletedOnceNothingFollowsIt) {
  const auto made = Associate(table_, MakeSubnet(vpc_, "10.0.0.0/24"));
  DeleteRouteTableInput in;
  in.route_table_id = table_;
  EXPECT_EQ(NameOf(ec2_->DeleteRouteTable(Call(), in)), kDependencyViolation);
  DisassociateRouteTableInput without;
  without.association_id = *made->association_id;
  ASSERT_TRUE(ec2_->DisassociateRouteTable(Call(), without).ok());
  EXPECT_EQ(NameOf(ec2_->DisassociateRouteTable(Call(), without)), kInvalidAssociationNotFound);
  EXPECT_TRUE(ec2_->DeleteRouteTable(Call(), in).ok());
  EXPECT_EQ(NameOf(ec2_->DeleteRouteTable(Call(), in)), kInvalidRouteTableNotFound);
}

}  // namespace
}  // namespace meetinity::ec2

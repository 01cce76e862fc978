#include <fmt/format.h>

#include <array>

#include "aws/ec2/ec2.h"
#include "aws/ec2/vpcs.h"

namespace meetinity::ec2 {
namespace {

constexpr std::string_view kLocal = "local";

// Whether packets for the route still have somewhere to go.
Result<bool> IsAlive(const store::ReadTx& tx, const std::string& vpc_id, const std::string& target_id) {
  const std::string_view prefix = PrefixOf(target_id);
  if (prefix == kInternetGatewayKind.prefix) {
    const auto gateway = TRY(tx.Find<InternetGatewayRecord>(target_id));
    return gateway && gateway->vpc_id == vpc_id;
  }
  if (prefix == kNatGatewayKind.prefix) {
    const auto nat = TRY(tx.Find<NatGatewayRecord>(target_id));
    return nat && nat->state == NatGatewayState::kAvailable;
  }
  return TRY(tx.Find<InterfaceRecord>(target_id)).has_value();
}

Result<Route> ViewOfRoute(const store::ReadTx& tx, const std::string& vpc_id, const RouteRecord& record) {
  Route route;
  const bool is_v6 = record.destination.find(':') != std::string::npos;
  (is_v6 ? route.destination_ipv6_cidr_block : route.destination_cidr_block) = record.destination;
  const std::string_view prefix = PrefixOf(record.target_id);
  auto& target = prefix == kInternetGatewayKind.prefix ? route.gateway_id
                 : prefix == kNatGatewayKind.prefix    ? route.nat_gateway_id
                                                       : route.network_interface_id;
  target = record.target_id;
  route.origin = RouteOrigin::kCreateRoute;
  route.state = TRY(IsAlive(tx, vpc_id, record.target_id)) ? RouteState::kActive : RouteState::kBlackhole;
  return route;
}

Route LocalRoute(const VpcRecord& vpc) {
  Route route;
  route.destination_cidr_block = vpc.cidr;
  route.gateway_id = kLocal;
  route.origin = RouteOrigin::kCreateRouteTable;
  route.state = RouteState::kActive;
  return route;
}

RouteTableAssociationState Associated() { return {.state = std::string(RouteTableAssociationStateCode::kAssociated)}; }

RouteTableAssociation ViewOfAssociation(const RouteAssociationRecord& record) {
  RouteTableAssociation association;
  association.association_state = Associated();
  association.main = record.is_main;
  association.route_table_association_id = record.id;
  association.route_table_id = record.route_table_id;
  if (!record.subnet_id.empty()) association.subnet_id = record.subnet_id;
  if (!record.gateway_id.empty()) association.gateway_id = record.gateway_id;
  return association;
}

Result<RouteTable> ViewOfTable(const store::ReadTx& tx, const Place& place, const RouteTableRecord& record,
                               std::vector<Tag> tags) {
  RouteTable table;
  table.associations.emplace();
  for (const auto& association :
       TRY(tx.Select<RouteAssociationRecord>("route_table_id = ? ORDER BY id", {record.id}))) {
    table.associations->push_back(ViewOfAssociation(association));
  }
  table.owner_id = place.account;
  table.propagating_vgws.emplace();
  table.route_table_id = record.id;
  table.routes = std::vector{LocalRoute(TRY(Get<VpcRecord>(tx, record.region, record.vpc_id)))};
  for (const auto& route : TRY(tx.Select<RouteRecord>("route_table_id = ? ORDER BY destination", {record.id}))) {
    table.routes->push_back(TRY(ViewOfRoute(tx, record.vpc_id, route)));
  }
  table.tags = std::move(tags);
  table.vpc_id = record.vpc_id;
  return table;
}

template <auto Member>
void OfAssociations(const RouteTable& table, Texts& out) {
  AddEach(out, table.associations, Member);
}
template <auto Member>
void OfRoutes(const RouteTable& table, Texts& out) {
  AddEach(out, table.routes, Member);
}

const std::array<FilterField<RouteTable>, 22> kTableFilters = {
    {{"association.gateway-id", OfAssociations<&RouteTableAssociation::gateway_id>},
     {"association.main", OfAssociations<&RouteTableAssociation::main>},
     {"association.route-table-association-id", OfAssociations<&RouteTableAssociation::route_table_association_id>},
     {"association.route-table-id", OfAssociations<&RouteTableAssociation::route_table_id>},
     {"association.subnet-id", OfAssociations<&RouteTableAssociation::subnet_id>},
     {"owner-id", [](const RouteTable& table, Texts& out) { Add(out, table.owner_id); }},
     {"route-table-id", [](const RouteTable& table, Texts& out) { Add(out, table.route_table_id); }},
     {"route.carrier-gateway-id", OfRoutes<&Route::carrier_gateway_id>},
     {"route.destination-cidr-block", OfRoutes<&Route::destination_cidr_block>},
     {"route.destination-ipv6-cidr-block", OfRoutes<&Route::destination_ipv6_cidr_block>},
     {"route.destination-prefix-list-id", OfRoutes<&Route::destination_prefix_list_id>},
     {"route.egress-only-internet-gateway-id", OfRoutes<&Route::egress_only_internet_gateway_id>},
     {"route.gateway-id", OfRoutes<&Route::gateway_id>},
     {"route.instance-id", OfRoutes<&Route::instance_id>},
     {"route.local-gateway-id", OfRoutes<&Route::local_gateway_id>},
     {"route.nat-gateway-id", OfRoutes<&Route::nat_gateway_id>},
     {"route.network-interface-id", OfRoutes<&Route::network_interface_id>},
     {"route.origin", OfRoutes<&Route::origin>},
     {"route.state", OfRoutes<&Route::state>},
     {"route.transit-gateway-id", OfRoutes<&Route::transit_gateway_id>},
     {"route.vpc-peering-connection-id", OfRoutes<&Route::vpc_peering_connection_id>},
     {"vpc-id", [](const RouteTable& table, Texts& out) { Add(out, table.vpc_id); }}}};

// An association of the table with the subnet or the gateway that the input names.
Result<RouteAssociationRecord> WantedAssociation(const store::ReadTx& tx, const RouteTableRecord& table,
                                                 const AssociateRouteTableInput& in) {
  if (in.subnet_id.has_value() == in.gateway_id.has_value()) {
    return Error{Kind::kInvalid, kInvalidParameterCombination, "Specify exactly one of SubnetId and GatewayId."};
  }
  RouteAssociationRecord wanted;
  wanted.id = NewId(kRouteAssociationKind.prefix);
  wanted.region = table.region;
  wanted.vpc_id = table.vpc_id;
  wanted.route_table_id = table.id;
  wanted.subnet_id = in.subnet_id.value_or("");
  wanted.gateway_id = in.gateway_id.value_or("");
  const std::string vpc_id = in.subnet_id ? TRY(Get<SubnetRecord>(tx, table.region, *in.subnet_id)).vpc_id
                                          : TRY(Get<InternetGatewayRecord>(tx, table.region, *in.gateway_id)).vpc_id;
  if (vpc_id == table.vpc_id) return wanted;
  return Invalid(fmt::format("route table {} and {} belong to different networks", table.id,
                             in.subnet_id ? *in.subnet_id : *in.gateway_id));
}

}  // namespace

Result<RouteTableRecord> MakeRouteTable(store::Tx& tx, const VpcRecord& vpc, const std::string& client_token) {
  TRY(Bound<RouteTableRecord>(tx, "vpc_id = ?", {vpc.id}, kRouteTablesPerVpcMax, kRouteTableLimitExceeded,
                              "route tables of a VPC"));
  RouteTableRecord table{NewId(kRouteTableKind.prefix), vpc.region, vpc.id, client_token};
  TRY(tx.Put(table));
  return table;
}

Status RemoveRouteTable(store::Tx& tx, const std::string& route_table_id) {
  TRY(tx.DeleteWhere<RouteAssociationRecord>("route_table_id = ?", {route_table_id}));
  TRY(tx.DeleteWhere<RouteRecord>("route_table_id = ?", {route_table_id}));
  TRY(RemoveTags(tx, route_table_id));
  TRY(tx.Delete<RouteTableRecord>(route_table_id));
  return {};
}

Result<CreateRouteTableOutput> Ec2::CreateRouteTable(const wire::Call& call, const CreateRouteTableInput& in) {
  const Place place = PlaceOf(call);
  return database_.Write([&](store::Tx& tx) -> Result<CreateRouteTableOutput> {
    const auto vpc = TRY(Get<VpcRecord>(tx, place.region, in.vpc_id));
    const std::string token = in.client_token.value_or("");
    std::vector<RouteTableRecord> made;
    // A request that comes again gets what it got the first time.
    if (!token.empty()) made = TRY(tx.Select<RouteTableRecord>("vpc_id = ? AND client_token = ?", {vpc.id, token}));
    if (made.empty()) {
      made.push_back(TRY(MakeRouteTable(tx, vpc, token)));
      TRY(PutTags(tx, place.region, made.front().id, in.tag_specifications));
    }
    CreateRouteTableOutput out;
    out.client_token = in.client_token;
    out.route_table = TRY(ViewOfTable(tx, place, made.front(), TRY(TagsOf(tx, made.front().id))));
    return out;
  });
}

Result<DescribeRouteTablesOutput> Ec2::DescribeRouteTables(const wire::Call& call,
                                                           const DescribeRouteTablesInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeRouteTablesOutput> {
    auto page = TRY(
        (Describe<RouteTableRecord, RouteTable>(tx, place.region, QuestionOf(in, &in.route_table_ids), kTableFilters,
                                                [&](const RouteTableRecord& record, std::vector<Tag> tags) {
                                                  return ViewOfTable(tx, place, record, std::move(tags));
                                                })));
    return DescribeRouteTablesOutput{.next_token = std::move(page.next_token), .route_tables = std::move(page.items)};
  });
}

Result<DeleteRouteTableOutput> Ec2::DeleteRouteTable(const wire::Call& call, const DeleteRouteTableInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto table = TRY(Get<RouteTableRecord>(tx, PlaceOf(call).region, in.route_table_id));
    if (TRY(tx.Count<RouteAssociationRecord>("route_table_id = ?", {table.id})) > 0) {
      return HasDependencies("routeTable", table.id);
    }
    return RemoveRouteTable(tx, table.id);
  }));
  return DeleteRouteTableOutput{};
}

Result<AssociateRouteTableOutput> Ec2::AssociateRouteTable(const wire::Call& call, const AssociateRouteTableInput& in) {
  TRY(RefuseParameters({{"PublicIpv4Pool", in.public_ipv4_pool.has_value()}}));
  return database_.Write([&](store::Tx& tx) -> Result<AssociateRouteTableOutput> {
    const auto table = TRY(Get<RouteTableRecord>(tx, PlaceOf(call).region, in.route_table_id));
    const auto wanted = TRY(WantedAssociation(tx, table, in));
    for (const auto& other :
         TRY(tx.Select<RouteAssociationRecord>("vpc_id = ? AND is_main = 0 AND subnet_id = ? AND gateway_id = ?",
                                               {table.vpc_id, wanted.subnet_id, wanted.gateway_id}))) {
      return Error{
          Kind::kConflict, kResourceAlreadyAssociated,
          fmt::format("the specified association for route table {} conflicts with an existing association: {}",
                      table.id, other.id)};
    }
    TRY(tx.Put(wanted));
    return AssociateRouteTableOutput{.association_id = wanted.id, .association_state = Associated()};
  });
}

Result<ReplaceRouteTableAssociationOutput> Ec2::ReplaceRouteTableAssociation(
    const wire::Call& call, const ReplaceRouteTableAssociationInput& in) {
  const Place place = PlaceOf(call);
  return database_.Write([&](store::Tx& tx) -> Result<ReplaceRouteTableAssociationOutput> {
    auto association = TRY(Get<RouteAssociationRecord>(tx, place.region, in.association_id));
    const auto table = TRY(Get<RouteTableRecord>(tx, place.region, in.route_table_id));
    if (table.vpc_id != association.vpc_id) {
      return Invalid(
          fmt::format("route table {} and association {} belong to different networks", table.id, association.id));
    }
    TRY(tx.Delete<RouteAssociationRecord>(association.id));
    association.id = NewId(kRouteAssociationKind.prefix);
    association.route_table_id = table.id;
    TRY(tx.Put(association));
    return ReplaceRouteTableAssociationOutput{.association_state = Associated(), .new_association_id = association.id};
  });
}

Result<DisassociateRouteTableOutput> Ec2::DisassociateRouteTable(const wire::Call& call,
                                                                 const DisassociateRouteTableInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto association = TRY(Get<RouteAssociationRecord>(tx, PlaceOf(call).region, in.association_id));
    if (association.is_main) {
      return Invalid(fmt::format("cannot disassociate the main route table association {}", association.id));
    }
    TRY(tx.Delete<RouteAssociationRecord>(association.id));
    return {};
  }));
  return DisassociateRouteTableOutput{};
}

}  // namespace meetinity::ec2

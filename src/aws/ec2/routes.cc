#include <fmt/format.h>

#include "aws/ec2/ec2.h"
#include "aws/ec2/vpcs.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

// The one destination that an input names, in its canonical form.
template <class In>
Result<Cidr> DestinationOf(const In& in) {
  TRY(RefuseParameters({{"DestinationPrefixListId", in.destination_prefix_list_id.has_value()}}));
  if (in.destination_cidr_block.has_value() == in.destination_ipv6_cidr_block.has_value()) {
    return Error{Kind::kInvalid, kInvalidParameterCombination, "Specify exactly one destination of the route."};
  }
  const bool wants_v6 = in.destination_ipv6_cidr_block.has_value();
  const std::string& text = wants_v6 ? *in.destination_ipv6_cidr_block : *in.destination_cidr_block;
  const auto block = Cidr::Parse(text);
  if (block && block->is_v6() == wants_v6) return block->Canonical();
  return Invalid(
      fmt::format("Value ({}) for parameter destination{}CidrBlock is invalid. This is not a valid CIDR "
                  "block.",
                  text.substr(0, 64), wants_v6 ? "Ipv6" : ""));
}

// The one target that an input names; nothing here is called like the others.
template <class In>
Result<std::string> TargetOf(const In& in) {
  TRY(RefuseParameters({{"CarrierGatewayId", in.carrier_gateway_id.has_value()},
                        {"CoreNetworkArn", in.core_network_arn.has_value()},
                        {"EgressOnlyInternetGatewayId", in.egress_only_internet_gateway_id.has_value()},
                        {"InstanceId", in.instance_id.has_value()},
                        {"LocalGatewayId", in.local_gateway_id.has_value()},
                        {"OdbNetworkArn", in.odb_network_arn.has_value()},
                        {"TransitGatewayId", in.transit_gateway_id.has_value()},
                        {"VpcEndpointId", in.vpc_endpoint_id.has_value()},
                        {"VpcPeeringConnectionId", in.vpc_peering_connection_id.has_value()}}));
  const int count = in.gateway_id.has_value() + in.nat_gateway_id.has_value() + in.network_interface_id.has_value();
  if (count != 1) {
    return Error{Kind::kInvalid, kInvalidParameterCombination, "Specify exactly one target of the route."};
  }
  if (in.gateway_id) return *in.gateway_id;
  return in.nat_gateway_id ? *in.nat_gateway_id : *in.network_interface_id;
}

// The VPC of a route's target.
Result<std::string> VpcOfTarget(const store::ReadTx& tx, const std::string& region, const std::string& target) {
  const std::string_view prefix = PrefixOf(target);
  if (prefix == kInternetGatewayKind.prefix) return TRY(Get<InternetGatewayRecord>(tx, region, target)).vpc_id;
  if (prefix == kInterfaceKind.prefix) return TRY(Get<InterfaceRecord>(tx, region, target)).vpc_id;
  if (prefix == kNatGatewayKind.prefix) {
    const auto nat = TRY(Get<NatGatewayRecord>(tx, region, target));
    if (nat.state == NatGatewayState::kAvailable) return nat.vpc_id;
    return NotFound(kNatGatewayKind, target);
  }
  return Error{Kind::kNotFound, kInvalidGatewayNotFound,
               fmt::format("The gateway ID '{}' does not exist", target.substr(0, 64))};
}

Result<RouteRecord> CheckRoute(const store::ReadTx& tx, const RouteTableRecord& table, const Cidr& destination,
                               const std::string& target) {
  const auto vpc = TRY(Get<VpcRecord>(tx, table.region, table.vpc_id));
  const auto own = Cidr::Parse(vpc.cidr);
  if (own == destination) {
    return Error{Kind::kConflict, kRouteAlreadyExists,
                 fmt::format("The route identified by {} already exists.", destination.ToString())};
  }
  if (own->Contains(destination) && PrefixOf(target) == kInternetGatewayKind.prefix) {
    return Invalid(
        fmt::format("The destination CIDR block {} is equal to or more specific than one of this VPC's CIDR "
                    "blocks. This route can target only an interface or an instance.",
                    destination.ToString()));
  }
  if (TRY(VpcOfTarget(tx, table.region, target)) != table.vpc_id) {
    return Invalid(fmt::format("route table {} and network gateway {} belong to different networks", table.id, target));
  }
  return RouteRecord{table.id, destination.ToString(), target};
}

Error NoSuchRoute(const RouteTableRecord& table, const Cidr& destination) {
  return Error{
      Kind::kNotFound, kInvalidRouteNotFound,
      fmt::format("no route with destination-cidr-block {} in route table {}", destination.ToString(), table.id)};
}

}  // namespace

Result<CreateRouteOutput> Ec2::CreateRoute(const wire::Call& call, const CreateRouteInput& in) {
  const Cidr destination = TRY(DestinationOf(in));
  const std::string target = TRY(TargetOf(in));
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto table = TRY(Get<RouteTableRecord>(tx, PlaceOf(call).region, in.route_table_id));
    const auto route = TRY(CheckRoute(tx, table, destination, target));
    const auto present = TRY(tx.Find<RouteRecord>(route.route_table_id, route.destination));
    // The same again is no mistake; another target is.
    if (present && present->target_id == target) return {};
    if (present) {
      return Error{Kind::kConflict, kRouteAlreadyExists,
                   fmt::format("The route identified by {} already exists.", route.destination)};
    }
    TRY(Bound<RouteRecord>(tx, "route_table_id = ?", {table.id}, kRoutesPerTableMax, kRouteLimitExceeded,
                           "routes of a table"));
    return tx.Put(route);
  }));
  return CreateRouteOutput{.return_ = true};
}

Result<ReplaceRouteOutput> Ec2::ReplaceRoute(const wire::Call& call, const ReplaceRouteInput& in) {
  TRY(RefuseParameters({{"LocalTarget", in.local_target.value_or(false)}}));
  const Cidr destination = TRY(DestinationOf(in));
  const std::string target = TRY(TargetOf(in));
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto table = TRY(Get<RouteTableRecord>(tx, PlaceOf(call).region, in.route_table_id));
    const auto route = TRY(CheckRoute(tx, table, destination, target));
    if (!TRY(tx.Find<RouteRecord>(table.id, route.destination))) return NoSuchRoute(table, destination);
    return tx.Put(route);
  }));
  return ReplaceRouteOutput{};
}

Result<DeleteRouteOutput> Ec2::DeleteRoute(const wire::Call& call, const DeleteRouteInput& in) {
  const Cidr destination = TRY(DestinationOf(in));
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto table = TRY(Get<RouteTableRecord>(tx, PlaceOf(call).region, in.route_table_id));
    const auto vpc = TRY(Get<VpcRecord>(tx, table.region, table.vpc_id));
    if (destination.ToString() == vpc.cidr) {
      return Invalid(fmt::format("cannot remove local route {} in route table {}", vpc.cidr, table.id));
    }
    if (!TRY(tx.Delete<RouteRecord>(table.id, destination.ToString()))) return NoSuchRoute(table, destination);
    return {};
  }));
  return DeleteRouteOutput{};
}

}  // namespace meetinity::ec2

#include "stack/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/ec2_model.h"
#include "base/cidr.h"
#include "base/text.h"

namespace meetinity::stack {
namespace {

// As the Terraform module divides the block: sixteen subnets' worth, the first ones public, those from the ninth on
// private.
constexpr uint32_t kBlocks = 16;
constexpr int kBlockBits = 4;
constexpr uint32_t kFirstPrivate = 8;
constexpr std::string_view kEverywhere = "0.0.0.0/0";

std::string At(std::string_view address, size_t index) { return fmt::format("{}[{}]", address, index); }

}  // namespace

NetworkPlan::NetworkPlan(ec2::Ec2& ec2, Resources& resources, const wire::Call& call, const Variables& variables,
                         const StackOptions& options, std::function<void(Step)> report)
    : ec2_(ec2),
      resources_(resources),
      call_(call),
      variables_(variables),
      network_(variables.network),
      options_(options),
      report_(std::move(report)),
      name_(network_.name.empty() ? fmt::format("meetinity-{}", variables.environment) : network_.name) {}

Status NetworkPlan::Apply() {
  const auto zones = TRY(ec2_.DescribeAvailabilityZones(call_, {}));
  for (const ec2::AvailabilityZone& zone : *zones.availability_zones) {
    if (zones_.size() < static_cast<size_t>(*network_.azs)) zones_.push_back(*zone.zone_name);
  }
  TRY(ApplyVpc());
  TRY(ApplyPublicSide());
  TRY(ApplyNatGateways());
  TRY(ApplyPrivateSide());
  return RemoveOthers();
}

Status NetworkPlan::Destroy() { return RemoveOthers(); }

size_t NetworkPlan::nat_gateways() const {
  if (network_.nat_gateway == "none") return 0;
  return network_.nat_gateway == "single" ? 1 : zones();
}

std::string NetworkPlan::BlockOf(uint32_t index) const {
  const auto whole = Cidr::Parse(network_.cidr);
  const auto step = static_cast<uint32_t>(whole->size_v4() / kBlocks);
  return fmt::format("{}/{}", Ipv4Text(whole->first_v4() + index * step), whole->prefix() + kBlockBits);
}

Status NetworkPlan::ApplyVpc() {
  vpc_id_ = TRY(Ensure("aws_vpc.this", name_, [&]() -> Result<std::string> {
    ec2::CreateVpcInput in;
    in.cidr_block = network_.cidr;
    return *TRY(ec2_.CreateVpc(call_, in)).vpc->vpc_id;
  }));
  ec2::DescribeVpcsInput by_id;
  by_id.vpc_ids = std::vector{vpc_id_};
  const auto found = TRY(ec2_.DescribeVpcs(call_, by_id));
  if (found.vpcs->front().cidr_block != network_.cidr) {
    return Error{Kind::kConflict, kStackRefused,
                 fmt::format("the network is {} already, and cannot become {} while it stands; run up with "
                             "network.enabled = false first",
                             *found.vpcs->front().cidr_block, network_.cidr)};
  }
  ec2::ModifyVpcAttributeInput names;
  names.vpc_id = vpc_id_;
  names.enable_dns_hostnames = ec2::AttributeBooleanValue{true};
  TRY(ec2_.ModifyVpcAttribute(call_, names));

  // Nobody uses the default group; without rules it lets nothing in and nothing out.
  ec2::DescribeSecurityGroupsInput in;
  in.filters = std::vector{ec2::Filter{"vpc-id", std::vector{vpc_id_}},
                           ec2::Filter{"group-name", std::vector<std::string>{"default"}}};
  const auto groups = TRY(ec2_.DescribeSecurityGroups(call_, in));
  const ec2::SecurityGroup& group = groups.security_groups->front();
  if (!group.ip_permissions->empty()) {
    ec2::RevokeSecurityGroupIngressInput ingress;
    ingress.group_id = group.group_id;
    ingress.ip_permissions = group.ip_permissions;
    TRY(ec2_.RevokeSecurityGroupIngress(call_, ingress));
  }
  if (!group.ip_permissions_egress->empty()) {
    ec2::RevokeSecurityGroupEgressInput egress;
    egress.group_id = *group.group_id;
    egress.ip_permissions = group.ip_permissions_egress;
    TRY(ec2_.RevokeSecurityGroupEgress(call_, egress));
  }
  return {};
}

Status NetworkPlan::ApplyPublicSide() {
  gateway_id_ = TRY(Ensure("aws_internet_gateway.this", name_, [&]() -> Result<std::string> {
    const std::string id = *TRY(ec2_.CreateInternetGateway(call_, {})).internet_gateway->internet_gateway_id;
    ec2::AttachInternetGatewayInput in;
    in.internet_gateway_id = id;
    in.vpc_id = vpc_id_;
    TRY(ec2_.AttachInternetGateway(call_, in));
    return id;
  }));
  const std::string table = TRY(EnsureTable("aws_route_table.public", name_ + "-public"));
  TRY(EnsureRoute("aws_route.public", table, gateway_id_));
  for (size_t i = 0; i < zones(); ++i) {
    public_subnets_.push_back(TRY(EnsureSubnet("public", i, static_cast<uint32_t>(i), true)));
    TRY(EnsureAssociation(At("aws_route_table_association.public", i), table, public_subnets_.back()));
  }
  return {};
}

Status NetworkPlan::ApplyNatGateways() {
  for (size_t i = 0; i < nat_gateways(); ++i) {
    const std::string address =
        TRY(Ensure(At("aws_eip.nat", i), fmt::format("{}-nat-{}", name_, zones_[i]),
                   [&]() -> Result<std::string> { return *TRY(ec2_.AllocateAddress(call_, {})).allocation_id; }));
    nat_gateways_.push_back(
        TRY(Ensure(At("aws_nat_gateway.this", i), fmt::format("{}-{}", name_, zones_[i]), [&]() -> Result<std::string> {
          ec2::CreateNatGatewayInput in;
          in.allocation_id = address;
          in.subnet_id = public_subnets_[i];
          return *TRY(ec2_.CreateNatGateway(call_, in)).nat_gateway->nat_gateway_id;
        })));
  }
  return {};
}

Status NetworkPlan::ApplyPrivateSide() {
  for (size_t i = 0; i < zones(); ++i) {
    const std::string subnet = TRY(EnsureSubnet("private", i, kFirstPrivate + static_cast<uint32_t>(i), false));
    const std::string table =
        TRY(EnsureTable(At("aws_route_table.private", i), fmt::format("{}-private-{}", name_, zones_[i])));
    if (!nat_gateways_.empty()) {
      TRY(EnsureRoute(At("aws_route.private", i), table, nat_gateways_[std::min(i, nat_gateways_.size() - 1)]));
    }
    TRY(EnsureAssociation(At("aws_route_table_association.private", i), table, subnet));
  }
  return {};
}

Result<std::string> NetworkPlan::EnsureSubnet(std::string_view side, size_t index, uint32_t block, bool is_public) {
  const std::string name = fmt::format("{}-{}-{}", name_, side, zones_[index]);
  return Ensure(At(fmt::format("aws_subnet.{}", side), index), name, [&]() -> Result<std::string> {
    ec2::CreateSubnetInput in;
    in.vpc_id = vpc_id_;
    in.availability_zone = zones_[index];
    in.cidr_block = BlockOf(block);
    // Where the load balancer controller of Kubernetes places what it makes.
    const std::string role = is_public ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb";
    in.tag_specifications = std::vector{ec2::TagSpecification{"subnet", std::vector{ec2::Tag{role, "1"}}}};
    const std::string id = *TRY(ec2_.CreateSubnet(call_, in)).subnet->subnet_id;
    ec2::ModifySubnetAttributeInput launch;
    launch.subnet_id = id;
    launch.map_public_ip_on_launch = ec2::AttributeBooleanValue{is_public};
    TRY(ec2_.ModifySubnetAttribute(call_, launch));
    return id;
  });
}

Result<std::string> NetworkPlan::EnsureTable(const std::string& address, const std::string& name) {
  return Ensure(address, name, [&]() -> Result<std::string> {
    ec2::CreateRouteTableInput in;
    in.vpc_id = vpc_id_;
    return *TRY(ec2_.CreateRouteTable(call_, in)).route_table->route_table_id;
  });
}

Status NetworkPlan::EnsureRoute(const std::string& address, const std::string& table, const std::string& target) {
  ec2::DescribeRouteTablesInput by_id;
  by_id.route_table_ids = std::vector{table};
  const auto tables = TRY(ec2_.DescribeRouteTables(call_, by_id));
  const std::vector<ec2::Route>& routes = *tables.route_tables->front().routes;
  const auto present = std::ranges::find(routes, std::string(kEverywhere), &ec2::Route::destination_cidr_block);
  Action action = Action::kUnchanged;
  if (present == routes.end()) {
    ec2::CreateRouteInput in;
    in.route_table_id = table;
    in.destination_cidr_block = kEverywhere;
    (target == gateway_id_ ? in.gateway_id : in.nat_gateway_id) = target;
    TRY(ec2_.CreateRoute(call_, in));
    action = Action::kCreated;
  } else if (present->gateway_id != target && present->nat_gateway_id != target) {
    ec2::ReplaceRouteInput in;
    in.route_table_id = table;
    in.destination_cidr_block = kEverywhere;
    (target == gateway_id_ ? in.gateway_id : in.nat_gateway_id) = target;
    TRY(ec2_.ReplaceRoute(call_, in));
    action = Action::kUpdated;
  }
  return Keep(address, fmt::format("{} {}", table, kEverywhere), action, target);
}

Status NetworkPlan::EnsureAssociation(const std::string& address, const std::string& table, const std::string& subnet) {
  ec2::DescribeRouteTablesInput in;
  in.filters = std::vector{ec2::Filter{"association.subnet-id", std::vector{subnet}}};
  const auto tables = TRY(ec2_.DescribeRouteTables(call_, in));
  for (const ec2::RouteTable& other : *tables.route_tables) {
    for (const ec2::RouteTableAssociation& association : *other.associations) {
      if (association.subnet_id != subnet) continue;
      const std::string id = *association.route_table_association_id;
      if (other.route_table_id == table) return Keep(address, id, Action::kUnchanged, id);
      ec2::ReplaceRouteTableAssociationInput moved;
      moved.association_id = id;
      moved.route_table_id = table;
      const auto out = TRY(ec2_.ReplaceRouteTableAssociation(call_, moved));
      return Keep(address, *out.new_association_id, Action::kUpdated, "moved from " + *other.route_table_id);
    }
  }
  ec2::AssociateRouteTableInput made;
  made.route_table_id = table;
  made.subnet_id = subnet;
  const std::string id = *TRY(ec2_.AssociateRouteTable(call_, made)).association_id;
  return Keep(address, id, Action::kCreated, id);
}

}  // namespace meetinity::stack

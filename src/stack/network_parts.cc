#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "aws/ec2_model.h"
#include "base/text.h"
#include "stack/network.h"

// How a part of the network is found, tagged and removed, whatever it is: its id says which kind.
namespace meetinity::stack {
namespace {

constexpr std::string_view kModule = "module.network.";
constexpr std::string_view kSubnetTag = "kubernetes.io/role/";

// In the order in which they can be removed. Routes are remembered as "rtb-… 0.0.0.0/0".
constexpr std::array<std::string_view, 8> kRemovalOrder = {
    "aws_route.",  "aws_route_table_association.", "aws_nat_gateway.", "aws_eip.", "aws_route_table.",
    "aws_subnet.", "aws_internet_gateway.",        "aws_vpc."};

using NamedIds = std::optional<std::vector<std::string>>;

// Whether a Describe knows the id; any refusal but its NotFound is one.
template <class In, class Out>
Result<bool> Shows(const ec2::Ec2& ec2, const wire::Call& call,
                   Result<Out> (ec2::Ec2::*describe)(const wire::Call&, const In&) const, NamedIds In::*ids,
                   const std::string& id) {
  In in;
  in.*ids = std::vector{id};
  const auto found = (ec2.*describe)(call, in);
  if (found.ok()) return true;
  if (found.error().kind == Kind::kNotFound) return false;
  return found.error();
}

// One Delete by an id; what is gone already is as it should be.
template <class In, class Out, class Id>
Status Delete(ec2::Ec2& ec2, const wire::Call& call, Result<Out> (ec2::Ec2::*remove)(const wire::Call&, const In&),
              Id In::*id, const std::string& value) {
  In in;
  in.*id = value;
  const auto removed = (ec2.*remove)(call, in);
  if (removed.ok() || removed.error().kind == Kind::kNotFound) return {};
  return removed.error();
}

}  // namespace

Result<bool> NetworkPlan::Exists(const std::string& id) const {
  using ec2::Ec2;
  if (id.starts_with("vpc-")) return Shows(ec2_, call_, &Ec2::DescribeVpcs, &ec2::DescribeVpcsInput::vpc_ids, id);
  if (id.starts_with("subnet-")) {
    return Shows(ec2_, call_, &Ec2::DescribeSubnets, &ec2::DescribeSubnetsInput::subnet_ids, id);
  }
  if (id.starts_with("igw-")) {
    return Shows(ec2_, call_, &Ec2::DescribeInternetGateways, &ec2::DescribeInternetGatewaysInput::internet_gateway_ids,
                 id);
  }
  if (id.starts_with("rtb-")) {
    return Shows(ec2_, call_, &Ec2::DescribeRouteTables, &ec2::DescribeRouteTablesInput::route_table_ids, id);
  }
  if (id.starts_with("eipalloc-")) {
    return Shows(ec2_, call_, &Ec2::DescribeAddresses, &ec2::DescribeAddressesInput::allocation_ids, id);
  }
  // A NAT gateway is still shown for a while when it is gone.
  ec2::DescribeNatGatewaysInput in;
  in.filter = std::vector{ec2::Filter{"nat-gateway-id", std::vector{id}},
                          ec2::Filter{"state", std::vector<std::string>{"available"}}};
  return !TRY(ec2_.DescribeNatGateways(call_, in)).nat_gateways->empty();
}

Result<std::string> NetworkPlan::Ensure(const std::string& address, const std::string& name,
                                        FunctionRef<Result<std::string>()> make) {
  const auto earlier = TRY(resources_.Find(std::string(kModule) + address));
  if (earlier && TRY(Exists(*earlier))) {
    const bool retagged = TRY(ConvergeTags(*earlier, name));
    TRY(Keep(address, *earlier, retagged ? Action::kUpdated : Action::kUnchanged, retagged ? "tags" : *earlier));
    return *earlier;
  }
  const std::string id = TRY(make());
  TRY(Keep(address, id, Action::kCreated, id));
  TRY(ConvergeTags(id, name));
  return id;
}

Result<bool> NetworkPlan::ConvergeTags(const std::string& id, const std::string& name) {
  std::map<std::string, std::string> wanted = variables_.tags;
  wanted["Environment"] = variables_.environment;
  wanted["Project"] = "meetinity";
  wanted["Name"] = name;
  ec2::DescribeTagsInput in;
  in.filters = std::vector{ec2::Filter{"resource-id", std::vector{id}}};
  ec2::DeleteTagsInput old;
  old.resources = {id};
  old.tags.emplace();
  const auto present = TRY(ec2_.DescribeTags(call_, in));
  for (const ec2::TagDescription& tag : *present.tags) {
    const auto kept = wanted.find(*tag.key);
    if (kept == wanted.end()) {
      if (!tag.key->starts_with(kSubnetTag)) old.tags->push_back({*tag.key, {}});
    } else if (kept->second == *tag.value) {
      wanted.erase(kept);
    }
  }
  if (!old.tags->empty()) TRY(ec2_.DeleteTags(call_, old));
  ec2::CreateTagsInput more;
  more.resources = {id};
  for (const auto& [key, value] : wanted) more.tags.push_back({key, value});
  if (!more.tags.empty()) TRY(ec2_.CreateTags(call_, more));
  return !old.tags->empty() || !more.tags.empty();
}

Status NetworkPlan::Remove(const std::string& id) {
  using ec2::Ec2;
  if (const size_t space = id.find(' '); space != std::string::npos) {
    ec2::DeleteRouteInput in;
    in.route_table_id = id.substr(0, space);
    in.destination_cidr_block = id.substr(space + 1);
    const auto removed = ec2_.DeleteRoute(call_, in);
    if (removed.ok() || removed.error().kind == Kind::kNotFound) return {};
    return removed.error();
  }
  if (id.starts_with("rtbassoc-")) {
    return Delete(ec2_, call_, &Ec2::DisassociateRouteTable, &ec2::DisassociateRouteTableInput::association_id, id);
  }
  if (id.starts_with("nat-")) {
    return Delete(ec2_, call_, &Ec2::DeleteNatGateway, &ec2::DeleteNatGatewayInput::nat_gateway_id, id);
  }
  if (id.starts_with("eipalloc-")) {
    return Delete(ec2_, call_, &Ec2::ReleaseAddress, &ec2::ReleaseAddressInput::allocation_id, id);
  }
  if (id.starts_with("rtb-")) {
    return Delete(ec2_, call_, &Ec2::DeleteRouteTable, &ec2::DeleteRouteTableInput::route_table_id, id);
  }
  if (id.starts_with("subnet-")) {
    return Delete(ec2_, call_, &Ec2::DeleteSubnet, &ec2::DeleteSubnetInput::subnet_id, id);
  }
  if (id.starts_with("vpc-")) return Delete(ec2_, call_, &Ec2::DeleteVpc, &ec2::DeleteVpcInput::vpc_id, id);
  ec2::DetachInternetGatewayInput detach;
  detach.internet_gateway_id = id;
  detach.vpc_id = TRY(resources_.Find(std::string(kModule) + "aws_vpc.this")).value_or("");
  const auto detached = ec2_.DetachInternetGateway(call_, detach);
  if (!detached.ok() && detached.error().name == "DependencyViolation") return detached.error();
  return Delete(ec2_, call_, &Ec2::DeleteInternetGateway, &ec2::DeleteInternetGatewayInput::internet_gateway_id, id);
}

Status NetworkPlan::RemoveOthers() {
  const auto remembered = TRY(resources_.Under(kModule));
  for (const std::string_view kind : kRemovalOrder) {
    for (const ResourceRecord& record : remembered) {
      const std::string address = record.address.substr(kModule.size());
      if (!address.starts_with(kind) || ensured_.contains(address)) continue;
      TRY(Remove(record.id));
      TRY(resources_.Forget(record.address));
      report_(Step{record.address, Action::kDeleted, record.id});
    }
  }
  return {};
}

Status NetworkPlan::Keep(const std::string& address, const std::string& id, Action action, const std::string& detail) {
  ensured_.insert(address);
  TRY(resources_.Remember(std::string(kModule) + address, id));
  report_(Step{std::string(kModule) + address, action, detail});
  return {};
}

Status AddNetworkOutputs(const Resources& resources, std::vector<Output>& outputs) {
  const auto vpc = TRY(resources.Find("module.network.aws_vpc.this"));
  if (!vpc) return {};
  for (const std::string_view side : {"public", "private"}) {
    std::vector<std::string> ids;
    for (const ResourceRecord& subnet : TRY(resources.Under(fmt::format("{}aws_subnet.{}[", kModule, side)))) {
      ids.push_back(subnet.id);
    }
    outputs.push_back({fmt::format("{}_subnet_ids", side), Join(ids, ",")});
  }
  outputs.push_back({"vpc_id", *vpc});
  return {};
}

}  // namespace meetinity::stack

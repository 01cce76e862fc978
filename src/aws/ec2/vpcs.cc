#include "aws/ec2/vpcs.h"

#include <fmt/format.h>

#include <array>

#include "aws/ec2/ec2.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

// VPC User Guide, page "VPC CIDR blocks".
constexpr int kPrefixMin = 16;
constexpr int kPrefixMax = 28;
constexpr std::string_view kAssociated = "associated";

Result<Vpc> ViewOfVpc(const store::ReadTx& tx, const Place& place, const VpcRecord& record, std::vector<Tag> tags) {
  const auto region = TRY(tx.Find<RegionRecord>(record.region));
  Vpc vpc;
  vpc.cidr_block = record.cidr;
  VpcCidrBlockAssociation block;
  block.association_id = record.cidr_association_id;
  block.cidr_block = record.cidr;
  block.cidr_block_state = VpcCidrBlockState{.state = std::string(kAssociated)};
  vpc.cidr_block_association_set = std::vector{std::move(block)};
  vpc.dhcp_options_id = region ? region->dhcp_options_id : "default";
  vpc.instance_tenancy = record.tenancy;
  vpc.is_default = record.is_default;
  vpc.owner_id = place.account;
  vpc.state = VpcState::kAvailable;
  vpc.block_public_access_states = BlockPublicAccessStates{.internet_gateway_block_mode = "off"};
  vpc.tags = std::move(tags);
  vpc.vpc_id = record.id;
  return vpc;
}

const std::array<FilterField<Vpc>, 14> kVpcFilters = {
    {{"cidr", [](const Vpc& vpc, Texts& out) { Add(out, vpc.cidr_block); }},
     {"cidr-block", [](const Vpc& vpc, Texts& out) { Add(out, vpc.cidr_block); }},
     {"cidr-block-association.cidr-block",
      [](const Vpc& vpc, Texts& out) {
        AddEach(out, vpc.cidr_block_association_set, &VpcCidrBlockAssociation::cidr_block);
      }},
     {"cidr-block-association.association-id",
      [](const Vpc& vpc, Texts& out) {
        AddEach(out, vpc.cidr_block_association_set, &VpcCidrBlockAssociation::association_id);
      }},
     {"cidr-block-association.state", [](const Vpc&, Texts& out) { out.emplace_back(kAssociated); }},
     {"dhcp-options-id", [](const Vpc& vpc, Texts& out) { Add(out, vpc.dhcp_options_id); }},
     {"ipv6-cidr-block-association.association-id", [](const Vpc&, Texts&) {}},
     {"ipv6-cidr-block-association.ipv6-cidr-block", [](const Vpc&, Texts&) {}},
     {"ipv6-cidr-block-association.state", [](const Vpc&, Texts&) {}},
     {"is-default", [](const Vpc& vpc, Texts& out) { Add(out, vpc.is_default); }},
     {"isDefault", [](const Vpc& vpc, Texts& out) { Add(out, vpc.is_default); }},
     {"owner-id", [](const Vpc& vpc, Texts& out) { Add(out, vpc.owner_id); }},
     {"state", [](const Vpc& vpc, Texts& out) { Add(out, vpc.state); }},
     {"vpc-id", [](const Vpc& vpc, Texts& out) { Add(out, vpc.vpc_id); }}}};

const std::array<FilterField<DhcpOptions>, 4> kDhcpFilters = {
    {{"dhcp-options-id", [](const DhcpOptions& options, Texts& out) { Add(out, options.dhcp_options_id); }},
     {"key", [](const DhcpOptions& options,
                Texts& out) { AddEach(out, options.dhcp_configurations, &DhcpConfiguration::key); }},
     {"owner-id", [](const DhcpOptions& options, Texts& out) { Add(out, options.owner_id); }},
     {"value", [](const DhcpOptions& options, Texts& out) {
        for (const DhcpConfiguration& entry : *options.dhcp_configurations) {
          AddEach(out, entry.values, &AttributeValue::value);
        }
      }}}};

// What the region's one set says: Amazon's resolver, and the region's own names (VPC User Guide, "DHCP option sets").
DhcpOptions ViewOfDhcp(const Place& place, const std::string& id, std::vector<Tag> tags) {
  const std::string domain =
      place.region == "us-east-1" ? "ec2.internal" : fmt::format("{}.compute.internal", place.region);
  const auto configuration = [](std::string key, std::string value) {
    DhcpConfiguration made;
    made.key = std::move(key);
    made.values = std::vector{AttributeValue{std::move(value)}};
    return made;
  };
  DhcpOptions options;
  options.dhcp_configurations =
      std::vector{configuration("domain-name", domain), configuration("domain-name-servers", "AmazonProvidedDNS")};
  options.dhcp_options_id = id;
  options.owner_id = place.account;
  options.tags = std::move(tags);
  return options;
}

Status CheckDependents(const store::ReadTx& tx, const std::string& vpc_id) {
  const auto subnets = TRY(tx.Count<SubnetRecord>("vpc_id = ?", {vpc_id}));
  const auto gateways = TRY(tx.Count<InternetGatewayRecord>("vpc_id = ?", {vpc_id}));
  const auto interfaces = TRY(tx.Count<InterfaceRecord>("vpc_id = ?", {vpc_id}));
  const auto groups =
      TRY(tx.Count<SecurityGroupRecord>("vpc_id = ? AND name <> ?", {vpc_id, std::string(kDefaultGroupName)}));
  const auto tables = TRY(tx.Count<RouteTableRecord>("vpc_id = ?", {vpc_id}));
  if (subnets + gateways + interfaces + groups == 0 && tables <= 1) return {};
  return HasDependencies("vpc", vpc_id);
}

}  // namespace

Result<std::string> CheckBlock(const std::string& cidr, std::string_view refusal) {
  const auto block = Cidr::Parse(cidr);
  if (!block || block->is_v6()) {
    return Invalid(fmt::format("Value ({}) for parameter cidrBlock is invalid. This is not a valid CIDR block.", cidr));
  }
  if (block->prefix() < kPrefixMin || block->prefix() > kPrefixMax) {
    return Error{Kind::kInvalid, refusal, fmt::format("The CIDR '{}' is invalid.", cidr)};
  }
  // As AWS does since 2018, the block is what its prefix says.
  return block->Canonical().ToString();
}

Result<VpcRecord> MakeVpc(store::Tx& tx, const NewVpc& wanted) {
  TRY(Bound<VpcRecord>(tx, "region = ?", {wanted.region}, kVpcsMax, kVpcLimitExceeded, "VPCs"));
  VpcRecord vpc;
  vpc.id = NewId(kVpcKind.prefix);
  vpc.region = wanted.region;
  vpc.cidr = wanted.cidr;
  vpc.cidr_association_id = NewId("vpc-cidr-assoc");
  vpc.tenancy = wanted.tenancy;
  vpc.is_default = wanted.is_default;
  vpc.dns_hostnames = wanted.is_default;
  vpc.network_acl_id = NewId(kNetworkAclKind.prefix);
  TRY(tx.Put(vpc));
  const auto table = TRY(MakeRouteTable(tx, vpc, ""));
  RouteAssociationRecord main;
  main.id = NewId(kRouteAssociationKind.prefix);
  main.region = vpc.region;
  main.vpc_id = vpc.id;
  main.route_table_id = table.id;
  main.is_main = true;
  TRY(tx.Put(main));
  const auto group = TRY(MakeSecurityGroup(tx, vpc, std::string(kDefaultGroupName), "default VPC security group"));
  // Its members let each other in.
  RuleRecord members;
  members.id = NewId(kRuleKind.prefix);
  members.region = vpc.region;
  members.group_id = group.id;
  members.protocol = "-1";
  members.peer = group.id;
  TRY(tx.Put(members));
  return vpc;
}

Result<CreateVpcOutput> Ec2::CreateVpc(const wire::Call& call, const CreateVpcInput& in) {
  TRY(RefuseParameters({{"AmazonProvidedIpv6CidrBlock", in.amazon_provided_ipv6_cidr_block.value_or(false)},
                        {"Ipv4IpamPoolId", in.ipv4_ipam_pool_id.has_value()},
                        {"Ipv4NetmaskLength", in.ipv4_netmask_length.has_value()},
                        {"Ipv6CidrBlock", in.ipv6_cidr_block.has_value()},
                        {"Ipv6IpamPoolId", in.ipv6_ipam_pool_id.has_value()},
                        {"Ipv6Pool", in.ipv6_pool.has_value()},
                        {"VpcEncryptionControl", in.vpc_encryption_control.has_value()}}));
  if (!in.cidr_block) return Missing("cidrBlock");
  const Place place = PlaceOf(call);
  NewVpc wanted;
  wanted.region = place.region;
  wanted.cidr = TRY(CheckBlock(*in.cidr_block, kInvalidVpcRange));
  wanted.tenancy = in.instance_tenancy.value_or(std::string(Tenancy::kDefault));
  if (wanted.tenancy == Tenancy::kHost) return Invalid("The tenancy value host is not supported for a VPC.");
  return database_.Write([&](store::Tx& tx) -> Result<CreateVpcOutput> {
    const VpcRecord vpc = TRY(MakeVpc(tx, wanted));
    TRY(PutTags(tx, place.region, vpc.id, in.tag_specifications));
    CreateVpcOutput out;
    out.vpc = TRY(ViewOfVpc(tx, place, vpc, TRY(TagsOf(tx, vpc.id))));
    return out;
  });
}

Result<DescribeVpcsOutput> Ec2::DescribeVpcs(const wire::Call& call, const DescribeVpcsInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeVpcsOutput> {
    auto page = TRY((Describe<VpcRecord, Vpc>(
        tx, place.region, QuestionOf(in, &in.vpc_ids), kVpcFilters,
        [&](const VpcRecord& vpc, std::vector<Tag> tags) { return ViewOfVpc(tx, place, vpc, std::move(tags)); })));
    return DescribeVpcsOutput{.next_token = std::move(page.next_token), .vpcs = std::move(page.items)};
  });
}

Result<ModifyVpcAttributeOutput> Ec2::ModifyVpcAttribute(const wire::Call& call, const ModifyVpcAttributeInput& in) {
  const int asked = in.enable_dns_hostnames.has_value() + in.enable_dns_support.has_value() +
                    in.enable_network_address_usage_metrics.has_value();
  if (asked > 1) {
    return Error{Kind::kInvalid, kInvalidParameterCombination, "Fields for multiple attribute types specified"};
  }
  if (asked == 0) return Missing("attribute");
  const auto set = [](const std::optional<AttributeBooleanValue>& value, bool& into) {
    if (value) into = value->value.value_or(false);
  };
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    auto vpc = TRY(Get<VpcRecord>(tx, PlaceOf(call).region, in.vpc_id));
    set(in.enable_dns_hostnames, vpc.dns_hostnames);
    set(in.enable_dns_support, vpc.dns_support);
    set(in.enable_network_address_usage_metrics, vpc.usage_metrics);
    return tx.Put(vpc);
  }));
  return ModifyVpcAttributeOutput{};
}

Result<DescribeVpcAttributeOutput> Ec2::DescribeVpcAttribute(const wire::Call& call,
                                                             const DescribeVpcAttributeInput& in) const {
  const VpcRecord vpc =
      TRY(database_.Read([&](const store::ReadTx& tx) { return Get<VpcRecord>(tx, PlaceOf(call).region, in.vpc_id); }));
  DescribeVpcAttributeOutput out;
  out.vpc_id = vpc.id;
  if (in.attribute == VpcAttributeName::kEnableDnsHostnames) {
    out.enable_dns_hostnames = AttributeBooleanValue{vpc.dns_hostnames};
  } else if (in.attribute == VpcAttributeName::kEnableDnsSupport) {
    out.enable_dns_support = AttributeBooleanValue{vpc.dns_support};
  } else {
    out.enable_network_address_usage_metrics = AttributeBooleanValue{vpc.usage_metrics};
  }
  return out;
}

Result<DeleteVpcOutput> Ec2::DeleteVpc(const wire::Call& call, const DeleteVpcInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto vpc = TRY(Get<VpcRecord>(tx, PlaceOf(call).region, in.vpc_id));
    TRY(CheckDependents(tx, vpc.id));
    for (const auto& table : TRY(tx.Select<RouteTableRecord>("vpc_id = ?", {vpc.id}))) {
      TRY(RemoveRouteTable(tx, table.id));
    }
    for (const auto& group : TRY(tx.Select<SecurityGroupRecord>("vpc_id = ?", {vpc.id}))) {
      TRY(RemoveSecurityGroup(tx, group.id));
    }
    TRY(RemoveTags(tx, vpc.network_acl_id));
    TRY(RemoveTags(tx, vpc.id));
    TRY(tx.Delete<VpcRecord>(vpc.id));
    return {};
  }));
  return DeleteVpcOutput{};
}

Result<DescribeDhcpOptionsOutput> Ec2::DescribeDhcpOptions(const wire::Call& call,
                                                           const DescribeDhcpOptionsInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeDhcpOptionsOutput> {
    const Question question = QuestionOf(in, &in.dhcp_options_ids);
    const auto region = TRY(tx.Find<RegionRecord>(place.region));
    const std::string id = region ? region->dhcp_options_id : "";
    if (question.ids != nullptr) {
      for (const std::string& asked : *question.ids) {
        if (asked != id) return NotFound(kDhcpOptionsKind, asked);
      }
    }
    PageMaker<DhcpOptions, decltype(kDhcpFilters)> maker(question, kDhcpFilters);
    TRY(maker.Begin());
    if (!id.empty()) maker.Offer(id, ViewOfDhcp(place, id, TRY(TagsOf(tx, id))));
    auto page = maker.Take();
    return DescribeDhcpOptionsOutput{.dhcp_options = std::move(page.items), .next_token = std::move(page.next_token)};
  });
}

}  // namespace meetinity::ec2

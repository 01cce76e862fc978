#include <fmt/format.h>

#include <array>

#include "aws/ec2/ec2.h"
#include "aws/ec2/rules.h"
#include "aws/ec2/vpcs.h"

namespace meetinity::ec2 {
namespace {

constexpr size_t kGroupNameMax = 255;

Result<SecurityGroup> ViewOfGroup(const store::ReadTx& tx, const Place& place, const SecurityGroupRecord& record,
                                  std::vector<Tag> tags) {
  SecurityGroup group;
  group.description = record.description;
  group.group_id = record.id;
  group.group_name = record.name;
  group.ip_permissions =
      ToPermissions(place, TRY(tx.Select<RuleRecord>("group_id = ? AND is_egress = 0 ORDER BY id", {record.id})));
  group.ip_permissions_egress =
      ToPermissions(place, TRY(tx.Select<RuleRecord>("group_id = ? AND is_egress = 1 ORDER BY id", {record.id})));
  group.owner_id = place.account;
  group.security_group_arn = ArnOf(place, kSecurityGroupKind, record.id);
  group.tags = std::move(tags);
  group.vpc_id = record.vpc_id;
  return group;
}

// A member of each permission of one direction, of each of its peers, of each rule's account.
template <auto Permissions, auto Member>
void OfPermissions(const SecurityGroup& group, Texts& out) {
  AddEach(out, group.*Permissions, Member);
}
template <auto Permissions, auto Peers, auto Member>
void OfPeers(const SecurityGroup& group, Texts& out) {
  const auto& permissions = group.*Permissions;
  if (!permissions) return;
  for (const IpPermission& permission : *permissions) AddEach(out, permission.*Peers, Member);
}

template <auto Permissions>
constexpr std::array<FilterField<SecurityGroup>, 9> FiltersOf(const std::array<std::string_view, 9>& names) {
  using Values = void (*)(const SecurityGroup&, Texts&);
  const std::array<Values, 9> values = {
      OfPeers<Permissions, &IpPermission::ip_ranges, &IpRange::cidr_ip>,
      OfPermissions<Permissions, &IpPermission::from_port>,
      OfPeers<Permissions, &IpPermission::user_id_group_pairs, &UserIdGroupPair::group_id>,
      OfPeers<Permissions, &IpPermission::user_id_group_pairs, &UserIdGroupPair::group_name>,
      OfPeers<Permissions, &IpPermission::ipv6_ranges, &Ipv6Range::cidr_ipv6>,
      OfPeers<Permissions, &IpPermission::prefix_list_ids, &PrefixListId::prefix_list_id>,
      OfPermissions<Permissions, &IpPermission::ip_protocol>,
      OfPermissions<Permissions, &IpPermission::to_port>,
      OfPeers<Permissions, &IpPermission::user_id_group_pairs, &UserIdGroupPair::user_id>};
  std::array<FilterField<SecurityGroup>, 9> fields{};
  for (size_t i = 0; i < fields.size(); ++i) fields[i] = {names[i], values[i]};
  return fields;
}

std::vector<FilterField<SecurityGroup>> MakeGroupFilters() {
  std::vector<FilterField<SecurityGroup>> fields = {
      {"description", [](const SecurityGroup& group, Texts& out) { Add(out, group.description); }},
      {"group-id", [](const SecurityGroup& group, Texts& out) { Add(out, group.group_id); }},
      {"group-name", [](const SecurityGroup& group, Texts& out) { Add(out, group.group_name); }},
      {"owner-id", [](const SecurityGroup& group, Texts& out) { Add(out, group.owner_id); }},
      {"vpc-id", [](const SecurityGroup& group, Texts& out) { Add(out, group.vpc_id); }}};
  const auto add = [&](const auto& more) { fields.insert(fields.end(), more.begin(), more.end()); };
  add(FiltersOf<&SecurityGroup::ip_permissions>(
      {"ip-permission.cidr", "ip-permission.from-port", "ip-permission.group-id", "ip-permission.group-name",
       "ip-permission.ipv6-cidr", "ip-permission.prefix-list-id", "ip-permission.protocol", "ip-permission.to-port",
       "ip-permission.user-id"}));
  add(FiltersOf<&SecurityGroup::ip_permissions_egress>(
      {"egress.ip-permission.cidr", "egress.ip-permission.from-port", "egress.ip-permission.group-id",
       "egress.ip-permission.group-name", "egress.ip-permission.ipv6-cidr", "egress.ip-permission.prefix-list-id",
       "egress.ip-permission.protocol", "egress.ip-permission.to-port", "egress.ip-permission.user-id"}));
  return fields;
}

const std::vector<FilterField<SecurityGroup>>& GroupFilters() {
  static const std::vector<FilterField<SecurityGroup>> kFields = MakeGroupFilters();
  return kFields;
}

const std::array<FilterField<SecurityGroupForVpc>, 5> kGroupsForVpcFilters = {
    {{"description", [](const SecurityGroupForVpc& group, Texts& out) { Add(out, group.description); }},
     {"group-id", [](const SecurityGroupForVpc& group, Texts& out) { Add(out, group.group_id); }},
     {"group-name", [](const SecurityGroupForVpc& group, Texts& out) { Add(out, group.group_name); }},
     {"owner-id", [](const SecurityGroupForVpc& group, Texts& out) { Add(out, group.owner_id); }},
     {"primary-vpc-id", [](const SecurityGroupForVpc& group, Texts& out) { Add(out, group.primary_vpc_id); }}}};

Status CheckGroupName(const std::string& name) {
  if (name.empty() || name.size() > kGroupNameMax || name.starts_with("sg-")) {
    return Invalid(
        fmt::format("Invalid security group name: '{}'. Group names have 1 to {} characters and do not start "
                    "with sg-",
                    name.substr(0, kGroupNameMax), kGroupNameMax));
  }
  if (name == kDefaultGroupName) {
    return Error{Kind::kInvalid, kInvalidGroupReserved,
                 fmt::format("Cannot use reserved security group name: {}", name)};
  }
  return CheckDescription(name, "group");
}

Result<SecurityGroupRecord> GroupToDelete(const store::ReadTx& tx, const std::string& region,
                                          const DeleteSecurityGroupInput& in) {
  if (in.group_id) return Get<SecurityGroupRecord>(tx, region, *in.group_id);
  if (!in.group_name) return Missing("GroupId");
  return GroupNamed(tx, TRY(DefaultVpc(tx, region)).id, *in.group_name);
}

// Whoever uses the group: an interface in it, a rule of another group about it.
Status CheckUnused(const store::ReadTx& tx, const std::string& group_id) {
  const auto interfaces = TRY(tx.Count<InterfaceGroupRecord>("group_id = ?", {group_id}));
  const auto rules = TRY(tx.Count<RuleRecord>("peer = ? AND group_id <> ?", {group_id, group_id}));
  if (interfaces + rules == 0) return {};
  return Error{Kind::kConflict, kDependencyViolation, fmt::format("resource {} has a dependent object", group_id)};
}

}  // namespace

Result<SecurityGroupRecord> GroupNamed(const store::ReadTx& tx, const std::string& vpc_id, const std::string& name) {
  auto found = TRY(tx.Select<SecurityGroupRecord>("vpc_id = ? AND name = ?", {vpc_id, name}));
  if (!found.empty()) return std::move(found.front());
  return Error{
      Kind::kNotFound, kInvalidGroupNotFound,
      fmt::format("The security group '{}' does not exist in VPC '{}'", name.substr(0, kGroupNameMax), vpc_id)};
}

Result<VpcRecord> DefaultVpc(const store::ReadTx& tx, const std::string& region) {
  auto found = TRY(tx.Select<VpcRecord>("region = ? AND is_default = 1", {region}));
  if (!found.empty()) return std::move(found.front());
  return Error{Kind::kInvalid, kVpcIdNotSpecified, "No default VPC for this user"};
}

Result<SecurityGroupRecord> MakeSecurityGroup(store::Tx& tx, const VpcRecord& vpc, const std::string& name,
                                              const std::string& description) {
  TRY(Bound<SecurityGroupRecord>(tx, "region = ?", {vpc.region}, kGroupsMax, kGroupLimitExceeded, "security groups"));
  SecurityGroupRecord group{NewId(kSecurityGroupKind.prefix), vpc.region, vpc.id, name, description};
  TRY(tx.Put(group));
  // Everything may leave, until its owner says otherwise.
  RuleRecord everything;
  everything.id = NewId(kRuleKind.prefix);
  everything.region = vpc.region;
  everything.group_id = group.id;
  everything.is_egress = true;
  everything.protocol = "-1";
  everything.peer = "0.0.0.0/0";
  TRY(tx.Put(everything));
  return group;
}

Status RemoveSecurityGroup(store::Tx& tx, const std::string& group_id) {
  for (const RuleRecord& rule : TRY(tx.Select<RuleRecord>("group_id = ?", {group_id}))) {
    TRY(RemoveTags(tx, rule.id));
    TRY(tx.Delete<RuleRecord>(rule.id));
  }
  TRY(RemoveTags(tx, group_id));
  TRY(tx.Delete<SecurityGroupRecord>(group_id));
  return {};
}

Result<CreateSecurityGroupOutput> Ec2::CreateSecurityGroup(const wire::Call& call, const CreateSecurityGroupInput& in) {
  TRY(CheckGroupName(in.group_name));
  TRY(CheckDescription(in.description, "group"));
  if (in.description.empty()) return Missing("GroupDescription");
  const Place place = PlaceOf(call);
  return database_.Write([&](store::Tx& tx) -> Result<CreateSecurityGroupOutput> {
    const auto vpc = in.vpc_id ? TRY(Get<VpcRecord>(tx, place.region, *in.vpc_id)) : TRY(DefaultVpc(tx, place.region));
    if (TRY(tx.Count<SecurityGroupRecord>("vpc_id = ? AND name = ?", {vpc.id, in.group_name})) > 0) {
      return Error{Kind::kConflict, kInvalidGroupDuplicate,
                   fmt::format("The security group '{}' already exists for VPC '{}'", in.group_name, vpc.id)};
    }
    const auto group = TRY(MakeSecurityGroup(tx, vpc, in.group_name, in.description));
    TRY(PutTags(tx, place.region, group.id, in.tag_specifications));
    CreateSecurityGroupOutput out;
    out.group_id = group.id;
    out.security_group_arn = ArnOf(place, kSecurityGroupKind, group.id);
    out.tags = TRY(TagsOf(tx, group.id));
    return out;
  });
}

Result<DescribeSecurityGroupsOutput> Ec2::DescribeSecurityGroups(const wire::Call& call,
                                                                 const DescribeSecurityGroupsInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeSecurityGroupsOutput> {
    std::vector<std::string> ids = in.group_ids.value_or(std::vector<std::string>());
    for (const std::string& name : in.group_names.value_or(std::vector<std::string>())) {
      ids.push_back(TRY(GroupNamed(tx, TRY(DefaultVpc(tx, place.region)).id, name)).id);
    }
    const std::optional<std::vector<std::string>> asked = std::move(ids);
    auto page = TRY(
        (Describe<SecurityGroupRecord, SecurityGroup>(tx, place.region, QuestionOf(in, &asked), GroupFilters(),
                                                      [&](const SecurityGroupRecord& record, std::vector<Tag> tags) {
                                                        return ViewOfGroup(tx, place, record, std::move(tags));
                                                      })));
    return DescribeSecurityGroupsOutput{.next_token = std::move(page.next_token),
                                        .security_groups = std::move(page.items)};
  });
}

Result<GetSecurityGroupsForVpcOutput> Ec2::GetSecurityGroupsForVpc(const wire::Call& call,
                                                                   const GetSecurityGroupsForVpcInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetSecurityGroupsForVpcOutput> {
    TRY(Get<VpcRecord>(tx, place.region, in.vpc_id));
    const Question question = QuestionOf(in);
    PageMaker<SecurityGroupForVpc, decltype(kGroupsForVpcFilters)> maker(question, kGroupsForVpcFilters);
    TRY(maker.Begin());
    for (auto& record : TRY(tx.Select<SecurityGroupRecord>("vpc_id = ? ORDER BY id", {in.vpc_id}))) {
      SecurityGroupForVpc view;
      view.tags = TRY(TagsOf(tx, record.id));
      view.description = std::move(record.description);
      view.group_id = record.id;
      view.group_name = std::move(record.name);
      view.owner_id = place.account;
      view.primary_vpc_id = in.vpc_id;
      maker.Offer(record.id, std::move(view));
    }
    auto page = maker.Take();
    return GetSecurityGroupsForVpcOutput{.next_token = std::move(page.next_token),
                                         .security_group_for_vpcs = std::move(page.items)};
  });
}

// Who refers to the groups from the other side of a peering, which VPCs here do not have.
Result<DescribeSecurityGroupReferencesOutput> Ec2::DescribeSecurityGroupReferences(
    const wire::Call& call, const DescribeSecurityGroupReferencesInput& in) const {
  TRY(database_.Read([&](const store::ReadTx& tx) -> Status {
    for (const std::string& id : in.group_id) TRY(Get<SecurityGroupRecord>(tx, PlaceOf(call).region, id));
    return {};
  }));
  DescribeSecurityGroupReferencesOutput out;
  out.security_group_reference_set.emplace();
  return out;
}

Result<DeleteSecurityGroupOutput> Ec2::DeleteSecurityGroup(const wire::Call& call, const DeleteSecurityGroupInput& in) {
  return database_.Write([&](store::Tx& tx) -> Result<DeleteSecurityGroupOutput> {
    const auto group = TRY(GroupToDelete(tx, PlaceOf(call).region, in));
    if (group.name == kDefaultGroupName) {
      return Error{Kind::kConflict, kCannotDelete,
                   fmt::format("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", group.id)};
    }
    TRY(CheckUnused(tx, group.id));
    TRY(RemoveSecurityGroup(tx, group.id));
    return DeleteSecurityGroupOutput{.group_id = group.id, .return_ = true};
  });
}

}  // namespace meetinity::ec2

#include "aws/ec2/ec2.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "aws/ec2/describe.h"
#include "aws/ec2/permissions.h"
#include "aws/ec2/state.h"
#include "aws/ec2_model.h"

namespace meetinity::ec2 {
namespace {

// What creations make, each of its own kind.
const ResourceKind* MadeBy(std::string_view operation) {
  constexpr std::array<std::pair<std::string_view, const ResourceKind*>, 9> kMakers = {
      {{"AllocateAddress", &kAddressKind},
       {"AuthorizeSecurityGroupEgress", &kRuleKind},
       {"AuthorizeSecurityGroupIngress", &kRuleKind},
       {"CreateInternetGateway", &kInternetGatewayKind},
       {"CreateNatGateway", &kNatGatewayKind},
       {"CreateRouteTable", &kRouteTableKind},
       {"CreateSecurityGroup", &kSecurityGroupKind},
       {"CreateSubnet", &kSubnetKind},
       {"CreateVpc", &kVpcKind}}};
  for (const auto& [name, kind] : kMakers) {
    if (name == operation) return kind;
  }
  return nullptr;
}

// What is checked before any operation: a dry run ends where its effects would begin.
template <class In>
Status CheckDryRun(const In& in) {
  if constexpr (requires { in.dry_run; }) {
    if (in.dry_run.value_or(false)) {
      return Error{Kind::kPrecondition, kDryRunOperation, "Request would have succeeded, but DryRun flag is set."};
    }
  }
  return {};
}

// Of the resources that are named, and of what is to be made; tags that come with it are a right of their own.
Result<wire::Permissions> PermissionsFor(const store::ReadTx& tx, const Place& place, const Subject& subject) {
  wire::Permissions permissions;
  wire::ConditionKeys request_keys;
  wire::AddRequestTags(subject.brought, request_keys);
  request_keys["ec2:Region"] = {place.region};
  for (const std::string& id : subject.ids) {
    const ResourceKind* kind = KindOf(id);
    if (kind == nullptr || kind->type.empty()) continue;
    wire::Permission permission{"", ArnOf(place, *kind, id), request_keys};
    for (const Tag& tag : TRY(TagsOf(tx, id))) permission.keys["aws:ResourceTag/" + *tag.key] = {*tag.value};
    permissions.push_back(std::move(permission));
  }
  if (subject.makes != nullptr) {
    wire::Permission permission{"", ArnOf(place, *subject.makes, "*"), request_keys};
    permissions.push_back(permission);
    if (subject.tags_a_creation) {
      permission.action = "ec2:CreateTags";
      permission.keys["ec2:CreateAction"] = {subject.operation};
      permissions.push_back(std::move(permission));
    }
  }
  if (permissions.empty()) permissions.push_back({"", "*", std::move(request_keys)});
  return permissions;
}

template <class Operation, class Method>
void Offer(wire::ServiceHost& host, Ec2& ec2, const store::Database& database, std::string_view name, Method method) {
  using Input = typename Operation::Input;
  using Output = typename Operation::Output;
  const auto handle = [&ec2, method](const wire::Call& call, const Input& in) -> Result<Output> {
    TRY(CheckDryRun(in));
    TRY(ec2.EnsureRegion(PlaceOf(call).region));
    return (ec2.*method)(call, in);
  };
  const auto permissions = [&database, name](const wire::Call& call, const Input& in) {
    const Subject subject = SubjectOf(name, MadeBy(name), in);
    return database.Read([&](const store::ReadTx& tx) { return PermissionsFor(tx, PlaceOf(call), subject); });
  };
  host.Serve<Operation>(handle);
  host.Require<Operation>(permissions);
}

}  // namespace

Ec2::Ec2(store::Database& database, const Clock& clock, Ec2Options options)
    : database_(database), clock_(clock), options_(std::move(options)) {}

Ec2::~Ec2() = default;

std::vector<store::Migration> Ec2::Migrations() { return Ec2Migrations(); }

// Inside the class an operation's name is its method; the tag of the same name stands in the namespace.
#define MEETINITY_SERVE(operation) Offer<ec2::operation>(host, *this, database_, #operation, &Ec2::operation);

void Ec2::Register(wire::ServiceHost& host) {
  MEETINITY_EC2_CHANGES(MEETINITY_SERVE)
  MEETINITY_EC2_QUESTIONS(MEETINITY_SERVE)
}

#undef MEETINITY_SERVE

}  // namespace meetinity::ec2

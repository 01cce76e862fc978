#include <fmt/format.h>

#include <array>
#include <chrono>

#include "aws/ec2/ec2.h"
#include "aws/ec2/interfaces.h"
#include "aws/ec2/vpcs.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

// VPC User Guide, page "NAT gateways": a deleted one stays to be seen for about an hour.
constexpr Duration kShownAfterDeletion = std::chrono::hours(1);

// As EC2 writes it; the model lists "natGateway".
constexpr std::string_view kNatInterface = "nat_gateway";

bool IsShown(const NatGatewayRecord& record, Instant now) {
  return !record.deleted_at || now - *record.deleted_at < kShownAfterDeletion;
}

NatGateway ViewOfNat(const NatGatewayRecord& record, std::vector<Tag> tags) {
  NatGateway nat;
  nat.availability_mode = AvailabilityMode::kZonal;
  nat.connectivity_type = record.connectivity;
  nat.create_time = record.created_at;
  nat.delete_time = record.deleted_at;
  nat.nat_gateway_id = record.id;
  nat.state = record.state;
  nat.subnet_id = record.subnet_id;
  nat.tags = std::move(tags);
  nat.vpc_id = record.vpc_id;
  NatGatewayAddress address;
  address.is_primary = true;
  address.network_interface_id = record.interface_id;
  address.private_ip = record.private_ip;
  address.status =
      record.state == NatGatewayState::kFailed ? NatGatewayAddressStatus::kFailed : NatGatewayAddressStatus::kSucceeded;
  if (!record.allocation_id.empty()) {
    address.allocation_id = record.allocation_id;
    address.association_id = record.association_id;
    address.public_ip = record.public_ip;
  }
  nat.nat_gateway_addresses = std::vector{std::move(address)};
  if (!record.failure_code.empty()) {
    nat.failure_code = record.failure_code;
    nat.failure_message = record.failure_message;
  }
  return nat;
}

const std::array<FilterField<NatGateway>, 5> kNatFilters = {
    {{"nat-gateway-id", [](const NatGateway& nat, Texts& out) { Add(out, nat.nat_gateway_id); }},
     {"connectivity-type", [](const NatGateway& nat, Texts& out) { Add(out, nat.connectivity_type); }},
     {"state", [](const NatGateway& nat, Texts& out) { Add(out, nat.state); }},
     {"subnet-id", [](const NatGateway& nat, Texts& out) { Add(out, nat.subnet_id); }},
     {"vpc-id", [](const NatGateway& nat, Texts& out) { Add(out, nat.vpc_id); }}}};

bool IsPublic(const CreateNatGatewayInput& in) {
  return in.connectivity_type.value_or(std::string(ConnectivityType::kPublic)) == ConnectivityType::kPublic;
}

Status CheckNatInput(const CreateNatGatewayInput& in) {
  TRY(RefuseParameters({{"AvailabilityMode", in.availability_mode == AvailabilityMode::kRegional},
                        {"AvailabilityZoneAddress", in.availability_zone_addresses.has_value()},
                        {"SecondaryAllocationId", in.secondary_allocation_ids.has_value()},
                        {"SecondaryPrivateIpAddress", in.secondary_private_ip_addresses.has_value()},
                        {"SecondaryPrivateIpAddressCount", in.secondary_private_ip_address_count.has_value()}}));
  if (!in.subnet_id) return Missing("SubnetId");
  if (IsPublic(in) && !in.allocation_id) return Missing("AllocationId");
  if (!IsPublic(in) && in.allocation_id) {
    return Error{Kind::kInvalid, kInvalidParameterCombination, "A private NAT gateway has no Elastic IP address."};
  }
  return {};
}

// What a repeated request made; nothing for a new one.
Result<std::optional<NatGatewayRecord>> MadeBefore(const store::ReadTx& tx, const std::string& region,
                                                   const CreateNatGatewayInput& in) {
  if (!in.client_token || in.client_token->empty()) return std::optional<NatGatewayRecord>();
  auto found = TRY(tx.Select<NatGatewayRecord>("region = ? AND client_token = ?", {region, *in.client_token}));
  if (found.empty()) return std::optional<NatGatewayRecord>();
  if (found.front().subnet_id != *in.subnet_id || found.front().allocation_id != in.allocation_id.value_or("")) {
    return Error{Kind::kConflict, kIdempotentParameterMismatch,
                 fmt::format("The client token {} stands for another NAT gateway.", in.client_token->substr(0, 64))};
  }
  return std::optional<NatGatewayRecord>(std::move(found.front()));
}

// It becomes available or failed at once: there is nothing to wait for.
Status Settle(store::Tx& tx, const CreateNatGatewayInput& in, const InterfaceRecord& interface, NatGatewayRecord& nat) {
  nat.state = NatGatewayState::kAvailable;
  if (!in.allocation_id) return {};
  auto address = TRY(Get<AddressRecord>(tx, nat.region, *in.allocation_id));
  if (!address.association_id.empty()) {
    return Error{Kind::kConflict, kResourceAlreadyAssociated,
                 fmt::format("Elastic IP address [{}] is already associated", address.id)};
  }
  nat.allocation_id = address.id;
  nat.public_ip = address.public_ip;
  if (!TRY(ReachesInternet(tx, nat.vpc_id))) {
    nat.state = NatGatewayState::kFailed;
    nat.failure_code = kGatewayNotAttached;
    nat.failure_message = fmt::format("Network {} has no Internet gateway attached", nat.vpc_id);
    return {};
  }
  nat.association_id = TRY(Associate(tx, std::move(address), interface)).association_id;
  return {};
}

Result<NatGatewayRecord> MakeNat(store::Tx& tx, const SubnetRecord& subnet, const CreateNatGatewayInput& in,
                                 Instant now) {
  TRY(Bound<NatGatewayRecord>(tx, "region = ? AND state = 'available'", {subnet.region}, kNatGatewaysMax,
                              kNatGatewayLimitExceeded, "NAT gateways"));
  NatGatewayRecord nat;
  nat.id = NewId(kNatGatewayKind.prefix);
  nat.region = subnet.region;
  nat.vpc_id = subnet.vpc_id;
  nat.subnet_id = subnet.id;
  nat.connectivity = IsPublic(in) ? ConnectivityType::kPublic : ConnectivityType::kPrivate;
  nat.created_at = now;
  nat.client_token = in.client_token.value_or("");
  InterfaceWish wish;
  wish.subnet = subnet;
  wish.type = kNatInterface;
  wish.description = fmt::format("Interface for NAT Gateway {}", nat.id);
  wish.requester_id = kNatService;
  wish.private_address = in.private_ip_address.value_or("");
  wish.now = now;
  const InterfaceRecord interface = TRY(PlaceInterface(tx, wish));
  nat.interface_id = interface.id;
  nat.private_ip = Ipv4Text(static_cast<uint32_t>(interface.address));
  TRY(Settle(tx, in, interface, nat));
  // A failed one holds no address of the subnet.
  if (nat.state == NatGatewayState::kFailed) TRY(RemoveInterface(tx, interface.id));
  TRY(tx.Put(nat));
  return nat;
}

}  // namespace

Result<CreateNatGatewayOutput> Ec2::CreateNatGateway(const wire::Call& call, const CreateNatGatewayInput& in) {
  TRY(CheckNatInput(in));
  const Place place = PlaceOf(call);
  return database_.Write([&](store::Tx& tx) -> Result<CreateNatGatewayOutput> {
    auto nat = TRY(MadeBefore(tx, place.region, in));
    if (!nat) {
      // Those that nobody is shown any more.
      for (const auto& old : TRY(tx.Select<NatGatewayRecord>(
               "deleted_at <= ?", {store::Value((call.now - kShownAfterDeletion).since_epoch().count())}))) {
        TRY(RemoveTags(tx, old.id));
        TRY(tx.Delete<NatGatewayRecord>(old.id));
      }
      const auto subnet = TRY(Get<SubnetRecord>(tx, place.region, *in.subnet_id));
      nat = TRY(MakeNat(tx, subnet, in, call.now));
      TRY(PutTags(tx, place.region, nat->id, in.tag_specifications));
    }
    CreateNatGatewayOutput out;
    out.client_token = in.client_token;
    out.nat_gateway = ViewOfNat(*nat, TRY(TagsOf(tx, nat->id)));
    return out;
  });
}

Result<DescribeNatGatewaysOutput> Ec2::DescribeNatGateways(const wire::Call& call,
                                                           const DescribeNatGatewaysInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeNatGatewaysOutput> {
    const Question question = QuestionOf(in, &in.nat_gateway_ids);
    PageMaker<NatGateway, decltype(kNatFilters)> maker(question, kNatFilters);
    TRY(maker.Begin());
    for (const auto& nat : TRY(AskedFor<NatGatewayRecord>(tx, place.region, question))) {
      if (IsShown(nat, call.now)) {
        maker.Offer(nat.id, ViewOfNat(nat, TRY(TagsOf(tx, nat.id))));
      } else if (question.ids != nullptr) {
        return NotFound(kNatGatewayKind, nat.id);
      }
    }
    auto page = maker.Take();
    return DescribeNatGatewaysOutput{.nat_gateways = std::move(page.items), .next_token = std::move(page.next_token)};
  });
}

Result<DeleteNatGatewayOutput> Ec2::DeleteNatGateway(const wire::Call& call, const DeleteNatGatewayInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    auto nat = TRY(Get<NatGatewayRecord>(tx, PlaceOf(call).region, in.nat_gateway_id));
    if (nat.state == NatGatewayState::kDeleted) {
      return IsShown(nat, call.now) ? Status() : NotFound(kNatGatewayKind, nat.id);
    }
    TRY(RemoveInterface(tx, nat.interface_id));
    nat.state = NatGatewayState::kDeleted;
    nat.deleted_at = call.now;
    return tx.Put(nat);
  }));
  return DeleteNatGatewayOutput{.nat_gateway_id = in.nat_gateway_id};
}

}  // namespace meetinity::ec2

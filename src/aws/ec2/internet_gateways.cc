#include <fmt/format.h>

#include <array>

#include "aws/ec2/ec2.h"
#include "aws/ec2/interfaces.h"
#include "aws/ec2/vpcs.h"

namespace meetinity::ec2 {
namespace {

InternetGateway ViewOfGateway(const Place& place, const InternetGatewayRecord& record, std::vector<Tag> tags) {
  InternetGateway gateway;
  gateway.attachments.emplace();
  // EC2 says "available" here, which the model's AttachmentStatus does not list.
  if (!record.vpc_id.empty()) gateway.attachments->push_back({.state = "available", .vpc_id = record.vpc_id});
  gateway.internet_gateway_id = record.id;
  gateway.owner_id = place.account;
  gateway.tags = std::move(tags);
  return gateway;
}

const std::array<FilterField<InternetGateway>, 4> kGatewayFilters = {
    {{"attachment.state", [](const InternetGateway& gateway,
                             Texts& out) { AddEach(out, gateway.attachments, &InternetGatewayAttachment::state); }},
     {"attachment.vpc-id", [](const InternetGateway& gateway,
                              Texts& out) { AddEach(out, gateway.attachments, &InternetGatewayAttachment::vpc_id); }},
     {"internet-gateway-id", [](const InternetGateway& gateway, Texts& out) { Add(out, gateway.internet_gateway_id); }},
     {"owner-id", [](const InternetGateway& gateway, Texts& out) { Add(out, gateway.owner_id); }}}};

// Whoever in the VPC has a public address would lose it.
Status CheckNothingIsPublic(const store::ReadTx& tx, const std::string& vpc_id) {
  for (const InterfaceRecord& interface : TRY(tx.Select<InterfaceRecord>("vpc_id = ?", {vpc_id}))) {
    if (interface.public_ip.empty() && !TRY(AddressOf(tx, interface.id))) continue;
    return Error{Kind::kConflict, kDependencyViolation,
                 fmt::format("Network {} has some mapped public address(es). Please unmap those public address(es) "
                             "before detaching the gateway.",
                             vpc_id)};
  }
  return {};
}

}  // namespace

Result<CreateInternetGatewayOutput> Ec2::CreateInternetGateway(const wire::Call& call,
                                                               const CreateInternetGatewayInput& in) {
  const Place place = PlaceOf(call);
  return database_.Write([&](store::Tx& tx) -> Result<CreateInternetGatewayOutput> {
    TRY(Bound<InternetGatewayRecord>(tx, "region = ?", {place.region}, kInternetGatewaysMax,
                                     kInternetGatewayLimitExceeded, "internet gateways"));
    const InternetGatewayRecord gateway{NewId(kInternetGatewayKind.prefix), place.region, ""};
    TRY(tx.Put(gateway));
    TRY(PutTags(tx, place.region, gateway.id, in.tag_specifications));
    CreateInternetGatewayOutput out;
    out.internet_gateway = ViewOfGateway(place, gateway, TRY(TagsOf(tx, gateway.id)));
    return out;
  });
}

Result<AttachInternetGatewayOutput> Ec2::AttachInternetGateway(const wire::Call& call,
                                                               const AttachInternetGatewayInput& in) {
  const Place place = PlaceOf(call);
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    auto gateway = TRY(Get<InternetGatewayRecord>(tx, place.region, in.internet_gateway_id));
    const auto vpc = TRY(Get<VpcRecord>(tx, place.region, in.vpc_id));
    if (!gateway.vpc_id.empty()) {
      return Error{Kind::kConflict, kResourceAlreadyAssociated,
                   fmt::format("resource {} is already attached to network {}", gateway.id, gateway.vpc_id)};
    }
    if (TRY(ReachesInternet(tx, vpc.id))) {
      return Invalid(fmt::format("Network {} already has an internet gateway attached", vpc.id));
    }
    gateway.vpc_id = vpc.id;
    return tx.Put(gateway);
  }));
  return AttachInternetGatewayOutput{};
}

Result<DescribeInternetGatewaysOutput> Ec2::DescribeInternetGateways(const wire::Call& call,
                                                                     const DescribeInternetGatewaysInput& in) const {
  const Place place = PlaceOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeInternetGatewaysOutput> {
    auto page = TRY((Describe<InternetGatewayRecord, InternetGateway>(
        tx, place.region, QuestionOf(in, &in.internet_gateway_ids), kGatewayFilters,
        [&](const InternetGatewayRecord& record, std::vector<Tag> tags) -> Result<InternetGateway> {
          return ViewOfGateway(place, record, std::move(tags));
        })));
    return DescribeInternetGatewaysOutput{.internet_gateways = std::move(page.items),
                                          .next_token = std::move(page.next_token)};
  });
}

Result<DetachInternetGatewayOutput> Ec2::DetachInternetGateway(const wire::Call& call,
                                                               const DetachInternetGatewayInput& in) {
  const Place place = PlaceOf(call);
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    auto gateway = TRY(Get<InternetGatewayRecord>(tx, place.region, in.internet_gateway_id));
    const auto vpc = TRY(Get<VpcRecord>(tx, place.region, in.vpc_id));
    if (gateway.vpc_id != vpc.id) {
      return Error{Kind::kConflict, kGatewayNotAttached,
                   fmt::format("resource {} is not attached to network {}", gateway.id, vpc.id)};
    }
    TRY(CheckNothingIsPublic(tx, vpc.id));
    gateway.vpc_id.clear();
    return tx.Put(gateway);
  }));
  return DetachInternetGatewayOutput{};
}

Result<DeleteInternetGatewayOutput> Ec2::DeleteInternetGateway(const wire::Call& call,
                                                               const DeleteInternetGatewayInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const auto gateway = TRY(Get<InternetGatewayRecord>(tx, PlaceOf(call).region, in.internet_gateway_id));
    if (!gateway.vpc_id.empty()) return HasDependencies("internetGateway", gateway.id);
    TRY(tx.DeleteWhere<RouteAssociationRecord>("gateway_id = ?", {gateway.id}));
    TRY(RemoveTags(tx, gateway.id));
    TRY(tx.Delete<InternetGatewayRecord>(gateway.id));
    return {};
  }));
  return DeleteInternetGatewayOutput{};
}

}  // namespace meetinity::ec2

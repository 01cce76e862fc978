// Which VPCs may ask a private zone.
#include <fmt/format.h>

#include "aws/route53/errors.h"
#include "aws/route53/route53.h"
#include "aws/route53/zone_model.h"

namespace meetinity::route53 {

std::vector<VPC> ToModel(const std::vector<ZoneVpcRecord>& vpcs) {
  std::vector<VPC> models;
  for (const ZoneVpcRecord& vpc : vpcs) models.push_back({.vpc_id = vpc.vpc_id, .vpc_region = vpc.region});
  return models;
}

Status Route53::CheckVpc(const store::ReadTx& tx, const VPC& vpc) const {
  const std::string id = vpc.vpc_id.value_or("");
  const auto found = ec2_.FindVpc(tx, id);
  if (!found.ok() && found.error().kind != Kind::kNotFound && found.error().kind != Kind::kInvalid) {
    return found.error();
  }
  if (!found.ok() || found->region != vpc.vpc_region.value_or("")) {
    return Error{Kind::kInvalid, kInvalidVpcId,
                 fmt::format("The VPC: {} you provided does not exist in region {}.", id, vpc.vpc_region.value_or(""))};
  }
  return {};
}

Status Route53::Associate(store::Tx& tx, const ZoneRecord& zone, const VPC& vpc) {
  TRY(CheckVpc(tx, vpc));
  const auto rivals = TRY(tx.Select<ZoneRecord>(
      "name = ? AND id IN (SELECT zone_id FROM route53_zone_vpcs WHERE vpc_id = ?)", {zone.name, *vpc.vpc_id}));
  if (!rivals.empty()) {
    return Error{Kind::kConflict, kConflictingDomainExists,
                 fmt::format("The VPC {} in region {} has already been associated with the hosted zone {} with the "
                             "same domain name.",
                             *vpc.vpc_id, *vpc.vpc_region, rivals.front().id)};
  }
  return tx.Put(ZoneVpcRecord{zone.id, *vpc.vpc_id, *vpc.vpc_region});
}

Result<AssociateVPCWithHostedZoneOutput> Route53::AssociateVPCWithHostedZone(
    const Call& call, const AssociateVPCWithHostedZoneInput& in) {
  const ChangeRecord change = TRY(database_.Write([&](store::Tx& tx) -> Result<ChangeRecord> {
    const ZoneRecord zone = TRY(GetZone(tx, in.hosted_zone_id));
    if (!zone.is_private) {
      return Error{Kind::kInvalid, kPublicZoneVpcAssociation,
                   fmt::format("{} is a public hosted zone: a VPC can be associated with private ones only", zone.id)};
    }
    TRY(Associate(tx, zone, in.vpc));
    TRY(Serve(tx, zone, TRY(LoadRecordSets(tx, zone.id))));
    return NoteChange(tx, call, zone.id, in.comment.value_or(""));
  }));
  return AssociateVPCWithHostedZoneOutput{.change_info = ToInfo(change)};
}

Result<DisassociateVPCFromHostedZoneOutput> Route53::DisassociateVPCFromHostedZone(
    const Call& call, const DisassociateVPCFromHostedZoneInput& in) {
  const ChangeRecord change = TRY(database_.Write([&](store::Tx& tx) -> Result<ChangeRecord> {
    const ZoneRecord zone = TRY(GetZone(tx, in.hosted_zone_id));
    const std::string vpc_id = in.vpc.vpc_id.value_or("");
    if (!TRY(tx.Find<ZoneVpcRecord>(zone.id, vpc_id))) {
      return Error{Kind::kNotFound, kVpcAssociationNotFound,
                   fmt::format("The VPC: {} is not associated with the hosted zone {}", vpc_id, zone.id)};
    }
    if (TRY(tx.Count<ZoneVpcRecord>("zone_id = ?", {zone.id})) == 1) {
      return Error{Kind::kInvalid, kLastVpcAssociation,
                   fmt::format("Cannot remove last VPC association for the private zone {}", zone.id)};
    }
    TRY(tx.Delete<ZoneVpcRecord>(zone.id, vpc_id));
    TRY(Serve(tx, zone, TRY(LoadRecordSets(tx, zone.id))));
    return NoteChange(tx, call, zone.id, in.comment.value_or(""));
  }));
  return DisassociateVPCFromHostedZoneOutput{.change_info = ToInfo(change)};
}

}  // namespace meetinity::route53

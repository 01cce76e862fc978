#pragma once

#include "aws/route53/state.h"
#include "aws/route53_model.h"
#include "base/result.h"

namespace meetinity::route53 {

Result<HostedZone> ToModel(const store::ReadTx& tx, const ZoneRecord& record);
DelegationSet DelegationSetOf(const ZoneRecord& record);
std::vector<VPC> ToModel(const std::vector<ZoneVpcRecord>& vpcs);

}  // namespace meetinity::route53

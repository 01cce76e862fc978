#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/route53/state.h"
#include "aws/route53_model.h"
#include "base/result.h"
#include "engine/dns/zone.h"

namespace meetinity::route53 {

// A zone of AWS's that aliases may point into: of load balancers, of distributions.
struct AliasZone {
  std::string id;        // "Z2FDTNDATAQYW2"
  std::string patterns;  // of the names in it, "*.cloudfront.localhost.", one a line
};

// Values of one batch; API Reference, ChangeResourceRecordSets, "Change batches".
inline constexpr size_t kBatchRecordsMax = 1'000;

// Makes `sets` what the batch says, all of it or an error: InvalidChangeBatch with all that is wrong with it,
// InvalidInput for what cannot be a change. Pure.
Status ApplyBatch(const ZoneRecord& zone, const std::vector<AliasZone>& alias_zones, const std::vector<Change>& changes,
                  RecordSets& sets);

ResourceRecordSet ToModel(const RecordSetRecord& record);

// What the name server is to serve. InvalidChangeBatch for what it cannot hold.
Result<dns::ZonePtr> ToZone(const ZoneRecord& zone, const RecordSets& sets, const dns::AliasResolver& resolve_alias);

}  // namespace meetinity::route53

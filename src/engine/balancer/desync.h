#pragma once

#include <cstdint>
#include <string_view>

#include "engine/balancer/configuration.h"
#include "net/http.h"

namespace meetinity::balancer {

// How far a request is from what every program understands alike. ALB user guide, "Access logs", section
// "Classification reasons"; the triggers are those of AWS's http-desync-guardian.
enum class DesyncTier : uint8_t { kCompliant, kAcceptable, kAmbiguous, kSevere };

struct Classification {
  DesyncTier tier = DesyncTier::kCompliant;
  std::string_view reason;  // the log's word; empty for compliant requests
};

// Of a request that could be read at all.
Classification Classify(const net::RequestHead& request);
// Of one that could not: all of these are Severe, but for what has nothing to do with framing.
Classification Classify(net::Http1Refusal refusal);

std::string_view ToLogWord(DesyncTier tier);  // "Acceptable", …; empty for compliant

// What a mode does with a tier. Severe requests are refused in every mode, monitor included: where they end is not
// known, so there is nothing that could be forwarded.
enum class DesyncVerdict : uint8_t { kPass, kPassAndClose, kRefuse };
DesyncVerdict Judge(DesyncTier tier, DesyncMode mode);

}  // namespace meetinity::balancer

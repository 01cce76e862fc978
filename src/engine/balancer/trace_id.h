#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace meetinity::balancer {

// X-Amzn-Trace-Id. ALB user guide, "Request tracing for your Application Load Balancer".
inline constexpr std::string_view kTraceHeader = "x-amzn-trace-id";

// "1-<8 hex of the time>-<24 hex>"; `random` is 96 bits of which the lower 32 of `random_low` count.
std::string NewTraceRoot(Instant now, uint64_t random_high, uint64_t random_low);

// The field as the target gets it: a Root for a request that has none; else Self in front, an older Self left out and
// every other field kept. One beyond 7 KiB is replaced.
std::string TraceField(std::string_view received, std::string_view new_root);

}  // namespace meetinity::balancer

#include "engine/balancer/trace_id.h"

#include <fmt/format.h>

#include <vector>

#include "base/text.h"

namespace meetinity::balancer {
namespace {

constexpr size_t kTraceFieldMax = 7 * 1'024;

}  // namespace

std::string NewTraceRoot(Instant now, uint64_t random_high, uint64_t random_low) {
  return fmt::format("1-{:08x}-{:016x}{:08x}", static_cast<uint32_t>(now.unix_seconds()), random_high,
                     static_cast<uint32_t>(random_low));
}

std::string TraceField(std::string_view received, std::string_view new_root) {
  bool has_root = false;
  std::string kept;
  if (received.size() <= kTraceFieldMax) {
    for (const std::string_view piece : Split(received, ';')) {
      const std::string_view field = Trim(piece);
      if (field.empty() || field.starts_with("Self=")) continue;
      has_root = has_root || field.starts_with("Root=");
      kept.append(kept.empty() ? "" : ";").append(field);
    }
  }
  std::string result;
  if (!has_root) {
    result.append("Root=").append(new_root);
  } else {
    result.append("Self=").append(new_root);
  }
  if (!kept.empty()) result.append(";").append(kept);
  return result;
}

}  // namespace meetinity::balancer

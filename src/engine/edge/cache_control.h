#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace meetinity::edge {

// A Cache-Control header, as far as an edge obeys it (RFC 9111, section 5.2, and RFC 5861).
struct CacheControl {
  bool no_store = false, no_cache = false, is_private = false, no_transform = false;
  std::optional<Duration> max_age, s_maxage, stale_while_revalidate, stale_if_error;

  // Adds one field's directives. Several fields add up; of a repeated directive the first one counts. A lifetime that
  // is no number means zero: when in doubt, ask the origin.
  void Parse(std::string_view value);
};

// The longest lifetime that is believed, 100 years; it also keeps arithmetic with instants from overflowing.
inline constexpr Duration kLifetimeMax = std::chrono::hours(24) * 365 * 100;

}  // namespace meetinity::edge

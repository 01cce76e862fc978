#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace meetinity::balancer {

// What a stickiness cookie holds, sealed so that clients can neither read nor make one. ALB user guide, "Sticky
// sessions for your Application Load Balancer".
struct StickyTicket {
  enum class Kind : uint8_t { kTarget = 1, kApplication = 2, kGroup = 3 };
  Kind kind = Kind::kTarget;
  Instant issued;         // to the second
  uint64_t group = 0;     // GroupFingerprint
  std::string target_id;  // empty for kGroup

  bool operator==(const StickyTicket&) const = default;
};

// Tells groups apart across restarts.
uint64_t GroupFingerprint(std::string_view group_id);

// AES-256-GCM under a key made of the configuration's secret. Immutable, so usable from every thread.
class CookieSealer {
 public:
  explicit CookieSealer(std::string_view secret);
  std::string Seal(const StickyTicket& ticket) const;  // in base64, as cookies carry it
  // None for whatever was not sealed here, or is not of that kind.
  std::optional<StickyTicket> Open(std::string_view cookie, StickyTicket::Kind kind) const;

 private:
  std::string key_;
};

// The value of a cookie in a Cookie header; none without it. The first counts.
std::optional<std::string_view> FindCookie(std::string_view header, std::string_view name);

// Whether a Set-Cookie header sets the cookie `name`.
bool SetsCookie(std::string_view set_cookie, std::string_view name);

}  // namespace meetinity::balancer

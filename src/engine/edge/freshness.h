#pragma once

#include <optional>

#include "base/clock.h"
#include "engine/edge/cache_control.h"
#include "engine/edge/config.h"

namespace meetinity::edge {

// What of an origin's answer decides how long it may be served.
struct AnswerTraits {
  int status = 0;
  CacheControl cache_control;
  std::optional<Instant> expires;  // a date that does not parse is one in the past
  bool vary_any = false;           // "Vary: *"
  bool has_validator = false;      // ETag or Last-Modified
};

// How long an answer may be served without asking the origin, and how long beyond.
struct Lifetime {
  bool storable = false;
  Duration ttl{0};  // zero and storable: kept only to be revalidated
  Duration stale_while_revalidate{0};
  // How long past its ttl it may stand in for a failing origin. Nothing said: as long as it is cached.
  std::optional<Duration> stale_if_error;
};

// False where the policy can never keep anything; such behaviours neither look up, nor collapse, nor store.
bool CachingEnabled(const CachePolicy& policy);

// CloudFront's rules: the policy's three TTLs clamp what the origin says, and errors live for at least
// `error_caching_min_ttl`.
Lifetime JudgeLifetime(const AnswerTraits& answer, const CachePolicy& policy, Duration error_caching_min_ttl,
                       Instant now);

// An origin's answer that says "I am broken", against which an older good answer is the better one.
constexpr bool IsOriginFailure(int status) { return status == 500 || (status >= 502 && status <= 504); }

}  // namespace meetinity::edge

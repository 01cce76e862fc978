#include "engine/edge/freshness.h"

#include <algorithm>

namespace meetinity::edge {
namespace {

std::optional<Duration> OriginLifetime(const AnswerTraits& answer, Instant now) {
  if (answer.cache_control.s_maxage) return answer.cache_control.s_maxage;
  if (answer.cache_control.max_age) return answer.cache_control.max_age;
  if (answer.expires) return std::clamp(*answer.expires - now, Duration::zero(), kLifetimeMax);
  return std::nullopt;
}

bool IsAlwaysCachedError(int status) { return status == 404 || status == 414 || (status >= 500 && status <= 504); }

bool IsErrorCachedOnRequest(int status) {
  return status == 400 || status == 403 || status == 405 || status == 412 || status == 415;
}

Lifetime JudgeError(const AnswerTraits& answer, Duration error_caching_min_ttl) {
  const std::optional<Duration> said =
      answer.cache_control.s_maxage ? answer.cache_control.s_maxage : answer.cache_control.max_age;
  if (!IsAlwaysCachedError(answer.status) && !(IsErrorCachedOnRequest(answer.status) && said)) return {};
  Lifetime lifetime;
  lifetime.ttl = std::max(error_caching_min_ttl, said.value_or(Duration::zero()));
  lifetime.storable = lifetime.ttl > Duration::zero();
  return lifetime;
}

}  // namespace

bool CachingEnabled(const CachePolicy& policy) {
  return policy.max_ttl > Duration::zero() && policy.headers.selection != Selection::kAll;
}

Lifetime JudgeLifetime(const AnswerTraits& answer, const CachePolicy& policy, Duration error_caching_min_ttl,
                       Instant now) {
  if (!CachingEnabled(policy)) return {};
  if (answer.status >= 400) return JudgeError(answer, error_caching_min_ttl);
  // A part is no answer to requests for the whole, and an unasked 304 answers nobody.
  if (answer.status < 200 || answer.status == 206 || answer.status == 304) return {};
  if (answer.vary_any && policy.min_ttl == Duration::zero()) return {};

  const CacheControl& control = answer.cache_control;
  Lifetime lifetime;
  if (control.no_store || control.no_cache || control.is_private) {
    lifetime.ttl = policy.min_ttl;
  } else if (const std::optional<Duration> said = OriginLifetime(answer, now)) {
    lifetime.ttl = std::max(policy.min_ttl, std::min(*said, policy.max_ttl));
  } else {
    lifetime.ttl = std::max(policy.min_ttl, policy.default_ttl);
  }
  lifetime.ttl = std::min(lifetime.ttl, kLifetimeMax);
  const bool may_keep_stale_copy = answer.has_validator && !control.no_store && !control.is_private;
  lifetime.storable = lifetime.ttl > Duration::zero() || may_keep_stale_copy;
  lifetime.stale_while_revalidate = std::min(control.stale_while_revalidate.value_or(Duration::zero()), policy.max_ttl);
  if (control.stale_if_error) lifetime.stale_if_error = std::min(*control.stale_if_error, policy.max_ttl);
  return lifetime;
}

}  // namespace meetinity::edge

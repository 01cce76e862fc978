#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/edge/config.h"
#include "engine/edge/invalidation_log.h"
#include "engine/edge/site_counters.h"

namespace meetinity::edge {

// What a distribution keeps from one configuration to the next. Its number, never used twice, is in every cache key,
// so that a distribution that comes back under an old id finds nothing of its past life.
struct SiteState {
  SiteState(uint64_t site_number, size_t reactors) : number(site_number), counters(reactors) {}
  SiteState(uint64_t site_number, size_t reactors, uint64_t last_invalidation, InvalidationLog::Keeps keeps)
      : number(site_number), log(last_invalidation, keeps), counters(reactors) {}
  const uint64_t number;
  InvalidationLog log;
  std::vector<SiteCounters> counters;  // by the reactor's position in the edge
};

// A behaviour with all that can be known before the first request.
struct SiteBehavior {
  const Behavior* config = nullptr;
  const OriginConfig* origin = nullptr;              // null: the configuration names none; 502
  const OriginConfig* fallback = nullptr;            // asked when that one fails; null: none
  const std::set<int>* failover_statuses = nullptr;  // with a fallback: what counts as failing, besides silence
  std::string pattern;                               // canonical; empty matches everything
  bool caches = false;                               // the policy may keep anything at all
  bool collapses = false;                            // concurrent misses may share a fetch
  bool reduces_accept_encoding = false;

  bool Caches(std::string_view method) const { return caches && config->cached_methods.contains(method); }
  bool tells_timing() const { return config->response && config->response->server_timing_percent; }
  const OriginRequestPolicy* origin_request() const {
    return config->origin_request ? &*config->origin_request : nullptr;
  }
};

// One distribution, compiled.
struct Site {
  const Distribution* config = nullptr;
  std::shared_ptr<SiteState> state;
  std::vector<SiteBehavior> behaviors;
  std::string via;  // what this edge adds to Via, without the protocol's version

  const SiteBehavior* Match(std::string_view path) const;  // null only without behaviours
  const CustomError* FindError(int status) const;
  // The one with a page to send instead.
  const CustomError* FindErrorPage(int status) const;
  // `country` may be empty: not known.
  bool Serves(std::string_view country) const;
  Duration ErrorCachingMinTtl(int status) const;
};

// Every distribution's names. Immutable.
class SiteMap {
 public:
  using States = std::map<std::string, std::shared_ptr<SiteState>, std::less<>>;
  // `states` must hold an entry for every distribution of `config`.
  SiteMap(EdgeConfigPtr config, const States& states);

  // By a Host header: case and port do not matter. The exact name wins, then the longest wildcard.
  const Site* Find(std::string_view authority) const;
  uint64_t number() const { return config_->number; }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  EdgeConfigPtr config_;
  std::deque<Site> sites_;
  std::unordered_map<std::string, const Site*, Hash, std::equal_to<>> names_;  // wildcards without their '*'
};
using SiteMapPtr = std::shared_ptr<const SiteMap>;

}  // namespace meetinity::edge

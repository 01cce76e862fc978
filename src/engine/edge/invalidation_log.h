#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.h"

namespace meetinity::edge {

// All fetches that began between two invalidations. Whoever holds bytes of such a fetch holds its epoch, so that the
// log knows which rules can still matter.
struct FetchEpoch {
  uint64_t start = 0;  // number of the invalidation before it
};
using EpochPtr = std::shared_ptr<const FetchEpoch>;

// What one distribution was told to forget. Thread-safe.
//
// Order, not time, decides: every call of Add opens a new epoch, and bytes are stale when a matching rule is younger
// than the epoch in which their fetch began. A response that was found good remembers `latest()`, so that the next
// look costs one comparison. Rules are dropped when the last response older than them is gone, and all of them when
// '/*' arrives.
class InvalidationLog {
 public:
  // Rules that one log keeps. Six batches of the largest size fit; beyond, the oldest are replaced by the coarser
  // "everything fetched before is stale", which costs a fetch and never serves what is old.
  static constexpr size_t kRulesMax = 20'000;

  InvalidationLog() : InvalidationLog(0, Keeps::kWhileFetchesAreHeld) {}

  // Where responses lie that nobody holds, on disk, a rule matters as long as it fits.
  enum class Keeps { kWhileFetchesAreHeld, kAlways };
  // The first invalidation will be number `after` + 1.
  InvalidationLog(uint64_t after, Keeps keeps);

  // An invalidation of a former run, and what it replaced by `all_since`. Before the first Add, oldest first.
  void Recall(uint64_t number, std::string_view pattern);
  void RecallAllSince(uint64_t number);

  // To be taken before the origin is asked: later would hide an invalidation that came between.
  EpochPtr CurrentEpoch() const;
  uint64_t latest() const { return latest_.load(std::memory_order_acquire); }

  // A pattern is a path with its query, and may end in '*'. Takes time by the number of patterns, not of responses.
  // Returns the invalidation's number.
  uint64_t Add(std::span<const std::string> patterns);

  // True when something fetched in the epoch that began at `fetched` must not be served for `target`.
  bool IsStale(std::string_view target, uint64_t fetched) const;

  size_t rule_count() const;  // for tests: what lookups may have to compare with

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Numbers = std::unordered_map<std::string, uint64_t, Hash, std::equal_to<>>;
  struct Rule {
    uint64_t number;
    bool is_prefix;
    std::string text;  // the path, or what stands before '*'
  };
  struct Rules {
    Keeps keeps = Keeps::kWhileFetchesAreHeld;
    uint64_t all_since = 0;  // whatever was fetched before this number is stale
    std::deque<Rule> in_order;
    Numbers exact, prefixes;
    std::map<size_t, size_t> prefix_lengths;  // length → prefixes of it
    EpochPtr current;
    std::deque<std::weak_ptr<const FetchEpoch>> epochs;  // oldest first; the last one is `current`

    void Insert(uint64_t number, std::string_view pattern);
    void Forget(const Rule& rule);
    void ForgetAllBefore(uint64_t number);
    void Prune();
    void PruneByEpochs();
  };

  Guarded<Rules> rules_;
  std::atomic<uint64_t> latest_{0};
};

}  // namespace meetinity::edge

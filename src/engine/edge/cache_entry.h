#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "engine/edge/invalidation_log.h"
#include "engine/edge/response_head.h"
#include "net/http.h"

namespace meetinity::edge {

enum class EntryKind : uint8_t {
  kResponse,
  kOriginFailure,  // the origin gave no answer at all; viewers get the edge's own page
  kPassMarker,     // the last answer could not be kept: do not wait for one another, and let Range through
};

class DiskSegment;

// One cached answer. All but the marks at the end is fixed once it is in the cache, and may be read from any thread;
// a new lifetime or body is a new entry that replaces this one.
struct CacheEntry {
  EntryKind kind = EntryKind::kResponse;
  std::string key;
  uint64_t hash = 0;
  uint32_t target_at = 0, target_size = 0;  // the part of `key` that invalidations match
  int status = 0;
  ResponseHeadPtr head;  // of kResponse
  net::Slice body;
  std::shared_ptr<DiskSegment> segment;  // whose mapped pages the body is; null: the body is in our own memory
  EpochPtr epoch;                        // in which the fetch began

  Instant stored_at;  // Age counts from here
  Instant fresh_until;
  Instant revalidate_until;               // served stale meanwhile, refreshed behind (stale-while-revalidate)
  std::optional<Instant> stand_in_until;  // serves for a failing origin; none: as long as it is cached

  // The number of the newest invalidation that is known not to concern this entry.
  mutable std::atomic<uint64_t> checked{0};
  // How often it was asked for, up to kFrequencyMax; the eviction's memory.
  mutable std::atomic<uint8_t> frequency{0};
  // Evicted or replaced: whoever still remembers it should let go.
  mutable std::atomic<bool> retired{false};
  // Somebody is fetching its successor behind viewers' backs (stale-while-revalidate).
  mutable std::atomic<bool> refreshing{false};
  // It was offered to the disk tier, or came from there.
  mutable std::atomic<bool> offered{false};

  std::string_view target() const { return std::string_view(key).substr(target_at, target_size); }

  bool IsFresh(Instant now) const { return now < fresh_until; }
  bool MayStandIn(Instant now) const {
    return kind == EntryKind::kResponse && status < 400 && (!stand_in_until || now < *stand_in_until);
  }

  // What it costs to keep, the bookkeeping around it included.
  size_t Cost() const {
    constexpr size_t kBookkeeping = 512;  // control blocks, map and queue nodes, slots of hot indexes
    size_t cost = sizeof(CacheEntry) + kBookkeeping + key.size();
    if (!segment) cost += body.bytes.size();  // else it is the kernel's page cache, which gives way by itself
    if (head) cost += sizeof(ResponseHead) + 3 * head->headers.http1_bytes().size();
    return cost;
  }

  static constexpr uint8_t kFrequencyMax = 3;
  void CountUse() const {
    // Not a read-modify-write: a lost count does no harm, and a hot entry's line stays shared between cores.
    const uint8_t seen = frequency.load(std::memory_order_relaxed);
    if (seen < kFrequencyMax) frequency.store(static_cast<uint8_t>(seen + 1), std::memory_order_relaxed);
  }
};
using EntryPtr = std::shared_ptr<const CacheEntry>;

// The same answer with fresh marks, to be given another lifetime and put in the old one's place.
std::shared_ptr<CacheEntry> CopyForUpdate(const CacheEntry& entry);

// True when an invalidation forbids to serve `entry`. With nothing new in the log this is one comparison.
inline bool IsInvalidated(const CacheEntry& entry, const InvalidationLog& log) {
  const uint64_t latest = log.latest();
  if (entry.checked.load(std::memory_order_relaxed) >= latest) return false;
  if (log.IsStale(entry.target(), entry.epoch->start)) return true;
  entry.checked.store(latest, std::memory_order_relaxed);
  return false;
}

}  // namespace meetinity::edge

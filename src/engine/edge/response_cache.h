#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/bytes.h"
#include "engine/edge/cache_entry.h"

namespace meetinity::edge {

// All cached responses of the process, bounded by bytes. Thread-safe; lookups lock one shard, changes one mutex more.
//
// Evicts as S3-FIFO does (Yang et al., SOSP 2023): newcomers wait in a small queue, and only those asked for again
// there, or soon after they left it, reach the main one. So a crawler that reads everything once passes through a
// tenth of the space and leaves the site's real working set alone. A hit writes at most two bits, and moves nothing.
//
// An entry stays alive while a reader holds it, also after it has left the cache; it is then marked `retired`.
class ResponseCache {
 public:
  explicit ResponseCache(ByteCount capacity);

  EntryPtr Find(uint64_t hash, std::string_view key) const;
  // What an entry that is there already means for one that comes.
  enum class Present { kReplace, kKeep };
  // Makes room for `entry`. False when it alone is too large, when the disk segment it lies in is gone, or when another
  // one is kept in its place.
  bool Insert(EntryPtr entry, Present present = Present::kReplace);
  // Takes `entry` out, unless another one has replaced it.
  void Remove(const CacheEntry& entry);
  void Clear();
  // Is told of entries that were asked for more than once and now give way to others. Before the first Insert; called
  // under the cache's locks, so it must be quick.
  void OnEvicted(std::function<void(const EntryPtr&)> on_evicted) { on_evicted_ = std::move(on_evicted); }

  // True once after each sixteenth of the capacity that left the cache: then hot indexes should let go of retired
  // entries, since they keep their bytes alive.
  bool WantsSweep();

  ByteCount capacity() const { return {capacity_}; }
  struct Stats {
    uint64_t bytes = 0, objects = 0, evictions = 0;
  };
  Stats stats() const;

 private:
  using Queue = std::list<EntryPtr>;
  struct Slot {
    EntryPtr entry;
    Queue::iterator position;  // under changes_
    bool in_main = false;      // under changes_
  };
  // By hash alone: two keys of one hash would share a slot and evict each other, which 64 bits make a curiosity.
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<uint64_t, Slot> slots;
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(uint64_t hash) const { return shards_[hash >> 60]; }
  void MakeRoom(size_t bytes);
  void EvictFromSmall();
  void EvictFromMain();
  void Drop(uint64_t hash, bool evicted);
  void Unlink(const Slot& slot);
  void RememberGhost(uint64_t hash);

  const size_t capacity_;
  std::function<void(const EntryPtr&)> on_evicted_;
  mutable std::array<Shard, kShards> shards_;

  std::mutex changes_;  // taken before a shard's
  Queue small_, main_;  // newest first
  size_t small_bytes_ = 0, main_bytes_ = 0;
  std::list<uint64_t> ghosts_;  // hashes that left `small_` unasked, newest first
  std::unordered_set<uint64_t> ghost_set_;
  size_t bytes_since_sweep_ = 0;
  std::atomic<uint64_t> bytes_{0}, objects_{0}, evictions_{0};
  std::atomic<bool> wants_sweep_{false};
};

}  // namespace meetinity::edge

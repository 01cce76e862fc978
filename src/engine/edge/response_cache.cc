#include "engine/edge/response_cache.h"

#include <algorithm>

#include "engine/edge/disk_segment.h"

namespace meetinity::edge {
namespace {

// The small queue's share of the capacity; the paper's, which hardly matters between 5 and 20 %.
constexpr size_t kSmallShare = 10;

// Ghosts cost some 100 bytes each. As many as there are objects is what the paper keeps; a nearly empty cache keeps
// these few, and none keeps more than the last.
constexpr size_t kGhostsMin = 1'024;
constexpr size_t kGhostsMax = 262'144;

constexpr size_t kSweepShare = 16;

}  // namespace

ResponseCache::ResponseCache(ByteCount capacity) : capacity_(capacity.value) {}

EntryPtr ResponseCache::Find(uint64_t hash, std::string_view key) const {
  Shard& shard = ShardOf(hash);
  std::lock_guard lock(shard.mutex);
  const auto found = shard.slots.find(hash);
  if (found == shard.slots.end() || found->second.entry->key != key) return nullptr;
  found->second.entry->CountUse();
  return found->second.entry;
}

bool ResponseCache::Insert(EntryPtr entry, Present present) {
  const size_t cost = entry->Cost();
  if (cost > capacity_ / 2) return false;
  std::lock_guard changes(changes_);
  const uint64_t hash = entry->hash;
  bool to_main = ghost_set_.contains(hash);
  Shard& shard = ShardOf(hash);
  {
    std::lock_guard lock(shard.mutex);
    const auto found = shard.slots.find(hash);
    if (found != shard.slots.end() && present == Present::kKeep) return false;
    if (found != shard.slots.end()) {  // a refreshed entry keeps its rank
      to_main = to_main || found->second.in_main;
      entry->frequency.store(found->second.entry->frequency.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
  }
  if (entry->segment && !entry->segment->Register(entry)) return false;
  Drop(hash, false);
  MakeRoom(cost);
  Queue& queue = to_main ? main_ : small_;
  (to_main ? main_bytes_ : small_bytes_) += cost;
  queue.push_front(entry);
  {
    std::lock_guard lock(shard.mutex);
    shard.slots.insert_or_assign(hash, Slot{std::move(entry), queue.begin(), to_main});
  }
  bytes_.store(small_bytes_ + main_bytes_, std::memory_order_relaxed);
  objects_.store(small_.size() + main_.size(), std::memory_order_relaxed);
  return true;
}

void ResponseCache::Remove(const CacheEntry& entry) {
  std::lock_guard changes(changes_);
  Shard& shard = ShardOf(entry.hash);
  {
    std::lock_guard lock(shard.mutex);
    const auto found = shard.slots.find(entry.hash);
    if (found == shard.slots.end() || found->second.entry.get() != &entry) return;
  }
  Drop(entry.hash, false);
}

void ResponseCache::Clear() {
  std::lock_guard changes(changes_);
  for (const Queue* queue : {&small_, &main_}) {
    for (const EntryPtr& entry : *queue) entry->retired.store(true, std::memory_order_release);
  }
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    shard.slots.clear();
  }
  small_.clear();
  main_.clear();
  ghosts_.clear();
  ghost_set_.clear();
  small_bytes_ = main_bytes_ = 0;
  bytes_ = objects_ = 0;
  wants_sweep_ = true;
}

bool ResponseCache::WantsSweep() {
  return wants_sweep_.load(std::memory_order_relaxed) && wants_sweep_.exchange(false);
}

ResponseCache::Stats ResponseCache::stats() const {
  return {.bytes = bytes_.load(std::memory_order_relaxed),
          .objects = objects_.load(std::memory_order_relaxed),
          .evictions = evictions_.load(std::memory_order_relaxed)};
}

void ResponseCache::MakeRoom(size_t bytes) {
  while (small_bytes_ + main_bytes_ + bytes > capacity_) {
    if (main_.empty() || (!small_.empty() && small_bytes_ > capacity_ / kSmallShare)) {
      EvictFromSmall();
    } else {
      EvictFromMain();
    }
  }
}

// Frees bytes, or moves an entry on to the main queue; either way the small queue gets shorter.
void ResponseCache::EvictFromSmall() {
  const EntryPtr oldest = small_.back();
  if (oldest->frequency.load(std::memory_order_relaxed) == 0) {
    RememberGhost(oldest->hash);
    return Drop(oldest->hash, true);
  }
  oldest->frequency.store(0, std::memory_order_relaxed);
  Shard& shard = ShardOf(oldest->hash);
  std::lock_guard lock(shard.mutex);
  main_.splice(main_.begin(), small_, std::prev(small_.end()));
  small_bytes_ -= oldest->Cost();
  main_bytes_ += oldest->Cost();
  Slot& slot = shard.slots.at(oldest->hash);
  slot.position = main_.begin();
  slot.in_main = true;
}

// Frees bytes, or takes one use off an entry's count and gives it another round: at most kFrequencyMax of them.
void ResponseCache::EvictFromMain() {
  const EntryPtr& oldest = main_.back();
  const uint8_t uses = oldest->frequency.load(std::memory_order_relaxed);
  if (uses == 0) return Drop(oldest->hash, true);
  oldest->frequency.store(static_cast<uint8_t>(uses - 1), std::memory_order_relaxed);
  main_.splice(main_.begin(), main_, std::prev(main_.end()));
}

void ResponseCache::Drop(uint64_t hash, bool evicted) {
  Shard& shard = ShardOf(hash);
  Slot gone;
  {
    std::lock_guard lock(shard.mutex);
    const auto found = shard.slots.find(hash);
    if (found == shard.slots.end()) return;
    gone = std::move(found->second);
    shard.slots.erase(found);
  }
  gone.entry->retired.store(true, std::memory_order_release);
  Unlink(gone);
  if (evicted) evictions_.fetch_add(1, std::memory_order_relaxed);
  if (evicted && gone.in_main && on_evicted_) on_evicted_(gone.entry);
  bytes_since_sweep_ += gone.entry->Cost();
  if (bytes_since_sweep_ < capacity_ / kSweepShare) return;
  bytes_since_sweep_ = 0;
  wants_sweep_.store(true, std::memory_order_relaxed);
}

void ResponseCache::Unlink(const Slot& slot) {
  (slot.in_main ? main_bytes_ : small_bytes_) -= slot.entry->Cost();
  (slot.in_main ? main_ : small_).erase(slot.position);
  bytes_.store(small_bytes_ + main_bytes_, std::memory_order_relaxed);
  objects_.store(small_.size() + main_.size(), std::memory_order_relaxed);
}

void ResponseCache::RememberGhost(uint64_t hash) {
  if (!ghost_set_.insert(hash).second) return;
  ghosts_.push_front(hash);
  const size_t allowed = std::clamp(main_.size() + small_.size(), kGhostsMin, kGhostsMax);
  while (ghosts_.size() > allowed) {
    ghost_set_.erase(ghosts_.back());
    ghosts_.pop_back();
  }
}

}  // namespace meetinity::edge

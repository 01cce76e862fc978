#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/edge/cache_entry.h"
#include "engine/edge/disk_index.h"
#include "engine/edge/disk_segment.h"

namespace meetinity::edge {

// The second, larger tier of cached responses: segment files in a folder, bounded in bytes, which the next run finds
// again whatever stopped this one. Thread-safe; only Load blocks on the disk, and Clear on unlinking.
//
// A writer thread appends what it is offered and drops the oldest segment when the bound is reached; what of that is in
// use is written once more, so that popular objects stay. When the thread cannot keep up, offers are dropped: this is a
// cache. Nothing is synced, since a record that a crash tore is noticed by its checksums and is not missed.
class DiskTier {
 public:
  // `let_go` is told of cached entries whose bytes are about to leave the disk; called on the writer thread.
  using LetGo = std::function<void(const CacheEntry&)>;
  // Where the folder holds segments they are read through behind the scenes, newest first, which takes microseconds a
  // record; meanwhile what has not been seen yet is not found.
  static Result<std::unique_ptr<DiskTier>> Open(std::string folder, ByteCount capacity, LetGo let_go);
  // Removes the segments in `folder`, for a tier whose past cannot be trusted. Before Open.
  static Status Empty(const std::string& folder);
  ~DiskTier();

  // False: it is not here. True: reading is worth a try.
  bool MayHave(uint64_t hash) const { return index_.Find(hash).has_value(); }
  // The entry of `key`, as it was written; freshness and invalidations are the caller's to judge. Null when it is not
  // here or was harmed. Blocks.
  EntryPtr Load(uint64_t hash, std::string_view key);
  // Wants `entry` kept. Only responses are, and no errors; of what cannot be written now nothing is said.
  void Offer(const EntryPtr& entry);
  // What is here under `hash` has a successor, or must not be served any more.
  void Forget(uint64_t hash) { index_.Erase(hash); }
  void Clear();
  // Returns once everything offered before has been written or dropped, and the folder's scan has ended: for tests.
  void Settle();

  struct Stats {
    uint64_t bytes = 0, objects = 0, index_bytes = 0, written = 0, dropped_offers = 0, damaged = 0, write_errors = 0;
  };
  Stats stats() const;
  ByteCount capacity() const { return {capacity_}; }

 private:
  using SegmentPtr = std::shared_ptr<DiskSegment>;
  struct Counters {
    std::atomic<uint64_t> written{0}, dropped_offers{0}, damaged{0}, write_errors{0};
  };

  DiskTier(std::string folder, ByteCount capacity, LetGo let_go);
  Status FindSegments();
  void Work();
  void ScanSegments();
  void Write(const EntryPtr& entry);
  bool WriteOnce(const CacheEntry& entry, uint64_t generation);
  SegmentPtr SegmentFor(uint64_t bytes);
  void MakeRoom(uint64_t bytes);
  void DropOldest();
  SegmentPtr Find(uint32_t number) const;
  std::string PathOf(uint32_t number) const;

  const std::string folder_;
  const uint64_t capacity_, segment_bytes_, objects_max_;
  const LetGo let_go_;
  DiskIndex index_;
  Counters counters_;

  mutable std::mutex segments_mutex_;
  std::map<uint32_t, SegmentPtr> segments_;  // by number, so oldest first
  SegmentPtr current_;                       // null: the next write begins one
  uint32_t newest_ = 0;
  // Of Clear: what was under way when it was called must not come back. Changes under the mutex.
  std::atomic<uint64_t> generation_{0};

  mutable std::mutex queue_mutex_;
  std::condition_variable wakes_, settled_;
  std::deque<EntryPtr> queue_;
  uint64_t queued_bytes_ = 0;
  bool stopping_ = false, is_idle_ = false;
  std::thread writer_;
};

}  // namespace meetinity::edge

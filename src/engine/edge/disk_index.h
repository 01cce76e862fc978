#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace meetinity::edge {

// Where each response of the disk tier lies, by its key's hash. Thread-safe.
//
// Sixteen bytes a place, in tables that are between three eighths and three quarters full: 22 to 43 bytes a response.
// The key itself is on disk, so a place found here may be another key's; who reads the record compares.
class DiskIndex {
 public:
  struct Place {
    uint32_t segment = 0;
    uint32_t unit = 0;  // the record's offset, in kRecordAlignment
    bool operator==(const Place&) const = default;
  };

  std::optional<Place> Find(uint64_t hash) const;
  // The younger of two places stays: segments and offsets grow with time.
  void Put(uint64_t hash, Place place);
  void Erase(uint64_t hash);
  // Takes out what lies in segments before `segment`.
  void EraseBefore(uint32_t segment);
  void Clear();

  size_t size() const;
  size_t memory_bytes() const;

 private:
  struct Slot {
    uint64_t hash = 0;
    Place place;  // segments count from 1; 0: an empty slot
  };
  struct Shard {
    mutable std::mutex mutex;
    std::vector<Slot> slots;  // a power of two, or none
    size_t used = 0;

    size_t Home(uint64_t hash) const { return hash & (slots.size() - 1); }
    // The slot of `hash`, or the empty one where it would go. There is one: no table is ever full.
    size_t Seek(uint64_t hash) const;
    void EraseAt(size_t at);
    void Rebuild(size_t slot_count);
  };
  static constexpr size_t kShards = 16;
  static constexpr size_t kSlotsMin = 64;

  Shard& ShardOf(uint64_t hash) { return shards_[hash >> 60]; }
  const Shard& ShardOf(uint64_t hash) const { return shards_[hash >> 60]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace meetinity::edge

#include "engine/edge/disk_index.h"

#include <tuple>
#include <utility>

namespace meetinity::edge {

size_t DiskIndex::Shard::Seek(uint64_t hash) const {
  size_t at = Home(hash);
  while (slots[at].place.segment != 0 && slots[at].hash != hash) at = (at + 1) & (slots.size() - 1);
  return at;
}

// Moves up what stands behind the gap and may, so that every search still ends at the first empty slot.
void DiskIndex::Shard::EraseAt(size_t at) {
  const size_t mask = slots.size() - 1;
  for (size_t next = (at + 1) & mask; slots[next].place.segment != 0; next = (next + 1) & mask) {
    const size_t probed = (next - Home(slots[next].hash)) & mask;
    if (probed < ((next - at) & mask)) continue;
    slots[at] = slots[next];
    at = next;
  }
  slots[at] = {};
  --used;
}

void DiskIndex::Shard::Rebuild(size_t slot_count) {
  const std::vector<Slot> old = std::exchange(slots, std::vector<Slot>(slot_count));
  for (const Slot& slot : old) {
    if (slot.place.segment != 0) slots[Seek(slot.hash)] = slot;
  }
}

std::optional<DiskIndex::Place> DiskIndex::Find(uint64_t hash) const {
  const Shard& shard = ShardOf(hash);
  std::lock_guard lock(shard.mutex);
  if (shard.used == 0) return std::nullopt;
  const Slot& slot = shard.slots[shard.Seek(hash)];
  if (slot.place.segment == 0) return std::nullopt;
  return slot.place;
}

void DiskIndex::Put(uint64_t hash, Place place) {
  Shard& shard = ShardOf(hash);
  std::lock_guard lock(shard.mutex);
  if (shard.slots.empty()) shard.slots.resize(kSlotsMin);
  if ((shard.used + 1) * 4 > shard.slots.size() * 3) shard.Rebuild(shard.slots.size() * 2);
  Slot& slot = shard.slots[shard.Seek(hash)];
  if (std::tie(slot.place.segment, slot.place.unit) > std::tie(place.segment, place.unit)) return;
  if (slot.place.segment == 0) ++shard.used;
  slot = {hash, place};
}

void DiskIndex::Erase(uint64_t hash) {
  Shard& shard = ShardOf(hash);
  std::lock_guard lock(shard.mutex);
  if (shard.used == 0) return;
  const size_t at = shard.Seek(hash);
  if (shard.slots[at].place.segment != 0) shard.EraseAt(at);
}

void DiskIndex::EraseBefore(uint32_t segment) {
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    for (Slot& slot : shard.slots) {
      if (slot.place.segment == 0 || slot.place.segment >= segment) continue;
      slot = {};
      --shard.used;
    }
    // Closes the gaps at once; a quarter as many slots where that leaves the table nearly empty.
    const bool is_sparse = shard.slots.size() > kSlotsMin && shard.used * 8 < shard.slots.size();
    if (!shard.slots.empty()) shard.Rebuild(is_sparse ? shard.slots.size() / 4 : shard.slots.size());
  }
}

void DiskIndex::Clear() {
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    shard.slots = {};
    shard.used = 0;
  }
}

size_t DiskIndex::size() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum += shard.used;
  }
  return sum;
}

size_t DiskIndex::memory_bytes() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum += shard.slots.size() * sizeof(Slot);
  }
  return sum;
}

}  // namespace meetinity::edge

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/edge/cache_entry.h"

namespace meetinity::edge {

// An entry as one reactor holds it. The reactor's responses share this pin and count its owners on its own cache line,
// instead of all reactors counting on the entry's.
struct HotPin {
  EntryPtr entry;
};
using HotPinPtr = std::shared_ptr<const HotPin>;

// A reactor's own table of entries it served lately, in front of the shared cache: a hit here takes no lock.
// Belongs to one thread. Four entries share a set; the one that was not used last gives way.
class HotIndex {
 public:
  HotIndex() : sets_(kSets) {}

  // Live until the next call that changes the index. Null when unknown, retired or another key's.
  const HotPinPtr* Find(uint64_t hash, std::string_view key) {
    Set& set = sets_[hash % kSets];
    for (size_t way = 0; way < kWays; ++way) {
      HotPinPtr& pin = set.pins[way];
      if (set.hashes[way] != hash || !pin || pin->entry->key != key) continue;
      if (pin->entry->retired.load(std::memory_order_acquire)) {
        pin.reset();
        return nullptr;
      }
      set.used_last = static_cast<uint8_t>(way);
      return &pin;
    }
    return nullptr;
  }

  const HotPinPtr& Insert(EntryPtr entry) {
    Set& set = sets_[entry->hash % kSets];
    const size_t way = WayFor(set, entry->hash);
    set.hashes[way] = entry->hash;
    set.used_last = static_cast<uint8_t>(way);
    set.pins[way] = std::make_shared<HotPin>(HotPin{std::move(entry)});
    return set.pins[way];
  }

  // Lets go of entries that have left the cache.
  void Sweep() {
    for (Set& set : sets_) {
      for (HotPinPtr& pin : set.pins) {
        if (pin && pin->entry->retired.load(std::memory_order_acquire)) pin.reset();
      }
    }
  }

 private:
  // 16 384 entries in some 400 KiB a reactor: more than a site's hot pages, little next to a core's L2 misses saved.
  static constexpr size_t kSets = 4'096;
  static constexpr size_t kWays = 4;
  struct Set {
    std::array<uint64_t, kWays> hashes{};
    std::array<HotPinPtr, kWays> pins;
    uint8_t used_last = 0;
  };

  static size_t WayFor(const Set& set, uint64_t hash) {
    for (size_t way = 0; way < kWays; ++way) {
      if (set.pins[way] && set.hashes[way] == hash) return way;
    }
    for (size_t way = 0; way < kWays; ++way) {
      if (!set.pins[way]) return way;
    }
    return (set.used_last + 1U) % kWays;
  }

  std::vector<Set> sets_;
};

}  // namespace meetinity::edge

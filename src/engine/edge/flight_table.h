#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace meetinity::edge {

class CacheKey;
class Flight;

// The fetches under way that others may join, by key. Thread-safe; asked on misses only.
class FlightTable {
 public:
  // Runs `use(std::shared_ptr<Flight>&)` with the flight for `key`, or null, which `use` may replace by a new one. What
  // others do with the same key waits meanwhile, so `use` must be quick.
  template <class Use>
  void With(uint64_t hash, Use&& use) {
    Shard& shard = shards_[hash >> 60];
    std::lock_guard lock(shard.mutex);
    std::shared_ptr<Flight>& slot = shard.flights[hash];
    use(slot);
    if (!slot) shard.flights.erase(hash);
  }

  // Takes `flight` out, unless another has replaced it.
  void Remove(uint64_t hash, const Flight* flight) {
    With(hash, [flight](std::shared_ptr<Flight>& slot) {
      if (slot.get() == flight) slot.reset();
    });
  }

  std::vector<std::shared_ptr<Flight>> TakeAll() {
    std::vector<std::shared_ptr<Flight>> taken;
    for (Shard& shard : shards_) {
      std::lock_guard lock(shard.mutex);
      for (auto& [hash, flight] : shard.flights) taken.push_back(std::move(flight));
      shard.flights.clear();
    }
    return taken;
  }

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<uint64_t, std::shared_ptr<Flight>> flights;
  };
  std::array<Shard, 16> shards_;
};

}  // namespace meetinity::edge

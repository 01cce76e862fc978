#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "engine/edge/body_store.h"
#include "engine/edge/disk_tier.h"
#include "engine/edge/edge.h"
#include "engine/edge/flight_table.h"
#include "engine/edge/response_cache.h"
#include "net/reactor.h"

namespace meetinity::edge {

class Worker;

// What all workers and flights of one edge share. Flights keep it alive; its workers go when the Edge goes.
struct EdgeCore : std::enable_shared_from_this<EdgeCore> {
  EdgeCore(std::vector<net::Reactor*> on, net::WorkerPool& blocking, EdgeOptions with)
      : reactors(std::move(on)), pool(blocking), options(std::move(with)), cache(options.cache_capacity) {}

  const std::vector<net::Reactor*> reactors;
  net::WorkerPool& pool;
  const EdgeOptions options;
  BodyStore bodies;
  ResponseCache cache;
  std::unique_ptr<DiskTier> disk;  // null: memory is all there is; goes first, as its writer calls the cache
  std::atomic<bool> disk_is_open{false};
  FlightTable flights;
  std::atomic<size_t> filling_bytes{0};  // of bodies on their way into the cache
  std::function<void(const RequestRecord&)> observer;
  std::vector<std::unique_ptr<Worker>> workers;  // by position in `reactors`
};

}  // namespace meetinity::edge

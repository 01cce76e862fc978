#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/check.h"
#include "engine/balancer/balancer.h"
#include "engine/balancer/certificate_desk.h"
#include "engine/balancer/receiver.h"
#include "net/reactor.h"

namespace meetinity::balancer {

class Worker;

// Whose socket a request came through: one of the listener's own, which has asked the admission rules already, or that
// of a server which knows no such rules.
enum class AcceptedBy : uint8_t { kListener, kAnotherServer };

// What the workers of one balancer share.
struct BalancerCore {
  BalancerCore(std::vector<net::Reactor*> on, net::WorkerPool& blocking, Observer& hears)
      : reactors(std::move(on)), pool(blocking), observer(hears) {}

  const std::vector<net::Reactor*> reactors;
  net::WorkerPool& pool;
  Observer& observer;
  std::vector<std::unique_ptr<Worker>> workers;  // by position in `reactors`
  std::vector<Worker*> by_reactor;               // by the reactor's number
  DeskBook desks;
  // Something of a draining target ended, and nothing of it is left under way; called on the worker's thread.
  std::function<void()> on_drained;

  Worker& WorkerOn(const net::Reactor& reactor) const {
    const auto index = static_cast<size_t>(reactor.index());
    CHECK(index < by_reactor.size() && by_reactor[index] != nullptr);
    return *by_reactor[index];
  }
};

}  // namespace meetinity::balancer

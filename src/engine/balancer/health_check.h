#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "engine/balancer/balancer.h"
#include "engine/balancer/snapshot.h"
#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::balancer {

// What one check of a target came to.
struct CheckResult {
  bool passed = false;
  HealthReason reason = HealthReason::kNone;
  int status = 0;
};

// Turns checks' results into states. ALB user guide, "Health checks for your target groups": a new target is healthy
// after one pass; afterwards the thresholds count results in a row.
class HealthTrack {
 public:
  // The state after this result, from the one before; only kInitial, kHealthy and kUnhealthy come and go here.
  TargetHealth Next(const TargetHealth& before, const CheckResult& result, const HealthCheck& rules);

 private:
  int passes_ = 0, failures_ = 0;  // in a row
};

bool Accepts(const HealthCheck& rules, int status);

// Checks targets from one reactor, each at its group's interval, over a fresh connection each time. Used on the
// reactor's thread.
class HealthChecker {
 public:
  using Tell = std::function<void(const ReceiverPtr& receiver, const TargetHealth& health)>;
  // `tell` hears of states that are news.
  HealthChecker(net::Reactor& reactor, Tell tell);
  ~HealthChecker();

  // Checks those targets of the snapshot that fall to the reactor `share` of `shares`: new ones at once, others go on.
  void Adopt(const SnapshotPtr& snapshot, size_t share, size_t shares);
  void Stop();

 private:
  class Probe;
  net::HttpClient& client();

  net::Reactor& reactor_;
  const Tell tell_;
  std::unique_ptr<net::HttpClient> client_;
  std::unordered_map<const Receiver*, std::unique_ptr<Probe>> probes_;
};

}  // namespace meetinity::balancer

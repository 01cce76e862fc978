#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/elbv2/data_plane.h"
#include "base/guarded.h"
#include "engine/balancer/balancer.h"
#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::elbv2 {

// The data plane of this machine: engine/balancer on the program's reactors.
//
// What the balancer tells on its reactors' threads is handed to workers, where handlers may block. Set the callbacks
// before the first configuration is published.
class EngineDataPlane : public DataPlane, private balancer::Observer {
 public:
  EngineDataPlane(std::vector<net::Reactor*> reactors, net::WorkerPool& workers)
      : workers_(workers), balancer_(std::move(reactors), workers, *this) {}

  // On a worker: a deregistered target has nothing under way any more.
  void OnDrained(std::function<void(const std::string& group_id, const std::string& target_id)> drained) {
    drained_ = std::move(drained);
  }
  // On a reactor's thread, of load balancers that log access: must not block.
  void OnFinished(std::function<void(const balancer::AccessRecord&)> finished) { finished_ = std::move(finished); }

  void Publish(balancer::ConfigurationPtr next, std::function<void()> adopted) override;
  std::vector<balancer::ListenerProblem> Problems() const override { return balancer_.problems(); }
  balancer::TargetHealth HealthOf(std::string_view group_id, std::string_view target_id) const override {
    return balancer_.HealthOf(group_id, target_id);
  }

  // Who answers for a name on the shared ports: its load balancer's listener for HTTP, or that for HTTPS. Without one
  // the connection is closed, as a port that nobody listens on would refuse it. Lives as long as this does; the same
  // names are the same handler.
  net::HttpHandler& HandlerFor(const std::string& http_listener, const std::string& https_listener);

  balancer::Balancer& balancer() { return balancer_; }

 private:
  void OnHealthChanged(std::string_view, std::string_view, const balancer::TargetHealth&) override {}
  void OnDrained(std::string_view group_id, std::string_view target_id) override;
  void OnRequest(const balancer::AccessRecord& record) override;

  net::WorkerPool& workers_;
  std::function<void(const std::string&, const std::string&)> drained_;
  std::function<void(const balancer::AccessRecord&)> finished_;
  // Kept while the process lives, because a front door's reactors may still hold the routes of before.
  Guarded<std::map<std::pair<std::string, std::string>, std::unique_ptr<net::HttpHandler>>> entrances_;
  balancer::Balancer balancer_;  // goes first: it tells the others
};

}  // namespace meetinity::elbv2

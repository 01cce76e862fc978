#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/balancer/balancer.h"
#include "net/http_server.h"
#include "net/reactor.h"

namespace meetinity::balancer::testing {

// Remembers what a balancer tells. Thread-safe.
class TestObserver final : public Observer {
 public:
  void OnHealthChanged(std::string_view group, std::string_view target, const TargetHealth& health) override;
  void OnDrained(std::string_view group, std::string_view target) override;
  void OnRequest(const AccessRecord& record) override;
  void OnFlow(const FlowRecord& record) override;

  // Waits until that comes true; fails the test when it does not for a long time.
  void AwaitState(const std::string& target, TargetState state);
  void AwaitDrained(const std::string& target);
  AccessRecord AwaitRecord();  // the oldest not yet taken
  FlowRecord AwaitFlow();

  std::vector<TargetHealth> HistoryOf(const std::string& target) const;
  bool WasDrained(const std::string& target) const;

 private:
  void Await(const std::function<bool()>& condition, const char* what);
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<TargetHealth>> history_;
  std::vector<std::string> drained_;
  std::vector<AccessRecord> records_;
  std::vector<FlowRecord> flows_;
};

class BalancerHouse {
 public:
  explicit BalancerHouse(int reactors = 2);
  ~BalancerHouse();

  // One load balancer "lb" with the listener "listener" on 127.0.0.1, forwarding to the group "group"; edit it, then
  // Apply.
  Configuration config;
  LoadBalancer& balancer() { return config.load_balancers.front(); }
  Listener& listener() { return balancer().listeners.front(); }
  TargetGroup& group() { return config.target_groups.front(); }
  // Makes it a network load balancer with a TCP listener and group.
  void BeNetwork();
  void AddTarget(const std::string& id, uint16_t port, const std::string& group_id = "group");
  TargetGroup& AddGroup(const std::string& id);
  Rule& AddRule(int priority, std::vector<Condition> conditions, Action action);

  // Returns once every reactor has it.
  std::vector<ListenerProblem> Apply();
  // The same, and every target that is not draining is healthy.
  void ApplyAndAwaitHealthy();
  uint16_t port(const std::string& listener_id = "listener") { return balancer_->PortOf(listener_id); }

  // Another server on the same reactors, which hands the listener's requests over and also understands HTTP/2 without
  // TLS; its port.
  uint16_t ServeApart();

  // Returns once every reactor has done what it does at that time.
  void Advance(Duration by);
  void Settle();
  void RunOn(size_t reactor, const std::function<void()>& task);

  Balancer& engine() { return *balancer_; }
  TestObserver observer;
  FakeClock clock;

 private:
  std::vector<std::unique_ptr<net::Reactor>> reactors_;
  std::unique_ptr<net::WorkerPool> workers_;
  std::unique_ptr<Balancer> balancer_;
  std::unique_ptr<net::HttpServer> apart_;
  std::vector<std::thread> threads_;
};

}  // namespace meetinity::balancer::testing

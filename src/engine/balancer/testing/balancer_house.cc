#include "engine/balancer/testing/balancer_house.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>

namespace meetinity::balancer::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

void AwaitCall(const std::function<void(std::function<void()>)>& start) {
  const auto promise = std::make_shared<std::promise<void>>();
  start([promise] { promise->set_value(); });
  promise->get_future().wait();
}

}  // namespace

void TestObserver::OnHealthChanged(std::string_view, std::string_view target, const TargetHealth& health) {
  const std::lock_guard lock(mutex_);
  history_[std::string(target)].push_back(health);
  changed_.notify_all();
}

void TestObserver::OnDrained(std::string_view, std::string_view target) {
  const std::lock_guard lock(mutex_);
  drained_.emplace_back(target);
  changed_.notify_all();
}

void TestObserver::OnRequest(const AccessRecord& record) {
  const std::lock_guard lock(mutex_);
  records_.push_back(record);
  changed_.notify_all();
}

void TestObserver::OnFlow(const FlowRecord& record) {
  const std::lock_guard lock(mutex_);
  flows_.push_back(record);
  changed_.notify_all();
}

void TestObserver::Await(const std::function<bool()>& condition, const char* what) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, condition)) << what << " did not happen";
}

void TestObserver::AwaitState(const std::string& target, TargetState state) {
  Await([&] { return !history_[target].empty() && history_[target].back().state == state; }, "a change of health");
}

void TestObserver::AwaitDrained(const std::string& target) {
  Await([&] { return std::ranges::find(drained_, target) != drained_.end(); }, "a target's draining");
}

AccessRecord TestObserver::AwaitRecord() {
  Await([&] { return !records_.empty(); }, "a record of a request");
  const std::lock_guard lock(mutex_);
  if (records_.empty()) return {};
  AccessRecord record = records_.front();
  records_.erase(records_.begin());
  return record;
}

FlowRecord TestObserver::AwaitFlow() {
  Await([&] { return !flows_.empty(); }, "a record of a flow");
  const std::lock_guard lock(mutex_);
  if (flows_.empty()) return {};
  FlowRecord record = flows_.front();
  flows_.erase(flows_.begin());
  return record;
}

std::vector<TargetHealth> TestObserver::HistoryOf(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto found = history_.find(target);
  return found == history_.end() ? std::vector<TargetHealth>{} : found->second;
}

bool TestObserver::WasDrained(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(drained_, target) != drained_.end();
}

BalancerHouse::BalancerHouse(int reactors) : workers_(std::make_unique<net::WorkerPool>(1, 16)) {
  config.cookie_secret = "a secret of the tests";
  LoadBalancer& lb = config.load_balancers.emplace_back();
  lb.id = "lb";
  lb.name = "test";
  Listener& front = lb.listeners.emplace_back();
  front.id = "listener";
  front.port = 80;
  front.bindings.push_back({"127.0.0.1", 0, ""});
  front.rules.push_back({0, {}, ForwardAction{{{"group", 1}}, {}}});
  AddGroup("group");

  std::vector<net::Reactor*> pointers;
  for (int i = 0; i < reactors; ++i) {
    reactors_.push_back(net::Reactor::Open(clock, i).value());
    pointers.push_back(reactors_.back().get());
  }
  balancer_ = std::make_unique<Balancer>(pointers, *workers_, observer);
  for (const auto& reactor : reactors_) threads_.emplace_back([&reactor] { reactor->Run(); });
}

BalancerHouse::~BalancerHouse() {
  if (apart_) AwaitCall([&](std::function<void()> drained) { apart_->Drain(Duration::zero(), std::move(drained)); });
  apart_.reset();
  AwaitCall([&](std::function<void()> stopped) { balancer_->Stop(Duration::zero(), std::move(stopped)); });
  Settle();
  for (const auto& reactor : reactors_) reactor->Stop();
  for (std::thread& thread : threads_) thread.join();
  balancer_.reset();
}

uint16_t BalancerHouse::ServeApart() {
  std::vector<net::Reactor*> pointers;
  for (const auto& reactor : reactors_) pointers.push_back(reactor.get());
  net::ListenerOptions options;
  options.handler = &balancer_->HandlerFor("listener");
  apart_ = net::HttpServer::Listen(pointers, *workers_, options).value();
  return apart_->port();
}

void BalancerHouse::BeNetwork() {
  balancer().kind = BalancerKind::kNetwork;
  balancer().cross_zone = true;
  listener().protocol = ListenerProtocol::kTcp;
  group().protocol = TargetProtocol::kTcp;
  group().health_check.protocol = TargetProtocol::kTcp;
}

TargetGroup& BalancerHouse::AddGroup(const std::string& id) {
  TargetGroup& added = config.target_groups.emplace_back();
  added.id = id;
  return added;
}

void BalancerHouse::AddTarget(const std::string& id, uint16_t port, const std::string& group_id) {
  for (TargetGroup& each : config.target_groups) {
    if (each.id != group_id) continue;
    Target& target = each.targets.emplace_back();
    target.id = id;
    target.address = "127.0.0.1";
    target.port = port;
  }
}

Rule& BalancerHouse::AddRule(int priority, std::vector<Condition> conditions, Action action) {
  listener().rules.push_back({priority, std::move(conditions), std::move(action)});
  return listener().rules.back();
}

std::vector<ListenerProblem> BalancerHouse::Apply() {
  ++config.number;
  std::vector<ListenerProblem> problems;
  AwaitCall([&](std::function<void()> adopted) {
    problems = balancer_->Apply(std::make_shared<const Configuration>(config), std::move(adopted));
  });
  return problems;
}

void BalancerHouse::ApplyAndAwaitHealthy() {
  Apply();
  for (const TargetGroup& each : config.target_groups) {
    for (const Target& target : each.targets) {
      if (!target.draining_since) observer.AwaitState(target.id, TargetState::kHealthy);
    }
  }
}

void BalancerHouse::Advance(Duration by) {
  Settle();
  clock.Advance(by);
  Settle();
}

void BalancerHouse::Settle() {
  // Events that are ready, timers, and what those defer, some times over.
  for (int round = 0; round < 6; ++round) {
    for (size_t i = 0; i < reactors_.size(); ++i) RunOn(i, [] {});
  }
}

void BalancerHouse::RunOn(size_t reactor, const std::function<void()>& task) {
  AwaitCall([&](std::function<void()> ran) {
    reactors_[reactor]->Post([&task, ran] {
      task();
      ran();
    });
  });
}

}  // namespace meetinity::balancer::testing

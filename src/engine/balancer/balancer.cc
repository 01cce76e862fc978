#include "engine/balancer/balancer.h"

#include <atomic>
#include <map>
#include <utility>

#include "base/guarded.h"
#include "base/log.h"
#include "engine/balancer/anomaly_watch.h"
#include "engine/balancer/core.h"
#include "engine/balancer/listener_ports.h"
#include "engine/balancer/snapshot.h"
#include "engine/balancer/target_choice.h"
#include "engine/balancer/worker.h"

namespace meetinity::balancer {
namespace {

// How often it is looked for what only time brings: deregistration delays that are over, ports that are free again.
constexpr Duration kHousekeepingInterval = std::chrono::seconds(1);

// Looks at outliers once in so many rounds of housekeeping.
constexpr int kRoundsPerAnomalyLook = 10;

std::shared_ptr<const net::TlsClientContext> TrustingContext(std::vector<std::string> alpn) {
  net::TlsClientOptions options;
  options.alpn = std::move(alpn);
  // ALB user guide: "the load balancer does not validate certificates of targets"; and they may be old.
  options.verifies = false;
  options.minimum = net::TlsVersion::kTls10;
  auto made = net::TlsClientContext::Create(options);
  CHECK(made.ok());
  return std::move(made).value();
}

}  // namespace

struct Balancer::State {
  State(std::vector<net::Reactor*> reactors, net::WorkerPool& pool, Observer& observer)
      : core(std::move(reactors), pool, observer), control(Control(core)) {}

  struct Control {
    explicit Control(BalancerCore& core) : ports(std::make_unique<ListenerPorts>(core)) {}
    uint64_t newest = 0;
    bool has_any = false;
    Snapshot::Known known;
    SnapshotPtr snapshot;
    std::vector<ListenerProblem> certificate_problems;
    std::unique_ptr<ListenerPorts> ports;
    std::map<std::string, std::unique_ptr<ListenerHandler>, std::less<>> handlers;
  };

  void OnEveryReactor(std::function<void(Worker&)> visit, std::function<void()> done);
  void PublishCertificates(Control& held, const Snapshot& snapshot);
  void DeclareStates(const Snapshot& snapshot);
  void Housekeep();
  void TellDrained();

  BalancerCore core;
  Guarded<Control> control;
  std::atomic<uint64_t> adopted{0};  // by every reactor
  // On the first reactor's thread.
  net::Timer housekeeping;
  AnomalyWatch anomalies;
  int rounds = 0;
};

// Runs `visit` on every reactor, then `done` on the last of them.
void Balancer::State::OnEveryReactor(std::function<void(Worker&)> visit, std::function<void()> done) {
  struct Round {
    std::function<void(Worker&)> visit;
    std::function<void()> done;
    std::atomic<size_t> left;
  };
  auto round = std::make_shared<Round>();
  round->visit = std::move(visit);
  round->done = std::move(done);
  round->left = core.reactors.size();
  for (size_t i = 0; i < core.reactors.size(); ++i) {
    core.reactors[i]->Post([this, round, i] {
      if (round->visit) round->visit(*core.workers[i]);
      if (round->left.fetch_sub(1) == 1 && round->done) round->done();
    });
  }
}

Balancer::Balancer(std::vector<net::Reactor*> reactors, net::WorkerPool& workers, Observer& observer)
    : state_(std::make_unique<State>(std::move(reactors), workers, observer)) {
  BalancerCore& core = state_->core;
  CHECK(!core.reactors.empty());
  for (size_t i = 0; i < core.reactors.size(); ++i) {
    core.workers.push_back(std::make_unique<Worker>(core, *core.reactors[i], i));
    const auto index = static_cast<size_t>(core.reactors[i]->index());
    if (core.by_reactor.size() <= index) core.by_reactor.resize(index + 1, nullptr);
    core.by_reactor[index] = core.workers.back().get();
  }
  core.on_drained = [state = state_.get()] { state->core.reactors.front()->Post([state] { state->TellDrained(); }); };
  state_->control.With([&](State::Control& control) {
    control.known.reactors = core.reactors.size();
    control.known.tls_http1 = TrustingContext({"http/1.1"});
    control.known.tls_http2 = TrustingContext({"h2", "http/1.1"});
  });
  core.reactors.front()->Post([state = state_.get()] { state->Housekeep(); });
}

Balancer::~Balancer() {
  for (const auto& worker : state_->core.workers) worker->Forget();
}

void Balancer::State::PublishCertificates(Control& held, const Snapshot& snapshot) {
  held.certificate_problems.clear();
  for (const auto& view : snapshot.all_listeners()) {
    const ListenerProtocol protocol = view->config->protocol;
    if (protocol != ListenerProtocol::kHttps && protocol != ListenerProtocol::kTls) continue;
    Status problem;
    core.desks.Publish(held.known.slots.at(view->config->id), *view->balancer, *view->config, problem);
    if (!problem.ok()) held.certificate_problems.push_back({view->config->id, problem.error()});
  }
}

// What the configuration says of each target. Told on the reactor that checks it, so that what a check finds is told
// afterwards.
void Balancer::State::DeclareStates(const Snapshot& snapshot) {
  for (const auto& group : snapshot.groups()) {
    for (const TargetView& target : group->targets) {
      Receiver& receiver = *target.receiver;
      const TargetHealth before = receiver.health();
      TargetHealth health{TargetState::kInitial, HealthReason::kInitialChecking, 0};
      const bool is_draining = target.config->draining_since.has_value();
      if (is_draining) {
        health = {TargetState::kDraining, HealthReason::kDeregistration, 0};
      } else if (!group->in_use) {
        health = {TargetState::kUnused, HealthReason::kNotInUse, 0};
      } else if (!group->config->health_check.enabled) {
        health = {TargetState::kHealthy, HealthReason::kChecksAreDisabled, 0};
      } else if (before.state != TargetState::kUnused && before.state != TargetState::kDraining &&
                 before.reason != HealthReason::kChecksAreDisabled) {
        continue;  // its checks go on
      }
      if (!is_draining) receiver.drained_told = false;
      const bool is_news = receiver.Declare(health);
      if (!is_news) continue;
      const size_t checker = HashBytes(receiver.target_id()) % core.reactors.size();
      core.reactors[checker]->Post([this, receiver = target.receiver, health] {
        core.observer.OnHealthChanged(receiver->group_id(), receiver->target_id(), health);
      });
    }
  }
}

std::vector<ListenerProblem> Balancer::Apply(ConfigurationPtr next, std::function<void()> adopted) {
  // Posted under the lock, so that all reactors see configurations in the same order.
  state_->control.With([&](State::Control& control) {
    State* const state = state_.get();
    if (control.has_any && next->number < control.newest) {
      return state->OnEveryReactor(nullptr, std::move(adopted));
    }
    control.has_any = true;
    control.newest = next->number;
    control.snapshot = std::make_shared<const Snapshot>(std::move(next), control.known);
    const SnapshotPtr snapshot = control.snapshot;
    state->PublishCertificates(control, *snapshot);
    state->DeclareStates(*snapshot);
    state->OnEveryReactor([snapshot](Worker& worker) { worker.Adopt(snapshot); }, nullptr);
    control.ports->Reconcile(*snapshot, control.known.slots);
    // After the sockets of listeners that are gone are closed, which was posted just now: their ports may be wanted.
    state->OnEveryReactor(nullptr, [state, number = snapshot->number(), adopted = std::move(adopted)] {
      state->control.With([](State::Control& held) {
        if (held.ports->has_unopened()) held.ports->Retry();
      });
      uint64_t seen = state->adopted.load();
      while (seen < number && !state->adopted.compare_exchange_weak(seen, number)) continue;
      state->TellDrained();
      if (adopted) adopted();
    });
  });
  return problems();
}

std::vector<ListenerProblem> Balancer::problems() const {
  return state_->control.With([](const State::Control& control) {
    std::vector<ListenerProblem> problems = control.ports->problems();
    problems.insert(problems.end(), control.certificate_problems.begin(), control.certificate_problems.end());
    return problems;
  });
}

net::HttpHandler& Balancer::HandlerFor(const std::string& listener_id) {
  return state_->control.With([&](State::Control& control) -> net::HttpHandler& {
    auto& handler = control.handlers[listener_id];
    if (!handler) {
      const size_t slot = control.known.slots.try_emplace(listener_id, control.known.slots.size()).first->second;
      handler = std::make_unique<ListenerHandler>(state_->core, slot, "", AcceptedBy::kAnotherServer);
    }
    return *handler;
  });
}

uint16_t Balancer::PortOf(std::string_view listener_id, size_t binding) const {
  return state_->control.With(
      [&](const State::Control& control) { return control.ports->PortOf(listener_id, binding); });
}

void Balancer::State::Housekeep() {
  housekeeping = core.reactors.front()->StartTimer(kHousekeepingInterval, [this] { Housekeep(); });
  const SnapshotPtr snapshot = control.With([](Control& held) {
    if (held.ports->has_unopened()) held.ports->Retry();
    return held.snapshot;
  });
  if (!snapshot) return;
  if (++rounds % kRoundsPerAnomalyLook == 0) anomalies.Look(*snapshot);
  TellDrained();
}

// Only of what every reactor knows to be draining: else a request could still begin.
void Balancer::State::TellDrained() {
  const SnapshotPtr snapshot = control.With([](const Control& held) { return held.snapshot; });
  if (!snapshot || adopted.load() < snapshot->number()) return;
  const Instant now = core.reactors.front()->clock().Now();
  for (const auto& group : snapshot->groups()) {
    for (const TargetView& target : group->targets) {
      if (!target.config->draining_since) continue;
      Receiver& receiver = *target.receiver;
      const bool is_over = now - *target.config->draining_since >= group->config->deregistration_delay;
      if (!is_over && receiver.under_way.load(std::memory_order_acquire) > 0) continue;
      if (!receiver.drained_told.exchange(true)) core.observer.OnDrained(receiver.group_id(), receiver.target_id());
    }
  }
}

void Balancer::Stop(Duration grace, std::function<void()> stopped) {
  State* const state = state_.get();
  state->core.reactors.front()->Post([state] { state->housekeeping.Cancel(); });
  state->control.With([&](State::Control& control) {
    control.ports->Close(grace, [state, stopped = std::move(stopped)] {
      state->OnEveryReactor([](Worker& worker) { worker.Stop(); }, stopped);
    });
  });
}

TargetHealth Balancer::HealthOf(std::string_view group_id, std::string_view target_id) const {
  return state_->control.With([&](const State::Control& control) {
    const auto found = control.known.receivers.find(std::pair(std::string(group_id), std::string(target_id)));
    return found == control.known.receivers.end() ? TargetHealth{} : found->second->health();
  });
}

TargetTotals Balancer::TotalsOf(std::string_view group_id, std::string_view target_id) const {
  return state_->control.With([&](const State::Control& control) {
    const auto found = control.known.receivers.find(std::pair(std::string(group_id), std::string(target_id)));
    return found == control.known.receivers.end() ? TargetTotals{} : found->second->totals();
  });
}

BalancerTotals Balancer::TotalsOf(std::string_view load_balancer_id) const {
  return state_->control.With([&](const State::Control& control) {
    const auto found = control.known.ledgers.find(load_balancer_id);
    BalancerTotals totals = found == control.known.ledgers.end() ? BalancerTotals{} : found->second->totals();
    control.ports->AddTo(load_balancer_id, totals);
    return totals;
  });
}

}  // namespace meetinity::balancer

#include "engine/edge/edge.h"

#include <utility>

#include "base/guarded.h"
#include "engine/edge/core.h"
#include "engine/edge/flight.h"
#include "engine/edge/site.h"
#include "engine/edge/worker.h"

namespace meetinity::edge {
namespace {

// Finds the exchange's reactor's worker; reactors are numbered, but perhaps not from our first one.
class Handler : public net::HttpHandler {
 public:
  explicit Handler(const EdgeCore& core) {
    for (size_t i = 0; i < core.reactors.size(); ++i) {
      const auto index = static_cast<size_t>(core.reactors[i]->index());
      if (by_reactor_.size() <= index) by_reactor_.resize(index + 1, nullptr);
      by_reactor_[index] = core.workers[i].get();
    }
  }
  void OnRequest(const net::ExchangePtr& exchange) override {
    const auto index = static_cast<size_t>(exchange->reactor().index());
    CHECK(index < by_reactor_.size() && by_reactor_[index] != nullptr);
    by_reactor_[index]->OnRequest(exchange);
  }

 private:
  std::vector<Worker*> by_reactor_;
};

// Runs `visit(Worker&)` on every reactor, then `done` on the last of them.
void OnEveryReactor(const std::shared_ptr<EdgeCore>& core, std::function<void(Worker&)> visit,
                    std::function<void()> done) {
  struct Round {
    std::function<void(Worker&)> visit;
    std::function<void()> done;
    std::atomic<size_t> left;
  };
  auto round = std::make_shared<Round>();
  round->visit = std::move(visit);
  round->done = std::move(done);
  round->left = core->reactors.size();
  for (size_t i = 0; i < core->reactors.size(); ++i) {
    core->reactors[i]->Post([core, round, i] {
      if (round->visit && i < core->workers.size()) round->visit(*core->workers[i]);
      if (round->left.fetch_sub(1) == 1 && round->done) round->done();
    });
  }
}

}  // namespace

struct Edge::State {
  struct Control {
    uint64_t newest = 0;
    uint64_t sites_made = 0;
    SiteMap::States sites;
  };

  std::shared_ptr<EdgeCore> core;
  std::unique_ptr<Handler> handler;
  Guarded<Control> control;
};

Edge::Edge(std::vector<net::Reactor*> reactors, net::WorkerPool& workers, const Clock&, EdgeOptions options)
    : state_(std::make_unique<State>()) {
  state_->core = std::make_shared<EdgeCore>(std::move(reactors), workers, std::move(options));
  EdgeCore& core = *state_->core;
  for (size_t i = 0; i < core.reactors.size(); ++i) {
    core.workers.push_back(std::make_unique<Worker>(core, *core.reactors[i], i));
  }
  state_->handler = std::make_unique<Handler>(core);
}

Edge::~Edge() {
  for (const FlightPtr& flight : state_->core->flights.TakeAll()) flight->Abandon();
  for (const auto& worker : state_->core->workers) worker->Forget();
  state_->core->workers.clear();
}

void Edge::Apply(EdgeConfigPtr next, std::function<void()> adopted) {
  // Posted under the lock, so that all reactors see configurations in the same order.
  state_->control.With([&](State::Control& control) {
    if (control.newest != 0 && next->number < control.newest) {
      return OnEveryReactor(state_->core, nullptr, std::move(adopted));
    }
    control.newest = next->number;
    SiteMap::States kept;
    for (const Distribution& distribution : next->distributions) {
      auto& site = kept[distribution.id];
      const auto known = control.sites.find(distribution.id);
      if (known != control.sites.end()) {
        site = known->second;
      } else {
        site = std::make_shared<SiteState>(state_->core->reactors.size());
        site->number = ++control.sites_made;
      }
    }
    control.sites = std::move(kept);
    const auto sites = std::make_shared<const SiteMap>(std::move(next), control.sites);
    OnEveryReactor(
        state_->core, [sites](Worker& worker) { worker.Adopt(sites); }, std::move(adopted));
  });
}

void Edge::Invalidate(std::string distribution_id, std::vector<std::string> patterns, std::function<void()> effective) {
  const std::shared_ptr<SiteState> site = state_->control.With([&](State::Control& control) {
    const auto found = control.sites.find(distribution_id);
    return found == control.sites.end() ? nullptr : found->second;
  });
  if (site) site->log.Add(patterns);
  // The log is asked before every answer. What was asked just before the rule came is answered by the time each
  // reactor has gone round once.
  OnEveryReactor(state_->core, nullptr, std::move(effective));
}

net::HttpHandler& Edge::handler() { return *state_->handler; }

void Edge::Clear() {
  const std::vector<std::string> everything = {"/*"};
  state_->control.With([&](State::Control& control) {
    for (const auto& [id, site] : control.sites) site->log.Add(everything);
  });
  state_->core->cache.Clear();
  OnEveryReactor(
      state_->core, [](Worker& worker) { worker.SweepHotIndex(); }, nullptr);
}

Edge::Counters Edge::counters() const {
  Counters sum{};
  for (const auto& worker : state_->core->workers) {
    const Worker::Counters counted = worker->counters();
    sum.requests += counted.requests;
    sum.hits += counted.hits;
    sum.misses += counted.misses;
    sum.origin_fetches += counted.origin_fetches;
  }
  const ResponseCache::Stats cache = state_->core->cache.stats();
  sum.evictions = cache.evictions;
  sum.bytes_cached = cache.bytes;
  sum.objects_cached = cache.objects;
  return sum;
}

SiteTotals Edge::counters(std::string_view distribution_id) const {
  const std::shared_ptr<SiteState> site = state_->control.With([&](State::Control& control) {
    const auto found = control.sites.find(distribution_id);
    return found == control.sites.end() ? nullptr : found->second;
  });
  SiteTotals totals;
  if (!site) return totals;
  for (const SiteCounters& counters : site->counters) counters.AddTo(totals);
  return totals;
}

void Edge::OnRequestDone(std::function<void(const RequestRecord&)> observer) {
  state_->core->observer = std::move(observer);
}

}  // namespace meetinity::edge

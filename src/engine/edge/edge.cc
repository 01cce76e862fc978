#include "engine/edge/edge.h"

#include <span>
#include <utility>

#include "base/guarded.h"
#include "base/log.h"
#include "engine/edge/core.h"
#include "engine/edge/disk_journal.h"
#include "engine/edge/explain.h"
#include "engine/edge/flight.h"
#include "engine/edge/site.h"
#include "engine/edge/worker.h"
#include "store/files.h"

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
    uint64_t site_number = 0;  // the last one given
    SiteMap::States sites;
    SiteMapPtr names;                      // the newest; reactors follow
    std::unique_ptr<DiskJournal> journal;  // null: nothing is on disk
  };

  // What happened is noted, or, where that cannot be, everything that the note would have kept from being served goes.
  void Note(Control& held, const Status& noted) const;
  std::shared_ptr<SiteState> NewSite(Control& held, const std::string& id) const;
  void ForgetSites(Control& held, const SiteMap::States& kept) const;
  void InvalidateSite(Control& held, SiteState& site, std::span<const std::string> patterns) const;

  std::shared_ptr<EdgeCore> core;
  std::unique_ptr<net::HttpHandler> handler;
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

void Edge::State::Note(Control& held, const Status& noted) const {
  if (noted.ok()) return;
  Log(LogLevel::kError, "edge",
      "the cache's journal cannot be written, the disk tier is given up until the next start: {}",
      noted.error().detail);
  held.journal.reset();
  core->disk_is_open.store(false, std::memory_order_release);
  core->disk->Clear();
}

std::shared_ptr<SiteState> Edge::State::NewSite(Control& held, const std::string& id) const {
  const uint64_t number = ++held.site_number;
  const size_t reactors = core->reactors.size();
  if (!held.journal) return std::make_shared<SiteState>(number, reactors);
  Note(held, held.journal->AddSite(number, id));
  return std::make_shared<SiteState>(number, reactors, held.journal ? held.journal->first_number() : 0,
                                     InvalidationLog::Keeps::kAlways);
}

void Edge::State::ForgetSites(Control& held, const SiteMap::States& kept) const {
  for (const auto& [id, site] : held.sites) {
    if (held.journal && !kept.contains(id)) Note(held, held.journal->RemoveSite(site->number));
  }
}

void Edge::State::InvalidateSite(Control& held, SiteState& site, std::span<const std::string> patterns) const {
  const uint64_t number = site.log.Add(patterns);
  if (held.journal) Note(held, held.journal->Invalidate(site.number, number, patterns));
}

Status Edge::OpenDiskTier(std::string folder, ByteCount capacity) {
  TRY(store::EnsureDirectory(folder));
  auto journal = TRY(DiskJournal::Open(folder + "/journal"));
  if (journal->found() != DiskJournal::Found::kPast) TRY(DiskTier::Empty(folder));
  if (journal->found() == DiskJournal::Found::kDamaged) {
    Log(LogLevel::kWarning, "edge", "the journal in {} was damaged, so the disk tier starts empty", folder);
  }
  EdgeCore& core = *state_->core;
  core.disk =
      TRY(DiskTier::Open(std::move(folder), capacity, [&core](const CacheEntry& entry) { core.cache.Remove(entry); }));
  core.disk_is_open = true;
  core.cache.OnEvicted([&core](const EntryPtr& entry) {
    if (core.disk_is_open && !core.disk->MayHave(entry->hash)) core.disk->Offer(entry);
  });
  state_->control.With([&](State::Control& control) {
    control.site_number = journal->first_number();
    for (const auto& [number, past] : journal->sites()) {
      const auto site = std::make_shared<SiteState>(number, core.reactors.size(), journal->first_number(),
                                                    InvalidationLog::Keeps::kAlways);
      site->log.RecallAllSince(past.all_since);
      for (const auto& [invalidation, pattern] : past.rules) site->log.Recall(invalidation, pattern);
      control.sites[past.id] = site;
    }
    control.journal = std::move(journal);
  });
  return {};
}

void Edge::SettleDiskTier() {
  if (state_->core->disk) state_->core->disk->Settle();
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
      site = known != control.sites.end() ? known->second : state_->NewSite(control, distribution.id);
    }
    state_->ForgetSites(control, kept);
    control.sites = std::move(kept);
    const auto sites = std::make_shared<const SiteMap>(std::move(next), control.sites);
    control.names = sites;
    OnEveryReactor(
        state_->core, [sites](Worker& worker) { worker.Adopt(sites); }, std::move(adopted));
  });
}

void Edge::Invalidate(std::string distribution_id, std::vector<std::string> patterns, std::function<void()> effective) {
  state_->control.With([&](State::Control& control) {
    const auto found = control.sites.find(distribution_id);
    if (found != control.sites.end()) state_->InvalidateSite(control, *found->second, patterns);
  });
  // The log is asked before every answer. What was asked just before the rule came is answered by the time each
  // reactor has gone round once.
  OnEveryReactor(state_->core, nullptr, std::move(effective));
}

net::HttpHandler& Edge::handler() { return *state_->handler; }

void Edge::Clear() {
  const std::vector<std::string> everything = {"/*"};
  state_->control.With([&](State::Control& control) {
    for (const auto& [id, site] : control.sites) state_->InvalidateSite(control, *site, everything);
  });
  state_->core->cache.Clear();
  if (state_->core->disk) state_->core->disk->Clear();
  OnEveryReactor(
      state_->core, [](Worker& worker) { worker.SweepHotIndex(); }, nullptr);
}

void Edge::LogTo(AccessLogSink& sink) {
  for (const auto& worker : state_->core->workers) worker->LogTo(sink);
}

void Edge::FlushAccessLog() {
  for (const auto& worker : state_->core->workers) worker->FlushAccessLog();
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
  if (state_->core->disk) sum.disk = state_->core->disk->stats();
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

Explanation Edge::Explain(const Question& question, Instant now) const {
  const SiteMapPtr names = state_->control.With([](const State::Control& control) { return control.names; });
  if (names) return edge::Explain(*state_->core, *names, question, now);
  return {.result = "Error", .reason = "403: no distribution has this name."};
}

void Edge::OnRequestDone(std::function<void(const RequestRecord&)> observer) {
  state_->core->observer = std::move(observer);
}

}  // namespace meetinity::edge

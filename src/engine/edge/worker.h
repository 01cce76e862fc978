#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/edge/access_log.h"
#include "engine/edge/answer.h"
#include "engine/edge/cache_key.h"
#include "engine/edge/core.h"
#include "engine/edge/hot_index.h"
#include "engine/edge/request_facets.h"
#include "engine/edge/request_id.h"
#include "engine/edge/site.h"
#include "net/http_client.h"

namespace meetinity::edge {

class Viewer;

// A request past the first decisions: whose it is and what it is for. Views live as long as the exchange, or during
// the call; a Viewer keeps its own copies.
struct Ask {
  const net::ExchangePtr& exchange;
  const Site* site;
  const SiteBehavior* behavior;
  std::string_view path;   // normalised, default root object in place
  std::string_view query;  // without a signed URL's own parameters
  bool has_query;
  RequestFacets facets;
  AcceptedEncodings encodings;
  RequestId id;
  bool may_cache;  // the behaviour caches this method
};

// How a request ended, for the log.
struct Ending {
  ResultType result;
  int status = 0;            // 0: the viewer left before any answer
  size_t request_bytes = 0;  // of its head
  uint64_t body_bytes = 0;
  SentHead sent;
  MonotonicInstant began{}, first_byte{};
  std::string_view detail = {};  // x-edge-detailed-result-type, where it says more than `result`
};

// One reactor's edge: takes requests, answers hits at once, and hands everything else to a Viewer. Everything here is
// used on the reactor's thread only, but for the counters.
class Worker {
 public:
  Worker(EdgeCore& core, net::Reactor& reactor, size_t index);
  ~Worker();

  void Adopt(SiteMapPtr sites);
  void OnRequest(const net::ExchangePtr& exchange);

  net::Reactor& reactor() const { return reactor_; }
  size_t index() const { return index_; }
  EdgeCore& core() const { return core_; }
  const SiteMapPtr& sites() const { return sites_; }
  net::HttpClient& client();
  AnswerWriter& answers() { return answers_; }

  // The entry for `key`, fresh or not, unless an invalidation forbids it. Live until the next call.
  const HotPinPtr* Find(const CacheKey& key, const Site& site);
  void Keep(std::shared_ptr<Viewer> viewer) { viewers_.insert(std::move(viewer)); }
  void Release(const std::shared_ptr<Viewer>& viewer) { viewers_.erase(viewer); }

  // Has the disk tier's entry for `key` put into the cache, and then calls `viewer`; false when it cannot have any.
  // Viewers here who want the same wait for one read.
  bool ReadFromDisk(const CacheKey& key, const std::shared_ptr<Viewer>& viewer);

  // After something left the cache: lets every reactor's hot index let go of it, if enough has.
  void SweepIfWanted();
  void SweepHotIndex() { hot_.Sweep(); }
  void Forget();  // drops requests and connections, when the reactor has stopped

  // Before the first request.
  void LogTo(AccessLogSink& sink) { log_ = std::make_unique<AccessLog>(reactor_, sink, core_.options.pop); }
  void FlushAccessLog() {
    if (log_) log_->Flush();
  }
  // Tells the access log, where the site has one, and the observer, when there is one.
  void Record(const net::HttpExchange& exchange, const Site* site, const RequestId& id, const Ending& ending);

  void CountOriginFetch() { Bump(origin_fetches_); }
  void CountOriginAnswer(const Site& site, Duration latency) {
    site.state->counters[index_].CountOriginAnswer(latency);
  }
  void CountResult(ResultType result);
  struct Counters {
    uint64_t requests, hits, misses, origin_fetches;
  };
  Counters counters() const;

 private:
  using Counter = std::atomic<uint64_t>;
  // One writer, so no locked instruction is needed; readers elsewhere see some recent value.
  static void Bump(Counter& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  void Decide(const net::ExchangePtr& exchange, const Site& site, const RequestFacets& facets, const RequestId& id);
  // What the viewer's country and signature say; false when that was the answer.
  bool Admit(Ask& ask);
  void RefuseWithPage(const Ask& ask, std::string_view reason, std::string_view xml);
  bool Redirect(const net::ExchangePtr& exchange, const Site& site, const SiteBehavior& behavior,
                const RequestFacets& facets, const RequestId& id);
  // Of a request that was answered whole in the turn that it came in.
  Ending EndedNow(ResultType result, int status, const RequestFacets& facets, std::string_view detail = {}) const;
  // `detail` as in Ending.
  void Refuse(const net::ExchangePtr& exchange, const Site* site, const RequestFacets& facets, const RequestId& id,
              int status, std::string_view reason, std::string_view detail = {});
  AnswerWriter::Context ContextFor(const Ask& ask, ResultType result) const;
  void Serve(const Ask& ask);
  bool ServeHit(const Ask& ask);
  void OnReadFromDisk(uint64_t hash);

  EdgeCore& core_;
  net::Reactor& reactor_;
  const size_t index_;
  SiteMapPtr sites_;
  HotIndex hot_;
  AnswerWriter answers_;
  RequestIdSource ids_;
  std::unique_ptr<net::HttpClient> client_;
  std::unique_ptr<AccessLog> log_;                       // null: nobody wants it
  std::unordered_set<std::shared_ptr<Viewer>> viewers_;  // whose answers are not complete
  // Who waits for a read of the disk tier, by the key's hash: of two keys of one hash, one is read for in vain.
  std::unordered_map<uint64_t, std::vector<std::shared_ptr<Viewer>>> disk_reads_;

  // Reused from request to request.
  CacheKey key_;
  std::string path_, query_, url_;

  Counter requests_{0}, hits_{0}, misses_{0}, origin_fetches_{0};
};

}  // namespace meetinity::edge

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "engine/edge/access_log.h"
#include "engine/edge/config.h"
#include "engine/edge/disk_tier.h"
#include "engine/edge/geo_database.h"
#include "engine/edge/site_counters.h"
#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::edge {

struct EdgeOptions {
  ByteCount cache_capacity = MiB(256);
  ByteCount largest_cached_object = MiB(64);  // larger ones stream through
  std::string pop = "DUB56-P1";               // X-Amz-Cf-Pop
  uint16_t https_port = 443;                  // where redirects to HTTPS go
  std::shared_ptr<const GeoDatabase> geo;     // null: every viewer's country is unknown
};

struct Explanation;
struct Question;

// What became of one request, for logs and metrics.
struct RequestRecord {
  std::string distribution_id, result_type, request_id;
  int status = 0;
  uint64_t bytes_sent = 0;
  Duration time_taken{0};
};

// A caching reverse proxy for many sites: one edge location of a CDN. Knows plain HTTP and the rules of config.h.
//
// One set of workers, one a reactor. A request is answered on the reactor that received it; a hit takes no lock.
// Misses of the same object share one origin fetch across all reactors.
class Edge {
 public:
  Edge(std::vector<net::Reactor*> reactors, net::WorkerPool& workers, const Clock& clock, EdgeOptions options);
  ~Edge();

  // Keeps a second tier of cached responses in `folder`, at most `capacity` of it, and finds again there what a former
  // run kept. Before the first Apply. Refuses when the folder cannot be used.
  Status OpenDiskTier(std::string folder, ByteCount capacity);

  // Returns once the disk tier has found what former runs kept and has written what it was offered: for tests.
  void SettleDiskTier();

  // Makes `next` what new requests see, on every reactor; requests under way keep what they began with. Calls
  // `adopted` once every reactor has it (the distribution is then truly deployed). An older number than the newest is
  // ignored, but its `adopted` is called too. Thread-safe.
  void Apply(EdgeConfigPtr next, std::function<void()> adopted);

  // From the moment `effective` is called, on whatever thread, no reactor serves bytes whose origin fetch began before
  // Invalidate was called: neither from the cache, nor to waiters of a fetch under way. Time independent of the number
  // of cached objects, plus a disk sync where there is a disk tier: the promise outlives a crash. Thread-safe.
  void Invalidate(std::string distribution_id, std::vector<std::string> patterns, std::function<void()> effective);

  // The handler for every distribution's names; asks Host which one is meant.
  net::HttpHandler& handler();
  // Empties both tiers, as Reset wants it.
  void Clear();

  // Where the access logs of distributions with a log_stream go; outlives the edge. Before the first request.
  void LogTo(AccessLogSink& sink);
  // Hands on the lines of every reactor. Once the reactors have stopped: while they run, each does so by itself.
  void FlushAccessLog();

  struct Counters {
    uint64_t requests, hits, misses, origin_fetches, evictions, bytes_cached, objects_cached;
    DiskTier::Stats disk;
  };
  Counters counters() const;  // thread-safe
  // One distribution's, for as long as it is configured; zero for others. Thread-safe.
  SiteTotals counters(std::string_view distribution_id) const;
  // What would become of a request now; see explain.h. Blocks on the disk; thread-safe.
  Explanation Explain(const Question& question, Instant now) const;
  void OnRequestDone(std::function<void(const RequestRecord&)> observer);  // before the first request

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace meetinity::edge

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"

namespace meetinity::edge {

// What a distribution has served since the program began, summed over all reactors. The quotients that CloudWatch shows
// (error rates, cache hit rate, latency) are the reader's to make.
struct SiteTotals {
  uint64_t requests = 0;
  uint64_t hits = 0;  // answered from the cache, revalidated ones included
  uint64_t bytes_downloaded = 0, bytes_uploaded = 0;
  uint64_t errors_4xx = 0, errors_5xx = 0;
  std::map<int, uint64_t> by_status;  // of the statuses that CloudWatch tells apart
  uint64_t origin_answers = 0;        // heads that came from origins…
  Duration origin_latency_total{0};   // …and how long they took
};

// One reactor's share. One writer, so no locked instruction is needed; readers elsewhere see some recent value.
class alignas(64) SiteCounters {
 public:
  struct Served {
    int status = 0;  // 0: the viewer left before any answer
    bool is_hit = false;
    uint64_t bytes_downloaded = 0, bytes_uploaded = 0;
  };
  void CountRequest(const Served& served) {
    Add(requests_, 1);
    if (served.is_hit) Add(hits_, 1);
    Add(bytes_downloaded_, served.bytes_downloaded);
    if (served.bytes_uploaded > 0) Add(bytes_uploaded_, served.bytes_uploaded);
    if (served.status < 400) return;
    Add(served.status < 500 ? errors_4xx_ : errors_5xx_, 1);
    for (size_t i = 0; i < kStatuses.size(); ++i) {
      if (kStatuses[i] == served.status) Add(by_status_[i], 1);
    }
  }
  void CountOriginAnswer(Duration latency) {
    Add(origin_answers_, 1);
    Add(origin_latency_, static_cast<uint64_t>(latency.count()));
  }

  void AddTo(SiteTotals& totals) const {
    const auto value = [](const Counter& counter) { return counter.load(std::memory_order_relaxed); };
    totals.requests += value(requests_);
    totals.hits += value(hits_);
    totals.bytes_downloaded += value(bytes_downloaded_);
    totals.bytes_uploaded += value(bytes_uploaded_);
    totals.errors_4xx += value(errors_4xx_);
    totals.errors_5xx += value(errors_5xx_);
    for (size_t i = 0; i < kStatuses.size(); ++i) totals.by_status[kStatuses[i]] += value(by_status_[i]);
    totals.origin_answers += value(origin_answers_);
    totals.origin_latency_total += Duration(static_cast<int64_t>(value(origin_latency_)));
  }

 private:
  using Counter = std::atomic<uint64_t>;
  static void Add(Counter& counter, uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  // Those with a metric of their own in AWS/CloudFront.
  static constexpr std::array<int, 6> kStatuses = {401, 403, 404, 502, 503, 504};

  Counter requests_{0}, hits_{0}, bytes_downloaded_{0}, bytes_uploaded_{0}, errors_4xx_{0}, errors_5xx_{0};
  std::array<Counter, kStatuses.size()> by_status_{};
  Counter origin_answers_{0}, origin_latency_{0};
};

}  // namespace meetinity::edge

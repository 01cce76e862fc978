#include "engine/balancer/receiver.h"

#include <algorithm>

namespace meetinity::balancer {

void TargetTallies::CountLatency(Duration took) {
  const auto nanoseconds = static_cast<uint64_t>(std::max<int64_t>(took.count(), 0));
  if (latency_count.get() == 0 || nanoseconds < latency_minimum.get()) latency_minimum.Set(nanoseconds);
  if (nanoseconds > latency_maximum.get()) latency_maximum.Set(nanoseconds);
  latency_count.Add();
  latency_sum.Add(nanoseconds);
  const auto bound = std::lower_bound(kLatencyBoundsMs.begin(), kLatencyBoundsMs.end(), nanoseconds / 1'000'000);
  latency_classes[static_cast<size_t>(bound - kLatencyBoundsMs.begin())].Add();
}

void TargetTallies::AddTo(TargetTotals& totals) const {
  totals.requests += requests.get();
  for (size_t i = 0; i < by_class.size(); ++i) totals.by_class[i] += by_class[i].get();
  totals.connection_errors += connection_errors.get();
  totals.tls_errors += tls_errors.get();
  totals.unhealthy_routing += unhealthy_routing.get();
  totals.bytes_to_target += bytes_to.get();
  totals.bytes_from_target += bytes_from.get();
  totals.connections_new += connections_new.get();
  totals.resets += resets.get();
  LatencyTotals& latency = totals.latency;
  if (latency_count.get() == 0) return;
  const Duration minimum(static_cast<int64_t>(latency_minimum.get()));
  latency.minimum = latency.count == 0 ? minimum : std::min(latency.minimum, minimum);
  latency.maximum = std::max(latency.maximum, Duration(static_cast<int64_t>(latency_maximum.get())));
  latency.count += latency_count.get();
  latency.sum += Duration(static_cast<int64_t>(latency_sum.get()));
  for (size_t i = 0; i < latency.classes.size(); ++i) latency.classes[i] += latency_classes[i].get();
}

void BalancerTallies::CountOwn(int status) {
  own_by_class[static_cast<size_t>(std::clamp(status / 100, 0, 5))].Add();
  if (status == 500) own_500.Add();
  if (status == 502) own_502.Add();
  if (status == 503) own_503.Add();
  if (status == 504) own_504.Add();
}

void BalancerTallies::AddTo(BalancerTotals& totals) const {
  totals.requests += requests.get();
  totals.rule_evaluations += rule_evaluations.get();
  totals.redirects += redirects.get();
  totals.fixed_responses += fixed_responses.get();
  for (size_t i = 0; i < own_by_class.size(); ++i) totals.own_by_class[i] += own_by_class[i].get();
  totals.own_500 += own_500.get();
  totals.own_502 += own_502.get();
  totals.own_503 += own_503.get();
  totals.own_504 += own_504.get();
  totals.target_connection_errors += target_connection_errors.get();
  totals.target_tls_errors += target_tls_errors.get();
  totals.client_tls_errors += client_tls_errors.get();
  totals.non_compliant += non_compliant.get();
  totals.grpc_requests += grpc_requests.get();
  totals.non_sticky_requests += non_sticky_requests.get();
  totals.websockets += websockets.get();
  totals.dropped_invalid_headers += dropped_invalid_headers.get();
  totals.bytes_from_clients += bytes_from_clients.get();
  totals.bytes_to_clients += bytes_to_clients.get();
  totals.flows_new += flows_new.get();
  totals.flows_rejected += flows_rejected.get();
  totals.flows_active += static_cast<int64_t>(flows_new.get()) - static_cast<int64_t>(flows_ended.get());
  totals.client_resets += client_resets.get();
  totals.target_resets += target_resets.get();
  totals.own_resets += own_resets.get();
}

BalancerTotals BalancerLedger::totals() const {
  BalancerTotals totals;
  for (const BalancerTallies& share : tallies) share.AddTo(totals);
  return totals;
}

uint32_t Receiver::Pack(const TargetHealth& health) {
  return static_cast<uint32_t>(health.state) | static_cast<uint32_t>(health.reason) << 8 |
         static_cast<uint32_t>(health.status) << 16;
}

TargetHealth Receiver::Unpack(uint32_t packed) {
  return {static_cast<TargetState>(packed & 0xff), static_cast<HealthReason>(packed >> 8 & 0xff),
          static_cast<int>(packed >> 16)};
}

bool Receiver::Declare(const TargetHealth& health) {
  const uint32_t packed = Pack(health);
  return health_.exchange(packed, std::memory_order_acq_rel) != packed;
}

bool Receiver::Observe(const TargetHealth& health) {
  const uint32_t packed = Pack(health);
  uint32_t known = health_.load(std::memory_order_acquire);
  for (;;) {
    const TargetState state = Unpack(known).state;
    if (state == TargetState::kUnused || state == TargetState::kDraining || known == packed) return false;
    if (health_.compare_exchange_weak(known, packed, std::memory_order_acq_rel)) return true;
  }
}

TargetTotals Receiver::totals() const {
  TargetTotals totals;
  for (const TargetTallies& share : tallies_) share.AddTo(totals);
  totals.active = under_way.load(std::memory_order_relaxed);
  return totals;
}

}  // namespace meetinity::balancer

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/balancer/balancer.h"
#include "engine/balancer/counters.h"

namespace meetinity::balancer {

// A number with one writer, so that no locked instruction is needed; readers elsewhere see some recent value.
class Tally {
 public:
  void Add(uint64_t by = 1) { value_.store(get() + by, std::memory_order_relaxed); }
  void Set(uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// One reactor's share of what a target did.
struct alignas(64) TargetTallies {
  Tally requests, connection_errors, tls_errors, unhealthy_routing, bytes_to, bytes_from, connections_new, resets;
  std::array<Tally, 6> by_class;
  Tally latency_count, latency_sum, latency_minimum, latency_maximum;
  std::array<Tally, kLatencyBoundsMs.size() + 1> latency_classes;

  void CountLatency(Duration took);
  void AddTo(TargetTotals& totals) const;
};

// One reactor's share of what a load balancer did.
struct alignas(64) BalancerTallies {
  Tally requests, rule_evaluations, redirects, fixed_responses, own_500, own_502, own_503, own_504;
  std::array<Tally, 6> own_by_class;
  Tally target_connection_errors, target_tls_errors, non_compliant, grpc_requests, non_sticky_requests, websockets;
  Tally dropped_invalid_headers, bytes_from_clients, bytes_to_clients;
  Tally flows_new, flows_rejected, flows_ended, client_resets, target_resets, own_resets, client_tls_errors;

  void CountOwn(int status);
  void AddTo(BalancerTotals& totals) const;
};

// What is known of a target whatever the configuration says of it: shared by all reactors and by every snapshot that
// names it. Thread-safe.
class Receiver {
 public:
  Receiver(std::string group_id, std::string target_id, size_t reactors)
      : group_id_(std::move(group_id)), target_id_(std::move(target_id)), tallies_(reactors) {}

  const std::string& group_id() const { return group_id_; }
  const std::string& target_id() const { return target_id_; }

  TargetHealth health() const { return Unpack(health_.load(std::memory_order_acquire)); }
  TargetState state() const { return static_cast<TargetState>(health_.load(std::memory_order_acquire) & 0xff); }
  bool is_healthy() const { return state() == TargetState::kHealthy; }
  // What the configuration says; true when that is news.
  bool Declare(const TargetHealth& health);
  // What a check found, which says nothing about a target that is not to be checked; true when that is news.
  bool Observe(const TargetHealth& health);

  // Requests or flows under way, on all reactors.
  std::atomic<int64_t> under_way{0};
  // Of what was begun, the last was ended: whoever waits for that looks now.
  std::atomic<bool> drained_told{false};
  // When slow start began, on the monotonic clock; 0: not under way.
  std::atomic<int64_t> slow_start_began{0};
  // Fails while others do not.
  std::atomic<bool> anomalous{false};

  TargetTallies& tallies(size_t reactor) { return tallies_[reactor]; }
  TargetTotals totals() const;

 private:
  static uint32_t Pack(const TargetHealth& health);
  static TargetHealth Unpack(uint32_t packed);

  const std::string group_id_, target_id_;
  std::atomic<uint32_t> health_{Pack(TargetHealth{})};
  std::vector<TargetTallies> tallies_;
};
using ReceiverPtr = std::shared_ptr<Receiver>;

// What is known of a load balancer across configurations.
struct BalancerLedger {
  explicit BalancerLedger(size_t reactors) : tallies(reactors) {}
  std::vector<BalancerTallies> tallies;
  BalancerTotals totals() const;
};
using BalancerLedgerPtr = std::shared_ptr<BalancerLedger>;

}  // namespace meetinity::balancer

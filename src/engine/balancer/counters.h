#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace meetinity::balancer {

// Upper bounds of the latency histogram's classes, in milliseconds; a last class holds what is above.
inline constexpr std::array<uint32_t, 16> kLatencyBoundsMs = {1,   2,   5,     10,    20,    50,     100,    200,
                                                              500, 750, 1'000, 2'000, 5'000, 10'000, 30'000, 60'000};

struct LatencyTotals {
  uint64_t count = 0;
  Duration sum{0}, minimum{0}, maximum{0};
  std::array<uint64_t, kLatencyBoundsMs.size() + 1> classes{};
};

// What one target has done since it became known. Counts only ever grow, but for `active`.
struct TargetTotals {
  uint64_t requests = 0;
  std::array<uint64_t, 6> by_class{};  // answers by their status' first digit; [2] counts 2xx
  uint64_t connection_errors = 0, tls_errors = 0;
  uint64_t unhealthy_routing = 0;  // requests or flows that came although it was unhealthy (fail open)
  uint64_t bytes_to_target = 0, bytes_from_target = 0;
  uint64_t connections_new = 0;
  uint64_t resets = 0;    // network: it broke a flow off
  int64_t active = 0;     // requests (application) or flows (network) under way
  LatencyTotals latency;  // until the answer's head was there
};

// What one load balancer has done since it became known.
struct BalancerTotals {
  uint64_t requests = 0;
  uint64_t rule_evaluations = 0;
  uint64_t redirects = 0, fixed_responses = 0;
  std::array<uint64_t, 6> own_by_class{};  // answers the balancer made itself, redirects among them
  uint64_t own_500 = 0, own_502 = 0, own_503 = 0, own_504 = 0;
  uint64_t target_connection_errors = 0, target_tls_errors = 0, client_tls_errors = 0;
  uint64_t non_compliant = 0;  // requests that desync mitigation found odd
  uint64_t grpc_requests = 0, non_sticky_requests = 0, websockets = 0;
  uint64_t dropped_invalid_headers = 0;  // requests of which header fields were dropped
  uint64_t connections_new = 0, connections_rejected = 0;
  int64_t connections_active = 0;
  uint64_t bytes_from_clients = 0, bytes_to_clients = 0;
  // Network load balancers.
  uint64_t flows_new = 0, flows_rejected = 0;
  int64_t flows_active = 0;
  uint64_t client_resets = 0, target_resets = 0, own_resets = 0;
};

}  // namespace meetinity::balancer

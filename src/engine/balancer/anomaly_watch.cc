#include "engine/balancer/anomaly_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace meetinity::balancer {
namespace {

// With fewer there is no majority to differ from.
constexpr size_t kTargetsMin = 3;
// Fewer say nothing.
constexpr uint64_t kRequestsMin = 10;
constexpr double kFailureShareMin = 0.1;
constexpr double kTimesTheMedian = 3;

}  // namespace

void AnomalyWatch::LookAt(const GroupView& group) {
  std::vector<std::pair<Receiver*, double>> shares;
  for (const TargetView& target : group.targets) {
    if (!target.may_get_new() || !target.receiver->is_healthy()) continue;
    const TargetTotals totals = target.receiver->totals();
    const Seen now{totals.requests, totals.by_class[5] + totals.connection_errors};
    const Seen before = std::exchange(seen_[target.receiver.get()], now);
    const uint64_t requests = now.requests - before.requests;
    if (requests < kRequestsMin) continue;
    shares.emplace_back(target.receiver.get(),
                        static_cast<double>(now.failures - before.failures) / static_cast<double>(requests));
  }
  if (shares.size() < kTargetsMin) return;
  std::vector<double> sorted;
  for (const auto& [receiver, share] : shares) sorted.push_back(share);
  std::ranges::sort(sorted);
  const double median = sorted[sorted.size() / 2];
  for (const auto& [receiver, share] : shares) {
    receiver->anomalous = share >= kFailureShareMin && share > median * kTimesTheMedian;
  }
}

void AnomalyWatch::Look(const Snapshot& snapshot) {
  std::unordered_map<const Receiver*, Seen> kept;
  for (const auto& group : snapshot.groups()) {
    if (group->config->anomaly_mitigation && group->config->algorithm == Algorithm::kWeightedRandom) LookAt(*group);
    for (const TargetView& target : group->targets) {
      const auto found = seen_.find(target.receiver.get());
      if (found != seen_.end()) kept.insert(*found);
    }
  }
  seen_ = std::move(kept);
}

}  // namespace meetinity::balancer

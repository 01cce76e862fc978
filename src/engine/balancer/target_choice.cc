#include "engine/balancer/target_choice.h"

#include <algorithm>

namespace meetinity::balancer {
namespace {

// What a target that fails while others do not gets of its share, until it no longer does.
constexpr double kAnomalousShare = 0.1;

// The smallest share in slow start: without it a target would wait for its first request for ever.
constexpr double kSlowStartMinimum = 0.01;

bool IsTried(const TargetChooser::Tried& tried, const TargetView& target) {
  return std::ranges::find(tried, target.receiver.get()) != tried.end();
}

bool InZone(const TargetView& target, std::string_view zone) {
  return zone.empty() || target.config->zone.empty() || target.config->zone == zone;
}

uint64_t Mixed(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ x >> 33;
}

}  // namespace

uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  uint64_t hash = 0xcbf29ce484222325ULL ^ Mixed(seed);
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return Mixed(hash);
}

std::vector<const TargetView*> Eligible(const GroupView& group, std::string_view zone) {
  std::vector<const TargetView*> all, healthy;
  for (const TargetView& target : group.targets) {
    if (!target.may_get_new() || !InZone(target, zone)) continue;
    all.push_back(&target);
    if (target.receiver->is_healthy()) healthy.push_back(&target);
  }
  const auto wanted = static_cast<size_t>(std::max(group.config->healthy_routing_minimum, 1));
  const auto percent = static_cast<size_t>(std::max(group.config->healthy_routing_minimum_percent, 0));
  const bool enough = healthy.size() >= std::min(wanted, all.size()) && healthy.size() * 100 >= all.size() * percent;
  return enough && !healthy.empty() ? healthy : all;
}

bool TargetChooser::MayStay(const GroupView& group, const TargetView& target, std::string_view zone) {
  if (!target.may_get_new() || !InZone(target, zone)) return false;
  if (target.receiver->is_healthy()) return true;
  const auto eligible = Eligible(group, zone);
  return std::ranges::find(eligible, &target) != eligible.end();
}

bool TargetChooser::PassesSlowStart(const GroupView& group, const TargetView& target, MonotonicInstant now) {
  const Duration whole = group.config->slow_start;
  if (whole <= Duration::zero()) return true;
  const int64_t began = target.receiver->slow_start_began.load(std::memory_order_relaxed);
  if (began == 0) return true;
  const Duration since = now.time_since_epoch() - Duration(began);
  if (since >= whole) {
    target.receiver->slow_start_began.store(0, std::memory_order_relaxed);
    return true;
  }
  const double share = static_cast<double>(since.count()) / static_cast<double>(whole.count());
  return Fraction() < std::max(share, kSlowStartMinimum);
}

const TargetView* TargetChooser::Choose(const GroupView& group, std::string_view zone, MonotonicInstant now,
                                        const Tried& tried) {
  std::vector<const TargetView*> eligible = Eligible(group, zone);
  std::erase_if(eligible, [&](const TargetView* target) { return IsTried(tried, *target); });
  if (eligible.empty()) return nullptr;
  size_t& next = next_.try_emplace(group.fingerprint, Random() % eligible.size()).first->second;
  const size_t count = eligible.size();
  switch (group.config->algorithm) {
    case Algorithm::kRoundRobin:
      for (size_t i = 0; i < count; ++i) {
        const TargetView* target = eligible[next++ % count];
        if (PassesSlowStart(group, *target, now)) return target;
      }
      return eligible[next++ % count];
    case Algorithm::kLeastOutstanding: {
      // From another place each time, so that ties are shared out.
      const size_t first = next++;
      const TargetView* best = nullptr;
      int64_t fewest = 0;
      for (size_t i = 0; i < count; ++i) {
        const TargetView* target = eligible[(first + i) % count];
        const int64_t under_way = target->receiver->under_way.load(std::memory_order_relaxed);
        if (best != nullptr && under_way >= fewest) continue;
        best = target;
        fewest = under_way;
      }
      return best;
    }
    case Algorithm::kWeightedRandom: {
      const auto weight = [&](const TargetView* target) {
        const bool slowed = group.config->anomaly_mitigation && target->receiver->anomalous.load();
        return slowed ? kAnomalousShare : 1.0;
      };
      double sum = 0;
      for (const TargetView* target : eligible) sum += weight(target);
      double left = Fraction() * sum;
      for (const TargetView* target : eligible) {
        left -= weight(target);
        if (left < 0) return target;
      }
      return eligible.back();
    }
  }
  return eligible.front();
}

const TargetView* TargetChooser::ChooseByHash(const GroupView& group, std::string_view zone, uint64_t hash) {
  const TargetView* best = nullptr;
  uint64_t best_score = 0;
  for (const TargetView* target : Eligible(group, zone)) {
    const uint64_t score = HashBytes(target->config->id, hash);
    if (best != nullptr && score <= best_score) continue;
    best = target;
    best_score = score;
  }
  return best;
}

const GroupView* TargetChooser::ChooseGroup(const RuleView& rule) {
  if (rule.choices.size() == 1) return rule.choices.front().weight > 0 ? rule.choices.front().group : nullptr;
  if (rule.weight_sum <= 0) return nullptr;
  auto left = static_cast<int>(Random() % static_cast<uint64_t>(rule.weight_sum));
  for (const RuleView::Choice& choice : rule.choices) {
    left -= choice.weight;
    if (left < 0) return choice.group;
  }
  return nullptr;
}

}  // namespace meetinity::balancer

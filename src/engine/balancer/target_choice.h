#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "engine/balancer/snapshot.h"

namespace meetinity::balancer {

// Who gets the next request or flow of a group, on one reactor. ALB user guide, "Target groups", sections "Routing
// algorithms", "Slow start mode" and "Target group health".
class TargetChooser {
 public:
  explicit TargetChooser(uint64_t seed) : random_(seed) {}

  // Targets that are left out beyond those that draining, health and zone leave out: tried already.
  using Tried = std::vector<const Receiver*>;
  // By the group's algorithm; null when no target is registered. `zone` empty: targets of every zone.
  const TargetView* Choose(const GroupView& group, std::string_view zone, MonotonicInstant now, const Tried& tried);

  // By a flow's hash: the same target as long as the same targets get traffic, and only those of a target that is gone
  // move elsewhere (rendezvous hashing).
  static const TargetView* ChooseByHash(const GroupView& group, std::string_view zone, uint64_t hash);

  // One of the rule's groups, by their weights; null when all of them are 0.
  const GroupView* ChooseGroup(const RuleView& rule);

  // Whether a sticky client may go on with this one.
  static bool MayStay(const GroupView& group, const TargetView& target, std::string_view zone);

  uint64_t Random() { return random_(); }

 private:
  double Fraction() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  bool PassesSlowStart(const GroupView& group, const TargetView& target, MonotonicInstant now);

  std::mt19937_64 random_;
  std::unordered_map<uint64_t, size_t> next_;  // round robin's place, by the group's fingerprint
};

// The targets of a zone that get traffic: the healthy ones, or all when fewer are healthy than the group wants.
std::vector<const TargetView*> Eligible(const GroupView& group, std::string_view zone);

uint64_t HashBytes(std::string_view bytes, uint64_t seed = 0);

}  // namespace meetinity::balancer

#pragma once

#include <cstdint>
#include <unordered_map>

#include "engine/balancer/snapshot.h"

namespace meetinity::balancer {

// Finds the targets that fail while the others of their group do not, so that weighted random sends them less. ALB user
// guide, "Automatic Target Weights"; what exactly counts as an outlier AWS does not say, so it is decided here: a tenth
// of the requests failed, and three times the share that failed at the middle one.
class AnomalyWatch {
 public:
  // Judges what happened since the last look. Marks receivers; used by one thread.
  void Look(const Snapshot& snapshot);

 private:
  struct Seen {
    uint64_t requests = 0, failures = 0;
  };
  void LookAt(const GroupView& group);
  std::unordered_map<const Receiver*, Seen> seen_;
};

}  // namespace meetinity::balancer

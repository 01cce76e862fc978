#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aws/s3/lifecycle.h"
#include "aws/s3/state.h"

// From the versions of keys to what the lifecycle does to them. Pure.
namespace meetinity::s3 {

// What of a version decides about it: a row of both tables, through a view that merges their indices.
struct LifecycleRow {
  std::string bucket;
  std::string key;
  int64_t sequence = 0;
  std::string version_id;
  bool delete_marker = false;
  Instant modified;
  uint64_t size = 0;
  std::string storage_class;
  Tags tags;

  static constexpr std::string_view kTable = "s3_lifecycle_rows";
  static constexpr int kKeyColumns = 3;
  static constexpr auto Columns() {
    using store::Column;
    return std::tuple{Column{"bucket", &LifecycleRow::bucket},
                      Column{"key", &LifecycleRow::key},
                      Column{"sequence", &LifecycleRow::sequence},
                      Column{"version_id", &LifecycleRow::version_id},
                      Column{"delete_marker", &LifecycleRow::delete_marker},
                      Column{"modified", &LifecycleRow::modified},
                      Column{"size", &LifecycleRow::size},
                      Column{"storage_class", &LifecycleRow::storage_class},
                      Column{"tags", &LifecycleRow::tags}};
  }
};

enum class LifecycleDeed {
  kExpire,        // the current object: it goes, or a delete marker hides it
  kRemove,        // a noncurrent version goes for good
  kRemoveMarker,  // the key's delete marker goes, being all that is left of it
  kTransition,    // the version's storage class changes
};

struct LifecycleAction {
  LifecycleDeed deed;
  std::string key;
  // The version, as it was when this was decided. A marker that an earlier action makes is not known yet: empty.
  std::string version_id;
  int64_t sequence = 0;
  Instant modified;
  Instant at;                 // the midnight at which it was due
  std::string storage_class;  // of transitions
};

// Goes through keys' versions, newest first, and says what is due at `now`: also what follows from what is due, as if
// every midnight since had been kept. An object that expired two months ago has been noncurrent for two months. So a
// machine that was off, or a clock that jumped, comes to where it would have been.
//
// A version counts as noncurrent since its successor was made, of those that are still there.
class LifecyclePlanner {
 public:
  LifecyclePlanner(LifecycleRulesPtr rules, Versioning versioning, Instant now);

  // The next row, in the order of keys and of descending sequences. Appends at most three actions.
  void Take(const LifecycleRow& row, std::vector<LifecycleAction>& actions);
  // After the last row of all.
  void Finish(std::vector<LifecycleAction>& actions);

 private:
  // What is known of the key under way.
  struct Head {
    explicit Head(const LifecycleRow& newest);
    std::string key;
    std::optional<LifecycleAction> marker;  // the newest version is one, or will be: how to remove it
    Instant marker_made;
    Instant successor_made;  // of the last row
    Instant emptied;         // when the last version behind the marker went
    int64_t noncurrent = 0;  // rows so far
    bool null_replaced = false;
    bool others_stay = false;
  };

  void Begin(const LifecycleRow& row, std::vector<LifecycleAction>& actions);
  void TakeNoncurrent(const LifecycleRow& row, const std::optional<LifecycleDue>& earlier_transition,
                      std::vector<LifecycleAction>& actions);

  LifecycleRulesPtr rules_;
  Versioning versioning_;
  Instant now_;
  std::optional<Head> head_;
};

}  // namespace meetinity::s3

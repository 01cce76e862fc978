#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "base/clock.h"

namespace meetinity::net {

// What a TimerHeap orders. Not owned by it.
struct TimerNode {
  static constexpr size_t kNowhere = std::numeric_limits<size_t>::max();
  MonotonicInstant due{};
  size_t heap_index = kNowhere;
};

// A binary heap whose nodes know their place, so that cancelling one needs no search. Connections do not re-arm a
// timer for every request (they let it fire and look at their deadline then), so arming is rare and log n is cheap.
class TimerHeap {
 public:
  void Push(TimerNode* node) {
    heap_.push_back({node->due, node});
    SiftUp(heap_.size() - 1);
  }

  void Remove(TimerNode* node) {
    const size_t hole = node->heap_index;
    node->heap_index = TimerNode::kNowhere;
    const Item last = heap_.back();
    heap_.pop_back();
    if (hole == heap_.size()) return;
    Place(hole, last);
    SiftUp(hole);
    SiftDown(last.node->heap_index);
  }

  size_t size() const { return heap_.size(); }
  TimerNode* top() const { return heap_.empty() ? nullptr : heap_.front().node; }

  void Clear() {
    for (const Item& item : heap_) item.node->heap_index = TimerNode::kNowhere;
    heap_.clear();
  }

 private:
  // The time beside the pointer, so that sifting does not touch the nodes' memory to compare.
  struct Item {
    MonotonicInstant due;
    TimerNode* node;
  };

  void Place(size_t at, Item item) {
    heap_[at] = item;
    item.node->heap_index = at;
  }

  void SiftUp(size_t at) {
    const Item item = heap_[at];
    while (at > 0 && item.due < heap_[(at - 1) / 2].due) {
      Place(at, heap_[(at - 1) / 2]);
      at = (at - 1) / 2;
    }
    Place(at, item);
  }

  void SiftDown(size_t at) {
    const Item item = heap_[at];
    for (;;) {
      size_t child = 2 * at + 1;
      if (child >= heap_.size()) break;
      if (child + 1 < heap_.size() && heap_[child + 1].due < heap_[child].due) ++child;
      if (item.due <= heap_[child].due) break;
      Place(at, heap_[child]);
      at = child;
    }
    Place(at, item);
  }

  std::vector<Item> heap_;
};

}  // namespace meetinity::net

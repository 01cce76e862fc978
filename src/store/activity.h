#pragma once

#include "store/database.h"

namespace meetinity::store {

// What the current thread is doing in a database, so that a Read within a Write joins it and a Write within either is
// caught: it would wait for itself. Lives on the stack.
class Activity {
 public:
  // `tx` is null where reads have nothing to join.
  Activity(const void* database, const ReadTx* tx) : database_(database), tx_(tx), outer_(innermost_) {
    innermost_ = this;
  }
  ~Activity() { innermost_ = outer_; }
  Activity(const Activity&) = delete;
  Activity& operator=(const Activity&) = delete;

  static const Activity* In(const void* database) {
    const Activity* activity = innermost_;
    while (activity != nullptr && activity->database_ != database) activity = activity->outer_;
    return activity;
  }
  const ReadTx* tx() const { return tx_; }

 private:
  static inline thread_local const Activity* innermost_ = nullptr;
  const void* database_;
  const ReadTx* tx_;
  const Activity* outer_;
};

}  // namespace meetinity::store

#pragma once

#include <mutex>
#include <utility>

namespace meetinity {

// Data that can be reached only while its mutex is held.
template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  // Runs `use(T&)` under the lock. Do not keep a reference to the data beyond the call.
  template <class Use>
  decltype(auto) With(Use&& use) {
    std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  decltype(auto) With(Use&& use) const {
    std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace meetinity

#pragma once

#include <memory>
#include <utility>

namespace meetinity::wire {

// A T on the heap that copies like a T: for a structure that contains itself (Cost Explorer's Expression.Not).
// Never empty. T may be incomplete where Box<T> is a member.
template <class T>
class Box {
 public:
  using value_type = T;

  Box() : value_(std::make_unique<T>()) {}
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT: implicit, so that it reads like a T
  Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}
  // Not a steal: a moved-from Box still holds a (moved-from) T.
  Box(Box&& other) : value_(std::make_unique<T>(std::move(*other.value_))) {}
  Box& operator=(const Box& other) {
    *value_ = *other.value_;
    return *this;
  }
  Box& operator=(Box&& other) {
    *value_ = std::move(*other.value_);
    return *this;
  }
  ~Box() = default;

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace meetinity::wire

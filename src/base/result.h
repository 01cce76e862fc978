#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace meetinity {

// What a caller may decide on. The wire layer falls back to it when a refusal's name is not in a service's model.
enum class Kind {
  kInvalid,       // the request is wrong and stays wrong: 400
  kUnauthorized,  // who asks is not known or not allowed: 403
  kNotFound,      // 404
  kConflict,      // the state forbids it now: 409
  kPrecondition,  // a condition of the caller's does not hold: 412
  kLimit,         // a documented bound is reached: 400 or 429
  kUnsupported,   // understood, and not served: 501
  kUnavailable,   // may succeed later: 503
  kInternal,      // our fault: 500, the detail goes to the log and not to the caller
};

std::string_view ToString(Kind kind);

// Extra elements that some errors carry on the wire besides code and message, such as S3's <BucketName>.
struct ErrorField {
  std::string name;
  std::string value;
};

// A refusal or a failure, as a value.
struct Error {
  Kind kind = Kind::kInternal;
  std::string_view name;  // the refusal's own name: a constant with static storage, from a room's errors.h
  std::string detail;     // for a person: what was wrong, and what would be right
  std::vector<ErrorField> fields = {};

  Error With(std::string field, std::string value) && {
    fields.push_back({std::move(field), std::move(value)});
    return std::move(*this);
  }
};

// The name of failures that are nobody's request's fault: a full disk, a broken file.
inline constexpr std::string_view kInternalFailure = "InternalFailure";

inline Error Internal(std::string detail) { return Error{Kind::kInternal, kInternalFailure, std::move(detail)}; }

namespace detail {

// The error of a Result that has one. By its address, so that a Result costs one word more than its value, and what
// every TRY expands to is a test of that word; refusals are rare, and their texts are on the heap anyway.
class ErrorSlot {
 public:
  ErrorSlot() = default;
  explicit ErrorSlot(Error&& error) : error_(new Error(std::move(error))) {}
  ErrorSlot(ErrorSlot&& other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
  ErrorSlot(const ErrorSlot& other) : error_(other.error_ == nullptr ? nullptr : Copy(*other.error_)) {}
  ErrorSlot& operator=(ErrorSlot other) noexcept {
    std::swap(error_, other.error_);
    return *this;
  }
  ~ErrorSlot() {
    if (error_ != nullptr) Delete(error_);
  }

  bool empty() const { return error_ == nullptr; }
  Error& get() const {
    CHECK(error_ != nullptr);
    return *error_;
  }

 private:
  static Error* Copy(const Error& error);
  static void Delete(Error* error) noexcept;

  Error* error_ = nullptr;
};

}  // namespace detail

// Either a T or the Error that prevented it. Shaped after C++23's std::expected so that it can be swapped for it. What
// was moved from may only be assigned to or destroyed.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : value_(std::in_place, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Error error) : error_(std::move(error)) {}             // NOLINT: implicit on purpose
  template <class U>
  requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, T>)
      Result(U&& value)
      : value_(std::in_place, std::forward<U>(value)) {}  // NOLINT: implicit on purpose

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }

  T& value() & {
    CHECK(ok());
    return *value_;
  }
  const T& value() const& {
    CHECK(ok());
    return *value_;
  }
  T&& value() && {
    CHECK(ok());
    return *std::move(value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return error_.get(); }
  const Error& error() const& { return error_.get(); }
  Error&& error() && { return std::move(error_.get()); }

 private:
  std::optional<T> value_;
  detail::ErrorSlot error_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return error_.empty(); }
  explicit operator bool() const { return ok(); }
  void value() const { CHECK(ok()); }
  Error& error() & { return error_.get(); }
  const Error& error() const& { return error_.get(); }
  Error&& error() && { return std::move(error_.get()); }

 private:
  detail::ErrorSlot error_;
};

using Status = Result<void>;

namespace detail {
template <class T>
T UnwrapValue(Result<T>&& result) {
  return std::move(result).value();
}
inline void UnwrapValue(Result<void>&&) {}
}  // namespace detail

}  // namespace meetinity

// Evaluates to the value of a Result, or returns its Error from the enclosing function. Each use has its own variable,
// so that a lambda within one TRY may use another without shadowing it.
//
// Not within braces that make an object, unless it comes first: g++ 12 and clang 14 leave what was made before it
// undestroyed when it returns, so that each refused request would leak. tests/structure_test.py looks for that.
#define TRY(...) MEETINITY_TRY_AS(MEETINITY_JOIN(try_result_, __COUNTER__), __VA_ARGS__)
#define MEETINITY_TRY_AS(name, ...)                    \
  __extension__({                                      \
    auto name = (__VA_ARGS__);                         \
    if (!name.ok()) return std::move(name).error();    \
    ::meetinity::detail::UnwrapValue(std::move(name)); \
  })
#define MEETINITY_JOIN(a, b) MEETINITY_JOIN_EXPANDED(a, b)
#define MEETINITY_JOIN_EXPANDED(a, b) a##b

#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/result.h"

namespace meetinity::store {

// A value as SQLite stores it.
using Value = std::variant<std::monostate, int64_t, double, std::string>;

// How C++ members become columns. Integers, bool, double, std::string, Instant (nanoseconds) and std::optional of them
// are known; a room specialises ColumnCodec for its own enums and for types kept as JSON text:
//
//   template <>
//   struct store::ColumnCodec<State> {
//     static Value Encode(const State& state) { return std::string(ToString(state)); }
//     static Result<State> Decode(const Value& value) { return ParseState(TRY(store::Get<std::string>(value))); }
//   };
//
// A Decode error means that the database holds what this program never wrote: an Internal error.
template <class T>
struct ColumnCodec;

// What `value` holds, when it is of that kind.
template <class Stored>
Result<Stored> Get(const Value& value) {
  if (const Stored* stored = std::get_if<Stored>(&value)) return *stored;
  return Internal("a column holds another type than its record");
}

template <std::integral T>
struct ColumnCodec<T> {
  static Value Encode(T value) {
    // Keys and sizes beyond 2^63 do not occur; one would come back negative, so it must not be stored.
    CHECK(std::in_range<int64_t>(value));
    return static_cast<int64_t>(value);
  }
  static Result<T> Decode(const Value& value) {
    const int64_t stored = TRY(Get<int64_t>(value));
    if (!std::in_range<T>(stored)) return Internal("a column holds a number too large for its record");
    return static_cast<T>(stored);
  }
};

template <>
struct ColumnCodec<bool> {
  static Value Encode(bool value) { return int64_t{value ? 1 : 0}; }
  static Result<bool> Decode(const Value& value) { return TRY(Get<int64_t>(value)) != 0; }
};

template <>
struct ColumnCodec<double> {
  static Value Encode(double value) { return value; }
  static Result<double> Decode(const Value& value) { return Get<double>(value); }
};

template <>
struct ColumnCodec<std::string> {
  static Value Encode(const std::string& value) { return value; }
  static Result<std::string> Decode(Value&& value) {
    if (std::string* stored = std::get_if<std::string>(&value)) return std::move(*stored);
    return Internal("a column holds another type than its record");
  }
};

template <>
struct ColumnCodec<Instant> {
  static Value Encode(Instant value) { return int64_t{value.since_epoch().count()}; }
  static Result<Instant> Decode(const Value& value) { return Instant::FromUnix(Duration(TRY(Get<int64_t>(value)))); }
};

template <class T>
struct ColumnCodec<std::optional<T>> {
  static Value Encode(const std::optional<T>& value) { return value ? ColumnCodec<T>::Encode(*value) : Value(); }
  static Result<std::optional<T>> Decode(Value&& value) {
    if (std::holds_alternative<std::monostate>(value)) return std::optional<T>();
    return std::optional<T>(TRY(ColumnCodec<T>::Decode(std::move(value))));
  }
};

}  // namespace meetinity::store

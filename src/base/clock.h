#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity {

using Duration = std::chrono::nanoseconds;
inline constexpr Duration kDay = std::chrono::hours(24);

inline constexpr std::string_view kInvalidTimestamp = "InvalidTimestamp";

// A point of wall-clock time, in nanoseconds since 1970-01-01T00:00:00Z; reaches from 1677 to 2262.
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant FromUnix(Duration since_epoch) { return Instant(since_epoch); }
  static constexpr Instant FromUnixSeconds(int64_t seconds) { return Instant(std::chrono::seconds(seconds)); }
  // For literals in code and tests: stops the process on text that ParseIso8601 refuses.
  static Instant Utc(std::string_view iso8601);

  // "2024-01-01T03:00:00Z", optional fraction, "Z" or "+hh:mm". Refuses impossible dates.
  static Result<Instant> ParseIso8601(std::string_view text);
  // SigV4's form, "20240101T030000Z".
  static Result<Instant> ParseBasicIso8601(std::string_view text);
  // The three date forms of RFC 9110, section 5.6.7.
  static Result<Instant> ParseHttpDate(std::string_view text);

  constexpr Duration since_epoch() const { return since_epoch_; }
  constexpr int64_t unix_seconds() const { return std::chrono::floor<std::chrono::seconds>(since_epoch_).count(); }
  double unix_seconds_fraction() const { return static_cast<double>(since_epoch_.count()) / 1e9; }

  std::string ToIso8601() const;        // 2024-01-01T03:00:00Z
  std::string ToIso8601Millis() const;  // 2024-01-01T03:00:00.000Z
  std::string ToBasicIso8601() const;   // 20240101T030000Z
  std::string ToHttpDate() const;       // Mon, 01 Jan 2024 03:00:00 GMT

  constexpr auto operator<=>(const Instant&) const = default;
  friend constexpr Instant operator+(Instant at, Duration by) { return Instant(at.since_epoch_ + by); }
  friend constexpr Instant operator-(Instant at, Duration by) { return Instant(at.since_epoch_ - by); }
  friend constexpr Duration operator-(Instant a, Instant b) { return a.since_epoch_ - b.since_epoch_; }

 private:
  explicit constexpr Instant(Duration since_epoch) : since_epoch_(since_epoch) {}
  Duration since_epoch_{0};
};

// A point on a clock that never goes back; only differences mean anything.
using MonotonicInstant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Where time comes from. Everything takes one through its constructor; only base/clock.cc asks the system.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() const = 0;
  // For timeouts and latencies: real elapsed time, which AdvanceableClock's jumps do not touch.
  virtual MonotonicInstant Monotonic() const = 0;
};

class SystemClock : public Clock {
 public:
  Instant Now() const override;
  MonotonicInstant Monotonic() const override;
};

// The cloud's own clock: the system's, moved forward by an operator who rehearses what time will bring.
class AdvanceableClock : public Clock {
 public:
  explicit AdvanceableClock(const Clock& base) : base_(base) {}
  Instant Now() const override { return base_.Now() + offset(); }
  MonotonicInstant Monotonic() const override { return base_.Monotonic(); }
  Duration offset() const { return Duration(offset_.load(std::memory_order_relaxed)); }
  // Forward only: state that has seen a time must not see an earlier one.
  void Advance(Duration by) {
    CHECK(by >= Duration::zero());
    offset_.fetch_add(by.count(), std::memory_order_relaxed);
  }

 private:
  const Clock& base_;
  std::atomic<int64_t> offset_{0};
};

// For tests: stands still until told. Both times move together.
class FakeClock : public Clock {
 public:
  explicit FakeClock(Instant start = Instant::FromUnixSeconds(1'704'067'200)) : now_(start.since_epoch().count()) {}
  Instant Now() const override { return Instant::FromUnix(Duration(now_.load())); }
  MonotonicInstant Monotonic() const override { return MonotonicInstant(Duration(now_.load())); }
  void Advance(Duration by) { now_ += by.count(); }

 private:
  std::atomic<int64_t> now_;
};

}  // namespace meetinity

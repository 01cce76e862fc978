#include "base/clock.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace meetinity {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct Civil {
  int year, month, day, hour, minute, second;
  int weekday;
  int64_t nanos;
};

Civil ToCivil(Instant at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at.since_epoch());
  const auto day = std::chrono::floor<days>(seconds);
  const year_month_day ymd{sys_days(day)};
  const auto rest = (seconds - day).count();
  return {int(ymd.year()),
          static_cast<int>(unsigned(ymd.month())),
          static_cast<int>(unsigned(ymd.day())),
          static_cast<int>(rest / 3600),
          static_cast<int>(rest / 60 % 60),
          static_cast<int>(rest % 60),
          static_cast<int>(std::chrono::weekday(sys_days(day)).c_encoding()),
          (at.since_epoch() - seconds).count()};
}

// Reads digits off the front of text, exactly `count` of them.
std::optional<int> TakeNumber(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool Take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<Instant> FromCivil(int year, int month, int day, int hour, int minute, int second) {
  if (year < 1678 || year > 2261) return std::nullopt;
  const year_month_day ymd{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                           std::chrono::day(static_cast<unsigned>(day))};
  // 60 is a leap second, which RFC 9110 and ISO 8601 allow to be written; it counts as the next minute's first.
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Instant::FromUnix(sys_days(ymd).time_since_epoch() + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                           std::chrono::seconds(second));
}

Error NotATime(std::string_view text, std::string_view wanted) {
  return Error{Kind::kInvalid, kInvalidTimestamp,
               fmt::format("'{}' is not a time; write it like {}", text.substr(0, 64), wanted)};
}

std::optional<Instant> ParseIso(std::string_view text) {
  const auto year = TakeNumber(text, 4);
  if (!year || !Take(text, "-")) return std::nullopt;
  const auto month = TakeNumber(text, 2);
  if (!month || !Take(text, "-")) return std::nullopt;
  const auto day = TakeNumber(text, 2);
  if (!day) return std::nullopt;
  if (text.empty()) return FromCivil(*year, *month, *day, 0, 0, 0);
  if (!Take(text, "T") && !Take(text, "t") && !Take(text, " ")) return std::nullopt;
  const auto hour = TakeNumber(text, 2);
  if (!hour || !Take(text, ":")) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || !Take(text, ":")) return std::nullopt;
  const auto second = TakeNumber(text, 2);
  if (!second) return std::nullopt;
  int64_t nanos = 0;
  if (Take(text, ".")) {
    int digits = 0;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      if (digits < 9) nanos = nanos * 10 + (text[0] - '0'), ++digits;
      text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 9; ++digits) nanos *= 10;
  }
  auto at = FromCivil(*year, *month, *day, *hour, *minute, *second);
  if (!at) return std::nullopt;
  *at = *at + Duration(nanos);
  if (Take(text, "Z") || Take(text, "z")) return text.empty() ? at : std::nullopt;
  const bool east = text.starts_with("+");
  if (!Take(text, "+") && !Take(text, "-")) return std::nullopt;
  const auto offset_hours = TakeNumber(text, 2);
  Take(text, ":");
  const auto offset_minutes = TakeNumber(text, 2);
  if (!offset_hours || !offset_minutes || !text.empty() || *offset_hours > 23 || *offset_minutes > 59)
    return std::nullopt;
  const Duration offset = std::chrono::hours(*offset_hours) + std::chrono::minutes(*offset_minutes);
  return east ? *at - offset : *at + offset;
}

std::optional<int> TakeMonth(std::string_view& text) {
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (Take(text, kMonths[i])) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

struct TimeOfDay {
  int hour, minute, second;
};

std::optional<TimeOfDay> TakeTimeOfDay(std::string_view& text) {
  const auto hour = TakeNumber(text, 2);
  if (!hour || !Take(text, ":")) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || !Take(text, ":")) return std::nullopt;
  const auto second = TakeNumber(text, 2);
  if (!second) return std::nullopt;
  return TimeOfDay{*hour, *minute, *second};
}

// IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", and RFC 850, "Sunday, 06-Nov-94 08:49:37 GMT"; after the comma.
std::optional<Instant> ParseDayFirst(std::string_view text) {
  Take(text, " ");
  const auto day = TakeNumber(text, 2);
  if (!day || (!Take(text, " ") && !Take(text, "-"))) return std::nullopt;
  const auto month = TakeMonth(text);
  if (!month) return std::nullopt;
  const bool rfc850 = text.starts_with("-");
  text.remove_prefix(text.empty() ? 0 : 1);
  auto year = TakeNumber(text, rfc850 ? 2 : 4);
  if (!year || !Take(text, " ")) return std::nullopt;
  if (rfc850) *year += *year < 70 ? 2000 : 1900;
  const auto time = TakeTimeOfDay(text);
  if (!time || text != " GMT") return std::nullopt;
  return FromCivil(*year, *month, *day, time->hour, time->minute, time->second);
}

// asctime, "Sun Nov  6 08:49:37 1994"; after the weekday.
std::optional<Instant> ParseAsctime(std::string_view text) {
  if (!Take(text, " ")) return std::nullopt;
  const auto month = TakeMonth(text);
  if (!month || !Take(text, " ")) return std::nullopt;
  const auto day = Take(text, " ") ? TakeNumber(text, 1) : TakeNumber(text, 2);
  if (!day || !Take(text, " ")) return std::nullopt;
  const auto time = TakeTimeOfDay(text);
  if (!time || !Take(text, " ")) return std::nullopt;
  const auto year = TakeNumber(text, 4);
  if (!year || !text.empty()) return std::nullopt;
  return FromCivil(*year, *month, *day, time->hour, time->minute, time->second);
}

}  // namespace

Instant Instant::Utc(std::string_view iso8601) {
  const Result<Instant> at = ParseIso8601(iso8601);
  CHECK(at.ok());
  return *at;
}

Result<Instant> Instant::ParseIso8601(std::string_view text) {
  if (const auto at = ParseIso(text)) return *at;
  return NotATime(text, "2024-01-01T03:00:00Z");
}

Result<Instant> Instant::ParseBasicIso8601(std::string_view text) {
  std::string_view rest = text;
  const auto year = TakeNumber(rest, 4), month = TakeNumber(rest, 2), day = TakeNumber(rest, 2);
  if (year && month && day && Take(rest, "T")) {
    const auto hour = TakeNumber(rest, 2), minute = TakeNumber(rest, 2), second = TakeNumber(rest, 2);
    if (hour && minute && second && rest == "Z") {
      if (const auto at = FromCivil(*year, *month, *day, *hour, *minute, *second)) return *at;
    }
  }
  return NotATime(text, "20240101T030000Z");
}

Result<Instant> Instant::ParseHttpDate(std::string_view text) {
  const size_t comma = text.find(',');
  if (comma != std::string_view::npos) {
    if (const auto at = ParseDayFirst(text.substr(comma + 1))) return *at;
  } else if (text.size() > 3) {
    if (const auto at = ParseAsctime(text.substr(3))) return *at;
  }
  return NotATime(text, "Mon, 01 Jan 2024 03:00:00 GMT");
}

std::string Instant::ToIso8601() const {
  const Civil c = ToCivil(*this);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::string Instant::ToIso8601Millis() const {
  const Civil c = ToCivil(*this);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour, c.minute, c.second,
                     c.nanos / 1'000'000);
}

std::string Instant::ToBasicIso8601() const {
  const Civil c = ToCivil(*this);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::string Instant::ToHttpDate() const {
  const Civil c = ToCivil(*this);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kWeekdays[static_cast<size_t>(c.weekday)], c.day,
                     kMonths[static_cast<size_t>(c.month) - 1], c.year, c.hour, c.minute, c.second);
}

Instant SystemClock::Now() const { return Instant::FromUnix(std::chrono::system_clock::now().time_since_epoch()); }

MonotonicInstant SystemClock::Monotonic() const { return std::chrono::steady_clock::now(); }

}  // namespace meetinity

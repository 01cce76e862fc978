#include "wire/scalar.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include "base/bytes.h"
#include "base/text.h"

namespace meetinity::wire {
namespace {

template <class Number>
bool DecodeNumber(std::string_view text, void* value) {
  // from_chars knows no '+', which some clients write.
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *static_cast<Number*>(value));
  return error == std::errc() && rest == end;
}

bool DecodeDouble(std::string_view text, void* value) {
  double& number = *static_cast<double*>(value);
  if (text == "NaN")
    number = std::numeric_limits<double>::quiet_NaN();
  else if (text == "Infinity")
    number = std::numeric_limits<double>::infinity();
  else if (text == "-Infinity")
    number = -std::numeric_limits<double>::infinity();
  else
    return DecodeNumber<double>(text, value) && std::isfinite(number);
  return true;
}

bool DecodeBoolean(std::string_view text, void* value) {
  const bool is_true = EqualsIgnoreCase(text, "true");
  *static_cast<bool*>(value) = is_true;
  return is_true || EqualsIgnoreCase(text, "false");
}

// Lenient in what it takes: clients differ in which of the three they write where, and no text is two of them.
bool DecodeTimestamp(std::string_view text, void* value) {
  Instant& at = *static_cast<Instant*>(value);
  if (Result<Instant> iso = Instant::ParseIso8601(text); iso.ok()) {
    at = *iso;
    return true;
  }
  if (Result<Instant> http = Instant::ParseHttpDate(text); http.ok()) {
    at = *http;
    return true;
  }
  double seconds = 0;
  if (!DecodeNumber<double>(text, &seconds) || !(std::fabs(seconds) < 9e9)) return false;  // Instant ends in 2262
  at = FromUnixSeconds(seconds);
  return true;
}

void AppendTimestamp(TimestampFormat format, Instant at, std::string& out) {
  const bool whole = at.since_epoch() % std::chrono::seconds(1) == Duration::zero();
  switch (format) {
    case TimestampFormat::kUnixSeconds:
      return AppendUnixSeconds(at, out);
    case TimestampFormat::kHttpDate:
      out += at.ToHttpDate();
      return;
    case TimestampFormat::kIso8601:
      out += whole ? at.ToIso8601() : at.ToIso8601Millis();
      return;
    case TimestampFormat::kProtocolDefault:
      out += at.ToIso8601Millis();
      return;
  }
}

}  // namespace

TimestampFormat FormatOf(const Shape& shape, TimestampFormat of_member, TimestampFormat of_protocol) {
  if (of_member != TimestampFormat::kProtocolDefault) return of_member;
  return shape.timestamp_format != TimestampFormat::kProtocolDefault ? shape.timestamp_format : of_protocol;
}

bool DecodeText(const Shape& shape, TimestampFormat, std::string_view text, void* value) {
  switch (shape.kind) {
    case ShapeKind::kString:
      *static_cast<std::string*>(value) = text;
      return true;
    case ShapeKind::kBlob: {
      Result<std::string> bytes = Base64Decode(text);
      if (!bytes.ok()) return false;
      *static_cast<std::string*>(value) = std::move(bytes).value();
      return true;
    }
    case ShapeKind::kBoolean:
      return DecodeBoolean(text, value);
    case ShapeKind::kInteger:
      return DecodeNumber<int32_t>(text, value);
    case ShapeKind::kLong:
      return DecodeNumber<int64_t>(text, value);
    case ShapeKind::kDouble:
      return DecodeDouble(text, value);
    case ShapeKind::kTimestamp:
      return DecodeTimestamp(text, value);
    default:
      return false;
  }
}

void AppendText(const Shape& shape, TimestampFormat format, const void* value, std::string& out) {
  switch (shape.kind) {
    case ShapeKind::kString:
      out += *static_cast<const std::string*>(value);
      return;
    case ShapeKind::kBlob:
      out += Base64Encode(*static_cast<const std::string*>(value));
      return;
    case ShapeKind::kBoolean:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case ShapeKind::kInteger:
      fmt::format_to(std::back_inserter(out), "{}", *static_cast<const int32_t*>(value));
      return;
    case ShapeKind::kLong:
      fmt::format_to(std::back_inserter(out), "{}", *static_cast<const int64_t*>(value));
      return;
    case ShapeKind::kDouble:
      AppendDouble(*static_cast<const double*>(value), out);
      return;
    case ShapeKind::kTimestamp:
      AppendTimestamp(format, *static_cast<const Instant*>(value), out);
      return;
    default:
      return;
  }
}

std::string ToText(const Shape& shape, TimestampFormat format, const void* value) {
  std::string text;
  AppendText(shape, format, value, text);
  return text;
}

void AppendUnixSeconds(Instant at, std::string& out) {
  const int64_t millis = std::chrono::floor<std::chrono::milliseconds>(at.since_epoch()).count();
  if (millis % 1000 == 0)
    fmt::format_to(std::back_inserter(out), "{}", millis / 1000);
  else
    fmt::format_to(std::back_inserter(out), "{:.3f}", static_cast<double>(millis) / 1000.0);
}

Instant FromUnixSeconds(double seconds) {
  // By way of microseconds: a double of today's seconds holds no nanoseconds, and .1 should read as .1.
  return Instant::FromUnix(std::chrono::microseconds(std::llround(seconds * 1e6)));
}

void AppendDouble(double value, std::string& out) {
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "Infinity" : "-Infinity";
  else if (value == 0 && std::signbit(value))
    out += "-0.0";  // readers take "-0" for an integer, which has no sign at zero
  else
    fmt::format_to(std::back_inserter(out), "{}", value);
}

}  // namespace meetinity::wire

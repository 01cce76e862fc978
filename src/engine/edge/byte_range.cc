#include "engine/edge/byte_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace meetinity::edge {
namespace {

enum class SpecVerdict { kValid, kUnsatisfiable, kMalformed };

// Positions beyond 64 bits are beyond every file's end as well.
std::optional<uint64_t> ParsePosition(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return ParseUnsigned(digits).value_or(UINT64_MAX);
}

SpecVerdict ParseSpec(std::string_view spec, uint64_t size, ByteRange& range) {
  const size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return SpecVerdict::kMalformed;
  const std::string_view first = Trim(spec.substr(0, dash)), last = Trim(spec.substr(dash + 1));
  if (first.empty()) {
    const std::optional<uint64_t> suffix = ParsePosition(last);
    if (!suffix) return SpecVerdict::kMalformed;
    if (*suffix == 0 || size == 0) return SpecVerdict::kUnsatisfiable;
    range = {size - std::min(*suffix, size), size - 1};
    return SpecVerdict::kValid;
  }
  const std::optional<uint64_t> from = ParsePosition(first);
  const std::optional<uint64_t> to = last.empty() ? UINT64_MAX : ParsePosition(last);
  if (!from || !to || *to < *from) return SpecVerdict::kMalformed;
  if (*from >= size) return SpecVerdict::kUnsatisfiable;
  range = {*from, std::min(*to, size - 1)};
  return SpecVerdict::kValid;
}

}  // namespace

RangeChoice ChooseRanges(std::string_view header, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (header.size() <= kUnit.size() || !EqualsIgnoreCase(header.substr(0, kUnit.size()), kUnit)) return {};
  const std::vector<std::string_view> specs = Split(header.substr(kUnit.size()), ',');
  if (specs.size() > kRangePartsMax) return {};
  RangeChoice choice;
  for (const std::string_view spec : specs) {
    ByteRange range;
    const SpecVerdict verdict = ParseSpec(Trim(spec), size, range);
    if (verdict == SpecVerdict::kUnsatisfiable && specs.size() == 1) return {RangeVerdict::kUnsatisfiable, {}};
    if (verdict != SpecVerdict::kValid) return {};
    if (!choice.ranges.empty() && range.first <= choice.ranges.back().last) return {};
    choice.ranges.push_back(range);
  }
  choice.verdict = RangeVerdict::kPartial;
  return choice;
}

std::string ContentRange(const ByteRange& range, uint64_t size) {
  return fmt::format("bytes {}-{}/{}", range.first, range.last, size);
}

std::string UnsatisfiedContentRange(uint64_t size) { return fmt::format("bytes */{}", size); }

std::string PartHead(std::string_view boundary, std::string_view content_type, const ByteRange& range, uint64_t size) {
  std::string head = fmt::format("\r\n--{}\r\n", boundary);
  if (!content_type.empty()) head += fmt::format("Content-Type: {}\r\n", content_type);
  head += fmt::format("Content-Range: {}\r\n\r\n", ContentRange(range, size));
  return head;
}

std::string PartsEnd(std::string_view boundary) { return fmt::format("\r\n--{}--\r\n", boundary); }

}  // namespace meetinity::edge

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meetinity::edge {

// Bytes [first, last], both included, as the header counts them.
struct ByteRange {
  uint64_t first = 0;
  uint64_t last = 0;
  uint64_t size() const { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;
};

enum class RangeVerdict {
  kWhole,          // no usable Range: answer 200 with everything
  kPartial,        // answer 206 with `ranges`
  kUnsatisfiable,  // answer 416
};

struct RangeChoice {
  RangeVerdict verdict = RangeVerdict::kWhole;
  std::vector<ByteRange> ranges;
};

// More parts than any player or reader asks for; a longer list is an attempt to make the edge work (RFC 9110, 17.15).
inline constexpr size_t kRangePartsMax = 64;

// What a Range header asks of a representation of `size` bytes. Several ranges must ascend without overlap and all be
// satisfiable, else the whole is sent; a single one beyond the end is refused.
RangeChoice ChooseRanges(std::string_view header, uint64_t size);

std::string ContentRange(const ByteRange& range, uint64_t size);  // "bytes 0-9/100"
std::string UnsatisfiedContentRange(uint64_t size);               // "bytes */100"

// The delimiter lines of a multipart/byteranges body: one before each part, and the closing one.
std::string PartHead(std::string_view boundary, std::string_view content_type, const ByteRange& range, uint64_t size);
std::string PartsEnd(std::string_view boundary);

}  // namespace meetinity::edge

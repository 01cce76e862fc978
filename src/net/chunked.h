#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meetinity::net {

// Takes chunked bodies apart (RFC 9112, section 7.1), strictly: sizes are hexadecimal digits and nothing else, lines
// end with CR LF, and extensions and trailers, which nobody here needs, are checked, bounded and dropped.
class ChunkedDecoder {
 public:
  enum class State : uint8_t { kMore, kEnd, kBroken };

  struct Step {
    State state = State::kMore;
    size_t consumed = 0;    // of the bytes given
    std::string_view data;  // a part of the body among them; may be empty
  };

  // Consumes bytes up to and including one stretch of data. Call again with what is left until there is nothing left
  // or the state says so.
  Step Next(std::string_view bytes);
  void Reset() { *this = ChunkedDecoder(); }

 private:
  enum class At : uint8_t {
    kSize,
    kExtension,
    kSizeLineFeed,
    kData,
    kDataReturn,
    kDataLineFeed,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLineFeed,
    kLastLineFeed,
    kEnd,
    kBroken
  };
  At OnFraming(char c);
  At OnSize(char c);
  At OnTrailer(char c);

  At at_ = At::kSize;
  uint8_t digits_ = 0;
  uint32_t extension_bytes_ = 0;  // of the whole body
  uint32_t trailer_bytes_ = 0;
  uint64_t left_ = 0;  // of the chunk in hand
};

}  // namespace meetinity::net

#include "net/chunked.h"

#include <algorithm>

#include "net/http1_chars.h"

namespace meetinity::net {

namespace {

// Sixteen digits would overflow with the first one above 7; fifteen are 2^60 bytes.
constexpr uint8_t kSizeDigitsMax = 15;

// Extensions of one body together: unbounded, they are a way to send gigabytes that no body limit sees.
constexpr uint32_t kExtensionBytesMax = 4'096;

// Real trailers are a checksum or two.
constexpr uint32_t kTrailerBytesMax = 8'192;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

ChunkedDecoder::At ChunkedDecoder::OnSize(char c) {
  if (const int value = HexValue(c); value >= 0) {
    if (++digits_ > kSizeDigitsMax) return At::kBroken;
    left_ = left_ << 4 | static_cast<uint64_t>(value);
    return At::kSize;
  }
  if (digits_ == 0) return At::kBroken;
  if (c == '\r') return At::kSizeLineFeed;
  return c == ';' ? At::kExtension : At::kBroken;
}

ChunkedDecoder::At ChunkedDecoder::OnTrailer(char c) {
  if (++trailer_bytes_ > kTrailerBytesMax) return At::kBroken;
  switch (at_) {
    case At::kTrailerStart:
      if (c == '\r') return At::kLastLineFeed;
      return TokenLower(c) != 0 ? At::kTrailerName : At::kBroken;
    case At::kTrailerName:
      if (c == ':') return At::kTrailerValue;
      return TokenLower(c) != 0 ? At::kTrailerName : At::kBroken;
    case At::kTrailerValue:
      if (c == '\r') return At::kTrailerLineFeed;
      return IsValueChar(c) ? At::kTrailerValue : At::kBroken;
    case At::kTrailerLineFeed:
      return c == '\n' ? At::kTrailerStart : At::kBroken;
    default:
      return c == '\n' ? At::kEnd : At::kBroken;  // kLastLineFeed
  }
}

ChunkedDecoder::At ChunkedDecoder::OnFraming(char c) {
  switch (at_) {
    case At::kSize:
      return OnSize(c);
    case At::kExtension:
      if (c == '\r') return At::kSizeLineFeed;
      return IsValueChar(c) && ++extension_bytes_ <= kExtensionBytesMax ? At::kExtension : At::kBroken;
    case At::kSizeLineFeed:
      if (c != '\n') return At::kBroken;
      digits_ = 0;
      return left_ > 0 ? At::kData : At::kTrailerStart;
    case At::kDataReturn:
      return c == '\r' ? At::kDataLineFeed : At::kBroken;
    case At::kDataLineFeed:
      return c == '\n' ? At::kSize : At::kBroken;
    default:
      return OnTrailer(c);
  }
}

ChunkedDecoder::Step ChunkedDecoder::Next(std::string_view bytes) {
  Step step;
  while (step.consumed < bytes.size() && at_ != At::kEnd && at_ != At::kBroken) {
    if (at_ == At::kData) {
      step.data = bytes.substr(step.consumed, static_cast<size_t>(std::min<uint64_t>(left_, bytes.size())));
      step.consumed += step.data.size();
      left_ -= step.data.size();
      if (left_ == 0) at_ = At::kDataReturn;
      break;
    }
    at_ = OnFraming(bytes[step.consumed++]);
  }
  if (at_ == At::kEnd) step.state = State::kEnd;
  if (at_ == At::kBroken) step.state = State::kBroken;
  return step;
}

}  // namespace meetinity::net

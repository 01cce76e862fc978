#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity {

inline constexpr std::string_view kInvalidEncoding = "InvalidEncoding";

// A number of bytes; the type keeps sizes from being mixed up with counts.
struct ByteCount {
  uint64_t value = 0;
  constexpr auto operator<=>(const ByteCount&) const = default;
};

constexpr ByteCount KiB(uint64_t n) { return {n << 10}; }
constexpr ByteCount MiB(uint64_t n) { return {n << 20}; }
constexpr ByteCount GiB(uint64_t n) { return {n << 30}; }

std::string HexEncode(std::string_view bytes);  // lower case
Result<std::string> HexDecode(std::string_view hex);

std::string Base64Encode(std::string_view bytes);  // RFC 4648, section 4, padded
// Strict: refuses white space, a missing pad and bits beyond the last byte.
Result<std::string> Base64Decode(std::string_view text);

// Same time for every pair of the same length: for signatures and secrets.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace meetinity

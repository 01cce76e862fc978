#include "base/bytes.h"

#include <array>

namespace meetinity {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 0xff;

constexpr std::array<uint8_t, 256> DigitValues(std::string_view digits) {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNoDigit;
  for (size_t i = 0; i < digits.size(); ++i) values[static_cast<uint8_t>(digits[i])] = static_cast<uint8_t>(i);
  return values;
}

constexpr std::array<uint8_t, 256> kHexValues = [] {
  auto values = DigitValues(kHexDigits);
  for (uint8_t i = 10; i < 16; ++i) values[static_cast<size_t>('A' + i - 10)] = i;
  return values;
}();
constexpr std::array<uint8_t, 256> kBase64Values = DigitValues(kBase64Digits);

uint8_t At(const std::array<uint8_t, 256>& values, char digit) { return values[static_cast<uint8_t>(digit)]; }

Error NotEncoded(const char* what) { return Error{Kind::kInvalid, kInvalidEncoding, what}; }

}  // namespace

std::string HexEncode(std::string_view bytes) {
  std::string hex(bytes.size() * 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    hex[2 * i] = kHexDigits[byte >> 4];
    hex[2 * i + 1] = kHexDigits[byte & 15];
  }
  return hex;
}

Result<std::string> HexDecode(std::string_view hex) {
  if (hex.size() % 2 != 0) return NotEncoded("hex text has an even number of digits");
  std::string bytes(hex.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint8_t high = At(kHexValues, hex[2 * i]), low = At(kHexValues, hex[2 * i + 1]);
    if (high == kNoDigit || low == kNoDigit) return NotEncoded("hex text has only the digits 0-9 and a-f");
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string Base64Encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
  char* out = text.data();
  size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3, out += 4) {
    const uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out[0] = kBase64Digits[group >> 18];
    out[1] = kBase64Digits[group >> 12 & 63];
    out[2] = kBase64Digits[group >> 6 & 63];
    out[3] = kBase64Digits[group & 63];
  }
  if (i == bytes.size()) return text;
  const bool two = i + 2 == bytes.size();
  const uint32_t group = byte(i) << 16 | (two ? byte(i + 1) << 8 : 0);
  out[0] = kBase64Digits[group >> 18];
  out[1] = kBase64Digits[group >> 12 & 63];
  if (two) out[2] = kBase64Digits[group >> 6 & 63];
  return text;
}

Result<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return NotEncoded("base64 text is padded with '=' to a multiple of four");
  size_t pad = 0;
  while (pad < 2 && pad < text.size() && text[text.size() - 1 - pad] == '=') ++pad;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  for (size_t i = 0; i < text.size() - pad; ++i) {
    const uint8_t value = At(kBase64Values, text[i]);
    if (value == kNoDigit) return NotEncoded("base64 text has only A-Z, a-z, 0-9, '+', '/' and '=' at its end");
    group = group << 6 | value;
    if (i % 4 == 3) {
      for (int shift = 16; shift >= 0; shift -= 8) bytes += static_cast<char>(group >> shift & 0xff);
      group = 0;
    }
  }
  // One '=' leaves 18 bits for two bytes, two leave 12 for one; what is over must be zero, or two texts mean the same.
  if (pad == 1) {
    if ((group & 3) != 0) return NotEncoded("base64 text has bits beyond its last byte");
    bytes += static_cast<char>(group >> 10 & 0xff);
    bytes += static_cast<char>(group >> 2 & 0xff);
  } else if (pad == 2) {
    if ((group & 15) != 0) return NotEncoded("base64 text has bits beyond its last byte");
    bytes += static_cast<char>(group >> 4 & 0xff);
  }
  return bytes;
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  // volatile keeps the compiler from leaving the loop at the first difference.
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace meetinity

#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace meetinity::net {

// The lower case of a token's character (RFC 9110, section 5.6.2); 0 for what no token may contain.
inline constexpr std::array<char, 256> kTokenLower = [] {
  std::array<char, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<unsigned char>(c)] = c;
  }
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = static_cast<char>(c | 0x20);
  return table;
}();

inline char TokenLower(char c) { return kTokenLower[static_cast<unsigned char>(c)]; }

// What a request target may hold; more than RFC 3986 allows, as browsers send it, but nothing that ends it.
inline bool IsTargetChar(char c) { return c > ' ' && c < 0x7f && c != '#'; }

// A field's value may hold visible characters, bytes above 0x7f, space and tab (RFC 9110, section 5.5).
inline bool IsValueChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

// Whether every byte is a value character; sixteen at a time, because this touches each byte of every request.
inline bool IsValue(const char* at, size_t size) {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; size >= 16; at += 16, size -= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i printable = _mm_cmpeq_epi8(_mm_max_epu8(bytes, space), bytes);
    const __m128i good =
        _mm_andnot_si128(_mm_cmpeq_epi8(bytes, del), _mm_or_si128(printable, _mm_cmpeq_epi8(bytes, tab)));
    if (_mm_movemask_epi8(good) != 0xffff) return false;
  }
#endif
  for (; size > 0; ++at, --size) {
    if (!IsValueChar(*at)) return false;
  }
  return true;
}

inline std::string_view TrimBlanks(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// `lower` is lower case already.
inline bool EqualsLower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c) != lower[i]) return false;
  }
  return true;
}

}  // namespace meetinity::net

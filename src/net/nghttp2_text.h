#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

// Text as nghttp2 takes and hands it over.
namespace meetinity::net {

// What a field of a head costs besides its bytes (RFC 9113, section 6.5.2).
inline constexpr size_t kFieldOverhead = 32;

// nghttp2 copies both before the call that they are given to returns, whatever its types say. A unique value stays out
// of HPACK's dynamic table (RFC 7541, section 6.2.3): there it would push out what comes again, and as nghttp2 keeps
// all values of a name in one chain, each head would be compared with dozens before it.
inline nghttp2_nv MakeField(std::string_view name, std::string_view value, bool unique = false) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          static_cast<uint8_t>(unique ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE)};
}

inline std::string_view View(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

}  // namespace meetinity::net

#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <string_view>

// Text as nghttp2 takes and hands it over.
namespace meetinity::net {

// nghttp2 copies both before the call that they are given to returns, whatever its types say.
inline nghttp2_nv MakeField(std::string_view name, std::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

inline std::string_view View(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

}  // namespace meetinity::net

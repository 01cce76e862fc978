#pragma once

#include <cstddef>
#include <string_view>

#include "net/http.h"

namespace meetinity::edge {

// What the edge wants to know of a viewer's request, gathered in one walk over its headers. The views live as long as
// the exchange; an empty one stands for an absent header.
struct RequestFacets {
  bool is_get = false;
  bool is_head = false;
  std::string_view accept_encoding, range, if_range, if_none_match, if_modified_since;
  size_t bytes = 0;  // request line and headers, as HTTP/1.1 would spell them
};

RequestFacets ReadFacets(const net::RequestHead& request);

// CloudFront's bounds; beyond either the viewer gets 413.
inline constexpr size_t kRequestBytesMax = 20'480;
inline constexpr size_t kRequestTargetBytesMax = 8'192;

}  // namespace meetinity::edge

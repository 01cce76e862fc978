#include "engine/edge/request_facets.h"

namespace meetinity::edge {

RequestFacets ReadFacets(const net::RequestHead& request) {
  constexpr size_t kRequestLineExtra = sizeof("  HTTP/1.1\r\n") - 1;
  constexpr size_t kFieldExtra = sizeof(": \r\n") - 1;
  RequestFacets facets;
  facets.is_get = request.method == "GET";
  facets.is_head = request.method == "HEAD";
  facets.bytes = request.method.size() + request.target.size() + kRequestLineExtra;
  for (const net::HeaderView& header : request.headers) {
    facets.bytes += header.name.size() + header.value.size() + kFieldExtra;
    switch (header.name.size()) {  // most fields are told apart by their length alone
      case 5:
        if (header.name == "range") facets.range = header.value;
        break;
      case 8:
        if (header.name == "if-range") facets.if_range = header.value;
        break;
      case 13:
        if (header.name == "if-none-match") facets.if_none_match = header.value;
        break;
      case 15:
        if (header.name == "accept-encoding") facets.accept_encoding = header.value;
        break;
      case 17:
        if (header.name == "if-modified-since") facets.if_modified_since = header.value;
        break;
      default:
        break;
    }
  }
  return facets;
}

}  // namespace meetinity::edge

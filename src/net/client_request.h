#pragma once

#include <cstdint>
#include <string>

#include "net/http_client.h"

namespace meetinity::net {

// Refuses what must not go on a wire: bytes that would end a line or split the request line, and fields that are the
// client's own to write, because a second framing is how a request is smuggled.
Status CheckRequest(const ClientRequest& request);

// How the request's body is told from what follows it.
struct RequestFraming {
  bool has_body = false;
  bool chunked = false;            // HTTP/1.1 only; HTTP/2 needs no such thing
  std::optional<uint64_t> length;  // to be announced
};
RequestFraming FramingOf(const ClientRequest& request);

// The whole head in HTTP/1.1's bytes, appended.
void AppendHttp1Head(std::string& out, const ClientRequest& request, const RequestFraming& framing);

}  // namespace meetinity::net

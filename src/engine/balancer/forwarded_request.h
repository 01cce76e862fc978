#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/balancer/snapshot.h"
#include "net/http.h"
#include "net/http_client.h"

namespace meetinity::balancer {

// What a target is asked, made of what a client asked. ALB user guide, "HTTP headers and Application Load Balancers".
struct ForwardedSource {
  const net::RequestHead& request;
  const net::PeerInfo& peer;
  const ListenerView& listener;
  std::string_view trace;    // X-Amzn-Trace-Id as it goes on
  std::string_view upgrade;  // the protocol to switch to; empty: none
};

// Method, target, authority and headers; `dropped` says whether header fields were left out as invalid.
net::ClientRequest ForwardRequest(const ForwardedSource& source, bool& dropped);

// The fields of an answer that go on to the client; `head` is a target's.
void CopyResponseHeaders(std::span<const net::HeaderView> headers, net::HeaderBlock& out);

// Addresses in X-Forwarded-For, over all lines.
size_t CountForwardedFor(const net::RequestHead& request);

// The protocol an HTTP/1.1 request wants to switch to ("websocket"); empty for none, and for HTTP/2's.
std::string_view UpgradeOf(const net::RequestHead& request);

// OpenSSL's name of a cipher suite, for its IANA name; the same where both agree.
std::string_view OpenSslCipherName(std::string_view iana_name);

}  // namespace meetinity::balancer

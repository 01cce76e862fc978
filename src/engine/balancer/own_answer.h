#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/balancer/configuration.h"
#include "net/http.h"

namespace meetinity::balancer {

// What the balancer says in its own name: "Server: awselb/2.0" and a page like nginx's.
inline constexpr std::string_view kServerName = "awselb/2.0";

struct OwnAnswer {
  int status = 0;
  net::HeaderBlock headers;
  std::string body;
};

OwnAnswer ErrorAnswer(int status);
OwnAnswer FixedAnswer(const FixedResponseAction& action);

// The parts of a request that a redirect's placeholders stand for.
struct RedirectSource {
  std::string_view protocol;  // "http", "https"
  std::string_view host;      // without a port
  uint16_t port = 0;          // the listener's
  std::string_view path;      // with its leading '/'
  std::string_view query;     // without '?'
};

// Always with the port, as ALB does: "https://a:443/x?y".
std::string RedirectLocation(const RedirectAction& action, const RedirectSource& source);
OwnAnswer RedirectAnswer(const RedirectAction& action, std::string_view location);

// "a.example:8080" → "a.example"; "[::1]:80" → "[::1]".
std::string_view HostOf(std::string_view authority);

}  // namespace meetinity::balancer

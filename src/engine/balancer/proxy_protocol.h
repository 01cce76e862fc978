#pragma once

#include <string>

#include "net/socket.h"

namespace meetinity::balancer {

// The header that tells a target whose connection it gets: the PROXY protocol's version 2, section 2.2 of its
// specification. Both addresses are of one family, else the header says nothing of them (LOCAL).
std::string ProxyHeader(const net::SocketAddress& client, const net::SocketAddress& server);

// The same for a connection of the balancer's own: a health check.
std::string LocalProxyHeader();

}  // namespace meetinity::balancer

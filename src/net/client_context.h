#pragma once

#include <string>

#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::net {

// What all connections of one client share. They keep it alive, because a callback may destroy the client while one of
// them is reading.
struct ClientContext {
  // One read of a busy socket: large enough that system calls do not count, small enough to stay in the cache.
  static constexpr size_t kReadSize = 65'536;

  ClientContext(Reactor& reactor_in, ClientLimits limits_in) : reactor(reactor_in), limits(limits_in) {}

  Reactor& reactor;
  const ClientLimits limits;
  std::string scratch = std::string(kReadSize, '\0');  // what is read, until it is handed on
  bool closed = false;                                 // the client is gone
};

}  // namespace meetinity::net

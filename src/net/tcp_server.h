#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/reactor.h"
#include "net/socket.h"

namespace meetinity::net {

struct TcpListenerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: the system chooses; see TcpServer::port
  // Called on the reactor that accepted the connection, which is the taker's from then on.
  std::function<void(Reactor& reactor, Socket socket, const SocketAddress& peer)> on_connection;
};

// Bare connections on a set of reactors: each has its own socket on the shared port (SO_REUSEPORT).
class TcpServer {
 public:
  // Binds at once; refuses with kPortInUse, naming the port, when somebody else has it.
  static Result<std::unique_ptr<TcpServer>> Listen(std::vector<Reactor*> reactors, TcpListenerOptions options);
  virtual ~TcpServer() = default;

  virtual uint16_t port() const = 0;
  // Stops accepting, on every reactor, then calls `closed` on one of their threads. Thread-safe; connections are
  // their takers' business. The reactors must run until then.
  virtual void Close(Task closed) = 0;
};

// A socket a reactor, all bound to one port that no other program has; `address` tells which the system chose.
// Refuses with kPortInUse.
Result<std::vector<Socket>> ListenShared(size_t count, SocketAddress& address);
// The same for datagrams; the kernel brings those of one peer to the same socket each time.
Result<std::vector<Socket>> BindUdpShared(size_t count, SocketAddress& address);

}  // namespace meetinity::net

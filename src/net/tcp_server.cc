#include "net/tcp_server.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "base/check.h"
#include "net/acceptor.h"
#include "net/http_server.h"

namespace meetinity::net {
namespace {

class ShardedTcpServer final : public TcpServer {
 public:
  ShardedTcpServer(std::vector<Reactor*> reactors, std::vector<std::shared_ptr<Acceptor>> acceptors, uint16_t port)
      : reactors_(std::move(reactors)), acceptors_(std::move(acceptors)), port_(port) {}

  ~ShardedTcpServer() override {
    // An acceptor belongs to its reactor's thread. Where that still runs, it goes there; where it does not, here.
    for (size_t i = 0; i < acceptors_.size(); ++i) {
      reactors_[i]->Post([acceptor = std::move(acceptors_[i])]() mutable { acceptor.reset(); });
    }
  }

  uint16_t port() const override { return port_; }

  void Close(Task closed) override {
    auto left = std::make_shared<std::atomic<size_t>>(acceptors_.size());
    auto done = std::make_shared<Task>(std::move(closed));
    for (size_t i = 0; i < acceptors_.size(); ++i) {
      reactors_[i]->Post([acceptor = acceptors_[i], left, done] {
        acceptor->Close();
        if (left->fetch_sub(1) == 1 && *done) (*done)();
      });
    }
  }

 private:
  const std::vector<Reactor*> reactors_;
  std::vector<std::shared_ptr<Acceptor>> acceptors_;
  const uint16_t port_;
};

using Binder = Result<Socket> (*)(const SocketAddress& address, PortSharing sharing);

Result<std::vector<Socket>> Share(Binder bind_one, size_t count, SocketAddress& address) {
  std::vector<Socket> sockets;
  for (size_t i = 0; i < count; ++i) {
    auto socket = bind_one(address, i == 0 ? PortSharing::kFirst : PortSharing::kJoining);
    if (!socket.ok()) {
      if (socket.error().name != kAddressInUse) return std::move(socket).error();
      return Error{Kind::kConflict, kPortInUse,
                   fmt::format("port {} on {} is taken by another program; stop that, or choose another port",
                               address.port(), address.address())};
    }
    sockets.push_back(std::move(socket).value());
    // The system chose a port for the first; the others join it there.
    if (i == 0) address = TRY(SocketAddress::LocalOf(sockets[0]));
  }
  return sockets;
}

}  // namespace

Result<std::vector<Socket>> ListenShared(size_t count, SocketAddress& address) {
  return Share(ListenTcp, count, address);
}

Result<std::vector<Socket>> BindUdpShared(size_t count, SocketAddress& address) {
  return Share(BindUdp, count, address);
}

Result<std::unique_ptr<TcpServer>> TcpServer::Listen(std::vector<Reactor*> reactors, TcpListenerOptions options) {
  CHECK(!reactors.empty() && options.on_connection);
  SocketAddress address = TRY(SocketAddress::Parse(options.address, options.port));
  std::vector<Socket> sockets = TRY(ListenShared(reactors.size(), address));
  std::vector<std::shared_ptr<Acceptor>> acceptors;
  for (size_t i = 0; i < reactors.size(); ++i) {
    acceptors.push_back(std::make_shared<Acceptor>(
        *reactors[i], std::move(sockets[i]),
        [reactor = reactors[i], take = options.on_connection](Socket socket, const SocketAddress& peer) {
          take(*reactor, std::move(socket), peer);
        }));
    reactors[i]->Post([acceptor = acceptors.back()] { acceptor->Start(); });
  }
  return std::unique_ptr<TcpServer>(
      std::make_unique<ShardedTcpServer>(std::move(reactors), std::move(acceptors), address.port()));
}

}  // namespace meetinity::net

#include "net/http_server.h"

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <utility>

#include "net/http1_exchange.h"
#include "net/server_connection.h"
#include "net/server_shard.h"
#include "net/socket.h"
#include "net/tls_acceptor.h"

namespace meetinity::net {
namespace {

Error PortTaken(const ListenerOptions& options, const Error& cause) {
  if (cause.name != kAddressInUse) return cause;
  return Error{Kind::kConflict, kPortInUse,
               fmt::format("port {} on {} is taken by another program; stop that, or choose another port", options.port,
                           options.address)};
}

// One listener: a shard on each reactor, all on the same port.
class ShardedServer final : public HttpServer {
 public:
  ShardedServer(std::vector<Reactor*> reactors, std::vector<std::shared_ptr<ServerShard>> shards, uint16_t port)
      : reactors_(std::move(reactors)), shards_(std::move(shards)), port_(port) {}

  ~ShardedServer() override {
    // A shard belongs to its reactor's thread. Where that still runs, the shard goes there; where it does not, here.
    for (size_t i = 0; i < shards_.size(); ++i) {
      reactors_[i]->Post([shard = std::move(shards_[i])]() mutable { shard.reset(); });
    }
  }

  uint16_t port() const override { return port_; }

  void Drain(Duration grace, Task drained) override {
    auto left = std::make_shared<std::atomic<size_t>>(shards_.size());
    auto done = std::make_shared<Task>(std::move(drained));
    for (size_t i = 0; i < shards_.size(); ++i) {
      reactors_[i]->Post([shard = shards_[i], grace, left, done] {
        shard->Drain(grace, [left, done] {
          if (left->fetch_sub(1) == 1) (*done)();
        });
      });
    }
  }

  Counters counters() const override {
    Counters sum{};
    for (const auto& shard : shards_) {
      const ServerShard::Counts& counts = shard->counts();
      sum.connections_accepted += counts.accepted.get();
      sum.connections_open += counts.open.get();
      sum.requests += counts.requests.get();
      sum.parse_errors += counts.parse_errors.get();
      sum.handshake_failures += counts.handshake_failures.get();
    }
    return sum;
  }

 private:
  const std::vector<Reactor*> reactors_;
  std::vector<std::shared_ptr<ServerShard>> shards_;
  const uint16_t port_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(std::vector<Reactor*> reactors, WorkerPool& workers,
                                                       ListenerOptions options) {
  CHECK(!reactors.empty() && options.handler != nullptr);
  SocketAddress address = TRY(SocketAddress::Parse(options.address, options.port));
  std::vector<Socket> sockets;
  for (size_t i = 0; i < reactors.size(); ++i) {
    auto socket = ListenTcp(address, i == 0 ? PortSharing::kFirst : PortSharing::kJoining);
    if (!socket.ok()) return PortTaken(options, socket.error());
    sockets.push_back(std::move(socket).value());
    // The system chose a port for the first; the others join it there.
    if (i == 0) address = TRY(SocketAddress::LocalOf(sockets[0]));
  }
  auto config = std::make_shared<ServerConfig>();
  config->limits = options.limits;
  config->handler = options.handler;
  config->workers = &workers;
  config->port = address.port();
  if (options.certificates != nullptr) config->tls = TRY(TlsAcceptor::Create(*options.certificates));

  std::vector<std::shared_ptr<ServerShard>> shards;
  for (size_t i = 0; i < reactors.size(); ++i) {
    shards.push_back(std::make_shared<ServerShard>(*reactors[i], std::move(sockets[i]), config));
    reactors[i]->Post([shard = shards.back()] { shard->Start(); });
  }
  return std::unique_ptr<HttpServer>(
      std::make_unique<ShardedServer>(std::move(reactors), std::move(shards), address.port()));
}

}  // namespace meetinity::net

#include "net/http_server.h"

#include <atomic>
#include <memory>
#include <utility>

#include "net/http1_exchange.h"
#include "net/server_connection.h"
#include "net/server_shard.h"
#include "net/socket.h"
#include "net/tcp_server.h"
#include "net/tls_acceptor.h"

namespace meetinity::net {
namespace {

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

  void SetLimits(HttpLimits limits) override {
    for (size_t i = 0; i < shards_.size(); ++i) {
      reactors_[i]->Post([shard = shards_[i], limits] { shard->SetLimits(limits); });
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
      sum.connections_refused += counts.refused.get();
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
  std::vector<Socket> sockets = TRY(ListenShared(reactors.size(), address));
  auto config = std::make_shared<ServerConfig>();
  config->handler = options.handler;
  config->workers = &workers;
  config->port = address.port();
  config->admits = std::move(options.admits);
  if (options.certificates != nullptr) config->tls = TRY(TlsAcceptor::Create(*options.certificates));

  std::vector<std::shared_ptr<ServerShard>> shards;
  for (size_t i = 0; i < reactors.size(); ++i) {
    shards.push_back(std::make_shared<ServerShard>(*reactors[i], std::move(sockets[i]), config, options.limits));
    reactors[i]->Post([shard = shards.back()] { shard->Start(); });
  }
  return std::unique_ptr<HttpServer>(
      std::make_unique<ShardedServer>(std::move(reactors), std::move(shards), address.port()));
}

}  // namespace meetinity::net

#include "engine/dns/server.h"

#include <sys/socket.h>
#include <cerrno>
#include <cstring>

#include <atomic>
#include <utility>

#include "base/log.h"
#include "engine/dns/server_shard.h"

namespace meetinity::dns {
namespace {

// Datagrams and connections taken before others of the reactor get their turn.
constexpr int kDatagramsPerRound = 64;
constexpr int kAcceptsPerRound = 16;
// How long to wait for a descriptor when the process has none left.
constexpr Duration kAcceptRetry = std::chrono::milliseconds(100);
// A port that is free for TCP may be taken for UDP: so many are tried.
constexpr int kFreePortsTried = 16;

struct Sockets {
  net::Socket udp, tcp;
};

Result<Sockets> Bind(const std::string& address, uint16_t port, net::PortSharing sharing) {
  Sockets sockets;
  sockets.tcp = TRY(net::ListenTcp(TRY(net::SocketAddress::Parse(address, port)), sharing));
  const uint16_t bound = TRY(net::SocketAddress::LocalOf(sockets.tcp)).port();
  sockets.udp = TRY(net::BindUdp(TRY(net::SocketAddress::Parse(address, bound)), sharing));
  return sockets;
}

Result<Sockets> BindFirst(const ServerOptions& options) {
  auto sockets = Bind(options.address, options.port, net::PortSharing::kFirst);
  for (int i = 1; i < kFreePortsTried && options.port == 0 && !sockets.ok(); ++i) {
    sockets = Bind(options.address, options.port, net::PortSharing::kFirst);
  }
  return sockets;
}

}  // namespace

Server::Shard::Shard(net::Reactor& reactor, net::Socket udp, net::Socket tcp, const ServerOptions& options)
    : reactor_(reactor), udp_(std::move(udp)), tcp_(std::move(tcp)), options_(options) {}

Server::Shard::~Shard() { Close(); }

void Server::Shard::Start() {
  const Status datagrams = reactor_.Watch(udp_.fd(), &on_datagrams_);
  const Status connections = reactor_.Watch(tcp_.fd(), &on_connections_);
  if (!datagrams.ok() || !connections.ok()) Log(LogLevel::kError, "dns", "a socket cannot be watched");
}

void Server::Shard::Close() {
  accept_retry_.Cancel();
  if (udp_.valid()) reactor_.Unwatch(udp_.fd(), &on_datagrams_);
  if (tcp_.valid()) reactor_.Unwatch(tcp_.fd(), &on_connections_);
  udp_.Close();
  tcp_.Close();
  connections_.clear();
}

void Server::Shard::Adopt(const ZoneSetPtr& zones, uint64_t number) {
  if (number < number_) return;
  number_ = number;
  zones_ = zones;
}

void Server::Shard::Again(void (Shard::*step)()) {
  reactor_.Defer([weak = weak_from_this(), step] {
    if (const auto shard = weak.lock()) (*shard.*step)();
  });
}

void Server::Shard::ReceiveDatagrams() {
  for (int i = 0; i < kDatagramsPerRound; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    auto* const address = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t received = recvfrom(udp_.fd(), query_.data(), query_.size(), 0, address, &size);
    if (received < 0 && (errno == EAGAIN || errno == EBADF)) return;
    if (received < 0) continue;  // of an earlier answer: its asker is gone
    const std::string_view query(query_.data(), static_cast<size_t>(received));
    const size_t answer = Respond(*zones_, query, Transport::kUdp, scratch_);
    // One that cannot be sent now is lost, as any datagram may be; the asker asks again.
    if (answer > 0) (void)!sendto(udp_.fd(), scratch_.data(), answer, MSG_DONTWAIT, address, size);
  }
  // There may be more, and the edge will not be told again.
  Again(&Shard::ReceiveDatagrams);
}

void Server::Shard::Accept() {
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    net::Socket socket(accept4(tcp_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      if (connections_.size() >= options_.connections_max) continue;
      const auto connection = std::make_shared<Connection>(*this, std::move(socket));
      connections_.emplace(connection.get(), connection);
      connection->Start();
      continue;
    }
    if (errno == EAGAIN || errno == EBADF) return;
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) continue;  // that client gave up
    accept_retry_ = reactor_.StartTimer(kAcceptRetry, [this] { Accept(); });
    return;
  }
  Again(&Shard::Accept);
}

void Server::Shard::Remove(Connection* connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  reactor_.Defer([doomed = std::move(found->second)] {});
  connections_.erase(found);
}

Result<std::unique_ptr<Server>> Server::Listen(std::vector<net::Reactor*> reactors, ServerOptions options) {
  auto server = std::unique_ptr<Server>(new Server);
  server->reactors_ = std::move(reactors);
  for (net::Reactor* reactor : server->reactors_) {
    Sockets sockets = TRY(server->shards_.empty() ? BindFirst(options)
                                                  : Bind(options.address, server->port_, net::PortSharing::kJoining));
    server->port_ = TRY(net::SocketAddress::LocalOf(sockets.tcp)).port();
    server->shards_.push_back(
        std::make_shared<Shard>(*reactor, std::move(sockets.udp), std::move(sockets.tcp), options));
  }
  server->OnEveryReactor([](Shard& shard) { shard.Start(); }, nullptr);
  return server;
}

Server::~Server() = default;

void Server::OnEveryReactor(const std::function<void(Shard&)>& action, std::function<void()> done) {
  const auto left = std::make_shared<std::atomic<size_t>>(shards_.size());
  for (size_t i = 0; i < shards_.size(); ++i) {
    reactors_[i]->Post([shard = shards_[i], action, left, done] {
      action(*shard);
      if (left->fetch_sub(1) == 1 && done) done();
    });
  }
}

void Server::Apply(ZoneSetPtr zones, uint64_t number, std::function<void()> adopted) {
  OnEveryReactor([zones = std::move(zones), number](Shard& shard) { shard.Adopt(zones, number); }, std::move(adopted));
}

void Server::Close(net::Task closed) {
  OnEveryReactor([](Shard& shard) { shard.Close(); }, std::move(closed));
}

}  // namespace meetinity::dns

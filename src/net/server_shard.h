#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/acceptor.h"
#include "net/http_server.h"
#include "net/input_block.h"
#include "net/reactor.h"
#include "net/send_queue.h"
#include "net/socket.h"
#include "net/tls_acceptor.h"

namespace meetinity::net {

class Http1Exchange;
class ServerConnection;

// What every reactor's part of a server agrees on. Immutable while the server lives.
struct ServerConfig {
  HttpHandler* handler = nullptr;
  WorkerPool* workers = nullptr;
  std::unique_ptr<const TlsAcceptor> tls;  // null: plain
  uint16_t port = 0;
  std::function<bool(Reactor& reactor, const PeerInfo& peer)> admits;  // null: every connection
};

// One reactor's part of a server: its listening socket, its connections, and what they lend each other so that an idle
// one costs next to nothing. Lives on its reactor's thread; only the counters are read from elsewhere.
class ServerShard : public std::enable_shared_from_this<ServerShard> {
 public:
  ServerShard(Reactor& reactor, Socket listener, std::shared_ptr<const ServerConfig> config, HttpLimits limits);
  ~ServerShard();

  void Start();
  // Stops accepting and asks every connection to finish; `drained` follows the last one, at the latest after `grace`.
  void Drain(Duration grace, Task drained);
  void SetLimits(const HttpLimits& limits);

  Reactor& reactor() { return reactor_; }
  const HttpLimits& limits() const { return limits_; }
  const ServerConfig& config() const { return *config_; }
  bool draining() const { return draining_; }

  // "Date: …\r\n" of this second, and its value alone.
  std::string_view DateLine();
  std::string_view DateValue() { return DateLine().substr(6, 29); }

  // Lent and given back on this thread.
  std::shared_ptr<InputBlock> BorrowBlock();
  void ReturnBlock(std::shared_ptr<InputBlock> block);
  std::unique_ptr<SendQueue> BorrowQueue();
  void ReturnQueue(std::unique_ptr<SendQueue> queue);
  std::shared_ptr<Http1Exchange> BorrowExchange();
  void ReturnExchange(std::shared_ptr<Http1Exchange> exchange);
  // For bytes that are handed on before the next read.
  std::span<char> scratch() { return scratch_; }

  // Gives `connection` a turn after the events at hand.
  void Schedule(ServerConnection* connection);
  // Destroys it once nobody below on the stack can still be using it.
  void Remove(ServerConnection* connection);

  // Written by this reactor alone, hence without locked instructions.
  struct Count {
    std::atomic<uint64_t> value{0};
    void Add(int64_t n = 1) {
      value.store(value.load(std::memory_order_relaxed) + static_cast<uint64_t>(n), std::memory_order_relaxed);
    }
    uint64_t get() const { return value.load(std::memory_order_relaxed); }
  };
  struct Counts {
    Count accepted, open, requests, parse_errors, handshake_failures, refused;
  };
  Counts& counts() { return counts_; }

 private:
  void Adopt(Socket socket, const SocketAddress& peer);
  void RunScheduled();
  void CheckDrained();

  Reactor& reactor_;
  const std::shared_ptr<Acceptor> acceptor_;
  const std::shared_ptr<const ServerConfig> config_;
  HttpLimits limits_;
  Counts counts_;

  std::vector<std::unique_ptr<ServerConnection>> connections_;
  std::vector<std::unique_ptr<ServerConnection>> removed_;
  std::vector<ServerConnection*> scheduled_, running_;

  std::vector<std::shared_ptr<InputBlock>> spare_blocks_;
  std::vector<std::unique_ptr<SendQueue>> spare_queues_;
  std::vector<std::shared_ptr<Http1Exchange>> spare_exchanges_;
  std::vector<char> scratch_;

  int64_t date_second_ = -1;
  std::string date_line_;

  bool draining_ = false;
  Timer grace_;
  Task drained_;
};

// What is said to a request that is refused: the handler's words, or the server's own.
RefusalAnswer AnswerTo(ServerShard& shard, const PeerInfo& peer, HttpVersion version, Http1Refusal refusal);

}  // namespace meetinity::net

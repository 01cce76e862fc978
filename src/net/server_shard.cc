#include "net/server_shard.h"

#include <algorithm>
#include <utility>

#include "net/http1_exchange.h"
#include "net/http2_exchange.h"
#include "net/server_connection.h"

namespace meetinity::net {

namespace {

// What is kept for the next request: a burst's worth, not an attack's.
constexpr size_t kSpareBlocks = 64;
constexpr size_t kSpareQueues = 64;
constexpr size_t kSpareExchanges = 256;

// A queue that once held a large answer's small pieces does not stay that large.
constexpr size_t kScratchBytes = 65'536;

template <class Pointer, class Make>
Pointer TakeOr(std::vector<Pointer>& spare, Make make) {
  if (spare.empty()) return make();
  Pointer taken = std::move(spare.back());
  spare.pop_back();
  return taken;
}

template <class Pointer>
void GiveBack(std::vector<Pointer>& spare, size_t spare_max, Pointer pointer) {
  if (spare.size() < spare_max) spare.push_back(std::move(pointer));
}

}  // namespace

ServerShard::ServerShard(Reactor& reactor, Socket listener, std::shared_ptr<const ServerConfig> config,
                         HttpLimits limits)
    : reactor_(reactor),
      acceptor_(std::make_shared<Acceptor>(
          reactor, std::move(listener),
          [this](Socket socket, const SocketAddress& peer) { Adopt(std::move(socket), peer); })),
      config_(std::move(config)),
      limits_(limits),
      scratch_(kScratchBytes) {}

ServerShard::~ServerShard() { acceptor_->Close(); }

void ServerShard::Start() { acceptor_->Start(); }

void ServerShard::SetLimits(const HttpLimits& limits) {
  limits_ = limits;
  spare_exchanges_.clear();  // their parsers have the old ones
}

void ServerShard::Adopt(Socket socket, const SocketAddress& address) {
  if (connections_.size() >= limits().connections_per_reactor) return;
  auto peer = std::make_shared<PeerInfo>();
  peer->address = address.address();
  peer->port = address.port();
  peer->local_port = config_->port;
  peer->connected = reactor_.monotonic();
  if (config_->admits && !config_->admits(reactor_, *peer)) return counts_.refused.Add();
  counts_.accepted.Add();
  counts_.open.Add();
  auto connection = std::make_unique<ServerConnection>(*this, std::move(socket), std::move(peer));
  connection->place_ = static_cast<uint32_t>(connections_.size());
  ServerConnection* const adopted = connection.get();
  connections_.push_back(std::move(connection));
  adopted->Start();
}

std::string_view ServerShard::DateLine() {
  const int64_t second = reactor_.now().unix_seconds();
  if (second != date_second_) {
    date_second_ = second;
    date_line_ = "Date: " + reactor_.now().ToHttpDate() + "\r\n";
  }
  return date_line_;
}

std::shared_ptr<InputBlock> ServerShard::BorrowBlock() {
  return TakeOr(spare_blocks_, [] { return std::make_shared<InputBlock>(); });
}

void ServerShard::ReturnBlock(std::shared_ptr<InputBlock> block) {
  if (block->capacity == InputBlock::kSize) GiveBack(spare_blocks_, kSpareBlocks, std::move(block));
}

std::unique_ptr<SendQueue> ServerShard::BorrowQueue() {
  return TakeOr(spare_queues_, [] { return std::make_unique<SendQueue>(); });
}

void ServerShard::ReturnQueue(std::unique_ptr<SendQueue> queue) {
  GiveBack(spare_queues_, kSpareQueues, std::move(queue));
}

std::shared_ptr<Http1Exchange> ServerShard::BorrowExchange() {
  return TakeOr(spare_exchanges_, [this] {
    const HttpLimits& bounds = limits();
    return std::make_shared<Http1Exchange>(Http1ParserLimits{bounds.request_head_bytes, bounds.request_target_bytes,
                                                             bounds.header_count, bounds.tolerates_oddities});
  });
}

void ServerShard::ReturnExchange(std::shared_ptr<Http1Exchange> exchange) {
  GiveBack(spare_exchanges_, kSpareExchanges, std::move(exchange));
}

void ServerShard::Schedule(ServerConnection* connection) {
  if (scheduled_.empty()) {
    reactor_.Defer([weak = weak_from_this()] {
      if (const auto shard = weak.lock()) shard->RunScheduled();
    });
  }
  scheduled_.push_back(connection);
}

void ServerShard::RunScheduled() {
  running_.swap(scheduled_);
  for (ServerConnection* connection : running_) {
    connection->scheduled_ = false;
    if (connection->is_open()) connection->Turn();
  }
  running_.clear();
}

void ServerShard::Remove(ServerConnection* connection) {
  counts_.open.Add(-1);
  const size_t place = connection->place_;
  std::swap(connections_[place], connections_.back());
  connections_[place]->place_ = static_cast<uint32_t>(place);
  if (removed_.empty()) {
    // Deferred twice: a turn that was scheduled for it in this round still finds it, closed.
    reactor_.Defer([weak = weak_from_this()] {
      const auto shard = weak.lock();
      if (shard == nullptr) return;
      shard->reactor_.Defer([doomed = std::make_shared<std::vector<std::unique_ptr<ServerConnection>>>(
                                 std::exchange(shard->removed_, {}))] { doomed->clear(); });
    });
  }
  removed_.push_back(std::move(connections_.back()));
  connections_.pop_back();
  CheckDrained();
}

RefusalAnswer AnswerTo(ServerShard& shard, const PeerInfo& peer, HttpVersion version, Http1Refusal refusal) {
  const RefusedRequest refused{peer, version, refusal, StatusOf(refusal), shard.reactor().now()};
  if (auto answer = shard.config().handler->OnRefused(shard.reactor(), refused)) return *std::move(answer);
  RefusalAnswer answer;
  answer.status = refused.status;
  answer.headers.Add("Content-Type", "text/plain");
  answer.body.append(Describe(refusal)).append("\n");
  return answer;
}

void ServerShard::Drain(Duration grace, Task drained) {
  draining_ = true;
  drained_ = std::move(drained);
  acceptor_->Close();
  // Backwards: a connection that closes at once swaps places with the last.
  for (size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->StartDrain();
  }
  grace_ = reactor_.StartTimer(grace, [this] {
    while (!connections_.empty()) connections_.back()->CloseNow();
  });
  CheckDrained();
}

void ServerShard::CheckDrained() {
  if (!draining_ || !connections_.empty() || drained_ == nullptr) return;
  grace_.Cancel();
  // After the removed connections are destroyed, so that nothing of the server is left when it is told.
  reactor_.Defer([reactor = &reactor_, drained = std::exchange(drained_, nullptr)]() mutable {
    reactor->Defer([reactor, drained = std::move(drained)]() mutable { reactor->Defer(std::move(drained)); });
  });
}

}  // namespace meetinity::net

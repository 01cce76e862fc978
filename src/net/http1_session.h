#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "net/chunked.h"
#include "net/http1_exchange.h"
#include "net/input_block.h"
#include "net/server_connection.h"

namespace meetinity::net {

class ServerShard;

// HTTP/1.1 and 1.0 on one connection: one request after another. While an answer is awaited nothing more is read, so a
// pipelining client is held back by TCP.
class Http1Session final : public ServerSession {
 public:
  explicit Http1Session(ServerConnection& connection);
  ~Http1Session() override;

  void Advance() override;
  void OnWritten() override;
  MonotonicInstant Deadline() const override { return deadline_; }
  void OnDeadline() override;
  void StartDrain() override;
  void OnClosed() override;

  // --- for the exchange in hand
  ServerConnection& connection() { return connection_; }
  void OnBodyWanted();
  // Decides, when an answer's head is written, whether another request may follow.
  bool DecideKeepAlive();
  void OnAnswered();
  void MustClose() { keep_alive_ = false; }
  // Whether the connection could become another protocol's now.
  bool may_switch() const {
    return phase_ == Phase::kExchange && body_ == Body::kEnd && !peer_ended_ && connection_.queued() == 0;
  }
  TakenConnection TakeConnection();

 private:
  enum class Phase : uint8_t { kHead, kExchange, kClosing };
  enum class Body : uint8_t { kNone, kLength, kChunked, kEnd, kFailed };

  bool Step();
  bool StepHead();
  bool StepExchange();
  bool IsHttp2Preface(bool& is_prefix) const;
  void BeginExchange();
  void FinishExchange();
  void RefuseHead(Http1Refusal refusal);
  void Answer(const RefusalAnswer& answer);

  bool FillBlock();
  bool OnReadFailed(IoStatus status);
  bool ReadBody();
  size_t FeedBody(std::string_view bytes);
  void EndBody();
  void FailBody(std::string_view name, std::string_view detail);
  bool DiscardsBody() const;
  void UpdateDeadline();
  void DropBlockIfEmpty();
  void Keep(std::string_view bytes);
  std::string_view Unread() const;

  ServerConnection& connection_;
  ServerShard& shard_;
  std::shared_ptr<Http1Exchange> exchange_;  // from a head's first byte to its answer's last
  ExchangePtr handed_;                       // the same, as the handler got it
  std::shared_ptr<InputBlock> block_;
  size_t begin_ = 0;  // of block_: what is read and not yet understood
  size_t end_ = 0;
  MonotonicInstant deadline_ = kNever;
  MonotonicInstant head_deadline_ = kNever;  // of a head that has begun
  MonotonicInstant body_deadline_ = kNever;
  uint64_t body_left_ = 0;
  uint64_t discarded_ = 0;
  ChunkedDecoder chunks_;
  uint32_t requests_ = 0;
  Phase phase_ = Phase::kHead;
  Body body_ = Body::kNone;
  bool keep_alive_ = true;
  bool continue_owed_ = false;  // the client waits for "100 Continue" before it sends the body
  bool peer_ended_ = false;
};

}  // namespace meetinity::net

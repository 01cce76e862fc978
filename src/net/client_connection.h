#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/chunked.h"
#include "net/client_call.h"
#include "net/http1_response_parser.h"
#include "net/http_client.h"
#include "net/reactor.h"
#include "net/send_queue.h"
#include "net/transport.h"

namespace meetinity::net {

class ClientPool;

// A client's HTTP/1.1 connection: connects, shakes hands, carries one request at a time, waits in the pool between two.
class ClientConnection final : public IoHandler, public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(Reactor& reactor, ClientPool& pool, const ClientLimits& limits);
  ~ClientConnection() override;

  // Begins to connect for `call`; what goes wrong is told to the call, later.
  void Connect(const std::shared_ptr<PooledCall>& call);
  // Carries another request. Only while idle.
  void Carry(const std::shared_ptr<PooledCall>& call);
  bool is_usable() const { return state_ == State::kIdle && !transport_->hung_up(); }

  void OnReady(uint32_t epoll_events) override;

  // --- from the call in hand
  void OnCancelled();
  void OnResumed();
  void OnBodyWritten();
  size_t queued() const { return queue_.size(); }

  void Close();

 private:
  enum class State : uint8_t { kConnecting, kHandshake, kIdle, kBusy, kClosed };
  using Framing = Http1ResponseParser::Framing;

  void ContinueConnect();
  void ContinueHandshake();
  void BeginRequest();
  void AppendBodyPiece(const Slice& slice);
  void Flush();
  void ReadOn();
  // Each returns how many bytes it took; fewer than given when the call paused, ended or failed.
  size_t TakeBytes(std::string_view bytes);
  size_t TakeHead(std::string_view bytes);
  size_t TakeBody(std::string_view bytes);
  void OnPeerEnd(IoStatus status);
  void CompleteResponse();
  void Settle(bool has_leftover);
  void Fail(std::string_view name, std::string detail);
  void ArmTimer(Duration after, std::string_view what);
  void ArmIdleTimer();

  Reactor& reactor_;
  ClientPool& pool_;
  const ClientLimits& limits_;
  Endpoint endpoint_;
  std::unique_ptr<Transport> transport_;
  std::shared_ptr<PooledCall> call_;   // in hand while busy
  std::shared_ptr<PooledCall> ended_;  // answered in full, and not told yet
  SendQueue queue_;
  Http1ResponseParser parser_;
  ChunkedDecoder chunks_;
  std::string held_;  // read, and not given to a paused call yet
  uint64_t body_left_ = 0;
  Timer timer_;
  State state_ = State::kConnecting;
  Framing framing_ = Framing::kNone;
  bool has_head_ = false;
  bool reused_ = false;
  bool any_byte_ = false;  // of this answer
  bool chunked_request_ = false;
  bool request_done_ = false;  // every byte of the request is queued
  bool reading_ = false;
};

}  // namespace meetinity::net

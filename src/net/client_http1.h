#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/chunked.h"
#include "net/client_request.h"
#include "net/client_session.h"
#include "net/http1_response_parser.h"

namespace meetinity::net {

class ClientConnection;

// HTTP/1.1 on a client's connection (RFC 9112): one request at a time, no pipelining, because a server that breaks in
// the middle would leave several requests of which nobody knows whether they were done.
class Http1ClientSession final : public ClientSession, public CallCarrier {
 public:
  explicit Http1ClientSession(ClientConnection& connection);

  void Carry(const std::shared_ptr<PooledCall>& call) override;
  size_t capacity() const override { return call_ == nullptr ? 1 : 0; }
  bool is_idle() const override { return call_ == nullptr; }
  void Advance() override;
  void OnWritten() override;
  MonotonicInstant CheckDeadlines(MonotonicInstant now) override;
  void AbandonCalls() override;

  void OnCancelled(PooledCall& call) override;
  void OnResumed() override;
  void OnBodyWritten() override;
  size_t body_queued() const override;

 private:
  using Framing = Http1ResponseParser::Framing;

  void QueueBody();
  void QueueBodyPiece(const Slice& slice);
  void FinishBody();
  // False when there is nothing more to be read now.
  bool ReadOnce();
  void CheckSilence();
  // Each returns how many bytes it took; fewer than given when the call paused, ended or failed.
  size_t TakeBytes(std::string_view bytes);
  size_t TakeHead(std::string_view bytes);
  size_t TakeBody(std::string_view bytes);
  void TakeInterim();
  void HandOver();
  bool wants_bytes() const;
  void OnPeerEnd(bool orderly);
  void Complete(bool has_leftover);
  void Fail(std::string_view name, std::string_view what);
  void Extend();

  ClientConnection& connection_;
  std::shared_ptr<PooledCall> call_;  // in hand
  Http1ResponseParser parser_;
  ChunkedDecoder chunks_;
  RequestFraming request_framing_;
  uint64_t request_left_ = 0;  // of a streamed body with a length
  std::string held_;           // read, and not given to a paused call yet
  uint64_t body_left_ = 0;
  MonotonicInstant deadline_ = kNoDeadline;
  Framing framing_ = Framing::kNone;
  uint8_t interim_answers_ = 0;
  bool has_head_ = false;
  bool reused_ = false;        // the request in hand is not this connection's first
  bool any_byte_ = false;      // of this answer
  bool request_done_ = false;  // every byte of the request is queued
  bool ended_ = false;         // the answer is complete
  bool upgraded_ = false;      // the server has switched protocols, as it was asked to
  bool overrun_ = false;       // the caller's streamed body is not as long as announced
};

}  // namespace meetinity::net

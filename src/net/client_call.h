#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::net {

class ClientConnection;

// One request under way, whichever connection carries it. Kept alive by its connection or its place in the queue.
class PooledCall final : public ClientCall, public std::enable_shared_from_this<PooledCall> {
 public:
  PooledCall(Reactor& reactor, Endpoint endpoint, ClientRequest request, ResponseReader reader)
      : reactor_(reactor), endpoint_(std::move(endpoint)), request_(std::move(request)), reader_(std::move(reader)) {}

  void Cancel() override;
  void Pause() override;
  void Resume() override;
  void WriteBody(Slice slice) override;
  void FinishBody() override;
  size_t body_buffered() const override;
  void OnBodyDrained(std::function<void()> on_drained) override { on_drained_ = std::move(on_drained); }

  // --- for the pool and the connection
  const Endpoint& endpoint() const { return endpoint_; }
  const ClientRequest& request() const { return request_; }
  bool done() const { return done_; }
  bool paused() const { return paused_; }
  // Whether the same request may be sent again although the first may have arrived (RFC 9110, section 9.2.2).
  bool may_retry() const;
  void CountTry() { ++tries_; }

  void AttachTo(std::shared_ptr<ClientConnection> connection) { connection_ = std::move(connection); }
  void Detach() { connection_.reset(); }

  // What came; each may call back into anything.
  void OnHead(const ResponseHeadView& head);
  void OnData(std::string_view bytes);
  void OnEnd();
  void OnError(Error error);
  void OnBodySent();

  // The streamed body that no connection has taken yet.
  std::deque<Slice> TakePendingBody() { return std::exchange(pending_body_, {}); }
  bool body_finished() const { return body_finished_; }

 private:
  Reactor& reactor_;
  const Endpoint endpoint_;
  ClientRequest request_;
  ResponseReader reader_;
  std::shared_ptr<ClientConnection> connection_;
  std::deque<Slice> pending_body_;
  std::function<void()> on_drained_;
  int tries_ = 0;
  bool body_finished_ = false;
  bool paused_ = false;
  bool done_ = false;  // ended, failed or cancelled: nobody is told anything more
};

}  // namespace meetinity::net

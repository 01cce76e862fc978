#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::net {

class PooledCall;

// Where a call is at the moment: in a lane's queue, with a connection that is being made, or on its way in a session.
// Told what the caller asks of the call. None of these may call the caller back before it returns.
class CallCarrier {
 public:
  virtual ~CallCarrier() = default;
  // The call is done and has let go of its carrier already.
  virtual void OnCancelled(PooledCall& call) = 0;
  virtual void OnResumed() = 0;
  // The call holds more of the body, or has its end.
  virtual void OnBodyWritten() = 0;
  // Bytes of the body taken from the call and not yet by the kernel.
  virtual size_t body_queued() const = 0;
};

// One request under way, whoever carries it; kept alive by its carrier.
class PooledCall final : public ClientCall, public std::enable_shared_from_this<PooledCall> {
 public:
  // How a carrier lost a request, which decides whether it may be sent again.
  enum class Loss : uint8_t {
    kUnprocessed,  // the server vouches that nothing was done
    kUncertain,    // it may have been
  };

  PooledCall(Reactor& reactor, ClientRequest request, ResponseReader reader)
      : reactor_(reactor), request_(std::move(request)), reader_(std::move(reader)) {}

  void Cancel() override;
  void Pause() override { paused_ = true; }
  void Resume() override;
  void WriteBody(Slice slice) override;
  void FinishBody() override;
  size_t body_buffered() const override;
  void OnBodyDrained(std::function<void()> on_drained) override;

  // --- for carriers
  const ClientRequest& request() const { return request_; }
  bool done() const { return done_; }
  bool paused() const { return paused_; }

  // At most one carrier at a time; it detaches before another takes over, and before it tells how the call ended.
  void AttachTo(std::shared_ptr<CallCarrier> carrier) {
    carrier_ = std::move(carrier);
    sent_ = reactor_.monotonic();
  }
  void Detach() { carrier_.reset(); }

  // Counts a second try, if there may be one: only one, only of a request that is still known in full, and only if
  // doing it twice is the same as doing it once (RFC 9110, section 9.2.2), unless the first is known not to have been
  // done.
  bool TakeRetry(Loss loss);
  // A second try goes over a connection that nobody has used: the others may be as dead as the first.
  bool needs_fresh_connection() const { return needs_fresh_connection_; }

  // A connection was made for this call, and took so long.
  void OnConnected(Duration took) { connect_time_ = took; }
  // What came. Each may call back into anything, and nothing of the carrier may be presumed afterwards.
  void OnHead(const ResponseHeadView& head);
  void OnData(std::string_view bytes);
  void OnTrailers(const HeaderBlock& trailers);
  void OnUpgrade(const ResponseHeadView& head, TakenConnection connection);
  void OnEnd();
  void OnError(std::string_view name, std::string detail);
  // Bytes of the request went to the kernel.
  void OnBodySent();

  // Ends the call without a word, as Cancel does; for carriers that are going away.
  void Abandon();

  // What was written of the streamed body since the last time.
  std::deque<Slice> TakeBody();
  bool body_finished() const { return body_finished_; }

 private:
  void DropCallbacksLater();
  ResponseHeadView Timed(const ResponseHeadView& head) const;

  Reactor& reactor_;
  const ClientRequest request_;
  ResponseReader reader_;
  std::shared_ptr<CallCarrier> carrier_;
  std::deque<Slice> pending_body_;
  size_t pending_bytes_ = 0;
  std::function<void()> on_drained_;
  Duration connect_time_{0};
  MonotonicInstant sent_{};  // when the last bytes left, as far as known
  bool drain_owed_ = false;  // something was written since on_drained_ was last called
  bool body_finished_ = false;
  bool body_taken_ = false;  // a part of the streamed body is with a carrier, and lost if that is
  bool retried_ = false;
  bool needs_fresh_connection_ = false;
  bool paused_ = false;
  bool done_ = false;  // ended, failed or cancelled: nobody is told anything more
};

}  // namespace meetinity::net

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/client_call.h"
#include "net/client_context.h"
#include "net/client_lane.h"
#include "net/client_session.h"
#include "net/reactor.h"
#include "net/send_queue.h"
#include "net/transport.h"

namespace meetinity::net {

// A client's socket on its reactor: connects, shakes hands, then lends itself to the session of whichever protocol was
// agreed on. Kept alive by its lane while open.
//
// All work happens in turns, which events and calls ask for: a turn advances the session and then sends what has
// gathered. So nothing is read, written or told from within a caller's own call.
class ClientConnection final : public IoHandler,
                               public CallCarrier,
                               public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(std::shared_ptr<ClientContext> context, std::shared_ptr<ClientLane> lane);
  ~ClientConnection() override;

  // Begins to connect, for `call`; what goes wrong is told to the call, later.
  void Connect(const std::shared_ptr<PooledCall>& call);
  // Takes another call; while capacity() is above 0.
  void Carry(const std::shared_ptr<PooledCall>& call);
  // Lets its calls go without a word.
  void Close();

  size_t capacity() const;
  bool is_open() const { return state_ != State::kClosed; }
  // The server has not said farewell, as far as is known.
  bool is_usable() const { return is_open() && !(transport_ && transport_->hung_up()); }
  bool is_idle() const { return state_ == State::kOpen && session_->is_idle(); }
  bool was_used() const { return used_; }

  // The lane's own mark: whether this is on its list of those with capacity.
  bool listed_ready() const { return listed_ready_; }
  void set_listed_ready(bool listed) { listed_ready_ = listed; }

  void OnReady(uint32_t epoll_events) override;

  // --- from calls that wait for the handshake
  void OnCancelled(PooledCall& call) override;
  void OnResumed() override {}
  void OnBodyWritten() override {}
  size_t body_queued() const override { return 0; }

  // --- for the session
  ClientContext& context() { return *context_; }
  const std::shared_ptr<ClientContext>& shared_context() const { return context_; }
  ClientLane& lane() { return *lane_; }
  // How long it may stay open with nothing under way.
  Duration idle_timeout() const { return lane_->endpoint().idle_timeout.value_or(context_->limits.idle_timeout); }
  Transport& transport() { return *transport_; }
  SendQueue& queue() { return queue_; }
  size_t queued() const { return queue_.size(); }
  // The kernel takes no more bytes; what the server said before may still be read, and nothing else will come.
  bool write_broken() const { return write_broken_; }
  // Gives the socket away, to go on as another protocol's; the connection is closed then.
  std::unique_ptr<Transport> ReleaseTransport();
  // A turn comes soon; if one is under way, another round of it.
  void RequestTurn();
  // The session's deadlines are checked then, if not before.
  void WakeBy(MonotonicInstant when);
  // What answers are measured by: from here on, what begins here is a reuse.
  void CountUse() { used_ = true; }
  // The capacity changed; a call that waits may be carried at once.
  void AnnounceCapacity() { lane_->Update(shared_from_this()); }
  // What an error's detail begins with, so that a log says which server it was.
  std::string Describe(std::string_view what) const;

 private:
  enum class State : uint8_t { kConnecting, kHandshake, kOpen, kClosed };

  void Turn();
  void ContinueConnect();
  void ContinueHandshake();
  void BeginSession();
  void Flush();
  void FailConnecting(std::string_view name, std::string_view what);
  void OnTimer();

  const std::shared_ptr<ClientContext> context_;
  const std::shared_ptr<ClientLane> lane_;
  std::unique_ptr<Transport> transport_;
  SendQueue queue_;
  std::unique_ptr<ClientSession> session_;
  std::vector<std::shared_ptr<PooledCall>> assigned_;  // until there is a session
  Timer timer_;
  MonotonicInstant timer_due_{};
  MonotonicInstant connect_began_{};
  MonotonicInstant connect_deadline_ = kNoDeadline;
  State state_ = State::kConnecting;
  bool in_turn_ = false;
  bool turn_requested_ = false;
  bool write_broken_ = false;
  bool used_ = false;
  bool listed_ready_ = false;
};

}  // namespace meetinity::net

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "net/http.h"
#include "net/reactor.h"
#include "net/send_queue.h"
#include "net/transport.h"

namespace meetinity::net {

class ServerShard;

// The protocol spoken on a connection. Called by its ServerConnection only.
class ServerSession {
 public:
  virtual ~ServerSession() = default;
  // Goes on with what has come and what was answered, as far as it gets.
  virtual void Advance() = 0;
  // Bytes left the queue; it may be empty now.
  virtual void OnWritten() = 0;
  // When something has to have happened next; far away when nothing is awaited. Asked after every turn.
  virtual MonotonicInstant Deadline() const = 0;
  virtual void OnDeadline() = 0;
  // Finish what is under way, then close.
  virtual void StartDrain() = 0;
  // The socket is gone; nothing may be sent any more.
  virtual void OnClosed() = 0;
};

// A client's socket on its reactor: handshake, turns, deadlines and an orderly end. What is said over it is the
// session's business.
//
// All work happens in turns: events and answers given from outside ask for one; a turn advances the session and then
// sends what has gathered, so that a batch of answers leaves in one call.
class ServerConnection final : public IoHandler {
 public:
  ServerConnection(ServerShard& shard, Socket socket, std::shared_ptr<PeerInfo> peer);
  ~ServerConnection() override;

  void Start();
  void OnReady(uint32_t epoll_events) override;

  // Something was queued or answered: a turn comes soon, unless the session is advancing in one and will see to it.
  void RequestTurn();
  // Whatever is going on, the session advances once more afterwards.
  void RequestAnotherTurn();
  void Turn();
  void StartDrain();

  ServerShard& shard() { return shard_; }
  Transport& transport() { return transport_; }
  SendQueue& queue();
  size_t queued() const { return queue_ == nullptr ? 0 : queue_->size(); }
  const std::shared_ptr<PeerInfo>& peer() const { return peer_; }
  bool is_open() const { return state_ != State::kClosed; }
  // It has had its time, and takes no further request.
  bool is_old() const;
  bool is_serving() const { return state_ == State::kServing; }

  // Replaces an HTTP/1.1 session that turned out to speak HTTP/2; `bytes` are what has come so far. The old session
  // must return to its caller at once.
  void SwitchToHttp2(std::string_view bytes);

  // Gives the socket away, to go on as another protocol's; the session hears OnClosed. While serving, with an empty
  // queue.
  std::unique_ptr<Transport> ReleaseTransport();

  // After the queue is sent. `lingers`: the client may still be sending; closing at once would let the kernel's reset
  // destroy the answer on its way.
  enum class Farewell : uint8_t { kClose, kLinger };
  void CloseAfterFlush(Farewell farewell);
  void CloseNow();
  // Closes so that the client sees a broken connection, not an end.
  void Reset();

 private:
  friend class ServerShard;
  enum class State : uint8_t { kHandshake, kServing, kFlushing, kLingering, kClosed };

  void ContinueHandshake();
  void BeginSession();
  void Flush();
  void SayFarewell();
  void Linger();
  void StartWatching();
  void StopWatching();
  void UpdateDeadline();
  void OnTimer();

  ServerShard& shard_;
  Transport transport_;
  std::shared_ptr<PeerInfo> peer_;
  std::unique_ptr<ServerSession> session_, former_session_;
  std::unique_ptr<SendQueue> queue_;
  Timer timer_;
  MonotonicInstant timer_due_{};
  MonotonicInstant deadline_;        // of this connection's own states
  MonotonicInstant write_deadline_;  // while the peer does not take what is queued
  size_t linger_left_ = 0;
  uint32_t place_ = 0;  // in the shard's list
  State state_ = State::kHandshake;
  Farewell farewell_ = Farewell::kClose;
  bool watched_ = false;
  bool in_turn_ = false;
  bool advancing_ = false;
  bool turn_requested_ = false;
  bool scheduled_ = false;
};

inline constexpr MonotonicInstant kNever = MonotonicInstant::max();

}  // namespace meetinity::net

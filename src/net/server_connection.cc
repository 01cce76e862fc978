#include "net/server_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/http1_session.h"
#include "net/http2_session.h"
#include "net/server_shard.h"

namespace meetinity::net {

namespace {

// How long and how much a client may go on sending after the last answer before the connection is cut.
constexpr Duration kLingerTime = std::chrono::seconds(2);
constexpr size_t kLingerBytes = 1'048'576;

// Turns in which answers bring forth more answers before other connections get theirs.
constexpr int kRoundsPerTurn = 16;

}  // namespace

ServerConnection::ServerConnection(ServerShard& shard, Socket socket, std::shared_ptr<PeerInfo> peer)
    : shard_(shard),
      transport_(std::move(socket)),
      peer_(std::move(peer)),
      deadline_(kNever),
      write_deadline_(kNever) {}

ServerConnection::~ServerConnection() {
  StopWatching();
  // A session that dies with its connection must tell its exchanges so: handlers may hold them longer.
  if (is_open() && session_ != nullptr) session_->OnClosed();
}

void ServerConnection::Start() {
  if (shard_.config().tls == nullptr) {
    BeginSession();
  } else {
    if (!transport_.AcceptTls(*shard_.config().tls).ok()) return CloseNow();
    deadline_ = shard_.reactor().monotonic() + shard_.limits().head_timeout;
  }
  // Its first request is often there by then, and when that is its last, too, the kernel never has to watch it.
  RequestAnotherTurn();
}

void ServerConnection::OnReady(uint32_t epoll_events) {
  transport_.OnEvents(epoll_events);
  Turn();
}

void ServerConnection::RequestTurn() {
  if (!advancing_) RequestAnotherTurn();
}

void ServerConnection::RequestAnotherTurn() {
  if (in_turn_) {
    turn_requested_ = true;
  } else if (!scheduled_ && is_open()) {
    scheduled_ = true;
    shard_.Schedule(this);
  }
}

void ServerConnection::Turn() {
  in_turn_ = true;
  for (int round = 0; is_open(); ++round) {
    turn_requested_ = false;
    if (state_ == State::kHandshake) ContinueHandshake();
    if (state_ == State::kServing) {
      advancing_ = true;
      session_->Advance();
      advancing_ = false;
    }
    if (state_ == State::kLingering) Linger();
    if (is_open()) Flush();
    if (!turn_requested_ || !is_open()) break;
    if (round == kRoundsPerTurn) {
      in_turn_ = false;
      RequestAnotherTurn();
      break;
    }
  }
  in_turn_ = false;
  if (is_open() && !watched_) StartWatching();
  if (is_open()) UpdateDeadline();
}

void ServerConnection::StartWatching() {
  // What has come since the last look is told at once.
  watched_ = shard_.reactor().Watch(transport_.socket().fd(), this).ok();
  if (!watched_) CloseNow();
}

void ServerConnection::StopWatching() {
  if (std::exchange(watched_, false)) shard_.reactor().Unwatch(transport_.socket().fd(), this);
}

void ServerConnection::ContinueHandshake() {
  switch (transport_.Handshake()) {
    case IoStatus::kWouldBlock:
      return;
    case IoStatus::kReady:
      break;
    default:
      shard_.counts().handshake_failures.Add();
      return CloseNow();
  }
  peer_->tls = true;
  peer_->sni = transport_.sni();
  peer_->tls_protocol = transport_.tls_protocol();
  peer_->tls_cipher = transport_.tls_cipher();
  BeginSession();
}

void ServerConnection::BeginSession() {
  state_ = State::kServing;
  deadline_ = kNever;
  if (transport_.alpn() == "h2") {
    session_ = std::make_unique<Http2Session>(*this, std::string_view());
  } else {
    session_ = std::make_unique<Http1Session>(*this);
  }
}

void ServerConnection::SwitchToHttp2(std::string_view bytes) {
  former_session_ = std::exchange(session_, std::make_unique<Http2Session>(*this, bytes));
  RequestAnotherTurn();
}

SendQueue& ServerConnection::queue() {
  if (queue_ == nullptr) queue_ = shard_.BorrowQueue();
  return *queue_;
}

void ServerConnection::Flush() {
  if (queue_ != nullptr && !queue_->empty()) {
    const size_t before = queue_->size();
    const IoStatus status = transport_.may_write() ? queue_->Flush(transport_) : IoStatus::kWouldBlock;
    if (status != IoStatus::kReady && status != IoStatus::kWouldBlock) return CloseNow();
    if (queue_->size() < before) {
      write_deadline_ = kNever;
      if (state_ == State::kServing) session_->OnWritten();
      if (!is_open()) return;
    }
    if (!queue_->empty()) {
      if (write_deadline_ == kNever) {
        write_deadline_ = shard_.reactor().monotonic() + shard_.limits().write_timeout;
      }
      return;
    }
  }
  write_deadline_ = kNever;
  if (queue_ != nullptr) shard_.ReturnQueue(std::move(queue_));
  if (state_ == State::kFlushing) SayFarewell();
}

void ServerConnection::CloseAfterFlush(Farewell farewell) {
  if (state_ != State::kServing) return;
  state_ = State::kFlushing;
  farewell_ = farewell;
  RequestTurn();
}

void ServerConnection::SayFarewell() {
  transport_.SendCloseNotify();
  // Closing sends the same FIN by itself.
  if (farewell_ == Farewell::kClose) return CloseNow();
  transport_.ShutdownWrite();
  state_ = State::kLingering;
  linger_left_ = kLingerBytes;
  deadline_ = shard_.reactor().monotonic() + kLingerTime;
  turn_requested_ = true;
}

void ServerConnection::Linger() {
  while (transport_.may_read()) {
    const IoResult result = transport_.Read(shard_.scratch());
    if (result.status == IoStatus::kWouldBlock) return;
    if (result.status != IoStatus::kReady || result.bytes >= linger_left_) return CloseNow();
    linger_left_ -= result.bytes;
  }
}

void ServerConnection::Reset() {
  if (!is_open()) return;
  // Nothing is flushed and the kernel sends RST.
  const linger at_once{1, 0};
  setsockopt(transport_.socket().fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  CloseNow();
}

void ServerConnection::CloseNow() {
  if (!is_open()) return;
  state_ = State::kClosed;
  timer_.Cancel();
  StopWatching();
  if (session_ != nullptr) session_->OnClosed();
  if (queue_ != nullptr) {
    queue_->Clear();
    shard_.ReturnQueue(std::move(queue_));
  }
  transport_.Close();
  shard_.Remove(this);
}

bool ServerConnection::is_old() const {
  const Duration lifetime = shard_.limits().connection_lifetime;
  return lifetime != Duration::max() && shard_.reactor().monotonic() - peer_->connected >= lifetime;
}

std::unique_ptr<Transport> ServerConnection::ReleaseTransport() {
  CHECK(state_ == State::kServing && queued() == 0);
  StopWatching();
  auto released = std::make_unique<Transport>(std::move(transport_));
  CloseNow();
  return released;
}

void ServerConnection::StartDrain() {
  if (state_ == State::kHandshake) return CloseNow();
  if (state_ != State::kServing) return;
  session_->StartDrain();
  RequestTurn();
}

// The timer is armed for the earliest deadline seen and looks again when it fires: a deadline that moves away with
// every request, which is nearly all of them, costs a store and no timer.
void ServerConnection::UpdateDeadline() {
  MonotonicInstant next = std::min(deadline_, write_deadline_);
  if (state_ == State::kServing) next = std::min(next, session_->Deadline());
  if (next == kNever || (timer_.armed() && timer_due_ <= next)) return;
  timer_due_ = next;
  timer_ = shard_.reactor().StartTimer(next - shard_.reactor().monotonic(), [this] { OnTimer(); });
}

void ServerConnection::OnTimer() {
  const MonotonicInstant now = shard_.reactor().monotonic();
  if (deadline_ <= now || write_deadline_ <= now) {
    if (state_ == State::kHandshake) shard_.counts().handshake_failures.Add();
    return CloseNow();
  }
  if (state_ == State::kServing && session_->Deadline() <= now) session_->OnDeadline();
  if (is_open()) {
    RequestTurn();
    UpdateDeadline();
  }
}

}  // namespace meetinity::net

#include "net/client_connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "net/client_http1.h"
#include "net/client_http2.h"
#include "net/socket.h"

namespace meetinity::net {
namespace {

// Rounds of advancing and sending in one turn before other connections get theirs.
constexpr int kClientRoundsPerTurn = 4;

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<ClientContext> context, std::shared_ptr<ClientLane> lane)
    : context_(std::move(context)), lane_(std::move(lane)) {}

ClientConnection::~ClientConnection() = default;

std::string ClientConnection::Describe(std::string_view what) const {
  return fmt::format("{}:{}: {}", lane_->endpoint().address, lane_->endpoint().port, what);
}

// ---- until there is a session

void ClientConnection::Connect(const std::shared_ptr<PooledCall>& call) {
  assigned_.push_back(call);
  call->AttachTo(shared_from_this());
  const auto fail_later = [this](const Error& error) {
    context_->reactor.Defer(
        [self = shared_from_this(), detail = error.detail] { self->FailConnecting(kConnectFailed, detail); });
  };
  const auto address = SocketAddress::Parse(lane_->endpoint().address, lane_->endpoint().port);
  if (!address.ok()) return fail_later(address.error());
  auto socket = StartConnect(*address);
  if (!socket.ok()) return fail_later(socket.error());
  transport_ = std::make_unique<Transport>(std::move(socket).value());
  const Status watched = context_->reactor.Watch(transport_->socket().fd(), this);
  if (!watched.ok()) return fail_later(watched.error());
  connect_began_ = context_->reactor.monotonic();
  connect_deadline_ = connect_began_ + call->request().connect_timeout;
  WakeBy(connect_deadline_);
}

void ClientConnection::ContinueConnect() {
  const Status connected = ConnectOutcome(transport_->socket());
  if (!connected.ok()) return FailConnecting(kConnectFailed, connected.error().detail);
  const auto& tls = lane_->endpoint().tls;
  if (!tls) return BeginSession();
  const Status begun = transport_->ConnectTls(*tls);
  if (!begun.ok()) return FailConnecting(kTlsFailed, begun.error().detail);
  state_ = State::kHandshake;
  ContinueHandshake();
}

void ClientConnection::ContinueHandshake() {
  switch (transport_->Handshake()) {
    case IoStatus::kReady:
      return BeginSession();
    case IoStatus::kWouldBlock:
      return;
    default:
      return FailConnecting(
          kTlsFailed, transport_->tls_error().empty() ? "the server broke the handshake off" : transport_->tls_error());
  }
}

void ClientConnection::BeginSession() {
  const bool is_http2 =
      lane_->endpoint().tls ? transport_->alpn() == "h2" : lane_->endpoint().version == HttpVersion::kHttp2;
  if (is_http2) {
    session_ = std::make_unique<Http2ClientSession>(*this);
  } else {
    session_ = std::make_unique<Http1ClientSession>(*this);
  }
  state_ = State::kOpen;
  lane_->OnProtocol(is_http2 ? HttpVersion::kHttp2 : HttpVersion::kHttp11);
  const Duration took = context_->reactor.monotonic() - connect_began_;
  const auto assigned = std::exchange(assigned_, {});
  for (const auto& call : assigned) {
    call->Detach();
    call->OnConnected(took);
    // Fewer fit than were presumed when the server chose the older protocol.
    if (is_open() && session_->capacity() > 0) {
      session_->Carry(call);
    } else {
      lane_->Dispatch(call);
    }
  }
  if (is_open()) AnnounceCapacity();
}

void ClientConnection::FailConnecting(std::string_view name, std::string_view what) {
  if (!is_open()) return;
  const auto self = shared_from_this();
  const std::string detail = Describe(what);
  const auto assigned = std::exchange(assigned_, {});
  for (const auto& call : assigned) call->Detach();
  Close();
  for (const auto& call : assigned) call->OnError(name, detail);
}

void ClientConnection::OnCancelled(PooledCall& call) {
  std::erase_if(assigned_, [&call](const auto& assigned) { return assigned.get() == &call; });
  if (assigned_.empty() && state_ != State::kOpen) Close();
}

// ---- calls and turns

void ClientConnection::Carry(const std::shared_ptr<PooledCall>& call) {
  if (state_ == State::kOpen) return session_->Carry(call);
  assigned_.push_back(call);
  call->AttachTo(shared_from_this());
}

size_t ClientConnection::capacity() const {
  switch (state_) {
    case State::kOpen:
      return session_->capacity();
    case State::kClosed:
      return 0;
    default:
      return lane_->presumed_capacity() - std::min(lane_->presumed_capacity(), assigned_.size());
  }
}

void ClientConnection::OnReady(uint32_t epoll_events) {
  transport_->OnEvents(epoll_events);
  Turn();
}

void ClientConnection::RequestTurn() {
  if (std::exchange(turn_requested_, true) || in_turn_ || state_ != State::kOpen) return;
  context_->reactor.Defer([self = shared_from_this()] { self->Turn(); });
}

void ClientConnection::Turn() {
  const auto self = shared_from_this();
  in_turn_ = true;
  if (state_ == State::kConnecting && transport_) ContinueConnect();
  if (state_ == State::kHandshake) ContinueHandshake();
  turn_requested_ = true;
  for (int round = 0; round < kClientRoundsPerTurn && turn_requested_ && state_ == State::kOpen; ++round) {
    turn_requested_ = false;
    session_->Advance();
    if (state_ == State::kOpen) Flush();
  }
  in_turn_ = false;
  if (state_ != State::kOpen) return;
  if (std::exchange(turn_requested_, false)) RequestTurn();
  lane_->Update(self);
}

void ClientConnection::Flush() {
  if (queue_.empty()) return;
  const size_t before = queue_.size();
  if (queue_.Flush(*transport_) == IoStatus::kFailed) {
    // The server may have answered before it closed, so reading goes on until that, too, comes to an end.
    write_broken_ = true;
    queue_.Clear();
    transport_->OnEvents(EPOLLERR);
    turn_requested_ = true;
  } else if (queue_.size() < before) {
    session_->OnWritten();
  }
}

// ---- time and the end

void ClientConnection::WakeBy(MonotonicInstant when) {
  if (when == kNoDeadline || !is_open() || (timer_.armed() && timer_due_ <= when)) return;
  timer_due_ = when;
  timer_ = context_->reactor.StartTimer(when - context_->reactor.monotonic(), [this] { OnTimer(); });
}

void ClientConnection::OnTimer() {
  const auto self = shared_from_this();
  const MonotonicInstant now = context_->reactor.monotonic();
  if (state_ == State::kOpen) {
    const MonotonicInstant next = session_->CheckDeadlines(now);
    WakeBy(next);
  } else if (now >= connect_deadline_) {
    FailConnecting(kResponseTimeout, "no connection in time");
  } else {
    WakeBy(connect_deadline_);
  }
}

std::unique_ptr<Transport> ClientConnection::ReleaseTransport() {
  context_->reactor.Unwatch(transport_->socket().fd(), this);
  auto released = std::move(transport_);
  Close();
  return released;
}

void ClientConnection::Close() {
  if (!is_open()) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  timer_.Cancel();
  if (transport_) {
    context_->reactor.Unwatch(transport_->socket().fd(), this);
    transport_->Close();
  }
  queue_.Clear();
  for (const auto& call : std::exchange(assigned_, {})) {
    call->Detach();
    call->Abandon();
  }
  if (session_) session_->AbandonCalls();
  lane_->OnClosed(self);
}

}  // namespace meetinity::net

#include "net/client_connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>

#include "net/client_pool.h"
#include "net/response_line.h"
#include "net/socket.h"

namespace meetinity::net {

ClientConnection::ClientConnection(Reactor& reactor, ClientPool& pool, const ClientLimits& limits)
    : reactor_(reactor), pool_(pool), limits_(limits), parser_(limits.response_head_bytes) {}

ClientConnection::~ClientConnection() = default;

void ClientConnection::Connect(const std::shared_ptr<PooledCall>& call) {
  call_ = call;
  endpoint_ = call->endpoint();
  call->AttachTo(shared_from_this());
  const auto fail_later = [this](std::string detail) {
    reactor_.Defer([self = shared_from_this(), detail = std::move(detail)] { self->Fail(kConnectFailed, detail); });
  };
  if (call->endpoint().version == HttpVersion::kHttp2) return fail_later("HTTP/2 to origins is not spoken");
  const auto address = SocketAddress::Parse(call->endpoint().address, call->endpoint().port);
  if (!address.ok()) return fail_later(address.error().detail);
  auto socket = StartConnect(*address);
  if (!socket.ok()) return fail_later(socket.error().detail);
  transport_ = std::make_unique<Transport>(std::move(socket).value());
  const Status watched = reactor_.Watch(transport_->socket().fd(), this);
  if (!watched.ok()) return fail_later(watched.error().detail);
  ArmTimer(call->request().connect_timeout, "no connection in time");
}

void ClientConnection::Carry(const std::shared_ptr<PooledCall>& call) {
  call_ = call;
  call->AttachTo(shared_from_this());
  reused_ = true;
  BeginRequest();
}

void ClientConnection::OnReady(uint32_t epoll_events) {
  const auto self = shared_from_this();
  transport_->OnEvents(epoll_events);
  switch (state_) {
    case State::kConnecting:
      ContinueConnect();
      break;
    case State::kHandshake:
      ContinueHandshake();
      break;
    case State::kIdle:
      // Between answers a server has nothing to say but farewell.
      if (transport_->hung_up() || transport_->may_read()) Close();
      break;
    case State::kBusy:
      Flush();
      ReadOn();
      break;
    case State::kClosed:
      break;
  }
}

void ClientConnection::ContinueConnect() {
  const Status connected = ConnectOutcome(transport_->socket());
  if (!connected.ok()) return Fail(kConnectFailed, connected.error().detail);
  if (!transport_->may_write()) return;
  const auto& tls = call_->endpoint().tls;
  if (!tls) return BeginRequest();
  const Status begun = transport_->ConnectTls(*tls);
  if (!begun.ok()) return Fail(kTlsFailed, begun.error().detail);
  state_ = State::kHandshake;
  ContinueHandshake();
}

void ClientConnection::ContinueHandshake() {
  switch (transport_->Handshake()) {
    case IoStatus::kReady:
      return BeginRequest();
    case IoStatus::kWouldBlock:
      return;
    default:
      return Fail(kTlsFailed,
                  transport_->tls_error().empty() ? "the handshake was broken off" : transport_->tls_error());
  }
}

void ClientConnection::BeginRequest() {
  state_ = State::kBusy;
  has_head_ = any_byte_ = request_done_ = chunked_request_ = false;
  parser_.Reset();
  chunks_.Reset();
  const ClientRequest& request = call_->request();
  std::string& text = queue_.text();
  text.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nhost: ");
  text.append(request.authority).append("\r\n").append(request.headers.http1_bytes());
  uint64_t length = 0;
  for (const Slice& slice : request.body) length += slice.bytes.size();
  if (request.streams_body && !request.content_length) {
    chunked_request_ = true;
    text.append("transfer-encoding: chunked\r\n");
  } else if (request.streams_body || length > 0 || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    text.append("content-length: ");
    AppendDecimal(text, request.streams_body ? *request.content_length : length);
    text.append("\r\n");
  }
  text.append("\r\n");
  queue_.CommitText();
  for (const Slice& slice : request.body) queue_.Append(slice);
  request_done_ = !request.streams_body;
  ArmTimer(request.response_timeout, "no answer in time");
  if (request.streams_body) {
    OnBodyWritten();
  } else {
    Flush();
  }
}

void ClientConnection::AppendBodyPiece(const Slice& slice) {
  if (chunked_request_) {
    AppendHex(queue_.text(), slice.bytes.size());
    queue_.text().append("\r\n");
    queue_.CommitText();
  }
  queue_.Append(slice);
  if (chunked_request_) queue_.AppendCopy("\r\n");
}

void ClientConnection::OnBodyWritten() {
  if (state_ != State::kBusy || request_done_) return;
  for (const Slice& slice : call_->TakePendingBody()) AppendBodyPiece(slice);
  if (call_->body_finished()) {
    if (chunked_request_) queue_.AppendCopy("0\r\n\r\n");
    request_done_ = true;
  }
  Flush();
}

void ClientConnection::Flush() {
  if (state_ != State::kBusy || queue_.empty()) return;
  const auto self = shared_from_this();
  switch (queue_.Flush(*transport_)) {
    case IoStatus::kReady:
      if (!request_done_ && call_) {
        reactor_.Defer([self, call = call_] {
          if (self->call_ == call && self->queue_.empty()) call->OnBodySent();
        });
      }
      return;
    case IoStatus::kWouldBlock:
      return;
    default:
      // The server may have answered before it closed, so what there is to read is read first.
      if (!transport_->may_read()) Fail(kResponseInvalid, "the connection broke while the request was sent");
  }
}

void ClientConnection::ReadOn() {
  if (reading_) return;
  const auto self = shared_from_this();
  reading_ = true;
  bool has_leftover = false;
  while (state_ == State::kBusy && !call_->paused()) {
    if (!held_.empty()) {
      const std::string held = std::exchange(held_, {});
      held_ = held.substr(TakeBytes(held));
      has_leftover = !held_.empty();
      continue;
    }
    if (!transport_->may_read()) break;
    std::string& scratch = pool_.scratch();
    const IoResult read = transport_->Read(scratch);
    if (read.status == IoStatus::kWouldBlock) break;
    if (read.status != IoStatus::kReady) {
      OnPeerEnd(read.status);
      break;
    }
    any_byte_ = true;
    ArmTimer(call_->request().response_timeout, "the answer stopped half-way");
    const std::string_view bytes(scratch.data(), read.bytes);
    held_ = bytes.substr(TakeBytes(bytes));
    has_leftover = !held_.empty();
  }
  reading_ = false;
  if (ended_) return Settle(has_leftover);
  // While nobody wants bytes, their absence is nobody's fault.
  if (state_ == State::kBusy && call_->paused()) timer_.Cancel();
}

size_t ClientConnection::TakeBytes(std::string_view bytes) {
  const std::shared_ptr<PooledCall> call = call_;
  size_t taken = 0;
  while (taken < bytes.size() && state_ == State::kBusy && call_ == call && !call->paused()) {
    const std::string_view rest = bytes.substr(taken);
    const size_t step = has_head_ ? TakeBody(rest) : TakeHead(rest);
    taken += step;
  }
  return taken;
}

size_t ClientConnection::TakeHead(std::string_view bytes) {
  size_t consumed = 0;
  const bool to_head = call_->request().method == "HEAD";
  switch (parser_.Parse(bytes, to_head, consumed)) {
    case Http1ResponseParser::State::kIncomplete:
      return consumed;
    case Http1ResponseParser::State::kRefused:
      Fail(kResponseInvalid, std::string(parser_.refusal()));
      return bytes.size();
    case Http1ResponseParser::State::kComplete:
      break;
  }
  if (parser_.status() < 200) {
    // 101 would change the protocol, which nobody asked for.
    if (parser_.status() == 101) Fail(kResponseInvalid, "the server switched protocols unasked");
    parser_.Reset();
    return consumed;
  }
  has_head_ = true;
  framing_ = parser_.framing();
  body_left_ = parser_.content_length().value_or(0);
  ResponseHeadView head;
  head.status = parser_.status();
  head.version = parser_.version();
  head.headers = parser_.headers();
  head.content_length = parser_.content_length();
  const std::shared_ptr<PooledCall> call = call_;
  call->OnHead(head);
  if (framing_ == Framing::kNone && state_ == State::kBusy && call_ == call) CompleteResponse();
  return consumed;
}

size_t ClientConnection::TakeBody(std::string_view bytes) {
  const std::shared_ptr<PooledCall> call = call_;
  const auto still_ours = [&] { return state_ == State::kBusy && call_ == call; };
  if (framing_ == Framing::kUntilClose) {
    call->OnData(bytes);
    return bytes.size();
  }
  if (framing_ == Framing::kLength) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(bytes.size(), body_left_));
    body_left_ -= size;
    call->OnData(bytes.substr(0, size));
    if (still_ours() && body_left_ == 0) CompleteResponse();
    return size;
  }
  const ChunkedDecoder::Step step = chunks_.Next(bytes);
  if (step.state == ChunkedDecoder::State::kBroken) {
    Fail(kResponseInvalid, "the answer's chunks are malformed");
    return bytes.size();
  }
  if (!step.data.empty()) call->OnData(step.data);
  if (still_ours() && step.state == ChunkedDecoder::State::kEnd) CompleteResponse();
  return step.consumed;
}

void ClientConnection::OnPeerEnd(IoStatus status) {
  if (has_head_ && framing_ == Framing::kUntilClose && status == IoStatus::kEnd) return CompleteResponse();
  if (has_head_) return Fail(kResponseTruncated, "the answer ended before its last byte");
  Fail(kResponseInvalid, "the connection was closed without an answer");
}

void ClientConnection::CompleteResponse() {
  ended_ = std::exchange(call_, nullptr);
  ended_->Detach();
  state_ = State::kIdle;
}

// Out of the reading loop, where it is known whether bytes came that belong to no answer: they must never be taken for
// the beginning of the next one.
void ClientConnection::Settle(bool has_leftover) {
  const auto self = shared_from_this();
  const std::shared_ptr<PooledCall> call = std::exchange(ended_, nullptr);
  const bool reusable = parser_.keep_alive() && request_done_ && queue_.empty() && !has_leftover &&
                        framing_ != Framing::kUntilClose && !transport_->hung_up();
  if (reusable) {
    ArmIdleTimer();
    pool_.OnIdle(self, endpoint_);
  } else {
    Close();
  }
  call->OnEnd();
}

void ClientConnection::Fail(std::string_view name, std::string detail) {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  const std::shared_ptr<PooledCall> call = call_;
  // A server may close a connection at the moment it is used again: that says nothing about the request.
  const bool retry = call && reused_ && !any_byte_ && call->may_retry() && name == kResponseInvalid;
  Close();
  if (!call) return;
  if (retry) {
    pool_.Retry(call);
  } else {
    call->OnError(Error{Kind::kUnavailable, name,
                        fmt::format("{}:{}: {}", call->endpoint().address, call->endpoint().port, detail)});
  }
}

void ClientConnection::OnCancelled() {
  // In the middle of an answer the connection cannot be used for another.
  Close();
}

void ClientConnection::OnResumed() {
  if (state_ != State::kBusy || !call_) return;
  ArmTimer(call_->request().response_timeout, "the answer stopped half-way");
  ReadOn();
}

void ClientConnection::Close() {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  timer_.Cancel();
  if (transport_ && transport_->is_open()) {
    reactor_.Unwatch(transport_->socket().fd(), this);
    transport_->Close();
  }
  queue_.Clear();
  const std::shared_ptr<PooledCall> call = std::exchange(call_, nullptr);
  if (call) call->Detach();
  pool_.OnClosed(self, endpoint_);
}

void ClientConnection::ArmTimer(Duration after, std::string_view what) {
  timer_ = reactor_.StartTimer(after, [this, what] { Fail(kResponseTimeout, std::string(what)); });
}

void ClientConnection::ArmIdleTimer() {
  timer_ = reactor_.StartTimer(limits_.idle_timeout, [this] { Close(); });
}

}  // namespace meetinity::net

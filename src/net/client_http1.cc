#include "net/client_http1.h"

#include <algorithm>
#include <utility>

#include "net/client_connection.h"
#include "net/response_line.h"
#include "net/transport.h"

namespace meetinity::net {

Http1ClientSession::Http1ClientSession(ClientConnection& connection)
    : connection_(connection), parser_(connection.context().limits.response_head_bytes) {}

// ---- the request

void Http1ClientSession::Carry(const std::shared_ptr<PooledCall>& call) {
  call_ = call;
  // Shares the connection's ownership: whoever holds the carrier holds everything it stands on.
  call->AttachTo(std::shared_ptr<CallCarrier>(connection_.shared_from_this(), this));
  reused_ = connection_.was_used();
  connection_.CountUse();
  has_head_ = any_byte_ = request_done_ = ended_ = overrun_ = upgraded_ = false;
  interim_answers_ = 0;
  parser_.Reset();
  chunks_.Reset();

  const ClientRequest& request = call->request();
  request_framing_ = FramingOf(request);
  SendQueue& queue = connection_.queue();
  AppendHttp1Head(queue.text(), request, request_framing_);
  queue.CommitText();
  if (request.streams_body) {
    request_left_ = request_framing_.length.value_or(0);
    QueueBody();
  } else {
    for (const Slice& slice : request.body) queue.Append(slice);
    request_done_ = true;
  }
  Extend();
  connection_.RequestTurn();
}

void Http1ClientSession::OnBodyWritten() {
  if (!call_) return;
  QueueBody();
  Extend();
  connection_.RequestTurn();
}

void Http1ClientSession::QueueBody() {
  if (request_done_ || overrun_) return;
  for (const Slice& slice : call_->TakeBody()) QueueBodyPiece(slice);
  if (call_->body_finished() && !overrun_) FinishBody();
}

void Http1ClientSession::QueueBodyPiece(const Slice& slice) {
  SendQueue& queue = connection_.queue();
  if (request_framing_.chunked) {
    AppendHex(queue.text(), slice.bytes.size());
    queue.text().append("\r\n");
    queue.CommitText();
    queue.Append(slice);
    queue.AppendCopy("\r\n");
    return;
  }
  // Bytes beyond the length would be read as the next request.
  overrun_ = overrun_ || slice.bytes.size() > request_left_;
  if (overrun_) return;
  request_left_ -= slice.bytes.size();
  queue.Append(slice);
}

void Http1ClientSession::FinishBody() {
  if (request_framing_.chunked) connection_.queue().AppendCopy("0\r\n\r\n");
  overrun_ = request_left_ > 0;
  request_done_ = !overrun_;
}

size_t Http1ClientSession::body_queued() const { return connection_.queued(); }

void Http1ClientSession::OnWritten() {
  if (!call_) return;
  Extend();
  const std::shared_ptr<PooledCall> call = call_;
  call->OnBodySent();
}

// ---- the answer

bool Http1ClientSession::wants_bytes() const {
  return connection_.is_open() && call_ && !ended_ && !upgraded_ && !call_->paused();
}

void Http1ClientSession::Advance() {
  if (!call_) return CheckSilence();
  if (overrun_) return Fail(kRequestInvalid, "the streamed body was not as long as announced");
  for (int reads = 0; wants_bytes();) {
    if (!held_.empty()) {
      const std::string held = std::exchange(held_, {});
      const size_t taken = TakeBytes(held);
      held_ = held.substr(taken);
    } else if (reads++ == kReadsPerTurn) {
      return connection_.RequestTurn();
    } else if (!ReadOnce()) {
      return;
    }
    if (ended_) return Complete(!held_.empty());
    if (upgraded_) return HandOver();
  }
}

bool Http1ClientSession::ReadOnce() {
  if (!connection_.transport().may_read()) return false;
  std::string& scratch = connection_.context().scratch;
  const IoResult read = connection_.transport().Read(scratch);
  if (read.status == IoStatus::kWouldBlock && !connection_.write_broken()) return false;
  if (read.status != IoStatus::kReady) {
    OnPeerEnd(read.status == IoStatus::kEnd);
    return true;
  }
  any_byte_ = true;
  Extend();
  const std::string_view bytes(scratch.data(), read.bytes);
  const size_t taken = TakeBytes(bytes);
  if (connection_.is_open()) held_ = bytes.substr(taken);
  return true;
}

// Between answers a server has nothing to say but farewell, and TLS its session tickets.
void Http1ClientSession::CheckSilence() {
  if (!connection_.transport().may_read()) return;
  const IoResult read = connection_.transport().Read(connection_.context().scratch);
  if (read.status != IoStatus::kWouldBlock) connection_.Close();
}

size_t Http1ClientSession::TakeBytes(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && wants_bytes()) {
    const std::string_view rest = bytes.substr(taken);
    taken += has_head_ ? TakeBody(rest) : TakeHead(rest);
  }
  return taken;
}

size_t Http1ClientSession::TakeHead(std::string_view bytes) {
  size_t consumed = 0;
  const std::shared_ptr<PooledCall> call = call_;
  switch (parser_.Parse(bytes, call->request().method == "HEAD", consumed)) {
    case Http1ResponseParser::State::kIncomplete:
      return consumed;
    case Http1ResponseParser::State::kRefused:
      Fail(kResponseInvalid, parser_.refusal());
      return bytes.size();
    case Http1ResponseParser::State::kComplete:
      break;
  }
  if (parser_.status() < 200) {
    TakeInterim();
    return consumed;
  }
  has_head_ = true;
  framing_ = parser_.framing();
  body_left_ = parser_.content_length().value_or(0);
  ended_ = framing_ == Framing::kNone;
  ResponseHeadView head;
  head.status = parser_.status();
  head.version = parser_.version();
  head.headers = parser_.headers();
  head.content_length = parser_.content_length();
  head.ends_answer = ended_;
  call->OnHead(head);
  return consumed;
}

void Http1ClientSession::HandOver() {
  const std::shared_ptr<PooledCall> call = std::exchange(call_, nullptr);
  call->Detach();
  ResponseHeadView head;
  head.status = parser_.status();
  head.version = parser_.version();
  head.headers = parser_.headers();
  const auto keep = connection_.shared_from_this();
  TakenConnection taken;
  taken.unread = std::exchange(held_, {});
  taken.transport = connection_.ReleaseTransport();
  call->OnUpgrade(head, std::move(taken));
}

void Http1ClientSession::TakeInterim() {
  if (parser_.status() == 101 && !call_->request().upgrade.empty() && connection_.queued() == 0) {
    upgraded_ = true;
    return;
  }
  if (parser_.status() == 101) return Fail(kResponseInvalid, "the server switched protocols unasked");
  if (++interim_answers_ > kInterimAnswersMax) return Fail(kResponseInvalid, "too many interim answers");
  parser_.Reset();
}

size_t Http1ClientSession::TakeBody(std::string_view bytes) {
  const std::shared_ptr<PooledCall> call = call_;
  if (framing_ == Framing::kUntilClose) {
    call->OnData(bytes);
    return bytes.size();
  }
  if (framing_ == Framing::kLength) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(bytes.size(), body_left_));
    body_left_ -= size;
    ended_ = body_left_ == 0;
    call->OnData(bytes.substr(0, size));
    return size;
  }
  const ChunkedDecoder::Step step = chunks_.Next(bytes);
  if (step.state == ChunkedDecoder::State::kBroken) {
    Fail(kResponseInvalid, "the answer's chunks are malformed");
    return bytes.size();
  }
  ended_ = step.state == ChunkedDecoder::State::kEnd;
  if (!step.data.empty()) call->OnData(step.data);
  return step.consumed;
}

void Http1ClientSession::OnPeerEnd(bool orderly) {
  if (has_head_ && framing_ == Framing::kUntilClose && orderly) {
    ended_ = true;
  } else if (has_head_) {
    Fail(kResponseTruncated, "the answer ended before its last byte");
  } else {
    Fail(kResponseInvalid, any_byte_ ? "the answer ended within its head" : "the connection closed without an answer");
  }
}

// Out of the reading loop, where it is known whether bytes came that belong to no answer: they must never be taken for
// the beginning of the next one.
void Http1ClientSession::Complete(bool has_leftover) {
  if (!connection_.is_open()) return;
  const std::shared_ptr<PooledCall> call = std::exchange(call_, nullptr);
  call->Detach();
  ended_ = false;
  held_.clear();
  const bool reusable = parser_.keep_alive() && request_done_ && !call->request().closes_connection &&
                        connection_.queued() == 0 && !has_leftover && framing_ != Framing::kUntilClose &&
                        !connection_.transport().hung_up() && !connection_.write_broken();
  if (reusable) {
    deadline_ = connection_.context().reactor.monotonic() + connection_.idle_timeout();
    connection_.WakeBy(deadline_);
    CheckSilence();
    if (connection_.is_open()) connection_.AnnounceCapacity();
  } else {
    connection_.Close();
  }
  call->OnEnd();
}

// ---- what may end it

void Http1ClientSession::Fail(std::string_view name, std::string_view what) {
  const std::shared_ptr<PooledCall> call = std::exchange(call_, nullptr);
  if (!call) return;
  std::string detail = connection_.Describe(what);
  call->Detach();
  connection_.Close();
  // A server may close a connection at the moment it is used again: that says nothing about the request.
  if (reused_ && !any_byte_ && name == kResponseInvalid && call->TakeRetry(PooledCall::Loss::kUncertain)) {
    connection_.lane().Dispatch(call);
  } else {
    call->OnError(name, std::move(detail));
  }
}

// In the middle of an answer the connection cannot be used for another.
void Http1ClientSession::OnCancelled(PooledCall&) {
  call_.reset();
  connection_.Close();
}

void Http1ClientSession::OnResumed() {
  Extend();
  connection_.RequestTurn();
}

void Http1ClientSession::AbandonCalls() {
  held_.clear();
  const std::shared_ptr<PooledCall> call = std::exchange(call_, nullptr);
  if (!call) return;
  call->Detach();
  call->Abandon();
}

void Http1ClientSession::Extend() {
  deadline_ = connection_.context().reactor.monotonic() + call_->request().response_timeout;
  connection_.WakeBy(deadline_);
}

MonotonicInstant Http1ClientSession::CheckDeadlines(MonotonicInstant now) {
  // While nobody wants bytes, their absence is nobody's fault.
  if (call_ && call_->paused()) return now + call_->request().response_timeout;
  if (now < deadline_) return deadline_;
  if (call_) {
    Fail(kResponseTimeout, has_head_ ? "the answer stopped half-way" : "no answer in time");
  } else {
    connection_.Close();
  }
  return kNoDeadline;
}

}  // namespace meetinity::net

#include "net/client_http2_stream.h"

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/client_connection.h"
#include "net/client_http2.h"
#include "net/nghttp2_text.h"

namespace meetinity::net {
Http2ClientStream::Http2ClientStream(Http2ClientSession& session, std::shared_ptr<PooledCall> call,
                                     const RequestFraming& framing, bool reused)
    : context_(session.connection().shared_context()),
      session_(&session),
      call_(std::move(call)),
      response_timeout_(call_->request().response_timeout),
      reused_(reused),
      request_sent_(!framing.has_body) {
  const ClientRequest& request = call_->request();
  if (request.streams_body) {
    request_left_ = framing.length;
    return;
  }
  for (const Slice& slice : request.body) {
    if (slice.bytes.empty()) continue;
    pending_bytes_ += slice.bytes.size();
    pending_.push_back(slice);
  }
  request_ended_ = true;
}

void Http2ClientStream::Begin() {
  call_->AttachTo(shared_from_this());
  if (!request_ended_) QueueBody();
  Extend();
}

// ---- the request's body

void Http2ClientStream::OnBodyWritten() {
  if (session_ == nullptr || !call_ || request_ended_) return;
  QueueBody();
  Extend();
  if (std::exchange(waiting_, false)) session_->ResumeSending(id_);
}

void Http2ClientStream::QueueBody() {
  size_t added = 0;
  for (Slice& slice : call_->TakeBody()) {
    added += slice.bytes.size();
    pending_.push_back(std::move(slice));
  }
  pending_bytes_ += added;
  request_ended_ = call_->body_finished();
  if (!request_left_) return;
  const bool fits = added <= *request_left_;
  if (fits) *request_left_ -= added;
  if (fits && (*request_left_ == 0 || !request_ended_)) return;
  // Not from within WriteBody, whose caller does not expect to be called.
  context_->reactor.Defer([self = shared_from_this()] {
    self->Fail(kRequestInvalid, "the streamed body was not as long as announced", NGHTTP2_CANCEL);
  });
}

Http2ClientStream::Portion Http2ClientStream::NextPortion(size_t max) {
  Portion portion;
  portion.size = std::min(max, pending_bytes_);
  portion.is_last = request_ended_ && portion.size == pending_bytes_;
  portion.wait = waiting_ = portion.size == 0 && !request_ended_;
  return portion;
}

void Http2ClientStream::MovePortion(size_t size, SendQueue& queue) {
  pending_bytes_ -= size;
  while (size > 0) {
    Slice& front = pending_.front();
    const size_t part = std::min(size, front.bytes.size());
    queue.Append(Slice{front.owner, front.bytes.substr(0, part)});
    front.bytes.remove_prefix(part);
    if (front.bytes.empty()) pending_.pop_front();
    size -= part;
  }
  request_sent_ = request_ended_ && pending_bytes_ == 0;
}

void Http2ClientStream::TellSent() {
  if (!call_) return;
  Extend();
  const std::shared_ptr<PooledCall> call = call_;
  call->OnBodySent();
}

// ---- the answer

void Http2ClientStream::AddHeader(std::string_view name, std::string_view value) {
  if (!call_) return;
  any_header_ = true;
  head_bytes_ += name.size() + value.size() + kFieldOverhead;
  if (head_bytes_ > context_->limits.response_head_bytes) {
    return Fail(kResponseInvalid, "the response's head is too large", NGHTTP2_CANCEL);
  }
  if (has_head_) return trailers_.Add(name, value);
  fields_.push_back({text_.size(), name.size(), value.size()});
  text_.append(name).append(value);
}

void Http2ClientStream::FinishHeaders(bool ends_stream) {
  if (call_) Extend();
  if (call_ && !has_head_ && !TakeHead(ends_stream)) return;
  if (ends_stream) TakeEnd();
}

// False for an answer that only announces the real one.
bool Http2ClientStream::TakeHead(bool ends_stream) {
  std::vector<HeaderView> headers;
  headers.reserve(fields_.size());
  ResponseHeadView head;
  head.version = HttpVersion::kHttp2;
  for (const Field& field : fields_) {
    const std::string_view text(text_);
    const HeaderView header{text.substr(field.name_at, field.name_size),
                            text.substr(field.name_at + field.name_size, field.value_size)};
    if (header.name == ":status") {
      head.status = static_cast<int>(ParseUnsigned(header.value).value_or(0));
      continue;
    }
    if (header.name == "content-length") head.content_length = ParseUnsigned(header.value);
    headers.push_back(header);
  }
  head.headers = headers;
  head.ends_answer = ends_stream;
  if (head.status < 200) {
    text_.clear();
    fields_.clear();
    if (++interim_answers_ > kInterimAnswersMax) Fail(kResponseInvalid, "too many interim answers", NGHTTP2_CANCEL);
    return false;
  }
  has_head_ = true;
  const std::shared_ptr<PooledCall> call = call_;
  call->OnHead(head);
  return true;
}

void Http2ClientStream::TakeData(std::string_view bytes) {
  if (!call_) return;
  Extend();
  if (call_->paused() || !held_.empty()) {
    held_ += bytes;
    return;
  }
  const std::shared_ptr<PooledCall> call = call_;
  call->OnData(bytes);
  if (session_ != nullptr) session_->ReturnWindow(id_, bytes.size());
}

void Http2ClientStream::TakeEnd() {
  body_over_ = true;
  if (call_ && held_.empty()) Complete();
}

void Http2ClientStream::OnResumed() {
  if (session_ != nullptr) Extend();
  // Not within Resume, whose caller does not expect to be called.
  context_->reactor.Defer([self = shared_from_this()] { self->DeliverHeld(); });
}

void Http2ClientStream::DeliverHeld() {
  const std::shared_ptr<PooledCall> call = call_ ? call_ : orphan_.lock();
  if (!call || call->paused() || context_->closed) return;
  if (!held_.empty()) {
    const std::string bytes = std::exchange(held_, {});
    call->OnData(bytes);
    if (session_ != nullptr) session_->ReturnWindow(id_, bytes.size());
  }
  if (body_over_ && held_.empty()) Complete();
}

// ---- the end

std::shared_ptr<PooledCall> Http2ClientStream::TakeCall() {
  std::shared_ptr<PooledCall> call = call_ ? std::exchange(call_, nullptr) : orphan_.lock();
  orphan_.reset();
  if (!call) return nullptr;
  call->Detach();
  held_ = std::string();
  if (auto* session = std::exchange(session_, nullptr)) session->Forget(id_);
  return call;
}

void Http2ClientStream::Complete() {
  const auto self = shared_from_this();
  // An answer that came before the request was complete: nobody will read the rest of that.
  if (session_ != nullptr && !request_sent_) session_->ResetStream(id_, NGHTTP2_CANCEL);
  const HeaderBlock trailers = std::exchange(trailers_, {});
  const auto call = TakeCall();
  if (!call) return;
  if (trailers.size() > 0) call->OnTrailers(trailers);
  call->OnEnd();
}

void Http2ClientStream::Fail(std::string_view name, std::string_view what, uint32_t error_code) {
  if (!call_ || session_ == nullptr) return;
  const auto self = shared_from_this();
  std::string detail = session_->connection().Describe(what);
  session_->ResetStream(id_, error_code);
  TakeCall()->OnError(name, std::move(detail));
}

void Http2ClientStream::OnClosed(uint32_t error_code) {
  if (!call_ || session_ == nullptr || body_over_) return;
  const auto self = shared_from_this();
  const auto connection = session_->connection().shared_from_this();
  const bool untouched = unsent_ || (error_code == NGHTTP2_REFUSED_STREAM && !any_header_);
  const bool was_cut_off = has_head_;
  const auto call = TakeCall();
  if (untouched && call->TakeRetry(PooledCall::Loss::kUnprocessed)) return connection->lane().Dispatch(call);
  call->OnError(was_cut_off ? kResponseTruncated : kResponseInvalid,
                connection->Describe(fmt::format("the stream was reset: {}", nghttp2_http2_strerror(error_code))));
}

void Http2ClientStream::OnConnectionLost(std::string_view name, std::string_view what) {
  if (!call_ || session_ == nullptr) return;
  const auto connection = session_->connection().shared_from_this();
  session_ = nullptr;
  const auto self = shared_from_this();
  // Everything has come, and waits for a paused reader.
  if (body_over_) {
    orphan_ = std::exchange(call_, nullptr);
    return;
  }
  const auto call = TakeCall();
  if (reused_ && !any_header_ &&
      call->TakeRetry(unsent_ ? PooledCall::Loss::kUnprocessed : PooledCall::Loss::kUncertain)) {
    return connection->lane().Dispatch(call);
  }
  call->OnError(has_head_ && name == kResponseInvalid ? kResponseTruncated : name, connection->Describe(what));
}

void Http2ClientStream::OnCancelled(PooledCall&) {
  const auto self = shared_from_this();
  if (session_ != nullptr) session_->ResetStream(id_, NGHTTP2_CANCEL);
  TakeCall();
}

void Http2ClientStream::Abandon() {
  session_ = nullptr;
  if (const auto call = TakeCall()) call->Abandon();
}

// ---- time

void Http2ClientStream::Extend() {
  if (session_ == nullptr) return;
  deadline_ = context_->reactor.monotonic() + response_timeout_;
  session_->connection().WakeBy(deadline_);
}

MonotonicInstant Http2ClientStream::CheckDeadline(MonotonicInstant now) {
  // While nobody wants bytes, their absence is nobody's fault.
  if (call_ && call_->paused()) return now + response_timeout_;
  if (!call_ || now < deadline_) return deadline_;
  Fail(kResponseTimeout, has_head_ ? "the answer stopped half-way" : "no answer in time", NGHTTP2_CANCEL);
  return kNoDeadline;
}

}  // namespace meetinity::net

#include "net/http2_exchange.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/http1_chars.h"
#include "net/http2_session.h"
#include "net/nghttp2_text.h"
#include "net/send_queue.h"
#include "net/server_shard.h"

namespace meetinity::net {
namespace {

bool IsTarget(const RequestHead& head) {
  if (!std::ranges::all_of(head.target, IsTargetChar)) return false;
  return head.target.starts_with('/') || (head.target == "*" && head.method == "OPTIONS");
}

}  // namespace

Http2Exchange::Http2Exchange(Http2Session& session, int32_t stream) : session_(&session), stream_(stream) {
  ServerConnection& connection = session.connection();
  Begin(&connection.shard().reactor(), connection.peer());
  head_.version = HttpVersion::kHttp2;
}

void Http2Exchange::AddHeader(std::string_view name, std::string_view value) {
  head_bytes_ += name.size() + value.size() + kFieldOverhead;
  const HttpLimits& limits = session_->connection().shard().limits();
  // Beyond the bounds they are only counted.
  if (head_bytes_ > limits.request_head_bytes || fields_.size() >= limits.header_count + 4) {
    head_bytes_ = limits.request_head_bytes + 1;
    return;
  }
  const size_t at = text_.size();
  text_.append(name).append(value);
  fields_.push_back({at, name.size(), at + name.size(), value.size()});
}

Http1Refusal Http2Exchange::FinishHead(bool ends_stream) {
  const HttpLimits& limits = session_->connection().shard().limits();
  if (head_bytes_ > limits.request_head_bytes) return Http1Refusal::kHeadTooLarge;
  JoinCookies();
  headers_.reserve(fields_.size());
  // The text stays where it is from here on, so views may point into it.
  for (const Field& field : fields_) {
    const Http1Refusal refusal = Interpret(NameOf(field), ValueOf(field));
    if (refusal != Http1Refusal::kNone) return refusal;
  }
  if (head_.target.size() > limits.request_target_bytes) return Http1Refusal::kTargetTooLong;
  if (head_.method == "CONNECT") return Http1Refusal::kConnect;
  if (!IsAuthority(head_.authority)) return Http1Refusal::kHost;
  if (!IsTarget(head_)) return Http1Refusal::kTarget;
  const size_t mark = head_.target.find('?');
  head_.path = head_.target.substr(0, mark);
  head_.has_query = mark != std::string_view::npos;
  if (head_.has_query) head_.query = head_.target.substr(mark + 1);
  head_.headers = headers_;
  head_.has_body = !ends_stream;
  body_over_ = client_is_done_ = ends_stream;
  continue_owed_ = continue_owed_ && !ends_stream;
  return Http1Refusal::kNone;
}

// A client may send a cookie a field; elsewhere they are one (RFC 9113, section 8.2.3).
void Http2Exchange::JoinCookies() {
  std::string joined;
  size_t count = 0;
  for (const Field& field : fields_) {
    if (NameOf(field) != "cookie") continue;
    joined += (count++ == 0 ? "" : "; ");
    joined += ValueOf(field);
  }
  if (count < 2) return;
  const auto is_cookie = [this](const Field& field) { return NameOf(field) == "cookie"; };
  fields_.erase(std::remove_if(fields_.begin(), fields_.end(), is_cookie), fields_.end());
  const size_t at = text_.size();
  text_ += "cookie";
  text_ += joined;
  fields_.push_back({at, 6, at + 6, joined.size()});
}

Http1Refusal Http2Exchange::Interpret(std::string_view name, std::string_view value) {
  if (name == ":method") {
    head_.method = value;
  } else if (name == ":path") {
    head_.target = value;
  } else if (name == ":authority") {
    head_.authority = value;
  } else if (name == "host") {
    // The same thing twice must say the same.
    if (!head_.authority.empty() && head_.authority != value) return Http1Refusal::kHost;
    head_.authority = value;
  } else if (!name.starts_with(':')) {
    if (name == "content-length") {
      head_.content_length = ParseUnsigned(value);
      if (!head_.content_length) return Http1Refusal::kContentLength;
    } else if (name == "expect") {
      continue_owed_ = EqualsLower(value, "100-continue");
      if (!continue_owed_) return Http1Refusal::kExpectation;
    }
    headers_.push_back({name, value});
  }
  return Http1Refusal::kNone;
}

// ---- the request's body

void Http2Exchange::TakeBody(std::string_view bytes) {
  continue_owed_ = false;
  if (answered() || gone()) {
    session_->ReturnWindow(stream_, bytes.size());
    return;
  }
  if (held_.empty() && wants_body()) {
    const auto keep = shared_from_this();
    DeliverBody(bytes);
    if (session_ != nullptr) session_->ReturnWindow(stream_, bytes.size());
    return;
  }
  held_ += bytes;
}

void Http2Exchange::TakeBodyEnd() {
  body_over_ = client_is_done_ = true;
  if (held_.empty() && wants_body()) DeliverBodyEnd();
}

void Http2Exchange::FailBody(std::string_view name, std::string detail) {
  body_over_ = true;
  DeliverBodyError(name, std::move(detail));
}

void Http2Exchange::DeliverHeld() {
  const auto keep = shared_from_this();
  if (!held_.empty() && wants_body()) {
    const std::string bytes = std::exchange(held_, {});
    DeliverBody(bytes);
    if (session_ != nullptr) session_->ReturnWindow(stream_, bytes.size());
  }
  if (held_.empty() && body_over_ && wants_body()) DeliverBodyEnd();
}

void Http2Exchange::OnBodyWanted() {
  if (session_ == nullptr) return;
  session_->OnBodyProgress();
  if (std::exchange(continue_owed_, false) && !answer_begun()) session_->SubmitContinue(stream_);
  // Not within ReadBody or ResumeBody, whose caller does not expect to be called.
  reactor().Defer([self = std::static_pointer_cast<Http2Exchange>(shared_from_this())] {
    if (self->session_ == nullptr) return;
    self->DeliverHeld();
    if (self->session_ != nullptr) self->session_->connection().RequestTurn();
  });
}

// ---- the answer

void Http2Exchange::SendHead(int status, std::span<const HeaderBlock* const> headers, const Framing& framing) {
  session_->SubmitHead(*this, status, headers, framing.length, framing.has_body);
}

void Http2Exchange::SendData(Slice slice) {
  pending_bytes_ += slice.bytes.size();
  pending_.push_back(std::move(slice));
  WakeSender();
}

void Http2Exchange::SendEnd() {
  ended_ = true;
  WakeSender();
}

void Http2Exchange::SendAbort() {
  if (session_ != nullptr) session_->ResetStream(stream_, NGHTTP2_INTERNAL_ERROR);
}

void Http2Exchange::WakeSender() {
  if (std::exchange(waiting_, false)) nghttp2_session_resume_data(session_->native(), stream_);
  session_->connection().RequestTurn();
}

Http2Exchange::Portion Http2Exchange::NextPortion(size_t max) {
  Portion portion;
  portion.size = std::min(max, pending_bytes_);
  portion.is_last = ended_ && portion.size == pending_bytes_;
  portion.wait = waiting_ = portion.size == 0 && !ended_;
  return portion;
}

void Http2Exchange::MovePortion(size_t size, SendQueue& queue) {
  bytes_sent_ += size;
  pending_bytes_ -= size;
  while (size > 0) {
    Slice& front = pending_.front();
    const size_t part = std::min(size, front.bytes.size());
    queue.Append(Slice{front.owner, front.bytes.substr(0, part)});
    front.bytes.remove_prefix(part);
    if (front.bytes.empty()) pending_.pop_front();
    size -= part;
  }
}

WorkerPool& Http2Exchange::workers() { return *session_->connection().shard().config().workers; }

}  // namespace meetinity::net

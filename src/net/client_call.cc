#include "net/client_call.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "net/transport.h"

namespace meetinity::net {
namespace {

// A producer that stopped at kStreamBufferMax is asked for more when this little is left: the socket does not run dry
// while it wakes up, and it is not woken for every segment.
constexpr size_t kBodyLowWater = kStreamBufferMax / 4;

bool IsIdempotent(std::string_view method) {
  static constexpr std::string_view kIdempotent[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"};
  return std::find(std::begin(kIdempotent), std::end(kIdempotent), method) != std::end(kIdempotent);
}

}  // namespace

void PooledCall::Cancel() {
  if (done_) return;
  Abandon();
  if (const auto carrier = std::exchange(carrier_, nullptr)) carrier->OnCancelled(*this);
}

void PooledCall::Abandon() {
  if (std::exchange(done_, true)) return;
  DropCallbacksLater();
}

// The callbacks may own whoever is calling us, and one of them may be running.
void PooledCall::DropCallbacksLater() {
  reactor_.Defer([self = shared_from_this()] {
    const ResponseReader reader = std::exchange(self->reader_, {});
    const auto on_drained = std::exchange(self->on_drained_, nullptr);
    self->pending_body_.clear();
  });
}

void PooledCall::Resume() {
  if (!std::exchange(paused_, false) || done_) return;
  if (carrier_) carrier_->OnResumed();
}

void PooledCall::WriteBody(Slice slice) {
  if (done_ || body_finished_ || !request_.streams_body || slice.bytes.empty()) return;
  pending_bytes_ += slice.bytes.size();
  pending_body_.push_back(std::move(slice));
  drain_owed_ = true;
  if (const auto carrier = carrier_) carrier->OnBodyWritten();
}

void PooledCall::FinishBody() {
  if (done_ || !request_.streams_body || std::exchange(body_finished_, true)) return;
  if (const auto carrier = carrier_) carrier->OnBodyWritten();
}

size_t PooledCall::body_buffered() const { return pending_bytes_ + (carrier_ ? carrier_->body_queued() : 0); }

void PooledCall::OnBodyDrained(std::function<void()> on_drained) {
  if (!done_) on_drained_ = std::move(on_drained);
}

std::deque<Slice> PooledCall::TakeBody() {
  body_taken_ = body_taken_ || pending_bytes_ > 0;
  pending_bytes_ = 0;
  return std::exchange(pending_body_, {});
}

bool PooledCall::TakeRetry(Loss loss) {
  if (done_ || retried_ || body_taken_) return false;
  if (loss == Loss::kUncertain && !IsIdempotent(request_.method)) return false;
  retried_ = needs_fresh_connection_ = true;
  return true;
}

ResponseHeadView PooledCall::Timed(const ResponseHeadView& head) const {
  ResponseHeadView timed = head;
  timed.connect_time = connect_time_;
  timed.wait_time = reactor_.monotonic() - sent_;
  return timed;
}

void PooledCall::OnHead(const ResponseHeadView& head) {
  if (!done_ && reader_.on_head) reader_.on_head(Timed(head));
}

void PooledCall::OnTrailers(const HeaderBlock& trailers) {
  if (!done_ && reader_.on_trailers) reader_.on_trailers(trailers);
}

void PooledCall::OnUpgrade(const ResponseHeadView& head, TakenConnection connection) {
  if (std::exchange(done_, true)) return;
  DropCallbacksLater();
  if (reader_.on_upgrade) reader_.on_upgrade(Timed(head), std::move(connection));
}

void PooledCall::OnData(std::string_view bytes) {
  if (!done_ && reader_.on_data) reader_.on_data(bytes);
}

void PooledCall::OnEnd() {
  if (std::exchange(done_, true)) return;
  DropCallbacksLater();
  if (reader_.on_end) reader_.on_end();
}

void PooledCall::OnError(std::string_view name, std::string detail) {
  if (std::exchange(done_, true)) return;
  DropCallbacksLater();
  if (reader_.on_error) reader_.on_error(Error{Kind::kUnavailable, name, std::move(detail)});
}

void PooledCall::OnBodySent() {
  sent_ = reactor_.monotonic();
  if (done_ || body_finished_ || !on_drained_ || !drain_owed_ || body_buffered() > kBodyLowWater) return;
  drain_owed_ = false;
  // A copy: the callback may put another in its place.
  const auto on_drained = on_drained_;
  on_drained();
}

}  // namespace meetinity::net

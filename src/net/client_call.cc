#include "net/client_call.h"

#include "net/client_connection.h"

namespace meetinity::net {

bool PooledCall::may_retry() const {
  static constexpr std::string_view kIdempotent[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"};
  if (tries_ > 1 || request_.streams_body) return false;
  for (const std::string_view method : kIdempotent) {
    if (request_.method == method) return true;
  }
  return false;
}

void PooledCall::Cancel() {
  if (done_) return;
  done_ = true;
  // The reader may hold whatever holds us, and it may be running: it goes after the events at hand.
  reactor_.Defer([self = shared_from_this()] { self->reader_ = {}; });
  if (connection_) connection_->OnCancelled();
}

void PooledCall::Pause() { paused_ = true; }

void PooledCall::Resume() {
  if (!paused_) return;
  paused_ = false;
  // Later, because Resume is often called from within on_data.
  reactor_.Defer([self = shared_from_this()] {
    if (!self->done_ && !self->paused_ && self->connection_) self->connection_->OnResumed();
  });
}

void PooledCall::WriteBody(Slice slice) {
  if (done_ || body_finished_ || slice.bytes.empty()) return;
  pending_body_.push_back(std::move(slice));
  if (connection_) connection_->OnBodyWritten();
}

void PooledCall::FinishBody() {
  if (done_ || body_finished_) return;
  body_finished_ = true;
  if (connection_) connection_->OnBodyWritten();
}

size_t PooledCall::body_buffered() const {
  size_t pending = 0;
  for (const Slice& slice : pending_body_) pending += slice.bytes.size();
  return pending + (connection_ ? connection_->queued() : 0);
}

void PooledCall::OnHead(const ResponseHeadView& head) {
  if (!done_ && reader_.on_head) reader_.on_head(head);
}

void PooledCall::OnData(std::string_view bytes) {
  if (!done_ && reader_.on_data) reader_.on_data(bytes);
}

void PooledCall::OnEnd() {
  if (done_) return;
  done_ = true;
  const ResponseReader reader = std::exchange(reader_, {});
  if (reader.on_end) reader.on_end();
}

void PooledCall::OnError(Error error) {
  if (done_) return;
  done_ = true;
  const ResponseReader reader = std::exchange(reader_, {});
  if (reader.on_error) reader.on_error(std::move(error));
}

void PooledCall::OnBodySent() {
  if (done_ || !on_drained_) return;
  const auto on_drained = on_drained_;
  on_drained();
}

}  // namespace meetinity::net

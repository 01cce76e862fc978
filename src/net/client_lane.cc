#include "net/client_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "net/client_connection.h"

namespace meetinity::net {
namespace {

// Requests given to an HTTP/2 connection before the server has said how many it takes: no server takes fewer without
// reason (RFC 9113, section 6.5.2, recommends at least 100).
constexpr size_t kStreamsPresumed = 100;

template <class T>
void Erase(std::vector<std::shared_ptr<T>>& list, const std::shared_ptr<T>& item) {
  list.erase(std::remove(list.begin(), list.end(), item), list.end());
}

}  // namespace

ClientLane::ClientLane(std::shared_ptr<ClientContext> context, Endpoint endpoint)
    : context_(std::move(context)), endpoint_(std::move(endpoint)), version_(endpoint_.version) {}

ClientLane::~ClientLane() = default;

size_t ClientLane::presumed_capacity() const { return version_ == HttpVersion::kHttp2 ? kStreamsPresumed : 1; }

void ClientLane::Dispatch(const std::shared_ptr<PooledCall>& call) {
  if (call->done()) return;
  if (closed_) return call->Abandon();
  if (!TryDispatch(call)) Enqueue(call);
}

bool ClientLane::TryDispatch(const std::shared_ptr<PooledCall>& call) {
  const bool fresh = call->needs_fresh_connection();
  if (const auto connection = FindReady(fresh)) {
    connection->Carry(call);
    Update(connection);
    return true;
  }
  const size_t open_max = context_->limits.connections_per_endpoint;
  if (open_.size() >= open_max && fresh) CloseOneIdle();
  if (open_.size() >= open_max) return false;
  const auto connection = std::make_shared<ClientConnection>(context_, shared_from_this());
  open_.push_back(connection);
  connection->Connect(call);
  Update(connection);
  return true;
}

std::shared_ptr<ClientConnection> ClientLane::FindReady(bool fresh) {
  for (auto at = ready_.rbegin(); at != ready_.rend(); ++at) {
    // One that the server has closed says so by itself, in a moment.
    if ((*at)->is_usable() && !(fresh && (*at)->was_used())) return *at;
  }
  return nullptr;
}

void ClientLane::CloseOneIdle() {
  const auto idle =
      std::find_if(ready_.begin(), ready_.end(), [](const auto& connection) { return connection->is_idle(); });
  if (idle == ready_.end()) return;
  const auto connection = *idle;
  connection->Close();
}

void ClientLane::Enqueue(const std::shared_ptr<PooledCall>& call) {
  const bool second_try = call->needs_fresh_connection();
  if (waiting_.size() >= context_->limits.queued_per_endpoint && !second_try) {
    context_->reactor.Defer([call, self = shared_from_this()] {
      call->OnError(kClientBusy,
                    fmt::format("too many requests wait for {}:{}", self->endpoint_.address, self->endpoint_.port));
    });
    return;
  }
  const MonotonicInstant deadline = context_->reactor.monotonic() + call->request().connect_timeout;
  call->AttachTo(shared_from_this());
  // A second try has waited once already, and was let in then.
  waiting_.insert(second_try ? waiting_.begin() : waiting_.end(), Waiting{call, deadline});
  ArmTimer(deadline);
}

// Waiting for a connection counts as connecting.
void ClientLane::FailLate() {
  const MonotonicInstant now = context_->reactor.monotonic();
  std::vector<std::shared_ptr<PooledCall>> late;
  MonotonicInstant next = kNoDeadline;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->deadline > now) {
      next = std::min(next, at->deadline);
      ++at;
      continue;
    }
    late.push_back(std::move(at->call));
    at = waiting_.erase(at);
  }
  if (next != kNoDeadline) ArmTimer(next);
  const auto self = shared_from_this();
  for (const auto& call : late) {
    call->Detach();
    call->OnError(kResponseTimeout,
                  fmt::format("{}:{}: no connection became free in time", endpoint_.address, endpoint_.port));
  }
}

void ClientLane::ArmTimer(MonotonicInstant due) {
  if (timer_.armed() && timer_due_ <= due) return;
  timer_due_ = due;
  timer_ = context_->reactor.StartTimer(due - context_->reactor.monotonic(), [this] { FailLate(); });
}

void ClientLane::Update(const std::shared_ptr<ClientConnection>& connection) {
  if (closed_ || !connection->is_open()) return;
  const bool ready = connection->capacity() > 0;
  if (!ready) return Unlist(connection);
  if (!connection->listed_ready()) {
    if (waiting_.empty() && connection->is_idle() && ready_.size() >= context_->limits.idle_per_endpoint) {
      return connection->Close();
    }
    connection->set_listed_ready(true);
    ready_.push_back(connection);
  }
  Serve();
}

void ClientLane::Unlist(const std::shared_ptr<ClientConnection>& connection) {
  if (!connection->listed_ready()) return;
  connection->set_listed_ready(false);
  // Nearly always the last one, since that is what FindReady prefers.
  if (ready_.back() == connection) {
    ready_.pop_back();
  } else {
    Erase(ready_, connection);
  }
}

// Not from within itself: carrying a call updates the connection, which would serve again.
void ClientLane::Serve() {
  if (std::exchange(serving_, true)) return;
  while (!waiting_.empty() && !closed_) {
    const Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    first.call->Detach();
    if (TryDispatch(first.call)) continue;
    first.call->AttachTo(shared_from_this());
    waiting_.push_front(first);
    break;
  }
  serving_ = false;
}

void ClientLane::OnClosed(const std::shared_ptr<ClientConnection>& connection) {
  Erase(open_, connection);
  Unlist(connection);
  Serve();
}

void ClientLane::OnCancelled(PooledCall& call) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&call](const Waiting& waiting) { return waiting.call.get() == &call; });
  if (found != waiting_.end()) waiting_.erase(found);
}

void ClientLane::Close() {
  const auto self = shared_from_this();
  closed_ = true;
  timer_.Cancel();
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    waiting.call->Detach();
    waiting.call->Abandon();
  }
  // Closing tells us, so the list must not be walked while it happens.
  const auto open = open_;
  for (const auto& connection : open) connection->Close();
}

}  // namespace meetinity::net

#include "net/client_pool.h"

#include <fmt/format.h>

#include <algorithm>

namespace meetinity::net {
namespace {

template <class T>
void Erase(std::vector<std::shared_ptr<T>>& list, const std::shared_ptr<T>& item) {
  list.erase(std::remove(list.begin(), list.end(), item), list.end());
}

}  // namespace

ClientPool::~ClientPool() {
  // Closing tells us, so the lanes must not be walked while it happens.
  std::vector<std::shared_ptr<ClientConnection>> open;
  for (auto& [key, lane] : lanes_) {
    lane.waiting.clear();
    open.insert(open.end(), lane.open.begin(), lane.open.end());
  }
  for (const auto& connection : open) connection->Close();
}

std::shared_ptr<ClientCall> ClientPool::Send(const Endpoint& endpoint, ClientRequest request, ResponseReader reader) {
  auto call = std::make_shared<PooledCall>(reactor_, endpoint, std::move(request), std::move(reader));
  Dispatch(call);
  return call;
}

void ClientPool::Dispatch(const std::shared_ptr<PooledCall>& call) {
  Lane& lane = lanes_[KeyOf(call->endpoint())];
  call->CountTry();
  while (!lane.idle.empty()) {
    const auto connection = lane.idle.back();
    lane.idle.pop_back();
    // One that the other side has closed says so by itself, in a moment.
    if (!connection->is_usable()) continue;
    connection->Carry(call);
    return;
  }
  if (lane.open.size() < limits_.connections_per_endpoint) {
    ConnectFor(lane, call);
  } else if (lane.waiting.size() < limits_.queued_per_endpoint) {
    lane.waiting.push_back(call);
  } else {
    reactor_.Defer([call] {
      call->OnError(
          Error{Kind::kUnavailable, kClientBusy,
                fmt::format("too many requests wait for {}:{}", call->endpoint().address, call->endpoint().port)});
    });
  }
}

void ClientPool::ConnectFor(Lane& lane, const std::shared_ptr<PooledCall>& call) {
  auto connection = std::make_shared<ClientConnection>(reactor_, *this, limits_);
  lane.open.push_back(connection);
  connection->Connect(call);
}

void ClientPool::Retry(const std::shared_ptr<PooledCall>& call) {
  if (call->done()) return;
  call->CountTry();
  ConnectFor(lanes_[KeyOf(call->endpoint())], call);
}

void ClientPool::OnIdle(const std::shared_ptr<ClientConnection>& connection, const Endpoint& endpoint) {
  Lane& lane = lanes_[KeyOf(endpoint)];
  while (!lane.waiting.empty()) {
    const auto call = lane.waiting.front();
    lane.waiting.pop_front();
    if (call->done()) continue;
    connection->Carry(call);
    return;
  }
  if (lane.idle.size() >= limits_.idle_per_endpoint) {
    connection->Close();
  } else {
    lane.idle.push_back(connection);
  }
}

void ClientPool::OnClosed(const std::shared_ptr<ClientConnection>& connection, const Endpoint& endpoint) {
  const auto found = lanes_.find(KeyOf(endpoint));
  if (found == lanes_.end()) return;
  Lane& lane = found->second;
  Erase(lane.open, connection);
  Erase(lane.idle, connection);
  while (!lane.waiting.empty() && lane.open.size() < limits_.connections_per_endpoint) {
    const auto call = lane.waiting.front();
    lane.waiting.pop_front();
    if (!call->done()) ConnectFor(lane, call);
  }
  if (lane.open.empty() && lane.waiting.empty()) lanes_.erase(found);
}

}  // namespace meetinity::net

#include "net/client_pool.h"

#include <utility>

#include "net/client_request.h"

namespace meetinity::net {

ClientPool::~ClientPool() {
  context_->closed = true;
  for (const auto& [key, lane] : std::exchange(lanes_, {})) lane->Close();
}

std::shared_ptr<ClientCall> ClientPool::Send(const Endpoint& endpoint, ClientRequest request, ResponseReader reader) {
  const Status valid = CheckRequest(request);
  auto call = std::make_shared<PooledCall>(context_->reactor, std::move(request), std::move(reader));
  if (valid.ok()) {
    LaneTo(endpoint)->Dispatch(call);
  } else {
    context_->reactor.Defer([call, detail = valid.error().detail] { call->OnError(kRequestInvalid, detail); });
  }
  return call;
}

const std::shared_ptr<ClientLane>& ClientPool::LaneTo(const Endpoint& endpoint) {
  Key key(endpoint.address, endpoint.port, endpoint.tls, endpoint.version, endpoint.idle_timeout);
  const auto found = lanes_.find(key);
  if (found != lanes_.end()) return found->second;
  // A new endpoint is rare: the moment to forget those that nobody asks any more.
  std::erase_if(lanes_, [](const auto& entry) { return entry.second->empty(); });
  return lanes_.emplace(std::move(key), std::make_shared<ClientLane>(context_, endpoint)).first->second;
}

}  // namespace meetinity::net

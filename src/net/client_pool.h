#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "net/client_context.h"
#include "net/client_lane.h"
#include "net/http_client.h"

namespace meetinity::net {

// The client itself: a lane for each endpoint that was asked lately.
class ClientPool final : public HttpClient {
 public:
  ClientPool(Reactor& reactor, ClientLimits limits) : context_(std::make_shared<ClientContext>(reactor, limits)) {}
  ~ClientPool() override;

  std::shared_ptr<ClientCall> Send(const Endpoint& endpoint, ClientRequest request, ResponseReader reader) override;

 private:
  // Two endpoints share connections only if nothing about them differs.
  using Key =
      std::tuple<std::string, uint16_t, std::shared_ptr<const TlsClientContext>, HttpVersion, std::optional<Duration>>;

  const std::shared_ptr<ClientLane>& LaneTo(const Endpoint& endpoint);

  const std::shared_ptr<ClientContext> context_;
  std::map<Key, std::shared_ptr<ClientLane>> lanes_;
};

}  // namespace meetinity::net

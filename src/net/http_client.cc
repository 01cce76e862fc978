#include "net/http_client.h"

#include "net/client_pool.h"

namespace meetinity::net {

std::unique_ptr<HttpClient> HttpClient::Create(Reactor& reactor, ClientLimits limits) {
  return std::make_unique<ClientPool>(reactor, limits);
}

}  // namespace meetinity::net

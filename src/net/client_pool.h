#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/client_connection.h"
#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::net {

// The connections of one client, by endpoint, and the requests that wait for one.
class ClientPool final : public HttpClient {
 public:
  ClientPool(Reactor& reactor, ClientLimits limits) : reactor_(reactor), limits_(limits) {}
  ~ClientPool() override;

  std::shared_ptr<ClientCall> Send(const Endpoint& endpoint, ClientRequest request, ResponseReader reader) override;

  // --- from connections
  // Gives a connection that has finished an answer to the next request, or keeps it for a later one.
  void OnIdle(const std::shared_ptr<ClientConnection>& connection, const Endpoint& endpoint);
  void OnClosed(const std::shared_ptr<ClientConnection>& connection, const Endpoint& endpoint);
  // Sends a request once more, over a connection that nobody used before.
  void Retry(const std::shared_ptr<PooledCall>& call);
  std::string& scratch() { return scratch_; }

 private:
  struct Lane {
    std::vector<std::shared_ptr<ClientConnection>> open;  // all of them
    std::vector<std::shared_ptr<ClientConnection>> idle;  // the one used last at the back: it is the warmest
    std::deque<std::shared_ptr<PooledCall>> waiting;
  };
  // Two endpoints share connections only if nothing about them differs.
  using Key = std::tuple<std::string, uint16_t, const TlsClientContext*>;

  static Key KeyOf(const Endpoint& endpoint) { return {endpoint.address, endpoint.port, endpoint.tls.get()}; }
  void Dispatch(const std::shared_ptr<PooledCall>& call);
  void ConnectFor(Lane& lane, const std::shared_ptr<PooledCall>& call);

  Reactor& reactor_;
  const ClientLimits limits_;
  std::map<Key, Lane> lanes_;
  std::string scratch_ = std::string(65'536, '\0');  // what is read, until it is handed on
};

}  // namespace meetinity::net

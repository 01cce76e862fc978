#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/balancer/balancer.h"
#include "engine/balancer/core.h"
#include "engine/balancer/snapshot.h"
#include "engine/balancer/udp_port.h"
#include "net/http_server.h"
#include "net/tcp_server.h"

namespace meetinity::balancer {

// Answers for one listener, in one zone, for whoever accepted the connection. Immutable, hence thread-safe.
class ListenerHandler final : public net::HttpHandler {
 public:
  ListenerHandler(BalancerCore& core, size_t slot, std::string zone, AcceptedBy accepted_by)
      : core_(core), slot_(slot), zone_(std::move(zone)), accepted_by_(accepted_by) {}
  void OnRequest(const net::ExchangePtr& exchange) override;
  std::optional<net::RefusalAnswer> OnRefused(net::Reactor& reactor, const net::RefusedRequest& request) override;

 private:
  BalancerCore& core_;
  const size_t slot_;
  const std::string zone_;
  const AcceptedBy accepted_by_;
};

// The sockets that listeners are bound to. Opens what a snapshot wants and closes what it no longer wants, without
// touching the rest. Used under the balancer's lock.
class ListenerPorts {
 public:
  explicit ListenerPorts(BalancerCore& core) : core_(core) {}

  void Reconcile(const Snapshot& snapshot, const ListenerSlots& slots);
  // Tries again what could not be opened.
  void Retry();
  bool has_unopened() const { return !problems_.empty(); }
  std::vector<ListenerProblem> problems() const;
  uint16_t PortOf(std::string_view listener_id, size_t binding) const;
  // Connections that HTTP servers saw, for a load balancer.
  void AddTo(std::string_view load_balancer_id, BalancerTotals& totals) const;

  // Retires everything; `closed` follows the last, at the latest after `grace`.
  void Close(Duration grace, std::function<void()> closed);

 private:
  // Address, port as configured, and how many configured the same before it (only port 0 may come twice).
  using Key = std::tuple<std::string, uint16_t, size_t>;
  struct Wanted {
    size_t slot = 0;
    ListenerProtocol protocol = ListenerProtocol::kHttp;
    std::string zone, listener_id, load_balancer_id;
    size_t binding = 0;
    net::HttpLimits limits;
    bool IsSameServer(const Wanted& other) const {
      return slot == other.slot && protocol == other.protocol && zone == other.zone;
    }
  };
  struct Open {
    Wanted wanted;
    std::unique_ptr<ListenerHandler> handler;
    std::unique_ptr<net::HttpServer> http;
    std::unique_ptr<net::TcpServer> tcp;
    std::vector<std::shared_ptr<UdpPort>> udp;  // one a reactor
    uint16_t udp_port = 0;
    uint16_t port() const { return http ? http->port() : tcp ? tcp->port() : udp_port; }
  };
  using OpenPtr = std::shared_ptr<Open>;
  static constexpr Duration kRetireGrace = std::chrono::minutes(5);

  static net::HttpLimits LimitsFor(const LoadBalancer& balancer);
  void TryOpen(const Key& key, const Wanted& wanted);
  Result<OpenPtr> OpenServer(const Key& key, const Wanted& wanted);
  Status OpenUdp(const Key& key, Open& open);
  void Retire(OpenPtr open, Duration grace, std::function<void()> done);

  BalancerCore& core_;
  std::map<Key, OpenPtr> open_;
  std::map<Key, std::pair<Wanted, Error>> problems_;
  std::map<std::string, net::HttpServer::Counters, std::less<>> retired_;  // what closed servers had counted
};

}  // namespace meetinity::balancer

#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "engine/balancer/core.h"
#include "engine/balancer/health_check.h"
#include "engine/balancer/snapshot.h"
#include "engine/balancer/target_choice.h"
#include "net/http.h"
#include "net/http_client.h"
#include "net/reactor.h"
#include "net/socket.h"

namespace meetinity::balancer {

class Flow;
class Passage;
class UdpPort;

// One reactor's balancer: everything it does with the connections that it accepted. Used on the reactor's thread only.
class Worker {
 public:
  Worker(BalancerCore& core, net::Reactor& reactor, size_t index);
  ~Worker();

  void Adopt(SnapshotPtr snapshot);

  // ---- application listeners
  bool Admits(size_t slot, std::string_view address);
  void OnRequest(size_t slot, std::string_view zone, AcceptedBy accepted_by, const net::ExchangePtr& exchange);
  std::optional<net::RefusalAnswer> OnRefused(size_t slot, const net::RefusedRequest& refused);

  // ---- network listeners
  void OnConnection(size_t slot, std::string_view zone, net::Socket socket, const net::SocketAddress& peer);
  // Where datagrams come in; adds itself once it is open.
  void Add(UdpPort* port) { udp_ports_.insert(port); }
  void Remove(UdpPort* port) { udp_ports_.erase(port); }
  void OnHealthChanged(const ReceiverPtr& receiver, const TargetHealth& health);
  // Breaks off what a target has under way that turned unhealthy, where its group wants that.
  void TerminateFlows(const Receiver* receiver);

  // ---- for passages and flows
  BalancerCore& core() const { return core_; }
  net::Reactor& reactor() const { return reactor_; }
  size_t index() const { return index_; }
  const SnapshotPtr& snapshot() const { return snapshot_; }
  net::HttpClient& client();
  TargetChooser& chooser() { return chooser_; }
  BalancerTallies& tallies(const ListenerView& listener) const { return listener.ledger->tallies[index_]; }
  // Headers of the answer in hand, reused from one to the next.
  net::HeaderBlock& FreshHeaders() {
    headers_.Clear();
    return headers_;
  }
  void Release(const std::shared_ptr<Passage>& passage) { passages_.erase(passage); }
  void Release(const std::shared_ptr<Flow>& flow) { flows_.erase(flow); }
  // Requests and flows begin and end at a target.
  void Enter(Receiver& receiver) const { receiver.under_way.fetch_add(1, std::memory_order_relaxed); }
  void Leave(Receiver& receiver) const;

  // Ends what is left.
  void Stop();
  // The reactor has stopped: drops everything without a word.
  void Forget();

 private:
  void Tick();

  BalancerCore& core_;
  net::Reactor& reactor_;
  const size_t index_;
  SnapshotPtr snapshot_;
  TargetChooser chooser_;
  HealthChecker checker_;
  net::HeaderBlock headers_;
  std::unique_ptr<net::HttpClient> client_;
  std::unordered_set<std::shared_ptr<Passage>> passages_;
  std::unordered_set<std::shared_ptr<Flow>> flows_;
  std::unordered_set<UdpPort*> udp_ports_;
  net::Timer tick_;
};

}  // namespace meetinity::balancer

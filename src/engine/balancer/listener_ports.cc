#include "engine/balancer/listener_ports.h"

#include <fmt/format.h>

#include <atomic>

#include "engine/balancer/worker.h"

namespace meetinity::balancer {
namespace {

// ALB user guide, "Quotas" of HTTP headers: request line 16 K, one header 16 K, all of them 64 K.
constexpr size_t kRequestHeadMax = 64 * 1'024;
constexpr size_t kRequestTargetMax = 16 * 1'024;
constexpr size_t kHeaderCountMax = 256;

// ALB user guide, "HTTPS listeners": 128 streams, and a connection's end after 10,000 requests.
constexpr size_t kStreamsMax = 128;

bool IsNetwork(ListenerProtocol protocol) {
  return protocol == ListenerProtocol::kTcp || protocol == ListenerProtocol::kTls;
}

}  // namespace

void ListenerHandler::OnRequest(const net::ExchangePtr& exchange) {
  core_.WorkerOn(exchange->reactor()).OnRequest(slot_, zone_, accepted_by_, exchange);
}

std::optional<net::RefusalAnswer> ListenerHandler::OnRefused(net::Reactor& reactor,
                                                             const net::RefusedRequest& request) {
  return core_.WorkerOn(reactor).OnRefused(slot_, request);
}

net::HttpLimits ListenerPorts::LimitsFor(const LoadBalancer& balancer) {
  net::HttpLimits limits;
  limits.request_head_bytes = kRequestHeadMax;
  limits.request_target_bytes = kRequestTargetMax;
  limits.header_count = kHeaderCountMax;
  limits.streams_per_connection = kStreamsMax;
  limits.head_timeout = limits.idle_timeout = limits.body_timeout = limits.write_timeout = balancer.idle_timeout;
  limits.connection_lifetime = balancer.client_keep_alive;
  limits.http2_prior_knowledge = false;
  limits.tolerates_oddities = true;
  return limits;
}

void ListenerPorts::Reconcile(const Snapshot& snapshot, const ListenerSlots& slots) {
  std::map<Key, Wanted> wanted;
  for (const auto& view : snapshot.all_listeners()) {
    const Listener& listener = *view->config;
    for (size_t i = 0; i < listener.bindings.size(); ++i) {
      const Binding& binding = listener.bindings[i];
      Key key{binding.address, binding.port, 0};
      while (wanted.contains(key)) ++std::get<2>(key);
      wanted[key] = {.slot = slots.find(listener.id)->second,
                     .protocol = listener.protocol,
                     .zone = binding.zone,
                     .listener_id = listener.id,
                     .load_balancer_id = view->balancer->id,
                     .binding = i,
                     .limits = LimitsFor(*view->balancer)};
    }
  }
  for (auto at = open_.begin(); at != open_.end();) {
    const auto still = wanted.find(at->first);
    if (still != wanted.end() && at->second->wanted.IsSameServer(still->second)) {
      at->second->wanted = still->second;
      if (at->second->http) at->second->http->SetLimits(still->second.limits);
      wanted.erase(still);
      ++at;
      continue;
    }
    if (at->second->http) {
      const auto counted = at->second->http->counters();
      auto& sum = retired_[at->second->wanted.load_balancer_id];
      sum.connections_accepted += counted.connections_accepted;
      sum.connections_refused += counted.connections_refused;
      sum.handshake_failures += counted.handshake_failures;
    }
    Retire(at->second, kRetireGrace, nullptr);
    at = open_.erase(at);
  }
  problems_.clear();
  for (const auto& [key, listener] : wanted) TryOpen(key, listener);
}

void ListenerPorts::TryOpen(const Key& key, const Wanted& wanted) {
  auto opened = OpenServer(key, wanted);
  if (opened.ok()) {
    open_[key] = std::move(opened).value();
  } else {
    problems_[key] = {wanted, std::move(opened).error()};
  }
}

void ListenerPorts::Retry() {
  const auto problems = std::exchange(problems_, {});
  for (const auto& [key, problem] : problems) TryOpen(key, problem.first);
}

Result<ListenerPorts::OpenPtr> ListenerPorts::OpenServer(const Key& key, const Wanted& wanted) {
  auto open = std::make_shared<Open>();
  open->wanted = wanted;
  BalancerCore* const core = &core_;
  const auto failed = [](const Error& error) { return Error{Kind::kConflict, kListenerFailed, error.detail}; };
  if (wanted.protocol == ListenerProtocol::kUdp) {
    const Status opened = OpenUdp(key, *open);
    if (!opened.ok()) return failed(opened.error());
    return open;
  }
  if (IsNetwork(wanted.protocol)) {
    net::TcpListenerOptions options;
    options.address = std::get<0>(key);
    options.port = std::get<1>(key);
    const auto zone = std::make_shared<const std::string>(wanted.zone);
    options.on_connection = [core, slot = wanted.slot, zone](net::Reactor& reactor, net::Socket socket,
                                                             const net::SocketAddress& peer) {
      core->WorkerOn(reactor).OnConnection(slot, *zone, std::move(socket), peer);
    };
    auto server = net::TcpServer::Listen(core_.reactors, std::move(options));
    if (!server.ok()) return failed(server.error());
    open->tcp = std::move(server).value();
    return open;
  }
  open->handler = std::make_unique<ListenerHandler>(core_, wanted.slot, wanted.zone, AcceptedBy::kListener);
  net::ListenerOptions options;
  options.address = std::get<0>(key);
  options.port = std::get<1>(key);
  options.handler = open->handler.get();
  options.limits = wanted.limits;
  if (wanted.protocol == ListenerProtocol::kHttps) options.certificates = &core_.desks.desk(wanted.slot);
  options.admits = [core, slot = wanted.slot](net::Reactor& reactor, const net::PeerInfo& peer) {
    return core->WorkerOn(reactor).Admits(slot, peer.address);
  };
  auto server = net::HttpServer::Listen(core_.reactors, core_.pool, std::move(options));
  if (!server.ok()) return failed(server.error());
  open->http = std::move(server).value();
  return open;
}

Status ListenerPorts::OpenUdp(const Key& key, Open& open) {
  net::SocketAddress address = TRY(net::SocketAddress::Parse(std::get<0>(key), std::get<1>(key)));
  std::vector<net::Socket> sockets = TRY(net::BindUdpShared(core_.reactors.size(), address));
  open.udp_port = address.port();
  for (size_t i = 0; i < sockets.size(); ++i) {
    open.udp.push_back(
        std::make_shared<UdpPort>(*core_.workers[i], std::move(sockets[i]), open.wanted.slot, open.wanted.zone));
    core_.reactors[i]->Post([port = open.udp.back()] { port->Start(); });
  }
  return {};
}

// Kept alive until its last connection has gone; a server is not destroyed from its own callback.
void ListenerPorts::Retire(OpenPtr open, Duration grace, std::function<void()> done) {
  net::HttpServer* const http = open->http.get();
  net::TcpServer* const tcp = open->tcp.get();
  std::vector<std::shared_ptr<UdpPort>> udp = std::move(open->udp);
  const auto finish = [open = std::move(open), done = std::move(done)] {
    if (done) done();
  };
  if (http != nullptr) return http->Drain(grace, finish);
  if (tcp != nullptr) return tcp->Close(finish);
  // Each goes on its own reactor's thread.
  auto left = std::make_shared<std::atomic<size_t>>(udp.size());
  for (size_t i = 0; i < udp.size(); ++i) {
    core_.reactors[i]->Post([port = std::move(udp[i]), left, finish]() mutable {
      port->Close();
      port.reset();
      if (left->fetch_sub(1) == 1) finish();
    });
  }
}

std::vector<ListenerProblem> ListenerPorts::problems() const {
  std::vector<ListenerProblem> problems;
  for (const auto& [key, problem] : problems_) problems.push_back({problem.first.listener_id, problem.second});
  return problems;
}

uint16_t ListenerPorts::PortOf(std::string_view listener_id, size_t binding) const {
  for (const auto& [key, open] : open_) {
    if (open->wanted.listener_id == listener_id && open->wanted.binding == binding) return open->port();
  }
  return 0;
}

void ListenerPorts::AddTo(std::string_view load_balancer_id, BalancerTotals& totals) const {
  const auto add = [&totals](const net::HttpServer::Counters& counted) {
    totals.connections_new += counted.connections_accepted;
    totals.connections_active += static_cast<int64_t>(counted.connections_open);
    totals.connections_rejected += counted.connections_refused;
    totals.client_tls_errors += counted.handshake_failures;
  };
  for (const auto& [key, open] : open_) {
    if (open->http && open->wanted.load_balancer_id == load_balancer_id) add(open->http->counters());
  }
  if (const auto found = retired_.find(load_balancer_id); found != retired_.end()) add(found->second);
}

void ListenerPorts::Close(Duration grace, std::function<void()> closed) {
  auto left = std::make_shared<std::atomic<size_t>>(open_.size() + 1);
  const auto one_less = [left, closed = std::move(closed)] {
    if (left->fetch_sub(1) == 1 && closed) closed();
  };
  for (const auto& [key, open] : open_) Retire(open, grace, one_less);
  open_.clear();
  problems_.clear();
  core_.reactors.front()->Post(one_less);
}

}  // namespace meetinity::balancer

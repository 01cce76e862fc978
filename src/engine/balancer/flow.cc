#include "engine/balancer/flow.h"

#include <sys/socket.h>

#include <utility>

#include "engine/balancer/forwarded_request.h"
#include "engine/balancer/proxy_protocol.h"
#include "engine/balancer/worker.h"

namespace meetinity::balancer {
namespace {

// Until a client has shaken hands, and until a target has.
constexpr Duration kFlowHandshakeTimeout = std::chrono::seconds(10);
constexpr Duration kFlowConnectTimeout = std::chrono::seconds(10);

std::string_view WordFor(net::Relay::End end) {
  switch (end) {
    case net::Relay::End::kOrderly:
    case net::Relay::End::kLeftBroke:
      return "client";
    case net::Relay::End::kRightBroke:
      return "target";
    case net::Relay::End::kIdle:
      return "idle";
    case net::Relay::End::kStopped:
      return "stopped";
  }
  return "";
}

}  // namespace

Flow::Flow(Worker& worker, SnapshotPtr snapshot, const ListenerView& listener, size_t slot, std::string_view zone,
           net::Socket socket, const net::SocketAddress& peer)
    : worker_(worker),
      snapshot_(std::move(snapshot)),
      listener_(listener),
      slot_(slot),
      zone_(zone),
      peer_(peer),
      client_(std::make_unique<net::Transport>(std::move(socket))),
      began_(worker.reactor().now()) {}

Flow::~Flow() { Unwatch(); }

void Flow::Begin() {
  BalancerTallies& tallies = worker_.tallies(listener_);
  tallies.flows_new.Add();
  const RuleView* rule = listener_.rules.empty() ? nullptr : &listener_.rules.back();
  group_ = rule == nullptr ? nullptr : worker_.chooser().ChooseGroup(*rule);
  if (group_ != nullptr) {
    // The sequence number that AWS also mixes in is nobody's but the kernel's; the client's port stands for it.
    const bool by_client = group_->config->stickiness == Stickiness::kSourceIp;
    const std::string address = peer_.address();
    const uint64_t hash = HashBytes(address, by_client ? 0 : peer_.port() * 65'537ULL + listener_.config->port);
    const bool crosses = group_->config->cross_zone.value_or(listener_.balancer->cross_zone);
    target_ = TargetChooser::ChooseByHash(*group_, crosses ? std::string_view() : zone_, hash);
  }
  if (target_ == nullptr) {
    tallies.flows_rejected.Add();
    net::CloseWithReset(*client_);
    return End("refused");
  }
  worker_.Enter(*target_->receiver);
  TargetTallies& at_target = target_->receiver->tallies(worker_.index());
  at_target.requests.Add();
  if (!target_->receiver->is_healthy()) at_target.unhealthy_routing.Add();
  if (listener_.config->protocol != ListenerProtocol::kTls) return Connect();
  if (!client_->AcceptTls(worker_.core().desks.desk(slot_).acceptor()).ok() || !Watch(*client_)) return End("client");
  deadline_ = worker_.reactor().StartTimer(kFlowHandshakeTimeout, [this] { BreakOff("client"); });
  ContinueClientHandshake();
}

bool Flow::Watch(net::Transport& transport) {
  if (!worker_.reactor().Watch(transport.socket().fd(), this).ok()) return false;
  watched_ = &transport;
  return true;
}

void Flow::Unwatch() {
  if (auto* watched = std::exchange(watched_, nullptr)) worker_.reactor().Unwatch(watched->socket().fd(), this);
}

void Flow::OnReady(uint32_t epoll_events) {
  const auto keep = shared_from_this();
  if (watched_ == nullptr) return;
  watched_->OnEvents(epoll_events);
  switch (stage_) {
    case Stage::kClientHandshake:
      return ContinueClientHandshake();
    case Stage::kConnecting:
      return ContinueConnect();
    case Stage::kTargetHandshake:
      return ContinueTargetHandshake();
    case Stage::kRelaying:
    case Stage::kOver:
      return;
  }
}

void Flow::ContinueClientHandshake() {
  switch (client_->Handshake()) {
    case net::IoStatus::kWouldBlock:
      return;
    case net::IoStatus::kReady:
      break;
    default:
      worker_.tallies(listener_).client_tls_errors.Add();
      return End("client");
  }
  record_.tls = true;
  record_.tls_cipher = OpenSslCipherName(client_->tls_cipher());
  record_.tls_protocol = client_->tls_protocol();
  record_.server_name = client_->sni();
  if (const Certificate* shown = listener_.CertificateFor(record_.server_name)) record_.certificate_id = shown->id;
  Unwatch();
  Connect();
}

void Flow::Connect() {
  stage_ = Stage::kConnecting;
  const auto address = net::SocketAddress::Parse(target_->endpoint.address, target_->endpoint.port);
  auto socket = address.ok() ? net::StartConnect(*address) : Result<net::Socket>(address.error());
  if (!socket.ok()) return FailTarget();
  server_ = std::make_unique<net::Transport>(std::move(socket).value());
  if (!Watch(*server_)) return FailTarget();
  deadline_ = worker_.reactor().StartTimer(kFlowConnectTimeout, [this] { FailTarget(); });
}

void Flow::ContinueConnect() {
  if (!net::ConnectOutcome(server_->socket()).ok()) return FailTarget();
  target_->receiver->tallies(worker_.index()).connections_new.Add();
  if (group_->config->proxy_protocol_v2) {
    const auto local = net::SocketAddress::LocalOf(client_->socket());
    const std::string header = local.ok() ? ProxyHeader(peer_, *local) : LocalProxyHeader();
    // A fresh connection always has room for so little.
    const ssize_t sent = send(server_->socket().fd(), header.data(), header.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(header.size())) return FailTarget();
  }
  if (group_->config->protocol != TargetProtocol::kTls) return StartRelay();
  stage_ = Stage::kTargetHandshake;
  if (!server_->ConnectTls(*snapshot_->TlsTo(false)).ok()) return FailTarget();
  ContinueTargetHandshake();
}

void Flow::ContinueTargetHandshake() {
  switch (server_->Handshake()) {
    case net::IoStatus::kWouldBlock:
      return;
    case net::IoStatus::kReady:
      return StartRelay();
    default:
      worker_.tallies(listener_).target_tls_errors.Add();
      target_->receiver->tallies(worker_.index()).tls_errors.Add();
      return FailTarget();
  }
}

void Flow::StartRelay() {
  Unwatch();
  deadline_.Cancel();
  stage_ = Stage::kRelaying;
  relay_ = net::Relay::Start(worker_.reactor(), {std::move(client_), {}, {}}, {std::move(server_), {}, {}},
                             listener_.config->tcp_idle_timeout, [weak = weak_from_this()](net::Relay::End end) {
                               const auto self = weak.lock();
                               if (!self || self->stage_ == Stage::kOver) return;
                               BalancerTallies& tallies = self->worker_.tallies(self->listener_);
                               if (end == net::Relay::End::kLeftBroke) tallies.client_resets.Add();
                               if (end == net::Relay::End::kRightBroke) {
                                 tallies.target_resets.Add();
                                 self->target_->receiver->tallies(self->worker_.index()).resets.Add();
                               }
                               if (end == net::Relay::End::kStopped) tallies.own_resets.Add();
                               self->End(end == net::Relay::End::kStopped ? self->end_ : WordFor(end));
                             });
}

// The client sees what it would have seen of the target itself.
void Flow::FailTarget() {
  const auto keep = shared_from_this();
  target_->receiver->tallies(worker_.index()).connection_errors.Add();
  worker_.tallies(listener_).target_connection_errors.Add();
  Unwatch();
  net::CloseWithReset(*client_);
  End("target");
}

void Flow::BreakOff(std::string_view why) {
  if (stage_ == Stage::kOver) return;
  end_ = why;
  if (relay_) return relay_->Stop(net::Relay::Farewell::kReset);
  const auto keep = shared_from_this();
  Unwatch();
  if (client_) net::CloseWithReset(*client_);
  End(why);
}

void Flow::Abandon() {
  stage_ = Stage::kOver;
  deadline_.Cancel();
  Unwatch();
  if (relay_) relay_->Stop(net::Relay::Farewell::kReset);
}

void Flow::End(std::string_view why) {
  if (std::exchange(stage_, Stage::kOver) == Stage::kOver) return;
  const auto keep = shared_from_this();
  deadline_.Cancel();
  Unwatch();
  BalancerTallies& tallies = worker_.tallies(listener_);
  tallies.flows_ended.Add();
  const net::Relay::Totals totals = relay_ ? relay_->totals() : net::Relay::Totals{};
  tallies.bytes_from_clients.Add(totals.from_left);
  tallies.bytes_to_clients.Add(totals.from_right);
  if (target_ != nullptr) {
    TargetTallies& at_target = target_->receiver->tallies(worker_.index());
    at_target.bytes_to.Add(totals.from_left);
    at_target.bytes_from.Add(totals.from_right);
    worker_.Leave(*target_->receiver);
  }
  if (listener_.balancer->logs_access) {
    record_.began = began_;
    record_.ended = worker_.reactor().now();
    record_.load_balancer_id = listener_.balancer->id;
    record_.listener_id = listener_.config->id;
    record_.client_address = peer_.address();
    record_.client_port = peer_.port();
    if (target_ != nullptr) {
      record_.target_id = target_->config->id;
      record_.target_group_id = group_->config->id;
    }
    record_.received_bytes = totals.from_left;
    record_.sent_bytes = totals.from_right;
    record_.end = why;
    worker_.core().observer.OnFlow(record_);
  }
  client_.reset();
  server_.reset();
  worker_.Release(keep);
}

}  // namespace meetinity::balancer

#include "engine/balancer/udp_port.h"

#include <sys/socket.h>

#include <array>
#include <utility>
#include <vector>

#include "engine/balancer/target_choice.h"
#include "engine/balancer/worker.h"

namespace meetinity::balancer {
namespace {

constexpr Duration kUdpIdleTimeout = std::chrono::seconds(120);
constexpr Duration kSweepInterval = std::chrono::seconds(1);

// Clients at once, on one reactor; datagrams of others are dropped, as networks do.
constexpr size_t kUdpFlowsMax = 16'384;

// The largest payload there is.
constexpr size_t kDatagramMax = 65'536;

// Datagrams of one socket before others get their turn.
constexpr int kDatagramsPerTurn = 64;

}  // namespace

// One client's datagrams, to its target and back.
class UdpPort::UdpFlow final : public net::IoHandler {
 public:
  UdpFlow(UdpPort& port, SnapshotPtr snapshot, const ListenerView& listener, const TargetView& target,
          net::Socket socket, const net::SocketAddress& client)
      : port_(port),
        snapshot_(std::move(snapshot)),
        listener_(listener),
        target_(target),
        socket_(std::move(socket)),
        client_(client),
        last_moved_(port.worker_.reactor().monotonic()) {
    port_.worker_.Enter(*target_.receiver);
    port_.worker_.tallies(listener_).flows_new.Add();
    Tallies().requests.Add();
    if (!target_.receiver->is_healthy()) Tallies().unhealthy_routing.Add();
    watched_ = port_.worker_.reactor().Watch(socket_.fd(), this).ok();
  }
  ~UdpFlow() override {
    if (watched_) port_.worker_.reactor().Unwatch(socket_.fd(), this);
    port_.worker_.tallies(listener_).flows_ended.Add();
    port_.worker_.Leave(*target_.receiver);
  }

  const Receiver* receiver() const { return target_.receiver.get(); }
  MonotonicInstant last_moved() const { return last_moved_; }

  void Send(std::string_view datagram) {
    last_moved_ = port_.worker_.reactor().monotonic();
    port_.worker_.tallies(listener_).bytes_from_clients.Add(datagram.size());
    Tallies().bytes_to.Add(datagram.size());
    // What does not go now is lost, which whoever speaks UDP is prepared for.
    (void)!send(socket_.fd(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
  }

  void OnReady(uint32_t) override {
    std::array<char, kDatagramMax> datagram;
    for (int i = 0; i < kDatagramsPerTurn; ++i) {
      const ssize_t size = recv(socket_.fd(), datagram.data(), datagram.size(), 0);
      if (size < 0) return;
      const auto bytes = static_cast<size_t>(size);
      last_moved_ = port_.worker_.reactor().monotonic();
      port_.worker_.tallies(listener_).bytes_to_clients.Add(bytes);
      Tallies().bytes_from.Add(bytes);
      (void)!sendto(port_.socket_.fd(), datagram.data(), bytes, MSG_NOSIGNAL, client_.native(), client_.native_size());
    }
    // There may be more, and the edge will not be told again.
    port_.worker_.reactor().Defer([weak = port_.weak_from_this(), client = client_.ToString()] {
      if (const auto port = weak.lock()) port->ReadMore(client);
    });
  }

 private:
  TargetTallies& Tallies() const { return target_.receiver->tallies(port_.worker_.index()); }

  UdpPort& port_;
  const SnapshotPtr snapshot_;
  const ListenerView& listener_;
  const TargetView& target_;
  net::Socket socket_;
  const net::SocketAddress client_;
  MonotonicInstant last_moved_;
  bool watched_ = false;
};

UdpPort::UdpPort(Worker& worker, net::Socket socket, size_t slot, std::string zone)
    : worker_(worker), socket_(std::move(socket)), slot_(slot), zone_(std::move(zone)) {}

UdpPort::~UdpPort() { Close(); }

void UdpPort::Start() {
  if (!worker_.reactor().Watch(socket_.fd(), this).ok()) return;
  worker_.Add(this);
  Sweep();
}

void UdpPort::Close() {
  sweep_.Cancel();
  flows_.clear();
  if (!socket_.valid()) return;
  worker_.Remove(this);
  worker_.reactor().Unwatch(socket_.fd(), this);
  socket_.Close();
}

void UdpPort::OnReady(uint32_t) {
  const auto keep = shared_from_this();
  std::array<char, kDatagramMax> datagram;
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    sockaddr_storage from{};
    socklen_t from_size = sizeof from;
    const ssize_t size =
        recvfrom(socket_.fd(), datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0) return;
    Take(net::SocketAddress::FromNative(from, from_size), {datagram.data(), static_cast<size_t>(size)});
  }
  worker_.reactor().Defer([weak = weak_from_this()] {
    const auto port = weak.lock();
    if (port && port->socket_.valid()) port->OnReady(0);
  });
}

void UdpPort::Take(const net::SocketAddress& client, std::string_view datagram) {
  const std::string key = client.ToString();
  const auto found = flows_.find(key);
  std::shared_ptr<UdpFlow> flow = found != flows_.end() ? found->second : nullptr;
  if (!flow) {
    flow = Open(client);
    if (!flow) return;
    flows_[key] = flow;
  }
  flow->Send(datagram);
}

std::shared_ptr<UdpPort::UdpFlow> UdpPort::Open(const net::SocketAddress& client) {
  const SnapshotPtr& snapshot = worker_.snapshot();
  const ListenerView* listener = snapshot ? snapshot->listener(slot_) : nullptr;
  if (listener == nullptr || listener->rules.empty()) return nullptr;
  const auto reject = [&]() -> std::shared_ptr<UdpFlow> {
    worker_.tallies(*listener).flows_rejected.Add();
    return nullptr;
  };
  if (!listener->Admits(client.address()) || flows_.size() >= kUdpFlowsMax) return reject();
  const GroupView* group = worker_.chooser().ChooseGroup(listener->rules.back());
  if (group == nullptr) return reject();
  const bool by_client = group->config->stickiness == Stickiness::kSourceIp;
  const uint64_t hash = HashBytes(client.address(), by_client ? 0 : client.port() * 65'537ULL + listener->config->port);
  const bool crosses = group->config->cross_zone.value_or(listener->balancer->cross_zone);
  const TargetView* target = TargetChooser::ChooseByHash(*group, crosses ? std::string_view() : zone_, hash);
  if (target == nullptr) return reject();
  const auto address = net::SocketAddress::Parse(target->endpoint.address, target->endpoint.port);
  auto socket = address.ok() ? net::ConnectUdp(*address) : Result<net::Socket>(address.error());
  if (!socket.ok()) return reject();
  return std::make_shared<UdpFlow>(*this, snapshot, *listener, *target, std::move(socket).value(), client);
}

void UdpPort::ReadMore(const std::string& client) {
  const auto found = flows_.find(client);
  if (found == flows_.end()) return;
  const auto keep = found->second;
  keep->OnReady(0);
}

void UdpPort::Terminate(const Receiver* receiver) {
  std::erase_if(flows_, [receiver](const auto& entry) { return entry.second->receiver() == receiver; });
}

void UdpPort::Sweep() {
  sweep_ = worker_.reactor().StartTimer(kSweepInterval, [this] { Sweep(); });
  const MonotonicInstant now = worker_.reactor().monotonic();
  std::erase_if(flows_, [now](const auto& entry) { return now - entry.second->last_moved() >= kUdpIdleTimeout; });
}

}  // namespace meetinity::balancer

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/balancer/access_record.h"
#include "engine/balancer/snapshot.h"
#include "net/reactor.h"
#include "net/relay.h"
#include "net/socket.h"
#include "net/transport.h"

namespace meetinity::balancer {

class Worker;

// One connection of a network load balancer, from a client to its target, where it stays for life. Owned by its worker
// until it has ended. NLB user guide, "Network Load Balancers" and "Target groups".
class Flow final : public net::IoHandler, public std::enable_shared_from_this<Flow> {
 public:
  Flow(Worker& worker, SnapshotPtr snapshot, const ListenerView& listener, size_t slot, std::string_view zone,
       net::Socket socket, const net::SocketAddress& peer);
  ~Flow() override;

  void Begin();
  const Receiver* receiver() const { return target_ == nullptr ? nullptr : target_->receiver.get(); }
  const GroupView* group() const { return group_; }
  // Ends both connections with a reset; `why` is for the record.
  void BreakOff(std::string_view why);
  void Abandon();
  void OnReady(uint32_t epoll_events) override;

 private:
  enum class Stage : uint8_t { kClientHandshake, kConnecting, kTargetHandshake, kRelaying, kOver };

  void ContinueClientHandshake();
  void Connect();
  void ContinueConnect();
  void ContinueTargetHandshake();
  void StartRelay();
  bool Watch(net::Transport& transport);
  void Unwatch();
  void FailTarget();
  void End(std::string_view why);

  Worker& worker_;
  const SnapshotPtr snapshot_;
  const ListenerView& listener_;
  const size_t slot_;
  const std::string_view zone_;
  const net::SocketAddress peer_;
  const GroupView* group_ = nullptr;
  const TargetView* target_ = nullptr;
  std::unique_ptr<net::Transport> client_, server_;
  net::Transport* watched_ = nullptr;
  std::shared_ptr<net::Relay> relay_;
  net::Timer deadline_;
  Instant began_;
  FlowRecord record_;
  std::string_view end_ = "client";
  Stage stage_ = Stage::kClientHandshake;
};

}  // namespace meetinity::balancer

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/balancer/snapshot.h"
#include "net/reactor.h"
#include "net/socket.h"

namespace meetinity::balancer {

class Worker;

// One reactor's socket of a UDP listener, and the clients' flows through it: the first datagram of a client picks a
// target, which gets all of that client's until nothing has moved for a while. The kernel brings a client's datagrams
// to the same reactor each time. NLB user guide, "UDP idle timeout": 120 seconds, not configurable.
class UdpPort final : public net::IoHandler, public std::enable_shared_from_this<UdpPort> {
 public:
  UdpPort(Worker& worker, net::Socket socket, size_t slot, std::string zone);
  ~UdpPort() override;

  void Start();
  void Close();
  // Flows whose target is no longer to be used.
  void Terminate(const Receiver* receiver);
  void OnReady(uint32_t epoll_events) override;

 private:
  class UdpFlow;
  void ReadMore(const std::string& client);
  void Take(const net::SocketAddress& client, std::string_view datagram);
  std::shared_ptr<UdpFlow> Open(const net::SocketAddress& client);
  void Sweep();

  Worker& worker_;
  net::Socket socket_;
  const size_t slot_;
  const std::string zone_;
  std::unordered_map<std::string, std::shared_ptr<UdpFlow>> flows_;  // by the client's address and port
  net::Timer sweep_;
};

}  // namespace meetinity::balancer

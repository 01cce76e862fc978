#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/dns/zone.h"
#include "net/reactor.h"

namespace meetinity::dns {

struct ServerOptions {
  std::string address = "127.0.0.1";  // numeric, and one of the machine's own: answers leave from it
  uint16_t port = 5353;               // of UDP and TCP; 0: one that is free
  // TCP connections on each reactor; more are closed when they are accepted.
  size_t connections_max = 256;
  // How long a connection may ask nothing, or take none of its answer (RFC 7766, section 6.2.3: "a few seconds").
  Duration idle_max = std::chrono::seconds(10);
};

// An authoritative name server over UDP and TCP: every reactor has its own sockets on the shared port, and its own
// pointer to the zones, so a query takes no lock. What is answered is said by Respond.
class Server {
 public:
  // Bound and answering REFUSED, until Apply. net::kAddressInUse when another program has the port.
  static Result<std::unique_ptr<Server>> Listen(std::vector<net::Reactor*> reactors, ServerOptions options);
  // Close must have finished, or the reactors have stopped.
  ~Server();

  uint16_t port() const { return port_; }

  // From now on `zones` are served, at once on each reactor. `number` grows with every set, so that a late one cannot
  // undo a newer one. `adopted` follows when every reactor answers out of them or newer ones, on a reactor's thread.
  // Thread-safe.
  void Apply(ZoneSetPtr zones, uint64_t number, std::function<void()> adopted);

  // Closes sockets and connections; `closed` follows on a reactor's thread. Thread-safe, once.
  void Close(net::Task closed);

 private:
  class Shard;
  class Connection;

  Server() = default;
  void OnEveryReactor(const std::function<void(Shard&)>& action, std::function<void()> done);

  uint16_t port_ = 0;
  std::vector<net::Reactor*> reactors_;
  std::vector<std::shared_ptr<Shard>> shards_;
};

}  // namespace meetinity::dns

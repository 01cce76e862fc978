#pragma once

#include <functional>
#include <memory>

#include "net/reactor.h"
#include "net/socket.h"

namespace meetinity::net {

// A listening socket on its reactor: hands over every connection that comes, some at a time so that those at hand get
// their turn, and waits when the process has no descriptor left. Used on the reactor's thread.
class Acceptor final : public IoHandler, public std::enable_shared_from_this<Acceptor> {
 public:
  using Taker = std::function<void(Socket socket, const SocketAddress& peer)>;

  Acceptor(Reactor& reactor, Socket listener, Taker taker);
  ~Acceptor() override;

  void Start();
  // No more is accepted. The taker may call it.
  void Close();
  void OnReady(uint32_t epoll_events) override;

 private:
  void Accept();

  Reactor& reactor_;
  Socket listener_;
  const Taker taker_;
  Timer retry_;
};

}  // namespace meetinity::net

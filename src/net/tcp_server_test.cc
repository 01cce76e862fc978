#include "net/tcp_server.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "net/http_server.h"
#include "net/raw_client.h"
#include "net/transport.h"

namespace meetinity::net {
namespace {

TEST(TcpServer, HandsOverConnectionsUntilItIsClosed) {
  SystemClock clock;
  const auto reactor = Reactor::Open(clock, 0).value();
  TcpListenerOptions options;
  options.on_connection = [](Reactor&, Socket socket, const SocketAddress& peer) {
    EXPECT_EQ(peer.address(), "127.0.0.1");
    const std::string greeting = "hello";
    EXPECT_EQ(::send(socket.fd(), greeting.data(), greeting.size(), MSG_NOSIGNAL), 5);
  };
  auto server = TcpServer::Listen({reactor.get()}, options).value();
  std::thread thread([&] { reactor->Run(); });
  RawClient client(server->port());
  EXPECT_EQ(client.ReadToEnd(), "hello");
  std::promise<void> closed;
  server->Close([&] { closed.set_value(); });
  closed.get_future().wait();
  // The port is free again.
  options.port = server->port();
  EXPECT_TRUE(TcpServer::Listen({reactor.get()}, options).ok());
  reactor->Stop();
  thread.join();
}

TEST(TcpServer, RefusesAPortThatIsTaken) {
  SystemClock clock;
  const auto reactor = Reactor::Open(clock, 0).value();
  TcpListenerOptions options;
  options.on_connection = [](Reactor&, Socket, const SocketAddress&) {};
  const auto first = TcpServer::Listen({reactor.get()}, options).value();
  options.port = first->port();
  const auto second = TcpServer::Listen({reactor.get()}, options);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().name, kPortInUse);
}

}  // namespace
}  // namespace meetinity::net

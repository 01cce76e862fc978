// A network load balancer from outside.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/balancer/proxy_protocol.h"
#include "engine/balancer/testing/balancer_house.h"
#include "net/raw_client.h"
#include "net/socket.h"
#include "net/test_certificate.h"
#include "net/tls_probe.h"

namespace meetinity::balancer {
namespace {

using net::RawClient;
using testing::BalancerHouse;

// Sends its name, then everything back that comes. A client that closes is closed.
class EchoServer {
 public:
  explicit EchoServer(std::string name) : name_(std::move(name)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto any = net::SocketAddress::Parse("127.0.0.1", 0).value();
    EXPECT_EQ(::bind(listener_, any.native(), any.native_size()), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size), 0);
    port_ = ntohs(bound.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~EchoServer() { Down(); }

  uint16_t port() const { return port_; }
  int connections() const { return connections_; }

  void Down() {
    if (!acceptor_.joinable()) return;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    std::vector<std::thread> serving;
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
      serving.swap(serving_);
    }
    for (std::thread& thread : serving) thread.join();
  }

 private:
  void Accept() {
    for (;;) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      serving_.emplace_back([this, fd] { Serve(fd); });
    }
  }
  void Serve(int fd) {
    char buffer[65'536];
    ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    // A health check connects and leaves again.
    if (got > 0) {
      ++connections_;
      ::send(fd, name_.data(), name_.size(), MSG_NOSIGNAL);
    }
    for (; got > 0; got = ::recv(fd, buffer, sizeof buffer, 0)) {
      for (ssize_t sent = 0; sent < got;) {
        const ssize_t part = ::send(fd, buffer + sent, static_cast<size_t>(got - sent), MSG_NOSIGNAL);
        if (part <= 0) break;
        sent += part;
      }
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    ::close(fd);
  }

  const std::string name_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> serving_;
};

class NetworkTest : public ::testing::Test {
 protected:
  NetworkTest() { house_.BeNetwork(); }
  void Begin() {
    house_.AddTarget("one", one_.port());
    house_.ApplyAndAwaitHealthy();
  }
  // What the target says to "x".
  std::string Greeting() {
    RawClient client(house_.port());
    client.Send("x");
    return client.ReadBytes(4).substr(0, 3);
  }

  EchoServer one_{"one"}, two_{"two"};
  BalancerHouse house_;
};

TEST_F(NetworkTest, CarriesBytesBothWays) {
  Begin();
  RawClient client(house_.port());
  client.Send("ping");
  EXPECT_EQ(client.ReadBytes(7), "oneping");
  client.EndSending();
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(client.end(), RawClient::End::kClosed);
  const BalancerTotals totals = house_.engine().TotalsOf("lb");
  EXPECT_EQ(totals.flows_new, 1u);
}

TEST_F(NetworkTest, CarriesBulk) {
  Begin();
  std::string bulk(4 << 20, '\0');
  for (size_t i = 0; i < bulk.size(); ++i) bulk[i] = static_cast<char>(i * 2'654'435'761u >> 11);
  RawClient client(house_.port());
  std::thread sender([&] {
    client.Send(bulk);
    client.EndSending();
  });
  EXPECT_TRUE(client.ReadToEnd() == "one" + bulk);
  sender.join();
}

TEST_F(NetworkTest, ResetsAClientWhenNobodyIsRegistered) {
  house_.Apply();
  RawClient client(house_.port());
  client.ReadToEnd();
  EXPECT_EQ(client.end(), RawClient::End::kReset);
  EXPECT_EQ(house_.engine().TotalsOf("lb").flows_rejected, 1u);
}

TEST_F(NetworkTest, ResetsAClientWhoseTargetRefuses) {
  Begin();
  one_.Down();
  RawClient client(house_.port());
  client.ReadToEnd();
  EXPECT_EQ(client.end(), RawClient::End::kReset);
  EXPECT_EQ(house_.engine().TotalsOf("group", "one").connection_errors, 1u);
}

TEST_F(NetworkTest, SharesFlowsOutAndKeepsAClientsAddressTogetherWhereItIsSticky) {
  house_.AddTarget("two", two_.port());
  Begin();
  std::map<std::string, int> seen;
  for (int i = 0; i < 40; ++i) ++seen[Greeting()];
  EXPECT_EQ(seen.size(), 2u);
  house_.group().stickiness = Stickiness::kSourceIp;
  house_.Apply();
  seen.clear();
  for (int i = 0; i < 10; ++i) ++seen[Greeting()];
  EXPECT_EQ(seen.size(), 1u);
}

TEST_F(NetworkTest, KeepsToTheZoneUnlessItCrosses) {
  house_.balancer().cross_zone = false;
  house_.listener().bindings = {{"127.0.0.1", 0, "zone-a"}, {"127.0.0.1", 0, "zone-b"}};
  house_.AddTarget("two", two_.port());
  house_.group().targets.back().zone = "zone-b";
  house_.AddTarget("one", one_.port());
  house_.group().targets.back().zone = "zone-a";
  house_.ApplyAndAwaitHealthy();
  const auto ask = [&](size_t binding) {
    RawClient client(house_.engine().PortOf("listener", binding));
    client.Send("x");
    return client.ReadBytes(4).substr(0, 3);
  };
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(ask(0), "one");
    EXPECT_EQ(ask(1), "two");
  }
  house_.group().cross_zone = true;
  house_.Apply();
  std::map<std::string, int> seen;
  for (int i = 0; i < 40; ++i) ++seen[ask(0)];
  EXPECT_EQ(seen.size(), 2u);
}

TEST_F(NetworkTest, TellsWhoConnectsByTheProxyProtocol) {
  house_.group().proxy_protocol_v2 = true;
  Begin();
  RawClient client(house_.port());
  client.Send("x");
  // The target sends back what it got.
  const std::string got = client.ReadBytes(3 + 28 + 1).substr(3);
  sockaddr_in mine{};
  socklen_t size = sizeof mine;
  ::getsockname(client.fd(), reinterpret_cast<sockaddr*>(&mine), &size);
  EXPECT_EQ(got, ProxyHeader(net::SocketAddress::Parse("127.0.0.1", ntohs(mine.sin_port)).value(),
                             net::SocketAddress::Parse("127.0.0.1", house_.port()).value()) +
                     "x");
}

TEST_F(NetworkTest, ClosesWhatIsIdle) {
  Begin();
  RawClient client(house_.port());
  client.Send("x");
  EXPECT_EQ(client.ReadBytes(4), "onex");
  house_.Advance(std::chrono::seconds(349));
  client.Send("y");
  EXPECT_EQ(client.ReadBytes(1), "y");
  house_.Advance(std::chrono::seconds(351));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(NetworkTest, LetsFlowsGoOnPastTheirTargetsDraining) {
  house_.group().deregistration_delay = std::chrono::seconds(10);
  Begin();
  RawClient client(house_.port());
  client.Send("x");
  EXPECT_EQ(client.ReadBytes(4), "onex");
  house_.group().targets.front().draining_since = house_.clock.Now();
  house_.AddTarget("two", two_.port());
  house_.ApplyAndAwaitHealthy();
  EXPECT_EQ(Greeting(), "two");
  EXPECT_FALSE(house_.observer.WasDrained("one"));
  house_.Advance(std::chrono::seconds(11));
  house_.observer.AwaitDrained("one");
  client.Send("y");
  EXPECT_EQ(client.ReadBytes(1), "y");
}

TEST_F(NetworkTest, TerminatesDrainedFlowsWhereItIsTold) {
  house_.group().deregistration_delay = std::chrono::seconds(10);
  house_.group().terminates_connections_when_drained = true;
  Begin();
  RawClient client(house_.port());
  client.Send("x");
  EXPECT_EQ(client.ReadBytes(4), "onex");
  house_.group().targets.front().draining_since = house_.clock.Now();
  house_.Apply();
  house_.Advance(std::chrono::seconds(11));
  client.ReadToEnd();
  EXPECT_EQ(client.end(), RawClient::End::kReset);
  EXPECT_EQ(house_.engine().TotalsOf("lb").own_resets, 1u);
}

TEST_F(NetworkTest, TerminatesFlowsOfATargetThatTurnsUnhealthy) {
  EchoServer check("check");
  house_.group().health_check.port = check.port();
  house_.group().health_check.unhealthy_threshold = 1;
  Begin();
  RawClient client(house_.port());
  client.Send("x");
  EXPECT_EQ(client.ReadBytes(4), "onex");
  check.Down();
  house_.Advance(house_.group().health_check.interval);
  house_.observer.AwaitState("one", TargetState::kUnhealthy);
  client.ReadToEnd();
  EXPECT_EQ(client.end(), RawClient::End::kReset);
}

TEST_F(NetworkTest, AdmitsOnlyThoseItShould) {
  house_.balancer().admission = {{{"203.0.113.0/24", 0, 65'535}}};
  Begin();
  RawClient client(house_.port());
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(house_.engine().TotalsOf("lb").flows_rejected, 1u);
}

TEST_F(NetworkTest, EndsTlsAndRecordsIt) {
  house_.balancer().logs_access = true;
  const auto made = net::MakeTestCertificate("flow.test");
  house_.listener().protocol = ListenerProtocol::kTls;
  house_.listener().certificates = {{"cert", {"flow.test"}, made.certificate_pem, made.private_key_pem}};
  house_.listener().tls_policy.alpn = {"mqtt"};
  Begin();
  {
    net::TlsProbe probe(house_.port(), {.server_name = "flow.test", .alpn = std::string("\x04mqtt")});
    ASSERT_TRUE(probe.connected());
    EXPECT_TRUE(probe.ShownFor("flow.test"));
    EXPECT_EQ(probe.alpn(), "mqtt");
  }
  const FlowRecord record = house_.observer.AwaitFlow();
  EXPECT_TRUE(record.tls);
  EXPECT_EQ(record.server_name, "flow.test");
  EXPECT_EQ(record.certificate_id, "cert");
  EXPECT_EQ(record.target_id, "one");
}

TEST_F(NetworkTest, SwapsConfigurationsWithoutTouchingFlows) {
  Begin();
  RawClient client(house_.port());
  for (int i = 0; i < 20; ++i) {
    house_.group().deregistration_delay = std::chrono::seconds(i);
    house_.Apply();
    client.Send("x");
    EXPECT_EQ(client.ReadBytes(i == 0 ? 4 : 1).back(), 'x');
  }
}

}  // namespace
}  // namespace meetinity::balancer

// A network load balancer's UDP listener.
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "engine/balancer/testing/balancer_house.h"
#include "net/socket.h"

namespace meetinity::balancer {
namespace {

using testing::BalancerHouse;

// A blocking socket for datagrams that does not wait for ever.
class UdpSocket {
 public:
  explicit UdpSocket(uint16_t peer_port = 0) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto address = net::SocketAddress::Parse("127.0.0.1", peer_port).value();
    if (peer_port == 0) {
      EXPECT_EQ(::bind(fd_, address.native(), address.native_size()), 0);
    } else {
      EXPECT_EQ(::connect(fd_, address.native(), address.native_size()), 0);
    }
  }
  ~UdpSocket() { ::close(fd_); }
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  int fd() const { return fd_; }
  std::string Ask(const std::string& datagram) {
    EXPECT_EQ(::send(fd_, datagram.data(), datagram.size(), 0), static_cast<ssize_t>(datagram.size()));
    char buffer[2'048];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    return got < 0 ? "" : std::string(buffer, static_cast<size_t>(got));
  }

 private:
  const int fd_;
};

// Answers each datagram with its name in front.
class UdpEcho {
 public:
  explicit UdpEcho(std::string name) : name_(std::move(name)) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    EXPECT_EQ(::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&bound), &size), 0);
    port_ = net::SocketAddress::FromNative(bound, size).port();
    thread_ = std::thread([this] { Serve(); });
  }
  ~UdpEcho() {
    UdpSocket waker(port_);
    EXPECT_EQ(::send(waker.fd(), "quit", 4, 0), 4);
    thread_.join();
  }
  uint16_t port() const { return port_; }

 private:
  void Serve() {
    for (;;) {
      char buffer[2'048];
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_.fd(), buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 0) continue;
      const std::string datagram(buffer, static_cast<size_t>(got));
      if (datagram == "quit") return;
      const std::string answer = name_ + datagram;
      (void)!::sendto(socket_.fd(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  const std::string name_;
  UdpSocket socket_;
  uint16_t port_ = 0;
  std::thread thread_;
};

class UdpTest : public ::testing::Test {
 protected:
  UdpTest() {
    house_.BeNetwork();
    house_.listener().protocol = ListenerProtocol::kUdp;
    house_.group().protocol = TargetProtocol::kUdp;
    house_.group().health_check.enabled = false;
    house_.AddTarget("one", one_.port());
    house_.AddTarget("two", two_.port());
  }

  UdpEcho one_{"one:"}, two_{"two:"};
  BalancerHouse house_;
};

TEST_F(UdpTest, KeepsAClientsDatagramsTogether) {
  EXPECT_TRUE(house_.Apply().empty());
  std::map<std::string, int> seen;
  for (int i = 0; i < 20; ++i) {
    UdpSocket client(house_.port());
    const std::string target = client.Ask("a").substr(0, 4);
    ++seen[target];
    for (const char* text : {"b", "c"}) EXPECT_EQ(client.Ask(text), target + text);
  }
  EXPECT_EQ(seen.size(), 2u);
  const BalancerTotals totals = house_.engine().TotalsOf("lb");
  EXPECT_EQ(totals.flows_new, 20u);
  EXPECT_EQ(totals.flows_active, 20);
}

TEST_F(UdpTest, ForgetsWhoHasBeenSilent) {
  house_.Apply();
  UdpSocket client(house_.port());
  const std::string target = client.Ask("a").substr(0, 3);
  house_.Advance(std::chrono::seconds(121));
  EXPECT_EQ(house_.engine().TotalsOf("lb").flows_active, 0);
  // A flow that begins anew finds another target where its own is gone.
  for (Target& each : house_.group().targets) {
    if (each.id == target) each.draining_since = house_.clock.Now();
  }
  house_.Apply();
  EXPECT_NE(client.Ask("b").substr(0, 3), target);
}

TEST_F(UdpTest, DropsWhatNobodyMaySend) {
  house_.balancer().admission = std::vector<AdmissionRule>{};
  house_.Apply();
  UdpSocket client(house_.port());
  EXPECT_EQ(::send(client.fd(), "x", 1, 0), 1);
  for (int i = 0; i < 10'000 && house_.engine().TotalsOf("lb").flows_rejected == 0; ++i) house_.Settle();
  EXPECT_EQ(house_.engine().TotalsOf("lb").flows_rejected, 1u);
}

TEST_F(UdpTest, GivesItsPortBack) {
  house_.Apply();
  const uint16_t port = house_.port();
  house_.balancer().listeners.clear();
  house_.Apply();
  const auto address = net::SocketAddress::Parse("127.0.0.1", port).value();
  EXPECT_TRUE(net::BindUdp(address, net::PortSharing::kExclusive).ok());
}

}  // namespace
}  // namespace meetinity::balancer

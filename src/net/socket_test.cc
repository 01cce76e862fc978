#include "net/socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <string>
#include <string_view>

namespace meetinity::net {
namespace {

SocketAddress Loopback(uint16_t port = 0) { return SocketAddress::Parse("127.0.0.1", port).value(); }

TEST(UdpSocket, CarriesADatagramBothWays) {
  const Socket server = BindUdp(Loopback(), PortSharing::kExclusive).value();
  const Socket client = BindUdp(Loopback(), PortSharing::kExclusive).value();
  const SocketAddress to = SocketAddress::LocalOf(server).value();
  ASSERT_EQ(sendto(client.fd(), "ping", 4, 0, to.native(), to.native_size()), 4);
  pollfd ready{server.fd(), POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, -1), 1);
  std::array<char, 16> bytes{};
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  ASSERT_EQ(recvfrom(server.fd(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &size), 4);
  EXPECT_EQ(std::string_view(bytes.data(), 4), "ping");
  EXPECT_EQ(SocketAddress::FromNative(from, size).port(), SocketAddress::LocalOf(client)->port());
}

TEST(UdpSocket, SharesAPortWithItsOwnAndWithNobodyElse) {
  const Socket first = BindUdp(Loopback(), PortSharing::kFirst).value();
  const SocketAddress taken = SocketAddress::LocalOf(first).value();
  EXPECT_TRUE(BindUdp(taken, PortSharing::kJoining).ok());
  const auto stranger = BindUdp(taken, PortSharing::kExclusive);
  ASSERT_FALSE(stranger.ok());
  EXPECT_EQ(stranger.error().name, kAddressInUse);
}

}  // namespace
}  // namespace meetinity::net

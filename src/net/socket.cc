#include "net/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace meetinity::net {

namespace {

// Connections that the kernel completes while the loop is busy; the system's net.core.somaxconn may lower it.
constexpr int kListenBacklog = 4'096;

Error SystemError(std::string_view what, int error) {
  return Error{Kind::kUnavailable, error == EADDRINUSE ? kAddressInUse : kSocketFailed,
               fmt::format("{}: {}", what, strerror(error))};
}

void SetOption(const Socket& socket, int level, int option) {
  const int on = 1;
  setsockopt(socket.fd(), level, option, &on, sizeof on);
}

}  // namespace

void Socket::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

Result<SocketAddress> SocketAddress::Parse(std::string_view address, uint16_t port) {
  const std::string text(address);
  SocketAddress result;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    memcpy(&result.storage_, &v4, sizeof v4);
    result.size_ = sizeof v4;
    return result;
  }
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    memcpy(&result.storage_, &v6, sizeof v6);
    result.size_ = sizeof v6;
    return result;
  }
  return Error{Kind::kInvalid, kInvalidAddress,
               fmt::format("'{}' is no numeric address; write it as 127.0.0.1 or ::1", address)};
}

Result<SocketAddress> SocketAddress::LocalOf(const Socket& socket) {
  SocketAddress result;
  result.size_ = sizeof result.storage_;
  if (getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&result.storage_), &result.size_) != 0) {
    return SystemError("getsockname", errno);
  }
  return result;
}

SocketAddress SocketAddress::FromNative(const sockaddr_storage& storage, socklen_t size) {
  SocketAddress result;
  memcpy(&result.storage_, &storage, size);
  result.size_ = size;
  return result;
}

std::string SocketAddress::address() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage_).sin_addr, text, sizeof text);
  } else if (family() == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr, text, sizeof text);
  }
  return text;
}

uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(storage_).sin6_port
                                    : reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
}

std::string SocketAddress::ToString() const {
  if (family() == AF_INET6) return fmt::format("[{}]:{}", address(), port());
  return fmt::format("{}:{}", address(), port());
}

Result<Socket> ListenTcp(const SocketAddress& address, PortSharing sharing) {
  Socket socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return SystemError("socket", errno);
  // Connections of an earlier run in TIME_WAIT do not keep the port.
  SetOption(socket, SOL_SOCKET, SO_REUSEADDR);
  if (sharing == PortSharing::kJoining) SetOption(socket, SOL_SOCKET, SO_REUSEPORT);
  // Each family has its own sockets, so that "::" and "0.0.0.0" can be listened on side by side.
  if (address.family() == AF_INET6) SetOption(socket, IPPROTO_IPV6, IPV6_V6ONLY);
  if (bind(socket.fd(), address.native(), address.native_size()) != 0) {
    return SystemError(fmt::format("{} cannot be bound", address.ToString()), errno);
  }
  if (sharing == PortSharing::kFirst) SetOption(socket, SOL_SOCKET, SO_REUSEPORT);
  // What is accepted inherits it.
  DisableNagle(socket);
  if (listen(socket.fd(), kListenBacklog) != 0) {
    return SystemError(fmt::format("{} cannot be listened on", address.ToString()), errno);
  }
  return socket;
}

Result<Socket> BindUdp(const SocketAddress& address, PortSharing sharing) {
  Socket socket(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return SystemError("socket", errno);
  if (sharing == PortSharing::kJoining) SetOption(socket, SOL_SOCKET, SO_REUSEPORT);
  if (address.family() == AF_INET6) SetOption(socket, IPPROTO_IPV6, IPV6_V6ONLY);
  if (bind(socket.fd(), address.native(), address.native_size()) != 0) {
    return SystemError(fmt::format("{} cannot be bound", address.ToString()), errno);
  }
  if (sharing == PortSharing::kFirst) SetOption(socket, SOL_SOCKET, SO_REUSEPORT);
  return socket;
}

Result<Socket> ConnectUdp(const SocketAddress& peer) {
  Socket socket(::socket(peer.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return SystemError("socket", errno);
  if (connect(socket.fd(), peer.native(), peer.native_size()) != 0) return SystemError(peer.ToString(), errno);
  return socket;
}

Result<Socket> StartConnect(const SocketAddress& address) {
  Socket socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return SystemError("socket", errno);
  DisableNagle(socket);
  if (connect(socket.fd(), address.native(), address.native_size()) != 0 && errno != EINPROGRESS) {
    return SystemError(address.ToString(), errno);
  }
  return socket;
}

Status ConnectOutcome(const Socket& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return SystemError("connect", error);
  return {};
}

void DisableNagle(const Socket& socket) { SetOption(socket, IPPROTO_TCP, TCP_NODELAY); }

}  // namespace meetinity::net

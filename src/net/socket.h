#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace meetinity::net {

inline constexpr std::string_view kSocketFailed = "SocketFailed";
inline constexpr std::string_view kAddressInUse = "AddressInUse";
inline constexpr std::string_view kInvalidAddress = "InvalidAddress";

// Owns a descriptor. Every socket made here is non-blocking and closed on exec.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { Close(); }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int fd() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void Close();

 private:
  int fd_ = -1;
};

// A numeric IPv4 or IPv6 address with its port.
class SocketAddress {
 public:
  // "127.0.0.1", "::1"; no names, no brackets.
  static Result<SocketAddress> Parse(std::string_view address, uint16_t port);
  static Result<SocketAddress> LocalOf(const Socket& socket);
  static SocketAddress FromNative(const sockaddr_storage& storage, socklen_t size);

  std::string address() const;
  uint16_t port() const;
  std::string ToString() const;  // "127.0.0.1:80", "[::1]:80"
  int family() const { return storage_.ss_family; }
  const sockaddr* native() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t native_size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

// How reactors come to share a port that no other program may have: the first binds alone, which fails if anybody holds
// the port, and lets the others join afterwards.
enum class PortSharing { kExclusive, kFirst, kJoining };

// Bound and listening. On failure the error's detail ends with the system's words.
Result<Socket> ListenTcp(const SocketAddress& address, PortSharing sharing);

// Begins a connection; whether it came to be is known when the socket is writable: ask ConnectOutcome then.
Result<Socket> StartConnect(const SocketAddress& address);
Status ConnectOutcome(const Socket& socket);

// The same for datagrams: bound to an address, or to one peer.
Result<Socket> BindUdp(const SocketAddress& address, PortSharing sharing);
Result<Socket> ConnectUdp(const SocketAddress& peer);

// Answers leave at once instead of waiting for the acknowledgement of earlier ones.
void DisableNagle(const Socket& socket);

}  // namespace meetinity::net

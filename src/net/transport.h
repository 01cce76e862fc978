#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"
#include "net/socket.h"

struct ssl_st;

namespace meetinity::net {

class TlsAcceptor;
class TlsClientContext;

// Reads of one connection handled in one go before others get their turn.
inline constexpr int kReadsPerTurn = 16;

enum class IoStatus : uint8_t {
  kReady,       // some bytes moved, or the handshake is complete
  kWouldBlock,  // nothing to be had until the next OnEvents
  kEnd,         // the peer sent its last byte (TLS: close_notify)
  kFailed,      // reset, broken TLS, or TLS cut off without close_notify
};

struct IoResult {
  IoStatus status;
  size_t bytes = 0;  // above 0 for kReady only
};

// A non-blocking stream of bytes over a socket, plain or under TLS, for an edge-triggered loop: it remembers what epoll
// said and what the last call left, so that nobody asks the kernel for what cannot be there.
//
// How to use it: hand every event to OnEvents; then Read while `may_read()`, until kWouldBlock, and Write what there is
// while `may_write()`. May_read may promise too much (half a TLS record), never too little. Belongs to one reactor.
class Transport {
 public:
  explicit Transport(Socket socket) : socket_(std::move(socket)) {}
  ~Transport() { Close(); }
  // Moves to where a connection goes on under another owner; what is left behind is closed.
  Transport(Transport&& other) noexcept;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Puts TLS on top, before the first byte; then Handshake until it is kReady.
  Status AcceptTls(const TlsAcceptor& acceptor);
  Status ConnectTls(const TlsClientContext& context);
  IoStatus Handshake();

  void OnEvents(uint32_t epoll_events);
  bool may_read() const;
  bool may_write() const { return writable_; }

  // Fills `into` as far as bytes are at hand.
  IoResult Read(std::span<char> into);
  // Takes as many of the slices' bytes as go now. Whoever could not write everything comes back with what is left, in
  // the same order; more may have been added behind.
  // More may be announced to follow at once, so that both share segments.
  enum class Then : uint8_t { kNothing, kMore };
  IoResult Write(std::span<const iovec> slices, Then then = Then::kNothing);
  // The same for `size` bytes of a file, without a copy. For plain sockets only.
  IoResult SendFile(const FileRange& range, size_t size);
  // Into and out of a pipe, at most `max` bytes, without a copy. For plain sockets only; the pipe is not full, or holds
  // so many bytes.
  IoResult SpliceTo(int pipe, size_t max);
  IoResult SpliceFrom(int pipe, size_t max);

  // Tells a TLS peer that nothing more will be written; plain sockets have no word for that.
  void SendCloseNotify();
  // FIN: nothing more will be written; reading goes on.
  void ShutdownWrite();
  void Close();

  bool is_open() const { return socket_.valid(); }
  // The peer closed its side, or both are broken; bytes from before may still be unread.
  bool hung_up() const { return hung_up_; }
  // Reset, or closed on both sides: nothing that is written arrives.
  bool is_broken() const { return broken_; }
  bool is_tls() const { return ssl_ != nullptr; }
  const Socket& socket() const { return socket_; }

  // After the handshake; empty for plain sockets.
  std::string_view alpn() const;
  std::string_view sni() const;           // what the client asked for, lower case; accepted connections only
  std::string_view tls_protocol() const;  // "TLSv1.3"
  std::string_view tls_cipher() const;    // IANA name
  // Why the handshake failed, for a person.
  const std::string& tls_error() const { return tls_error_; }

 private:
  friend struct TransportBio;
  Status AdoptTls(ssl_st* ssl);
  IoStatus ToStatus(int ssl_result);
  IoResult ReadTls(std::span<char> into);
  IoResult WriteTls(std::span<const iovec> slices);

  Socket socket_;
  ssl_st* ssl_ = nullptr;
  bool readable_ = true;  // a fresh socket may well hold bytes already: the first try finds out
  bool writable_ = true;
  bool more_follows_ = false;  // TLS only: the record in hand is not the last of what is being written
  bool hung_up_ = false;       // the peer's end is among the bytes to come, and no further event will tell
  bool broken_ = false;
  std::optional<IoStatus> ended_;  // TLS only: how reading ended, when bytes before it had to be handed over first
  std::string tls_error_;
};

}  // namespace meetinity::net

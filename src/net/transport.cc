#include "net/transport.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <cerrno>
#include <cstring>

#include <algorithm>
#include <array>
#include <limits>

#include "net/tls.h"
#include "net/tls_acceptor.h"

namespace meetinity::net {

namespace {

// The most that one TLS record carries; smaller pieces are gathered up to it, because each record costs a pass of
// the cipher, a tag and 22 bytes.
constexpr size_t kRecordMax = 16'384;

// The kernel takes at most IOV_MAX slices a call, and more than these fill the socket's buffer anyway.
constexpr size_t kSlicesPerWrite = 64;

}  // namespace

// OpenSSL's door to the socket. Its own socket BIO would ask the kernel until EAGAIN; this one knows the edge.
struct TransportBio {
  static Transport& Of(BIO* bio) { return *static_cast<Transport*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* into, size_t size, size_t* got) {
    Transport& transport = Of(bio);
    BIO_clear_retry_flags(bio);
    *got = 0;
    if (transport.readable_) {
      const ssize_t count = recv(transport.socket_.fd(), into, size, 0);
      if (count > 0) {
        *got = static_cast<size_t>(count);
        if (*got < size) transport.readable_ = transport.hung_up_;
        return 1;
      }
      if (count == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
        return 0;
      }
      if (errno != EAGAIN && errno != EINTR) return 0;
      transport.readable_ = false;
    }
    BIO_set_retry_read(bio);
    return 0;
  }

  static int Write(BIO* bio, const char* from, size_t size, size_t* put) {
    Transport& transport = Of(bio);
    BIO_clear_retry_flags(bio);
    *put = 0;
    if (transport.writable_) {
      // Records of one answer share segments, so that the network's two ends handle fewer of them.
      const int flags = MSG_NOSIGNAL | (transport.more_follows_ ? MSG_MORE : 0);
      const ssize_t count = send(transport.socket_.fd(), from, size, flags);
      if (count >= 0) {
        *put = static_cast<size_t>(count);
        if (*put < size) transport.writable_ = false;
        return 1;
      }
      if (errno != EAGAIN && errno != EINTR) return 0;
      transport.writable_ = false;
    }
    BIO_set_retry_write(bio);
    return 0;
  }

  static long Control(BIO* bio, int command, long, void*) {
    switch (command) {
      case BIO_CTRL_FLUSH:
        return 1;
      case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
      default:
        return 0;
    }
  }

  static BIO* Make(Transport* transport) {
    // Made once and never freed: BIOs of other threads may outlive any owner that could be named here.
    static BIO_METHOD* const kMethod = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport");
      if (method == nullptr) return method;
      BIO_meth_set_read_ex(method, Read);
      BIO_meth_set_write_ex(method, Write);
      BIO_meth_set_ctrl(method, Control);
      return method;
    }();
    BIO* bio = kMethod == nullptr ? nullptr : BIO_new(kMethod);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, transport);
    BIO_set_init(bio, 1);
    return bio;
  }
};

Transport::Transport(Transport&& other) noexcept
    : socket_(std::move(other.socket_)),
      ssl_(std::exchange(other.ssl_, nullptr)),
      readable_(std::exchange(other.readable_, false)),
      writable_(std::exchange(other.writable_, false)),
      hung_up_(other.hung_up_),
      broken_(other.broken_),
      ended_(other.ended_),
      tls_error_(std::move(other.tls_error_)) {
  // Reading and writing go through the same BIO.
  if (ssl_ != nullptr) BIO_set_data(SSL_get_rbio(ssl_), this);
}

Status Transport::AdoptTls(ssl_st* ssl) {
  if (ssl == nullptr) return Internal(LastTlsError());
  BIO* bio = TransportBio::Make(this);
  if (bio == nullptr) {
    SSL_free(ssl);
    return Internal(LastTlsError());
  }
  SSL_set_bio(ssl, bio, bio);
  // One call fetches a record's header and body, and what follows it.
  SSL_set_read_ahead(ssl, 1);
  ssl_ = ssl;
  return {};
}

Status Transport::AcceptTls(const TlsAcceptor& acceptor) { return AdoptTls(acceptor.NewSession()); }

Status Transport::ConnectTls(const TlsClientContext& context) { return AdoptTls(context.NewSession()); }

IoStatus Transport::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return IoStatus::kReady;
  const IoStatus status = ToStatus(result);
  if (status == IoStatus::kFailed) {
    const long verified = SSL_get_verify_result(ssl_);
    tls_error_ =
        verified == X509_V_OK || SSL_is_server(ssl_) != 0 ? LastTlsError() : X509_verify_cert_error_string(verified);
  }
  return status;
}

void Transport::OnEvents(uint32_t epoll_events) {
  if ((epoll_events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    hung_up_ = true;
    broken_ = broken_ || (epoll_events & (EPOLLHUP | EPOLLERR)) != 0;
    readable_ = true;
    writable_ = true;  // so that a write finds the error
  }
  if ((epoll_events & EPOLLIN) != 0) readable_ = true;
  if ((epoll_events & EPOLLOUT) != 0) writable_ = true;
}

bool Transport::may_read() const {
  return readable_ || ended_.has_value() || (ssl_ != nullptr && SSL_has_pending(ssl_) != 0);
}

IoResult Transport::Read(std::span<char> into) {
  if (ssl_ != nullptr) return ReadTls(into);
  if (!readable_) return {IoStatus::kWouldBlock};
  for (;;) {
    const ssize_t count = recv(socket_.fd(), into.data(), into.size(), 0);
    if (count > 0) {
      // A short read has emptied the socket; only a hang-up would come without a new event.
      if (static_cast<size_t>(count) < into.size()) readable_ = hung_up_;
      return {IoStatus::kReady, static_cast<size_t>(count)};
    }
    if (count == 0) return {IoStatus::kEnd};
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {IoStatus::kFailed};
    readable_ = false;
    return {IoStatus::kWouldBlock};
  }
}

IoResult Transport::Write(std::span<const iovec> slices, Then then) {
  if (ssl_ != nullptr) return WriteTls(slices);
  if (!writable_) return {IoStatus::kWouldBlock};
  const size_t slice_count = std::min(slices.size(), kSlicesPerWrite);
  size_t wanted = 0;
  for (const iovec& slice : slices.first(slice_count)) wanted += slice.iov_len;
  const int flags = MSG_NOSIGNAL | (then == Then::kMore ? MSG_MORE : 0);
  for (;;) {
    ssize_t count = 0;
    if (slice_count == 1) {
      count = send(socket_.fd(), slices[0].iov_base, slices[0].iov_len, flags);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(slices.data());  // sendmsg only reads it
      message.msg_iovlen = slice_count;
      count = sendmsg(socket_.fd(), &message, flags);
    }
    if (count >= 0) {
      if (static_cast<size_t>(count) < wanted) writable_ = false;
      return {IoStatus::kReady, static_cast<size_t>(count)};
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {IoStatus::kFailed};
    writable_ = false;
    return {IoStatus::kWouldBlock};
  }
}

IoResult Transport::SendFile(const FileRange& range, size_t size) {
  if (!writable_) return {IoStatus::kWouldBlock};
  for (;;) {
    auto offset = static_cast<off_t>(range.offset);
    const ssize_t count = sendfile(socket_.fd(), range.descriptor, &offset, size);
    // Fewer than asked for may be for reasons of the file's: only EAGAIN says that the socket is full.
    if (count > 0) return {IoStatus::kReady, static_cast<size_t>(count)};
    if (count == 0) return {IoStatus::kFailed};  // the file is shorter than it was
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {IoStatus::kFailed};
    writable_ = false;
    return {IoStatus::kWouldBlock};
  }
}

IoResult Transport::SpliceTo(int pipe, size_t max) {
  if (!readable_) return {IoStatus::kWouldBlock};
  for (;;) {
    const ssize_t count = splice(socket_.fd(), nullptr, pipe, nullptr, max, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    // Fewer than asked for may be for reasons of the pipe's: only EAGAIN says that the socket is empty.
    if (count > 0) return {IoStatus::kReady, static_cast<size_t>(count)};
    if (count == 0) return {IoStatus::kEnd};
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {IoStatus::kFailed};
    readable_ = hung_up_;
    return {IoStatus::kWouldBlock};
  }
}

IoResult Transport::SpliceFrom(int pipe, size_t max) {
  if (!writable_) return {IoStatus::kWouldBlock};
  for (;;) {
    const ssize_t count = splice(pipe, nullptr, socket_.fd(), nullptr, max, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) return {IoStatus::kReady, static_cast<size_t>(count)};
    if (count == 0) return {IoStatus::kFailed};  // the pipe holds less than was said
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {IoStatus::kFailed};
    writable_ = false;
    return {IoStatus::kWouldBlock};
  }
}

IoStatus Transport::ToStatus(int ssl_result) {
  switch (SSL_get_error(ssl_, ssl_result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return IoStatus::kWouldBlock;
    case SSL_ERROR_ZERO_RETURN:
      return IoStatus::kEnd;
    default:
      return IoStatus::kFailed;
  }
}

IoResult Transport::ReadTls(std::span<char> into) {
  if (ended_) return {*ended_};
  size_t total = 0;
  while (total < into.size()) {
    ERR_clear_error();
    size_t got = 0;
    const int result = SSL_read_ex(ssl_, into.data() + total, into.size() - total, &got);
    if (result != 1) {
      const IoStatus status = ToStatus(result);
      if (status != IoStatus::kWouldBlock) ended_ = status;
      // What came before the end is handed over first.
      if (total > 0) break;
      return {status};
    }
    total += got;
    if (!may_read()) break;
  }
  return {IoStatus::kReady, total};
}

IoResult Transport::WriteTls(std::span<const iovec> slices) {
  std::array<char, kRecordMax> gathered;
  size_t wanted = 0;
  for (const iovec& slice : slices) wanted += slice.iov_len;
  size_t total = 0;
  size_t at = 0;      // the slice in hand
  size_t offset = 0;  // and how much of it is written
  const auto skip = [&](size_t bytes) {
    for (; at < slices.size() && bytes >= slices[at].iov_len - offset; ++at, offset = 0) {
      bytes -= slices[at].iov_len - offset;
    }
    offset += bytes;
  };
  for (skip(0); at < slices.size() && writable_; skip(0)) {
    const char* from = static_cast<const char*>(slices[at].iov_base) + offset;
    size_t size = slices[at].iov_len - offset;
    if (size < kRecordMax && at + 1 < slices.size()) {
      memcpy(gathered.data(), from, size);
      for (size_t next = at + 1; next < slices.size() && size < kRecordMax; ++next) {
        const size_t part = std::min(slices[next].iov_len, kRecordMax - size);
        memcpy(gathered.data() + size, slices[next].iov_base, part);
        size += part;
      }
      from = gathered.data();
    }
    size = std::min(size, kRecordMax);
    ERR_clear_error();
    size_t put = 0;
    // What is held back leaves with the last record; if that finds no room, with the write after the next event.
    more_follows_ = total + size < wanted;
    const int result = SSL_write_ex(ssl_, from, size, &put);
    more_follows_ = false;
    if (result != 1) {
      const IoStatus status = ToStatus(result);
      if (total == 0) return {status == IoStatus::kWouldBlock ? status : IoStatus::kFailed};
      break;
    }
    total += put;
    skip(put);
  }
  return {total > 0 ? IoStatus::kReady : IoStatus::kWouldBlock, total};
}

void Transport::SendCloseNotify() {
  if (ssl_ == nullptr || !socket_.valid() || SSL_in_init(ssl_) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);  // best effort: a peer that does not read has no use for it
}

void Transport::ShutdownWrite() {
  if (socket_.valid()) shutdown(socket_.fd(), SHUT_WR);
}

void Transport::Close() {
  if (ssl_ != nullptr) {
    // Keeps the session resumable although the peer's close_notify is not awaited.
    if (SSL_in_init(ssl_) == 0) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(std::exchange(ssl_, nullptr));
  }
  socket_.Close();
  readable_ = writable_ = false;
}

std::string_view Transport::alpn() const {
  if (ssl_ == nullptr) return {};
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string_view Transport::sni() const { return ssl_ == nullptr ? std::string_view() : TlsAcceptor::ServerName(ssl_); }

std::string_view Transport::tls_protocol() const { return ssl_ == nullptr ? "" : SSL_get_version(ssl_); }

std::string_view Transport::tls_cipher() const {
  const SSL_CIPHER* cipher = ssl_ == nullptr ? nullptr : SSL_get_current_cipher(ssl_);
  const char* name = cipher == nullptr ? nullptr : SSL_CIPHER_standard_name(cipher);
  return name == nullptr ? "" : name;
}

}  // namespace meetinity::net

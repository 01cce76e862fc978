#include "net/acceptor.h"

#include <sys/socket.h>
#include <cerrno>
#include <cstring>

#include <utility>

#include "base/log.h"

namespace meetinity::net {

namespace {

// Connections accepted before those at hand get their turn.
constexpr int kAcceptsPerRound = 64;

// How long to wait for a descriptor when the process has none left.
constexpr Duration kAcceptRetry = std::chrono::milliseconds(100);

}  // namespace

Acceptor::Acceptor(Reactor& reactor, Socket listener, Taker taker)
    : reactor_(reactor), listener_(std::move(listener)), taker_(std::move(taker)) {}

Acceptor::~Acceptor() { Close(); }

void Acceptor::Start() {
  if (!reactor_.Watch(listener_.fd(), this).ok()) Log(LogLevel::kError, "net", "a listener cannot be watched");
}

void Acceptor::Close() {
  retry_.Cancel();
  if (!listener_.valid()) return;
  reactor_.Unwatch(listener_.fd(), this);
  listener_.Close();
}

void Acceptor::OnReady(uint32_t) { Accept(); }

void Acceptor::Accept() {
  const auto keep = shared_from_this();
  for (int i = 0; i < kAcceptsPerRound && listener_.valid(); ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    Socket socket(accept4(listener_.fd(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      taker_(std::move(socket), SocketAddress::FromNative(peer, size));
      continue;
    }
    if (errno == EAGAIN) return;
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) continue;  // that client gave up
    Log(LogLevel::kWarning, "net", "connections wait, none can be accepted: {}", strerror(errno));
    retry_ = reactor_.StartTimer(kAcceptRetry, [this] { Accept(); });
    return;
  }
  // There may be more, and the edge will not be told again.
  reactor_.Defer([weak = weak_from_this()] {
    const auto acceptor = weak.lock();
    if (acceptor != nullptr && acceptor->listener_.valid()) acceptor->Accept();
  });
}

}  // namespace meetinity::net

// A client's HTTP/2 frames, HPACK included, against a real session on a loopback socket: the server answers in frames,
// hands on only requests that make sense, ends every connection that its client ends, and goes on serving the next.
//
// The first byte says how the connection begins: even, with the preface and empty settings; odd, with what follows.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/check.h"
#include "base/clock.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "net/socket.h"

namespace {

using namespace meetinity;
using namespace meetinity::net;

// The server's clock stands still, so nothing but the protocol ends a connection; a server that is silent for so long
// has forgotten one. Longer than any machine is busy.
constexpr int kPatienceMs = 30'000;
constexpr size_t kFrameHeadSize = 9;
constexpr size_t kFrameBytesMax = 16'384;  // RFC 9113, section 4.2, as no client here can have asked for more before
constexpr size_t kFuzzedBytesMax = 65'536;
constexpr std::string_view kBegin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 24 + kFrameHeadSize);

class Handler : public HttpHandler {
 public:
  void OnRequest(const ExchangePtr& exchange) override {
    const RequestHead& head = exchange->request();
    CHECK(!head.method.empty());
    CHECK(head.target == "*" || head.target.starts_with('/'));
    CHECK(head.target.size() == head.path.size() + head.query.size() + (head.has_query ? 1 : 0));
    for (const HeaderView& header : head.headers) {
      CHECK(!header.name.empty());
      CHECK(std::ranges::none_of(header.name, [](char c) { return c <= ' ' || c == ':' || (c >= 'A' && c <= 'Z'); }));
      CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    }
    exchange->Respond(200, HeaderBlock(), Slice::Static("ok\n"));
  }
};

class Server {
 public:
  Server() {
    ListenerOptions options;
    options.handler = &handler_;
    server_ = HttpServer::Listen({reactor_.get()}, *workers_, options).value();
    thread_ = std::thread([this] { reactor_->Run(); });
  }
  ~Server() {
    reactor_->Stop();
    thread_.join();
  }
  uint16_t port() const { return server_->port(); }

 private:
  FakeClock clock_;
  Handler handler_;
  std::unique_ptr<WorkerPool> workers_ = std::make_unique<WorkerPool>(1, 16);
  std::unique_ptr<Reactor> reactor_ = Reactor::Open(clock_, 0).value();
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

// Sends everything, ends, and reads to the server's end. Reads while it writes, or both could wait for ever.
std::string Converse(uint16_t port, std::string_view bytes) {
  const SocketAddress address = SocketAddress::Parse("127.0.0.1", port).value();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(fd >= 0 && ::connect(fd, address.native(), address.native_size()) == 0);
  std::string answer;
  bool sending = true;
  for (;;) {
    pollfd waiting{fd, static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = ::poll(&waiting, 1, kPatienceMs);
    if (ready < 0 && errno == EINTR) continue;  // libFuzzer's own alarm
    CHECK(ready == 1);
    if (sending && (waiting.revents & POLLOUT) != 0) {
      const ssize_t sent = bytes.empty() ? 0 : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      if (sent < 0 || bytes.empty()) {  // refused, or done
        sending = false;
        ::shutdown(fd, SHUT_WR);
      }
    }
    if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      char buffer[16'384];
      const ssize_t got = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
      if (got > 0) {
        answer.append(buffer, static_cast<size_t>(got));
      } else if (got == 0 || errno != EAGAIN) {
        break;
      }
    }
  }
  ::close(fd);
  return answer;
}

// What a server says is whole frames, settings first, save for the last when the connection was cut.
void CheckFrames(std::string_view answer) {
  bool first = true;
  while (answer.size() >= kFrameHeadSize) {
    const auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<uint8_t>(answer[at])); };
    const size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    constexpr size_t kSettings = 4;
    constexpr size_t kPushPromise = 5;
    CHECK(size <= kFrameBytesMax);
    CHECK(!first || byte(3) == kSettings);
    CHECK(byte(3) != kPushPromise);
    first = false;
    answer.remove_prefix(std::min(answer.size(), kFrameHeadSize + size));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Server server;
  if (size == 0 || size > kFuzzedBytesMax) return 0;
  const bool begins = data[0] % 2 == 0;
  std::string bytes(begins ? kBegin : std::string_view());
  bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string answer = Converse(server.port(), bytes);
  if (begins) CheckFrames(answer);
  return 0;
}

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace meetinity::net {

inline constexpr std::string_view kPortInUse = "PortInUse";

// Each bound says what a client sees beyond it.
struct HttpLimits {
  size_t request_head_bytes = 32'768;        // 431, closed. CloudFront's own, 20 480 with 413, is checked above this.
  size_t request_target_bytes = 16'384;      // 414, closed
  size_t header_count = 128;                 // 431, closed
  size_t connections_per_reactor = 65'536;   // closed at accept
  size_t streams_per_connection = 128;       // HTTP/2 SETTINGS_MAX_CONCURRENT_STREAMS
  size_t requests_per_connection = 100'000;  // then closed gracefully, so that load spreads over reactors again
  size_t drained_body_bytes = 262'144;       // an unread body beyond this closes the connection
  Duration head_timeout = std::chrono::seconds(10);   // from the first byte, and for the TLS handshake: slowloris
  Duration idle_timeout = std::chrono::seconds(60);   // between requests
  Duration body_timeout = std::chrono::seconds(20);   // without a byte of the body (S3's RequestTimeout)
  Duration write_timeout = std::chrono::seconds(30);  // without the peer taking a byte
  Duration connection_lifetime = Duration::max();     // then closed gracefully, after the answer in hand
  // Understands HTTP/2 without TLS, from clients that begin with its preface; else that is a version not served.
  bool http2_prior_knowledge = true;
  // Takes requests whose framing is odd and yet has one meaning; see HttpOddity. Else 400.
  bool tolerates_oddities = false;
};

struct ListenerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;                            // 0: the system chooses; see HttpServer::port
  HttpHandler* handler = nullptr;               // outlives the server
  CertificateSelector* certificates = nullptr;  // null: plain HTTP (HTTP/2 by prior knowledge is understood)
  HttpLimits limits = {};
  // Whether a connection is accepted; called on its reactor, before a byte is read. Null: every one is.
  std::function<bool(Reactor& reactor, const PeerInfo& peer)> admits = {};
};

// HTTP/1.1 and HTTP/2 listeners on a set of reactors: each has its own socket on the shared port (SO_REUSEPORT).
class HttpServer {
 public:
  // Binds at once; refuses with kPortInUse, naming the port, when somebody else has it.
  static Result<std::unique_ptr<HttpServer>> Listen(std::vector<Reactor*> reactors, WorkerPool& workers,
                                                    ListenerOptions options);
  virtual ~HttpServer() = default;

  virtual uint16_t port() const = 0;
  // Stops accepting, lets requests under way finish (HTTP/2: GOAWAY), closes the rest after `grace`; then calls
  // `drained`, on one of the reactors' threads. Thread-safe. The reactors must run until then.
  virtual void Drain(Duration grace, Task drained) = 0;

  // New bounds for what begins from now on. Thread-safe. A connection's streams and the sizes of a head in hand stay.
  virtual void SetLimits(HttpLimits limits) = 0;

  struct Counters {
    uint64_t connections_accepted, connections_open, requests, parse_errors, handshake_failures, connections_refused;
  };
  virtual Counters counters() const = 0;  // thread-safe, approximate
};

}  // namespace meetinity::net

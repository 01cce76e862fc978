#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/http.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace meetinity::net {

inline constexpr std::string_view kConnectFailed = "ConnectFailed";          // refused, unreachable, DNS
inline constexpr std::string_view kTlsFailed = "TlsFailed";                  // handshake or certificate
inline constexpr std::string_view kResponseTimeout = "ResponseTimeout";      // connect, first byte or idle
inline constexpr std::string_view kResponseInvalid = "ResponseInvalid";      // not HTTP, or broken framing
inline constexpr std::string_view kResponseTruncated = "ResponseTruncated";  // ended before its length
inline constexpr std::string_view kRequestInvalid = "RequestInvalid";        // would break HTTP's own framing
inline constexpr std::string_view kClientBusy = "ClientBusy";                // bound of connections or queue reached

// Where requests go; connections are pooled by all of it.
struct Endpoint {
  std::string address;  // numeric IPv4 or IPv6
  uint16_t port = 0;
  std::shared_ptr<const TlsClientContext> tls;  // null: plain
  HttpVersion version = HttpVersion::kHttp11;   // kHttp2: by ALPN with TLS, prior knowledge without
  // How long its connections stay open with nothing under way; none: as the client's limits have it.
  std::optional<Duration> idle_timeout = {};
};

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string authority;  // Host
  HeaderBlock headers;    // without Host, Connection, Content-Length, Transfer-Encoding
  std::vector<Slice> body;
  // When set, the body is streamed: call `ClientCall::WriteBody` … `FinishBody`. With a length it is framed by that,
  // and must have it: more or less is kRequestInvalid.
  bool streams_body = false;
  std::optional<uint64_t> content_length;
  // Offers to go on as this protocol ("websocket"), over HTTP/1.1 and without a body; see ResponseReader::on_upgrade.
  std::string upgrade;
  // The connection serves no further request, and the server is told so (HTTP/1.1).
  bool closes_connection = false;

  Duration connect_timeout = std::chrono::seconds(10);  // until TCP and TLS stand, waiting for a free place included
  // From the last byte of the request that went out until the head, and between two reads of the body; not while
  // paused.
  Duration response_timeout = std::chrono::seconds(30);
};

struct ResponseHeadView {
  int status = 0;
  HttpVersion version = HttpVersion::kHttp11;
  std::span<const HeaderView> headers;     // live only during on_head
  std::optional<uint64_t> content_length;  // of the body to come
  bool ends_answer = false;                // neither a body nor trailers follow
  // How long it took to make the connection, TLS included; 0 for one that stood already.
  Duration connect_time{0};
  // From the last of the request's bytes that is known to have left until the head was complete.
  Duration wait_time{0};
};

// What comes back, on the reactor's thread, in this order: on_head, on_data*, on_trailers at most once, then on_end or
// on_error, once. After Cancel nothing is called. 1xx answers are skipped, but for the 101 that was asked for:
// on_upgrade is then all that is called. Trailers are those of HTTP/2; HTTP/1.1's are checked and dropped.
struct ResponseReader {
  std::function<void(const ResponseHeadView& head)> on_head;
  std::function<void(std::string_view bytes)> on_data;  // bytes live only during the call
  std::function<void()> on_end;
  std::function<void(Error error)> on_error;
  std::function<void(const HeaderBlock& trailers)> on_trailers = {};
  std::function<void(const ResponseHeadView& head, TakenConnection connection)> on_upgrade = {};
};

// A request under way. Nothing here calls the reader back before it returns.
class ClientCall {
 public:
  virtual ~ClientCall() = default;  // does not cancel
  virtual void Cancel() = 0;
  virtual void Pause() = 0;  // no on_data until Resume; the origin's window closes
  virtual void Resume() = 0;
  virtual void WriteBody(Slice slice) = 0;
  virtual void FinishBody() = 0;
  // Bytes accepted by WriteBody and not yet by the kernel. Stop writing above kStreamBufferMax until on_drained, which
  // is called whenever little of what was written is left.
  virtual size_t body_buffered() const = 0;
  virtual void OnBodyDrained(std::function<void()> on_drained) = 0;
};

struct ClientLimits {
  size_t connections_per_endpoint = 256;
  size_t idle_per_endpoint = 64;
  size_t queued_per_endpoint = 4'096;  // beyond: kClientBusy
  size_t response_head_bytes = 65'536;
  Duration idle_timeout = std::chrono::seconds(5);  // where the endpoint says nothing
};

// HTTP/1.1 and HTTP/2 with keep-alive pools; one per reactor, used on its thread only. A request on a reused
// connection that dies before a byte of the answer is tried once more on a fresh one if its method is idempotent and
// its body is still known; one that the server says it did not touch (HTTP/2's REFUSED_STREAM and GOAWAY), whatever its
// method. Send calls nobody back before it returns. A client that is destroyed takes its calls along: no reader hears
// anything more. It may be destroyed from within a callback.
class HttpClient {
 public:
  static std::unique_ptr<HttpClient> Create(Reactor& reactor, ClientLimits limits = {});
  virtual ~HttpClient() = default;
  virtual std::shared_ptr<ClientCall> Send(const Endpoint& endpoint, ClientRequest request, ResponseReader reader) = 0;
};

}  // namespace meetinity::net

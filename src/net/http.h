#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/http_refusal.h"

namespace meetinity::net {

class Reactor;

enum class HttpVersion : uint8_t { kHttp10, kHttp11, kHttp2 };

struct HeaderView {
  std::string_view name;   // lower case
  std::string_view value;  // without surrounding white space
};

// Response or request headers, kept in HTTP/1.1's own bytes ("name: value\r\n"), so that sending them over HTTP/1.1
// is one copy, and an index, so that HTTP/2 needs no parsing. Reused without allocating once grown.
class HeaderBlock {
 public:
  // The caller vouches that name is a token; CR, LF and NUL in the value become spaces (response splitting).
  void Add(std::string_view name, std::string_view value);
  // The same for a value that no other message has, such as a request's id: HTTP/2 need not remember it.
  void AddUnique(std::string_view name, std::string_view value);
  void Set(std::string_view name, std::string_view value);  // replaces every field of that name
  void Remove(std::string_view name);
  std::optional<std::string_view> Find(std::string_view name) const;  // the first; names compare without case
  void Clear();

  size_t size() const { return entries_.size(); }
  HeaderView operator[](size_t i) const;
  bool is_unique(size_t i) const { return entries_[i].unique; }
  std::string_view http1_bytes() const { return bytes_; }

 private:
  struct Entry {
    uint32_t name_at, name_size, value_at, value_size;
    bool unique;
  };
  std::string bytes_;
  std::vector<Entry> entries_;
};

// What a request's head says in a way that careless programs understand differently. Seen only where a server tolerates
// it (HttpLimits::tolerates_oddities), but for the last; the connection is closed after the answer.
enum HttpOddity : uint8_t {
  kLengthBesideCoding = 1,   // Content-Length and Transfer-Encoding; the latter counts
  kLengthRepeated = 2,       // the same Content-Length twice
  kCodingInHttp10 = 4,       // Transfer-Encoding, which HTTP/1.0 does not know
  kUnknownMinorVersion = 8,  // HTTP/1.2, say; harmless
};

// A request's head. Every view lives as long as the exchange it came with.
struct RequestHead {
  std::string_view method;
  std::string_view target;     // as sent: "/path?query", or "*"; absolute form is already split
  std::string_view path;       // target up to '?'
  std::string_view query;      // after '?', empty when there is none
  bool has_query = false;      // tells "/a?" from "/a"
  std::string_view authority;  // Host or :authority, as sent, with its port
  HttpVersion version = HttpVersion::kHttp11;
  std::span<const HeaderView> headers;  // without HTTP/2's pseudo-headers; Host is among them for HTTP/1.1 only
  std::optional<uint64_t> content_length;
  bool has_body = false;  // a length above zero, or chunked, or an open HTTP/2 stream
  uint8_t oddities = 0;   // of HttpOddity

  std::optional<std::string_view> Find(std::string_view lower_case_name) const;  // the first
};

// Where bytes lie in an open file. None: the descriptor is negative.
struct FileRange {
  int descriptor = -1;
  uint64_t offset = 0;
};

// Bytes that stay alive while somebody holds `owner`: a cached body goes to a thousand sockets without a copy.
struct Slice {
  std::shared_ptr<const void> owner;
  std::string_view bytes;
  // The same bytes, never written again, in a file that `owner` keeps open: the kernel sends a large slice from there
  // to a plain socket without copying it. Blocks where they have to come from a disk first.
  FileRange file = {};

  Slice Part(size_t offset, size_t size) const;  // within its bounds

  static Slice Copy(std::string_view bytes);
  static Slice Own(std::string bytes);
  static Slice Static(std::string_view bytes);  // for literals
};

// Where a large body comes from when it is not in memory. Read is called on a worker thread, one call at a time.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual uint64_t size() const = 0;
  // Up to `max` bytes at `offset`; fewer only at the end.
  virtual Result<Slice> Read(uint64_t offset, size_t max) = 0;
};

class Transport;

// A connection that is no longer HTTP's.
struct TakenConnection {
  std::unique_ptr<Transport> transport;
  std::string unread;  // what came behind the last message
  std::string unsent;  // what is still to be sent to the peer, first
};

struct PeerInfo {
  std::string address;  // "127.0.0.1", "::1"
  uint16_t port = 0;
  uint16_t local_port = 0;
  bool tls = false;
  std::string sni;           // lower case, empty without TLS or SNI
  std::string tls_protocol;  // "TLSv1.3"
  std::string tls_cipher;    // IANA name
  MonotonicInstant connected{};
};

// One request and its answer, from head to last byte. Made by the server, shared with the handler, and used on its
// reactor's thread only; a handler that works elsewhere comes back through reactor().Post.
//
// Whoever holds it keeps it whole; a std::weak_ptr to it says nothing after the answer, because an exchange of which
// nobody keeps hold serves the connection's next request.
//
// A handler answers exactly once, with Respond or StartResponse … Finish. It may let the exchange go without an answer
// only by Abort, which closes the connection (HTTP/1.1) or resets the stream (HTTP/2).
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  virtual const RequestHead& request() const = 0;
  virtual const PeerInfo& peer() const = 0;
  virtual Reactor& reactor() = 0;

  // --- request body. Nothing is read beyond the connection's buffer until ReadBody; an unread body is drained up to
  // a bound after the answer, else the connection is closed.
  struct BodyReader {
    std::function<void(std::string_view bytes)> on_data;  // bytes live only during the call
    std::function<void()> on_end;
    std::function<void(Error error)> on_error;  // kIncompleteBody, kBodyTimeout, kBodyTooLarge; then nothing
  };
  virtual void ReadBody(BodyReader reader) = 0;
  // Back pressure: between Pause and Resume no on_data is called and the peer's window closes.
  virtual void PauseBody() = 0;
  virtual void ResumeBody() = 0;
  // Sends "100 Continue" when the client waits for it; ReadBody does so by itself.

  // --- the answer. Connection, Transfer-Encoding, Content-Length and Date are the server's to write, and are refused
  // here by CHECK; everything else is the handler's. HEAD, 204 and 304 send no body whatever is given.
  // Blocks are sent in order; they are copied or sent before the call returns.
  virtual void Respond(int status, std::span<const HeaderBlock* const> headers, std::span<const Slice> body) = 0;
  void Respond(int status, const HeaderBlock& headers, Slice body);
  // For HEAD and 304 and the like: announce a length without sending the body.
  virtual void RespondWithoutBody(int status, std::span<const HeaderBlock* const> headers,
                                  std::optional<uint64_t> content_length) = 0;
  // Streams [offset, offset+length) of a source, read ahead on the server's worker pool, a bounded buffer at a time.
  virtual void RespondFrom(int status, std::span<const HeaderBlock* const> headers, std::unique_ptr<BodySource> source,
                           uint64_t offset, uint64_t length) = 0;

  // Push streaming. Without a length HTTP/1.1 uses chunked (or closes, for HTTP/1.0).
  virtual void StartResponse(int status, std::span<const HeaderBlock* const> headers,
                             std::optional<uint64_t> content_length) = 0;
  virtual void Write(Slice slice) = 0;
  virtual void Finish() = 0;
  // The same, with fields behind the body. Over HTTP/1.1 they are left out, which RFC 9110, section 6.5, allows.
  virtual void FinishWithTrailers(const HeaderBlock& trailers) = 0;
  // Bytes accepted by Write and not yet by the kernel. Stop writing above kStreamBufferMax until on_drained.
  virtual size_t buffered() const = 0;
  virtual void OnDrained(std::function<void()> on_drained) = 0;

  // Before the answer: takes no further request on this connection. One of HTTP/2 carries others too, and stays.
  virtual void CloseAfterAnswer() {}
  // Instead of an answer: switches to another protocol (101, RFC 9110, section 15.2.2). The connection is the caller's
  // from then on, and who runs it sends `unsent` first. Nothing where that cannot be: over HTTP/2, with a body, or
  // with earlier answers still on their way.
  virtual std::optional<TakenConnection> SwitchProtocols(std::span<const HeaderBlock* const> headers) = 0;
  // Tears the response down so that the client sees it is incomplete.
  virtual void Abort() = 0;
  // Called once if the client goes away before the answer is complete. Answers given later are dropped quietly.
  virtual void OnGone(std::function<void()> on_gone) = 0;
  virtual bool gone() const = 0;

  // For access logs: what left for this exchange so far, head included.
  virtual uint64_t bytes_sent() const = 0;
};
using ExchangePtr = std::shared_ptr<HttpExchange>;

inline constexpr std::string_view kIncompleteBody = "IncompleteBody";
inline constexpr std::string_view kBodyTimeout = "BodyTimeout";
inline constexpr std::string_view kBodyTooLarge = "BodyTooLarge";

// More than one socket buffer, so that the kernel never runs dry, and little enough that 10 000 slow readers of
// streamed bodies stay under 3 GiB.
inline constexpr size_t kStreamBufferMax = 256 * 1024;

// A request that no handler sees, since its head is refused.
struct RefusedRequest {
  const PeerInfo& peer;
  HttpVersion version;
  Http1Refusal why;
  int status;
  Instant now;
};

// How a refusal is answered, where the server's own few words will not do. Framing is the server's, as ever.
struct RefusalAnswer {
  int status = 400;
  HeaderBlock headers;
  std::string body;
};

// Who answers. Called on the reactor's thread when a head is complete; must not block.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual void OnRequest(const ExchangePtr& exchange) = 0;
  // Tells of a request that was refused, and asks how to say so; none: in the server's words.
  virtual std::optional<RefusalAnswer> OnRefused(Reactor& reactor, const RefusedRequest& request);
};

}  // namespace meetinity::net

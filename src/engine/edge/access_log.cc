#include "engine/edge/access_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace meetinity::edge {

const std::string_view kAccessLogFields =
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end";

namespace {

// A turn of the loop answers a few hundred requests of some 500 bytes; more than this is handed on within the turn.
constexpr size_t kBufferBytesMax = 256 * 1024;

constexpr std::array<bool, 256> MakeEncoded() {
  std::array<bool, 256> encoded{};
  for (size_t c = 0; c < encoded.size(); ++c) encoded[c] = c <= 32 || c >= 127;
  for (const char c : std::string_view("<>\"#%{}|\\^~[]`'")) encoded[static_cast<unsigned char>(c)] = true;
  return encoded;
}
constexpr std::array<bool, 256> kEncoded = MakeEncoded();

// What the log wants of a request's headers, gathered in one walk.
struct LoggedHeaders {
  std::string_view referer, user_agent, forwarded_for;
};

LoggedHeaders ReadHeaders(const net::RequestHead& request) {
  LoggedHeaders headers;
  for (const net::HeaderView& header : request.headers) {
    if (header.name == "referer") headers.referer = header.value;
    if (header.name == "user-agent") headers.user_agent = header.value;
    if (header.name == "x-forwarded-for") headers.forwarded_for = header.value;
  }
  return headers;
}

std::string_view ToToken(net::HttpVersion version) {
  switch (version) {
    case net::HttpVersion::kHttp10:
      return "HTTP/1.0";
    case net::HttpVersion::kHttp11:
      return "HTTP/1.1";
    case net::HttpVersion::kHttp2:
      return "HTTP/2.0";
  }
  return "-";
}

// Writes the fields of one line behind each other, each after a tab.
class Line {
 public:
  explicit Line(std::string& to) : to_(to) {}

  // Of the edge's own making: nothing in it needs encoding.
  void Own(std::string_view text) {
    to_ += '\t';
    to_ += text.empty() ? std::string_view("-") : text;
  }
  void Viewers(std::string_view text) {
    to_ += '\t';
    AppendLogText(text, to_);
  }
  void Number(uint64_t number) { fmt::format_to(std::back_inserter(to_), "\t{}", number); }
  void Number(std::optional<uint64_t> number) { number ? Number(*number) : Own("-"); }
  void Seconds(Duration taken) {
    const int64_t milliseconds = std::max<int64_t>(0, std::chrono::round<std::chrono::milliseconds>(taken).count());
    fmt::format_to(std::back_inserter(to_), "\t{}.{:03}", milliseconds / 1'000, milliseconds % 1'000);
  }
  // HTTP/2 clients send a field a cookie; they are one again here, as origins see them.
  void Cookies(const net::RequestHead& request) {
    to_ += '\t';
    const size_t begin = to_.size();
    for (const net::HeaderView& header : request.headers) {
      if (header.name != "cookie" || header.value.empty()) continue;
      if (to_.size() > begin) AppendLogText("; ", to_);
      AppendLogText(header.value, to_);
    }
    if (to_.size() == begin) to_ += '-';
  }

 private:
  std::string& to_;
};

// What left, or is about to: HTTP/2 counts a body's bytes when the peer's window lets them go.
uint64_t BytesOf(const net::HttpExchange& exchange) {
  const bool counts_late = exchange.request().version == net::HttpVersion::kHttp2 && !exchange.gone();
  return exchange.bytes_sent() + (counts_late ? exchange.buffered() : 0);
}

}  // namespace

void AppendLogText(std::string_view text, std::string& to) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  if (text.empty()) to += '-';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!kEncoded[byte]) {
      to += c;
      continue;
    }
    to += '%';
    to += kHex[byte >> 4];
    to += kHex[byte & 15];
  }
}

AccessLog::AccessLog(net::Reactor& reactor, AccessLogSink& sink, std::string_view location)
    : reactor_(reactor), sink_(sink), location_(location) {}

std::string_view AccessLog::DateAndTime(Instant at) {
  if (at.unix_seconds() != second_) {
    second_ = at.unix_seconds();
    date_and_time_ = at.ToIso8601();
    date_and_time_[10] = '\t';  // instead of 'T'
    date_and_time_.resize(19);  // without 'Z'
  }
  return date_and_time_;
}

void AccessLog::Add(const AccessRecord& record) {
  const net::RequestHead& request = record.exchange.request();
  const net::PeerInfo& peer = record.exchange.peer();
  const LoggedHeaders headers = ReadHeaders(request);
  buffer_ += record.stream;
  Line line(buffer_);
  line.Own(DateAndTime(record.at));
  line.Own(location_);
  line.Number(BytesOf(record.exchange));
  line.Own(peer.address);
  line.Viewers(request.method);
  line.Own(record.domain_name);
  line.Viewers(request.path);
  line.Own(record.status == 0 ? std::string_view("000") : fmt::format_int(record.status).c_str());
  line.Viewers(headers.referer);
  line.Viewers(headers.user_agent);
  line.Viewers(request.query);
  record.include_cookies ? line.Cookies(request) : line.Own("-");
  line.Own(record.result);
  line.Own(record.id.text());
  line.Viewers(request.authority);
  line.Own(peer.tls ? "https" : "http");
  line.Number(record.request_bytes + request.content_length.value_or(0));
  line.Seconds(record.time_taken);
  line.Viewers(headers.forwarded_for);
  line.Own(peer.tls_protocol);
  line.Own(peer.tls_cipher);
  line.Own(record.result);
  line.Own(ToToken(request.version));
  line.Own("-");  // fle-status and fle-encrypted-fields: field-level encryption is not served
  line.Own("-");
  line.Number(uint64_t{peer.port});
  line.Seconds(record.time_to_first_byte);
  line.Own(record.detailed_result);
  line.Viewers(record.sent.content_type);
  line.Number(record.sent.content_length);
  line.Number(record.sent.range ? std::optional(record.sent.range->first) : std::nullopt);
  line.Number(record.sent.range ? std::optional(record.sent.range->last) : std::nullopt);
  buffer_ += '\n';
  if (buffer_.size() >= kBufferBytesMax) return Flush();
  if (std::exchange(flush_is_due_, true)) return;
  reactor_.Defer([this] { Flush(); });
}

void AccessLog::Flush() {
  flush_is_due_ = false;
  if (buffer_.empty()) return;
  sink_.Append(buffer_);
  buffer_.clear();
}

}  // namespace meetinity::edge

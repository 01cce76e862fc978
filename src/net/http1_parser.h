#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/http_refusal.h"

namespace meetinity::net {

struct Http1ParserLimits {
  size_t head_bytes;
  size_t target_bytes;
  size_t header_count;
  // What has one meaning by RFC 9112, although careless programs may see another, is understood and noted in the head's
  // `oddities`, instead of being refused.
  bool tolerates_oddities = false;
};

// What the connection has to know of a request besides what its handler sees.
struct Http1Framing {
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Reads the head of one request (RFC 9112), strictly: whatever two programs could understand differently is refused,
// since a proxy in front of other programs must not let a request hide in another.
//
// Incremental and in place: header names are lowered where they stand, views point into the bytes given, and each
// complete line is looked at once however the bytes arrive.
class Http1Parser {
 public:
  enum class State : uint8_t { kIncomplete, kComplete, kRefused };

  explicit Http1Parser(Http1ParserLimits limits) : limits_(limits) {}

  // `bytes` begins at the request's first byte and holds what has come so far; between calls for one request it may
  // move and grow, nothing else. After kComplete or kRefused, Reset comes before the next request.
  State Parse(std::span<char> bytes);
  void Reset();

  // After kComplete. The views live as long as the bytes and this parser's next Reset.
  const RequestHead& head() const { return head_; }
  const Http1Framing& framing() const { return framing_; }
  size_t head_size() const { return line_at_; }

  // After kRefused.
  Http1Refusal refusal() const { return refusal_; }

 private:
  bool Refuse(Http1Refusal why) {
    refusal_ = why;
    return false;
  }
  void Rebase(char* base);
  bool CheckIncomplete(std::span<const char> rest);
  bool ParseRequestLine(char* at, char* end);
  bool ParseTarget(std::string_view target);
  bool ParseAbsoluteTarget(std::string_view target, size_t scheme_size);
  bool ParseHeader(char* at, char* end);
  bool Interpret(const HeaderView& header);
  bool OnHost(std::string_view value);
  bool OnContentLength(std::string_view value);
  // Allowed and noted, where oddities are tolerated.
  bool Tolerate(HttpOddity oddity, Http1Refusal otherwise);
  bool OnTransferEncoding(std::string_view value);
  void OnConnection(std::string_view value);
  bool FinishHead();

  const Http1ParserLimits limits_;
  RequestHead head_;
  Http1Framing framing_;
  std::vector<HeaderView> headers_;
  std::string rewritten_target_;  // an absolute target without a path, "http://a?b", becomes "/?b"
  std::optional<std::string_view> host_;
  char* base_ = nullptr;
  size_t line_at_ = 0;   // the first byte not yet understood
  size_t searched_ = 0;  // up to here there is no further line feed
  bool has_request_line_ = false;
  bool absolute_target_ = false;
  bool transfer_encoding_ = false;
  bool asked_close_ = false;
  bool asked_keep_alive_ = false;
  Http1Refusal refusal_ = Http1Refusal::kNone;
};

// Whether `authority` is a host with an optional port (RFC 3986, section 3.2, without user information).
bool IsAuthority(std::string_view authority);

}  // namespace meetinity::net

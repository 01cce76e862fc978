#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace meetinity::net {

// Reads the head of one response (RFC 9112), as strictly as requests are read: an origin that two programs could
// understand differently must not fill a cache. Give it bytes as they come; it keeps what belongs to the head.
class Http1ResponseParser {
 public:
  enum class State : uint8_t { kIncomplete, kComplete, kRefused };
  enum class Framing : uint8_t { kNone, kLength, kChunked, kUntilClose };

  explicit Http1ResponseParser(size_t head_bytes_max) : head_bytes_max_(head_bytes_max) {}

  // `consumed` says how many of the bytes belonged to the head. `to_head` tells of an answer to a HEAD request, which
  // never has a body.
  State Parse(std::string_view bytes, bool to_head, size_t& consumed);
  void Reset();

  // After kComplete; views live until Reset.
  int status() const { return status_; }
  HttpVersion version() const { return version_; }
  const std::vector<HeaderView>& headers() const { return headers_; }
  Framing framing() const { return framing_; }
  std::optional<uint64_t> content_length() const { return content_length_; }
  bool keep_alive() const { return keep_alive_; }

  // After kRefused: what was wrong, for a person.
  std::string_view refusal() const { return refusal_; }

 private:
  State Refuse(std::string_view why) {
    refusal_ = why;
    return State::kRefused;
  }
  State CheckIncomplete();
  bool ParseStatusLine(std::string_view line);
  bool ParseHeader(size_t begin, size_t end);
  bool Interpret(const HeaderView& header);
  bool FinishHead(bool to_head);

  const size_t head_bytes_max_;
  std::string head_;
  std::vector<HeaderView> headers_;
  int status_ = 0;
  HttpVersion version_ = HttpVersion::kHttp11;
  Framing framing_ = Framing::kNone;
  std::optional<uint64_t> content_length_;
  bool chunked_ = false;
  bool keep_alive_ = true;
  std::string_view refusal_;
};

}  // namespace meetinity::net

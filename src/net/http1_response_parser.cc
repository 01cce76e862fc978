#include "net/http1_response_parser.h"

#include <algorithm>

#include "base/text.h"
#include "net/http1_chars.h"

namespace meetinity::net {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kProtocol = "HTTP/1.";

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether a comma-separated list of tokens holds `token`.
bool ListHolds(std::string_view list, std::string_view token) {
  for (const std::string_view piece : Split(list, ',')) {
    if (EqualsLower(TrimBlanks(piece), token)) return true;
  }
  return false;
}

}  // namespace

void Http1ResponseParser::Reset() {
  head_.clear();
  headers_.clear();
  status_ = 0;
  framing_ = Framing::kNone;
  content_length_.reset();
  chunked_ = false;
  keep_alive_ = true;
  refusal_ = {};
}

Http1ResponseParser::State Http1ResponseParser::Parse(std::string_view bytes, bool to_head, size_t& consumed) {
  const size_t before = head_.size();
  // The end may straddle two reads, so the search begins a little before what is new.
  head_.append(bytes);
  const size_t end = head_.find(kHeadEnd, before < kHeadEnd.size() ? 0 : before - (kHeadEnd.size() - 1));
  if (end == std::string::npos) {
    consumed = bytes.size();
    return CheckIncomplete();
  }
  const size_t size = end + kHeadEnd.size();
  if (size > head_bytes_max_) return Refuse("the response's head is too large");
  consumed = size - before;
  head_.resize(size);

  size_t line_end = head_.find("\r\n");
  if (!ParseStatusLine(std::string_view(head_).substr(0, line_end))) return Refuse("the status line is malformed");
  for (size_t at = line_end + 2; at < size - 2; at = line_end + 2) {
    line_end = head_.find("\r\n", at);
    if (!ParseHeader(at, line_end)) {
      return refusal_.empty() ? Refuse("a header field is malformed") : State::kRefused;
    }
  }
  if (!FinishHead(to_head)) return State::kRefused;
  return State::kComplete;
}

// What can never become a head is refused at once, instead of when the server falls silent.
Http1ResponseParser::State Http1ResponseParser::CheckIncomplete() {
  if (head_.size() > head_bytes_max_) return Refuse("the response's head is too large");
  const std::string_view begin = std::string_view(head_).substr(0, kProtocol.size());
  if (begin != kProtocol.substr(0, begin.size())) return Refuse("the response is not HTTP/1");
  return State::kIncomplete;
}

bool Http1ResponseParser::ParseStatusLine(std::string_view line) {
  // "HTTP/1.1 200 OK"; the reason may be missing, and then even the space before it.
  if (line.size() < 12 || !line.starts_with(kProtocol) || (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
      !IsDigits(line.substr(9, 3)) || (line.size() > 12 && line[12] != ' ') || !IsValue(line.data(), line.size())) {
    return false;
  }
  version_ = line[7] == '0' ? HttpVersion::kHttp10 : HttpVersion::kHttp11;
  keep_alive_ = version_ == HttpVersion::kHttp11;
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return status_ >= 100 && status_ <= 599;
}

bool Http1ResponseParser::ParseHeader(size_t begin, size_t end) {
  const size_t colon = head_.find(':', begin);
  if (colon == std::string::npos || colon >= end || colon == begin) return false;
  for (size_t i = begin; i < colon; ++i) {
    head_[i] = TokenLower(head_[i]);
    if (head_[i] == 0) return false;
  }
  const std::string_view text(head_);
  const HeaderView header{text.substr(begin, colon - begin), TrimBlanks(text.substr(colon + 1, end - colon - 1))};
  if (!IsValue(header.value.data(), header.value.size())) return false;
  headers_.push_back(header);
  return Interpret(header);
}

bool Http1ResponseParser::Interpret(const HeaderView& header) {
  if (header.name == "content-length") {
    const auto length = IsDigits(header.value) ? ParseUnsigned(header.value) : std::nullopt;
    if (!length || (content_length_ && *content_length_ != *length)) {
      refusal_ = "Content-Length is no number, or says two";
      return false;
    }
    content_length_ = length;
  } else if (header.name == "transfer-encoding") {
    if (chunked_ || !EqualsLower(header.value, "chunked")) {
      refusal_ = "Transfer-Encoding is not exactly chunked";
      return false;
    }
    chunked_ = true;
  } else if (header.name == "connection") {
    if (ListHolds(header.value, "close")) keep_alive_ = false;
    if (version_ == HttpVersion::kHttp10 && ListHolds(header.value, "keep-alive")) keep_alive_ = true;
  }
  return true;
}

bool Http1ResponseParser::FinishHead(bool to_head) {
  if (chunked_ && (content_length_ || version_ == HttpVersion::kHttp10)) {
    refusal_ = "Transfer-Encoding beside Content-Length, or in HTTP/1.0";
    return false;
  }
  // RFC 9112, section 6.3.
  if (to_head || status_ < 200 || status_ == 204 || status_ == 304) {
    framing_ = Framing::kNone;
  } else if (chunked_) {
    framing_ = Framing::kChunked;
  } else if (content_length_) {
    framing_ = *content_length_ == 0 ? Framing::kNone : Framing::kLength;
  } else {
    framing_ = Framing::kUntilClose;
    keep_alive_ = false;
  }
  return true;
}

}  // namespace meetinity::net

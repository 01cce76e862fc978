#include "net/http1_parser.h"

#include <algorithm>
#include <cstring>

#include "net/http1_chars.h"

namespace meetinity::net {

namespace {

// Longer than any registered method (UPDATEREDIRECTREF has 17).
constexpr size_t kMethodMax = 32;

// A Content-Length of 19 digits always fits 64 bits.
constexpr size_t kLengthDigitsMax = 19;

constexpr size_t kPortDigitsMax = 5;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHex(char c) { return IsDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

// reg-name's characters (RFC 3986, section 3.2.2), percent escapes included.
constexpr std::array<bool, 256> kHostChar = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("-._~!$&'()*+,;=%0123456789")) table[static_cast<unsigned char>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = table[static_cast<size_t>(c - 32)] = true;
  return table;
}();

// The size of "http://" or "https://" at the target's front, in any case; 0 for another.
size_t SchemeSize(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && EqualsLower(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

// Whether a list of codings has "chunked" last and nowhere else, as it must (RFC 9112, section 7.1).
bool EndsChunkedOnce(std::string_view codings) {
  for (;;) {
    const size_t comma = codings.find(',');
    const bool is_chunked = EqualsLower(TrimBlanks(codings.substr(0, comma)), "chunked");
    if (comma == std::string_view::npos || is_chunked) return is_chunked && comma == std::string_view::npos;
    codings.remove_prefix(comma + 1);
  }
}

}  // namespace

int StatusOf(Http1Refusal refusal) {
  switch (refusal) {
    case Http1Refusal::kConnect:
      return 405;
    case Http1Refusal::kHeadTimeout:
      return 408;
    case Http1Refusal::kTargetTooLong:
      return 414;
    case Http1Refusal::kExpectation:
      return 417;
    case Http1Refusal::kTooManyHeaders:
    case Http1Refusal::kHeadTooLarge:
      return 431;
    case Http1Refusal::kMethodTooLong:
    case Http1Refusal::kUnknownCoding:
      return 501;
    case Http1Refusal::kVersion:
      return 505;
    default:
      return 400;
  }
}

std::string_view Describe(Http1Refusal refusal) {
  switch (refusal) {
    case Http1Refusal::kNone:
      return "";
    case Http1Refusal::kBareLineFeed:
      return "a line does not end with CR LF";
    case Http1Refusal::kRequestLine:
      return "the request line is malformed";
    case Http1Refusal::kMethodTooLong:
      return "the method is not known";
    case Http1Refusal::kConnect:
      return "CONNECT is not served";
    case Http1Refusal::kTarget:
      return "the request target is malformed";
    case Http1Refusal::kTargetTooLong:
      return "the request target is too long";
    case Http1Refusal::kVersion:
      return "this version of HTTP is not served";
    case Http1Refusal::kHeaderName:
      return "a header's name is malformed";
    case Http1Refusal::kHeaderValue:
      return "a header's value holds a control character";
    case Http1Refusal::kFoldedHeader:
      return "a header is folded over several lines";
    case Http1Refusal::kTooManyHeaders:
      return "there are too many headers";
    case Http1Refusal::kHeadTooLarge:
      return "the request's head is too large";
    case Http1Refusal::kHost:
      return "Host is missing, repeated or malformed";
    case Http1Refusal::kHeadTimeout:
      return "the request's head did not arrive in time";
    case Http1Refusal::kContentLength:
      return "Content-Length is repeated or no number";
    case Http1Refusal::kTransferEncoding:
      return "Transfer-Encoding is ambiguous";
    case Http1Refusal::kUnknownCoding:
      return "the transfer coding is not known";
    case Http1Refusal::kExpectation:
      return "the expectation is not known";
  }
  return "";
}

bool IsAuthority(std::string_view authority) {
  size_t host_size = 0;
  if (!authority.empty() && authority.front() == '[') {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    const std::string_view inside = authority.substr(1, close - 1);
    if (!std::ranges::all_of(inside, [](char c) { return IsHex(c) || c == ':' || c == '.'; })) return false;
    host_size = close + 1;
  } else {
    while (host_size < authority.size() && kHostChar[static_cast<unsigned char>(authority[host_size])]) ++host_size;
    if (host_size == 0) return false;
  }
  if (host_size == authority.size()) return true;
  const std::string_view port = authority.substr(host_size + 1);
  return authority[host_size] == ':' && port.size() <= kPortDigitsMax && std::ranges::all_of(port, IsDigit);
}

void Http1Parser::Reset() {
  head_ = RequestHead{};
  framing_ = Http1Framing{};
  headers_.clear();
  host_.reset();
  base_ = nullptr;
  line_at_ = searched_ = 0;
  has_request_line_ = absolute_target_ = transfer_encoding_ = asked_close_ = asked_keep_alive_ = false;
  refusal_ = Http1Refusal::kNone;
}

// The buffer moved between two calls: the views follow it.
void Http1Parser::Rebase(char* base) {
  const auto move = [&](std::string_view& view) {
    const char* data = view.data();
    if (data != nullptr && data >= base_ && data <= base_ + searched_) view = {base + (data - base_), view.size()};
  };
  for (std::string_view* view : {&head_.method, &head_.target, &head_.path, &head_.query, &head_.authority}) {
    move(*view);
  }
  if (host_) move(*host_);
  for (HeaderView& header : headers_) {
    move(header.name);
    move(header.value);
  }
}

Http1Parser::State Http1Parser::Parse(std::span<char> bytes) {
  if (base_ != nullptr && base_ != bytes.data()) Rebase(bytes.data());
  base_ = bytes.data();
  char* const end = bytes.data() + bytes.size();
  for (;;) {
    char* const at = bytes.data() + line_at_;
    char* const search_from = bytes.data() + std::max(searched_, line_at_);
    auto* const line_feed = static_cast<char*>(memchr(search_from, '\n', static_cast<size_t>(end - search_from)));
    if (line_feed == nullptr) {
      searched_ = bytes.size();
      return CheckIncomplete(bytes.subspan(line_at_)) ? State::kIncomplete : State::kRefused;
    }
    const auto next_line = static_cast<size_t>(line_feed + 1 - bytes.data());
    if (next_line > limits_.head_bytes) {
      Refuse(has_request_line_ ? Http1Refusal::kHeadTooLarge : Http1Refusal::kTargetTooLong);
      return State::kRefused;
    }
    if (line_feed == at || line_feed[-1] != '\r') {
      Refuse(Http1Refusal::kBareLineFeed);
      return State::kRefused;
    }
    char* const line_end = line_feed - 1;
    bool fine = true;
    if (!has_request_line_) {
      // One empty line before the request is left over from some clients' last body (RFC 9112, section 2.2).
      if (line_end == at && line_at_ == 0) {
        line_at_ = next_line;
        continue;
      }
      fine = has_request_line_ = ParseRequestLine(at, line_end);
    } else if (line_end == at) {
      line_at_ = next_line;
      return FinishHead() ? State::kComplete : State::kRefused;
    } else {
      fine = ParseHeader(at, line_end);
    }
    if (!fine) return State::kRefused;
    line_at_ = next_line;
    searched_ = next_line;
  }
}

// Half a line: refused when it can no longer become a good one, so that garbage is not waited for.
bool Http1Parser::CheckIncomplete(std::span<const char> rest) {
  if (!has_request_line_) {
    const auto not_token = std::ranges::find_if(rest.first(std::min(rest.size(), kMethodMax + 1)),
                                                [](char c) { return TokenLower(c) == 0; });
    const bool may_be_empty_line = line_at_ == 0 && rest.size() == 1 && rest[0] == '\r';
    const auto method_size = static_cast<size_t>(not_token - rest.begin());
    if (method_size > kMethodMax) return Refuse(Http1Refusal::kMethodTooLong);
    if (method_size < rest.size() && (rest[method_size] != ' ' || method_size == 0) && !may_be_empty_line) {
      return Refuse(Http1Refusal::kRequestLine);
    }
    if (rest.size() > limits_.target_bytes + method_size + 1 + sizeof " HTTP/1.1\r") {
      return Refuse(Http1Refusal::kTargetTooLong);
    }
  }
  if (line_at_ + rest.size() >= limits_.head_bytes) return Refuse(Http1Refusal::kHeadTooLarge);
  return true;
}

bool Http1Parser::ParseRequestLine(char* at, char* end) {
  const char* const method = at;
  while (at < end && TokenLower(*at) != 0) ++at;
  head_.method = {method, static_cast<size_t>(at - method)};
  if (head_.method.size() > kMethodMax) return Refuse(Http1Refusal::kMethodTooLong);
  if (head_.method.empty() || at == end || *at != ' ') return Refuse(Http1Refusal::kRequestLine);
  const char* const target = ++at;
  while (at < end && IsTargetChar(*at)) ++at;
  const std::string_view target_view(target, static_cast<size_t>(at - target));
  if (target_view.size() > limits_.target_bytes) return Refuse(Http1Refusal::kTargetTooLong);
  if (target_view.empty() || at == end) return Refuse(Http1Refusal::kRequestLine);
  if (*at != ' ') return Refuse(Http1Refusal::kTarget);
  const std::string_view version(at + 1, static_cast<size_t>(end - at - 1));
  if (version.size() != 8 || !version.starts_with("HTTP/") || !IsDigit(version[5]) || version[6] != '.' ||
      !IsDigit(version[7])) {
    return Refuse(Http1Refusal::kRequestLine);
  }
  if (version[5] != '1') return Refuse(Http1Refusal::kVersion);
  // A higher minor version is answered as the highest one known (RFC 9110, section 2.5).
  if (version[7] > '1') head_.oddities |= kUnknownMinorVersion;
  head_.version = version[7] == '0' ? HttpVersion::kHttp10 : HttpVersion::kHttp11;
  if (head_.method == "CONNECT") return Refuse(Http1Refusal::kConnect);
  return ParseTarget(target_view);
}

bool Http1Parser::ParseTarget(std::string_view target) {
  if (target.front() != '/') {
    if (target == "*") {
      if (head_.method != "OPTIONS") return Refuse(Http1Refusal::kTarget);
      head_.target = head_.path = target;
      return true;
    }
    const size_t scheme_size = SchemeSize(target);
    return scheme_size == 0 ? Refuse(Http1Refusal::kTarget) : ParseAbsoluteTarget(target, scheme_size);
  }
  head_.target = target;
  const size_t mark = target.find('?');
  head_.has_query = mark != std::string_view::npos;
  head_.path = target.substr(0, mark);
  if (head_.has_query) head_.query = target.substr(mark + 1);
  return true;
}

bool Http1Parser::ParseAbsoluteTarget(std::string_view target, size_t scheme_size) {
  const std::string_view rest = target.substr(scheme_size);
  const size_t authority_size = std::min(rest.find_first_of("/?"), rest.size());
  head_.authority = rest.substr(0, authority_size);
  if (!IsAuthority(head_.authority)) return Refuse(Http1Refusal::kTarget);
  absolute_target_ = true;
  const std::string_view origin_form = rest.substr(authority_size);
  if (!origin_form.empty() && origin_form.front() == '/') return ParseTarget(origin_form);
  // Not by +=: g++ 12 then warns of copies beyond the address space (GCC bug 105329).
  rewritten_target_.assign(1, '/');
  rewritten_target_.append(origin_form.data(), origin_form.size());
  return ParseTarget(rewritten_target_);
}

bool Http1Parser::ParseHeader(char* at, char* end) {
  if (*at == ' ' || *at == '\t') return Refuse(Http1Refusal::kFoldedHeader);
  char* const name = at;
  for (; at < end; ++at) {
    const char lower = TokenLower(*at);
    if (lower == 0) break;
    *at = lower;
  }
  if (at == name || at == end || *at != ':') return Refuse(Http1Refusal::kHeaderName);
  const std::string_view name_view(name, static_cast<size_t>(at - name));
  ++at;
  if (!IsValue(at, static_cast<size_t>(end - at))) return Refuse(Http1Refusal::kHeaderValue);
  if (headers_.size() >= limits_.header_count) return Refuse(Http1Refusal::kTooManyHeaders);
  headers_.push_back({name_view, TrimBlanks({at, static_cast<size_t>(end - at)})});
  return Interpret(headers_.back());
}

bool Http1Parser::Interpret(const HeaderView& header) {
  // By length first: most headers are none of these and cost one comparison.
  switch (header.name.size()) {
    case 4:
      if (header.name == "host") return OnHost(header.value);
      break;
    case 6:
      if (header.name == "expect" && head_.version != HttpVersion::kHttp10) {
        if (!EqualsLower(header.value, "100-continue")) return Refuse(Http1Refusal::kExpectation);
        framing_.expects_continue = true;
      }
      break;
    case 10:
      if (header.name == "connection") OnConnection(header.value);
      break;
    case 14:
      if (header.name == "content-length") return OnContentLength(header.value);
      break;
    case 17:
      if (header.name == "transfer-encoding") return OnTransferEncoding(header.value);
      break;
    default:
      break;
  }
  return true;
}

bool Http1Parser::OnHost(std::string_view value) {
  if (host_ || !IsAuthority(value)) return Refuse(Http1Refusal::kHost);
  host_ = value;
  return true;
}

bool Http1Parser::OnContentLength(std::string_view value) {
  if (value.empty() || value.size() > kLengthDigitsMax || !std::ranges::all_of(value, IsDigit)) {
    return Refuse(Http1Refusal::kContentLength);
  }
  uint64_t length = 0;
  for (const char c : value) length = length * 10 + static_cast<uint64_t>(c - '0');
  if (head_.content_length) {
    if (*head_.content_length != length) return Refuse(Http1Refusal::kContentLength);
    return Tolerate(kLengthRepeated, Http1Refusal::kContentLength);
  }
  head_.content_length = length;
  return true;
}

bool Http1Parser::OnTransferEncoding(std::string_view value) {
  if (transfer_encoding_) return Refuse(Http1Refusal::kTransferEncoding);
  transfer_encoding_ = true;
  if (head_.version == HttpVersion::kHttp10 && !Tolerate(kCodingInHttp10, Http1Refusal::kTransferEncoding))
    return false;
  if (EqualsLower(value, "chunked")) {
    framing_.chunked = true;
    return true;
  }
  // Another coding with a proper end could be framed, only not decoded; anything else has no certain end.
  return Refuse(EndsChunkedOnce(value) ? Http1Refusal::kUnknownCoding : Http1Refusal::kTransferEncoding);
}

bool Http1Parser::Tolerate(HttpOddity oddity, Http1Refusal otherwise) {
  if (!limits_.tolerates_oddities) return Refuse(otherwise);
  head_.oddities |= oddity;
  return true;
}

void Http1Parser::OnConnection(std::string_view value) {
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = TrimBlanks(value.substr(0, comma));
    asked_close_ = asked_close_ || EqualsLower(option, "close");
    asked_keep_alive_ = asked_keep_alive_ || EqualsLower(option, "keep-alive");
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

bool Http1Parser::FinishHead() {
  if (transfer_encoding_ && head_.content_length) {
    if (!Tolerate(kLengthBesideCoding, Http1Refusal::kTransferEncoding)) return false;
    head_.content_length.reset();  // the coding wins (RFC 9112, section 6.3)
  }
  if (!host_ && head_.version != HttpVersion::kHttp10) return Refuse(Http1Refusal::kHost);
  if (!absolute_target_) {
    if (host_) head_.authority = *host_;
  } else if (host_ && !std::ranges::equal(*host_, head_.authority, [](char a, char b) {
               return a == b || (TokenLower(a) != 0 && TokenLower(a) == TokenLower(b));
             })) {
    // The target's authority would win (RFC 9112, section 3.2.2), and the Host header would then lie to whom it is
    // passed on.
    return Refuse(Http1Refusal::kHost);
  }
  head_.headers = headers_;
  head_.has_body = framing_.chunked || head_.content_length.value_or(0) > 0;
  const bool persistent = head_.version != HttpVersion::kHttp10 || asked_keep_alive_;
  // What an odd request's sender takes for its end is not certain.
  constexpr uint8_t kUnsureOfEnd = kLengthBesideCoding | kLengthRepeated | kCodingInHttp10;
  framing_.keep_alive = persistent && !asked_close_ && (head_.oddities & kUnsureOfEnd) == 0;
  framing_.expects_continue = framing_.expects_continue && head_.has_body;
  return true;
}

}  // namespace meetinity::net

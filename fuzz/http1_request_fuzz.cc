// A client's bytes, in pieces of any size: the same verdict and the same requests however they are cut, and never a
// request whose end two programs could see in different places. The first byte seeds the cuts.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/chunked.h"
#include "net/http1_parser.h"

namespace {

using meetinity::net::ChunkedDecoder;
using meetinity::net::HeaderView;
using meetinity::net::Http1Parser;
using meetinity::net::Http1ParserLimits;
using meetinity::net::HttpVersion;
using meetinity::net::RequestHead;

constexpr Http1ParserLimits kLimits{4'096, 1'024, 32};

// Sizes of the pieces, from a small generator: the same seed cuts the same way. Seed 0 does not cut.
class Cuts {
 public:
  explicit Cuts(uint32_t seed) : state_(seed) {}
  size_t Next(size_t left) {
    if (state_ == 0) return left;
    state_ = state_ * 1'664'525 + 1'013'904'223;
    return std::min<size_t>(left, 1 + (state_ >> 24) % 7);
  }

 private:
  uint32_t state_;
};

bool Within(std::string_view view, std::string_view bytes) {
  return view.empty() || (view.data() >= bytes.data() && view.data() + view.size() <= bytes.data() + bytes.size());
}

void CheckHead(const Http1Parser& parser, std::string_view bytes) {
  const RequestHead& head = parser.head();
  CHECK(!head.method.empty() && head.method != "CONNECT");
  CHECK(head.target == "*" ? head.method == "OPTIONS" : head.target.starts_with('/'));
  CHECK(head.target.size() <= kLimits.target_bytes + 1);
  CHECK(head.headers.size() <= kLimits.header_count && parser.head_size() <= kLimits.head_bytes);
  CHECK(head.target.size() == head.path.size() + head.query.size() + (head.has_query ? 1 : 0));
  CHECK(head.version == HttpVersion::kHttp10 || !head.authority.empty());
  size_t lengths = 0;
  size_t codings = 0;
  for (const HeaderView& header : head.headers) {
    CHECK(!header.name.empty() && Within(header.name, bytes) && Within(header.value, bytes));
    CHECK(std::ranges::none_of(header.name, [](char c) { return c <= ' ' || c == ':' || (c >= 'A' && c <= 'Z'); }));
    CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    lengths += header.name == "content-length" ? 1 : 0;
    codings += header.name == "transfer-encoding" ? 1 : 0;
  }
  // Who reads the headers again, behind us, must come to the same end of the body.
  CHECK(lengths + codings <= 1);
  CHECK(parser.framing().chunked == (codings == 1) && head.content_length.has_value() == (lengths == 1));
  CHECK(!parser.framing().chunked || head.version == HttpVersion::kHttp11);
}

// What the head says, to be compared.
std::string Describe(const Http1Parser& parser) {
  const RequestHead& head = parser.head();
  std::string text;
  for (const std::string_view part : {head.method, head.target, head.path, head.query, head.authority}) {
    text.append(part).append("\n");
  }
  for (const HeaderView& header : head.headers) text.append(header.name).append(":").append(header.value).append("\n");
  text += parser.framing().keep_alive ? "keep" : "close";
  text += parser.framing().expects_continue ? " continue" : "";
  return text;
}

struct Requests {
  std::string seen;      // every head and body
  bool refused = false;  // and with this status
  int status = 0;
  size_t consumed = 0;  // up to the end of the last whole request
};

// Reads requests one behind the other, as a connection does.
class Reader {
 public:
  Reader(std::string_view bytes, uint32_t seed) : bytes_(bytes), cuts_(seed) {}

  Requests Read() {
    while (ReadHead() && ReadBody()) requests_.consumed = at_;
    return requests_;
  }

 private:
  bool ReadHead() {
    if (at_ == bytes_.size()) return false;
    Http1Parser parser(kLimits);
    std::string head;
    for (;;) {
      const size_t left = bytes_.size() - at_ - head.size();
      if (left == 0) return false;
      // Another buffer each time, as when a connection's moves. What was read stays as the parser has left it.
      std::string moved = head;
      moved.append(bytes_.substr(at_ + head.size(), cuts_.Next(left)));
      const auto state = parser.Parse(moved);
      head.swap(moved);
      if (state == Http1Parser::State::kIncomplete) continue;
      if (state == Http1Parser::State::kRefused) return Refuse(StatusOf(parser.refusal()));
      CheckHead(parser, head);
      requests_.seen += Describe(parser);
      chunked_ = parser.framing().chunked;
      length_ = parser.head().content_length.value_or(0);
      at_ += parser.head_size();
      return true;
    }
  }

  bool ReadBody() {
    if (!chunked_) {
      if (length_ > bytes_.size() - at_) return false;
      requests_.seen.append(bytes_.substr(at_, static_cast<size_t>(length_)));
      at_ += static_cast<size_t>(length_);
      return true;
    }
    ChunkedDecoder decoder;
    while (at_ < bytes_.size()) {
      const std::string piece(bytes_.substr(at_, cuts_.Next(bytes_.size() - at_)));
      const ChunkedDecoder::Step step = decoder.Next(piece);
      CHECK(step.consumed <= piece.size());
      CHECK(step.consumed > 0 || step.state != ChunkedDecoder::State::kMore);
      requests_.seen.append(step.data);
      at_ += step.consumed;
      if (step.state == ChunkedDecoder::State::kBroken) return Refuse(400);
      if (step.state == ChunkedDecoder::State::kEnd) return true;
    }
    return false;
  }

  bool Refuse(int status) {
    CHECK(status >= 400 && status <= 505);
    requests_.refused = true;
    requests_.status = status;
    return false;
  }

  const std::string_view bytes_;
  Cuts cuts_;
  Requests requests_;
  size_t at_ = 0;
  uint64_t length_ = 0;
  bool chunked_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Requests whole = Reader(bytes, 0).Read();
  const Requests cut = Reader(bytes, static_cast<uint32_t>(data[0]) + 1).Read();
  CHECK(whole.consumed == cut.consumed);
  CHECK(whole.seen == cut.seen);
  // Half a line may be refused before what would be wrong with the whole of it is known, for another reason; but never
  // is anything accepted one way that is refused another.
  CHECK(whole.refused == cut.refused);
  return 0;
}

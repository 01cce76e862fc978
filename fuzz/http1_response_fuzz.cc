// A server's bytes, in pieces of any size: the same outcome however they are cut, and never a body whose end two
// programs could see in different places. The first byte seeds the cuts, its lowest bit says whether HEAD was asked.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/chunked.h"
#include "net/http1_response_parser.h"

namespace {

using meetinity::net::ChunkedDecoder;
using meetinity::net::Http1ResponseParser;
using State = Http1ResponseParser::State;

constexpr size_t kHeadBytesMax = 4'096;

struct Outcome {
  State state = State::kIncomplete;
  size_t head_size = 0;
  int status = 0;
  size_t headers = 0;
  std::string body;
  ChunkedDecoder::State body_state = ChunkedDecoder::State::kMore;
  bool operator==(const Outcome&) const = default;
};

Outcome Refused() {
  Outcome outcome;
  outcome.state = State::kRefused;
  return outcome;
}

// Sizes of the pieces, from a small generator: the same seed cuts the same way.
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

void CheckHead(const Http1ResponseParser& parser) {
  CHECK(parser.status() >= 100 && parser.status() <= 599);
  for (const auto& header : parser.headers()) {
    CHECK(!header.name.empty());
    CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
  using Framing = Http1ResponseParser::Framing;
  if (parser.framing() == Framing::kChunked) CHECK(!parser.content_length());
  if (parser.framing() == Framing::kLength) CHECK(parser.content_length().value_or(0) > 0);
  if (parser.framing() == Framing::kUntilClose) CHECK(!parser.keep_alive());
}

Outcome Read(std::string_view bytes, bool to_head, uint32_t seed) {
  Http1ResponseParser parser(kHeadBytesMax);
  ChunkedDecoder chunks;
  Cuts cuts(seed);
  Outcome outcome;
  while (!bytes.empty() && outcome.state == State::kIncomplete) {
    const std::string piece(bytes.substr(0, cuts.Next(bytes.size())));
    size_t consumed = 0;
    outcome.state = parser.Parse(piece, to_head, consumed);
    if (outcome.state == State::kRefused) {
      CHECK(!parser.refusal().empty());
      return Refused();
    }
    CHECK(consumed <= piece.size() && consumed > 0);
    bytes.remove_prefix(consumed);
    outcome.head_size += consumed;
  }
  if (outcome.state != State::kComplete) return outcome;
  CheckHead(parser);
  outcome.status = parser.status();
  outcome.headers = parser.headers().size();
  if (parser.framing() != Http1ResponseParser::Framing::kChunked) return outcome;
  while (!bytes.empty() && outcome.body_state == ChunkedDecoder::State::kMore) {
    const std::string piece(bytes.substr(0, cuts.Next(bytes.size())));
    const ChunkedDecoder::Step step = chunks.Next(piece);
    CHECK(step.consumed <= piece.size());
    CHECK(step.consumed > 0 || step.state != ChunkedDecoder::State::kMore);
    outcome.body += step.data;
    outcome.body_state = step.state;
    bytes.remove_prefix(step.consumed);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool to_head = (data[0] & 1) != 0;
  const Outcome whole = Read(bytes, to_head, 0);
  const Outcome cut = Read(bytes, to_head, static_cast<uint32_t>(data[0]) + 1);
  // A head beyond its bound is noticed sooner or later, depending on the cuts, and so is what is no HTTP at all; what
  // was accepted is the same.
  if (whole.state == State::kComplete || cut.state == State::kComplete) CHECK(whole == cut);
  return 0;
}

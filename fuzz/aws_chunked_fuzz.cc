// Any body is unwrapped or refused by name; never more bytes than were promised; and the verdict, the data and the
// trailers do not depend on how the network splits it. The first byte says which kind of upload and where to split.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/aws_chunked.h"

namespace {

using namespace meetinity;
using namespace meetinity::wire;

struct Outcome {
  std::string error, data;
  AwsChunkedDecoder::Trailers trailers;
  bool operator==(const Outcome&) const = default;
};

Outcome Decode(PayloadKind kind, uint64_t promised, std::string_view body, size_t piece_max) {
  Outcome outcome;
  ChunkedUpload upload{kind, promised, {"x-amz-checksum-crc32"}, {}};
  upload.signing = {std::string(32, 'k'), "20240101T030005Z", "20240101/eu-west-1/s3/aws4_request", "seed"};
  AwsChunkedDecoder decoder(std::move(upload), [&](std::string_view data) -> Status {
    outcome.data += data;
    return {};
  });
  Status status;
  for (size_t at = 0; status.ok() && at < body.size(); at += piece_max) {
    status = decoder.Push(body.substr(at, piece_max));
  }
  if (status.ok()) status = decoder.End();
  CHECK(outcome.data.size() <= promised);
  if (status.ok()) {
    CHECK(outcome.data.size() == promised);
    outcome.trailers = decoder.trailers();
    return outcome;
  }
  // What passed on before the refusal differs with the split, and is thrown away.
  CHECK(!status.error().name.empty());
  return {std::string(status.error().name), {}, {}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr PayloadKind kKinds[] = {PayloadKind::kStreamingUnsignedTrailer, PayloadKind::kStreamingSigned,
                                    PayloadKind::kStreamingSignedTrailer};
  const PayloadKind kind = kKinds[data[0] % 3];
  const size_t piece_max = 1 + data[0] / 3;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const uint64_t promised = kind == PayloadKind::kStreamingUnsignedTrailer ? 11 : 100'000;
  CHECK(Decode(kind, promised, body, piece_max) == Decode(kind, promised, body, std::max<size_t>(1, body.size())));
  return 0;
}

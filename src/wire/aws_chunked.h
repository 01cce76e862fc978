#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "wire/sigv4.h"

namespace meetinity::wire {

// What signs the chunks: each signature covers the one before it, beginning with the request's own.
struct ChunkSigning {
  std::string signing_key;  // 32 raw bytes; a secret
  std::string amz_date;
  std::string scope;
  std::string seed_signature;
};

// What the head promised of an aws-chunked body.
struct ChunkedUpload {
  PayloadKind kind = PayloadKind::kStreamingUnsignedTrailer;
  uint64_t decoded_length = 0;             // x-amz-decoded-content-length
  std::vector<std::string> trailer_names;  // of x-amz-trailer, lower case
  ChunkSigning signing;                    // for the signed kinds
};

// Longer than any chunk header ("5368709120" in hex, the extension's name and a signature) and little enough to refuse
// a client that sends no line end early.
inline constexpr size_t kChunkHeaderMax = 256;
// A checksum's name and value, or a signature: under 200 bytes.
inline constexpr size_t kTrailerLineMax = 1024;
// Every trailer that S3 knows, once, and the signature.
inline constexpr size_t kTrailersMax = 16;
// S3's rule for signed chunks, except the last.
inline constexpr uint64_t kSignedChunkMin = 8192;

// Unwraps the body of a streamed S3 upload (S3 API Reference, pages "Signature Calculations for the Authorization
// Header: Transferring Payload in Multiple Chunks" and "… Including Trailing Headers").
//
// Bytes are pushed as they come, split anywhere, and data goes to `sink` without being gathered: a chunk's signature is
// checked at its end, when part of it has passed on. That is sound only because what sink keeps is not made visible
// before End() has agreed. The first error is final. One thread at a time.
class AwsChunkedDecoder {
 public:
  using Sink = std::function<Status(std::string_view data)>;
  using Trailers = std::vector<std::pair<std::string, std::string>>;  // lower-case name, value

  AwsChunkedDecoder(ChunkedUpload upload, Sink sink);

  // Refuses with InvalidChunkSizeError, SignatureDoesNotMatch, IncompleteBody, MalformedTrailerError or InvalidRequest,
  // or passes on sink's refusal.
  Status Push(std::string_view bytes);
  // At the body's end: IncompleteBody unless the last chunk, its trailers and every promised byte were seen.
  Status End() const;

  const Trailers& trailers() const { return trailers_; }
  uint64_t decoded() const { return decoded_; }

 private:
  enum class State { kHeader, kData, kDataEnd, kTrailer, kDone };

  bool signs() const { return upload_.kind != PayloadKind::kStreamingUnsignedTrailer; }
  bool allows_trailers() const { return upload_.kind != PayloadKind::kStreamingSigned; }
  // Moves a whole line from `bytes` (and what was kept before) to `line`; false when more is needed.
  Result<bool> TakeLine(std::string_view& bytes, size_t line_max, std::string& line);
  Status OnHeader(std::string_view line);
  Status OnData(std::string_view& bytes);
  Status OnChunkEnd();
  Status OnTrailer(std::string_view line);
  Status OnTrailersEnd();
  Status CheckSignature(std::string_view kind, std::string_view hashes, std::string_view provided);

  ChunkedUpload upload_;
  Sink sink_;
  State state_ = State::kHeader;
  std::string partial_;  // of a line that is split over pushes
  uint64_t chunk_size_ = 0;
  uint64_t chunk_left_ = 0;
  uint64_t decoded_ = 0;
  uint64_t chunks_ = 0;
  std::string chunk_signature_;
  std::string previous_signature_;
  std::optional<Digest> chunk_hash_;
  Trailers trailers_;
  std::string trailer_signature_;
};

}  // namespace meetinity::wire

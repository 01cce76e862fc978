#include "wire/aws_chunked.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "wire/canonical_request.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kSignatureExtension = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

Error Malformed(std::string detail) {
  return Error{Kind::kInvalid, kInvalidRequest, "The aws-chunked body is malformed: " + std::move(detail)};
}

Error Incomplete(std::string detail) { return Error{Kind::kInvalid, kIncompleteBodyError, std::move(detail)}; }

// Sixteen digits at most, so that nothing overflows.
std::optional<uint64_t> ParseHex(std::string_view text) {
  if (text.empty() || text.size() > 16) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<uint64_t>(digit);
  }
  return value;
}

}  // namespace

AwsChunkedDecoder::AwsChunkedDecoder(ChunkedUpload upload, Sink sink)
    : upload_(std::move(upload)), sink_(std::move(sink)), previous_signature_(upload_.signing.seed_signature) {}

Status AwsChunkedDecoder::Push(std::string_view bytes) {
  std::string line;
  while (!bytes.empty()) {
    switch (state_) {
      case State::kHeader:
        if (TRY(TakeLine(bytes, kChunkHeaderMax, line))) TRY(OnHeader(line));
        break;
      case State::kData:
        TRY(OnData(bytes));
        break;
      case State::kDataEnd:
        if (!TRY(TakeLine(bytes, 2, line))) break;
        if (!line.empty()) return Malformed("a chunk is longer than its header says");
        TRY(OnChunkEnd());
        state_ = State::kHeader;
        break;
      case State::kTrailer:
        if (!TRY(TakeLine(bytes, kTrailerLineMax, line))) break;
        if (!line.empty()) {
          TRY(OnTrailer(line));
        } else {
          TRY(OnTrailersEnd());
          state_ = State::kDone;
        }
        break;
      case State::kDone:
        return Malformed("bytes follow the last chunk");
    }
  }
  return {};
}

Status AwsChunkedDecoder::End() const {
  if (state_ != State::kDone) return Incomplete("The request body terminated unexpectedly");
  return {};
}

Result<bool> AwsChunkedDecoder::TakeLine(std::string_view& bytes, size_t line_max, std::string& line) {
  const size_t newline = bytes.find('\n');
  const size_t taken = newline == std::string_view::npos ? bytes.size() : newline + 1;
  if (partial_.size() + taken > line_max) return Malformed("a line is too long");
  partial_.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  // A trailer's value may itself end in a line feed, before the line's own CR LF: the SDKs that follow S3's published
  // example to the letter send it so. Everywhere else only CR LF ends a line.
  if (newline == std::string_view::npos || !partial_.ends_with("\r\n")) {
    if (newline != std::string_view::npos && state_ != State::kTrailer) return Malformed("a line ends without CR LF");
    return false;
  }
  partial_.resize(partial_.size() - 2);
  line.clear();
  line.swap(partial_);
  return true;
}

Status AwsChunkedDecoder::OnHeader(std::string_view line) {
  const size_t semicolon = std::min(line.find(';'), line.size());
  const auto size = ParseHex(line.substr(0, semicolon));
  if (!size) return Malformed("a chunk begins with its size in hexadecimal");
  std::string_view extension = line.substr(std::min(semicolon + 1, line.size()));
  chunk_signature_.clear();
  if (signs()) {
    if (!extension.starts_with(kSignatureExtension)) return Malformed("a signed chunk carries chunk-signature");
    chunk_signature_ = extension.substr(kSignatureExtension.size());
    chunk_hash_.emplace(DigestAlgorithm::kSha256);
  }
  if (*size > upload_.decoded_length - decoded_) {
    return Incomplete("The body holds more than the " + std::to_string(upload_.decoded_length) +
                      " bytes that x-amz-decoded-content-length promised");
  }
  if (signs() && *size > 0 && chunks_ > 0 && chunk_size_ < kSignedChunkMin) {
    return Error{Kind::kUnauthorized, kInvalidChunkSizeError,
                 "Only the last chunk is allowed to have a size less than 8192 bytes"}
        .With("Chunk", std::to_string(chunks_))
        .With("BadChunkSize", std::to_string(chunk_size_));
  }
  chunk_size_ = chunk_left_ = *size;
  ++chunks_;
  if (*size > 0) {
    state_ = State::kData;
    return {};
  }
  if (decoded_ != upload_.decoded_length) {
    return Incomplete("The body holds " + std::to_string(decoded_) + " of the " +
                      std::to_string(upload_.decoded_length) + " bytes that x-amz-decoded-content-length promised");
  }
  TRY(OnChunkEnd());
  state_ = State::kTrailer;
  return {};
}

Status AwsChunkedDecoder::OnData(std::string_view& bytes) {
  const std::string_view data = bytes.substr(0, static_cast<size_t>(std::min<uint64_t>(chunk_left_, bytes.size())));
  bytes.remove_prefix(data.size());
  chunk_left_ -= data.size();
  decoded_ += data.size();
  if (chunk_hash_) chunk_hash_->Update(data);
  TRY(sink_(data));
  if (chunk_left_ == 0) state_ = State::kDataEnd;
  return {};
}

Status AwsChunkedDecoder::OnChunkEnd() {
  if (!signs()) return {};
  // The hash of nothing stands where a chunk's own headers would be.
  std::string hashes(kEmptySha256);
  hashes.append("\n").append(HexEncode(chunk_hash_->Finish()));
  chunk_hash_.reset();
  return CheckSignature("AWS4-HMAC-SHA256-PAYLOAD", hashes, chunk_signature_);
}

Status AwsChunkedDecoder::OnTrailer(std::string_view line) {
  if (!allows_trailers()) return Malformed("trailers were not announced by x-amz-content-sha256");
  if (trailers_.size() >= kTrailersMax) return Malformed("too many trailers");
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Malformed("a trailer is written name:value");
  const std::string name = ToLower(Trim(line.substr(0, colon)));
  std::string_view value = line.substr(colon + 1);
  if (value.ends_with('\n')) value.remove_suffix(1);
  value = Trim(value);
  if (!trailer_signature_.empty()) return Malformed("x-amz-trailer-signature comes last");
  if (signs() && name == kTrailerSignature) {
    trailer_signature_ = value;
    return {};
  }
  const auto& names = upload_.trailer_names;
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return Error{Kind::kInvalid, kMalformedTrailerError,
                 "The request contained trailing data that was not well-formed or did not conform to our published "
                 "schema: '" +
                     name + "' is not named in x-amz-trailer"};
  }
  for (const auto& trailer : trailers_) {
    if (trailer.first == name) return Malformed("trailer '" + name + "' comes twice");
  }
  trailers_.emplace_back(name, value);
  return {};
}

Status AwsChunkedDecoder::OnTrailersEnd() {
  if (upload_.kind != PayloadKind::kStreamingSignedTrailer) return {};
  std::string lines;
  for (const auto& [name, value] : trailers_) lines.append(name).append(":").append(value).append("\n");
  return CheckSignature("AWS4-HMAC-SHA256-TRAILER", HexEncode(Sha256(lines)), trailer_signature_);
}

Status AwsChunkedDecoder::CheckSignature(std::string_view kind, std::string_view hashes, std::string_view provided) {
  std::string text;
  text.reserve(384);
  text.append(kind).append("\n").append(upload_.signing.amz_date).append("\n").append(upload_.signing.scope);
  text.append("\n").append(previous_signature_).append("\n").append(hashes);
  std::string expected = SignatureOf(upload_.signing.signing_key, text);
  if (!ConstantTimeEqual(expected, provided)) {
    return Error{Kind::kUnauthorized, kSignatureDoesNotMatch,
                 "The request signature we calculated does not match the signature you provided. Check your key and "
                 "signing method."}
        .With("StringToSign", std::move(text))
        .With("SignatureProvided", std::string(provided));
  }
  previous_signature_ = std::move(expected);
  return {};
}

}  // namespace meetinity::wire

#include "wire/body_verifier.h"

#include "base/bytes.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

Error TooLarge(uint64_t size) {
  return Error{Kind::kInvalid, kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size"}
      .With("ProposedSize", std::to_string(size))
      .With("MaxSizeAllowed", std::to_string(kUploadMax));
}

Error Incomplete() {
  return Error{Kind::kInvalid, kIncompleteBodyError,
               "You did not provide the number of bytes specified by the Content-Length HTTP header"};
}

}  // namespace

BodyVerifier::BodyVerifier(BodyPlan plan, BodyUse use, Sink sink)
    : plan_(std::move(plan)), use_(use), sink_(std::move(sink)) {
  if (plan_.is_chunked()) {
    decoder_.emplace(plan_.chunked, [this](std::string_view content) { return OnContent(content); });
  }
  if (use_ == BodyUse::kStored || !plan_.content_md5.empty()) md5_.emplace(DigestAlgorithm::kMd5);
  std::optional<DigestAlgorithm> algorithm;
  if (plan_.checksum) {
    algorithm = plan_.checksum->algorithm;
  } else if (use_ == BodyUse::kStored) {
    algorithm = DigestAlgorithm::kCrc64Nvme;
  }
  const bool hashed = plan_.payload == PayloadKind::kHashed && !plan_.payload_sha256.empty();
  if (hashed || algorithm == DigestAlgorithm::kSha256) sha256_.emplace(DigestAlgorithm::kSha256);
  if (algorithm && algorithm != DigestAlgorithm::kSha256) checksum_.emplace(*algorithm);
}

Status BodyVerifier::Push(std::string_view bytes) { return decoder_ ? decoder_->Push(bytes) : OnContent(bytes); }

Status BodyVerifier::OnContent(std::string_view content) {
  size_ += content.size();
  if (size_ > kUploadMax) return TooLarge(size_);
  if (plan_.length && size_ > *plan_.length) return Incomplete();
  if (md5_) md5_->Update(content);
  if (sha256_) sha256_->Update(content);
  if (checksum_) checksum_->Update(content);
  return sink_(content);
}

Result<BodyDigests> BodyVerifier::Finish() {
  if (decoder_) TRY(decoder_->End());
  if (plan_.length && size_ != *plan_.length) return Incomplete();

  BodyDigests digests;
  digests.size = size_;
  const std::string sha256 = sha256_ ? sha256_->Finish() : std::string();
  TRY(CheckPayloadHash(sha256));
  if (md5_) digests.md5 = md5_->Finish();
  TRY(CheckContentMd5(digests.md5));

  if (plan_.checksum) {
    const std::string declared = TRY(DeclaredChecksumValue());
    std::string computed = checksum_ ? checksum_->Finish() : sha256;
    if (declared != computed) {
      return Error{
          Kind::kInvalid, kBadDigest,
          "The " + std::string(plan_.checksum->name) + " you specified did not match the calculated checksum."};
    }
    digests.checksums.emplace(plan_.checksum->name, std::move(computed));
    digests.client_sent_checksum = true;
  } else if (checksum_) {
    digests.checksums.emplace("CRC64NVME", checksum_->Finish());
  }
  return digests;
}

Status BodyVerifier::CheckContentMd5(const std::string& md5) const {
  if (plan_.content_md5.empty() || plan_.content_md5 == md5) return {};
  return Error{Kind::kInvalid, kBadDigest, "The Content-MD5 you specified did not match what we received."}
      .With("ExpectedDigest", Base64Encode(plan_.content_md5))
      .With("CalculatedDigest", Base64Encode(md5));
}

Status BodyVerifier::CheckPayloadHash(const std::string& sha256) const {
  if (plan_.payload != PayloadKind::kHashed || plan_.payload_sha256.empty()) return {};
  const std::string computed = HexEncode(sha256);
  if (computed == plan_.payload_sha256) return {};
  return Error{Kind::kInvalid, kXAmzContentSha256Mismatch,
               "The provided 'x-amz-content-sha256' header does not match what was computed."}
      .With("ClientComputedContentSHA256", plan_.payload_sha256)
      .With("S3ComputedContentSHA256", computed);
}

Result<std::string> BodyVerifier::DeclaredChecksumValue() const {
  if (!plan_.checksum->in_trailer) return plan_.checksum->value;
  const std::string& header = plan_.checksum->header;
  if (decoder_) {
    for (const auto& [name, value] : decoder_->trailers()) {
      if (name != header) continue;
      Result<std::string> raw = Base64Decode(value);
      if (raw.ok() && raw->size() == FindChecksumByHeader(header)->size) return raw;
      return Error{Kind::kInvalid, kInvalidRequest, "Value for " + header + " trailing header is invalid."};
    }
  }
  return Error{Kind::kInvalid, kMalformedTrailerError,
               "The request contained trailing data that was not well-formed or did not conform to our published "
               "schema: '" +
                   header + "' was announced and did not come"};
}

}  // namespace meetinity::wire

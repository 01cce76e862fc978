#include "wire/body_plan.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/text.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";

constexpr std::array kAlgorithms = {
    ChecksumAlgorithm{"CRC32", "x-amz-checksum-crc32", DigestAlgorithm::kCrc32, 4},
    ChecksumAlgorithm{"CRC32C", "x-amz-checksum-crc32c", DigestAlgorithm::kCrc32c, 4},
    ChecksumAlgorithm{"CRC64NVME", "x-amz-checksum-crc64nvme", DigestAlgorithm::kCrc64Nvme, 8},
    ChecksumAlgorithm{"SHA1", "x-amz-checksum-sha1", DigestAlgorithm::kSha1, 20},
    ChecksumAlgorithm{"SHA256", "x-amz-checksum-sha256", DigestAlgorithm::kSha256, 32},
};

Error Invalid(std::string detail) { return Error{Kind::kInvalid, kInvalidRequest, std::move(detail)}; }

// Headers that share the prefix and are no checksum.
bool IsChecksumSetting(std::string_view header) {
  return header == "x-amz-checksum-algorithm" || header == "x-amz-checksum-mode" || header == "x-amz-checksum-type";
}

Result<const ChecksumAlgorithm*> GetAlgorithm(std::string_view header) {
  const ChecksumAlgorithm* const algorithm = FindChecksumByHeader(header);
  if (algorithm == nullptr) {
    return Error{
        Kind::kUnsupported, kNotImplemented,
        "The checksum " + std::string(header) + " is not served; use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256"};
  }
  return algorithm;
}

Status AddHeaderChecksum(const net::HeaderView& header, BodyPlan& plan) {
  const ChecksumAlgorithm& algorithm = *TRY(GetAlgorithm(header.name));
  if (plan.checksum) {
    return Invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  Result<std::string> raw = Base64Decode(header.value);
  if (!raw.ok() || raw->size() != algorithm.size) {
    return Invalid("Value for " + std::string(header.name) + " header is invalid.");
  }
  plan.checksum =
      DeclaredChecksum{algorithm.algorithm, algorithm.name, std::string(header.name), std::move(*raw), false};
  return {};
}

Status AddTrailers(std::string_view names, BodyPlan& plan) {
  for (const std::string_view piece : Split(names, ',')) {
    const std::string name = ToLower(Trim(piece));
    if (name.empty()) continue;
    if (!name.starts_with(kChecksumPrefix) || IsChecksumSetting(name)) {
      return Invalid("The value specified in the x-amz-trailer header is not supported");
    }
    const ChecksumAlgorithm& algorithm = *TRY(GetAlgorithm(name));
    if (plan.checksum) {
      return Invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    plan.checksum = DeclaredChecksum{algorithm.algorithm, algorithm.name, name, {}, true};
    plan.chunked.trailer_names.push_back(name);
  }
  return {};
}

Status ReadChecksums(const net::RequestHead& request, BodyPlan& plan) {
  for (const net::HeaderView& header : request.headers) {
    if (header.name.starts_with(kChecksumPrefix) && !IsChecksumSetting(header.name)) {
      TRY(AddHeaderChecksum(header, plan));
    }
  }
  if (const auto names = request.Find("x-amz-trailer")) TRY(AddTrailers(*names, plan));
  const auto announced = request.Find("x-amz-sdk-checksum-algorithm");
  if (!announced) return {};
  if (!plan.checksum) {
    return Invalid(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were "
        "found.");
  }
  if (!EqualsIgnoreCase(*announced, plan.checksum->name)) {
    return Invalid("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  return {};
}

Status ReadContentMd5(const net::RequestHead& request, BodyPlan& plan) {
  const auto header = request.Find("content-md5");
  if (!header) return {};
  Result<std::string> raw = Base64Decode(*header);
  if (!raw.ok() || raw->size() != 16) {
    return Error{Kind::kInvalid, kInvalidDigest, "The Content-MD5 you specified was invalid."}.With(
        "Content-MD5", std::string(*header));
  }
  plan.content_md5 = std::move(*raw);
  return {};
}

// An anonymous sender may still frame and hash the body; only a signature it cannot have made.
Status ReadAnonymousPayload(const net::RequestHead& request, BodyPlan& plan) {
  const std::string_view value = request.Find("x-amz-content-sha256").value_or("");
  if (value.empty() || value == "UNSIGNED-PAYLOAD") return {};
  if (value == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    plan.payload = PayloadKind::kStreamingUnsignedTrailer;
  } else if (value.starts_with("STREAMING-")) {
    return Invalid("A request without a signature cannot carry signed chunks.");
  } else {
    plan.payload = PayloadKind::kHashed;
    plan.payload_sha256 = ToLower(value);
  }
  return {};
}

Error MissingLength() {
  return Error{Kind::kInvalid, kMissingContentLength, "You must provide the Content-Length HTTP header."};
}

Status ReadLength(const net::RequestHead& request, BodyPlan& plan) {
  plan.length = request.content_length;
  if (plan.is_chunked()) {
    const auto header = request.Find("x-amz-decoded-content-length");
    if (!header) return MissingLength();
    plan.length = ParseUnsigned(*header);
    if (!plan.length) return Invalid("x-amz-decoded-content-length is not a number of bytes.");
    plan.chunked.decoded_length = *plan.length;
  }
  if (plan.length.value_or(0) > kUploadMax) {
    return Error{Kind::kInvalid, kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size"}
        .With("ProposedSize", std::to_string(*plan.length))
        .With("MaxSizeAllowed", std::to_string(kUploadMax));
  }
  return {};
}

}  // namespace

const ChecksumAlgorithm* FindChecksumByHeader(std::string_view header) {
  const auto* const found =
      std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                   [&](const ChecksumAlgorithm& algorithm) { return algorithm.header == header; });
  return found == kAlgorithms.end() ? nullptr : found;
}

Result<BodyPlan> PlanBody(const net::RequestHead& request, const SignedClaim* claim, const Verified* verified) {
  BodyPlan plan;
  if (verified == nullptr) {
    TRY(ReadAnonymousPayload(request, plan));
  } else {
    plan.payload = verified->payload;
    plan.payload_sha256 = verified->payload_hash;
    plan.chunked.signing = {verified->signing_key, claim->amz_date, claim->scope.ToString(), verified->signature};
  }
  plan.chunked.kind = plan.payload;
  TRY(ReadLength(request, plan));
  TRY(ReadContentMd5(request, plan));
  TRY(ReadChecksums(request, plan));
  return plan;
}

Status RequireLength(const net::RequestHead& request) {
  if (request.content_length || request.has_body) return {};
  return MissingLength();
}

}  // namespace meetinity::wire

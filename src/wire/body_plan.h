#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "net/http.h"
#include "wire/aws_chunked.h"
#include "wire/sigv4.h"

namespace meetinity::wire {

// The largest object that one PUT, and the largest part that one UploadPart may carry (S3 User Guide, "Multipart
// upload limits").
inline constexpr uint64_t kUploadMax = uint64_t{5} << 30;

// A checksum that the client declared: its value in a header, or announced by x-amz-trailer to follow the body.
struct DeclaredChecksum {
  DigestAlgorithm algorithm = DigestAlgorithm::kCrc64Nvme;
  std::string_view name;  // "CRC32", as StagedBody::checksums calls it
  std::string header;     // "x-amz-checksum-crc32"
  std::string value;      // raw; empty when a trailer brings it
  bool in_trailer = false;
};

// What a request's head promises of its body, parsed once; BodyVerifier holds the bytes against it.
struct BodyPlan {
  PayloadKind payload = PayloadKind::kUnsigned;
  std::string payload_sha256;      // lower-case hex, for kHashed; empty: not to be checked
  std::optional<uint64_t> length;  // of the content, after aws-chunked is unwrapped
  std::string content_md5;         // raw; empty when the client sent none
  std::optional<DeclaredChecksum> checksum;
  ChunkedUpload chunked;  // for the streaming kinds

  bool is_chunked() const { return payload != PayloadKind::kHashed && payload != PayloadKind::kUnsigned; }
};

// `claim` and `verified` are null for an anonymous request. Refuses what S3 refuses before it reads a byte:
// InvalidDigest, InvalidRequest, MissingContentLength, EntityTooLarge, NotImplemented (a checksum that is not served).
Result<BodyPlan> PlanBody(const net::RequestHead& request, const SignedClaim* claim, const Verified* verified);

// An upload says how long it is, or sends it in chunks: 411 MissingContentLength else.
Status RequireLength(const net::RequestHead& request);

// The checksum algorithm of "x-amz-checksum-crc32"; null when there is none served of that name.
struct ChecksumAlgorithm {
  std::string_view name, header;
  DigestAlgorithm algorithm;
  size_t size;  // raw bytes
};
const ChecksumAlgorithm* FindChecksumByHeader(std::string_view header);

}  // namespace meetinity::wire

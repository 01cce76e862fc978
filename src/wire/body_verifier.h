#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "wire/aws_chunked.h"
#include "wire/body_plan.h"

namespace meetinity::wire {

struct BodyDigests {
  uint64_t size = 0;
  std::string md5;                               // raw; empty unless asked for
  std::map<std::string, std::string> checksums;  // raw, by S3's name
  bool client_sent_checksum = false;
};

enum class BodyUse {
  kStored,  // an object: its MD5 becomes the ETag, and a checksum is kept even when the client sent none
  kParsed,  // a document: only what the client declared is computed
};

// Holds a body against its plan while it passes through: unwraps aws-chunked, counts, and digests. What `sink` was
// given counts only once Finish has agreed. One thread at a time.
class BodyVerifier {
 public:
  using Sink = std::function<Status(std::string_view content)>;

  BodyVerifier(BodyPlan plan, BodyUse use, Sink sink);
  BodyVerifier(const BodyVerifier&) = delete;
  BodyVerifier& operator=(const BodyVerifier&) = delete;

  Status Push(std::string_view bytes);  // as they came over the wire
  // At the body's end; refuses with IncompleteBody, BadDigest, XAmzContentSHA256Mismatch, InvalidRequest.
  Result<BodyDigests> Finish();

 private:
  Status OnContent(std::string_view content);
  Status CheckContentMd5(const std::string& md5) const;
  Status CheckPayloadHash(const std::string& sha256) const;
  Result<std::string> DeclaredChecksumValue() const;

  BodyPlan plan_;
  BodyUse use_;
  Sink sink_;
  uint64_t size_ = 0;
  std::optional<AwsChunkedDecoder> decoder_;
  std::optional<Digest> md5_;
  std::optional<Digest> sha256_;    // of the payload hash, and of a SHA256 checksum: one pass for both
  std::optional<Digest> checksum_;  // any other
};

}  // namespace meetinity::wire

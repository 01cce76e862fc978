#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "net/http.h"
#include "store/blob_store.h"

namespace meetinity::wire {

// A streamed request body (S3's PutObject, UploadPart), received in full, durable in the blob store and verified
// before its handler runs: length, Content-MD5, x-amz-content-sha256, chunk signatures, checksum headers and trailers.
// The handler references `blob` in its transaction, or lets it go; what no record names is removed.
struct StagedBody {
  store::BlobId blob;
  uint64_t size = 0;
  std::string md5;  // raw bytes
  // Raw digests by S3's algorithm name ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"): what the client sent and we
  // verified, or CRC64NVME, computed by us, when it sent none.
  std::map<std::string, std::string> checksums;
  bool client_sent_checksum = false;

  // True once a committed record names the blob; else the owner of this struct removes it. Set by Keep().
  void Keep() { kept = true; }
  bool kept = false;
};
using StagedBodyPtr = std::shared_ptr<StagedBody>;

// A streamed answer: some bytes in memory, or a range of a blob.
struct BlobRange {
  std::shared_ptr<const store::BlobReader> reader;
  uint64_t offset = 0;
  uint64_t length = 0;
};
using StreamedBody = std::variant<std::string, std::vector<BlobRange>>;

}  // namespace meetinity::wire

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/s3/state.h"
#include "base/digest.h"
#include "base/result.h"

// ETags and checksums (S3 User Guide, "Checking object integrity").
namespace meetinity::s3 {

inline constexpr std::string_view kFullObject = "FULL_OBJECT";
inline constexpr std::string_view kComposite = "COMPOSITE";
// What S3 computes itself when a client names no algorithm.
inline constexpr std::string_view kDefaultAlgorithm = "CRC64NVME";

std::optional<DigestAlgorithm> ToDigestAlgorithm(std::string_view checksum_algorithm);

// hex(MD5(the parts' MD5s, one after the other))-N, without quotes. Each of `part_etags` is hex.
Result<std::string> MultipartEtag(const std::vector<std::string>& part_etags);

// The type that an upload in parts gets for `algorithm`, when it asks for `requested` or for none. Refuses what S3 does
// not offer: a composite CRC64NVME, a SHA over the whole object.
Result<std::string> MultipartChecksumType(std::string_view algorithm, const std::optional<std::string>& requested);

struct PartChecksum {
  std::string value;  // base64
  uint64_t size = 0;
};
// Of the whole object, from its parts': a digest of digests with "-N", or CRCs joined as if computed in one go.
Result<StoredChecksum> CombineChecksums(const StoredChecksum& declared, const std::vector<PartChecksum>& parts);

// The CRC of two runs of bytes from each one's, without the bytes. Raw big-endian values, as Digest makes them.
std::string CombineCrcs(DigestAlgorithm algorithm, std::string_view first, std::string_view second,
                        uint64_t second_length);

}  // namespace meetinity::s3

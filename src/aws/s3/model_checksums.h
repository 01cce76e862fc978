#pragma once

#include <optional>
#include <string>
#include <utility>

#include "aws/s3/errors.h"
#include "aws/s3/state.h"
#include "base/result.h"

// The model spells a checksum as one member for each algorithm, on a dozen structures.
namespace meetinity::s3 {

// The member of `shape` for an algorithm that is computed here; null for the others.
template <class Shape>
auto ChecksumMember(Shape& shape, std::string_view algorithm) -> decltype(&shape.checksum_crc32) {
  if (algorithm == "CRC32") return &shape.checksum_crc32;
  if (algorithm == "CRC32C") return &shape.checksum_crc32_c;
  if (algorithm == "CRC64NVME") return &shape.checksum_crc64_nvme;
  if (algorithm == "SHA1") return &shape.checksum_sha1;
  if (algorithm == "SHA256") return &shape.checksum_sha256;
  return nullptr;
}

template <class Shape>
void SetChecksum(Shape& shape, const StoredChecksum& checksum) {
  if (auto* member = ChecksumMember(shape, checksum.algorithm)) *member = checksum.value;
  if constexpr (requires { shape.checksum_type; })
    if (!checksum.algorithm.empty()) shape.checksum_type = checksum.type;
}

// What a client says about bytes that it does not send along: algorithm and base64.
template <class Shape>
std::optional<std::pair<std::string, std::string>> GivenChecksum(const Shape& shape) {
  for (std::string_view algorithm : {"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"})
    if (const auto* member = ChecksumMember(shape, algorithm); *member) return {{std::string(algorithm), **member}};
  return std::nullopt;
}

}  // namespace meetinity::s3

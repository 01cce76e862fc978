#include "aws/s3/checksums.h"

#include <fmt/format.h>

#include "aws/s3/errors.h"
#include "base/bytes.h"
#include "base/text.h"

namespace meetinity::s3 {
namespace {

template <class Word>
constexpr Word kTopBit = Word{1} << (sizeof(Word) * 8 - 1);

// Polynomials over GF(2), bits reflected as the CRCs here have them: the top bit is x^0.
template <class Word>
Word MultiplyModulo(Word a, Word b, Word modulus) {
  Word product = 0;
  for (Word bit = kTopBit<Word>; bit != 0; bit = static_cast<Word>(bit >> 1)) {
    if (a & bit) product ^= b;
    b = static_cast<Word>((b & 1) ? (b >> 1) ^ modulus : b >> 1);
  }
  return product;
}

// Appending n bytes to what a CRC covers multiplies it by x^(8n); the initial and final inversions cancel out.
template <class Word>
Word CombineWords(Word first, Word second, uint64_t second_length, Word modulus) {
  Word shift = kTopBit<Word>;                          // x^0
  Word power = static_cast<Word>(kTopBit<Word> >> 8);  // x^8, then its squares
  for (uint64_t rest = second_length; rest != 0; rest >>= 1) {
    if (rest & 1) shift = MultiplyModulo(shift, power, modulus);
    power = MultiplyModulo(power, power, modulus);
  }
  return MultiplyModulo(shift, first, modulus) ^ second;
}

template <class Word>
Word ReadBigEndian(std::string_view bytes) {
  Word word = 0;
  for (char byte : bytes.substr(0, sizeof(Word))) word = static_cast<Word>((word << 8) | static_cast<uint8_t>(byte));
  return word;
}

template <class Word>
std::string WriteBigEndian(Word word) {
  std::string bytes(sizeof(Word), '\0');
  for (size_t i = sizeof(Word); i-- > 0; word = static_cast<Word>(word >> 8)) bytes[i] = static_cast<char>(word & 0xFF);
  return bytes;
}

template <class Word>
std::string Combine(std::string_view first, std::string_view second, uint64_t second_length, Word modulus) {
  return WriteBigEndian(CombineWords(ReadBigEndian<Word>(first), ReadBigEndian<Word>(second), second_length, modulus));
}

constexpr uint32_t kCrc32Polynomial = 0xEDB8'8320;
constexpr uint32_t kCrc32cPolynomial = 0x82F6'3B78;
constexpr uint64_t kCrc64NvmePolynomial = 0x9A6C'9329'AC4B'C9B5;

bool IsCrc(std::string_view algorithm) { return algorithm.starts_with("CRC"); }

}  // namespace

std::optional<DigestAlgorithm> ToDigestAlgorithm(std::string_view algorithm) {
  if (algorithm == "CRC32") return DigestAlgorithm::kCrc32;
  if (algorithm == "CRC32C") return DigestAlgorithm::kCrc32c;
  if (algorithm == "CRC64NVME") return DigestAlgorithm::kCrc64Nvme;
  if (algorithm == "SHA1") return DigestAlgorithm::kSha1;
  if (algorithm == "SHA256") return DigestAlgorithm::kSha256;
  return std::nullopt;
}

Result<std::string> MultipartEtag(const std::vector<std::string>& part_etags) {
  std::string digests;
  for (const std::string& etag : part_etags) digests += TRY(HexDecode(etag));
  return fmt::format("{}-{}", HexEncode(Md5(digests)), part_etags.size());
}

Result<std::string> MultipartChecksumType(std::string_view algorithm, const std::optional<std::string>& requested) {
  const bool full_only = algorithm == kDefaultAlgorithm;
  const std::string type = requested.value_or(std::string(full_only ? kFullObject : kComposite));
  const bool offered = type == kFullObject ? IsCrc(algorithm) : type == kComposite && !full_only;
  if (offered) return type;
  return Error{
      Kind::kInvalid, kInvalidRequest,
      fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.", type, ToLower(algorithm))};
}

std::string CombineCrcs(DigestAlgorithm algorithm, std::string_view first, std::string_view second,
                        uint64_t second_length) {
  switch (algorithm) {
    case DigestAlgorithm::kCrc32:
      return Combine<uint32_t>(first, second, second_length, kCrc32Polynomial);
    case DigestAlgorithm::kCrc32c:
      return Combine<uint32_t>(first, second, second_length, kCrc32cPolynomial);
    default:
      CHECK(algorithm == DigestAlgorithm::kCrc64Nvme);
      return Combine<uint64_t>(first, second, second_length, kCrc64NvmePolynomial);
  }
}

Result<StoredChecksum> CombineChecksums(const StoredChecksum& declared, const std::vector<PartChecksum>& parts) {
  const std::optional<DigestAlgorithm> algorithm = ToDigestAlgorithm(declared.algorithm);
  if (!algorithm || parts.empty()) return Internal("nothing to combine a checksum from");
  StoredChecksum combined = declared;
  if (declared.type == kComposite) {
    Digest digest(*algorithm);
    for (const PartChecksum& part : parts) digest.Update(TRY(Base64Decode(part.value)));
    combined.value = fmt::format("{}-{}", Base64Encode(digest.Finish()), parts.size());
    return combined;
  }
  std::string crc = TRY(Base64Decode(parts.front().value));
  for (size_t i = 1; i < parts.size(); ++i)
    crc = CombineCrcs(*algorithm, crc, TRY(Base64Decode(parts[i].value)), parts[i].size);
  combined.value = Base64Encode(crc);
  return combined;
}

}  // namespace meetinity::s3

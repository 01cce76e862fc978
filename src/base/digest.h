#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace meetinity {

enum class DigestAlgorithm { kMd5, kSha1, kSha256, kCrc32, kCrc32c, kCrc64Nvme };

// An incremental digest. Finish() returns the raw bytes, CRCs big-endian as S3 writes them, and may be called once.
class Digest {
 public:
  explicit Digest(DigestAlgorithm algorithm);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void Update(std::string_view bytes);
  std::string Finish();
  DigestAlgorithm algorithm() const { return algorithm_; }

 private:
  struct State;
  DigestAlgorithm algorithm_;
  std::unique_ptr<State> state_;
};

std::string Sha256(std::string_view bytes);                              // 32 raw bytes
std::string Md5(std::string_view bytes);                                 // 16 raw bytes
std::string HmacSha1(std::string_view key, std::string_view message);    // 20 raw bytes
std::string HmacSha256(std::string_view key, std::string_view message);  // 32 raw bytes

uint32_t Crc32(uint32_t crc, std::string_view bytes);      // ISO-HDLC; start with 0
uint32_t Crc32c(uint32_t crc, std::string_view bytes);     // Castagnoli; start with 0
uint64_t Crc64Nvme(uint64_t crc, std::string_view bytes);  // NVM Express; start with 0

}  // namespace meetinity

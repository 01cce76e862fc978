#include "base/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace meetinity {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;

Context NewContext() {
  Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  CHECK(context != nullptr);
  return context;
}

// Fetched once and kept: OpenSSL 3 looks an algorithm up by name through locks, which costs more than hashing a
// short message does.
const EVP_MD* Fetch(const char* name) {
  EVP_MD* const md = EVP_MD_fetch(nullptr, name, nullptr);
  CHECK(md != nullptr);
  return md;
}

const EVP_MD* HashOf(DigestAlgorithm algorithm) {
  static const EVP_MD* const md5 = Fetch("MD5");
  static const EVP_MD* const sha1 = Fetch("SHA1");
  static const EVP_MD* const sha256 = Fetch("SHA256");
  switch (algorithm) {
    case DigestAlgorithm::kMd5:
      return md5;
    case DigestAlgorithm::kSha1:
      return sha1;
    case DigestAlgorithm::kSha256:
      return sha256;
    case DigestAlgorithm::kCrc32:
    case DigestAlgorithm::kCrc32c:
    case DigestAlgorithm::kCrc64Nvme:
      return nullptr;
  }
  return nullptr;
}

// Kept per thread, because allocating one takes longer than hashing a short message.
EVP_MD_CTX* ThreadContext() {
  thread_local const Context context = NewContext();
  return context.get();
}

size_t Hash(DigestAlgorithm algorithm, std::string_view first, std::string_view second, unsigned char* out) {
  EVP_MD_CTX* const context = ThreadContext();
  unsigned int size = 0;
  CHECK(EVP_DigestInit_ex2(context, HashOf(algorithm), nullptr) == 1 &&
        EVP_DigestUpdate(context, first.data(), first.size()) == 1 &&
        EVP_DigestUpdate(context, second.data(), second.size()) == 1 && EVP_DigestFinal_ex(context, out, &size) == 1);
  return size;
}

std::string HashText(DigestAlgorithm algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  return {reinterpret_cast<const char*>(out.data()), Hash(algorithm, bytes, {}, out.data())};
}

// RFC 2104 over the plain hash: EVP_MAC builds and frees two contexts a call, and SigV4 makes five calls a request.
// For the hashes of 64-byte blocks: SHA-1 and SHA-256.
std::string Hmac(DigestAlgorithm algorithm, std::string_view key, std::string_view message) {
  constexpr size_t kBlock = 64;
  std::array<unsigned char, kBlock> block{};
  if (key.size() > kBlock) {
    Hash(algorithm, key, {}, block.data());
  } else {
    key.copy(reinterpret_cast<char*>(block.data()), key.size());
  }
  const auto pad_with = [](std::array<unsigned char, kBlock> pad, unsigned char with) {
    for (unsigned char& byte : pad) byte = static_cast<unsigned char>(byte ^ with);
    return pad;
  };
  const auto text = [](const unsigned char* bytes, size_t size) {
    return std::string_view(reinterpret_cast<const char*>(bytes), size);
  };
  std::array<unsigned char, 32> inner, outer;
  const size_t size = Hash(algorithm, text(pad_with(block, 0x36).data(), kBlock), message, inner.data());
  Hash(algorithm, text(pad_with(block, 0x5c).data(), kBlock), text(inner.data(), size), outer.data());
  return std::string(text(outer.data(), size));
}

std::string BigEndian(uint64_t value, size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)) & 0xff);
  return text;
}

}  // namespace

struct Digest::State {
  Context hash{nullptr, &EVP_MD_CTX_free};  // null for a CRC
  uint64_t crc = 0;
};

Digest::Digest(DigestAlgorithm algorithm) : algorithm_(algorithm), state_(std::make_unique<State>()) {
  const EVP_MD* const md = HashOf(algorithm);
  if (md == nullptr) return;
  state_->hash = NewContext();
  CHECK(EVP_DigestInit_ex2(state_->hash.get(), md, nullptr) == 1);
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::Update(std::string_view bytes) {
  CHECK(state_ != nullptr);
  if (state_->hash != nullptr) {
    CHECK(EVP_DigestUpdate(state_->hash.get(), bytes.data(), bytes.size()) == 1);
    return;
  }
  if (algorithm_ == DigestAlgorithm::kCrc32) state_->crc = Crc32(static_cast<uint32_t>(state_->crc), bytes);
  if (algorithm_ == DigestAlgorithm::kCrc32c) state_->crc = Crc32c(static_cast<uint32_t>(state_->crc), bytes);
  if (algorithm_ == DigestAlgorithm::kCrc64Nvme) state_->crc = Crc64Nvme(state_->crc, bytes);
}

std::string Digest::Finish() {
  CHECK(state_ != nullptr);  // a second Finish would answer with another message's digest
  const std::unique_ptr<State> state = std::move(state_);
  if (state->hash == nullptr) return BigEndian(state->crc, algorithm_ == DigestAlgorithm::kCrc64Nvme ? 8 : 4);
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned int size = 0;
  CHECK(EVP_DigestFinal_ex(state->hash.get(), out.data(), &size) == 1);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string Sha256(std::string_view bytes) { return HashText(DigestAlgorithm::kSha256, bytes); }

std::string Md5(std::string_view bytes) { return HashText(DigestAlgorithm::kMd5, bytes); }

std::string HmacSha1(std::string_view key, std::string_view message) {
  return Hmac(DigestAlgorithm::kSha1, key, message);
}

std::string HmacSha256(std::string_view key, std::string_view message) {
  return Hmac(DigestAlgorithm::kSha256, key, message);
}

}  // namespace meetinity

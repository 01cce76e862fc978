#include "store/blob_cipher.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/digest.h"
#include "base/log.h"
#include "store/files.h"

namespace meetinity::store {
namespace {

constexpr size_t kNonceBytes = 12;  // what NIST SP 800-38D recommends for GCM

// A nonce numbers chunks with 32 bits, so this is where a run ends; far above S3's 5 TB.
constexpr uint64_t kChunksMax = uint64_t{1} << 32;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

enum class Direction { kOpen = 0, kSeal = 1 };

// One a thread and direction: making a context costs more than sealing a small chunk, and spreading a key over its
// tables nearly as much. Most blobs of a moment are of one pack, and so of one key.
struct KeyedContext {
  Context context;
  std::array<unsigned char, kMasterKeyBytes> key{};
  bool has_key = false;

  KeyedContext() = default;
  ~KeyedContext() { OPENSSL_cleanse(key.data(), key.size()); }
  KeyedContext(const KeyedContext&) = delete;
  KeyedContext& operator=(const KeyedContext&) = delete;
};

EVP_CIPHER_CTX* ContextOf(Direction direction, const std::string& key) {
  thread_local std::array<KeyedContext, 2> contexts;
  KeyedContext& keyed = contexts[static_cast<size_t>(direction)];
  CHECK(key.size() == keyed.key.size());
  const int encrypts = static_cast<int>(direction);
  if (!keyed.context) {
    keyed.context.reset(EVP_CIPHER_CTX_new());
    const bool made = keyed.context && EVP_CipherInit_ex(keyed.context.get(), EVP_aes_256_gcm(), nullptr, nullptr,
                                                         nullptr, encrypts) == 1;
    if (!made) keyed.context.reset();
  }
  if (!keyed.context || (keyed.has_key && std::memcmp(keyed.key.data(), key.data(), key.size()) == 0)) {
    return keyed.context.get();
  }
  std::memcpy(keyed.key.data(), key.data(), key.size());
  keyed.has_key = EVP_CipherInit_ex(keyed.context.get(), nullptr, nullptr, keyed.key.data(), nullptr, encrypts) == 1;
  return keyed.has_key ? keyed.context.get() : nullptr;
}

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Key, nonce and authenticated data are in; what remains is the text itself.
bool Begin(EVP_CIPHER_CTX* context, const ChunkPlace& at, Direction direction) {
  std::array<unsigned char, kNonceBytes> nonce{};
  for (size_t i = 0; i < 8; ++i) nonce[i] = static_cast<unsigned char>(at.place >> (56 - 8 * i));
  for (size_t i = 0; i < 4; ++i) nonce[8 + i] = static_cast<unsigned char>(at.index >> (24 - 8 * i));
  const unsigned char last = at.last ? 1 : 0;
  int length = 0;
  return context != nullptr &&
         EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce.data(), static_cast<int>(direction)) == 1 &&
         EVP_CipherUpdate(context, nullptr, &length, &last, 1) == 1;
}

Status ReadAll(int file, uint64_t offset, std::string& bytes) {
  for (size_t filled = 0; filled < bytes.size();) {
    const ssize_t got = PositionedRead(file, bytes.data() + filled, bytes.size() - filled, offset + filled);
    if (got < 0) return SystemError("reading a blob", errno);
    if (got == 0) return Internal("it is shorter than it was: something else changes the data directory");
    filled += static_cast<size_t>(got);
  }
  return {};
}

// Whoever streams it can only close the connection, so what happened is said here.
Error Damaged(std::string_view name, uint64_t offset, const Error& cause) {
  Log(LogLevel::kError, "store", "blob {} is damaged near byte {}: {}", name, offset, cause.detail);
  return Internal(fmt::format("blob {} is damaged: {}", name, cause.detail));
}

uint64_t ChunksOf(uint64_t plain_bytes) { return std::max<uint64_t>(1, (plain_bytes + kChunkBytes - 1) / kChunkBytes); }

// Read at once: large enough that the system calls do not show, small enough for every reader at the same time.
constexpr uint64_t kChunksAtOnce = 16;

// The bytes of [offset, offset + size of `out`), all of which are there.
Status OpenRange(const BlobCipher& cipher, const SealedRun& run, uint64_t offset, std::string& out) {
  const uint64_t chunks = ChunksOf(run.plain_bytes);
  const uint64_t sealed_bytes = SealedSize(run.plain_bytes);
  const uint64_t end = offset + out.size();
  std::string sealed, scratch;
  for (uint64_t first = offset / kChunkBytes; first * kChunkBytes < end; first += kChunksAtOnce) {
    const uint64_t beyond = std::min(first + kChunksAtOnce, (end + kChunkBytes - 1) / kChunkBytes);
    const uint64_t sealed_from = first * (kChunkBytes + kTagBytes);
    sealed.resize(static_cast<size_t>(std::min(beyond * (kChunkBytes + kTagBytes), sealed_bytes) - sealed_from));
    TRY(ReadAll(run.file, run.file_offset + sealed_from, sealed));
    std::string_view rest = sealed;
    for (uint64_t index = first; index < beyond; ++index) {
      const std::string_view chunk = rest.substr(0, kChunkBytes + kTagBytes);
      rest.remove_prefix(chunk.size());
      const ChunkPlace at{run.place, static_cast<uint32_t>(index), index + 1 == chunks};
      const uint64_t chunk_from = index * kChunkBytes, chunk_end = chunk_from + chunk.size() - kTagBytes;
      if (chunk_from >= offset && chunk_end <= end) {
        TRY(cipher.Open(at, chunk, out.data() + (chunk_from - offset)));
        continue;
      }
      scratch.resize(chunk.size());
      TRY(cipher.Open(at, chunk, scratch.data()));
      const uint64_t from = std::max(offset, chunk_from), to = std::min(end, chunk_end);
      std::copy_n(scratch.data() + (from - chunk_from), to - from, out.data() + (from - offset));
    }
  }
  return {};
}

}  // namespace

uint64_t SealedSize(uint64_t plain_bytes) { return plain_bytes + ChunksOf(plain_bytes) * kTagBytes; }

Result<uint64_t> PlainSize(uint64_t sealed_bytes) {
  const uint64_t whole = sealed_bytes / (kChunkBytes + kTagBytes);
  const uint64_t rest = sealed_bytes % (kChunkBytes + kTagBytes);
  // A rest is a last chunk of its own; only when it is the first may it be empty.
  const bool possible = rest == 0 ? whole > 0 : rest > kTagBytes || (rest == kTagBytes && whole == 0);
  if (!possible || whole >= kChunksMax) {
    return Internal(fmt::format("{} bytes cannot be what was written", sealed_bytes));
  }
  return whole * kChunkBytes + (rest == 0 ? 0 : rest - kTagBytes);
}

BlobCipher::BlobCipher(std::string_view master_key, std::string_view salt, std::string_view purpose) {
  std::string extracted = HmacSha256(salt, master_key);
  key_ = HmacSha256(extracted, std::string(purpose) + '\x01');
  OPENSSL_cleanse(extracted.data(), extracted.size());
}

BlobCipher::~BlobCipher() { OPENSSL_cleanse(key_.data(), key_.size()); }

Status BlobCipher::Seal(const ChunkPlace& at, std::string_view plain, std::string& out) const {
  CHECK(plain.size() <= kChunkBytes);
  const size_t from = out.size();
  out.resize(from + plain.size() + kTagBytes);
  auto* const text = reinterpret_cast<unsigned char*>(out.data() + from);
  EVP_CIPHER_CTX* const context = ContextOf(Direction::kSeal, key_);
  int length = 0;
  if (!Begin(context, at, Direction::kSeal) ||
      EVP_CipherUpdate(context, text, &length, Bytes(plain), static_cast<int>(plain.size())) != 1 ||
      EVP_CipherFinal_ex(context, text + plain.size(), &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes, text + plain.size()) != 1) {
    return Internal("AES-256-GCM failed");
  }
  return {};
}

Status BlobCipher::Open(const ChunkPlace& at, std::string_view sealed, char* plain) const {
  if (sealed.size() < kTagBytes) return Internal("a chunk is shorter than its tag");
  const std::string_view text = sealed.substr(0, sealed.size() - kTagBytes);
  std::array<char, kTagBytes> tag{};
  std::copy_n(sealed.data() + text.size(), kTagBytes, tag.data());
  EVP_CIPHER_CTX* const context = ContextOf(Direction::kOpen, key_);
  auto* const out = reinterpret_cast<unsigned char*>(plain);
  int length = 0;
  if (!Begin(context, at, Direction::kOpen) ||
      EVP_CipherUpdate(context, out, &length, Bytes(text), static_cast<int>(text.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1) {
    return Internal("AES-256-GCM failed");
  }
  if (EVP_CipherFinal_ex(context, out + text.size(), &length) == 1) return {};
  return Internal(fmt::format("chunk {} is not what was written", at.index));
}

Status SealRun(const BlobCipher& cipher, uint64_t place, std::string_view plain, std::string& out) {
  const uint64_t chunks = ChunksOf(plain.size());
  out.reserve(out.size() + SealedSize(plain.size()));
  for (uint64_t index = 0; index < chunks; ++index) {
    const std::string_view chunk = plain.substr(static_cast<size_t>(index) * kChunkBytes, kChunkBytes);
    TRY(cipher.Seal({place, static_cast<uint32_t>(index), index + 1 == chunks}, chunk, out));
  }
  return {};
}

Result<std::string> ReadSealedRun(const BlobCipher& cipher, const SealedRun& run, uint64_t offset, size_t max,
                                  std::string_view name) {
  if (offset >= run.plain_bytes) return std::string();
  std::string out(static_cast<size_t>(std::min<uint64_t>(max, run.plain_bytes - offset)), '\0');
  const Status read = OpenRange(cipher, run, offset, out);
  if (read.ok()) return out;
  return Damaged(name, offset, read.error());
}

Result<std::string> OpenSealedChunk(const BlobCipher& cipher, uint64_t place, std::string_view sealed,
                                    std::string_view name) {
  CHECK(sealed.size() >= kTagBytes && sealed.size() <= kChunkBytes + kTagBytes);
  std::string out(sealed.size() - kTagBytes, '\0');
  const Status opened = cipher.Open({place, 0, true}, sealed, out.data());
  if (opened.ok()) return out;
  return Damaged(name, 0, opened.error());
}

}  // namespace meetinity::store

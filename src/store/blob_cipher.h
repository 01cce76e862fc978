#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity::store {

// Encryption at rest: AES-256-GCM over chunks, so that a range is read without what lies before it, and every byte that
// is given out was authenticated first.
//
// A chunk's nonce is made of the place it belongs to and its number within it, and whether it is the last one is
// authenticated with it: chunks that are swapped, left out or cut off at the end do not open. Sealed, a chunk is its
// ciphertext and a tag of kTagBytes. Nothing at all is one empty chunk.
inline constexpr size_t kChunkBytes = 64 * 1024;  // a tag costs 0.02 %, and a small range decrypts little for nothing
inline constexpr size_t kTagBytes = 16;
inline constexpr size_t kSaltBytes = 32;
inline constexpr size_t kMasterKeyBytes = 32;

uint64_t SealedSize(uint64_t plain_bytes);
// Refuses (internal) what no run of chunks can be long.
Result<uint64_t> PlainSize(uint64_t sealed_bytes);

struct ChunkPlace {
  uint64_t place = 0;  // never twice under one key
  uint32_t index = 0;
  bool last = false;
};

// One key, derived by HKDF-SHA256 (RFC 5869) from the master key; a random salt makes it different from every other.
// Thread-safe.
class BlobCipher {
 public:
  // `purpose` keeps the keys of different kinds of file apart.
  BlobCipher(std::string_view master_key, std::string_view salt, std::string_view purpose);
  ~BlobCipher();
  BlobCipher(const BlobCipher&) = delete;
  BlobCipher& operator=(const BlobCipher&) = delete;

  // Appends the sealed chunk to `out`. `plain` is at most kChunkBytes.
  Status Seal(const ChunkPlace& at, std::string_view plain, std::string& out) const;
  // Writes sealed.size() - kTagBytes bytes to `plain`; internal when the chunk is not what Seal made for this place.
  Status Open(const ChunkPlace& at, std::string_view sealed, char* plain) const;

 private:
  std::string key_;
};

// Appends all of `plain`, chunk by chunk, as the run that belongs to `place`.
Status SealRun(const BlobCipher& cipher, uint64_t place, std::string_view plain, std::string& out);

// A sealed run within an open file.
struct SealedRun {
  int file = -1;
  uint64_t file_offset = 0;
  uint64_t plain_bytes = 0;
  uint64_t place = 0;
};

// Reads and opens the chunks that hold the range; fewer bytes only at the end. Internal, and logged with `name`, when
// the bytes on the disk are not those that were written.
Result<std::string> ReadSealedRun(const BlobCipher& cipher, const SealedRun& run, uint64_t offset, size_t max,
                                  std::string_view name);

// All of a run that is one chunk, `sealed`, read already; as ReadSealedRun.
Result<std::string> OpenSealedChunk(const BlobCipher& cipher, uint64_t place, std::string_view sealed,
                                    std::string_view name);

}  // namespace meetinity::store

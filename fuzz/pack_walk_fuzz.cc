// Any bytes are a pack that a crash left: what the walk gives out is well-formed, in order and within the file, and
// nothing is read as a blob unless the cipher vouches for it.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "store/blob_cipher.h"
#include "store/blob_id.h"
#include "store/files.h"
#include "store/pack_format.h"

namespace {

// Which pack the bytes are walked as; the corpus has its records.
constexpr uint64_t kPack = 7;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace meetinity::store;  // NOLINT: a program of its own
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const FileDescriptor file(::memfd_create("pack", MFD_CLOEXEC));
  CHECK(file.valid());
  CHECK(WriteAllAt(file.get(), std::string(kPackRecordsFrom, '\0'), 0).ok());
  CHECK(WriteAllAt(file.get(), bytes, kPackRecordsFrom).ok());
  const uint64_t end = kPackRecordsFrom + size;
  const BlobCipher cipher(std::string(kMasterKeyBytes, 'k'), std::string(kSaltBytes, 's'), "fuzz");
  uint64_t next = kPackRecordsFrom;
  const auto walk = WalkPack(file.get(), kPack, [&](const PackPlace& place) -> meetinity::Status {
    CHECK(place.pack == kPack && place.offset >= next && place.offset % kPackQuantum == 0);
    CHECK(place.length <= kPackedBytesMax);
    next = place.offset + PackRecordBytes(place.length);
    CHECK(place.offset + kPackRecordHeaderBytes + SealedSize(place.length) <= end);
    CHECK(ParsePackedBlobId(PackedBlobId(place)) == place);
    std::string chunk(std::min<size_t>(place.length, kChunkBytes) + kTagBytes, '\0'), plain(chunk.size(), '\0');
    CHECK(PositionedRead(file.get(), chunk.data(), chunk.size(), place.offset + kPackRecordHeaderBytes) >= 0);
    CHECK(!cipher.Open({place.offset, 0, place.length <= kChunkBytes}, chunk, plain.data()).ok());
    return {};
  });
  CHECK(walk.ok() && walk->end <= end && (walk->whole || walk->end < end));
  (void)ParsePackedBlobId(bytes);
  (void)PlainSize(size);
  return 0;
}

#include "aws/s3/extents.h"

#include <algorithm>

namespace meetinity::s3 {
namespace {

// Large enough that the system calls do not show beside the digests, small enough for every worker at once.
constexpr size_t kReadBytes = 1 << 20;

}  // namespace

Status AddReferences(store::Tx& tx, store::BlobStore& blobs, const Extents& extents) {
  for (const Extent& extent : extents) {
    // Most are new; a copy's are not.
    if (TRY(tx.InsertIfNew(BlobReferences{extent.blob, 1}))) {
      blobs.CommitWith(tx, extent.blob);
      continue;
    }
    const std::optional<BlobReferences> known = TRY(tx.Find<BlobReferences>(extent.blob));
    CHECK(known);
    TRY(tx.Put(BlobReferences{extent.blob, known->references + 1}));
  }
  return {};
}

Status DropReferences(store::Tx& tx, store::BlobStore& blobs, const Extents& extents) {
  for (const Extent& extent : extents) {
    // Most have no other.
    if (TRY(tx.DeleteWhere<BlobReferences>("id = ? AND references_to_it <= 1", {extent.blob.text})) == 0) {
      const std::optional<BlobReferences> known = TRY(tx.Find<BlobReferences>(extent.blob));
      if (known) TRY(tx.Put(BlobReferences{extent.blob, known->references - 1}));
      if (known) continue;
    }
    tx.OnCommit([&blobs, blob = extent.blob] { blobs.Remove(blob); });
  }
  return {};
}

Extents Slice(const Extents& extents, uint64_t offset, uint64_t length) {
  Extents slice;
  for (const Extent& extent : extents) {
    if (length == 0) break;
    if (offset >= extent.length) {
      offset -= extent.length;
      continue;
    }
    const uint64_t taken = std::min(extent.length - offset, length);
    slice.push_back({extent.blob, extent.offset + offset, taken});
    length -= taken;
    offset = 0;
  }
  CHECK(length == 0);
  return slice;
}

Result<std::vector<wire::BlobRange>> OpenExtents(const store::BlobStore& blobs, const Extents& extents, uint64_t offset,
                                                 uint64_t length) {
  std::vector<wire::BlobRange> ranges;
  for (const Extent& extent : Slice(extents, offset, length))
    ranges.push_back({TRY(blobs.OpenBlob(extent.blob)), extent.offset, extent.length});
  return ranges;
}

Result<std::vector<std::string>> DigestsOf(const store::BlobStore& blobs, const Extents& extents,
                                           const std::vector<DigestAlgorithm>& algorithms) {
  std::vector<Digest> digests(algorithms.begin(), algorithms.end());
  for (const Extent& extent : extents) {
    const std::shared_ptr<const store::BlobReader> reader = TRY(blobs.OpenBlob(extent.blob));
    for (uint64_t done = 0; done < extent.length;) {
      const size_t wanted = static_cast<size_t>(std::min<uint64_t>(kReadBytes, extent.length - done));
      const std::string bytes = TRY(reader->Read(extent.offset + done, wanted));
      if (bytes.size() != wanted) return Internal("a blob is shorter than its record says");
      for (Digest& digest : digests) digest.Update(bytes);
      done += wanted;
    }
  }
  std::vector<std::string> values;
  values.reserve(digests.size());
  for (Digest& digest : digests) values.push_back(digest.Finish());
  return values;
}

}  // namespace meetinity::s3

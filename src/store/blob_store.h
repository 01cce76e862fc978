#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/column_codec.h"
#include "store/errors.h"

namespace meetinity::store {

class Tx;

// Names one immutable run of bytes in a BlobStore, and tells the store where they are; letters and digits.
struct BlobId {
  std::string text;
  bool operator==(const BlobId&) const = default;
};

// So that a record names its blob in its own type.
template <>
struct ColumnCodec<BlobId> {
  static Value Encode(const BlobId& id) { return id.text; }
  static Result<BlobId> Decode(Value&& value) {
    return BlobId{TRY(ColumnCodec<std::string>::Decode(std::move(value)))};
  }
};

// A blob being written. Bytes wait in memory up to kPackedBytesMax, and go to a temporary file past that; dropped
// unsealed, nothing remains. One thread at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Status Append(std::string_view bytes) = 0;  // kDiskFull, or internal
  virtual uint64_t size() const = 0;
  // Names the bytes, which can be read from now on. Call once, last. They are sure to outlive a crash of the machine
  // when a transaction commits that was told of them (BlobStore::CommitWith). A blob that no committed record
  // references is swept after the next start.
  virtual Result<BlobId> Seal() = 0;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual uint64_t size() const = 0;
  // Fewer bytes only at the end; thread-safe. Internal when what is on the disk is not what was written, which the
  // blob's authentication tells: wrong bytes are never given out. (Plain blobs of older programs have none.)
  virtual Result<std::string> Read(uint64_t offset, size_t max) const = 0;
};

// Which blobs Sweep judges.
enum class SweepOf {
  kEarlierRuns,  // while requests are served: nobody is about to name a blob that an earlier process wrote
  kEverything,   // while none is under way
};

// Immutable byte runs, encrypted at rest and durable before they are named: small ones packed together in files that
// grow (pack_format.h), each larger one a file of its own (blob_files.h). Thread-safe.
class BlobStore {
 public:
  // Creates what is missing, readable by the owner only: also `blob-key`, the master key, without which nothing can be
  // read again. Takes as long for a million blobs as for none.
  static Result<std::unique_ptr<BlobStore>> Open(std::string directory);
  virtual ~BlobStore() = default;

  virtual Result<std::unique_ptr<BlobWriter>> Create() = 0;
  // kNotFound with kBlobMissing also when a record read a moment ago was replaced since, and its blob removed: read
  // the record again.
  virtual Result<std::shared_ptr<const BlobReader>> OpenBlob(const BlobId& id) const = 0;
  // Has the blob on the disk before `tx` commits. To be called by each transaction that makes the first record of a
  // blob. Small ones share one sync of the disk with all that the same commit makes durable.
  virtual void CommitWith(Tx& tx, const BlobId& id) = 0;
  // After the record that referenced it is gone for good. Open readers go on. Missing is not an error.
  virtual void Remove(const BlobId& id) = 0;
  // Removes what a crash left: temporary files, and every blob for which `is_referenced` says no; returns how many.
  // Looks at each blob, so it takes seconds where there are a million; ends early when asked to.
  virtual Result<size_t> Sweep(SweepOf which, const std::function<bool(const BlobId&)>& is_referenced,
                               const std::stop_token& stop) = 0;

  // The golden state: what there is now is kept, and comes back. RestoreGolden keeps ids. All three while
  // no request is under way, else a blob sealed meanwhile is lost to its record. Against a crash in between, the order
  // is: save here before the database does, and clear or restore here after it did (OpenBlob finds golden blobs even
  // before they are restored).
  virtual Status SaveGolden() = 0;
  virtual Status RestoreGolden() = 0;
  virtual Status Clear() = 0;
};

}  // namespace meetinity::store

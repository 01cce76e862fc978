#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/column_codec.h"
#include "store/errors.h"

namespace meetinity::store {

// Names one immutable run of bytes in a BlobStore; 32 lower-case hex digits, random.
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

// A blob being written. Bytes go to a temporary file; dropped unsealed, nothing remains. One thread at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Status Append(std::string_view bytes) = 0;  // kDiskFull, or internal
  virtual uint64_t size() const = 0;
  // Makes the bytes durable under their final name: fsync, rename, fsync of the folder. Call once, last.
  // The blob is the caller's to reference from a committed record; one that nobody references is swept at next start.
  virtual Result<BlobId> Seal() = 0;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual uint64_t size() const = 0;
  virtual Result<std::string> Read(uint64_t offset, size_t max) const = 0;  // fewer only at the end; thread-safe
  virtual int descriptor() const = 0;                                       // open while the reader lives; for sendfile
};

// Immutable byte runs in files, durable before they are named. Thread-safe.
class BlobStore {
 public:
  // Creates what is missing, readable by the owner only.
  static Result<std::unique_ptr<BlobStore>> Open(std::string directory);
  virtual ~BlobStore() = default;

  virtual Result<std::unique_ptr<BlobWriter>> Create() = 0;
  // kNotFound with kBlobMissing also when a record read a moment ago was replaced since, and its blob removed: read
  // the record again.
  virtual Result<std::shared_ptr<const BlobReader>> OpenBlob(const BlobId& id) const = 0;
  // After the record that referenced it is gone for good. Open readers go on. Missing is not an error.
  virtual void Remove(const BlobId& id) = 0;
  // Removes temporary files and every blob for which `is_referenced` says no; returns how many. At start only.
  virtual Result<size_t> Sweep(const std::function<bool(const BlobId&)>& is_referenced) = 0;

  // The golden state: hard links of everything there is now, and back again. RestoreGolden keeps ids. All three while
  // no request is under way, else a blob sealed meanwhile is lost to its record. Against a crash in between, the order
  // is: save here before the database does, and clear or restore here after it did (OpenBlob finds golden blobs even
  // before they are restored).
  virtual Status SaveGolden() = 0;
  virtual Status RestoreGolden() = 0;
  virtual Status Clear() = 0;
};

}  // namespace meetinity::store

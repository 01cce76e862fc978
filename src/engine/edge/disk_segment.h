#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "engine/edge/cache_entry.h"
#include "engine/edge/disk_record.h"
#include "store/files.h"

namespace meetinity::edge {

// One file of the disk tier: records, one after the other, written once from front to back and removed as a whole.
//
// Large bodies are served out of its mapping, from the kernel's page cache to the socket. The mapping outlives the
// file's name as long as such a body is held; so that the disk's bytes are free soon, the cached entries that hold one
// are known here, and let go when the segment is dropped. Appended to by one thread; everything else is thread-safe.
class DiskSegment : public std::enable_shared_from_this<DiskSegment> {
 public:
  // An empty one, which must not exist yet.
  static Result<std::shared_ptr<DiskSegment>> Create(std::string path, uint32_t number, uint64_t bytes_max);
  // One of a former run; nothing is appended to it any more.
  static Result<std::shared_ptr<DiskSegment>> Open(std::string path, uint32_t number, uint64_t bytes_max);
  ~DiskSegment();
  DiskSegment(const DiskSegment&) = delete;
  DiskSegment& operator=(const DiskSegment&) = delete;

  uint32_t number() const { return number_; }
  uint64_t size() const { return size_.load(std::memory_order_acquire); }
  bool HasRoomFor(uint64_t bytes) const { return size() + bytes <= bytes_max_; }

  // Writes `entry` behind what is there; its offset. After a failure nothing more goes into this segment.
  Result<uint64_t> Append(const CacheEntry& entry);
  // The entry of `key` at `offset`, when that is what lies there, unharmed: every byte is checked. Blocks.
  std::shared_ptr<CacheEntry> Read(uint64_t offset, std::string_view key);
  // Visits every record, oldest first. Ends at the first header that is not whole: looking for the next one behind it
  // would trust what a body says, and an origin writes bodies.
  void Scan(const std::function<void(const RecordHeader&, uint64_t offset)>& visit) const;

  // `entry` holds a body of ours and is in the cache. False once the segment has been dropped.
  bool Register(const std::shared_ptr<const CacheEntry>& entry);
  // Removes the file, and returns what is cached out of it: the caller takes that out of the cache.
  std::vector<std::shared_ptr<const CacheEntry>> Drop();

 private:
  DiskSegment(std::string path, uint32_t number, uint64_t bytes_max, store::FileDescriptor file)
      : path_(std::move(path)), number_(number), bytes_max_(bytes_max), file_(std::move(file)) {}
  Status Map();
  bool ReadAt(uint64_t offset, std::span<char> into) const;
  bool ReadBody(uint64_t offset, const RecordHeader& header, PayloadChecksum& checksum, CacheEntry& entry);

  struct Holders {
    bool dropped = false;
    size_t prune_at = 0;
    std::vector<std::weak_ptr<const CacheEntry>> entries;
  };

  const std::string path_;
  const uint32_t number_;
  const uint64_t bytes_max_;
  const store::FileDescriptor file_;
  const char* mapping_ = nullptr;  // of bytes_max_; what lies beyond the file's end is never touched
  std::atomic<uint64_t> size_{0};
  Guarded<Holders> holders_;
};

}  // namespace meetinity::edge

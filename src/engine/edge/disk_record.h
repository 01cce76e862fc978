#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/edge/cache_entry.h"

namespace meetinity::edge {

// One cached answer as a segment file of the disk tier holds it: this header, the key, the head, the body, and zeros up
// to the next multiple of kRecordAlignment. In the machine's own byte order, which is little-endian: the files of a
// cache never leave it.
struct RecordHeader {
  uint64_t magic = 0;
  uint32_t key_size = 0, head_size = 0;
  uint64_t body_size = 0;
  uint64_t hash = 0;     // of the key
  uint64_t fetched = 0;  // number of the invalidation before its fetch began
  int64_t stored_at = 0, fresh_until = 0, revalidate_until = 0, stand_in_until = 0;  // nanoseconds since 1970
  uint32_t target_at = 0, target_size = 0;
  uint32_t status = 0, flags = 0;
  uint64_t content_length = 0;
  uint64_t payload_checksum = 0;  // XXH3 of key, head and body
  uint64_t header_checksum = 0;   // XXH3 of all above
};
static_assert(sizeof(RecordHeader) == 112);

// Offsets are kept as 32 bits of these units.
inline constexpr size_t kRecordAlignment = 64;

// What a key and a head may take. Both are far beyond what requests and origins may send; a header that says more is
// damaged.
inline constexpr uint32_t kRecordKeyMax = 256 * 1024;
inline constexpr uint32_t kRecordHeadMax = 1024 * 1024;

// With its padding. Of a header that ParseRecordHeader accepted, so nothing overflows.
uint64_t RecordSize(const RecordHeader& header);

// The header that `bytes` begin with; none when they are too short, damaged, or a record's of another layout.
std::optional<RecordHeader> ParseRecordHeader(std::string_view bytes);

// Adds up a payload piece by piece.
class PayloadChecksum {
 public:
  PayloadChecksum();
  ~PayloadChecksum();
  PayloadChecksum(const PayloadChecksum&) = delete;
  PayloadChecksum& operator=(const PayloadChecksum&) = delete;
  void Add(std::string_view bytes);
  uint64_t value() const;

 private:
  void* state_;
};

// What stands before the body of `entry`, which is a response: header, key and head.
std::string EncodeRecordFront(const CacheEntry& entry);

// The entry that header, key and head describe, without its body. Null when the head makes no sense.
std::shared_ptr<CacheEntry> DecodeRecordFront(const RecordHeader& header, std::string_view key, std::string_view head);

}  // namespace meetinity::edge

// Any bytes are a segment of the edge's disk tier: what a crash or a failing disk left is skipped, and a record that is
// served is one whose every byte was written by us. Read as it is, and again with its first header's sizes and
// checksums made to pass, so that what lies behind them is met too.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/check.h"
#include "engine/edge/disk_record.h"
#include "engine/edge/disk_segment.h"
#include "engine/edge/response_head.h"

namespace {

namespace edge = meetinity::edge;

// What can be read, written down again, is the same.
void CheckWrittenAgain(const edge::CacheEntry& entry) {
  const std::string front = edge::EncodeRecordFront(entry);
  const auto header = edge::ParseRecordHeader(front);
  CHECK(header.has_value());
  const std::string_view payload = std::string_view(front).substr(sizeof *header);
  const auto again =
      edge::DecodeRecordFront(*header, payload.substr(0, header->key_size), payload.substr(header->key_size));
  CHECK(again != nullptr && again->key == entry.key && again->status == entry.status);
  CHECK(again->head->headers.http1_bytes() == entry.head->headers.http1_bytes());
  CHECK(again->fresh_until == entry.fresh_until && again->stand_in_until == entry.stand_in_until);
}

void CheckSegment(std::string_view bytes) {
  // A file without a name: thousands a second, and none to clean up.
  const meetinity::store::FileDescriptor file(::memfd_create("segment", MFD_CLOEXEC));
  CHECK(meetinity::store::WriteAll(file.get(), bytes).ok());
  constexpr uint64_t kSegmentBytes = 1024 * 1024;
  const auto segment = edge::DiskSegment::Open("/proc/self/fd/" + std::to_string(file.get()), 1, kSegmentBytes);
  CHECK(segment.ok());
  uint64_t end = 0;
  (*segment)->Scan([&](const edge::RecordHeader& header, uint64_t offset) {
    CHECK(offset == end);
    end += edge::RecordSize(header);
    CHECK(end <= bytes.size());
    const std::string_view payload = bytes.substr(offset + sizeof header);
    const std::string_view key = payload.substr(0, header.key_size);
    const std::string_view head = payload.substr(header.key_size, header.head_size);
    const std::string_view body = payload.substr(header.key_size + header.head_size, header.body_size);
    if (const auto decoded = edge::DecodeRecordFront(header, key, head)) CheckWrittenAgain(*decoded);
    const auto entry = (*segment)->Read(offset, key);
    if (entry) CHECK(entry->key == key && entry->body.bytes == body);
    CHECK((*segment)->Read(offset, std::string(key) + "x") == nullptr);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  CheckSegment(bytes);
  edge::RecordHeader header;
  if (bytes.size() < sizeof header) return 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  // Sizes that the input can hold, so that what follows is a key, a head and a body.
  const uint64_t rest = bytes.size() - sizeof header;
  header.key_size = static_cast<uint32_t>(header.key_size % (rest + 1));
  header.head_size = static_cast<uint32_t>(header.head_size % (rest - header.key_size + 1));
  header.body_size %= rest - header.key_size - header.head_size + 1;
  header.payload_checksum =
      XXH3_64bits(bytes.data() + sizeof header, header.key_size + header.head_size + header.body_size);
  header.header_checksum = XXH3_64bits(&header, offsetof(edge::RecordHeader, header_checksum));
  std::memcpy(bytes.data(), &header, sizeof header);
  bytes.append(edge::kRecordAlignment, '\0');
  CheckSegment(bytes);
  return 0;
}

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity::store {

// How small blobs lie in a pack, one after the other, in a file that only grows:
//
//   offset 0      kPackMagic, the salt of the pack's key; zeros up to kPackRecordsFrom
//   from there    records, each at a multiple of kPackQuantum: header, sealed run, zeros up to the next multiple
//
// A record's header is kPackRecordHeaderBytes, numbers little-endian:
//
//   0 "MREC"   4 length of the blob   8 number of the pack   16 offset of the record   20 zeros   28 CRC-32C of 0 to 27
//
// A removed record is a hole. Nothing else in a pack begins with zeros where a record could, so whoever walks it steps
// over zeros to the next record. A blob's id says where its record lies: there is no index.
inline constexpr std::string_view kPackMagic = "MTNYPCK1";
inline constexpr uint64_t kPackRecordsFrom = 4096;
inline constexpr uint64_t kPackQuantum = 64;
inline constexpr size_t kPackRecordHeaderBytes = 32;

// Larger blobs are files of their own: there the two syncs of a file weigh little against its bytes, and an upload's
// bytes need not be held in memory.
inline constexpr size_t kPackedBytesMax = 256 * 1024;

struct PackPlace {
  uint64_t pack = 0;
  uint32_t offset = 0;
  uint32_t length = 0;  // of the blob
  bool operator==(const PackPlace&) const = default;
};

// Bytes of the pack that the record takes, up to where the next may begin.
uint64_t PackRecordBytes(uint32_t length);

void AppendPackRecordHeader(const PackPlace& place, std::string& out);
// What the bytes, at least kPackRecordHeaderBytes of them, say a record is; nothing when they are no header that was
// written there.
std::optional<PackPlace> ParsePackRecordHeader(std::string_view bytes, uint64_t pack, uint64_t offset);

struct PackWalk {
  uint64_t end = 0;    // everything before was understood
  bool whole = false;  // and that was all of it
};

// Calls `each` with every record of the file, by offset. The file may have been torn by a crash and hold anything: what
// is given out is well-formed and lies within the file, and whether its bytes are those that were written is for the
// cipher to say. A record that the file's end cuts off was never acknowledged and is left out. Stops at the first bytes
// that are neither zero nor a record: records may follow, and nobody knows where.
Result<PackWalk> WalkPack(int file, uint64_t pack, const std::function<Status(const PackPlace&)>& each);

}  // namespace meetinity::store

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/blob_store.h"
#include "store/pack_format.h"

namespace meetinity::store {

// Counts how often a blob store was opened. Blobs of earlier runs are complete: nobody is about to name one.
using RunNumber = uint32_t;

// What a blob's id says about where its bytes are. Numbers are in hexadecimal digits of a fixed width:
//
//   p PACK(16) OFFSET(8) LENGTH(8)   a record of a pack; a pack's number begins with its run's
//   f RANDOM(24) RUN(8)              an encrypted file
//   RANDOM(32)                       a plain file, as programs before encryption at rest wrote them
std::string PackedBlobId(const PackPlace& place);
std::optional<PackPlace> ParsePackedBlobId(std::string_view id);

std::string NewFileBlobId(RunNumber run);
bool IsFileBlobId(std::string_view id);       // encrypted
bool IsPlainFileBlobId(std::string_view id);  // of an older program
// Zero for plain files, which are all older than the first run that was counted.
RunNumber RunOfFileBlob(std::string_view id);

inline uint64_t PackNumber(RunNumber run, uint32_t sequence) { return uint64_t{run} << 32 | sequence; }
inline RunNumber RunOfPack(uint64_t pack) { return static_cast<RunNumber>(pack >> 32); }

// Exactly `digits` lower-case hexadecimal digits.
std::optional<uint64_t> ParseHexNumber(std::string_view text, size_t digits);

}  // namespace meetinity::store

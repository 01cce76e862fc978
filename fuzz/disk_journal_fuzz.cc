// Any bytes are a journal of the edge's disk tier: read without a crash, and never as more than a whole one says. Read
// as they are, and again as the payload of a note whose frame is right.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/check.h"
#include "engine/edge/disk_journal.h"
#include "engine/edge/invalidation_log.h"

namespace {

namespace edge = meetinity::edge;

void CheckJournal(std::string_view bytes) {
  const edge::DiskJournal::Notes notes = edge::DiskJournal::Read(bytes);
  for (const auto& [number, site] : notes.sites) CHECK(site.rules.size() <= edge::InvalidationLog::kRulesMax);
  // A crash cuts a journal anywhere: what is left must not be damage where the whole was none.
  if (!notes.damaged && !bytes.empty()) CHECK(!edge::DiskJournal::Read(bytes.substr(0, bytes.size() - 1)).damaged);
}

std::string Framed(std::string_view payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  const uint32_t complement = ~size;
  const uint64_t checksum = XXH3_64bits(payload.data(), payload.size());
  std::string frame;
  frame.append(reinterpret_cast<const char*>(&size), sizeof size);
  frame.append(reinterpret_cast<const char*>(&complement), sizeof complement);
  frame.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return frame.append(payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckJournal(bytes);
  CheckJournal(Framed(bytes));
  // A site that the payload may speak of: number 7.
  const std::string_view site("S\7\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0E1", 19);
  CheckJournal(Framed(site) + Framed(bytes));
  return 0;
}

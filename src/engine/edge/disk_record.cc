#include "engine/edge/disk_record.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>
#include <cstddef>
#include <cstring>

#include "base/check.h"

namespace meetinity::edge {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint64_t kMagic = 0x3130'4543'4147'4445;  // "EDGAEC01": the layout's name and number

// No segment is larger than its offsets can say.
constexpr uint64_t kBodyMax = uint64_t{kRecordAlignment} << 32;

constexpr uint32_t kEncodedAtEdge = 1, kHasContentLength = 2, kHasStandIn = 4;

uint64_t HeaderChecksum(const RecordHeader& header) {
  return XXH3_64bits(&header, offsetof(RecordHeader, header_checksum));
}

// The origin's entity tag, which no field of the head says when the edge compressed, and the fields as HTTP/1.1.
std::string EncodeHead(const ResponseHead& head) {
  std::string text = head.origin_etag;
  text += '\n';
  text += head.headers.http1_bytes();
  return text;
}

bool AddFields(std::string_view text, net::HeaderBlock& block) {
  while (!text.empty()) {
    const size_t end = text.find("\r\n");
    const size_t colon = text.find(": ");
    if (end == std::string_view::npos || colon == std::string_view::npos || colon == 0 || colon + 2 > end) return false;
    block.Add(text.substr(0, colon), text.substr(colon + 2, end - colon - 2));
    text.remove_prefix(end + 2);
  }
  return true;
}

XXH3_state_t* StateOf(void* state) { return static_cast<XXH3_state_t*>(state); }

}  // namespace

uint64_t RecordSize(const RecordHeader& header) {
  const uint64_t size = sizeof header + header.key_size + header.head_size + header.body_size;
  return (size + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

std::optional<RecordHeader> ParseRecordHeader(std::string_view bytes) {
  RecordHeader header;
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kMagic || header.header_checksum != HeaderChecksum(header)) return std::nullopt;
  if (header.key_size > kRecordKeyMax || header.head_size > kRecordHeadMax || header.body_size > kBodyMax) {
    return std::nullopt;
  }
  if (uint64_t{header.target_at} + header.target_size > header.key_size) return std::nullopt;
  return header;
}

PayloadChecksum::PayloadChecksum() : state_(XXH3_createState()) {
  CHECK(state_ != nullptr);
  XXH3_64bits_reset(StateOf(state_));
}
PayloadChecksum::~PayloadChecksum() { XXH3_freeState(StateOf(state_)); }
void PayloadChecksum::Add(std::string_view bytes) { XXH3_64bits_update(StateOf(state_), bytes.data(), bytes.size()); }
uint64_t PayloadChecksum::value() const { return XXH3_64bits_digest(StateOf(state_)); }

std::string EncodeRecordFront(const CacheEntry& entry) {
  const std::string head = EncodeHead(*entry.head);
  RecordHeader header;
  header.magic = kMagic;
  header.key_size = static_cast<uint32_t>(entry.key.size());
  header.head_size = static_cast<uint32_t>(head.size());
  header.body_size = entry.body.bytes.size();
  header.hash = entry.hash;
  header.fetched = entry.epoch->start;
  header.stored_at = entry.stored_at.since_epoch().count();
  header.fresh_until = entry.fresh_until.since_epoch().count();
  header.revalidate_until = entry.revalidate_until.since_epoch().count();
  header.stand_in_until = entry.stand_in_until.value_or(Instant{}).since_epoch().count();
  header.target_at = entry.target_at;
  header.target_size = entry.target_size;
  header.status = static_cast<uint32_t>(entry.status);
  header.flags = (entry.head->encoded_at_edge ? kEncodedAtEdge : 0) |
                 (entry.head->content_length ? kHasContentLength : 0) | (entry.stand_in_until ? kHasStandIn : 0);
  header.content_length = entry.head->content_length.value_or(0);
  PayloadChecksum checksum;
  checksum.Add(entry.key);
  checksum.Add(head);
  checksum.Add(entry.body.bytes);
  header.payload_checksum = checksum.value();
  header.header_checksum = HeaderChecksum(header);

  std::string front(sizeof header, '\0');
  std::memcpy(front.data(), &header, sizeof header);
  return front.append(entry.key).append(head);
}

std::shared_ptr<CacheEntry> DecodeRecordFront(const RecordHeader& header, std::string_view key, std::string_view head) {
  const size_t line = head.find('\n');
  if (line == std::string_view::npos || header.status < 100 || header.status > 599) return nullptr;
  net::HeaderBlock fields;
  if (!AddFields(head.substr(line + 1), fields)) return nullptr;
  auto entry = std::make_shared<CacheEntry>();
  entry->key = key;
  entry->hash = header.hash;
  entry->target_at = header.target_at;
  entry->target_size = header.target_size;
  entry->status = static_cast<int>(header.status);
  entry->head = RestoreHead({.status = entry->status,
                             .fields = std::move(fields),
                             .origin_etag = head.substr(0, line),
                             .content_length = (header.flags & kHasContentLength) != 0
                                                   ? std::optional<uint64_t>(header.content_length)
                                                   : std::nullopt,
                             .encoded_at_edge = (header.flags & kEncodedAtEdge) != 0});
  entry->epoch = std::make_shared<FetchEpoch>(FetchEpoch{header.fetched});
  entry->stored_at = Instant::FromUnix(Duration(header.stored_at));
  entry->fresh_until = Instant::FromUnix(Duration(header.fresh_until));
  entry->revalidate_until = Instant::FromUnix(Duration(header.revalidate_until));
  if ((header.flags & kHasStandIn) != 0) {
    entry->stand_in_until = Instant::FromUnix(Duration(header.stand_in_until));
  }
  return entry;
}

}  // namespace meetinity::edge

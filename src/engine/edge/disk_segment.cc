#include "engine/edge/disk_segment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace meetinity::edge {
namespace {

// Smaller bodies are copied into our own memory: a copy is cheaper than the page faults, and they count as memory.
constexpr uint64_t kMappedBodyMin = 32 * 1024;

// What is read at a time: a whole small record at once, and large bodies without taking much memory.
constexpr size_t kReadBytes = 256 * 1024;
constexpr size_t kFirstReadBytes = 16 * 1024;

// Holders that a segment keeps before it first asks which of them are left.
constexpr size_t kHoldersMin = 1'024;

}  // namespace

Status DiskSegment::Map() {
  void* const at = ::mmap(nullptr, bytes_max_, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (at == MAP_FAILED) return store::SystemError(fmt::format("mapping {}", path_), errno);
  mapping_ = static_cast<const char*>(at);
  return {};
}

Result<std::shared_ptr<DiskSegment>> DiskSegment::Create(std::string path, uint32_t number, uint64_t bytes_max) {
  store::FileDescriptor file = TRY(store::OpenFile(path, O_RDWR | O_CREAT | O_EXCL));
  auto segment = std::shared_ptr<DiskSegment>(new DiskSegment(std::move(path), number, bytes_max, std::move(file)));
  TRY(segment->Map());
  return segment;
}

Result<std::shared_ptr<DiskSegment>> DiskSegment::Open(std::string path, uint32_t number, uint64_t bytes_max) {
  store::FileDescriptor file = TRY(store::OpenFile(path, O_RDONLY));
  struct stat found = {};
  if (::fstat(file.get(), &found) != 0)
    return store::SystemError(fmt::format("asking for the size of {}", path), errno);
  const auto size = static_cast<uint64_t>(found.st_size);
  auto segment = std::shared_ptr<DiskSegment>(
      new DiskSegment(std::move(path), number, std::max<uint64_t>({bytes_max, size, 1}), std::move(file)));
  TRY(segment->Map());
  segment->size_ = size;
  return segment;
}

DiskSegment::~DiskSegment() {
  if (mapping_ != nullptr) ::munmap(const_cast<char*>(mapping_), bytes_max_);
}

Result<uint64_t> DiskSegment::Append(const CacheEntry& entry) {
  static constexpr std::array<char, kRecordAlignment> kPadding{};
  const std::string front = EncodeRecordFront(entry);
  const uint64_t whole = RecordSize(*ParseRecordHeader(front));
  const std::array<std::string_view, 3> pieces = {
      front, entry.body.bytes, std::string_view(kPadding.data(), whole - front.size() - entry.body.bytes.size())};
  std::array<iovec, 3> vectors;
  std::transform(pieces.begin(), pieces.end(), vectors.begin(), [](std::string_view piece) {
    return iovec{const_cast<char*>(piece.data()), piece.size()};
  });
  const uint64_t offset = size();
  uint64_t written = 0;
  while (written < whole) {
    const ssize_t took =
        ::pwritev(file_.get(), vectors.data(), static_cast<int>(vectors.size()), static_cast<off_t>(offset + written));
    if (took < 0 && errno == EINTR) continue;
    if (took <= 0) return store::SystemError(fmt::format("writing {}", path_), took < 0 ? errno : EIO);
    written += static_cast<uint64_t>(took);
    auto left = static_cast<size_t>(took);
    for (iovec& vector : vectors) {
      const size_t done = std::min(left, vector.iov_len);
      vector.iov_base = static_cast<char*>(vector.iov_base) + done;
      vector.iov_len -= done;
      left -= done;
    }
  }
  size_.store(offset + whole, std::memory_order_release);
  return offset;
}

bool DiskSegment::ReadAt(uint64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    const ssize_t got = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<uint64_t>(got);
    into = into.subspan(static_cast<size_t>(got));
  }
  return true;
}

std::shared_ptr<CacheEntry> DiskSegment::Read(uint64_t offset, std::string_view key) {
  const uint64_t end = size();
  if (offset >= end) return nullptr;
  std::string front(std::min<uint64_t>(kFirstReadBytes, end - offset), '\0');
  if (!ReadAt(offset, front)) return nullptr;
  const std::optional<RecordHeader> header = ParseRecordHeader(front);
  if (!header || RecordSize(*header) > end - offset || header->key_size != key.size()) return nullptr;
  const size_t front_size = sizeof *header + header->key_size + header->head_size;
  if (front_size > front.size()) {
    const size_t have = front.size();
    front.resize(front_size);
    if (!ReadAt(offset + have, std::span(front).subspan(have))) return nullptr;
  }
  const std::string_view found_key = std::string_view(front).substr(sizeof *header, header->key_size);
  const std::string_view head = std::string_view(front).substr(sizeof *header + header->key_size, header->head_size);
  if (found_key != key) return nullptr;
  PayloadChecksum checksum;
  checksum.Add(key);
  checksum.Add(head);
  std::shared_ptr<CacheEntry> entry = DecodeRecordFront(*header, key, head);
  if (!entry || !ReadBody(offset + front_size, *header, checksum, *entry)) return nullptr;
  if (checksum.value() != header->payload_checksum) return nullptr;
  return entry;
}

// Large bodies are read through the descriptor before their mapping is used: it brings the pages in, and a disk that
// fails gives an error here, where touching the mapping would be a signal.
bool DiskSegment::ReadBody(uint64_t offset, const RecordHeader& header, PayloadChecksum& checksum, CacheEntry& entry) {
  if (header.body_size < kMappedBodyMin) {
    std::string body(header.body_size, '\0');
    if (!ReadAt(offset, body)) return false;
    checksum.Add(body);
    entry.body = net::Slice::Own(std::move(body));
    return true;
  }
  std::string piece(kReadBytes, '\0');
  for (uint64_t at = 0; at < header.body_size; at += piece.size()) {
    piece.resize(std::min<uint64_t>(kReadBytes, header.body_size - at));
    if (!ReadAt(offset + at, piece)) return false;
    checksum.Add(piece);
  }
  entry.segment = shared_from_this();
  entry.body = {entry.segment, {mapping_ + offset, header.body_size}, {file_.get(), offset}};
  return true;
}

void DiskSegment::Scan(const std::function<void(const RecordHeader&, uint64_t offset)>& visit) const {
  std::array<char, sizeof(RecordHeader)> front;
  const uint64_t end = size();
  for (uint64_t offset = 0; offset + front.size() <= end;) {
    if (!ReadAt(offset, front)) return;
    const std::optional<RecordHeader> header = ParseRecordHeader({front.data(), front.size()});
    if (!header || RecordSize(*header) > end - offset) return;
    visit(*header, offset);
    offset += RecordSize(*header);
  }
}

bool DiskSegment::Register(const std::shared_ptr<const CacheEntry>& entry) {
  return holders_.With([&](Holders& holders) {
    if (holders.dropped) return false;
    if (holders.entries.size() >= std::max(kHoldersMin, holders.prune_at)) {
      std::erase_if(holders.entries, [](const auto& holder) { return holder.expired(); });
      holders.prune_at = holders.entries.size() * 2;
    }
    holders.entries.push_back(entry);
    return true;
  });
}

std::vector<std::shared_ptr<const CacheEntry>> DiskSegment::Drop() {
  ::unlink(path_.c_str());
  return holders_.With([](Holders& holders) {
    holders.dropped = true;
    std::vector<std::shared_ptr<const CacheEntry>> held;
    for (const auto& holder : holders.entries) {
      if (auto entry = holder.lock()) held.push_back(std::move(entry));
    }
    holders.entries = {};
    return held;
  });
}

}  // namespace meetinity::edge

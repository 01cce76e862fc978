#include "store/pack_format.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/digest.h"
#include "store/blob_cipher.h"
#include "store/files.h"

namespace meetinity::store {
namespace {

constexpr std::string_view kRecordMagic = "MREC";
constexpr size_t kSumAt = 28;

void AppendNumber(uint64_t number, size_t bytes, std::string& out) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

uint64_t NumberAt(std::string_view bytes, size_t at, size_t width) {
  uint64_t number = 0;
  for (size_t i = width; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// One page: most records of a pack are larger, and reading their headers reads no more than these.
constexpr size_t kWindowBytes = 4096;

// Where the next bytes that are not zeros may begin, by the file system's own account; `at` where it keeps none.
uint64_t SkipHole(int file, uint64_t at, uint64_t size) {
  const off_t data = ::lseek(file, static_cast<off_t>(at), SEEK_DATA);
  if (data < 0) return errno == ENXIO ? size : at;
  return std::max(at, static_cast<uint64_t>(data) / kPackQuantum * kPackQuantum);
}

// The first place in the window, a multiple of the quantum, where there is anything but zeros; its size if there is
// none.
size_t FirstUsedQuantum(std::string_view window) {
  const size_t used = window.find_first_not_of('\0');
  return used == std::string_view::npos ? window.size() : used / kPackQuantum * kPackQuantum;
}

}  // namespace

uint64_t PackRecordBytes(uint32_t length) {
  const uint64_t bytes = kPackRecordHeaderBytes + SealedSize(length);
  return (bytes + kPackQuantum - 1) / kPackQuantum * kPackQuantum;
}

void AppendPackRecordHeader(const PackPlace& place, std::string& out) {
  const size_t from = out.size();
  out += kRecordMagic;
  AppendNumber(place.length, 4, out);
  AppendNumber(place.pack, 8, out);
  AppendNumber(place.offset, 4, out);
  out.append(8, '\0');
  AppendNumber(Crc32c(0, std::string_view(out).substr(from, kSumAt)), 4, out);
}

std::optional<PackPlace> ParsePackRecordHeader(std::string_view bytes, uint64_t pack, uint64_t offset) {
  if (bytes.size() < kPackRecordHeaderBytes || !bytes.starts_with(kRecordMagic)) return std::nullopt;
  if (NumberAt(bytes, kSumAt, 4) != Crc32c(0, bytes.substr(0, kSumAt))) return std::nullopt;
  if (NumberAt(bytes, 8, 8) != pack || NumberAt(bytes, 16, 4) != offset) return std::nullopt;
  const uint64_t length = NumberAt(bytes, 4, 4);
  if (length > kPackedBytesMax) return std::nullopt;
  return PackPlace{pack, static_cast<uint32_t>(offset), static_cast<uint32_t>(length)};
}

Result<PackWalk> WalkPack(int file, uint64_t pack, const std::function<Status(const PackPlace&)>& each) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return SystemError("looking at a pack", errno);
  const auto size = static_cast<uint64_t>(status.st_size);
  std::string window;
  bool after_record = false;
  for (uint64_t at = kPackRecordsFrom; at < size;) {
    if (!after_record) at = SkipHole(file, at, size);
    window.resize(kWindowBytes);
    const ssize_t got = PositionedRead(file, window.data(), window.size(), at);
    if (got < 0) return SystemError("reading a pack", errno);
    window.resize(static_cast<size_t>(got));
    if (window.empty()) break;
    const size_t used = FirstUsedQuantum(window);
    // Rounded up at the file's end only, where a window may be any length; past it there is nothing.
    at += (used + kPackQuantum - 1) / kPackQuantum * kPackQuantum;
    after_record = false;
    if (used == window.size()) continue;
    const std::optional<PackPlace> record = ParsePackRecordHeader(std::string_view(window).substr(used), pack, at);
    if (!record) return PackWalk{at, false};
    if (at + kPackRecordHeaderBytes + SealedSize(record->length) > size) break;  // nothing follows what is cut off
    TRY(each(*record));
    at += PackRecordBytes(record->length);
    after_record = true;
  }
  return PackWalk{size, true};
}

}  // namespace meetinity::store

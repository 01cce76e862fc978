#include "store/blob_id.h"

#include <fmt/format.h>

#include <charconv>

#include "base/bytes.h"
#include "base/random.h"

namespace meetinity::store {
namespace {

constexpr size_t kRandomBytes = 12;  // two of 2^48 files would have to be made in one run before two ids meet
constexpr size_t kFileIdSize = 1 + 2 * kRandomBytes + 8;
constexpr size_t kPackedIdSize = 1 + 16 + 8 + 8;
constexpr size_t kPlainIdSize = 32;

bool IsHex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

}  // namespace

std::optional<uint64_t> ParseHexNumber(std::string_view text, size_t digits) {
  uint64_t number = 0;
  if (text.size() != digits || !IsHex(text)) return std::nullopt;
  if (std::from_chars(text.data(), text.data() + text.size(), number, 16).ec != std::errc()) return std::nullopt;
  return number;
}

std::string PackedBlobId(const PackPlace& place) {
  return fmt::format("p{:016x}{:08x}{:08x}", place.pack, place.offset, place.length);
}

std::optional<PackPlace> ParsePackedBlobId(std::string_view id) {
  if (id.size() != kPackedIdSize || id[0] != 'p') return std::nullopt;
  const auto pack = ParseHexNumber(id.substr(1, 16), 16);
  const auto offset = ParseHexNumber(id.substr(17, 8), 8);
  const auto length = ParseHexNumber(id.substr(25, 8), 8);
  if (!pack || !offset || !length || *offset < kPackRecordsFrom || *offset % kPackQuantum != 0) return std::nullopt;
  if (*length > kPackedBytesMax) return std::nullopt;
  return PackPlace{*pack, static_cast<uint32_t>(*offset), static_cast<uint32_t>(*length)};
}

std::string NewFileBlobId(RunNumber run) { return fmt::format("f{}{:08x}", HexEncode(RandomBytes(kRandomBytes)), run); }

bool IsFileBlobId(std::string_view id) { return id.size() == kFileIdSize && id[0] == 'f' && IsHex(id.substr(1)); }

bool IsPlainFileBlobId(std::string_view id) { return id.size() == kPlainIdSize && IsHex(id); }

RunNumber RunOfFileBlob(std::string_view id) {
  if (!IsFileBlobId(id)) return 0;
  return static_cast<RunNumber>(ParseHexNumber(id.substr(kFileIdSize - 8), 8).value_or(0));
}

}  // namespace meetinity::store

// The three CRCs of digest.h. All are reflected: the lowest bit of the first byte is the highest power of x.
#include <zlib.h>

#include <array>
#include <bit>
#include <cstring>

#include "base/digest.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace meetinity {
namespace {

static_assert(std::endian::native == std::endian::little, "the eight-byte steps read little-endian words");

constexpr uint32_t kCastagnoli = 0x82f63b78;    // 0x1edc6f41 reflected
constexpr uint64_t kNvme = 0x9a6c9329ac4bc9b5;  // 0xad93d23594c93659 reflected

// tables[k][b] is the effect of byte b followed by k zero bytes, so that eight bytes need eight independent lookups.
template <class Word>
using SliceTables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr SliceTables<Word> MakeTables(Word polynomial) {
  SliceTables<Word> tables{};
  for (size_t byte = 0; byte < 256; ++byte) {
    Word crc = static_cast<Word>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const Word before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr SliceTables<uint32_t> kCastagnoliTables = MakeTables(kCastagnoli);
constexpr SliceTables<uint64_t> kNvmeTables = MakeTables(kNvme);

uint64_t LoadWord(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// The register's evolution, without the inversion at start and end.
template <class Word>
Word UpdateSliced(const SliceTables<Word>& tables, Word crc, std::string_view bytes) {
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const uint64_t word = LoadWord(bytes.data()) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][word >> (8 * k) & 0xff];
  }
  for (const char c : bytes) crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) uint32_t UpdateCastagnoliSse(uint32_t crc, std::string_view bytes) {
  uint64_t wide = crc;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) wide = _mm_crc32_u64(wide, LoadWord(bytes.data()));
  crc = static_cast<uint32_t>(wide);
  for (const char c : bytes) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(c));
  return crc;
}

// x^power modulo the NVMe polynomial, reflected.
constexpr uint64_t PowerOfX(int power) {
  uint64_t value = uint64_t{1} << 63;
  for (int i = 0; i < power; ++i) value = (value >> 1) ^ ((value & 1) != 0 ? kNvme : 0);
  return value;
}

// Moves 16 bytes `distance` bits further from the end, modulo the polynomial. A carry-less product of reflected words
// comes out one bit short, hence the powers one below those of the distance.
template <int distance>
__attribute__((target("pclmul,sse4.1"))) inline __m128i Fold(__m128i lane) {
  const __m128i factors =
      _mm_set_epi64x(static_cast<int64_t>(PowerOfX(distance - 1)), static_cast<int64_t>(PowerOfX(distance + 63)));
  return _mm_xor_si128(_mm_clmulepi64_si128(lane, factors, 0x00), _mm_clmulepi64_si128(lane, factors, 0x11));
}

// Four lanes of 16 bytes hide the multiplication's latency; the last 16 bytes and the tail go through the tables,
// which spares a Barrett reduction and costs nothing against 64 bytes and more.
__attribute__((target("pclmul,sse4.1"))) uint64_t UpdateNvmeClmul(uint64_t crc, std::string_view bytes) {
  const auto load = [&](size_t at) __attribute__((target("pclmul,sse4.1"))) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at));
  };
  __m128i a = _mm_xor_si128(load(0), _mm_cvtsi64_si128(static_cast<int64_t>(crc)));
  __m128i b = load(16), c = load(32), d = load(48);
  for (bytes.remove_prefix(64); bytes.size() >= 64; bytes.remove_prefix(64)) {
    a = _mm_xor_si128(Fold<512>(a), load(0));
    b = _mm_xor_si128(Fold<512>(b), load(16));
    c = _mm_xor_si128(Fold<512>(c), load(32));
    d = _mm_xor_si128(Fold<512>(d), load(48));
  }
  b = _mm_xor_si128(b, Fold<128>(a));
  c = _mm_xor_si128(c, Fold<128>(b));
  d = _mm_xor_si128(d, Fold<128>(c));
  char rest[16];
  std::memcpy(rest, &d, sizeof(rest));
  return UpdateSliced(kNvmeTables, UpdateSliced(kNvmeTables, uint64_t{0}, {rest, sizeof(rest)}), bytes);
}

bool HasSse42() {
  static const bool has = __builtin_cpu_supports("sse4.2") != 0;
  return has;
}

bool HasClmul() {
  static const bool has = __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  return has;
}

#endif

}  // namespace

uint32_t Crc32(uint32_t crc, std::string_view bytes) {
  return static_cast<uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

uint32_t Crc32c(uint32_t crc, std::string_view bytes) {
#if defined(__x86_64__)
  if (HasSse42()) return ~UpdateCastagnoliSse(~crc, bytes);
#endif
  return ~UpdateSliced(kCastagnoliTables, ~crc, bytes);
}

uint64_t Crc64Nvme(uint64_t crc, std::string_view bytes) {
#if defined(__x86_64__)
  if (bytes.size() >= 64 && HasClmul()) return ~UpdateNvmeClmul(~crc, bytes);
#endif
  return ~UpdateSliced(kNvmeTables, ~crc, bytes);
}

}  // namespace meetinity

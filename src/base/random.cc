#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/bytes.h"
#include "base/check.h"

namespace meetinity {

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  for (size_t filled = 0; filled < count;) {
    const ssize_t got = ::getrandom(bytes.data() + filled, count - filled, 0);
    CHECK(got > 0 || errno == EINTR);  // going on with predictable keys would be worse than stopping
    if (got > 0) filled += static_cast<size_t>(got);
  }
  return bytes;
}

std::string RandomText(size_t length, std::string_view alphabet) {
  CHECK(!alphabet.empty() && alphabet.size() <= 256);
  // A byte beyond the last whole multiple would favour the alphabet's first characters, so it is thrown away.
  const size_t fair = 256 / alphabet.size() * alphabet.size();
  std::string text;
  text.reserve(length);
  while (text.size() < length) {
    for (const char c : RandomBytes(length - text.size())) {
      const size_t drawn = static_cast<unsigned char>(c);
      if (drawn < fair) text += alphabet[drawn % alphabet.size()];
    }
  }
  return text;
}

std::string RandomUuid() {
  std::string bytes = RandomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);                              // version 4
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3f) | 0x80);  // RFC 9562's variant
  std::string uuid = HexEncode(bytes);
  for (const size_t at : {8U, 13U, 18U, 23U}) uuid.insert(at, 1, '-');
  return uuid;
}

}  // namespace meetinity

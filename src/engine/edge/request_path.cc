#include "engine/edge/request_path.h"

#include <array>

namespace meetinity::edge {
namespace {

// Bytes that RFC 3986 allows nowhere in a path, and '%' aside, which starts an escape.
constexpr std::array<bool, 256> MakeForeignBytes() {
  std::array<bool, 256> foreign{};
  for (size_t c = 0; c < 256; ++c) foreign[c] = c <= 0x20 || c >= 0x7f;
  for (const char c : {'"', '<', '>', '\\', '^', '`', '{', '|', '}'}) foreign[static_cast<unsigned char>(c)] = true;
  return foreign;
}
constexpr std::array<bool, 256> kForeignBytes = MakeForeignBytes();

bool IsCanonical(std::string_view path) {
  char before = '\0';
  for (const char c : path) {
    // "/." may begin a dot segment, or be "/.well-known": the slow way tells.
    if (kForeignBytes[static_cast<unsigned char>(c)] || (c == '.' && before == '/')) return false;
    before = c;
  }
  return !path.empty() && path.front() == '/';
}

void AppendEncoded(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kForeignBytes[byte]) {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace

PathVerdict NormalizePath(std::string_view path, std::string& normalized) {
  if (IsCanonical(path)) return PathVerdict::kAsSent;
  normalized.clear();
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  for (;;) {
    const size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    if (segment == "..") {
      if (normalized.empty()) return PathVerdict::kAboveRoot;
      normalized.erase(normalized.rfind('/'));
      if (last) normalized += '/';
    } else if (segment == ".") {
      if (last) normalized += '/';
    } else {
      normalized += '/';
      AppendEncoded(segment, normalized);
    }
    if (last) return PathVerdict::kNormalized;
    path.remove_prefix(slash + 1);
  }
}

std::string CanonicalPattern(std::string_view pattern) {
  std::string canonical;
  if (pattern.empty() || pattern.front() != '/') canonical += '/';
  canonical += pattern;
  return canonical;
}

}  // namespace meetinity::edge

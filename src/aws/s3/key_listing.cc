#include "aws/s3/key_listing.h"

namespace meetinity::s3 {

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string Successor(std::string_view key) {
  std::string next(key);
  next += '\0';
  return next;
}

std::optional<std::string> CommonPrefixOf(std::string_view key, std::string_view prefix, std::string_view delimiter) {
  if (delimiter.empty() || !key.starts_with(prefix)) return std::nullopt;
  const size_t at = key.find(delimiter, prefix.size());
  if (at == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, at + delimiter.size()));
}

std::string AfterMarker(std::string_view marker, std::string_view prefix, std::string_view delimiter) {
  if (marker.empty()) return {};
  if (const std::optional<std::string> common = CommonPrefixOf(marker, prefix, delimiter)) return PrefixEnd(*common);
  return Successor(marker);
}

}  // namespace meetinity::s3

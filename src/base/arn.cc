#include "base/arn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace meetinity {
namespace {

// The longest ARN any AWS API takes (shape "arnType" and its like).
constexpr size_t kArnBytesMax = 2048;

bool IsNamePart(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Result<Arn> Arn::Parse(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return Error{Kind::kInvalid, kInvalidArn,
                 fmt::format("'{}' is not an ARN: {}; an ARN reads arn:partition:service:region:account:resource",
                             text.substr(0, 128), why)};
  };
  if (text.size() > kArnBytesMax) return refuse("it is longer than 2048 bytes");
  if (HasControlCharacter(text)) return refuse("it holds a control character");
  std::array<std::string_view, 5> parts;
  std::string_view rest = text;
  for (std::string_view& part : parts) {
    const size_t colon = rest.find(':');
    if (colon == std::string_view::npos) return refuse("it has fewer than six parts");
    part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn") return refuse("it does not begin with 'arn:'");
  if (!std::all_of(parts.begin(), parts.end(), IsNamePart)) return refuse("a part holds an impossible character");
  if (parts[1].empty() || parts[2].empty() || rest.empty()) return refuse("partition, service or resource is missing");
  return Arn{std::string(parts[1]), std::string(parts[2]), std::string(parts[3]), std::string(parts[4]),
             std::string(rest)};
}

std::string Arn::ToString() const {
  return fmt::format("arn:{}:{}:{}:{}:{}", partition, service, region, account, resource);
}

}  // namespace meetinity

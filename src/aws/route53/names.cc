#include "aws/route53/names.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "base/text.h"

namespace meetinity::route53 {
namespace {

bool IsPlain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

}  // namespace

std::string ToText(const dns::Name& name) {
  std::string text;
  for (std::string_view wire = name.wire(); wire.size() > 1;) {
    const size_t length = static_cast<uint8_t>(wire.front());
    for (const char c : wire.substr(1, length)) {
      text += IsPlain(c) ? std::string(1, c) : fmt::format("\\{:03o}", static_cast<uint8_t>(c));
    }
    text += '.';
    wire.remove_prefix(length + 1);
  }
  return text.empty() ? "." : text;
}

std::optional<dns::Name> ParseName(std::string_view text) { return dns::Name::Parse(text, dns::Escapes::kOctal); }

std::string SortName(std::string_view text) {
  const std::vector<std::string_view> labels = Split(text, '.');
  std::string sorted;
  for (size_t i = labels.size(); i-- > 0;) {
    if (!labels[i].empty()) sorted += fmt::format("{}.", labels[i]);
  }
  return sorted;
}

std::optional<dns::RecordType> TypeOf(std::string_view type) {
  using Type = dns::RecordType;
  constexpr std::array<std::pair<std::string_view, Type>, 11> kTypes = {{{"A", Type::kA},
                                                                         {"AAAA", Type::kAaaa},
                                                                         {"CAA", Type::kCaa},
                                                                         {"CNAME", Type::kCname},
                                                                         {"MX", Type::kMx},
                                                                         {"NS", Type::kNs},
                                                                         {"PTR", Type::kPtr},
                                                                         {"SOA", Type::kSoa},
                                                                         {"SPF", Type::kSpf},
                                                                         {"SRV", Type::kSrv},
                                                                         {"TXT", Type::kTxt}}};
  for (const auto& [name, value] : kTypes) {
    if (name == type) return value;
  }
  return std::nullopt;
}

}  // namespace meetinity::route53

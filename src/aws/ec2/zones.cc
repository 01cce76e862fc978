#include "aws/ec2/zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace meetinity::ec2 {
namespace {

// "w" of "west", "se" of "southeast", as zone ids shorten them.
std::string_view Shortened(std::string_view direction) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kDirections = {{{"central", "c"},
                                                                                         {"east", "e"},
                                                                                         {"north", "n"},
                                                                                         {"northeast", "ne"},
                                                                                         {"northwest", "nw"},
                                                                                         {"south", "s"},
                                                                                         {"southeast", "se"},
                                                                                         {"southwest", "sw"},
                                                                                         {"west", "w"}}};
  const auto found = std::ranges::find(kDirections, direction, &std::pair<std::string_view, std::string_view>::first);
  return found == kDirections.end() ? direction : found->second;
}

}  // namespace

std::string ZoneName(std::string_view region, char letter) { return fmt::format("{}{}", region, letter); }

std::string ZoneId(std::string_view zone_name) {
  if (zone_name.empty()) return {};
  std::string id;
  for (const std::string_view piece : Split(zone_name.substr(0, zone_name.size() - 1), '-')) id += Shortened(piece);
  return fmt::format("{}-az{}", id, zone_name.back() - kZoneLetters.front() + 1);
}

std::optional<std::string> ZoneOfId(std::string_view region, std::string_view zone_id) {
  for (const char letter : kZoneLetters) {
    std::string name = ZoneName(region, letter);
    if (ZoneId(name) == zone_id) return name;
  }
  return std::nullopt;
}

bool IsZone(std::string_view region, std::string_view zone_name) {
  return std::ranges::any_of(kZoneLetters, [&](char letter) { return ZoneName(region, letter) == zone_name; });
}

}  // namespace meetinity::ec2

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace meetinity::ec2 {

// Every region has three zones here: "a", "b" and "c" behind its name.
inline constexpr std::array<char, 3> kZoneLetters = {'a', 'b', 'c'};

// The regions that every AWS account has (AWS General Reference, page "Regions and Zones": no opt-in).
inline constexpr std::array<std::string_view, 17> kRegions = {
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1",   "eu-central-1",   "eu-north-1",     "eu-west-1",  "eu-west-2",      "eu-west-3",
    "sa-east-1",      "us-east-1",      "us-east-2",      "us-west-1",  "us-west-2"};

std::string ZoneName(std::string_view region, char letter);
// "euw1-az1" of "eu-west-1a". AWS shuffles the numbers for each account; here they follow the letters.
std::string ZoneId(std::string_view zone_name);
// The zone of the region that has this id.
std::optional<std::string> ZoneOfId(std::string_view region, std::string_view zone_id);
bool IsZone(std::string_view region, std::string_view zone_name);

}  // namespace meetinity::ec2

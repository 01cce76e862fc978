#pragma once

#include <string_view>

// Every refusal of this room.
namespace meetinity::dns {

inline constexpr std::string_view kInvalidRecordValue = "InvalidRecordValue";
inline constexpr std::string_view kInvalidZone = "InvalidZone";

}  // namespace meetinity::dns

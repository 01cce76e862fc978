#pragma once

#include <string>
#include <string_view>

namespace meetinity {

// From the system's cryptographic generator. Thread-safe.
std::string RandomBytes(size_t count);
// `length` characters drawn evenly from `alphabet`.
std::string RandomText(size_t length, std::string_view alphabet);
std::string RandomUuid();  // version 4, lower case

inline constexpr std::string_view kUpperAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
inline constexpr std::string_view kLowerAlphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace meetinity

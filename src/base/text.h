#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meetinity {

bool EqualsIgnoreCase(std::string_view a, std::string_view b);               // ASCII only, as HTTP has it
std::string ToLower(std::string_view text);                                  // ASCII only
std::string_view Trim(std::string_view text);                                // spaces and tabs
std::vector<std::string_view> Split(std::string_view text, char separator);  // empty pieces kept
std::string Join(const std::vector<std::string>& pieces, std::string_view separator);

// The whole text must be a decimal number that fits; no sign, no white space.
std::optional<uint64_t> ParseUnsigned(std::string_view text);
std::optional<int64_t> ParseSigned(std::string_view text);

bool IsValidUtf8(std::string_view text);

// '*' stands for any run of characters, '?' for exactly one; case matters. IAM's and CloudFront's wildcard.
// Linear in the text for each '*', so no pattern can make it explode.
bool MatchesWildcard(std::string_view pattern, std::string_view text);

// The candidate with the smallest edit distance, when it is near enough to be a likely typing mistake.
std::optional<std::string_view> NearestName(std::string_view typed, const std::vector<std::string_view>& candidates);

}  // namespace meetinity

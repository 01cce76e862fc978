#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace meetinity {

inline constexpr std::string_view kInvalidUri = "InvalidURI";

enum class Slash { kEncode, kKeep };

// RFC 3986 with upper-case hex; only A-Z a-z 0-9 - _ . ~ stay, which is also SigV4's rule.
std::string PercentEncode(std::string_view text, Slash slash);
// Refuses a '%' without two hex digits. '+' stays '+'.
Result<std::string> PercentDecode(std::string_view text);

using QueryParameter = std::pair<std::string, std::string>;
// "a=1&b&c=%20" decoded, in order; a name without '=' has an empty value. '+' means a space, as HTML forms have it.
Result<std::vector<QueryParameter>> ParseQuery(std::string_view query);

}  // namespace meetinity

#pragma once

#include <string_view>

namespace meetinity::balancer {

// How a rule's pattern reads: '*' is any run of characters, '?' any one.
struct PatternStyle {
  bool ignores_case = false;
  bool has_escapes = false;  // '\' before '*', '?' or '\' takes its meaning away
};

// Linear in the text for each '*', so no pattern can make it explode.
bool Matches(std::string_view pattern, std::string_view text, PatternStyle style);

}  // namespace meetinity::balancer

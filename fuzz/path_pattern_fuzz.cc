// The matcher of path patterns agrees with the plainest one there is: the first line is the pattern, the rest a path.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "engine/edge/request_path.h"

namespace {

// By a table of every prefix of the pattern against every prefix of the text.
bool PlainlyMatches(std::string_view pattern, std::string_view text) {
  std::vector<bool> row(text.size() + 1, false);
  row[0] = true;
  for (const char c : pattern) {
    std::vector<bool> next(text.size() + 1, false);
    next[0] = c == '*' && row[0];
    for (size_t i = 1; i <= text.size(); ++i) {
      next[i] = c == '*' ? row[i] || next[i - 1] : row[i - 1] && (c == '?' || c == text[i - 1]);
    }
    row = std::move(next);
  }
  return row.back();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 2'048) return 0;  // the table grows with the square
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  const std::string_view pattern = input.substr(0, line);
  const std::string_view path = line == std::string_view::npos ? std::string_view{} : input.substr(line + 1);
  CHECK(meetinity::MatchesWildcard(pattern, path) == PlainlyMatches(pattern, path));
  if (pattern.empty()) return 0;
  const std::string canonical = meetinity::edge::CanonicalPattern(pattern);
  CHECK(meetinity::edge::CanonicalPattern(canonical) == canonical);
  return 0;
}

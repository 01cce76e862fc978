#include "engine/balancer/pattern.h"

#include <cstddef>

namespace meetinity::balancer {
namespace {

char Folded(char c, bool fold) { return fold && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// One element of a pattern: its size there, and whether it is meant literally.
struct Element {
  size_t size = 0;
  char character = 0;
  bool is_literal = true;
};

Element ElementAt(std::string_view pattern, size_t at, bool has_escapes) {
  const char c = pattern[at];
  if (has_escapes && c == '\\' && at + 1 < pattern.size()) return {2, pattern[at + 1], true};
  return {1, c, c != '*' && c != '?'};
}

}  // namespace

bool Matches(std::string_view pattern, std::string_view text, PatternStyle style) {
  size_t p = 0;
  size_t t = 0;
  // Where to go on when what follows the last '*' does not fit: with that '*' one character longer.
  size_t retry_pattern = std::string_view::npos;
  size_t retry_text = 0;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size()) {
      const Element element = ElementAt(pattern, p, style.has_escapes);
      if (!element.is_literal && element.character == '*') {
        p += element.size;
        retry_pattern = p;
        retry_text = t;
        continue;
      }
      if (t < text.size() && (!element.is_literal ||
                              Folded(element.character, style.ignores_case) == Folded(text[t], style.ignores_case))) {
        p += element.size;
        ++t;
        continue;
      }
    }
    if (retry_pattern == std::string_view::npos || retry_text >= text.size()) return false;
    p = retry_pattern;
    t = ++retry_text;
  }
  return true;
}

}  // namespace meetinity::balancer

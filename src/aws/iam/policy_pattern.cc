#include "aws/iam/policy_pattern.h"

#include "base/text.h"

namespace meetinity::iam {
namespace {

// What stands between "${" and "}": "aws:username", or "aws:username, 'nobody'" with a default.
std::optional<std::string> ValueOf(std::string_view variable, const ContextKeys& keys) {
  if (variable == "*" || variable == "?" || variable == "$") return std::string(variable);
  const size_t comma = variable.find(',');
  const auto found = keys.find(Trim(variable.substr(0, comma)));
  // A key with several values has no single text to stand for it.
  if (found != keys.end() && found->second.size() == 1) return found->second.front();
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view fallback = Trim(variable.substr(comma + 1));
  if (fallback.size() < 2 || fallback.front() != '\'' || fallback.back() != '\'') return std::nullopt;
  return std::string(fallback.substr(1, fallback.size() - 2));
}

}  // namespace

std::optional<PolicyPattern> PolicyPattern::From(std::string_view text, const ContextKeys* keys) {
  PolicyPattern pattern;
  while (keys != nullptr) {
    const size_t begin = text.find("${");
    const size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) break;
    pattern.AppendPattern(text.substr(0, begin));
    const std::optional<std::string> value = ValueOf(text.substr(begin + 2, end - begin - 2), *keys);
    if (!value) return std::nullopt;
    pattern.AppendLiteral(*value);
    text.remove_prefix(end + 1);
  }
  pattern.AppendPattern(text);
  return pattern;
}

void PolicyPattern::AppendPattern(std::string_view text) {
  for (const char c : text) {
    units_ += c == '*' ? kAnyRun : c == '?' ? kAnyOne : static_cast<char16_t>(static_cast<unsigned char>(c));
  }
}

void PolicyPattern::AppendLiteral(std::string_view text) {
  for (const char c : text) units_ += static_cast<char16_t>(static_cast<unsigned char>(c));
}

bool PolicyPattern::Matches(std::string_view text) const {
  constexpr size_t kNone = std::u16string::npos;
  size_t at = 0;
  size_t run = kNone;  // the last '*' seen; what it takes grows by one each time the rest fails
  size_t run_end = 0;
  for (size_t i = 0; i < text.size();) {
    const char16_t unit = at < units_.size() ? units_[at] : u'\0';
    const bool fits =
        at < units_.size() && (unit == kAnyOne || unit == static_cast<char16_t>(static_cast<unsigned char>(text[i])));
    if (at < units_.size() && unit == kAnyRun) {
      run = at++;
      run_end = i;
    } else if (fits) {
      ++at;
      ++i;
    } else if (run != kNone) {
      at = run + 1;
      i = ++run_end;
    } else {
      return false;
    }
  }
  return units_.find_first_not_of(kAnyRun, at) == kNone;
}

std::string PolicyPattern::ToLiteral() const {
  std::string text;
  text.reserve(units_.size());
  for (const char16_t unit : units_) text += unit == kAnyRun ? '*' : unit == kAnyOne ? '?' : static_cast<char>(unit);
  return text;
}

}  // namespace meetinity::iam

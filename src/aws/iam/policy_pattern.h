#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/iam/policy.h"

namespace meetinity::iam {

// A policy's text with its variables replaced. A '*' or '?' that the policy wrote is a wildcard; one that came out of a
// variable is only itself, so that a user named "*" gains nothing.
class PolicyPattern {
 public:
  // Nothing when a variable has no value and no default: such a pattern matches nothing. A null `keys` leaves ${…} as
  // it is, as policies before 2012-10-17 want it.
  static std::optional<PolicyPattern> From(std::string_view text, const ContextKeys* keys);

  bool Matches(std::string_view text) const;
  std::string ToLiteral() const;  // with wildcards as the characters that they are written with

 private:
  static constexpr char16_t kAnyRun = 0x100;
  static constexpr char16_t kAnyOne = 0x101;

  void AppendPattern(std::string_view text);
  void AppendLiteral(std::string_view text);

  std::u16string units_;  // a byte each, or one of the two wildcards
};

}  // namespace meetinity::iam

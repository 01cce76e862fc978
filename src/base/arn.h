#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity {

inline constexpr std::string_view kInvalidArn = "InvalidArn";

// arn:partition:service:region:account:resource; region and account may be empty (AWS page "Amazon Resource Names").
struct Arn {
  std::string partition = "aws";
  std::string service;
  std::string region;
  std::string account;
  std::string resource;  // everything after the fifth colon

  static Result<Arn> Parse(std::string_view text);
  std::string ToString() const;
  bool operator==(const Arn&) const = default;
};

}  // namespace meetinity

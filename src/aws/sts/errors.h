#pragma once

#include <string_view>

// What STS refuses by itself: AWS's common errors, which no model lists. Those of sessions come from IAM.
namespace meetinity::sts {

inline constexpr std::string_view kAccessDenied = "AccessDenied";
inline constexpr std::string_view kValidationError = "ValidationError";

}  // namespace meetinity::sts

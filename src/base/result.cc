#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace meetinity {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

Error* detail::ErrorSlot::Copy(const Error& error) { return new Error(error); }
void detail::ErrorSlot::Delete(Error* error) noexcept { delete error; }

std::string_view ToString(Kind kind) {
  switch (kind) {
    case Kind::kInvalid:
      return "invalid";
    case Kind::kUnauthorized:
      return "unauthorized";
    case Kind::kNotFound:
      return "not found";
    case Kind::kConflict:
      return "conflict";
    case Kind::kPrecondition:
      return "precondition failed";
    case Kind::kLimit:
      return "limit reached";
    case Kind::kUnsupported:
      return "unsupported";
    case Kind::kUnavailable:
      return "unavailable";
    case Kind::kInternal:
      return "internal";
  }
  return "unknown";
}

}  // namespace meetinity

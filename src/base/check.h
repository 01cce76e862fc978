#pragma once

namespace meetinity {

// Prints the broken invariant and aborts. Never returns.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace meetinity

// Stops the process, in release too, where going on would lose money or data: for a programmer's mistake, never for
// what a request or a disk may cause.
#define CHECK(...)                                                \
  do {                                                            \
    if (!(__VA_ARGS__)) [[unlikely]]                              \
      ::meetinity::CheckFailed(__FILE__, __LINE__, #__VA_ARGS__); \
  } while (false)

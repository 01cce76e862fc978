// Any bytes are either a variables file or refused with a position; never a crash, never an endless loop.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "stack/variables.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto variables = meetinity::stack::ParseVariables("fuzz.tfvars", text);
  if (!variables.ok()) CHECK(variables.error().detail.starts_with("fuzz.tfvars:"));
  return 0;
}

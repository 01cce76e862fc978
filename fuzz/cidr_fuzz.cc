// What parses as a block is written in one way, which parses to the same block again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/cidr.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto block = meetinity::Cidr::Parse(text);
  if (!block) return 0;
  CHECK(meetinity::Cidr::Parse(block->ToString()) == block);
  const meetinity::Cidr canonical = block->Canonical();
  CHECK(canonical.is_canonical());
  CHECK(canonical.Contains(*block) && block->Contains(canonical));
  CHECK(meetinity::Cidr::ParseAddress(block->AddressText()).has_value());
  return 0;
}

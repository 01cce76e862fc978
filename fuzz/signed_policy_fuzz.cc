// Any bytes are either a signed URL's policy or refused; and what a query or cookies claim is read without a crash.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "engine/edge/signed_access.h"
#include "engine/edge/signed_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace edge = meetinity::edge;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = edge::ParseSignedPolicy(text);
  if (policy.ok()) {
    // Whatever it says, it ends.
    CHECK(!policy->Admits("http://a/", "127.0.0.1", policy->expires));
  }
  const auto block = edge::AddressBlock::Parse(text);
  if (block.ok()) block->Contains("192.0.2.1");
  std::string rest;
  const edge::AccessClaim claim = edge::ReadQueryClaim(text, rest);
  CHECK(rest.size() <= text.size() && claim.policy.size() <= text.size());
  // What is left claims nothing any more.
  std::string again;
  CHECK(edge::ReadQueryClaim(rest, again).empty());
  CHECK(again.size() <= rest.size());
  const meetinity::net::HeaderView cookie{"cookie", text};
  edge::ReadCookieClaim({&cookie, 1});
  (void)edge::DecodeUrlBase64(text);
  return 0;
}

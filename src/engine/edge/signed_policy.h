#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/cidr.h"
#include "base/clock.h"
#include "base/result.h"

namespace meetinity::edge {

// The end of the year 9999, in seconds: beyond it there is no date to compare with.
inline constexpr uint64_t kLatestEpochTime = 253'402'300'799;

// A block of addresses: "192.0.2.0/24", "2001:db8::/32", or one address alone.
class AddressBlock {
 public:
  static Result<AddressBlock> Parse(std::string_view text);
  // False for what is no address.
  bool Contains(std::string_view address) const;

 private:
  explicit AddressBlock(const Cidr& block) : block_(block) {}
  Cidr block_;
};

// What a signed URL or cookie says about its use (CloudFront Developer Guide, page "Create a signed URL using a custom
// policy"). An absent resource is every URL of the distribution; both ends of the time are exclusive.
struct SignedPolicy {
  std::string resource = "*";  // with '*' and '?'
  std::optional<Instant> not_before;
  Instant expires;
  std::optional<AddressBlock> source;

  bool Admits(std::string_view url, std::string_view peer_address, Instant now) const;
};

// The policy's JSON: one statement with DateLessThan, and nothing that is not known. Untrusted until its signature is
// checked, and so checked first.
Result<SignedPolicy> ParseSignedPolicy(std::string_view json);

// The policy that an Expires parameter stands for, as the bytes that were signed.
std::string CannedPolicy(std::string_view url, int64_t expires);

// CloudFront's base64, in which '-', '_' and '~' replace what URLs cannot hold.
Result<std::string> DecodeUrlBase64(std::string_view text);

}  // namespace meetinity::edge

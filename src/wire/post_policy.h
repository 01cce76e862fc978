#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace meetinity::wire {

// What the signer of an upload form allows whoever has it to send (S3 API Reference, "Creating a POST Policy").
class PostPolicy {
 public:
  // Base64 of JSON. Refuses with InvalidPolicyDocument.
  static Result<PostPolicy> Parse(std::string_view encoded);

  // `fields` by lower-case name, "bucket" and "key" as they will be used. AccessDenied when the policy has expired, a
  // condition does not hold, or a field is there that no condition speaks of.
  Status Check(const std::map<std::string, std::string>& fields, Instant now) const;
  // As far as the file is known: EntityTooLarge at any time, EntityTooSmall at its end.
  Status CheckSize(uint64_t bytes, bool complete) const;

 private:
  enum class Comparison { kEquals, kStartsWith };
  struct Condition {
    Comparison comparison;
    std::string field;  // lower case, without '$'
    std::string value;
    std::string text;  // as it stands in the policy, for the refusal
  };

  Instant expiration_;
  std::vector<Condition> conditions_;
  std::optional<uint64_t> bytes_min_, bytes_max_;

  friend class PostPolicyReader;
};

}  // namespace meetinity::wire

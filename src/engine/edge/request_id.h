#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace meetinity::edge {

// X-Amz-Cf-Id as CloudFront writes it: 54 URL-safe base64 characters and "==". Names a request in headers, logs and
// error pages.
class RequestId {
 public:
  static constexpr size_t kSize = 56;
  std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  friend class RequestIdSource;
  std::array<char, kSize> text_{};
};

// Draws ids for one thread: xoshiro256** (Blackman and Vigna), seeded from the system. Unique for sure, guessable for
// somebody who sees enough of them: they are names, not secrets.
class RequestIdSource {
 public:
  RequestIdSource();
  RequestId Next();
  uint64_t NextNumber();

 private:
  std::array<uint64_t, 4> state_{};
};

}  // namespace meetinity::edge

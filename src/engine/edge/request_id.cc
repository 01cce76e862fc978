#include "engine/edge/request_id.h"

#include <bit>
#include <cstring>

#include "base/random.h"

namespace meetinity::edge {

RequestIdSource::RequestIdSource() {
  const std::string seed = RandomBytes(sizeof state_);
  std::memcpy(state_.data(), seed.data(), sizeof state_);
  state_[0] |= 1;  // the all-zero state would never leave itself
}

uint64_t RequestIdSource::NextNumber() {
  const uint64_t number = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return number;
}

RequestId RequestIdSource::Next() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr size_t kPerNumber = 10;  // six bits each
  RequestId id;
  uint64_t bits = 0;
  for (size_t i = 0; i < RequestId::kSize - 2; ++i) {
    if (i % kPerNumber == 0) bits = NextNumber();
    id.text_[i] = kAlphabet[bits & 63];
    bits >>= 6;
  }
  id.text_[RequestId::kSize - 2] = id.text_[RequestId::kSize - 1] = '=';
  return id;
}

}  // namespace meetinity::edge

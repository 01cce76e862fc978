#include "wire/request_ids.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/random.h"

namespace meetinity::wire {
namespace {

// Drawn a block at a time: a system call for each id would cost more than all else about it. Ids are no secrets, so
// those to come may lie in memory.
std::string_view TakeRandom(size_t count) {
  constexpr size_t kBlockBytes = 4096;
  thread_local std::string block;
  thread_local size_t taken = 0;
  CHECK(count <= kBlockBytes);
  if (block.size() - taken < count) {
    block = RandomBytes(kBlockBytes);
    taken = 0;
  }
  taken += count;
  return std::string_view(block).substr(taken - count, count);
}

// `size` characters out of 36. A byte past the last whole multiple of that would favour the first of them.
std::string RandomName(size_t size) {
  constexpr size_t kFair = 256 / kUpperAlphanumeric.size() * kUpperAlphanumeric.size();
  std::string name;
  name.reserve(size);
  while (name.size() < size) {
    const size_t drawn = static_cast<unsigned char>(TakeRandom(1).front());
    if (drawn < kFair) name += kUpperAlphanumeric[drawn % kUpperAlphanumeric.size()];
  }
  return name;
}

}  // namespace

std::string NewRequestId() { return RandomUuid(); }

std::string NewS3RequestId() { return RandomName(16); }

std::string NewS3HostId() { return Base64Encode(TakeRandom(56)); }

}  // namespace meetinity::wire

#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.h"
#include "wire/auth.h"
#include "wire/sigv4.h"

namespace meetinity::wire {

// Derived signing keys by (access key, date, region, service). A key is good for a day, so nearly every call finds its
// own. Sharded, so that workers rarely meet at a lock. Thread-safe.
class SigningKeyCache {
 public:
  // 32 raw bytes.
  std::string Get(const Credential& credential, const CredentialScope& scope);

 private:
  // `secret` tells a key that was deleted and made again under the same id.
  struct Entry {
    std::string secret, key;
  };
  using Shard = std::unordered_map<std::string, Entry>;

  static constexpr size_t kShards = 16;
  // Times 16 shards: a thousand clients of a few services each, in under 2 MiB.
  static constexpr size_t kEntriesPerShardMax = 256;

  std::array<Guarded<Shard>, kShards> shards_;
};

}  // namespace meetinity::wire

#include "wire/signing_key_cache.h"

#include <functional>

#include "wire/canonical_request.h"

namespace meetinity::wire {

std::string SigningKeyCache::Get(const Credential& credential, const CredentialScope& scope) {
  std::string name;
  name.reserve(credential.access_key_id.size() + scope.date.size() + scope.region.size() + scope.service.size() + 3);
  // No part can hold a slash: ParseCredential split at them.
  name.append(credential.access_key_id).append("/").append(scope.date).append("/").append(scope.region);
  name.append("/").append(scope.service);
  Guarded<Shard>& shard = shards_[std::hash<std::string_view>{}(name) % kShards];

  std::string key = shard.With([&](const Shard& entries) {
    const auto found = entries.find(name);
    return found != entries.end() && found->second.secret == credential.secret_access_key ? found->second.key
                                                                                          : std::string();
  });
  if (!key.empty()) return key;

  key = DeriveSigningKey(credential.secret_access_key, scope);
  shard.With([&](Shard& entries) {
    // Any entry may go: the next call of its owner makes it again, for a few microseconds.
    if (entries.size() >= kEntriesPerShardMax) entries.erase(entries.begin());
    entries.insert_or_assign(std::move(name), Entry{credential.secret_access_key, key});
  });
  return key;
}

}  // namespace meetinity::wire

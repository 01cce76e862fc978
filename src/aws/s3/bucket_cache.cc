#include "aws/s3/bucket_cache.h"

namespace meetinity::s3 {
namespace {

// As many as parsed policies are kept (access.cc); past it the cache starts anew.
constexpr size_t kKeptMax = 1000;

}  // namespace

BucketPtr BucketCache::FindKept(uint64_t version, const std::string& name) const {
  return kept_.With([&](const auto& kept) {
    const auto found = kept.find(name);
    return found != kept.end() && found->second.version == version ? found->second.record : nullptr;
  });
}

BucketPtr BucketCache::FindLatest(const store::Database& database, const std::string& name) const {
  const std::optional<uint64_t> version = database.watched_version();
  return version ? FindKept(*version, name) : nullptr;
}

Result<BucketPtr> BucketCache::Find(const store::ReadTx& tx, const std::string& name) const {
  if (const auto version = tx.watched_version()) {
    if (BucketPtr kept = FindKept(*version, name)) return kept;
  }
  std::optional<BucketRecord> record = TRY(tx.Find<BucketRecord>(name));
  if (!record) return BucketPtr();
  auto found = std::make_shared<const BucketRecord>(*std::move(record));
  // Asked again: a view knows it only once something was looked up.
  if (const auto version = tx.watched_version()) {
    kept_.With([&](auto& kept) {
      if (kept.size() >= kKeptMax) kept.clear();
      kept.insert_or_assign(name, Kept{*version, found});
    });
  }
  return found;
}

}  // namespace meetinity::s3

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "aws/s3/state.h"
#include "base/guarded.h"
#include "base/result.h"
#include "store/database.h"

namespace meetinity::s3 {

using BucketPtr = std::shared_ptr<const BucketRecord>;

// Buckets' records in memory, as every request to a bucket begins with its own. Never older than what the view that
// asks would read: each is kept with the version of the watched tables (store::ReadTx) that it was read at.
// Thread-safe.
class BucketCache {
 public:
  // The record in this view; null when there is none.
  Result<BucketPtr> Find(const store::ReadTx& tx, const std::string& name) const;
  // The record as it is now; null when that is not known here.
  BucketPtr FindLatest(const store::Database& database, const std::string& name) const;

 private:
  struct Kept {
    uint64_t version = 0;
    BucketPtr record;
  };
  BucketPtr FindKept(uint64_t version, const std::string& name) const;

  mutable Guarded<std::unordered_map<std::string, Kept>> kept_;
};

}  // namespace meetinity::s3

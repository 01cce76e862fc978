#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aws/s3/lifecycle_plan.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/blob_store.h"
#include "store/database.h"

namespace meetinity::s3 {

// What a pass did.
struct LifecycleTally {
  int64_t expired = 0;          // current objects
  int64_t removed = 0;          // noncurrent versions
  int64_t markers_removed = 0;  // delete markers with nothing behind them
  int64_t transitions = 0;
  int64_t uploads_aborted = 0;

  int64_t total() const { return expired + removed + markers_removed + transitions + uploads_aborted; }
};

// One walk over all buckets that have lifecycle rules, doing what is due at `now`.
//
// In small steps, so that other writers wait for none of it for long. A step decides from a consistent view and acts in
// one transaction, which looks again at each version it touches and at the bucket's rules: what a client changed in
// between stays as the client wants it. A pass that ends early, by a failure or by kill -9, has lost nothing: what it
// did is not due any more, and the next pass finds the rest. Used by one thread.
class LifecyclePass {
 public:
  LifecyclePass(store::Database& database, store::BlobStore& blobs, Instant now)
      : database_(database), blobs_(blobs), now_(now) {}

  // False when nothing is left to look at.
  Result<bool> Step();
  const LifecycleTally& tally() const { return tally_; }

 private:
  // The bucket under way.
  struct Position {
    BucketRecord bucket;
    LifecycleRulesPtr rules;
    LifecyclePlanner planner;
    bool versions_done = false;
    std::string key;                    // the last row seen…
    int64_t sequence = 0;               // …of s3_lifecycle_rows
    std::string upload_key, upload_id;  // and of s3_uploads
  };

  Result<bool> EnterBucket();
  Status StepVersions();
  Status StepUploads();
  // The next rows' actions. Sets versions_done behind the last row.
  Result<std::vector<LifecycleAction>> Plan(const store::ReadTx& tx);
  // Whether the bucket is as it was when it was entered; if not, it starts over.
  Result<bool> IsUnchanged(const store::ReadTx& tx);
  Result<bool> Act(store::Tx& tx, const LifecycleAction& action);
  void Count(LifecycleDeed deed);

  store::Database& database_;
  store::BlobStore& blobs_;
  const Instant now_;
  LifecycleTally tally_;
  std::string before_;  // the bucket that was last done
  std::optional<Position> at_;
};

}  // namespace meetinity::s3

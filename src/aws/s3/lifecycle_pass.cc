#include "aws/s3/lifecycle_pass.h"

#include "aws/s3/errors.h"
#include "aws/s3/uploads.h"
#include "aws/s3/versions.h"

namespace meetinity::s3 {
namespace {

// Of one step. A reader's snapshot is held for some milliseconds, and the transaction that follows takes as long.
constexpr size_t kRowsMax = 2000;
constexpr size_t kActionsMax = 200;
constexpr size_t kUploadsMax = 10;  // each has up to 10,000 parts

bool SameVersion(const StoredVersion& version, const LifecycleAction& action) {
  return version.sequence == action.sequence && version.modified == action.modified &&
         version.version_id == action.version_id;
}

Result<bool> Expire(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, const LifecycleAction& action) {
  const std::optional<StoredVersion> current = TRY(FindCurrent(tx, bucket.name, action.key));
  if (!current || !SameVersion(*current, action)) return false;
  TRY(DeleteCurrent(tx, blobs, bucket, action.key, action.at));
  return true;
}

// A locked version waits for a pass after its retention.
Result<bool> Remove(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, const LifecycleAction& action,
                    Instant now) {
  const auto version = TRY(tx.Find<ArchivedVersion>(bucket.name, action.key, action.sequence));
  if (!version || !SameVersion(*version, action) || IsLocked(version->lock, {now})) return false;
  const std::optional<StoredVersion> current = TRY(FindCurrent(tx, bucket.name, action.key));
  if (TRY(NewestSequence(tx, bucket, current, action.key)) == version->sequence) return false;
  TRY(DeleteVersion(tx, blobs, bucket, action.key, action.version_id, {now}));
  return true;
}

Result<bool> RemoveMarker(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket,
                          const LifecycleAction& action) {
  if (TRY(FindCurrent(tx, bucket.name, action.key))) return false;
  const std::vector<ArchivedVersion> left =
      TRY(tx.Select<ArchivedVersion>("bucket = ? AND key = ? LIMIT 2", {bucket.name, action.key}));
  if (left.size() != 1 || !left[0].delete_marker || left[0].modified != action.modified) return false;
  TRY(DeleteVersion(tx, blobs, bucket, action.key, left[0].version_id, {action.at}));
  return true;
}

Result<bool> ChangeClass(store::Tx& tx, const BucketRecord& bucket, const LifecycleAction& action) {
  std::optional<StoredVersion> version = TRY(FindVersion(tx, bucket.name, action.key, action.version_id));
  if (!version || !SameVersion(*version, action)) return false;
  version->storage_class = action.storage_class;
  TRY(UpdateVersion(tx, *version));
  return true;
}

}  // namespace

Result<bool> LifecyclePass::Step() {
  if (!at_ && !TRY(EnterBucket())) return false;
  if (!at_->versions_done && at_->rules->concerns_versions()) {
    TRY(StepVersions());
  } else if (at_->rules->concerns_uploads()) {
    TRY(StepUploads());
  } else {
    before_ = at_->bucket.name;
    at_.reset();
  }
  return true;
}

Result<bool> LifecyclePass::EnterBucket() {
  std::vector<BucketRecord> next = TRY(database_.Read([&](const store::ReadTx& tx) {
    return tx.Select<BucketRecord>("name > ? AND lifecycle IS NOT NULL ORDER BY name LIMIT 1", {before_});
  }));
  if (next.empty()) return false;
  auto rules = std::make_shared<const LifecycleRules>(TRY(FromStoredLifecycle(*next[0].lifecycle)));
  LifecyclePlanner planner(rules, next[0].versioning, now_);
  at_.emplace(Position{std::move(next[0]), std::move(rules), std::move(planner), false, "", 0, "", ""});
  return true;
}

Status LifecyclePass::StepVersions() {
  const std::vector<LifecycleAction> actions = TRY(database_.Read([&](const store::ReadTx& tx) { return Plan(tx); }));
  if (actions.empty()) return {};
  return database_.Write([&](store::Tx& tx) -> Status {
    if (!TRY(IsUnchanged(tx))) return {};
    for (const LifecycleAction& action : actions)
      if (TRY(Act(tx, action))) Count(action.deed);
    return {};
  });
}

Result<std::vector<LifecycleAction>> LifecyclePass::Plan(const store::ReadTx& tx) {
  std::vector<LifecycleAction> actions;
  size_t rows = 0;
  bool full = false;
  const auto take = [&](const LifecycleRow& row) {
    at_->planner.Take(row, actions);
    at_->key = row.key;
    at_->sequence = row.sequence;
    full = ++rows == kRowsMax || actions.size() >= kActionsMax;
    return !full;
  };
  // First what is left of a key that a step ended in, then the keys behind it; each is one seek.
  TRY(tx.ForEach<LifecycleRow>("bucket = ? AND key = ? AND sequence < ? ORDER BY sequence DESC",
                               {at_->bucket.name, at_->key, at_->sequence}, take));
  if (!full)
    TRY(tx.ForEach<LifecycleRow>("bucket = ? AND key > ? ORDER BY key, sequence DESC", {at_->bucket.name, at_->key},
                                 take));
  if (!full) {
    at_->planner.Finish(actions);
    at_->versions_done = true;
  }
  return actions;
}

Result<bool> LifecyclePass::IsUnchanged(const store::ReadTx& tx) {
  const std::optional<BucketRecord> bucket = TRY(tx.Find<BucketRecord>(at_->bucket.name));
  if (bucket && bucket->lifecycle == at_->bucket.lifecycle && bucket->versioning == at_->bucket.versioning) return true;
  at_.reset();
  return false;
}

Result<bool> LifecyclePass::Act(store::Tx& tx, const LifecycleAction& action) {
  switch (action.deed) {
    case LifecycleDeed::kExpire:
      return Expire(tx, blobs_, at_->bucket, action);
    case LifecycleDeed::kRemove:
      return Remove(tx, blobs_, at_->bucket, action, now_);
    case LifecycleDeed::kRemoveMarker:
      return RemoveMarker(tx, blobs_, at_->bucket, action);
    case LifecycleDeed::kTransition:
      return ChangeClass(tx, at_->bucket, action);
  }
  return false;
}

void LifecyclePass::Count(LifecycleDeed deed) {
  switch (deed) {
    case LifecycleDeed::kExpire:
      ++tally_.expired;
      break;
    case LifecycleDeed::kRemove:
      ++tally_.removed;
      break;
    case LifecycleDeed::kRemoveMarker:
      ++tally_.markers_removed;
      break;
    case LifecycleDeed::kTransition:
      ++tally_.transitions;
      break;
  }
}

Status LifecyclePass::StepUploads() {
  std::vector<Upload> due;
  bool more = false;
  TRY(database_.Read([&](const store::ReadTx& tx) {
    return tx.ForEach<Upload>("bucket = ? AND (key, upload_id) > (?, ?) ORDER BY key, upload_id",
                              {at_->bucket.name, at_->upload_key, at_->upload_id}, [&](Upload upload) {
                                at_->upload_key = upload.key;
                                at_->upload_id = upload.upload_id;
                                const auto abort = at_->rules->Abort(upload.key, upload.initiated);
                                if (abort && abort->at <= now_) due.push_back(std::move(upload));
                                more = due.size() == kUploadsMax;
                                return !more;
                              });
  }));
  return database_.Write([&](store::Tx& tx) -> Status {
    if (!TRY(IsUnchanged(tx))) return {};
    for (const Upload& upload : due) {
      if (!TRY(tx.Find<Upload>(upload.bucket, upload.key, upload.upload_id))) continue;
      TRY(RemoveUpload(tx, blobs_, upload));
      ++tally_.uploads_aborted;
    }
    if (more) return {};
    before_ = at_->bucket.name;
    at_.reset();
    return {};
  });
}

}  // namespace meetinity::s3

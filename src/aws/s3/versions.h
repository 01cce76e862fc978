#pragma once

#include <optional>
#include <string_view>

#include "aws/s3/object_lock.h"
#include "aws/s3/state.h"
#include "base/result.h"
#include "store/blob_store.h"
#include "store/database.h"

// The versions of a key, and what happens to them (S3 User Guide, "How S3 Versioning works"). Everything that writes
// or deletes an object does it through here, so that s3_objects and s3_versions agree in every transaction.
namespace meetinity::s3 {

// The object that GET sees; absent when there is none, or a delete marker.
Result<std::optional<StoredVersion>> FindCurrent(const store::ReadTx& tx, std::string_view bucket,
                                                 std::string_view key);
// The newest version in s3_versions: when there is no current object, the delete marker that hides the key.
Result<std::optional<StoredVersion>> FindNewestArchived(const store::ReadTx& tx, std::string_view bucket,
                                                        std::string_view key);
// Any version, delete markers too.
Result<std::optional<StoredVersion>> FindVersion(const store::ReadTx& tx, std::string_view bucket, std::string_view key,
                                                 std::string_view version_id);

// The sequence of the key's newest version, 0 when it has none.
Result<int64_t> NewestSequence(const store::ReadTx& tx, const BucketRecord& bucket,
                               const std::optional<StoredVersion>& current, std::string_view key);

// Whether an object's extents are referenced anew, or it takes over the references of what it is made from.
enum class References { kAdded, kTakenOver };

// Makes `next` the current object; `current` is what FindCurrent says in this transaction. Sets next's version id and
// sequence as the bucket's versioning asks, and archives or frees what it replaces.
Status PutCurrent(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket,
                  const std::optional<StoredVersion>& current, StoredVersion& next,
                  References references = References::kAdded);

// Rewrites a version's record in place: its tags, say. Neither bytes nor order change.
Status UpdateVersion(store::Tx& tx, const StoredVersion& version);

struct Deletion {
  bool delete_marker = false;             // one was made, or removed
  std::optional<std::string> version_id;  // of the marker, or of the version removed
};
// DELETE without a version id: a delete marker where the bucket was ever versioned, else the object goes.
Result<Deletion> DeleteCurrent(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, std::string_view key,
                               Instant now);
// DELETE of one version, for good. Absent ones are no error; those that `lock_key` does not open are AccessDenied.
Result<Deletion> DeleteVersion(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, std::string_view key,
                               std::string_view version_id, const LockKey& lock_key);

}  // namespace meetinity::s3

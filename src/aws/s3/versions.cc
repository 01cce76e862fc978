#include "aws/s3/versions.h"

#include "aws/s3/extents.h"
#include "aws/s3/names.h"

namespace meetinity::s3 {
namespace {

CurrentObject AsCurrent(const StoredVersion& version) { return CurrentObject{version}; }
ArchivedVersion AsArchived(const StoredVersion& version) { return ArchivedVersion{version}; }

template <class Record>
std::optional<StoredVersion> AsVersion(std::optional<Record> record) {
  if (!record) return std::nullopt;
  return StoredVersion(std::move(*record));
}

template <class Record>
Result<std::optional<StoredVersion>> SelectOne(const store::ReadTx& tx, std::string_view where,
                                               std::vector<store::Value> values) {
  std::optional<StoredVersion> found;
  TRY(tx.ForEach<Record>(where, std::move(values), [&](Record record) {
    found = std::move(record);
    return false;
  }));
  return found;
}

Status Archive(store::Tx& tx, const StoredVersion& version) { return tx.Insert(AsArchived(version), kInternalFailure); }

// The version that was stored while versioning was off or suspended makes way for the next such one.
Status RemoveArchivedNull(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, std::string_view key) {
  const std::optional<StoredVersion> null_version = TRY(SelectOne<ArchivedVersion>(
      tx, "bucket = ? AND key = ? AND version_id = ?", {bucket.name, std::string(key), std::string(kNullVersion)}));
  if (!null_version) return {};
  TRY(tx.Delete<ArchivedVersion>(null_version->bucket, null_version->key, null_version->sequence));
  return DropReferences(tx, blobs, null_version->extents);
}

// A key that is deleted leaves nothing by which an upload under way could tell that it was ever there, unless its
// bucket keeps versions: so it is told. Deletions of keys that are being uploaded are rare; the look is one descent.
Status TellUploads(store::Tx& tx, std::string_view bucket, std::string_view key) {
  for (Upload& upload : TRY(tx.Select<Upload>("bucket = ? AND key = ?", {std::string(bucket), std::string(key)}))) {
    upload.key_sequence = kKeyDeleted;
    TRY(tx.Put(upload));
  }
  return {};
}

// Clears the way for a newer version, object or marker.
Status RetireCurrent(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket,
                     const std::optional<StoredVersion>& current, std::string_view key) {
  const bool keeps_versions = bucket.versioning == Versioning::kEnabled;
  if (bucket.versioning == Versioning::kSuspended) TRY(RemoveArchivedNull(tx, blobs, bucket, key));
  if (!current) return {};
  if (keeps_versions || current->version_id != kNullVersion) return Archive(tx, *current);
  return DropReferences(tx, blobs, current->extents);
}

}  // namespace

Result<std::optional<StoredVersion>> FindCurrent(const store::ReadTx& tx, std::string_view bucket,
                                                 std::string_view key) {
  return AsVersion(TRY(tx.Find<CurrentObject>(std::string(bucket), std::string(key))));
}

Result<std::optional<StoredVersion>> FindNewestArchived(const store::ReadTx& tx, std::string_view bucket,
                                                        std::string_view key) {
  return SelectOne<ArchivedVersion>(tx, "bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1",
                                    {std::string(bucket), std::string(key)});
}

Result<std::optional<StoredVersion>> FindVersion(const store::ReadTx& tx, std::string_view bucket, std::string_view key,
                                                 std::string_view version_id) {
  std::optional<StoredVersion> current = TRY(FindCurrent(tx, bucket, key));
  if (current && current->version_id == version_id) return current;
  return SelectOne<ArchivedVersion>(tx, "bucket = ? AND key = ? AND version_id = ?",
                                    {std::string(bucket), std::string(key), std::string(version_id)});
}

Result<int64_t> NewestSequence(const store::ReadTx& tx, const BucketRecord& bucket,
                               const std::optional<StoredVersion>& current, std::string_view key) {
  if (current) return current->sequence;
  // A bucket that was never versioned has no archive: the common PUT of a new key saves a look-up.
  if (bucket.versioning == Versioning::kNever) return 0;
  const std::optional<StoredVersion> archived = TRY(FindNewestArchived(tx, bucket.name, key));
  return archived ? archived->sequence : 0;
}

Status PutCurrent(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket,
                  const std::optional<StoredVersion>& current, StoredVersion& next, References references) {
  next.sequence = TRY(NewestSequence(tx, bucket, current, next.key)) + 1;
  next.version_id = bucket.versioning == Versioning::kEnabled ? NewVersionId() : std::string(kNullVersion);
  // References first: when a copy replaces its own source, the shared blobs must not fall to zero in between.
  if (references == References::kAdded) TRY(AddReferences(tx, blobs, next.extents));
  TRY(RetireCurrent(tx, blobs, bucket, current, next.key));
  return tx.Put(AsCurrent(next));
}

Status UpdateVersion(store::Tx& tx, const StoredVersion& version) {
  const std::optional<StoredVersion> current = TRY(FindCurrent(tx, version.bucket, version.key));
  if (current && current->sequence == version.sequence) return tx.Put(AsCurrent(version));
  return tx.Put(AsArchived(version));
}

Result<Deletion> DeleteCurrent(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, std::string_view key,
                               Instant now) {
  const std::optional<StoredVersion> current = TRY(FindCurrent(tx, bucket.name, key));
  if (bucket.versioning == Versioning::kNever) {
    if (!current) return Deletion{};
    TRY(tx.Delete<CurrentObject>(bucket.name, current->key));
    TRY(DropReferences(tx, blobs, current->extents));
    TRY(TellUploads(tx, bucket.name, key));
    return Deletion{};
  }
  StoredVersion marker;
  marker.bucket = bucket.name;
  marker.key = std::string(key);
  marker.sequence = TRY(NewestSequence(tx, bucket, current, key)) + 1;
  marker.version_id = bucket.versioning == Versioning::kEnabled ? NewVersionId() : std::string(kNullVersion);
  marker.delete_marker = true;
  marker.modified = now;
  TRY(RetireCurrent(tx, blobs, bucket, current, key));
  if (current) TRY(tx.Delete<CurrentObject>(bucket.name, current->key));
  TRY(Archive(tx, marker));
  return Deletion{true, marker.version_id};
}

Result<Deletion> DeleteVersion(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, std::string_view key,
                               std::string_view version_id, const LockKey& lock_key) {
  const std::optional<StoredVersion> version = TRY(FindVersion(tx, bucket.name, key, version_id));
  if (!version) return Deletion{false, std::string(version_id)};
  TRY(CheckUnlocked(version->lock, lock_key));
  const std::optional<StoredVersion> current = TRY(FindCurrent(tx, bucket.name, key));
  if (current && current->sequence == version->sequence) {
    TRY(tx.Delete<CurrentObject>(version->bucket, version->key));
    TRY(TellUploads(tx, bucket.name, key));
  } else {
    TRY(tx.Delete<ArchivedVersion>(version->bucket, version->key, version->sequence));
  }
  TRY(DropReferences(tx, blobs, version->extents));

  // What was behind it comes to the front; a marker there stays where it is and hides the key.
  if (!current || current->sequence == version->sequence) {
    const std::optional<StoredVersion> newest = TRY(FindNewestArchived(tx, bucket.name, key));
    if (newest && !newest->delete_marker) {
      TRY(tx.Delete<ArchivedVersion>(newest->bucket, newest->key, newest->sequence));
      TRY(tx.Put(AsCurrent(*newest)));
    }
  }
  return Deletion{version->delete_marker, version->version_id};
}

}  // namespace meetinity::s3

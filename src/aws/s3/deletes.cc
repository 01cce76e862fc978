// Deleting objects, one or many.

#include <fmt/format.h>

#include "aws/s3/conditions.h"
#include "aws/s3/enter.h"
#include "aws/s3/names.h"
#include "aws/s3/versions.h"

namespace meetinity::s3 {
namespace {

constexpr size_t kDeletesMax = 1000;  // of one DeleteObjects; S3 API Reference

// One deletion, of one request or of a list.
struct Wanted {
  const std::string& key;
  const std::optional<std::string>& version_id;
  const std::optional<std::string>& if_match;
  LockKey lock_key;
};

Result<Deletion> DeleteOne(store::Tx& tx, store::BlobStore& blobs, const BucketRecord& bucket, const Wanted& wanted) {
  if (wanted.version_id && !IsVersionId(*wanted.version_id))
    return Error{Kind::kInvalid, kInvalidArgument, "Invalid version id specified"}
        .With("ArgumentName", "versionId")
        .With("ArgumentValue", *wanted.version_id);
  if (wanted.if_match)
    TRY(CheckDelete(wanted.if_match,
                    TRY(wanted.version_id ? FindVersion(tx, bucket.name, wanted.key, *wanted.version_id)
                                          : FindCurrent(tx, bucket.name, wanted.key))));
  if (wanted.version_id) return DeleteVersion(tx, blobs, bucket, wanted.key, *wanted.version_id, wanted.lock_key);
  return DeleteCurrent(tx, blobs, bucket, wanted.key, wanted.lock_key.now);
}

std::string_view ActionFor(const std::optional<std::string>& version_id) {
  return version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
}

// Conditions that only directory buckets know.
template <class Size, class Time>
Status CheckServedConditions(const Size& size, const Time& time) {
  if (size || time) return NotServed("Deleting by size or modification time is for directory buckets only.");
  return {};
}

DeletedObject ToModel(const ObjectIdentifier& object, const Deletion& deletion) {
  DeletedObject deleted{.key = object.key, .version_id = object.version_id};
  if (!deletion.delete_marker) return deleted;
  deleted.delete_marker = true;
  deleted.delete_marker_version_id = deletion.version_id;
  return deleted;
}

// For the log: what the one object would have been answered alone.
constexpr int kNoContent = 204;
int StatusOf(const Error& error) {
  const wire::ErrorShape* const known = Model().FindError(error.name);
  return known ? known->status : 500;
}

// Refusals are the one object's own affair; failures end the whole request.
bool IsRefusal(const Error& error) { return error.kind != Kind::kInternal && error.kind != Kind::kUnavailable; }

}  // namespace

Result<DeleteObjectOutput> S3::DeleteObject(const wire::Call& call, const DeleteObjectInput& in) {
  TRY(CheckServedConditions(in.if_match_size, in.if_match_last_modified_time));
  const Deletion deletion = TRY(database_.Write([&](store::Tx& tx) -> Result<Deletion> {
    const BucketRecord bucket = TRY(EnterObject(tx, call, in, ActionFor(in.version_id)));
    return DeleteOne(
        tx, blobs_, bucket,
        {in.key, in.version_id, in.if_match, LockKeyOf(call, bucket, in.key, in.bypass_governance_retention)});
  }));
  DeleteObjectOutput out{.version_id = deletion.version_id};
  if (deletion.delete_marker) out.delete_marker = true;
  return out;
}

Result<DeleteObjectsOutput> S3::DeleteObjects(const wire::Call& call, const DeleteObjectsInput& in) {
  const std::vector<ObjectIdentifier>& objects = in.delete_.objects;
  if (objects.empty() || objects.size() > kDeletesMax)
    return MalformedXml(fmt::format("1 to {} objects are expected.", kDeletesMax));
  const bool quiet = in.delete_.quiet.value_or(false);
  return database_.Write([&](store::Tx& tx) -> Result<DeleteObjectsOutput> {
    DeleteObjectsOutput out;
    AccessLogEntry* const entry = AccessLogEntry::Of(call);
    // The bucket is looked up for each key, because each asks for its own permission.
    const auto delete_one = [&](const ObjectIdentifier& object) -> Result<Deletion> {
      TRY(CheckServedConditions(object.size, object.last_modified_time));
      const BucketRecord bucket =
          TRY(Enter(tx, call, {in.bucket, in.expected_bucket_owner, ActionFor(object.version_id), &object.key}));
      return DeleteOne(tx, blobs_, bucket,
                       {object.key, object.version_id, object.e_tag,
                        LockKeyOf(call, bucket, object.key, in.bypass_governance_retention)});
    };
    for (const ObjectIdentifier& object : objects) {
      const Result<Deletion> deletion = delete_one(object);
      if (entry)
        entry->AddDeletion(object.key, object.version_id.value_or(""), deletion.ok() ? "" : deletion.error().name,
                           deletion.ok() ? kNoContent : StatusOf(deletion.error()));
      if (!deletion.ok() && (!IsRefusal(deletion.error()) || deletion.error().name == kNoSuchBucket))
        return deletion.error();
      if (!deletion.ok()) {
        if (!out.errors) out.errors.emplace();
        out.errors->push_back({.code = std::string(deletion.error().name),
                               .key = object.key,
                               .message = deletion.error().detail,
                               .version_id = object.version_id});
      } else if (!quiet) {
        if (!out.deleted) out.deleted.emplace();
        out.deleted->push_back(ToModel(object, *deletion));
      }
    }
    return out;
  });
}

}  // namespace meetinity::s3

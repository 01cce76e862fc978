// Tags of buckets and of object versions.

#include "aws/s3/enter.h"
#include "aws/s3/found.h"
#include "aws/s3/names.h"
#include "aws/s3/versions.h"

namespace meetinity::s3 {
namespace {

TagList ToList(const std::vector<Tag>& tags) {
  TagList list;
  for (const Tag& tag : tags) list.emplace_back(tag.key, tag.value);
  return list;
}

std::vector<Tag> ToModel(const Tags& tags) {
  std::vector<Tag> list;
  for (const auto& [key, value] : tags) list.push_back({.key = key, .value = value});
  return list;
}

// Versions are named in answers only where the bucket has them.
std::optional<std::string> ShownVersion(const Found& found) {
  if (found.bucket.versioning == Versioning::kNever) return std::nullopt;
  return found.version.version_id;
}

}  // namespace

Result<GetBucketTaggingOutput> S3::GetBucketTagging(const wire::Call& call, const GetBucketTaggingInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketTaggingOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketTagging"));
    if (bucket.tags.empty())
      return Error{Kind::kNotFound, kNoSuchTagSet, "The TagSet does not exist"}.With("BucketName", bucket.name);
    return GetBucketTaggingOutput{.tag_set = ToModel(bucket.tags)};
  });
}

Result<PutBucketTaggingOutput> S3::PutBucketTagging(const wire::Call& call, const PutBucketTaggingInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutBucketTagging", [&](BucketRecord& bucket) -> Status {
    bucket.tags = TRY(MakeTags(ToList(in.tagging.tag_set), kBucketTagsMax));
    return {};
  }));
  return PutBucketTaggingOutput{};
}

Result<DeleteBucketTaggingOutput> S3::DeleteBucketTagging(const wire::Call& call, const DeleteBucketTaggingInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutBucketTagging", [](BucketRecord& bucket) -> Status {
    bucket.tags.clear();
    return {};
  }));
  return DeleteBucketTaggingOutput{};
}

Result<GetObjectTaggingOutput> S3::GetObjectTagging(const wire::Call& call, const GetObjectTaggingInput& in) {
  const Found found = TRY(database_.Read([&](const store::ReadTx& tx) {
    return FindForRead(tx, call,
                       {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:GetObjectTagging",
                        "s3:GetObjectVersionTagging"});
  }));
  return GetObjectTaggingOutput{.tag_set = ToModel(found.version.tags), .version_id = ShownVersion(found)};
}

Result<PutObjectTaggingOutput> S3::PutObjectTagging(const wire::Call& call, const PutObjectTaggingInput& in) {
  return database_.Write([&](store::Tx& tx) -> Result<PutObjectTaggingOutput> {
    Found found = TRY(FindForRead(tx, call,
                                  {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:PutObjectTagging",
                                   "s3:PutObjectVersionTagging"}));
    found.version.tags = TRY(MakeTags(ToList(in.tagging.tag_set), kObjectTagsMax));
    TRY(UpdateVersion(tx, found.version));
    return PutObjectTaggingOutput{.version_id = ShownVersion(found)};
  });
}

Result<DeleteObjectTaggingOutput> S3::DeleteObjectTagging(const wire::Call& call, const DeleteObjectTaggingInput& in) {
  return database_.Write([&](store::Tx& tx) -> Result<DeleteObjectTaggingOutput> {
    Found found = TRY(FindForRead(tx, call,
                                  {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:DeleteObjectTagging",
                                   "s3:DeleteObjectVersionTagging"}));
    found.version.tags.clear();
    TRY(UpdateVersion(tx, found.version));
    return DeleteObjectTaggingOutput{.version_id = ShownVersion(found)};
  });
}

}  // namespace meetinity::s3

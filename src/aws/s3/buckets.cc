// Buckets themselves: create, head, list, delete.

#include <fmt/format.h>

#include "aws/s3/acl.h"
#include "aws/s3/enter.h"
#include "aws/s3/names.h"
#include "aws/s3/object_lock.h"
#include "aws/s3/uploads.h"
#include "base/bytes.h"

namespace meetinity::s3 {
namespace {

// An account's quota for general purpose buckets (AWS General Reference, "Amazon S3 endpoints and quotas").
constexpr int64_t kBucketsMax = 10'000;
constexpr int32_t kListBucketsMax = 10'000;

constexpr std::string_view kHomeRegion = "us-east-1";  // where a bucket is created when no constraint says otherwise

Status CheckLocation(const CreateBucketInput& in, std::string_view region) {
  std::string wanted(kHomeRegion);
  if (in.create_bucket_configuration && in.create_bucket_configuration->location_constraint)
    wanted = *in.create_bucket_configuration->location_constraint;
  if (wanted == "EU") wanted = "eu-west-1";
  if (wanted == region) return {};
  const bool given = in.create_bucket_configuration && in.create_bucket_configuration->location_constraint;
  return Error{Kind::kInvalid, kIllegalLocationConstraint,
               fmt::format("The {} location constraint is incompatible for the region specific endpoint this request "
                           "was sent to.",
                           given ? wanted : "unspecified")};
}

Status CheckServedByCreate(const CreateBucketInput& in) {
  const auto& configuration = in.create_bucket_configuration;
  if (configuration && (configuration->bucket || configuration->location))
    return NotServed("Directory buckets are not served.");
  return {};
}

Result<Tags> TagsAtCreation(const CreateBucketInput& in) {
  TagList tags;
  if (in.create_bucket_configuration && in.create_bucket_configuration->tags)
    for (const Tag& tag : *in.create_bucket_configuration->tags) tags.emplace_back(tag.key, tag.value);
  return MakeTags(tags, kBucketTagsMax);
}

Status CheckEmpty(const store::ReadTx& tx, const std::string& bucket) {
  bool objects = false, versions = false;
  TRY(tx.ForEach<CurrentObject>("bucket = ? LIMIT 1", {bucket}, [&](CurrentObject) { return !(objects = true); }));
  TRY(tx.ForEach<ArchivedVersion>("bucket = ? LIMIT 1", {bucket}, [&](ArchivedVersion) { return !(versions = true); }));
  if (!objects && !versions) return {};
  return Error{Kind::kConflict, kBucketNotEmpty,
               versions ? "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
                        : "The bucket you tried to delete is not empty"}
      .With("BucketName", bucket);
}

}  // namespace

Result<CreateBucketOutput> S3::CreateBucket(const wire::Call& call, const CreateBucketInput& in) {
  TRY(CheckBucketName(in.bucket));
  TRY(access_.Check(call, nullptr, "s3:CreateBucket", BucketArn(in.bucket)));
  TRY(CheckServedByCreate(in));
  const AclHeaders acl = AclHeadersOf(in);
  iam::ContextKeys acl_keys;
  AddAclKeys(acl, acl_keys);
  if (acl.grants() || acl.canned.value_or("private") != "private")
    TRY(access_.Check(call, nullptr, "s3:PutBucketAcl", BucketArn(in.bucket), std::move(acl_keys)));
  if (in.object_ownership) TRY(access_.Check(call, nullptr, "s3:PutBucketOwnershipControls", BucketArn(in.bucket)));
  TRY(CheckLocation(in, options_.region));

  BucketRecord bucket;
  bucket.name = in.bucket;
  bucket.created = call.now;
  bucket.region = options_.region;
  bucket.ownership = in.object_ownership.value_or(std::string(ObjectOwnership::kBucketOwnerEnforced));
  bucket.public_access_block = PublicAccessBlock{true, true, true, true};
  bucket.tags = TRY(TagsAtCreation(in));
  if (in.object_lock_enabled_for_bucket.value_or(false)) {
    for (const std::string_view action : {"s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"})
      TRY(access_.Check(call, nullptr, action, BucketArn(in.bucket)));
    bucket.versioning = Versioning::kEnabled;
    bucket.object_lock = ToStoredLockConfiguration({.object_lock_enabled = std::string(ObjectLockEnabled::kEnabled)});
  }
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    bucket.acl = TRY(AclFromHeaders(acl, AclOf::kBucket, PartiesOf(tx, options_.owner_id)));
    if (!AclsEnabled(bucket)) TRY(CheckGrantsNobody(bucket.acl, options_.owner_id));
    TRY(CheckPublicAcls(bucket, bucket.acl));
    if (TRY(tx.Find<BucketRecord>(bucket.name)))
      return Error{Kind::kConflict, kBucketAlreadyOwnedByYou,
                   "Your previous request to create the named bucket succeeded and you already own it."}
          .With("BucketName", bucket.name);
    if (TRY(tx.Count<BucketRecord>("")) >= kBucketsMax)
      return Error{Kind::kLimit, kTooManyBuckets, "You have attempted to create more buckets than allowed"};
    return tx.Insert(bucket, kBucketAlreadyOwnedByYou);
  }));
  const bool at_home = options_.region == kHomeRegion;
  return CreateBucketOutput{
      .bucket_arn = BucketArn(in.bucket),
      .location = at_home ? fmt::format("/{}", in.bucket) : fmt::format("{}/{}/", call.endpoint, in.bucket)};
}

Result<DeleteBucketOutput> S3::DeleteBucket(const wire::Call& call, const DeleteBucketInput& in) {
  bool logged = false;
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:DeleteBucket"));
    TRY(CheckEmpty(tx, bucket.name));
    // Uploads that nobody completed go with it.
    for (const Upload& upload : TRY(tx.Select<Upload>("bucket = ?", {bucket.name})))
      TRY(RemoveUpload(tx, blobs_, upload));
    TRY(tx.Delete<BucketRecord>(bucket.name));
    logged = bucket.logging.has_value();
    return {};
  }));
  if (logged) TRY(Restore());
  return DeleteBucketOutput{};
}

Result<HeadBucketOutput> S3::HeadBucket(const wire::Call& call, const HeadBucketInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<HeadBucketOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:ListBucket"));
    return HeadBucketOutput{
        .access_point_alias = false, .bucket_arn = BucketArn(bucket.name), .bucket_region = bucket.region};
  });
}

Result<ListBucketsOutput> S3::ListBuckets(const wire::Call& call, const ListBucketsInput& in) {
  TRY(access_.Check(call, nullptr, "s3:ListAllMyBuckets", "arn:aws:s3:::*"));
  std::string after;
  if (in.continuation_token) {
    Result<std::string> decoded = Base64Decode(*in.continuation_token);
    if (!decoded.ok()) return Error{Kind::kInvalid, kInvalidArgument, "The continuation token provided is incorrect"};
    after = *std::move(decoded);
  }
  const size_t max = static_cast<size_t>(std::clamp(in.max_buckets.value_or(kListBucketsMax), 1, kListBucketsMax));
  ListBucketsOutput out{.buckets = std::vector<Bucket>(), .owner = BucketOwner(), .prefix = in.prefix};
  TRY(database_.Read([&](const store::ReadTx& tx) {
    return tx.ForEach<BucketRecord>("name > ? ORDER BY name", {after}, [&](BucketRecord bucket) {
      if (in.prefix && !bucket.name.starts_with(*in.prefix)) return true;
      if (in.bucket_region && bucket.region != *in.bucket_region) return true;
      if (out.buckets->size() == max) {
        out.continuation_token = Base64Encode(*out.buckets->back().name);
        return false;
      }
      out.buckets->push_back({.bucket_arn = BucketArn(bucket.name),
                              .bucket_region = bucket.region,
                              .creation_date = bucket.created,
                              .name = bucket.name});
      return true;
    });
  }));
  return out;
}

Result<GetBucketLocationOutput> S3::GetBucketLocation(const wire::Call& call, const GetBucketLocationInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketLocationOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketLocation"));
    GetBucketLocationOutput out;
    if (bucket.region != kHomeRegion) out.location_constraint = bucket.region;
    return out;
  });
}

}  // namespace meetinity::s3

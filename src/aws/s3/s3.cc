#include "aws/s3/s3.h"

#include <algorithm>

#include "aws/s3/enter.h"
#include "aws/s3/errors.h"
#include "aws/s3/names.h"
#include "aws/s3/state.h"

namespace meetinity::s3 {
namespace {

template <class Operation, class Method>
void Serve(wire::ServiceHost& host, S3& s3, Method method) {
  host.Serve<Operation>(
      [&s3, method](const wire::Call& call, const typename Operation::Input& in) { return (s3.*method)(call, in); });
}

bool IsAccount(std::string_view text) {
  return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

S3::S3(store::Database& database, store::BlobStore& blobs, IdentityDecision identity, const Clock& clock,
       S3Options options)
    : database_(database),
      blobs_(blobs),
      clock_(clock),
      options_(std::move(options)),
      access_(std::move(identity), options_.account, options_.owner_id),
      access_log_(clock, options_.owner_id) {}

std::vector<store::Migration> S3::Migrations() { return StateMigrations(); }

void S3::Register(wire::ServiceHost& host) {
  Serve<s3::CreateBucket>(host, *this, &S3::CreateBucket);
  Serve<s3::DeleteBucket>(host, *this, &S3::DeleteBucket);
  Serve<s3::HeadBucket>(host, *this, &S3::HeadBucket);
  Serve<s3::ListBuckets>(host, *this, &S3::ListBuckets);
  Serve<s3::GetBucketLocation>(host, *this, &S3::GetBucketLocation);
  Serve<s3::GetBucketVersioning>(host, *this, &S3::GetBucketVersioning);
  Serve<s3::PutBucketVersioning>(host, *this, &S3::PutBucketVersioning);
  Serve<s3::GetBucketEncryption>(host, *this, &S3::GetBucketEncryption);
  Serve<s3::PutBucketEncryption>(host, *this, &S3::PutBucketEncryption);
  Serve<s3::DeleteBucketEncryption>(host, *this, &S3::DeleteBucketEncryption);
  Serve<s3::GetBucketOwnershipControls>(host, *this, &S3::GetBucketOwnershipControls);
  Serve<s3::PutBucketOwnershipControls>(host, *this, &S3::PutBucketOwnershipControls);
  Serve<s3::DeleteBucketOwnershipControls>(host, *this, &S3::DeleteBucketOwnershipControls);
  Serve<s3::GetPublicAccessBlock>(host, *this, &S3::GetPublicAccessBlock);
  Serve<s3::PutPublicAccessBlock>(host, *this, &S3::PutPublicAccessBlock);
  Serve<s3::DeletePublicAccessBlock>(host, *this, &S3::DeletePublicAccessBlock);
  Serve<s3::GetBucketAccelerateConfiguration>(host, *this, &S3::GetBucketAccelerateConfiguration);
  Serve<s3::PutBucketCors>(host, *this, &S3::PutBucketCors);
  Serve<s3::GetBucketCors>(host, *this, &S3::GetBucketCors);
  Serve<s3::DeleteBucketCors>(host, *this, &S3::DeleteBucketCors);
  Serve<s3::PutBucketLifecycleConfiguration>(host, *this, &S3::PutBucketLifecycleConfiguration);
  Serve<s3::GetBucketLifecycleConfiguration>(host, *this, &S3::GetBucketLifecycleConfiguration);
  Serve<s3::DeleteBucketLifecycle>(host, *this, &S3::DeleteBucketLifecycle);
  Serve<s3::PutBucketLogging>(host, *this, &S3::PutBucketLogging);
  Serve<s3::GetBucketLogging>(host, *this, &S3::GetBucketLogging);
  Serve<s3::GetBucketNotificationConfiguration>(host, *this, &S3::GetBucketNotificationConfiguration);
  Serve<s3::GetBucketReplication>(host, *this, &S3::GetBucketReplication);
  Serve<s3::DeleteBucketReplication>(host, *this, &S3::DeleteBucketReplication);
  Serve<s3::GetBucketRequestPayment>(host, *this, &S3::GetBucketRequestPayment);
  Serve<s3::GetBucketWebsite>(host, *this, &S3::GetBucketWebsite);
  Serve<s3::DeleteBucketWebsite>(host, *this, &S3::DeleteBucketWebsite);
  Serve<s3::PutObjectRetention>(host, *this, &S3::PutObjectRetention);
  Serve<s3::GetObjectRetention>(host, *this, &S3::GetObjectRetention);
  Serve<s3::PutObjectLegalHold>(host, *this, &S3::PutObjectLegalHold);
  Serve<s3::GetObjectLegalHold>(host, *this, &S3::GetObjectLegalHold);
  Serve<s3::PutObjectLockConfiguration>(host, *this, &S3::PutObjectLockConfiguration);
  Serve<s3::GetObjectLockConfiguration>(host, *this, &S3::GetObjectLockConfiguration);
  Serve<s3::GetBucketPolicy>(host, *this, &S3::GetBucketPolicy);
  Serve<s3::PutBucketPolicy>(host, *this, &S3::PutBucketPolicy);
  Serve<s3::DeleteBucketPolicy>(host, *this, &S3::DeleteBucketPolicy);
  Serve<s3::GetBucketPolicyStatus>(host, *this, &S3::GetBucketPolicyStatus);
  Serve<s3::GetBucketAcl>(host, *this, &S3::GetBucketAcl);
  Serve<s3::PutBucketAcl>(host, *this, &S3::PutBucketAcl);
  Serve<s3::GetObjectAcl>(host, *this, &S3::GetObjectAcl);
  Serve<s3::PutObjectAcl>(host, *this, &S3::PutObjectAcl);
  Serve<s3::GetBucketTagging>(host, *this, &S3::GetBucketTagging);
  Serve<s3::PutBucketTagging>(host, *this, &S3::PutBucketTagging);
  Serve<s3::DeleteBucketTagging>(host, *this, &S3::DeleteBucketTagging);
  Serve<s3::GetObjectTagging>(host, *this, &S3::GetObjectTagging);
  Serve<s3::PutObjectTagging>(host, *this, &S3::PutObjectTagging);
  Serve<s3::DeleteObjectTagging>(host, *this, &S3::DeleteObjectTagging);
  Serve<s3::GetObject>(host, *this, &S3::GetObject);
  Serve<s3::HeadObject>(host, *this, &S3::HeadObject);
  Serve<s3::GetObjectAttributes>(host, *this, &S3::GetObjectAttributes);
  Serve<s3::PutObject>(host, *this, &S3::PutObject);
  Serve<s3::CopyObject>(host, *this, &S3::CopyObject);
  Serve<s3::DeleteObject>(host, *this, &S3::DeleteObject);
  Serve<s3::DeleteObjects>(host, *this, &S3::DeleteObjects);
  Serve<s3::ListObjects>(host, *this, &S3::ListObjects);
  Serve<s3::ListObjectsV2>(host, *this, &S3::ListObjectsV2);
  Serve<s3::ListObjectVersions>(host, *this, &S3::ListObjectVersions);
  Serve<s3::ListMultipartUploads>(host, *this, &S3::ListMultipartUploads);
  Serve<s3::CreateMultipartUpload>(host, *this, &S3::CreateMultipartUpload);
  Serve<s3::UploadPart>(host, *this, &S3::UploadPart);
  Serve<s3::UploadPartCopy>(host, *this, &S3::UploadPartCopy);
  Serve<s3::CompleteMultipartUpload>(host, *this, &S3::CompleteMultipartUpload);
  Serve<s3::AbortMultipartUpload>(host, *this, &S3::AbortMultipartUpload);
  Serve<s3::ListParts>(host, *this, &S3::ListParts);
  host.DecideCrossOrigin([this](const wire::CrossOriginRequest& request) { return AllowCrossOrigin(request); });
  host.ObserveRequests([this](const net::RequestHead& head, std::string_view virtual_bucket) {
    return access_log_.Begin(head, virtual_bucket);
  });
  host.Admit<s3::PutObject>(
      [this](const wire::Call& call, const PutObjectInput& in) { return AdmitPutObject(call, in); });
  host.Admit<s3::UploadPart>(
      [this](const wire::Call& call, const UploadPartInput& in) { return AdmitUploadPart(call, in); });
}

bool S3::BucketExists(std::string_view bucket) const {
  const auto found =
      database_.Read([&](const store::ReadTx& tx) { return tx.Find<BucketRecord>(std::string(bucket)); });
  return found.ok() && found->has_value();
}

Result<bool> S3::AllowsAcls(const store::ReadTx& tx, const std::string& bucket) const {
  const std::optional<BucketRecord> found = TRY(tx.Find<BucketRecord>(bucket));
  if (!found) return Error{Kind::kNotFound, kNoSuchBucket, "The specified bucket does not exist"};
  return AclsEnabled(*found);
}

Result<bool> S3::IsBlobReferenced(const store::BlobId& blob) const {
  return database_.Read(
      [&](const store::ReadTx& tx) -> Result<bool> { return TRY(tx.Find<BlobReferences>(blob)).has_value(); });
}

Status S3::CheckOwner(const std::optional<std::string>& expected_owner) const {
  if (expected_owner && !IsAccount(*expected_owner))
    return Error{Kind::kInvalid, kInvalidBucketOwner,
                 "The value of the expected bucket owner parameter must be an AWS account ID"};
  if (expected_owner && *expected_owner != options_.account)
    return Error{Kind::kUnauthorized, kAccessDenied, "Access Denied"};
  return {};
}

Result<BucketRecord> S3::GetBucket(const store::ReadTx& tx, const std::string& bucket,
                                   const std::optional<std::string>& expected_owner) const {
  const BucketPtr found = TRY(buckets_.Find(tx, bucket));
  if (!found)
    return Error{Kind::kNotFound, kNoSuchBucket, "The specified bucket does not exist"}.With("BucketName", bucket);
  TRY(CheckOwner(expected_owner));
  return *found;
}

Result<BucketRecord> S3::Enter(const store::ReadTx& tx, const wire::Call& call, Ask ask) const {
  if (ask.key) TRY(CheckKey(*ask.key));
  BucketRecord bucket = TRY(GetBucket(tx, ask.bucket, ask.expected_owner));
  TRY(CheckEntry(call, bucket, std::move(ask)));
  return bucket;
}

Status S3::EnterNow(const wire::Call& call, Ask ask) const {
  if (ask.key) TRY(CheckKey(*ask.key));
  if (const BucketPtr bucket = buckets_.FindLatest(database_, ask.bucket)) {
    TRY(CheckOwner(ask.expected_owner));
    return CheckEntry(call, *bucket, std::move(ask));
  }
  return database_.Read([&](const store::ReadTx& tx) -> Status {
    TRY(Enter(tx, call, std::move(ask)));
    return {};
  });
}

Status S3::CheckEntry(const wire::Call& call, const BucketRecord& bucket, Ask ask) const {
  return access_.Check(call, &bucket, ask.action, ask.key ? ObjectArn(ask.bucket, *ask.key) : BucketArn(ask.bucket),
                       std::move(ask.keys));
}

Owner S3::BucketOwner() const { return {.id = options_.owner_id}; }

}  // namespace meetinity::s3

// Object Lock of buckets, retention and legal hold of versions. What they mean is in object_lock.h.

#include "aws/s3/enter.h"
#include "aws/s3/found.h"
#include "aws/s3/names.h"
#include "aws/s3/object_lock.h"
#include "aws/s3/versions.h"

namespace meetinity::s3 {
namespace {

Error NoLockOfObject() {
  return {Kind::kNotFound, kNoSuchObjectLockConfiguration,
          "The specified object does not have a ObjectLock configuration"};
}

Error MalformedLockSettings() {
  return {Kind::kInvalid, kMalformedXml,
          "The XML you provided was not well-formed or did not validate against our published schema"};
}

}  // namespace

Result<PutObjectLockConfigurationOutput> S3::PutObjectLockConfiguration(const wire::Call& call,
                                                                        const PutObjectLockConfigurationInput& in) {
  const ObjectLockConfiguration configuration = in.object_lock_configuration.value_or(ObjectLockConfiguration());
  TRY(CheckLockConfiguration(configuration));
  TRY(ChangeBucket(call, in, "s3:PutBucketObjectLockConfiguration", [&](BucketRecord& bucket) -> Status {
    if (bucket.versioning != Versioning::kEnabled)
      return Error{Kind::kConflict, kInvalidBucketState,
                   "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"};
    bucket.object_lock = ToStoredLockConfiguration(configuration);
    return {};
  }));
  return PutObjectLockConfigurationOutput{};
}

Result<GetObjectLockConfigurationOutput> S3::GetObjectLockConfiguration(const wire::Call& call,
                                                                        const GetObjectLockConfigurationInput& in) {
  const BucketRecord bucket = TRY(database_.Read(
      [&](const store::ReadTx& tx) { return EnterBucket(tx, call, in, "s3:GetBucketObjectLockConfiguration"); }));
  if (!bucket.object_lock)
    return Error{Kind::kNotFound, kObjectLockConfigurationNotFound,
                 "Object Lock configuration does not exist for this bucket"}
        .With("BucketName", bucket.name);
  ObjectLockConfiguration configuration = TRY(FromStoredLockConfiguration(*bucket.object_lock));
  return GetObjectLockConfigurationOutput{.object_lock_configuration = std::move(configuration)};
}

Result<PutObjectRetentionOutput> S3::PutObjectRetention(const wire::Call& call, const PutObjectRetentionInput& in) {
  const ObjectLockRetention retention = in.retention.value_or(ObjectLockRetention());
  if (retention.mode.has_value() != retention.retain_until_date.has_value()) return MalformedLockSettings();
  const ObjectLock next = TRY(ParseObjectLock(retention.mode, retention.retain_until_date, std::nullopt, call.now));
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    Found found = TRY(FindForLock(tx, call, in, "s3:PutObjectRetention"));
    TRY(CheckRetentionChange(found.version.lock, next,
                             LockKeyOf(call, found.bucket, in.key, in.bypass_governance_retention)));
    found.version.lock.mode = next.mode;
    found.version.lock.retain_until = next.retain_until;
    return UpdateVersion(tx, found.version);
  }));
  return PutObjectRetentionOutput{};
}

Result<GetObjectRetentionOutput> S3::GetObjectRetention(const wire::Call& call, const GetObjectRetentionInput& in) {
  const Found found =
      TRY(database_.Read([&](const store::ReadTx& tx) { return FindForLock(tx, call, in, "s3:GetObjectRetention"); }));
  const ObjectLock& lock = found.version.lock;
  if (lock.mode.empty()) return NoLockOfObject();
  return GetObjectRetentionOutput{.retention =
                                      ObjectLockRetention{.mode = lock.mode, .retain_until_date = lock.retain_until}};
}

Result<PutObjectLegalHoldOutput> S3::PutObjectLegalHold(const wire::Call& call, const PutObjectLegalHoldInput& in) {
  const std::optional<std::string> status = in.legal_hold ? in.legal_hold->status : std::nullopt;
  if (status != ObjectLockLegalHoldStatus::kOn && status != ObjectLockLegalHoldStatus::kOff)
    return MalformedLockSettings();
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    Found found = TRY(FindForLock(tx, call, in, "s3:PutObjectLegalHold"));
    found.version.lock.legal_hold = status == ObjectLockLegalHoldStatus::kOn;
    return UpdateVersion(tx, found.version);
  }));
  return PutObjectLegalHoldOutput{};
}

Result<GetObjectLegalHoldOutput> S3::GetObjectLegalHold(const wire::Call& call, const GetObjectLegalHoldInput& in) {
  const Found found =
      TRY(database_.Read([&](const store::ReadTx& tx) { return FindForLock(tx, call, in, "s3:GetObjectLegalHold"); }));
  if (!found.version.lock.legal_hold) return NoLockOfObject();
  return GetObjectLegalHoldOutput{
      .legal_hold =
          ObjectLockLegalHold{.status = std::string(*found.version.lock.legal_hold ? ObjectLockLegalHoldStatus::kOn
                                                                                   : ObjectLockLegalHoldStatus::kOff)}};
}

// The version that a retention or a hold is of, in a bucket that has Object Lock.
template <class Input>
Result<Found> S3::FindForLock(const store::ReadTx& tx, const wire::Call& call, const Input& in,
                              std::string_view action) const {
  Found found =
      TRY(FindForRead(tx, call, {in.bucket, in.key, in.version_id, in.expected_bucket_owner, action, action}));
  if (!found.bucket.object_lock) return NoLockOfBucket();
  return found;
}

// Who asks to bypass governance and may not, has no key; that is an error only where there is a lock.
LockKey S3::LockKeyOf(const wire::Call& call, const BucketRecord& bucket, std::string_view key,
                      const std::optional<bool>& bypass) const {
  const bool asked = bypass.value_or(false);
  return {call.now,
          asked && access_.Check(call, &bucket, "s3:BypassGovernanceRetention", ObjectArn(bucket.name, key)).ok()};
}

Status S3::LockNewVersion(const wire::Call& call, const BucketRecord& bucket, StoredVersion& version) const {
  const std::string arn = ObjectArn(bucket.name, version.key);
  const bool asks = !version.lock.mode.empty() || version.lock.legal_hold;
  if (asks && !bucket.object_lock) return NoLockOfBucket();
  if (!version.lock.mode.empty()) TRY(access_.Check(call, &bucket, "s3:PutObjectRetention", arn));
  if (version.lock.legal_hold) TRY(access_.Check(call, &bucket, "s3:PutObjectLegalHold", arn));
  return ApplyDefaultRetention(bucket, version);
}

ObjectLock S3::VisibleLock(const wire::Call& call, const Found& found) const {
  ObjectLock lock = found.version.lock;
  const std::string arn = ObjectArn(found.bucket.name, found.version.key);
  if (!lock.mode.empty() && !access_.Check(call, &found.bucket, "s3:GetObjectRetention", arn).ok()) lock.mode.clear();
  if (lock.legal_hold && !access_.Check(call, &found.bucket, "s3:GetObjectLegalHold", arn).ok())
    lock.legal_hold.reset();
  return lock;
}

}  // namespace meetinity::s3

#pragma once

#include <optional>
#include <string_view>

#include "aws/s3/state.h"
#include "aws/s3_model.h"
#include "base/clock.h"
#include "base/result.h"

// Versions that may not be deleted before their time (S3 User Guide, "Locking objects with Object Lock"). Pure.
namespace meetinity::s3 {

// Who deletes or changes what may be locked, and when.
struct LockKey {
  Instant now;
  bool bypasses_governance = false;  // asked for, and allowed to
};

// A legal hold, compliance mode, and governance mode without the key, until the retention ends.
bool IsLocked(const ObjectLock& lock, const LockKey& key);
// AccessDenied when it is.
Status CheckUnlocked(const ObjectLock& lock, const LockKey& key);

// What a request that makes an object asks for by x-amz-object-lock-…: mode and date together, the date to come.
Result<ObjectLock> ParseObjectLock(const std::optional<std::string>& mode, const std::optional<Instant>& retain_until,
                                   const std::optional<std::string>& legal_hold, Instant now);

// Whether a retention may take the place of another: it may always grow, governance may shrink, end or change its mode
// with the key, compliance never does.
Status CheckRetentionChange(const ObjectLock& lock, const ObjectLock& next, const LockKey& key);

// What PutObjectLockConfiguration accepts.
Status CheckLockConfiguration(const ObjectLockConfiguration& configuration);

// As a bucket's record keeps it.
std::string ToStoredLockConfiguration(const ObjectLockConfiguration& configuration);
Result<ObjectLockConfiguration> FromStoredLockConfiguration(std::string_view stored);

// Gives a new version the bucket's default retention, where it has one and the version asks for none itself.
Status ApplyDefaultRetention(const BucketRecord& bucket, StoredVersion& version);

Error NoLockOfBucket();

}  // namespace meetinity::s3

#include "aws/s3/object_lock.h"

#include <algorithm>

#include "aws/s3/errors.h"
#include "wire/stored_form.h"

namespace meetinity::s3 {
namespace {

// S3 User Guide, "Object Lock considerations": a hundred years.
constexpr int32_t kRetentionDaysMax = 36'500;
constexpr int32_t kRetentionYearsMax = 100;
constexpr int32_t kDaysOfAYear = 365;

bool IsMode(const std::optional<std::string>& mode) {
  const auto& known = ObjectLockRetentionMode::kValues;
  return mode && std::ranges::find(known, *mode) != known.end();
}

Error MalformedLock() {
  return {Kind::kInvalid, kMalformedXml,
          "The XML you provided was not well-formed or did not validate against our published schema"};
}
Error Invalid(std::string detail) { return {Kind::kInvalid, kInvalidArgument, std::move(detail)}; }

bool IsRetained(const ObjectLock& lock, Instant now) { return !lock.mode.empty() && lock.retain_until > now; }

const wire::Shape& StoredShape() { return *GetObjectLockConfiguration::Shape().output->payload->shape; }

}  // namespace

bool IsLocked(const ObjectLock& lock, const LockKey& key) {
  if (lock.legal_hold.value_or(false)) return true;
  if (!IsRetained(lock, key.now)) return false;
  return lock.mode != ObjectLockRetentionMode::kGovernance || !key.bypasses_governance;
}

Status CheckUnlocked(const ObjectLock& lock, const LockKey& key) {
  if (!IsLocked(lock, key)) return {};
  return Error{Kind::kUnauthorized, kAccessDenied, "Access Denied because object protected by object lock."};
}

Result<ObjectLock> ParseObjectLock(const std::optional<std::string>& mode, const std::optional<Instant>& retain_until,
                                   const std::optional<std::string>& legal_hold, Instant now) {
  ObjectLock lock;
  if (mode.has_value() != retain_until.has_value())
    return Invalid("x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  if (mode) {
    if (!IsMode(mode)) return Invalid("Unknown wormMode directive.");
    if (*retain_until <= now) return Invalid("The retain until date must be in the future!");
    lock.mode = *mode;
    lock.retain_until = *retain_until;
  }
  if (legal_hold) {
    if (*legal_hold != ObjectLockLegalHoldStatus::kOn && *legal_hold != ObjectLockLegalHoldStatus::kOff)
      return Invalid("Legal Hold must be either of 'ON' or 'OFF'");
    lock.legal_hold = *legal_hold == ObjectLockLegalHoldStatus::kOn;
  }
  return lock;
}

Status CheckRetentionChange(const ObjectLock& lock, const ObjectLock& next, const LockKey& key) {
  if (!IsRetained(lock, key.now)) return {};
  if (next.mode == lock.mode && next.retain_until >= lock.retain_until) return {};
  // A legal hold forbids deletion and says nothing about retention.
  return CheckUnlocked({.mode = lock.mode, .retain_until = lock.retain_until, .legal_hold = {}}, key);
}

Status CheckLockConfiguration(const ObjectLockConfiguration& configuration) {
  if (configuration.object_lock_enabled != ObjectLockEnabled::kEnabled) return MalformedLock();
  if (!configuration.rule) return {};
  if (!configuration.rule->default_retention) return MalformedLock();
  const DefaultRetention& retention = *configuration.rule->default_retention;
  if (!IsMode(retention.mode) || retention.days.has_value() == retention.years.has_value()) return MalformedLock();
  if (retention.days.value_or(1) < 1 || retention.years.value_or(1) < 1)
    return Invalid("Default retention period must be a positive integer value.");
  if (retention.days.value_or(1) > kRetentionDaysMax || retention.years.value_or(1) > kRetentionYearsMax)
    return Invalid("Default retention period is too large: 36500 days or 100 years are the most.");
  return {};
}

std::string ToStoredLockConfiguration(const ObjectLockConfiguration& configuration) {
  return wire::ToStoredForm(StoredShape(), &configuration);
}

Result<ObjectLockConfiguration> FromStoredLockConfiguration(std::string_view stored) {
  ObjectLockConfiguration configuration;
  TRY(wire::FromStoredForm(StoredShape(), stored, &configuration));
  return configuration;
}

Status ApplyDefaultRetention(const BucketRecord& bucket, StoredVersion& version) {
  if (!bucket.object_lock || !version.lock.mode.empty()) return {};
  const ObjectLockConfiguration configuration = TRY(FromStoredLockConfiguration(*bucket.object_lock));
  if (!configuration.rule || !configuration.rule->default_retention) return {};
  const DefaultRetention& retention = *configuration.rule->default_retention;
  version.lock.mode = retention.mode.value_or("");
  version.lock.retain_until =
      version.modified + kDay * (retention.days ? *retention.days : kDaysOfAYear * retention.years.value_or(0));
  return {};
}

Error NoLockOfBucket() { return {Kind::kInvalid, kInvalidRequest, "Bucket is missing Object Lock Configuration"}; }

}  // namespace meetinity::s3

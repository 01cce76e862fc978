// A bucket's logging status, and the delivery of what was logged.

#include <fmt/format.h>

#include "aws/s3/acl.h"
#include "aws/s3/enter.h"
#include "aws/s3/names.h"
#include "aws/s3/object_lock.h"

namespace meetinity::s3 {
namespace {

Error InvalidTarget(const std::string& bucket, std::string detail) {
  return Error{Kind::kInvalid, kInvalidTargetBucket, std::move(detail)}.With("TargetBucket", bucket);
}

Status CheckKeyFormat(const LoggingEnabled& logging) {
  if (!logging.target_object_key_format) return {};
  const TargetObjectKeyFormat& format = *logging.target_object_key_format;
  if (format.simple_prefix.has_value() == format.partitioned_prefix.has_value()) return MalformedXml();
  if (format.partitioned_prefix && !format.partitioned_prefix->partition_date_source) return MalformedXml();
  return {};
}

// A period by default would keep logs for as long as objects, which S3 leaves to those who ask for it.
Status CheckNoDefaultRetention(const BucketRecord& target) {
  if (!target.object_lock) return {};
  const ObjectLockConfiguration lock = TRY(FromStoredLockConfiguration(*target.object_lock));
  if (!lock.rule) return {};
  return InvalidTarget(target.name, "The target bucket must not have a default Object Lock retention period");
}

// Whom the delivered objects are for, as the headers of a PutObject.
void SetGrants(PutObjectInput& in, const std::vector<TargetGrant>& grants, const std::string& owner_id) {
  if (grants.empty()) return;
  in.grant_full_control = fmt::format("id=\"{}\"", owner_id);
  for (const TargetGrant& grant : grants) {
    if (!grant.grantee || grant.permission == BucketLogsPermission::kWrite) continue;  // of no meaning to an object
    auto& header = grant.permission == BucketLogsPermission::kRead ? in.grant_read : in.grant_full_control;
    const std::string grantee = grant.grantee->id ? fmt::format("id=\"{}\"", *grant.grantee->id)
                                                  : fmt::format("uri=\"{}\"", grant.grantee->uri.value_or(""));
    header = header ? fmt::format("{}, {}", *header, grantee) : grantee;
  }
}

}  // namespace

wire::Call S3::LoggingCall(const std::string& source) const {
  wire::Call call;
  call.now = clock_.Now();
  call.principal.kind = wire::PrincipalKind::kService;
  call.principal.service = kLoggingService;
  call.principal.source_arn = BucketArn(source);
  call.principal.source_account = options_.account;
  call.account = options_.account;
  call.region = options_.region;
  call.scope_region = options_.region;
  call.secure_transport = true;
  return call;
}

// By the target's policy, or by a list that lets the log delivery group write objects and see whose the bucket is.
Status S3::CheckMayDeliver(const std::string& source, const BucketRecord& target, const std::string& key) const {
  const wire::Call call = LoggingCall(source);
  BucketRecord by_policy = target;
  by_policy.ownership = ObjectOwnership::kBucketOwnerEnforced;
  if (access_.Check(call, &by_policy, "s3:PutObject", ObjectArn(target.name, key)).ok()) return {};
  if (access_.Check(call, &target, "s3:PutObject", ObjectArn(target.name, key)).ok() &&
      access_.Check(call, &target, "s3:GetBucketAcl", BucketArn(target.name)).ok())
    return {};
  if (!AclsEnabled(target))
    return InvalidTarget(target.name,
                         "The policy of the target bucket must allow logging.s3.amazonaws.com to put objects");
  return InvalidTarget(target.name,
                       "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket");
}

Status S3::CheckLogging(const store::ReadTx& tx, const BucketRecord& source, const LoggingEnabled& logging) const {
  TRY(CheckKeyFormat(logging));
  const std::optional<BucketRecord> target = TRY(tx.Find<BucketRecord>(logging.target_bucket));
  if (!target) return InvalidTarget(logging.target_bucket, "The target bucket for logging does not exist");
  if (target->region != source.region)
    return InvalidTarget(target->name, "The target bucket must be in the source bucket's region");
  TRY(CheckNoDefaultRetention(*target));
  if (logging.target_grants && !logging.target_grants->empty()) {
    if (!AclsEnabled(*target))
      return Error{Kind::kInvalid, kAccessControlListNotSupported,
                   "Target grants not allowed for bucket owner enforced buckets"};
    for (const TargetGrant& grant : *logging.target_grants) {
      if (!grant.grantee || !grant.permission) return MalformedXml("a grant has a Grantee and a Permission.");
      TRY(ToGrantee(*grant.grantee, PartiesOf(tx, options_.owner_id)));
    }
  }
  // The longest key that this configuration makes.
  const store::LineSpool::Segment now{"", clock_.Now()};
  const auto sample =
      SortLogLine(LogStream(source.name, LogTarget::Of(logging), now.begun), now, {options_.account, options_.region});
  if (!sample) return Internal("a log stream cannot be read back");
  TRY(CheckKey(sample->place.key));
  return CheckMayDeliver(source.name, *target, sample->place.key);
}

Result<PutBucketLoggingOutput> S3::PutBucketLogging(const wire::Call& call, const PutBucketLoggingInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:PutBucketLogging"));
    const std::optional<LoggingEnabled>& logging = in.bucket_logging_status.logging_enabled;
    if (logging) TRY(CheckLogging(tx, bucket, *logging));
    bucket.logging = logging ? std::optional(ToStoredLogging(*logging)) : std::nullopt;
    return tx.Put(bucket);
  }));
  TRY(Restore());
  return PutBucketLoggingOutput{};
}

Result<GetBucketLoggingOutput> S3::GetBucketLogging(const wire::Call& call, const GetBucketLoggingInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketLoggingOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketLogging"));
    GetBucketLoggingOutput out;
    if (bucket.logging) out.logging_enabled = TRY(FromStoredLogging(*bucket.logging));
    return out;
  });
}

Status S3::Restore() {
  const std::lock_guard lock(restoring_);
  std::map<std::string, LogTarget, std::less<>> targets;
  TRY(database_.Read([&](const store::ReadTx& tx) -> Status {
    for (const BucketRecord& bucket : TRY(tx.Select<BucketRecord>("logging IS NOT NULL")))
      targets.emplace(bucket.name, LogTarget::Of(TRY(FromStoredLogging(*bucket.logging))));
    return {};
  }));
  access_log_.Adopt(std::move(targets));
  return {};
}

Status S3::DeliverAccessLog(const store::LineDelivery::Place& place, std::string_view lines) {
  const std::string source(SourceOf(lines));
  PutObjectInput in{.bucket = place.bucket, .key = place.key};
  in.content_type = "text/plain";
  in.if_none_match = "*";  // a delivery that a crash cut short is repeated, and must not make a second version
  TRY(database_.Read([&](const store::ReadTx& tx) -> Status {
    const std::optional<BucketRecord> target = TRY(tx.Find<BucketRecord>(place.bucket));
    if (!target) return InvalidTarget(place.bucket, "The target bucket for logging does not exist");
    TRY(CheckMayDeliver(source, *target, place.key));
    const std::optional<BucketRecord> bucket = TRY(tx.Find<BucketRecord>(source));
    if (!bucket || !bucket->logging || !AclsEnabled(*target)) return {};
    const LoggingEnabled logging = TRY(FromStoredLogging(*bucket->logging));
    if (logging.target_bucket == place.bucket && logging.target_grants)
      SetGrants(in, *logging.target_grants, options_.owner_id);
    return {};
  }));
  const Result<PutObjectOutput> put = PutInMemory(LoggingCall(source), std::move(in), lines);
  return put.ok() || put.error().name == kPreconditionFailed ? Status() : put.error();
}

}  // namespace meetinity::s3

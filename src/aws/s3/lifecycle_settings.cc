// A bucket's lifecycle configuration. What it asks for is in lifecycle.h; who does it, in lifecycle_scan.h.

#include "aws/s3/enter.h"
#include "aws/s3/lifecycle.h"

namespace meetinity::s3 {

Result<PutBucketLifecycleConfigurationOutput> S3::PutBucketLifecycleConfiguration(
    const wire::Call& call, const PutBucketLifecycleConfigurationInput& in) {
  GetBucketLifecycleConfigurationOutput configuration{
      .rules = in.lifecycle_configuration ? in.lifecycle_configuration->rules : std::vector<LifecycleRule>(),
      .transition_default_minimum_object_size = in.transition_default_minimum_object_size.value_or(
          std::string(TransitionDefaultMinimumObjectSize::kAllStorageClasses128K))};
  TRY(CheckLifecycle(*configuration.rules));
  TRY(ChangeBucket(call, in, "s3:PutLifecycleConfiguration", [&](BucketRecord& bucket) -> Status {
    bucket.lifecycle = ToStoredLifecycle(configuration);
    return {};
  }));
  return PutBucketLifecycleConfigurationOutput{.transition_default_minimum_object_size =
                                                   configuration.transition_default_minimum_object_size};
}

Result<GetBucketLifecycleConfigurationOutput> S3::GetBucketLifecycleConfiguration(
    const wire::Call& call, const GetBucketLifecycleConfigurationInput& in) {
  const BucketRecord bucket = TRY(database_.Read(
      [&](const store::ReadTx& tx) { return EnterBucket(tx, call, in, "s3:GetLifecycleConfiguration"); }));
  if (!bucket.lifecycle)
    return Error{Kind::kNotFound, kNoSuchLifecycleConfiguration, "The lifecycle configuration does not exist"}.With(
        "BucketName", bucket.name);
  return FromStoredLifecycle(*bucket.lifecycle);
}

Result<DeleteBucketLifecycleOutput> S3::DeleteBucketLifecycle(const wire::Call& call,
                                                              const DeleteBucketLifecycleInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutLifecycleConfiguration", [](BucketRecord& bucket) -> Status {
    bucket.lifecycle.reset();
    return {};
  }));
  return DeleteBucketLifecycleOutput{};
}

Result<std::optional<std::string>> S3::ExpirationOf(const BucketRecord& bucket, const StoredVersion& current) const {
  const LifecycleRulesPtr rules = TRY(lifecycles_.RulesOf(bucket));
  if (!rules) return std::optional<std::string>();
  const auto due = rules->Expiration({current.key, current.tags, current.size}, current.modified);
  return due ? std::optional(ToExpirationHeader(*due)) : std::nullopt;
}

}  // namespace meetinity::s3

// A bucket's settings: versioning, encryption, ownership, public access block.

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/acl.h"
#include "aws/s3/enter.h"
#include "base/text.h"

namespace meetinity::s3 {
namespace {

// Everything is reported as encrypted with S3's own keys; there is no key service to ask for others.
Status CheckEncryptionRule(const ServerSideEncryptionRule& rule) {
  if (!rule.apply_server_side_encryption_by_default) return {};
  const auto& by_default = *rule.apply_server_side_encryption_by_default;
  if (by_default.sse_algorithm != ServerSideEncryption::kAes256)
    return NotServed(fmt::format("{} as default encryption is not served, only AES256.", by_default.sse_algorithm));
  if (by_default.kms_master_key_id)
    return Error{Kind::kInvalid, kInvalidArgument,
                 "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"};
  return {};
}

}  // namespace

Result<GetBucketVersioningOutput> S3::GetBucketVersioning(const wire::Call& call, const GetBucketVersioningInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketVersioningOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketVersioning"));
    GetBucketVersioningOutput out;
    if (bucket.versioning == Versioning::kEnabled) out.status = BucketVersioningStatus::kEnabled;
    if (bucket.versioning == Versioning::kSuspended) out.status = BucketVersioningStatus::kSuspended;
    return out;
  });
}

Result<PutBucketVersioningOutput> S3::PutBucketVersioning(const wire::Call& call, const PutBucketVersioningInput& in) {
  const std::optional<std::string>& status = in.versioning_configuration.status;
  if (in.versioning_configuration.mfa_delete == MFADelete::kEnabled) return NotServed("MFA delete is not served.");
  TRY(ChangeBucket(call, in, "s3:PutBucketVersioning", [&](BucketRecord& bucket) -> Status {
    if (status != BucketVersioningStatus::kEnabled && status != BucketVersioningStatus::kSuspended)
      return Error{Kind::kInvalid, kIllegalVersioningConfiguration,
                   "The Versioning element must be specified: its Status is Enabled or Suspended."};
    if (bucket.object_lock && status == BucketVersioningStatus::kSuspended)
      return Error{
          Kind::kConflict, kInvalidBucketState,
          "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."};
    bucket.versioning = status == BucketVersioningStatus::kEnabled ? Versioning::kEnabled : Versioning::kSuspended;
    return {};
  }));
  return PutBucketVersioningOutput{};
}

Result<GetBucketEncryptionOutput> S3::GetBucketEncryption(const wire::Call& call, const GetBucketEncryptionInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketEncryptionOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetEncryptionConfiguration"));
    ServerSideEncryptionRule rule{
        .apply_server_side_encryption_by_default =
            ServerSideEncryptionByDefault{.sse_algorithm = std::string(ServerSideEncryption::kAes256)},
        .bucket_key_enabled = bucket.bucket_key_enabled};
    if (bucket.blocked_encryption) {
      std::vector<std::string> types;
      for (std::string_view type : Split(*bucket.blocked_encryption, ',')) types.emplace_back(type);
      rule.blocked_encryption_types = BlockedEncryptionTypes{.encryption_type = std::move(types)};
    }
    return GetBucketEncryptionOutput{.server_side_encryption_configuration =
                                         ServerSideEncryptionConfiguration{.rules = {std::move(rule)}}};
  });
}

Result<PutBucketEncryptionOutput> S3::PutBucketEncryption(const wire::Call& call, const PutBucketEncryptionInput& in) {
  const std::vector<ServerSideEncryptionRule>& rules = in.server_side_encryption_configuration.rules;
  TRY(ChangeBucket(call, in, "s3:PutEncryptionConfiguration", [&](BucketRecord& bucket) -> Status {
    if (rules.size() != 1) return MalformedXml("one rule is expected.");
    TRY(CheckEncryptionRule(rules[0]));
    bucket.bucket_key_enabled = rules[0].bucket_key_enabled.value_or(false);
    bucket.blocked_encryption.reset();
    const auto& blocked = rules[0].blocked_encryption_types;
    if (blocked && blocked->encryption_type) bucket.blocked_encryption = Join(*blocked->encryption_type, ",");
    return {};
  }));
  return PutBucketEncryptionOutput{};
}

Result<DeleteBucketEncryptionOutput> S3::DeleteBucketEncryption(const wire::Call& call,
                                                                const DeleteBucketEncryptionInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutEncryptionConfiguration", [](BucketRecord& bucket) -> Status {
    bucket.bucket_key_enabled = false;
    bucket.blocked_encryption.reset();
    return {};
  }));
  return DeleteBucketEncryptionOutput{};
}

Result<GetBucketOwnershipControlsOutput> S3::GetBucketOwnershipControls(const wire::Call& call,
                                                                        const GetBucketOwnershipControlsInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketOwnershipControlsOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketOwnershipControls"));
    if (!bucket.ownership)
      return Error{Kind::kNotFound, kOwnershipControlsNotFound, "The bucket ownership controls were not found"}.With(
          "BucketName", bucket.name);
    return GetBucketOwnershipControlsOutput{.ownership_controls =
                                                OwnershipControls{.rules = {{.object_ownership = *bucket.ownership}}}};
  });
}

Result<PutBucketOwnershipControlsOutput> S3::PutBucketOwnershipControls(const wire::Call& call,
                                                                        const PutBucketOwnershipControlsInput& in) {
  const std::vector<OwnershipControlsRule>& rules = in.ownership_controls.rules;
  TRY(ChangeBucket(call, in, "s3:PutBucketOwnershipControls", [&](BucketRecord& bucket) -> Status {
    const auto& known = ObjectOwnership::kValues;
    if (rules.size() != 1 || std::ranges::find(known, rules[0].object_ownership) == known.end()) return MalformedXml();
    if (rules[0].object_ownership == ObjectOwnership::kBucketOwnerEnforced)
      TRY(CheckGrantsNobody(bucket.acl, options_.owner_id));
    bucket.ownership = rules[0].object_ownership;
    return {};
  }));
  return PutBucketOwnershipControlsOutput{};
}

Result<DeleteBucketOwnershipControlsOutput> S3::DeleteBucketOwnershipControls(
    const wire::Call& call, const DeleteBucketOwnershipControlsInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutBucketOwnershipControls", [](BucketRecord& bucket) -> Status {
    bucket.ownership.reset();
    return {};
  }));
  return DeleteBucketOwnershipControlsOutput{};
}

Result<GetPublicAccessBlockOutput> S3::GetPublicAccessBlock(const wire::Call& call,
                                                            const GetPublicAccessBlockInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetPublicAccessBlockOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketPublicAccessBlock"));
    if (!bucket.public_access_block)
      return Error{Kind::kNotFound, kNoSuchPublicAccessBlock, "The public access block configuration was not found"}
          .With("BucketName", bucket.name);
    const PublicAccessBlock& block = *bucket.public_access_block;
    return GetPublicAccessBlockOutput{.public_access_block_configuration = PublicAccessBlockConfiguration{
                                          .block_public_acls = block.block_public_acls,
                                          .block_public_policy = block.block_public_policy,
                                          .ignore_public_acls = block.ignore_public_acls,
                                          .restrict_public_buckets = block.restrict_public_buckets}};
  });
}

Result<PutPublicAccessBlockOutput> S3::PutPublicAccessBlock(const wire::Call& call,
                                                            const PutPublicAccessBlockInput& in) {
  const PublicAccessBlockConfiguration& given = in.public_access_block_configuration;
  TRY(ChangeBucket(call, in, "s3:PutBucketPublicAccessBlock", [&](BucketRecord& bucket) -> Status {
    bucket.public_access_block =
        PublicAccessBlock{given.block_public_acls.value_or(false), given.ignore_public_acls.value_or(false),
                          given.block_public_policy.value_or(false), given.restrict_public_buckets.value_or(false)};
    return {};
  }));
  return PutPublicAccessBlockOutput{};
}

Result<DeletePublicAccessBlockOutput> S3::DeletePublicAccessBlock(const wire::Call& call,
                                                                  const DeletePublicAccessBlockInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutBucketPublicAccessBlock", [](BucketRecord& bucket) -> Status {
    bucket.public_access_block.reset();
    return {};
  }));
  return DeletePublicAccessBlockOutput{};
}

}  // namespace meetinity::s3

#include "aws/s3/object_lock.h"

#include "aws/s3/lifecycle_pass.h"
#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class Locks : public S3Test {
 protected:
  void EnableLock(std::optional<DefaultRetention> retention = std::nullopt) {
    SetVersioning("Enabled");
    PutObjectLockConfigurationInput in;
    in.bucket = kBucket;
    in.object_lock_configuration = ObjectLockConfiguration{.object_lock_enabled = "Enabled"};
    if (retention) in.object_lock_configuration->rule = ObjectLockRule{.default_retention = retention};
    Must(s3_->PutObjectLockConfiguration(Root(), in));
  }
  Result<PutObjectOutput> PutLocked(const std::string& key, const std::string& mode, Duration retained,
                                    const wire::Call& call) {
    PutObjectInput in = PutInput(key);
    in.body = Stage("locked", "CRC32");
    in.object_lock_mode = mode;
    in.object_lock_retain_until_date = clock_.Now() + retained;
    return s3_->PutObject(call, in);
  }
  std::string PutLocked(const std::string& mode, int days) {
    return *Must(PutLocked("k", mode, days * kDay, Root())).version_id;
  }
  Result<DeleteObjectOutput> DeleteVersion(const std::string& version, bool bypass, const wire::Call& call) {
    DeleteObjectInput in;
    in.bucket = kBucket;
    in.key = "k";
    in.version_id = version;
    if (bypass) in.bypass_governance_retention = true;
    return s3_->DeleteObject(call, in);
  }
  Status Retain(const std::string& version, const std::string& mode, int days, bool bypass = false) {
    PutObjectRetentionInput in;
    in.bucket = kBucket;
    in.key = "k";
    in.version_id = version;
    in.retention = ObjectLockRetention();
    if (!mode.empty())
      in.retention = ObjectLockRetention{.mode = mode, .retain_until_date = clock_.Now() + days * kDay};
    if (bypass) in.bypass_governance_retention = true;
    const auto out = s3_->PutObjectRetention(Root(), in);
    return out.ok() ? Status() : Status(out.error());
  }
  void Hold(const std::string& version, const std::string& status) {
    PutObjectLegalHoldInput in;
    in.bucket = kBucket;
    in.key = "k";
    in.version_id = version;
    in.legal_hold = ObjectLockLegalHold{.status = status};
    Must(s3_->PutObjectLegalHold(Root(), in));
  }
};

TEST_F(Locks, NeedVersioning) {
  PutObjectLockConfigurationInput in;
  in.bucket = kBucket;
  in.object_lock_configuration = ObjectLockConfiguration{.object_lock_enabled = "Enabled"};
  EXPECT_EQ(Refusal(s3_->PutObjectLockConfiguration(Root(), in)), kInvalidBucketState);
  EnableLock();
  PutBucketVersioningInput suspend;
  suspend.bucket = kBucket;
  suspend.versioning_configuration.status = "Suspended";
  EXPECT_EQ(Refusal(s3_->PutBucketVersioning(Root(), suspend)), kInvalidBucketState);
}

TEST_F(Locks, ComeWithABucketThatIsMadeForThem) {
  CreateBucketInput in;
  in.bucket = "vault-of-records";
  in.create_bucket_configuration = CreateBucketConfiguration{.location_constraint = "eu-west-1"};
  in.object_lock_enabled_for_bucket = true;
  Must(s3_->CreateBucket(Root(), in));
  GetObjectLockConfigurationInput get;
  get.bucket = in.bucket;
  EXPECT_EQ(Must(s3_->GetObjectLockConfiguration(Root(), get)).object_lock_configuration->object_lock_enabled,
            "Enabled");
  GetBucketVersioningInput versioning;
  versioning.bucket = in.bucket;
  EXPECT_EQ(Must(s3_->GetBucketVersioning(Root(), versioning)).status, "Enabled");
}

TEST_F(Locks, CheckTheirConfiguration) {
  const auto refusal = [](std::optional<std::string> enabled, std::optional<DefaultRetention> retention) {
    ObjectLockConfiguration configuration{.object_lock_enabled = std::move(enabled)};
    if (retention) configuration.rule = ObjectLockRule{.default_retention = retention};
    const Status status = CheckLockConfiguration(configuration);
    return status.ok() ? std::string_view() : status.error().name;
  };
  EXPECT_EQ(refusal("Enabled", std::nullopt), "");
  EXPECT_EQ(refusal("Disabled", std::nullopt), kMalformedXml);
  EXPECT_EQ(refusal(std::nullopt, std::nullopt), kMalformedXml);
  EXPECT_EQ(refusal("Enabled", DefaultRetention{.days = 1, .mode = "GOVERNANCE"}), "");
  EXPECT_EQ(refusal("Enabled", DefaultRetention{.days = 1}), kMalformedXml);
  EXPECT_EQ(refusal("Enabled", DefaultRetention{.days = 1, .mode = "GOVERNANCE", .years = 1}), kMalformedXml);
  EXPECT_EQ(refusal("Enabled", DefaultRetention{.days = 0, .mode = "GOVERNANCE"}), kInvalidArgument);
  EXPECT_EQ(refusal("Enabled", DefaultRetention{.days = 36'501, .mode = "COMPLIANCE"}), kInvalidArgument);
  EXPECT_EQ(refusal("Enabled", DefaultRetention{.mode = "COMPLIANCE", .years = 101}), kInvalidArgument);
}

TEST_F(Locks, AreRefusedWhereTheBucketHasNone) {
  EXPECT_EQ(Refusal(PutLocked("k", "GOVERNANCE", kDay, Root())), kInvalidRequest);
  Put("k", "x");
  EXPECT_EQ(Retain("null", "GOVERNANCE", 1).error().name, kInvalidRequest);
}

TEST_F(Locks, CheckWhatAnUploadAsksFor) {
  EnableLock();
  EXPECT_EQ(Refusal(PutLocked("k", "FOREVER", kDay, Root())), kInvalidArgument);
  EXPECT_EQ(Refusal(PutLocked("k", "GOVERNANCE", -kDay, Root())), kInvalidArgument);
  PutObjectInput in = PutInput("k");
  in.body = Stage("x", "CRC32");
  in.object_lock_mode = "GOVERNANCE";
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kInvalidArgument);
  in.object_lock_retain_until_date = clock_.Now() + kDay;
  in.body = Stage("x");
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kInvalidRequest);  // without a digest
}

TEST_F(Locks, KeepAComplianceVersionFromEverybody) {
  EnableLock();
  const std::string version = PutLocked("COMPLIANCE", 10);
  EXPECT_EQ(Refusal(DeleteVersion(version, false, Root())), kAccessDenied);
  EXPECT_EQ(Refusal(DeleteVersion(version, true, Root())), kAccessDenied);
  EXPECT_FALSE(Retain(version, "COMPLIANCE", 9, true).ok());
  EXPECT_FALSE(Retain(version, "GOVERNANCE", 20, true).ok());
  EXPECT_FALSE(Retain(version, "", 0, true).ok());
  EXPECT_TRUE(Retain(version, "COMPLIANCE", 20).ok());
  // A delete marker may hide it: nothing is lost.
  EXPECT_TRUE(Must(Delete("k")).delete_marker);
  EXPECT_EQ(Read("k", version), "locked");
  clock_.Advance(20 * kDay);
  Must(DeleteVersion(version, false, Root()));
}

TEST_F(Locks, OpenGovernanceForThoseWithTheKey) {
  EnableLock();
  const std::string version = PutLocked("GOVERNANCE", 10);
  EXPECT_EQ(Refusal(DeleteVersion(version, false, Root())), kAccessDenied);
  ASSERT_TRUE(PutPolicy(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":
      "arn:aws:iam::123456789012:user/alice"},"Action":["s3:DeleteObjectVersion"],"Resource":"arn:aws:s3:::site-assets/*"}]})")
                  .ok());
  EXPECT_EQ(Refusal(DeleteVersion(version, true, User())), kAccessDenied);
  EXPECT_FALSE(Retain(version, "GOVERNANCE", 5).ok());
  EXPECT_TRUE(Retain(version, "GOVERNANCE", 5, true).ok());
  EXPECT_FALSE(Retain(version, "COMPLIANCE", 20).ok());
  Must(DeleteVersion(version, true, Root()));
}

TEST_F(Locks, HoldUntilTheHoldIsLifted) {
  EnableLock();
  const std::string version = *Put("k", "x").version_id;
  GetObjectLegalHoldInput get;
  get.bucket = kBucket;
  get.key = "k";
  EXPECT_EQ(Refusal(s3_->GetObjectLegalHold(Root(), get)), kNoSuchObjectLockConfiguration);
  Hold(version, "ON");
  EXPECT_EQ(Must(s3_->GetObjectLegalHold(Root(), get)).legal_hold->status, "ON");
  clock_.Advance(36'500 * kDay);
  EXPECT_EQ(Refusal(DeleteVersion(version, true, Root())), kAccessDenied);
  Hold(version, "OFF");
  EXPECT_EQ(Must(s3_->GetObjectLegalHold(Root(), get)).legal_hold->status, "OFF");
  Must(DeleteVersion(version, false, Root()));
}

TEST_F(Locks, GiveNewVersionsTheBucketsDefault) {
  EnableLock(DefaultRetention{.days = 3, .mode = "GOVERNANCE"});
  const Instant until = clock_.Now() + 3 * kDay;
  Put("k", "x");
  const auto got = Must(Get("k"));
  EXPECT_EQ(got.object_lock_mode, "GOVERNANCE");
  EXPECT_EQ(got.object_lock_retain_until_date, until);
  EXPECT_FALSE(got.object_lock_legal_hold_status);

  CopyObjectInput copy;
  copy.bucket = kBucket;
  copy.key = "copy";
  copy.copy_source = kBucket + "/k";
  copy.object_lock_legal_hold_status = "ON";
  Must(s3_->CopyObject(Root(), copy));
  const auto copied = Must(Get("copy"));
  EXPECT_EQ(copied.object_lock_mode, "GOVERNANCE");
  EXPECT_EQ(copied.object_lock_legal_hold_status, "ON");
}

TEST_F(Locks, OfAnUploadInPartsBeginWithItsCompletion) {
  EnableLock(DefaultRetention{.days = 3, .mode = "COMPLIANCE"});
  CreateMultipartUploadInput create;
  create.bucket = kBucket;
  create.key = "k";
  create.object_lock_legal_hold_status = "ON";
  const std::string upload = *Must(s3_->CreateMultipartUpload(Root(), create)).upload_id;
  UploadPartInput part;
  part.bucket = kBucket;
  part.key = "k";
  part.upload_id = upload;
  part.part_number = 1;
  part.body = Stage("part");
  const std::string etag = *Must(s3_->UploadPart(Root(), part)).e_tag;
  clock_.Advance(kDay);
  CompleteMultipartUploadInput complete;
  complete.bucket = kBucket;
  complete.key = "k";
  complete.upload_id = upload;
  complete.multipart_upload =
      CompletedMultipartUpload{.parts = std::vector<CompletedPart>{{.e_tag = etag, .part_number = 1}}};
  Must(s3_->CompleteMultipartUpload(Root(), complete));
  const auto got = Must(Get("k"));
  EXPECT_EQ(got.object_lock_mode, "COMPLIANCE");
  EXPECT_EQ(got.object_lock_retain_until_date, clock_.Now() + 3 * kDay);
  EXPECT_EQ(got.object_lock_legal_hold_status, "ON");
}

TEST_F(Locks, AreRespectedByTheLifecycle) {
  EnableLock();
  PutLocked("COMPLIANCE", 30);
  PutBucketLifecycleConfigurationInput in;
  in.bucket = kBucket;
  LifecycleRule rule;
  rule.filter = LifecycleRuleFilter{};
  rule.status = "Enabled";
  rule.expiration = LifecycleExpiration{.days = 1};
  rule.noncurrent_version_expiration = NoncurrentVersionExpiration{.noncurrent_days = 1};
  in.lifecycle_configuration = BucketLifecycleConfiguration{.rules = {rule}};
  Must(s3_->PutBucketLifecycleConfiguration(Root(), in));
  const auto run = [&] {
    LifecyclePass pass(*database_, *blobs_, clock_.Now());
    while (Must(pass.Step())) {
    }
    return pass.tally();
  };
  clock_.Advance(20 * kDay);
  const LifecycleTally early = run();
  EXPECT_EQ(early.expired, 1);
  EXPECT_EQ(early.removed, 0);
  EXPECT_EQ(early.markers_removed, 0);
  clock_.Advance(20 * kDay);
  const LifecycleTally late = run();
  EXPECT_EQ(late.removed, 1);
  EXPECT_EQ(late.markers_removed, 1);
  EXPECT_EQ(SweepUnreferenced(), 0U);
}

TEST_F(Locks, AreSeenOnlyByThoseWhoMay) {
  EnableLock();
  PutLocked("GOVERNANCE", 1);
  ASSERT_TRUE(PutPolicy(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":
      "arn:aws:iam::123456789012:user/alice"},"Action":["s3:GetObject"],"Resource":"arn:aws:s3:::site-assets/*"}]})")
                  .ok());
  EXPECT_FALSE(Must(s3_->GetObject(User(), GetInput("k"))).object_lock_mode);
  EXPECT_EQ(Must(s3_->GetObject(Root(), GetInput("k"))).object_lock_mode, "GOVERNANCE");
}

}  // namespace
}  // namespace meetinity::s3

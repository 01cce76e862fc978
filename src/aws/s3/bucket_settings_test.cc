#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class BucketSettings : public S3Test {
 protected:
  // Asks for one setting of the bucket.
  template <class Input, class Output>
  Result<Output> Ask(Result<Output> (S3::*operation)(const wire::Call&, const Input&)) {
    Input in;
    in.bucket = kBucket;
    return ((*s3_).*operation)(Root(), in);
  }
};

TEST_F(BucketSettings, OfANewBucketAreThoseOfSince2023) {
  EXPECT_FALSE(Must(Ask(&S3::GetBucketVersioning)).status);
  const auto encryption = Must(Ask(&S3::GetBucketEncryption));
  const auto& rule = encryption.server_side_encryption_configuration->rules.at(0);
  EXPECT_EQ(rule.apply_server_side_encryption_by_default->sse_algorithm, "AES256");
  EXPECT_EQ(rule.bucket_key_enabled, false);
  EXPECT_EQ(Must(Ask(&S3::GetBucketOwnershipControls)).ownership_controls->rules.at(0).object_ownership,
            "BucketOwnerEnforced");
  const auto block = *Must(Ask(&S3::GetPublicAccessBlock)).public_access_block_configuration;
  EXPECT_TRUE(*block.block_public_acls && *block.ignore_public_acls && *block.block_public_policy &&
              *block.restrict_public_buckets);
}

TEST_F(BucketSettings, ThatWereNeverSetAnswerTheirOwnCodes) {
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketTagging)), "NoSuchTagSet");
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketPolicy)), "NoSuchBucketPolicy");
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketPolicyStatus)), "NoSuchBucketPolicy");
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketCors)), "NoSuchCORSConfiguration");
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketWebsite)), "NoSuchWebsiteConfiguration");
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketLifecycleConfiguration)), "NoSuchLifecycleConfiguration");
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketReplication)), "ReplicationConfigurationNotFoundError");
  EXPECT_EQ(Refusal(Ask(&S3::GetObjectLockConfiguration)), "ObjectLockConfigurationNotFoundError");
  EXPECT_FALSE(Must(Ask(&S3::GetBucketLogging)).logging_enabled);
  EXPECT_FALSE(Must(Ask(&S3::GetBucketAccelerateConfiguration)).status);
  EXPECT_EQ(Must(Ask(&S3::GetBucketRequestPayment)).payer, "BucketOwner");
  EXPECT_FALSE(Must(Ask(&S3::GetBucketNotificationConfiguration)).queue_configurations);
}

TEST_F(BucketSettings, ThatWereNeverSetCanBeDeleted) {
  Must(Ask(&S3::DeleteBucketCors));
  Must(Ask(&S3::DeleteBucketWebsite));
  Must(Ask(&S3::DeleteBucketLifecycle));
  Must(Ask(&S3::DeleteBucketReplication));
  Must(Ask(&S3::DeleteBucketTagging));
  Must(Ask(&S3::DeleteBucketPolicy));
}

TEST_F(BucketSettings, AskForTheBucketFirst) {
  GetBucketCorsInput in;
  in.bucket = "missing";
  EXPECT_EQ(Refusal(s3_->GetBucketCors(Root(), in)), kNoSuchBucket);
}

TEST_F(BucketSettings, DeletedAnswerNotFound) {
  Must(Ask(&S3::DeletePublicAccessBlock));
  EXPECT_EQ(Refusal(Ask(&S3::GetPublicAccessBlock)), "NoSuchPublicAccessBlockConfiguration");
  Must(Ask(&S3::DeleteBucketOwnershipControls));
  EXPECT_EQ(Refusal(Ask(&S3::GetBucketOwnershipControls)), "OwnershipControlsNotFoundError");
}

TEST_F(BucketSettings, VersioningNeedsAStatus) {
  PutBucketVersioningInput in;
  in.bucket = kBucket;
  EXPECT_EQ(Refusal(s3_->PutBucketVersioning(Root(), in)), kIllegalVersioningConfiguration);
  in.versioning_configuration.status = "Suspended";
  Must(s3_->PutBucketVersioning(Root(), in));
  EXPECT_EQ(Must(Ask(&S3::GetBucketVersioning)).status, "Suspended");
  in.versioning_configuration.mfa_delete = "Enabled";
  EXPECT_EQ(Refusal(s3_->PutBucketVersioning(Root(), in)), kNotImplemented);
}

TEST_F(BucketSettings, EncryptionIsAes256AndNothingElse) {
  PutBucketEncryptionInput in;
  in.bucket = kBucket;
  in.server_side_encryption_configuration.rules = {
      {.apply_server_side_encryption_by_default = ServerSideEncryptionByDefault{.sse_algorithm = "AES256"},
       .bucket_key_enabled = true}};
  Must(s3_->PutBucketEncryption(Root(), in));
  EXPECT_EQ(Must(Ask(&S3::GetBucketEncryption)).server_side_encryption_configuration->rules.at(0).bucket_key_enabled,
            true);
  Must(Ask(&S3::DeleteBucketEncryption));
  EXPECT_EQ(Must(Ask(&S3::GetBucketEncryption)).server_side_encryption_configuration->rules.at(0).bucket_key_enabled,
            false);
  in.server_side_encryption_configuration.rules[0].apply_server_side_encryption_by_default->sse_algorithm = "aws:kms";
  EXPECT_EQ(Refusal(s3_->PutBucketEncryption(Root(), in)), kNotImplemented);
  in.server_side_encryption_configuration.rules.clear();
  EXPECT_EQ(Refusal(s3_->PutBucketEncryption(Root(), in)), kMalformedXml);
}

TEST_F(BucketSettings, OwnershipIsOneOfThree) {
  PutBucketOwnershipControlsInput in;
  in.bucket = kBucket;
  in.ownership_controls.rules = {{.object_ownership = "BucketOwnerPreferred"}};
  Must(s3_->PutBucketOwnershipControls(Root(), in));
  EXPECT_EQ(Must(Ask(&S3::GetBucketOwnershipControls)).ownership_controls->rules.at(0).object_ownership,
            "BucketOwnerPreferred");
  in.ownership_controls.rules = {{.object_ownership = "Everyone"}};
  EXPECT_EQ(Refusal(s3_->PutBucketOwnershipControls(Root(), in)), kMalformedXml);
}

TEST_F(BucketSettings, AclsGiveTheOwnerEverythingAndNobodyElseAnything) {
  const auto acl = Must(Ask(&S3::GetBucketAcl));
  ASSERT_EQ(acl.grants->size(), 1u);
  EXPECT_EQ((*acl.grants)[0].permission, "FULL_CONTROL");
  EXPECT_EQ((*acl.grants)[0].grantee->id, acl.owner->id);
  PutBucketAclInput in;
  in.bucket = kBucket;
  in.acl = "private";
  Must(s3_->PutBucketAcl(Root(), in));
  in.acl = "public-read";
  EXPECT_EQ(Refusal(s3_->PutBucketAcl(Root(), in)), kAccessControlListNotSupported);
  in.acl.reset();
  in.access_control_policy = AccessControlPolicy{.grants = acl.grants, .owner = acl.owner};
  Must(s3_->PutBucketAcl(Root(), in));
  in.access_control_policy->grants->at(0).grantee->id = std::string(64, 'b');
  EXPECT_EQ(Refusal(s3_->PutBucketAcl(Root(), in)), kAccessControlListNotSupported);
}

TEST_F(BucketSettings, SurviveARestart) {
  SetVersioning("Enabled");
  Put("kept", "bytes");
  s3_.reset();
  database_.reset();
  database_ = Must(store::Database::Open(directory_ / "state.db", S3::Migrations()));
  s3_ = std::make_unique<S3>(
      *database_, *blobs_,
      [](const wire::Call&, std::string_view, std::string_view, const iam::ContextKeys&) {
        return iam::Decision::kImplicitDeny;
      },
      clock_, S3Options{});
  EXPECT_EQ(Must(Ask(&S3::GetBucketVersioning)).status, "Enabled");
  EXPECT_EQ(SweepUnreferenced(), 0u);
  EXPECT_EQ(Read("kept"), "bytes");
}

TEST_F(BucketSettings, ComeBackWithTheGoldenState) {
  Put("golden", "bytes");
  Must(Delete("golden"));
  SetVersioning("Enabled");
  Put("kept", "bytes");
  ASSERT_TRUE(blobs_->SaveGolden().ok());
  ASSERT_TRUE(database_->SaveGolden().ok());
  Put("kept", "changed");
  Put("new", "bytes");
  ASSERT_TRUE(database_->RestoreGolden().ok());
  ASSERT_TRUE(blobs_->RestoreGolden().ok());
  EXPECT_EQ(Read("kept"), "bytes");
  EXPECT_EQ(Refusal(Get("new")), kNoSuchKey);
  ASSERT_TRUE(database_->Clear().ok());
  EXPECT_FALSE(s3_->BucketExists(kBucket));
}

}  // namespace
}  // namespace meetinity::s3

// Which logging is accepted, and where the lines then arrive.

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class LoggingSettings : public S3Test {
 protected:
  LoggingSettings() { MakeBucket("logs"); }

  static LoggingEnabled To(const std::string& target) { return {.target_bucket = target, .target_prefix = "p/"}; }
  Result<PutBucketLoggingOutput> Enable(const LoggingEnabled& logging) {
    PutBucketLoggingInput in;
    in.bucket = kBucket;
    in.bucket_logging_status.logging_enabled = logging;
    return s3_->PutBucketLogging(Root(), in);
  }
  GetBucketLoggingOutput Read() {
    GetBucketLoggingInput in;
    in.bucket = kBucket;
    return Must(s3_->GetBucketLogging(Root(), in));
  }
  void AllowByPolicy(const std::string& source = kBucket, const std::string& account = std::string(kAccount)) {
    PutBucketPolicyInput in;
    in.bucket = "logs";
    in.policy = fmt::format(
        R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"logging.s3.amazonaws.com"}},)"
        R"("Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/p/*","Condition":{{)"
        R"("ArnLike":{{"aws:SourceArn":"arn:aws:s3:::{}"}},"StringEquals":{{"aws:SourceAccount":"{}"}}}}}}]}})",
        source, account);
    Must(s3_->PutBucketPolicy(Root(), in));
  }
  void AllowByList(const std::string& canned = "log-delivery-write") {
    PutBucketOwnershipControlsInput ownership;
    ownership.bucket = "logs";
    ownership.ownership_controls.rules = {{.object_ownership = "BucketOwnerPreferred"}};
    Must(s3_->PutBucketOwnershipControls(Root(), ownership));
    PutBucketAclInput acl;
    acl.bucket = "logs";
    acl.acl = canned;
    Must(s3_->PutBucketAcl(Root(), acl));
  }
  std::string LogText(const std::string& key) {
    GetObjectInput in;
    in.bucket = "logs";
    in.key = key;
    return BytesOf(Must(s3_->GetObject(Root(), in)));
  }

  const std::string kLine = "owner " + kBucket + " [01/Jan/2024:03:00:00 +0000] …\n";
};

TEST_F(LoggingSettings, NeedATargetThatLetsLogsIn) {
  EXPECT_EQ(Refusal(Enable(To("nowhere"))), kInvalidTargetBucket);
  EXPECT_EQ(Refusal(Enable(To("logs"))), kInvalidTargetBucket);
  AllowByPolicy("another");
  EXPECT_EQ(Refusal(Enable(To("logs"))), kInvalidTargetBucket);
  AllowByPolicy(kBucket, "210987654321");
  EXPECT_EQ(Refusal(Enable(To("logs"))), kInvalidTargetBucket);
  EXPECT_FALSE(Read().logging_enabled);
  AllowByPolicy();
  Must(Enable(To("logs")));
  EXPECT_EQ(Read().logging_enabled->target_bucket, "logs");
  LoggingEnabled elsewhere = To("logs");
  elsewhere.target_prefix = "q/";
  EXPECT_EQ(Refusal(Enable(elsewhere)), kInvalidTargetBucket) << "the policy is about p/";
}

TEST_F(LoggingSettings, NeedTheGroupToWriteAndToSeeTheOwner) {
  AllowByList("private");
  EXPECT_EQ(Refusal(Enable(To("logs"))), kInvalidTargetBucket);
  PutBucketAclInput acl;
  acl.bucket = "logs";
  acl.grant_write = "uri=\"" + std::string(kLogDelivery) + "\"";
  Must(s3_->PutBucketAcl(Root(), acl));
  EXPECT_EQ(Refusal(Enable(To("logs"))), kInvalidTargetBucket);
  AllowByList();
  Must(Enable(To("logs")));
}

TEST_F(LoggingSettings, GrantOnlyWhereListsCount) {
  AllowByPolicy();
  LoggingEnabled logging = To("logs");
  logging.target_grants = std::vector<TargetGrant>{
      {.grantee = Grantee{.type = "Group", .uri = std::string(kAuthenticatedUsers)}, .permission = "READ"}};
  EXPECT_EQ(Refusal(Enable(logging)), kAccessControlListNotSupported);
  AllowByList();
  PutPublicAccessBlockInput block;
  block.bucket = "logs";
  Must(s3_->PutPublicAccessBlock(Root(), block));
  Must(Enable(logging));
  ASSERT_TRUE(s3_->DeliverAccessLog({"logs", "p/1"}, kLine).ok());
  GetObjectAclInput in;
  in.bucket = "logs";
  in.key = "p/1";
  const auto acl = Must(s3_->GetObjectAcl(Root(), in));
  ASSERT_EQ(acl.grants->size(), 2u);
  EXPECT_EQ(acl.grants->at(1).grantee->uri, kAuthenticatedUsers);
  logging.target_grants->at(0).grantee->uri = "http://example.com/";
  EXPECT_EQ(Refusal(Enable(logging)), kInvalidArgument);
}

TEST_F(LoggingSettings, NeedOneFormOfTheKey) {
  AllowByPolicy();
  LoggingEnabled logging = To("logs");
  logging.target_object_key_format = TargetObjectKeyFormat{};
  EXPECT_EQ(Refusal(Enable(logging)), kMalformedXml);
  logging.target_object_key_format->partitioned_prefix = PartitionedPrefix{};
  EXPECT_EQ(Refusal(Enable(logging)), kMalformedXml);
  logging.target_object_key_format->partitioned_prefix->partition_date_source = "EventTime";
  Must(Enable(logging));
  EXPECT_EQ(Read().logging_enabled->target_object_key_format->partitioned_prefix->partition_date_source, "EventTime");
  logging.target_object_key_format->simple_prefix = SimplePrefix{};
  EXPECT_EQ(Refusal(Enable(logging)), kMalformedXml);
  logging.target_object_key_format.reset();
  logging.target_prefix = "p/" + std::string(1020, 'x');
  EXPECT_EQ(Refusal(Enable(logging)), kKeyTooLong);
}

TEST_F(LoggingSettings, RefuseATargetThatRetainsByDefault) {
  CreateBucketInput create;
  create.bucket = "locked";
  create.create_bucket_configuration = CreateBucketConfiguration{.location_constraint = "eu-west-1"};
  create.object_lock_enabled_for_bucket = true;
  Must(s3_->CreateBucket(Root(), create));
  PutObjectLockConfigurationInput lock;
  lock.bucket = "locked";
  lock.object_lock_configuration = ObjectLockConfiguration{
      .object_lock_enabled = "Enabled",
      .rule = ObjectLockRule{.default_retention = DefaultRetention{.days = 1, .mode = "GOVERNANCE"}}};
  Must(s3_->PutObjectLockConfiguration(Root(), lock));
  EXPECT_EQ(Refusal(Enable(To("locked"))), kInvalidTargetBucket);
}

TEST_F(LoggingSettings, DeliverAsTheTargetAllowsThen) {
  AllowByPolicy();
  Must(Enable(To("logs")));
  ASSERT_TRUE(s3_->DeliverAccessLog({"logs", "p/1"}, kLine).ok());
  EXPECT_EQ(LogText("p/1"), kLine);
  DeleteBucketPolicyInput in;
  in.bucket = "logs";
  Must(s3_->DeleteBucketPolicy(Root(), in));
  EXPECT_EQ(s3_->DeliverAccessLog({"logs", "p/2"}, kLine).error().name, kInvalidTargetBucket);
  EXPECT_EQ(s3_->DeliverAccessLog({"nowhere", "p/2"}, kLine).error().name, kInvalidTargetBucket);
}

TEST_F(LoggingSettings, DeliverAnObjectOnceThoughItIsBroughtTwice) {
  AllowByPolicy();
  PutBucketVersioningInput versioning;
  versioning.bucket = "logs";
  versioning.versioning_configuration.status = "Enabled";
  Must(s3_->PutBucketVersioning(Root(), versioning));
  Must(Enable(To("logs")));
  ASSERT_TRUE(s3_->DeliverAccessLog({"logs", "p/1"}, kLine).ok());
  ASSERT_TRUE(s3_->DeliverAccessLog({"logs", "p/1"}, kLine).ok());
  ListObjectVersionsInput in;
  in.bucket = "logs";
  EXPECT_EQ(Must(s3_->ListObjectVersions(Root(), in)).versions->size(), 1u);
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

TEST_F(LoggingSettings, CanBeTakenBack) {
  AllowByPolicy();
  Must(Enable(To("logs")));
  PutBucketLoggingInput in;
  in.bucket = kBucket;
  Must(s3_->PutBucketLogging(Root(), in));
  EXPECT_FALSE(Read().logging_enabled);
}

}  // namespace
}  // namespace meetinity::s3

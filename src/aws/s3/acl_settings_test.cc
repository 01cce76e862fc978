// Lists as buckets and objects have them, and what they open.

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class AclSettings : public S3Test {
 protected:
  AclSettings() {
    s3_->AskCanonicalUsers(
        [](const store::ReadTx&, const std::string& id) -> Result<bool> { return id == std::string(64, 'c'); });
    Put("a", "old");
    SetOwnership("ObjectWriter");
    UnblockPublicAccess();
  }

  std::string_view SetOwnership(std::string_view ownership) {
    PutBucketOwnershipControlsInput in;
    in.bucket = kBucket;
    in.ownership_controls.rules = {{.object_ownership = std::string(ownership)}};
    return Refusal(s3_->PutBucketOwnershipControls(Root(), in));
  }
  std::string_view SetBucketAcl(const std::string& canned) {
    PutBucketAclInput in;
    in.bucket = kBucket;
    in.acl = canned;
    return Refusal(s3_->PutBucketAcl(Root(), in));
  }
  std::string_view SetAcl(const std::string& canned, const std::string& key = "a",
                          std::optional<std::string> version = std::nullopt) {
    PutObjectAclInput in;
    in.bucket = kBucket;
    in.key = key;
    in.acl = canned;
    in.version_id = std::move(version);
    return Refusal(s3_->PutObjectAcl(Root(), in));
  }
  PutObjectOutput PutWithAcl(const wire::Call& call, const std::string& key, std::optional<std::string> acl) {
    PutObjectInput in = PutInput(key);
    in.body = Stage("bytes");
    in.acl = std::move(acl);
    return Must(s3_->PutObject(call, in));
  }
  std::string_view Reading(const wire::Call& call, const std::string& key = "a",
                           std::optional<std::string> version = std::nullopt) {
    GetObjectInput in = GetInput(key);
    in.version_id = std::move(version);
    return Refusal(s3_->GetObject(call, in));
  }
  std::string_view Listing(const wire::Call& call) {
    ListObjectsV2Input in;
    in.bucket = kBucket;
    return Refusal(s3_->ListObjectsV2(call, in));
  }
  std::string_view Writing(const wire::Call& call, const std::string& key = "written") {
    PutObjectInput in = PutInput(key);
    in.body = Stage("bytes");
    return Refusal(s3_->PutObject(call, in));
  }
  GetObjectAclOutput AclOf(const std::string& key, const wire::Call& call) {
    GetObjectAclInput in;
    in.bucket = kBucket;
    in.key = key;
    return Must(s3_->GetObjectAcl(call, in));
  }
  size_t GrantsOn(const std::string& key) { return AclOf(key, Root()).grants->size(); }
  void Block(PublicAccessBlockConfiguration block) {
    PutPublicAccessBlockInput in;
    in.bucket = kBucket;
    in.public_access_block_configuration = block;
    Must(s3_->PutPublicAccessBlock(Root(), in));
  }
};

TEST_F(AclSettings, OpenAnObjectToThoseItNames) {
  EXPECT_EQ(Reading(Anonymous()), kAccessDenied);
  EXPECT_EQ(SetAcl("public-read"), "");
  EXPECT_EQ(Reading(Anonymous()), "");
  EXPECT_EQ(Reading(User()), "") << "a user without policies is somebody, too";
  EXPECT_EQ(SetAcl("authenticated-read"), "");
  EXPECT_EQ(Reading(Anonymous()), kAccessDenied);
  EXPECT_EQ(Reading(User()), "");
  EXPECT_EQ(SetAcl("private"), "");
  EXPECT_EQ(Reading(User()), kAccessDenied) << "the owner's own grant only lets policies decide";
}

TEST_F(AclSettings, OpenAnObjectToACanonicalUser) {
  PutObjectAclInput in;
  in.bucket = kBucket;
  in.key = "a";
  in.grant_read = "id=\"" + std::string(64, 'c') + "\"";
  Must(s3_->PutObjectAcl(Root(), in));
  EXPECT_EQ(Reading(OriginAccessIdentity("E1")), "");
  EXPECT_EQ(Reading(Anonymous()), kAccessDenied);
}

TEST_F(AclSettings, DoNotOpenABucketsListing) {
  EXPECT_EQ(SetAcl("public-read"), "");
  EXPECT_EQ(Listing(Anonymous()), kAccessDenied);
  EXPECT_EQ(Reading(Anonymous(), "missing"), kAccessDenied);
  EXPECT_EQ(SetBucketAcl("public-read"), "");
  EXPECT_EQ(Listing(Anonymous()), "");
  EXPECT_EQ(Reading(Anonymous(), "missing"), kNoSuchKey);
  EXPECT_EQ(Writing(Anonymous()), kAccessDenied);
  Put("b", "bytes");
  EXPECT_EQ(Reading(Anonymous(), "b"), kAccessDenied) << "the bucket's list is none of its objects";
}

TEST_F(AclSettings, AreNotStrongerThanADeny) {
  EXPECT_EQ(SetAcl("public-read"), "");
  Must(PutPolicy(R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject",)"
                 R"("Resource":"arn:aws:s3:::site-assets/*"}]})"));
  EXPECT_EQ(Reading(Anonymous()), kAccessDenied);
}

TEST_F(AclSettings, ObeyThePublicAccessBlock) {
  EXPECT_EQ(SetAcl("public-read"), "");
  Block({.ignore_public_acls = true});
  EXPECT_EQ(Reading(Anonymous()), kAccessDenied);
  Block({.block_public_acls = true});
  EXPECT_EQ(Reading(Anonymous()), "") << "blocking forbids new ones";
  EXPECT_EQ(SetAcl("public-read"), kAccessDenied);
  EXPECT_EQ(SetBucketAcl("public-read"), kAccessDenied);
  EXPECT_EQ(SetBucketAcl("log-delivery-write"), "");
  PutObjectInput in = PutInput("a");
  in.acl = "authenticated-read";
  EXPECT_EQ(s3_->AdmitPutObject(Root(), in).error().name, kAccessDenied);
  Block({.restrict_public_buckets = true});
  EXPECT_EQ(Reading(Anonymous()), "") << "restriction is about public policies";
  Block({});
  Must(PutPolicy(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
                 R"("Resource":"arn:aws:s3:::site-assets/other/*"}]})"));
  Block({.restrict_public_buckets = true});
  EXPECT_EQ(Reading(Anonymous()), kAccessDenied) << "a bucket with one is closed to strangers";
  EXPECT_EQ(Reading(User()), "");
}

TEST_F(AclSettings, DoNotCountWhereTheOwnerIsEnforced) {
  EXPECT_EQ(SetAcl("public-read"), "");
  EXPECT_EQ(SetOwnership("BucketOwnerEnforced"), "");
  EXPECT_EQ(Reading(Anonymous()), kAccessDenied);
  EXPECT_EQ(GrantsOn("a"), 1u);
  EXPECT_EQ(SetAcl("public-read"), kAccessControlListNotSupported);
  EXPECT_EQ(SetAcl("bucket-owner-full-control"), "");
  EXPECT_EQ(SetOwnership("BucketOwnerPreferred"), "");
  EXPECT_EQ(Reading(Anonymous()), "") << "what was there before counts again";
}

TEST_F(AclSettings, OfABucketMustBeTakenBackBeforeTheOwnerIsEnforced) {
  EXPECT_EQ(SetBucketAcl("log-delivery-write"), "");
  EXPECT_EQ(SetOwnership("BucketOwnerEnforced"), kInvalidBucketAclWithObjectOwnership);
  EXPECT_EQ(SetBucketAcl("private"), "");
  EXPECT_EQ(SetOwnership("BucketOwnerEnforced"), "");
}

TEST_F(AclSettings, BelongToAVersion) {
  SetVersioning("Enabled");
  const std::string first = *PutWithAcl(Root(), "v", "public-read").version_id;
  const std::string second = *PutWithAcl(Root(), "v", std::nullopt).version_id;
  EXPECT_EQ(Reading(Anonymous(), "v"), kAccessDenied);
  EXPECT_EQ(Reading(Anonymous(), "v", first), "");
  EXPECT_EQ(SetAcl("public-read", "v", second), "");
  EXPECT_EQ(SetAcl("private", "v", first), "");
  EXPECT_EQ(Reading(Anonymous(), "v"), "");
  EXPECT_EQ(Reading(Anonymous(), "v", first), kAccessDenied);
  Must(Delete("v", second));
  EXPECT_EQ(Reading(Anonymous(), "v"), kAccessDenied) << "the older one came back with its own list";
}

TEST_F(AclSettings, AreNotCopied) {
  EXPECT_EQ(SetAcl("public-read"), "");
  CopyObjectInput in;
  in.bucket = kBucket;
  in.key = "copy";
  in.copy_source = kBucket + "/a";
  Must(s3_->CopyObject(Root(), in));
  EXPECT_EQ(Reading(Anonymous(), "copy"), kAccessDenied);
  in.acl = "public-read";
  Must(s3_->CopyObject(Root(), in));
  EXPECT_EQ(Reading(Anonymous(), "copy"), "");
}

TEST_F(AclSettings, OfAnUploadInPartsComeFromItsBeginning) {
  CreateMultipartUploadInput create;
  create.bucket = kBucket;
  create.key = "parts";
  create.acl = "public-read";
  const std::string id = *Must(s3_->CreateMultipartUpload(Root(), create)).upload_id;
  UploadPartInput part;
  part.bucket = kBucket;
  part.key = "parts";
  part.upload_id = id;
  part.part_number = 1;
  part.body = Stage("bytes");
  const auto etag = Must(s3_->UploadPart(Root(), part)).e_tag;
  CompleteMultipartUploadInput complete;
  complete.bucket = kBucket;
  complete.key = "parts";
  complete.upload_id = id;
  complete.multipart_upload =
      CompletedMultipartUpload{.parts = std::vector<CompletedPart>{{.e_tag = etag, .part_number = 1}}};
  Must(s3_->CompleteMultipartUpload(Root(), complete));
  EXPECT_EQ(Reading(Anonymous(), "parts"), "");
}

TEST_F(AclSettings, MakeStrangersOwnersOfWhatTheyWrite) {
  EXPECT_EQ(SetBucketAcl("public-read-write"), "");
  EXPECT_EQ(Writing(Anonymous(), "theirs"), "");
  EXPECT_EQ(Reading(Root(), "theirs"), kAccessDenied) << "not the bucket owner's to read";
  identity_ = iam::Decision::kAllow;
  EXPECT_EQ(Reading(User(), "theirs"), kAccessDenied);
  PutWithAcl(OriginAccessIdentity("E1"), "shared", "bucket-owner-full-control");
  EXPECT_EQ(AclOf("shared", Root()).owner->id, std::string(64, 'c'));
  EXPECT_EQ(Reading(Root(), "shared"), "");
  EXPECT_EQ(Reading(User(), "shared"), "");
  identity_ = iam::Decision::kImplicitDeny;
  EXPECT_EQ(Reading(User(), "shared"), kAccessDenied);
  EXPECT_EQ(Reading(OriginAccessIdentity("E1"), "shared"), "");
  Must(Delete("theirs"));  // which the bucket's owner always may

  EXPECT_EQ(SetOwnership("BucketOwnerPreferred"), "");
  PutWithAcl(OriginAccessIdentity("E1"), "given", "bucket-owner-full-control");
  EXPECT_EQ(AclOf("given", Root()).owner->id, std::string(64, 'a'));
}

TEST_F(AclSettings, NeedThePermissionToSayThem) {
  Must(PutPolicy(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":)"
                 R"("arn:aws:iam::123456789012:user/alice"},"Action":"s3:PutObject",)"
                 R"("Resource":"arn:aws:s3:::site-assets/*"}]})"));
  EXPECT_EQ(Writing(User("alice")), "");
  PutObjectInput in = PutInput("b");
  in.body = Stage("bytes");
  in.acl = "private";
  const auto refused = s3_->PutObject(User("alice"), in);
  EXPECT_EQ(Refusal(refused), kAccessDenied);
  EXPECT_NE(refused.error().detail.find("s3:PutObjectAcl"), std::string::npos);
}

TEST_F(AclSettings, ComeInOneWayAtATime) {
  PutBucketAclInput in;
  in.bucket = kBucket;
  EXPECT_EQ(Refusal(s3_->PutBucketAcl(Root(), in)), kMissingSecurityHeader);
  in.acl = "private";
  in.access_control_policy = AccessControlPolicy{};
  EXPECT_EQ(Refusal(s3_->PutBucketAcl(Root(), in)), kUnexpectedContent);
  in.access_control_policy.reset();
  in.grant_read = "id=\"x\"";
  EXPECT_EQ(Refusal(s3_->PutBucketAcl(Root(), in)), kInvalidRequest);
}

TEST_F(AclSettings, OfANewBucketNeedThemEnabledAndNoBlock) {
  CreateBucketInput in;
  in.bucket = "another";
  in.create_bucket_configuration = CreateBucketConfiguration{.location_constraint = "eu-west-1"};
  in.acl = "public-read";
  in.object_ownership = "ObjectWriter";
  EXPECT_EQ(Refusal(s3_->CreateBucket(Root(), in)), kAccessDenied) << "new buckets block public lists";
  in.acl = "log-delivery-write";
  Must(s3_->CreateBucket(Root(), in));
  GetBucketAclInput get;
  get.bucket = "another";
  EXPECT_EQ(Must(s3_->GetBucketAcl(Root(), get)).grants->size(), 3u);
}

}  // namespace
}  // namespace meetinity::s3

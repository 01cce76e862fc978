#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class Buckets : public S3Test {
 protected:
  Result<CreateBucketOutput> Create(const std::string& name, std::optional<std::string> location = "eu-west-1") {
    CreateBucketInput in;
    in.bucket = name;
    if (location) in.create_bucket_configuration = CreateBucketConfiguration{.location_constraint = location};
    return s3_->CreateBucket(Root(), in);
  }
  Result<DeleteBucketOutput> DeleteIt(const std::string& name = kBucket) {
    DeleteBucketInput in;
    in.bucket = name;
    return s3_->DeleteBucket(Root(), in);
  }
  Result<ListBucketsOutput> List(ListBucketsInput in = {}) { return s3_->ListBuckets(Root(), in); }
};

TEST_F(Buckets, AreCreatedInTheRegionOfTheEndpoint) {
  const auto out = Must(Create("another"));
  EXPECT_EQ(out.location, "http://127.0.0.1:4566/another/");
  EXPECT_TRUE(s3_->BucketExists("another"));
  EXPECT_EQ(Refusal(Create("elsewhere", "us-west-2")), kIllegalLocationConstraint);
  EXPECT_EQ(Refusal(Create("elsewhere", std::nullopt)), kIllegalLocationConstraint);
  EXPECT_EQ(Refusal(Create("old-name-of-ireland", "EU")), "");
}

TEST_F(Buckets, AreNotCreatedTwice) { EXPECT_EQ(Refusal(Create(kBucket)), kBucketAlreadyOwnedByYou); }

TEST_F(Buckets, NeedAValidName) { EXPECT_EQ(Refusal(Create("Not_Valid")), kInvalidBucketName); }

TEST_F(Buckets, ShowTagsFromCreationAtOnce) {
  CreateBucketInput in;
  in.bucket = "tagged";
  in.create_bucket_configuration =
      CreateBucketConfiguration{.location_constraint = "eu-west-1", .tags = std::vector<Tag>{{"team", "web"}}};
  Must(s3_->CreateBucket(Root(), in));
  GetBucketTaggingInput get;
  get.bucket = "tagged";
  EXPECT_EQ(Must(s3_->GetBucketTagging(Root(), get)).tag_set[0].value, "web");
}

TEST_F(Buckets, RefuseWhatIsNotServedAtCreation) {
  CreateBucketInput in;
  in.bucket = "public";
  in.create_bucket_configuration = CreateBucketConfiguration{.location_constraint = "eu-west-1"};
  in.acl = "public-read";
  EXPECT_EQ(Refusal(s3_->CreateBucket(Root(), in)), kInvalidBucketAclWithObjectOwnership);
}

TEST_F(Buckets, TellTheirRegion) {
  HeadBucketInput head;
  head.bucket = kBucket;
  EXPECT_EQ(Must(s3_->HeadBucket(Root(), head)).bucket_region, "eu-west-1");
  GetBucketLocationInput location;
  location.bucket = kBucket;
  EXPECT_EQ(Must(s3_->GetBucketLocation(Root(), location)).location_constraint, "eu-west-1");
  head.bucket = "missing";
  EXPECT_EQ(Refusal(s3_->HeadBucket(Root(), head)), kNoSuchBucket);
}

TEST_F(Buckets, CheckTheExpectedOwner) {
  HeadBucketInput head;
  head.bucket = kBucket;
  head.expected_bucket_owner = std::string(kAccount);
  EXPECT_EQ(Refusal(s3_->HeadBucket(Root(), head)), "");
  head.expected_bucket_owner = "210987654321";
  EXPECT_EQ(Refusal(s3_->HeadBucket(Root(), head)), kAccessDenied);
  head.expected_bucket_owner = "someone";
  EXPECT_EQ(Refusal(s3_->HeadBucket(Root(), head)), kInvalidBucketOwner);
}

TEST_F(Buckets, AreListedByNameInPages) {
  Must(Create("alpha"));
  Must(Create("zulu"));
  ListBucketsInput in;
  in.max_buckets = 2;
  const auto first = Must(List(in));
  ASSERT_EQ(first.buckets->size(), 2u);
  EXPECT_EQ((*first.buckets)[0].name, "alpha");
  EXPECT_EQ((*first.buckets)[1].name, kBucket);
  in.continuation_token = first.continuation_token;
  const auto second = Must(List(in));
  ASSERT_EQ(second.buckets->size(), 1u);
  EXPECT_EQ((*second.buckets)[0].name, "zulu");
  EXPECT_FALSE(second.continuation_token);
  EXPECT_EQ(second.owner->id, std::string(64, 'a'));
}

TEST_F(Buckets, AreDeletedOnlyWhenEmpty) {
  Put("a", "1");
  EXPECT_EQ(Refusal(DeleteIt()), kBucketNotEmpty);
  Must(Delete("a"));
  Must(DeleteIt());
  EXPECT_EQ(Refusal(DeleteIt()), kNoSuchBucket);
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

TEST_F(Buckets, AreNotEmptyWhileADeleteMarkerIsLeft) {
  SetVersioning("Enabled");
  const auto marker = Must(Delete("never-there"));
  const auto refused = DeleteIt();
  EXPECT_EQ(Refusal(refused), kBucketNotEmpty);
  EXPECT_NE(refused.error().detail.find("all versions"), std::string::npos);
  Must(Delete("never-there", marker.version_id));
  Must(DeleteIt());
}

TEST_F(Buckets, TakeTheirOpenUploadsWithThem) {
  CreateMultipartUploadInput create;
  create.bucket = kBucket;
  create.key = "big";
  UploadPartInput part;
  part.bucket = kBucket;
  part.key = "big";
  part.upload_id = *Must(s3_->CreateMultipartUpload(Root(), create)).upload_id;
  part.part_number = 1;
  part.body = Stage("bytes");
  Must(s3_->UploadPart(Root(), part));
  const store::BlobId blob = part.body->blob;
  Must(DeleteIt());
  EXPECT_FALSE(blobs_->OpenBlob(blob).ok());
}

}  // namespace
}  // namespace meetinity::s3

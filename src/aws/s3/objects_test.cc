#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class Objects : public S3Test {
 protected:
  Result<HeadObjectOutput> Head(const std::string& key, std::optional<std::string> version = std::nullopt) {
    HeadObjectInput in;
    in.bucket = kBucket;
    in.key = key;
    in.version_id = std::move(version);
    return s3_->HeadObject(Root(), in);
  }
  Result<GetObjectOutput> GetRange(const std::string& key, const std::string& range) {
    GetObjectInput in = GetInput(key);
    in.range = range;
    return s3_->GetObject(Root(), in);
  }
};

TEST_F(Objects, ComeBackAsTheyWerePut) {
  PutObjectInput in = PutInput("index.html");
  in.body = Stage("<h1>hello</h1>");
  in.content_type = "text/html";
  in.cache_control = "max-age=60";
  in.content_encoding = "aws-chunked,gzip";
  in.content_disposition = "inline";
  in.content_language = "en";
  in.expires = "Thu, 01 Dec 2033 16:00:00 GMT";
  in.metadata = std::map<std::string, std::string>{{"Owner", "web"}};
  in.tagging = "team=web&stage=prod";
  const auto put = Must(s3_->PutObject(Root(), in));
  EXPECT_EQ(put.e_tag, "\"" + HexEncode(Md5("<h1>hello</h1>")) + "\"");
  EXPECT_EQ(put.server_side_encryption, "AES256");
  EXPECT_FALSE(put.version_id);

  const auto got = Must(Get("index.html"));
  EXPECT_EQ(BytesOf(got), "<h1>hello</h1>");
  EXPECT_EQ(got.e_tag, put.e_tag);
  EXPECT_EQ(got.content_length, 14);
  EXPECT_EQ(got.content_type, "text/html");
  EXPECT_EQ(got.cache_control, "max-age=60");
  EXPECT_EQ(got.content_encoding, "gzip");
  EXPECT_EQ(got.content_disposition, "inline");
  EXPECT_EQ(got.content_language, "en");
  EXPECT_EQ(got.expires, in.expires);
  EXPECT_EQ(got.metadata, (std::map<std::string, std::string>{{"owner", "web"}}));
  EXPECT_EQ(got.tag_count, 2);
  EXPECT_EQ(got.last_modified, clock_.Now());
  EXPECT_EQ(got.accept_ranges, "bytes");
  EXPECT_FALSE(got.storage_class) << "STANDARD is not named";
  EXPECT_FALSE(got.content_range);
  EXPECT_FALSE(got.version_id);
}

TEST_F(Objects, WithoutATypeAreOctets) {
  Put("a", "1");
  EXPECT_EQ(Must(Get("a")).content_type, "binary/octet-stream");
}

TEST_F(Objects, MayBeEmpty) {
  Put("empty", "");
  const auto got = Must(Get("empty"));
  EXPECT_EQ(got.content_length, 0);
  EXPECT_EQ(BytesOf(got), "");
  EXPECT_EQ(got.e_tag, "\"d41d8cd98f00b204e9800998ecf8427e\"");
  EXPECT_EQ(Refusal(GetRange("empty", "bytes=0-")), kInvalidRange);
}

TEST_F(Objects, HaveAnyKey) {
  for (const std::string key :
       {"../../etc/passwd", "a//b", "a\\b", "with space+plus", "\xC3\xA4/\xE2\x82\xAC", ".", "%2F"}) {
    Put(key, key);
    EXPECT_EQ(Read(key), key);
  }
  PutObjectInput in = PutInput(std::string(1025, 'k'));
  in.body = Stage("x");
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kKeyTooLong);
}

TEST_F(Objects, ReplacedFreeTheirBytes) {
  PutObjectInput in = PutInput("a");
  in.body = Stage("old");
  const store::BlobId old = in.body->blob;
  Must(s3_->PutObject(Root(), in));
  EXPECT_TRUE(in.body->kept);
  Put("a", "new");
  EXPECT_EQ(Read("a"), "new");
  EXPECT_FALSE(blobs_->OpenBlob(old).ok());
  Must(Delete("a"));
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

TEST_F(Objects, OpenedForReadingOutliveTheirReplacement) {
  Put("a", "old");
  const auto reading = Must(Get("a"));
  Put("a", "new");
  Must(Delete("a"));
  EXPECT_EQ(BytesOf(reading), "old");
}

TEST_F(Objects, RefusedLeaveTheirBodyToWhoStagedIt) {
  PutObjectInput in = PutInput("a");
  in.bucket = "missing";
  in.body = Stage("bytes");
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kNoSuchBucket);
  EXPECT_FALSE(in.body->kept);
}

TEST_F(Objects, AreReadInRanges) {
  Put("digits", "0123456789");
  const auto middle = Must(GetRange("digits", "bytes=2-4"));
  EXPECT_EQ(BytesOf(middle), "234");
  EXPECT_EQ(middle.content_range, "bytes 2-4/10");
  EXPECT_EQ(middle.content_length, 3);
  EXPECT_EQ(BytesOf(Must(GetRange("digits", "bytes=-3"))), "789");
  EXPECT_EQ(BytesOf(Must(GetRange("digits", "bytes=8-100"))), "89");
  EXPECT_FALSE(Must(GetRange("digits", "bytes=1-2,4-5")).content_range) << "several ranges are not served, as in S3";
  const auto outside = GetRange("digits", "bytes=10-");
  EXPECT_EQ(Refusal(outside), kInvalidRange);
  EXPECT_EQ(FieldOf(outside.error(), "ActualObjectSize"), "10");
  EXPECT_EQ(FieldOf(outside.error(), "RangeRequested"), "bytes=10-");
}

TEST_F(Objects, NeverUploadedInPartsAreTheirOwnFirstPart) {
  Put("a", "12345");
  GetObjectInput in = GetInput("a");
  in.part_number = 1;
  EXPECT_EQ(BytesOf(Must(s3_->GetObject(Root(), in))), "12345");
  in.part_number = 2;
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), kInvalidPartNumber);
  in.part_number = 0;
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), kInvalidArgument);
  in.part_number = 1;
  in.range = "bytes=0-1";
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), kInvalidRequest);
}

TEST_F(Objects, AreReadConditionally) {
  Put("a", "1");
  const std::string etag = *Must(Get("a")).e_tag;
  GetObjectInput in = GetInput("a");
  in.if_none_match = etag;
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), kNotModified);
  in.if_none_match = "\"other\"";
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), "");
  in = GetInput("a");
  in.if_match = "\"other\"";
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), kPreconditionFailed);
}

TEST_F(Objects, AnswerWithHeadersThatASignedRequestOverrides) {
  Put("a", "1");
  GetObjectInput in = GetInput("a");
  in.response_content_type = "text/csv";
  in.response_expires = Instant::Utc("2033-12-01T16:00:00Z");
  const auto got = Must(s3_->GetObject(Root(), in));
  EXPECT_EQ(got.content_type, "text/csv");
  EXPECT_EQ(got.expires, "Thu, 01 Dec 2033 16:00:00 GMT");
  EXPECT_EQ(Refusal(s3_->GetObject(Anonymous(), in)), kInvalidRequest);
}

TEST_F(Objects, TellTheirChecksumWhenAsked) {
  PutObjectInput in = PutInput("a");
  in.body = Stage("bytes", "SHA256");
  const std::string sha256 = Base64Encode(Sha256("bytes"));
  EXPECT_EQ(Must(s3_->PutObject(Root(), in)).checksum_sha256, sha256);
  EXPECT_FALSE(Must(Get("a")).checksum_sha256);
  GetObjectInput get = GetInput("a");
  get.checksum_mode = "ENABLED";
  EXPECT_EQ(Must(s3_->GetObject(Root(), get)).checksum_sha256, sha256);
  EXPECT_EQ(Must(s3_->GetObject(Root(), get)).checksum_type, "FULL_OBJECT");
  get.range = "bytes=0-1";
  EXPECT_FALSE(Must(s3_->GetObject(Root(), get)).checksum_sha256) << "it is not the part's";
}

TEST_F(Objects, GetACrc64WhenTheClientSendsNoChecksum) {
  PutObjectInput in = PutInput("a");
  in.body = Stage("bytes");
  const auto put = Must(s3_->PutObject(Root(), in));
  EXPECT_EQ(put.checksum_crc64_nvme, Base64Encode(RawChecksum("bytes", "CRC64NVME")));
  EXPECT_EQ(put.checksum_type, "FULL_OBJECT");
}

TEST_F(Objects, MissingAreNotFound) {
  EXPECT_EQ(Refusal(Get("missing")), kNoSuchKey);
  EXPECT_EQ(Refusal(Head("missing")), kNoSuchKey);
  GetObjectInput in = GetInput("a");
  in.bucket = "missing";
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), kNoSuchBucket);
}

TEST_F(Objects, AreHeadedLikeTheyAreRead) {
  Put("a", "12345");
  const auto head = Must(Head("a"));
  EXPECT_EQ(head.content_length, 5);
  EXPECT_EQ(head.e_tag, Must(Get("a")).e_tag);
}

TEST_F(Objects, AreCreatedOnlyOnceOnCondition) {
  PutObjectInput in = PutInput("once");
  in.if_none_match = "*";
  in.body = Stage("first");
  Must(s3_->PutObject(Root(), in));
  in.body = Stage("second");
  const auto refused = s3_->PutObject(Root(), in);
  EXPECT_EQ(Refusal(refused), kPreconditionFailed);
  EXPECT_EQ(FieldOf(refused.error(), "Condition"), "If-None-Match");
  EXPECT_EQ(Read("once"), "first");
}

TEST_F(Objects, AreReplacedOnCondition) {
  PutObjectInput in = PutInput("a");
  in.if_match = "\"" + HexEncode(Md5("1")) + "\"";
  in.body = Stage("2");
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kNoSuchKey);
  Put("a", "1");
  Must(s3_->PutObject(Root(), in));
  in.body = Stage("3");
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kPreconditionFailed);
  in.if_none_match = "*";
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kNotImplemented);
}

TEST_F(Objects, CountADeleteMarkerAsAbsentForConditions) {
  SetVersioning("Enabled");
  Put("a", "1");
  Must(Delete("a"));
  PutObjectInput in = PutInput("a");
  in.if_none_match = "*";
  in.body = Stage("2");
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), "");
}

TEST_F(Objects, AreDeletedOnCondition) {
  Put("a", "1");
  DeleteObjectInput in;
  in.bucket = kBucket;
  in.key = "a";
  in.if_match = "\"other\"";
  EXPECT_EQ(Refusal(s3_->DeleteObject(Root(), in)), kPreconditionFailed);
  in.if_match = "\"" + HexEncode(Md5("1")) + "\"";
  Must(s3_->DeleteObject(Root(), in));
  EXPECT_EQ(Refusal(s3_->DeleteObject(Root(), in)), kPreconditionFailed) << "nothing matches";
}

TEST_F(Objects, RefuseWhatIsNotServed) {
  PutObjectInput in = PutInput("a");
  in.body = Stage("1");
  in.server_side_encryption = "aws:kms";
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kNotImplemented);
  in.server_side_encryption = "AES256";
  in.sse_customer_algorithm = "AES256";
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kNotImplemented);
  in.sse_customer_algorithm.reset();
  in.acl = "public-read";
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kAccessControlListNotSupported);
  in.acl = "bucket-owner-full-control";
  in.object_lock_mode = "GOVERNANCE";
  in.object_lock_retain_until_date = clock_.Now() + kDay;
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kInvalidRequest);
  in.object_lock_mode.reset();
  in.object_lock_retain_until_date.reset();
  in.storage_class = "GLACIER";
  EXPECT_EQ(Refusal(s3_->PutObject(Root(), in)), kNotImplemented);
  in.storage_class = "STANDARD_IA";
  Must(s3_->PutObject(Root(), in));
  EXPECT_EQ(Must(Get("a")).storage_class, "STANDARD_IA");
}

TEST_F(Objects, AreRefusedBeforeTheirBodyIsReceived) {
  PutObjectInput in = PutInput("a");
  EXPECT_TRUE(s3_->AdmitPutObject(Root(), in).ok());
  EXPECT_EQ(s3_->AdmitPutObject(Anonymous(), in).error().name, kAccessDenied);
  in.content_length = (int64_t{5} << 30) + 1;
  EXPECT_EQ(s3_->AdmitPutObject(Root(), in).error().name, kEntityTooLarge);
  in = PutInput("a");
  in.bucket = "missing";
  EXPECT_EQ(s3_->AdmitPutObject(Root(), in).error().name, kNoSuchBucket);
}

TEST_F(Objects, AreDeletedManyAtATime) {
  Put("a", "1");
  Put("b", "2");
  DeleteObjectsInput in;
  in.bucket = kBucket;
  in.delete_.objects = {{.key = "a"}, {.key = "missing"}, {.e_tag = "\"other\"", .key = "b"}};
  const auto out = Must(s3_->DeleteObjects(Root(), in));
  ASSERT_EQ(out.deleted->size(), 2u) << "what is not there counts as deleted";
  EXPECT_EQ((*out.deleted)[0].key, "a");
  ASSERT_EQ(out.errors->size(), 1u);
  EXPECT_EQ((*out.errors)[0].code, kPreconditionFailed);
  EXPECT_EQ(Read("b"), "2");
  in.delete_ = {.objects = {{.key = "b"}}, .quiet = true};
  EXPECT_FALSE(Must(s3_->DeleteObjects(Root(), in)).deleted);
  in.delete_.objects.assign(1001, {.key = "x"});
  EXPECT_EQ(Refusal(s3_->DeleteObjects(Root(), in)), kMalformedXml);
}

TEST_F(Objects, TellChosenAttributes) {
  Put("a", "12345");
  GetObjectAttributesInput in;
  in.bucket = kBucket;
  in.key = "a";
  in.object_attributes = {"ETag", "ObjectSize", "StorageClass", "Checksum", "ObjectParts"};
  const auto out = Must(s3_->GetObjectAttributes(Root(), in));
  EXPECT_EQ(out.e_tag, HexEncode(Md5("12345"))) << "without quotes here";
  EXPECT_EQ(out.object_size, 5);
  EXPECT_EQ(out.storage_class, "STANDARD");
  EXPECT_TRUE(out.checksum->checksum_crc64_nvme);
  EXPECT_FALSE(out.object_parts);
  in.object_attributes = {"Colour"};
  EXPECT_EQ(Refusal(s3_->GetObjectAttributes(Root(), in)), kInvalidArgument);
}

TEST_F(Objects, CanBePutFromMemory) {
  Must(s3_->PutBytes(Root(), kBucket, "app.css", "text/css", "max-age=1", "body{}"));
  const auto got = Must(Get("app.css"));
  EXPECT_EQ(BytesOf(got), "body{}");
  EXPECT_EQ(got.content_type, "text/css");
  EXPECT_EQ(Refusal(s3_->PutBytes(Root(), "missing", "a", "", "", "x")), kNoSuchBucket);
  EXPECT_EQ(SweepUnreferenced(), 0u) << "a refused one leaves no blob";
}

}  // namespace
}  // namespace meetinity::s3

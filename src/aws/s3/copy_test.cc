#include <fmt/format.h>

#include "aws/s3/checksums.h"
#include "aws/s3/s3_fixture.h"
#include "aws/s3/uploads.h"

namespace meetinity::s3 {
namespace {

class Copies : public S3Test {
 protected:
  static CopyObjectInput CopyInput(const std::string& from, const std::string& to) {
    CopyObjectInput in;
    in.bucket = kBucket;
    in.key = to;
    in.copy_source = kBucket + "/" + from;
    return in;
  }
  Result<CopyObjectOutput> Copy(const std::string& from, const std::string& to) {
    return s3_->CopyObject(Root(), CopyInput(from, to));
  }
  void PutDescribed(const std::string& key, std::string_view bytes) {
    PutObjectInput in = PutInput(key);
    in.body = Stage(bytes);
    in.content_type = "text/plain";
    in.metadata = std::map<std::string, std::string>{{"origin", "first"}};
    in.tagging = "team=web";
    in.website_redirect_location = "/elsewhere";
    Must(s3_->PutObject(Root(), in));
  }
  // An object of two parts, "x…x" and `last`.
  void PutInParts(const std::string& key, std::string_view last) {
    CreateMultipartUploadInput create;
    create.bucket = kBucket;
    create.key = key;
    UploadPartInput part;
    part.bucket = kBucket;
    part.key = key;
    part.upload_id = *Must(s3_->CreateMultipartUpload(Root(), create)).upload_id;
    CompleteMultipartUploadInput complete;
    complete.bucket = kBucket;
    complete.key = key;
    complete.upload_id = part.upload_id;
    complete.multipart_upload = CompletedMultipartUpload{.parts = std::vector<CompletedPart>()};
    for (std::string_view bytes : {std::string_view(first_), last}) {
      part.body = Stage(bytes);
      ++part.part_number;
      CompletedPart listed;
      listed.part_number = part.part_number;
      listed.e_tag = Must(s3_->UploadPart(Root(), part)).e_tag;
      complete.multipart_upload->parts->push_back(listed);
    }
    Must(s3_->CompleteMultipartUpload(Root(), complete));
  }

  const std::string first_ = std::string(kPartBytesMin, 'x');
};

TEST_F(Copies, ShareTheBytesAndOutliveTheSource) {
  PutDescribed("a", "bytes");
  const auto out = Must(Copy("a", "b"));
  EXPECT_EQ(out.copy_object_result->e_tag, "\"" + HexEncode(Md5("bytes")) + "\"");
  Must(Delete("a"));
  EXPECT_EQ(Read("b"), "bytes");
  EXPECT_EQ(SweepUnreferenced(), 0u);
  Must(Delete("b"));
  EXPECT_EQ(SweepUnreferenced(), 0u) << "the last reference took the blob with it";
}

TEST_F(Copies, TakeHeadersAndTagsOverButNotTheRedirect) {
  PutDescribed("a", "bytes");
  Must(Copy("a", "b"));
  const auto got = Must(Get("b"));
  EXPECT_EQ(got.content_type, "text/plain");
  EXPECT_EQ(got.metadata->at("origin"), "first");
  EXPECT_EQ(got.tag_count, 1);
  EXPECT_FALSE(got.website_redirect_location);
}

TEST_F(Copies, ReplaceHeadersAndTagsOnRequest) {
  PutDescribed("a", "bytes");
  CopyObjectInput in = CopyInput("a", "b");
  in.metadata_directive = "REPLACE";
  in.tagging_directive = "REPLACE";
  in.content_type = "text/css";
  Must(s3_->CopyObject(Root(), in));
  const auto got = Must(Get("b"));
  EXPECT_EQ(got.content_type, "text/css");
  EXPECT_FALSE(got.metadata);
  EXPECT_FALSE(got.tag_count);
}

TEST_F(Copies, OntoThemselvesMustChangeSomething) {
  PutDescribed("a", "bytes");
  EXPECT_EQ(Refusal(Copy("a", "a")), kInvalidRequest);
  CopyObjectInput in = CopyInput("a", "a");
  in.metadata_directive = "REPLACE";
  in.metadata = std::map<std::string, std::string>{{"origin", "second"}};
  Must(s3_->CopyObject(Root(), in));
  const auto got = Must(Get("a"));
  EXPECT_EQ(BytesOf(got), "bytes") << "the shared blob survives its own replacement";
  EXPECT_EQ(got.metadata->at("origin"), "second");
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

TEST_F(Copies, BringAnOlderVersionBack) {
  SetVersioning("Enabled");
  const auto first = Put("a", "1");
  Put("a", "2");
  CopyObjectInput in = CopyInput("a?versionId=" + *first.version_id, "a");
  const auto out = Must(s3_->CopyObject(Root(), in));
  EXPECT_EQ(out.copy_source_version_id, first.version_id);
  EXPECT_NE(out.version_id, first.version_id);
  EXPECT_EQ(Read("a"), "1");
}

TEST_F(Copies, OfADeleteMarkerAreRefused) {
  SetVersioning("Enabled");
  Put("a", "1");
  const auto marker = Must(Delete("a")).version_id;
  EXPECT_EQ(Refusal(Copy("a", "b")), kNoSuchKey);
  EXPECT_EQ(Refusal(Copy("a?versionId=" + *marker, "b")), kInvalidRequest);
}

TEST_F(Copies, OfPartsGetAPlainETagAndAChecksumOfTheWhole) {
  PutInParts("parts", "tail");
  const std::string bytes = first_ + "tail";
  const auto out = Must(Copy("parts", "whole"));
  EXPECT_EQ(out.copy_object_result->e_tag, "\"" + HexEncode(Md5(bytes)) + "\"");
  EXPECT_EQ(out.copy_object_result->checksum_crc64_nvme, Base64Encode(RawChecksum(bytes, "CRC64NVME")));
  Must(Delete("parts"));
  EXPECT_EQ(Read("whole"), bytes);
  EXPECT_FALSE(Must(Get("whole")).parts_count);
}

TEST_F(Copies, ComputeAnotherChecksumOnRequest) {
  Put("a", "bytes");
  CopyObjectInput in = CopyInput("a", "b");
  in.checksum_algorithm = "SHA256";
  EXPECT_EQ(Must(s3_->CopyObject(Root(), in)).copy_object_result->checksum_sha256, Base64Encode(Sha256("bytes")));
}

TEST_F(Copies, AskTheirConditionsOfTheSource) {
  Put("a", "bytes");
  CopyObjectInput in = CopyInput("a", "b");
  in.copy_source_if_match = "\"other\"";
  const auto refused = s3_->CopyObject(Root(), in);
  EXPECT_EQ(Refusal(refused), kPreconditionFailed);
  EXPECT_EQ(FieldOf(refused.error(), "Condition"), "x-amz-copy-source-If-Match");
  in.copy_source_if_match.reset();
  in.if_none_match = "*";
  Must(s3_->CopyObject(Root(), in));
  EXPECT_EQ(Refusal(s3_->CopyObject(Root(), in)), kPreconditionFailed);
}

TEST_F(Copies, NeedASourceThatExists) {
  EXPECT_EQ(Refusal(Copy("missing", "b")), kNoSuchKey);
  CopyObjectInput in = CopyInput("a", "b");
  in.copy_source = "missing/a";
  EXPECT_EQ(Refusal(s3_->CopyObject(Root(), in)), kNoSuchBucket);
  in.copy_source = "no-key";
  EXPECT_EQ(Refusal(s3_->CopyObject(Root(), in)), kInvalidArgument);
}

TEST_F(Copies, IntoPartsTakeARange) {
  PutInParts("source", "tail");
  CreateMultipartUploadInput create;
  create.bucket = kBucket;
  create.key = "target";
  UploadPartCopyInput in;
  in.bucket = kBucket;
  in.key = "target";
  in.upload_id = *Must(s3_->CreateMultipartUpload(Root(), create)).upload_id;
  in.part_number = 1;
  in.copy_source = kBucket + "/source";
  in.copy_source_range = fmt::format("bytes={}-{}", first_.size() - 2, first_.size() + 1);
  const auto part = Must(s3_->UploadPartCopy(Root(), in));
  EXPECT_EQ(part.copy_part_result->e_tag, "\"" + HexEncode(Md5("xxta")) + "\"");
  for (const char* range : {"bytes=0-", "0-5", "bytes=9-2", "bytes=0-99999999"}) {
    in.copy_source_range = range;
    EXPECT_EQ(Refusal(s3_->UploadPartCopy(Root(), in)), kInvalidArgument) << range;
  }
  Must(Delete("source"));
  CompleteMultipartUploadInput complete;
  complete.bucket = kBucket;
  complete.key = "target";
  complete.upload_id = in.upload_id;
  CompletedPart listed;
  listed.part_number = 1;
  listed.e_tag = part.copy_part_result->e_tag;
  complete.multipart_upload = CompletedMultipartUpload{.parts = std::vector{listed}};
  Must(s3_->CompleteMultipartUpload(Root(), complete));
  EXPECT_EQ(Read("target"), "xxta");
  Must(Delete("target"));
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

}  // namespace
}  // namespace meetinity::s3

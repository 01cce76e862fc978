#include <fmt/format.h>

#include "aws/s3/checksums.h"
#include "aws/s3/s3_fixture.h"
#include "aws/s3/uploads.h"

namespace meetinity::s3 {
namespace {

class Multipart : public S3Test {
 protected:
  static inline const std::string kKey = "big.bin";

  std::string Begin(std::optional<std::string> algorithm = std::nullopt,
                    std::optional<std::string> type = std::nullopt) {
    CreateMultipartUploadInput in;
    in.bucket = kBucket;
    in.key = kKey;
    in.content_type = "application/x-big";
    in.metadata = std::map<std::string, std::string>{{"kind", "big"}};
    in.checksum_algorithm = std::move(algorithm);
    in.checksum_type = std::move(type);
    return *Must(s3_->CreateMultipartUpload(Root(), in)).upload_id;
  }
  Result<UploadPartOutput> Upload(const std::string& id, int32_t number, std::string_view bytes,
                                  std::string_view algorithm = "") {
    UploadPartInput in;
    in.bucket = kBucket;
    in.key = kKey;
    in.upload_id = id;
    in.part_number = number;
    in.body = Stage(bytes, algorithm);
    return s3_->UploadPart(Root(), in);
  }
  static CompletedPart Listed(int32_t number, std::string_view bytes) {
    CompletedPart part;
    part.part_number = number;
    part.e_tag = "\"" + HexEncode(Md5(bytes)) + "\"";
    return part;
  }
  static CompleteMultipartUploadInput CompleteInput(const std::string& id, std::vector<CompletedPart> parts) {
    CompleteMultipartUploadInput in;
    in.bucket = kBucket;
    in.key = kKey;
    in.upload_id = id;
    in.multipart_upload = CompletedMultipartUpload{.parts = std::move(parts)};
    return in;
  }
  Result<CompleteMultipartUploadOutput> Complete(const std::string& id, std::vector<CompletedPart> parts) {
    return s3_->CompleteMultipartUpload(Root(), CompleteInput(id, std::move(parts)));
  }

  const std::string first_ = std::string(kPartBytesMin, 'x');
  const std::string last_ = "the end";
};

TEST_F(Multipart, MakesOneObjectOfTheParts) {
  const std::string id = Begin();
  Must(Upload(id, 2, last_));
  Must(Upload(id, 1, first_));
  const auto done = Must(Complete(id, {Listed(1, first_), Listed(2, last_)}));
  EXPECT_EQ(done.e_tag, "\"" + *MultipartEtag({HexEncode(Md5(first_)), HexEncode(Md5(last_))}) + "\"");
  EXPECT_EQ(done.location, "http://127.0.0.1:4566/site-assets/big.bin");
  EXPECT_EQ(done.checksum_type, "FULL_OBJECT");
  EXPECT_EQ(done.checksum_crc64_nvme, Base64Encode(RawChecksum(first_ + last_, "CRC64NVME")));
  const auto got = Must(Get(kKey));
  EXPECT_EQ(BytesOf(got), first_ + last_);
  EXPECT_EQ(got.content_type, "application/x-big");
  EXPECT_EQ(got.metadata->at("kind"), "big");
  EXPECT_EQ(got.e_tag, done.e_tag);
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

TEST_F(Multipart, ReadsAcrossParts) {
  const std::string id = Begin();
  Must(Upload(id, 3, first_));
  Must(Upload(id, 7, last_));
  Must(Complete(id, {Listed(3, first_), Listed(7, last_)}));
  GetObjectInput in = GetInput(kKey);
  in.range = fmt::format("bytes={}-{}", kPartBytesMin - 2, kPartBytesMin + 2);
  EXPECT_EQ(BytesOf(Must(s3_->GetObject(Root(), in))), "xxthe");
  in.range.reset();
  in.part_number = 7;
  const auto part = Must(s3_->GetObject(Root(), in));
  EXPECT_EQ(BytesOf(part), last_);
  EXPECT_EQ(part.parts_count, 2);
  EXPECT_EQ(part.content_range, fmt::format("bytes {}-{}/{}", kPartBytesMin, kPartBytesMin + 6, kPartBytesMin + 7));
  in.part_number = 8;
  EXPECT_EQ(Refusal(s3_->GetObject(Root(), in)), kInvalidPartNumber);
}

TEST_F(Multipart, ShowsNothingUntilItIsComplete) {
  const std::string id = Begin();
  Must(Upload(id, 1, last_));
  EXPECT_EQ(Refusal(Get(kKey)), kNoSuchKey);
}

TEST_F(Multipart, KeepsTheLastOfAPartUploadedTwice) {
  const std::string id = Begin();
  Must(Upload(id, 1, "old"));
  Must(Upload(id, 1, "new"));
  EXPECT_EQ(Refusal(Complete(id, {Listed(1, "old")})), kInvalidPart);
  Must(Complete(id, {Listed(1, "new")}));
  EXPECT_EQ(Read(kKey), "new");
  EXPECT_EQ(SweepUnreferenced(), 0u);
}

TEST_F(Multipart, FreesPartsThatWereNotListed) {
  const std::string id = Begin();
  Must(Upload(id, 1, "used"));
  Must(Upload(id, 2, "unused"));
  Must(Complete(id, {Listed(1, "used")}));
  EXPECT_EQ(Read(kKey), "used");
  EXPECT_EQ(SweepUnreferenced(), 0u) << "it went with the commit, not with the sweep";
}

TEST_F(Multipart, RefusesAListThatIsWrong) {
  const std::string id = Begin();
  Must(Upload(id, 1, "small"));
  Must(Upload(id, 2, last_));
  EXPECT_EQ(Refusal(Complete(id, {})), kInvalidRequest);
  EXPECT_EQ(Refusal(Complete(id, {Listed(2, last_), Listed(1, "small")})), kInvalidPartOrder);
  EXPECT_EQ(Refusal(Complete(id, {Listed(1, "small"), Listed(1, "small")})), kInvalidPartOrder);
  EXPECT_EQ(Refusal(Complete(id, {Listed(3, "never uploaded")})), kInvalidPart);
  const auto too_small = Complete(id, {Listed(1, "small"), Listed(2, last_)});
  EXPECT_EQ(Refusal(too_small), kEntityTooSmall);
  EXPECT_EQ(FieldOf(too_small.error(), "PartNumber"), "1");
  EXPECT_EQ(Refusal(Complete("unknown", {Listed(1, "small")})), kNoSuchUpload);
}

TEST_F(Multipart, ChecksTheSizeThatTheClientExpects) {
  const std::string id = Begin();
  Must(Upload(id, 1, last_));
  auto in = CompleteInput(id, {Listed(1, last_)});
  in.mpu_object_size = 1;
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kInvalidRequest);
  in.mpu_object_size = static_cast<int64_t>(last_.size());
  Must(s3_->CompleteMultipartUpload(Root(), in));
}

TEST_F(Multipart, AnswersARepeatedCompletionForAWhile) {
  SetVersioning("Enabled");
  const std::string id = Begin();
  Must(Upload(id, 1, last_));
  const auto first = Must(Complete(id, {Listed(1, last_)}));
  const auto again = Must(Complete(id, {Listed(1, last_)}));
  EXPECT_EQ(again.version_id, first.version_id);
  EXPECT_EQ(again.e_tag, first.e_tag);
  EXPECT_EQ(Refusal(Complete(id, {Listed(1, "other")})), kNoSuchUpload);
}

TEST_F(Multipart, IsForgottenWhenAborted) {
  const std::string id = Begin();
  Must(Upload(id, 1, last_));
  AbortMultipartUploadInput in;
  in.bucket = kBucket;
  in.key = kKey;
  in.upload_id = id;
  Must(s3_->AbortMultipartUpload(Root(), in));
  EXPECT_EQ(Refusal(s3_->AbortMultipartUpload(Root(), in)), kNoSuchUpload);
  EXPECT_EQ(Refusal(Upload(id, 2, last_)), kNoSuchUpload);
  EXPECT_EQ(SweepUnreferenced(), 1u) << "only the body that was refused, which its owner removes";
}

TEST_F(Multipart, NumbersPartsFrom1To10000) {
  const std::string id = Begin();
  EXPECT_EQ(Refusal(Upload(id, 0, "x")), kInvalidArgument);
  EXPECT_EQ(Refusal(Upload(id, 10'001, "x")), kInvalidArgument);
  EXPECT_EQ(Refusal(Upload(id, 10'000, "x")), "");
}

TEST_F(Multipart, ListsItsPartsInPages) {
  const std::string id = Begin("SHA256");
  for (int32_t number : {5, 1, 3}) Must(Upload(id, number, last_, "SHA256"));
  ListPartsInput in;
  in.bucket = kBucket;
  in.key = kKey;
  in.upload_id = id;
  in.max_parts = 2;
  const auto first = Must(s3_->ListParts(Root(), in));
  ASSERT_EQ(first.parts->size(), 2u);
  EXPECT_EQ((*first.parts)[1].part_number, 3);
  EXPECT_EQ((*first.parts)[0].checksum_sha256, Base64Encode(Sha256(last_)));
  EXPECT_EQ(first.is_truncated, true);
  in.part_number_marker = first.next_part_number_marker;
  const auto second = Must(s3_->ListParts(Root(), in));
  ASSERT_EQ(second.parts->size(), 1u);
  EXPECT_EQ(second.is_truncated, false);
  in.upload_id = "unknown";
  EXPECT_EQ(Refusal(s3_->ListParts(Root(), in)), kNoSuchUpload);
}

TEST_F(Multipart, AddsUpACompositeChecksum) {
  const std::string id = Begin("SHA256");
  Must(Upload(id, 1, first_, "SHA256"));
  Must(Upload(id, 2, last_, "SHA256"));
  std::vector<CompletedPart> parts{Listed(1, first_), Listed(2, last_)};
  EXPECT_EQ(Refusal(Complete(id, parts)), kInvalidRequest) << "each part's checksum must be repeated";
  parts[0].checksum_sha256 = Base64Encode(Sha256(first_));
  parts[1].checksum_sha256 = Base64Encode(Sha256("something else"));
  EXPECT_EQ(Refusal(Complete(id, parts)), kInvalidPart);
  parts[1].checksum_sha256 = Base64Encode(Sha256(last_));
  const auto done = Must(Complete(id, parts));
  EXPECT_EQ(done.checksum_sha256, Base64Encode(Sha256(Sha256(first_) + Sha256(last_))) + "-2");
  EXPECT_EQ(done.checksum_type, "COMPOSITE");
  GetObjectAttributesInput in;
  in.bucket = kBucket;
  in.key = kKey;
  in.object_attributes = {"ObjectParts", "Checksum"};
  const auto attributes = Must(s3_->GetObjectAttributes(Root(), in));
  EXPECT_EQ(attributes.object_parts->total_parts_count, 2);
  EXPECT_EQ(attributes.object_parts->parts->at(1).checksum_sha256, Base64Encode(Sha256(last_)));
}

TEST_F(Multipart, JoinsAFullObjectChecksum) {
  const std::string id = Begin("CRC32", "FULL_OBJECT");
  Must(Upload(id, 1, first_, "CRC32"));
  Must(Upload(id, 2, last_));  // computed here, as the client sent none
  auto in = CompleteInput(id, {Listed(1, first_), Listed(2, last_)});
  in.checksum_crc32 = Base64Encode(RawChecksum("something else", "CRC32"));
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kBadDigest);
  in.checksum_crc32 = Base64Encode(RawChecksum(first_ + last_, "CRC32"));
  in.checksum_type = "COMPOSITE";
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kInvalidRequest);
  in.checksum_type = "FULL_OBJECT";
  EXPECT_EQ(Must(s3_->CompleteMultipartUpload(Root(), in)).checksum_crc32, in.checksum_crc32);
}

TEST_F(Multipart, RefusesChecksumsOfAnotherAlgorithm) {
  const std::string id = Begin("SHA1");
  EXPECT_EQ(Refusal(Upload(id, 1, last_, "CRC32")), kInvalidRequest);
  EXPECT_EQ(Refusal(Upload(id, 1, last_)), kInvalidRequest) << "a composite one needs each part's";
  CreateMultipartUploadInput in;
  in.bucket = kBucket;
  in.key = kKey;
  in.checksum_algorithm = "SHA1";
  in.checksum_type = "FULL_OBJECT";
  EXPECT_EQ(Refusal(s3_->CreateMultipartUpload(Root(), in)), kInvalidRequest);
  in.checksum_algorithm = "XXHASH3";
  EXPECT_EQ(Refusal(s3_->CreateMultipartUpload(Root(), in)), kNotImplemented);
}

TEST_F(Multipart, CompletesOnCondition) {
  const std::string id = Begin();
  Must(Upload(id, 1, last_));
  auto in = CompleteInput(id, {Listed(1, last_)});
  in.if_match = "\"" + HexEncode(Md5("1")) + "\"";
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kNoSuchKey);
  in.if_match.reset();
  in.if_none_match = "*";
  Must(s3_->CompleteMultipartUpload(Root(), in));
}

TEST_F(Multipart, RefusesAConditionWhoseKeyChangedSinceItBegan) {
  const std::string id = Begin();
  Must(Upload(id, 1, last_));
  clock_.Advance(std::chrono::seconds(1));
  Put(kKey, "1");
  auto in = CompleteInput(id, {Listed(1, last_)});
  in.if_none_match = "*";
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kPreconditionFailed);
  Must(Delete(kKey));
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kConditionalRequestConflict)
      << "as it was, but not still";
  in.if_none_match.reset();
  Put(kKey, "2");
  in.if_match = "\"" + HexEncode(Md5("2")) + "\"";
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kConditionalRequestConflict);
}

TEST_F(Multipart, NoticesThatItsKeyWasDeletedSinceItBegan) {
  Put(kKey, "1");
  const std::string id = Begin();
  Must(Upload(id, 1, last_));
  Must(Delete(kKey));
  auto in = CompleteInput(id, {Listed(1, last_)});
  in.if_none_match = "*";
  EXPECT_EQ(Refusal(s3_->CompleteMultipartUpload(Root(), in)), kConditionalRequestConflict);
}

TEST_F(Multipart, IsAdmittedOnlyWhileTheUploadExists) {
  UploadPartInput in;
  in.bucket = kBucket;
  in.key = kKey;
  in.upload_id = Begin();
  in.part_number = 1;
  EXPECT_TRUE(s3_->AdmitUploadPart(Root(), in).ok());
  EXPECT_EQ(s3_->AdmitUploadPart(Anonymous(), in).error().name, kAccessDenied);
  in.upload_id = "unknown";
  EXPECT_EQ(s3_->AdmitUploadPart(Root(), in).error().name, kNoSuchUpload);
}

}  // namespace
}  // namespace meetinity::s3

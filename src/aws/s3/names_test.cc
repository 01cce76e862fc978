#include "aws/s3/names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aws/s3/errors.h"

namespace meetinity::s3 {
namespace {

TEST(BucketName, AcceptsWhatTheRulesAllow) {
  for (const char* name : {"abc", "meetinity-dev-assets", "a.b.c", "123", "1.2.3",
                           "a-very-long-name-of-sixty-three-characters-which-is-the-most-ok"})
    EXPECT_TRUE(CheckBucketName(name).ok()) << name;
}

TEST(BucketName, RefusesEverythingElse) {
  for (const char* name : {"",
                           "ab",
                           "Abc",
                           "a_b",
                           "-abc",
                           "abc-",
                           "abc.",
                           ".abc",
                           "a..b",
                           "192.168.5.4",
                           "xn--abc",
                           "sthree-abc",
                           "amzn-s3-demo-bucket",
                           "abc-s3alias",
                           "abc--ol-s3",
                           "abc.mrap",
                           "abc--x-s3",
                           "a b",
                           "a/b",
                           "a-very-long-name-of-sixty-four-characters-which-is-one-too-manyy"})
    EXPECT_EQ(CheckBucketName(name).error().name, kInvalidBucketName) << name;
}

TEST(Key, MayBeAnythingThatIsUtf8) {
  for (const char* key : {"a", "../../etc/passwd", "a\\b", "with space", "\xC3\xA4\xE2\x82\xAC", "//", ".", "a\tb"})
    EXPECT_TRUE(CheckKey(key).ok()) << key;
  EXPECT_TRUE(CheckKey(std::string(kKeyBytesMax, 'k')).ok());
}

TEST(Key, RefusesMoreThan1024Bytes) {
  EXPECT_EQ(CheckKey(std::string(kKeyBytesMax + 1, 'k')).error().name, kKeyTooLong);
  std::string umlauts;
  for (int i = 0; i < 513; ++i) umlauts += "\xC3\xA4";
  EXPECT_EQ(CheckKey(umlauts).error().name, kKeyTooLong) << "bytes count, not characters";
}

TEST(Key, RefusesWhatIsNotUtf8) { EXPECT_EQ(CheckKey("\xFF\xFE").error().name, kInvalidUri); }

TEST(Metadata, Holds2048BytesAndNotOneMore) {
  ObjectHeaders headers;
  headers.metadata["name"] = std::string(kMetadataBytesMax - 4, 'v');
  EXPECT_TRUE(CheckHeaders(headers).ok());
  headers.metadata["name"] += 'v';
  EXPECT_EQ(CheckHeaders(headers).error().name, kMetadataTooLarge);
}

TEST(TagSet, RefusesDuplicatesReservedNamesAndLongTexts) {
  EXPECT_EQ(MakeTags({{"a", "1"}, {"a", "2"}}, 10).error().name, kInvalidTag);
  EXPECT_EQ(MakeTags({{"aws:a", "1"}}, 10).error().name, kInvalidTag);
  EXPECT_EQ(MakeTags({{"", "1"}}, 10).error().name, kInvalidTag);
  EXPECT_EQ(MakeTags({{std::string(129, 'k'), "1"}}, 10).error().name, kInvalidTag);
  EXPECT_EQ(MakeTags({{"k", std::string(257, 'v')}}, 10).error().name, kInvalidTag);
  EXPECT_TRUE(MakeTags({{std::string(128, 'k'), std::string(256, 'v')}}, 10).ok());
}

TEST(TagSet, OfAnObjectHoldsTen) {
  std::string header;
  for (int i = 0; i < 10; ++i) header += fmt::format("{}k{}=v", i ? "&" : "", i);
  EXPECT_EQ(ParseTagging(header)->size(), 10u);
  EXPECT_EQ(ParseTagging(header + "&one=more").error().name, kBadRequest);
}

TEST(TagSet, InAHeaderIsAQueryString) {
  const Tags tags = ParseTagging("team=web%20team&empty=&bare").value();
  EXPECT_EQ(tags, (Tags{{"team", "web team"}, {"empty", ""}, {"bare", ""}}));
  EXPECT_EQ(ParseTagging("a=%zz").error().name, kInvalidArgument);
  EXPECT_EQ(ParseTagging("a=1&a=2").error().name, kInvalidArgument);
}

TEST(CopySourceHeader, IsDecodedOnce) {
  const CopySource source = CopySource::Parse("/bucket/dir/a%20b%252F%3Fc").value();
  EXPECT_EQ(source.bucket, "bucket");
  EXPECT_EQ(source.key, "dir/a b%2F?c");
  EXPECT_FALSE(source.version_id);
}

TEST(CopySourceHeader, MayNameAVersion) {
  const std::string id = NewVersionId();
  EXPECT_EQ(CopySource::Parse("bucket/key?versionId=" + id)->version_id, id);
  EXPECT_EQ(CopySource::Parse("bucket/key?versionId=short").error().name, kInvalidArgument);
  EXPECT_EQ(CopySource::Parse("bucket/key?other=1").error().name, kInvalidArgument);
}

TEST(CopySourceHeader, NeedsBucketAndKey) {
  for (const char* header : {"", "bucket", "/bucket", "bucket/", "/", "//key"})
    EXPECT_EQ(CopySource::Parse(header).error().name, kInvalidArgument) << header;
}

TEST(Ids, KnowTheirForm) {
  EXPECT_TRUE(IsVersionId(NewVersionId()));
  EXPECT_TRUE(IsVersionId("null"));
  EXPECT_FALSE(IsVersionId(""));
  EXPECT_FALSE(IsVersionId(std::string(32, '-')));
  EXPECT_LT(NewUploadId(Instant::FromUnixSeconds(1)), NewUploadId(Instant::FromUnixSeconds(2)));
}

TEST(ListingText, IsEncodedAsFormsAre) {
  EXPECT_EQ(EncodeForListing("photos/2024 summer+\xC3\xA4.jpg"), "photos/2024+summer%2B%C3%A4.jpg");
}

TEST(StorageClasses, AreThoseThatNeedNoRestore) {
  EXPECT_EQ(ParseStorageClass(std::nullopt).value(), "STANDARD");
  EXPECT_EQ(ParseStorageClass("STANDARD_IA").value(), "STANDARD_IA");
  EXPECT_EQ(ParseStorageClass("GLACIER").error().name, kNotImplemented);
  EXPECT_EQ(ParseStorageClass("COLD").error().name, kInvalidStorageClass);
}

}  // namespace
}  // namespace meetinity::s3

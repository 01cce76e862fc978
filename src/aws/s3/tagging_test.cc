#include <fmt/format.h>

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

class Tagging : public S3Test {
 protected:
  Result<PutObjectTaggingOutput> Tag(const std::string& key, std::vector<s3::Tag> tags,
                                     std::optional<std::string> version = std::nullopt) {
    PutObjectTaggingInput in;
    in.bucket = kBucket;
    in.key = key;
    in.version_id = std::move(version);
    in.tagging.tag_set = std::move(tags);
    return s3_->PutObjectTagging(Root(), in);
  }
  std::vector<s3::Tag> TagsOf(const std::string& key, std::optional<std::string> version = std::nullopt) {
    GetObjectTaggingInput in;
    in.bucket = kBucket;
    in.key = key;
    in.version_id = std::move(version);
    return Must(s3_->GetObjectTagging(Root(), in)).tag_set;
  }
};

TEST_F(Tagging, OfABucketIsReplacedWhole) {
  PutBucketTaggingInput in;
  in.bucket = kBucket;
  in.tagging.tag_set = {{"Environment", "dev"}, {"Project", "meetinity"}};
  Must(s3_->PutBucketTagging(Root(), in));
  in.tagging.tag_set = {{"Environment", "prod"}};
  Must(s3_->PutBucketTagging(Root(), in));
  GetBucketTaggingInput get;
  get.bucket = kBucket;
  const auto tags = Must(s3_->GetBucketTagging(Root(), get)).tag_set;
  ASSERT_EQ(tags.size(), 1u);
  EXPECT_EQ(tags[0].value, "prod");
  in.tagging.tag_set = {{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(Refusal(s3_->PutBucketTagging(Root(), in)), kInvalidTag);
}

TEST_F(Tagging, OfAnObjectLeavesItsETagAndTimeAlone) {
  Put("a", "1");
  const auto before = Must(Get("a"));
  clock_.Advance(std::chrono::hours(1));
  Must(Tag("a", {{"team", "web"}}));
  const auto after = Must(Get("a"));
  EXPECT_EQ(after.e_tag, before.e_tag);
  EXPECT_EQ(after.last_modified, before.last_modified);
  EXPECT_EQ(after.tag_count, 1);
  EXPECT_EQ(TagsOf("a").at(0).value, "web");
  DeleteObjectTaggingInput remove;
  remove.bucket = kBucket;
  remove.key = "a";
  Must(s3_->DeleteObjectTagging(Root(), remove));
  EXPECT_TRUE(TagsOf("a").empty());
}

TEST_F(Tagging, OfAnOlderVersionStaysWithIt) {
  SetVersioning("Enabled");
  const auto first = Put("a", "1");
  Put("a", "2");
  EXPECT_EQ(Must(Tag("a", {{"age", "old"}}, first.version_id)).version_id, first.version_id);
  EXPECT_TRUE(TagsOf("a").empty());
  EXPECT_EQ(TagsOf("a", first.version_id).at(0).value, "old");
  EXPECT_EQ(Read("a"), "2");
}

TEST_F(Tagging, OfNothingIsRefused) {
  EXPECT_EQ(Refusal(Tag("missing", {{"a", "1"}})), kNoSuchKey);
  Put("a", "1");
  std::vector<s3::Tag> eleven;
  for (int i = 0; i < 11; ++i) eleven.push_back({fmt::format("k{}", i), "v"});
  EXPECT_EQ(Refusal(Tag("a", eleven)), kBadRequest);
}

}  // namespace
}  // namespace meetinity::s3

#include "aws/cloudfront/state.h"
#include "aws/cloudfront/testing_cloudfront.h"

namespace meetinity::cloudfront {
namespace {

class InvalidationTest : public CloudFrontTest {
 protected:
  InvalidationTest() : id_(CreateDeployed("r1").distribution->id) {}

  CreateInvalidationInput Batch(const std::string& reference, std::vector<std::string> paths) const {
    const auto quantity = static_cast<int32_t>(paths.size());
    return {.distribution_id = id_,
            .invalidation_batch = {.caller_reference = reference,
                                   .paths = {.items = std::move(paths), .quantity = quantity}}};
  }
  std::string Invalidate(const std::string& reference, std::vector<std::string> paths) {
    return cloudfront_->CreateInvalidation(Call(), Batch(reference, std::move(paths)))->invalidation->id;
  }
  std::string StateOf(const std::string& invalidation) {
    return cloudfront_->GetInvalidation(Call(), {.distribution_id = id_, .id = invalidation})->invalidation->status;
  }

  const std::string id_;
};

TEST_F(InvalidationTest, IsCompletedOnceNoReactorCanServeWhatItNames) {
  HoldEdge();
  const auto made = cloudfront_->CreateInvalidation(Call(), Batch("i1", {"/app.js", "/img/*"}));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->invalidation->status, "InProgress");
  EXPECT_EQ(made->invalidation->invalidation_batch.paths.quantity, 2);
  EXPECT_EQ(made->location,
            "http://localhost:4566/2020-05-31/distribution/" + id_ + "/invalidation/" + made->invalidation->id);
  for (size_t round = 0; round < 3; ++round) house_->RunOn(0, [] {});
  EXPECT_EQ(StateOf(made->invalidation->id), "InProgress");
  EXPECT_EQ(cloudfront_->GetDistribution(Call(), {.id = id_})->distribution->in_progress_invalidation_batches, 1);
  Release();
  EXPECT_EQ(StateOf(made->invalidation->id), "Completed");
  EXPECT_EQ(cloudfront_->GetDistribution(Call(), {.id = id_})->distribution->in_progress_invalidation_batches, 0);
}

TEST_F(InvalidationTest, IsMadeOncePerCallerReference) {
  const std::string first = Invalidate("i1", {"/a"});
  EXPECT_EQ(Invalidate("i1", {"/a"}), first);
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), Batch("i1", {"/b"}))), kInvalidationBatchAlreadyExists);
  Reopen();
  EXPECT_EQ(Invalidate("i1", {"/a"}), first);
  EXPECT_NE(Invalidate("i2", {"/a"}), first);
}

TEST_F(InvalidationTest, RefusesPathsThatNameNothing) {
  for (const char* path : {"", "app.js", "/a*b", "/a b", "/\xC3\xA9"}) {
    EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), Batch(path, {path}))), kInvalidArgument) << path;
  }
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), Batch("none", {}))), kInvalidArgument);
  CreateInvalidationInput miscounted = Batch("i1", {"/a", "/b"});
  miscounted.invalidation_batch.paths.quantity = 1;
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), miscounted)), kInconsistentQuantities);
  CreateInvalidationInput elsewhere = Batch("i1", {"/a"});
  elsewhere.distribution_id = "E0MISSING";
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), elsewhere)), kNoSuchDistribution);
}

TEST_F(InvalidationTest, HasABoundOnWhatIsInProgress) {
  HoldEdge();
  std::vector<std::string> wildcards;
  for (int i = 0; i < 15; ++i) wildcards.push_back("/" + std::to_string(i) + "/*");
  Invalidate("many", wildcards);
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), Batch("more", {"/*"}))), kTooManyInvalidationsInProgress);
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), Batch("exact", {"/a"}))), "accepted");
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), Batch("large", std::vector<std::string>(3'001, "/a")))),
            kBatchTooLarge);
  Release();
  EXPECT_EQ(Refusal(cloudfront_->CreateInvalidation(Call(), Batch("more", {"/*"}))), "accepted");
}

TEST_F(InvalidationTest, AreListedNewestFirstAPageAtATime) {
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) made.insert(made.begin(), Invalidate("i" + std::to_string(i), {"/a"}));
  Settle();
  Reopen();
  std::vector<std::string> listed;
  std::optional<std::string> marker;
  do {
    const auto page =
        cloudfront_->ListInvalidations(Call(), {.distribution_id = id_, .marker = marker, .max_items = "2"});
    ASSERT_TRUE(page.ok());
    const InvalidationList& list = *page->invalidation_list;
    EXPECT_EQ(list.is_truncated, list.next_marker.has_value());
    for (const InvalidationSummary& summary : *list.items) {
      listed.push_back(summary.id);
      EXPECT_EQ(summary.status, "Completed");
    }
    marker = list.next_marker;
  } while (marker);
  EXPECT_EQ(listed, made);
}

TEST_F(InvalidationTest, WhatACrashInterruptedIsToldToTheEdgeAgain) {
  const std::string made = Invalidate("i1", {"/*"});
  Settle();
  EXPECT_EQ(StateOf(made), "Completed");
  // As a crash leaves it that came before the edge had heard.
  ASSERT_TRUE(database_
                  ->Write([&](store::Tx& tx) -> Status {
                    auto record = TRY(tx.Find<InvalidationRecord>(id_, made));
                    record->status = kInProgress;
                    return tx.Put(*record);
                  })
                  .ok());
  HoldEdge();
  ASSERT_TRUE(cloudfront_->Restore(S3Endpoint()).ok());
  EXPECT_EQ(StateOf(made), "InProgress");
  Release();
  EXPECT_EQ(StateOf(made), "Completed");
  EXPECT_EQ(Refusal(cloudfront_->GetInvalidation(Call(), {.distribution_id = id_, .id = "I0"})), kNoSuchInvalidation);
}

class TagTest : public CloudFrontTest {
 protected:
  std::vector<std::pair<std::string, std::string>> TagsOf(const std::string& arn) {
    std::vector<std::pair<std::string, std::string>> tags;
    const auto listed = cloudfront_->ListTagsForResource(Call(), {.resource = arn});
    if (!listed.ok()) return tags;
    for (const Tag& tag : listed->tags.items.value_or(std::vector<Tag>())) {
      tags.emplace_back(tag.key, tag.value.value_or(""));
    }
    return tags;
  }
};

TEST_F(TagTest, AreKeptWithTheirDistribution) {
  const auto made = cloudfront_->CreateDistributionWithTags(
      Call(), {.distribution_config_with_tags = {.distribution_config = Config("r1"),
                                                 .tags = {.items = {{{"team", "web"}, {"stage", "local"}}}}}});
  ASSERT_TRUE(made.ok());
  const std::string arn = made->distribution->arn;
  EXPECT_EQ(TagsOf(arn), (std::vector<std::pair<std::string, std::string>>{{"stage", "local"}, {"team", "web"}}));
  ASSERT_TRUE(cloudfront_->TagResource(Call(), {.resource = arn, .tags = {.items = {{{"team", "cdn"}}}}}).ok());
  ASSERT_TRUE(cloudfront_->UntagResource(Call(), {.resource = arn, .tag_keys = {.items = {{"stage"}}}}).ok());
  Reopen();
  EXPECT_EQ(TagsOf(arn), (std::vector<std::pair<std::string, std::string>>{{"team", "cdn"}}));
  AwaitDeployed(made->distribution->id);
  ASSERT_TRUE(Remove(made->distribution->id).ok());
  EXPECT_EQ(Refusal(cloudfront_->ListTagsForResource(Call(), {.resource = arn})), kNoSuchResource);
}

TEST_F(TagTest, RefusesWhatIsNotATag) {
  const std::string arn = CreateDeployed("r1").distribution->arn;
  const auto tag = [&](std::string key, std::string value) {
    return cloudfront_->TagResource(
        Call(), {.resource = arn, .tags = {.items = {{{.key = std::move(key), .value = std::move(value)}}}}});
  };
  EXPECT_EQ(Refusal(tag("aws:team", "x")), kInvalidTagging);
  EXPECT_EQ(Refusal(tag(std::string(129, 'k'), "x")), kInvalidTagging);
  EXPECT_EQ(Refusal(tag("k", std::string(257, 'v'))), kInvalidTagging);
  EXPECT_EQ(Refusal(tag("k", std::string(256, 'v'))), "accepted");
  for (int i = 1; i < 50; ++i) ASSERT_EQ(Refusal(tag("k" + std::to_string(i), "")), "accepted");
  EXPECT_EQ(Refusal(tag("one-more", "")), kInvalidTagging);
  EXPECT_EQ(TagsOf(arn).size(), 50u);
}

}  // namespace
}  // namespace meetinity::cloudfront

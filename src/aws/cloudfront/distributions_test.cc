#include <algorithm>

#include "aws/cloudfront/state.h"
#include "aws/cloudfront/testing_cloudfront.h"

namespace meetinity::cloudfront {
namespace {

using DistributionTest = CloudFrontTest;

TEST_F(DistributionTest, IsInProgressUntilEveryReactorHasIt) {
  HoldEdge();
  const auto made = Create("r1");
  EXPECT_EQ(made.distribution->status, "InProgress");
  EXPECT_EQ(made.location, "http://localhost:4566/2020-05-31/distribution/" + made.distribution->id);
  for (size_t round = 0; round < 3; ++round) house_->RunOn(0, [] {});
  EXPECT_EQ(StatusOf(made.distribution->id), "InProgress");
  EXPECT_FALSE(cloudfront_->WaitDeployed(made.distribution->id, Duration::zero()).ok());
  Release();
  EXPECT_EQ(StatusOf(made.distribution->id), "Deployed");
}

TEST_F(DistributionTest, AnUpdateIsInProgressAgain) {
  const auto made = CreateDeployed("r1");
  HoldEdge();
  DistributionConfig config = made.distribution->distribution_config;
  config.comment = "changed";
  const auto updated = cloudfront_->UpdateDistribution(
      Call(), {.distribution_config = config, .id = made.distribution->id, .if_match = made.e_tag});
  ASSERT_TRUE(updated.ok());
  EXPECT_EQ(updated->distribution->status, "InProgress");
  EXPECT_NE(updated->e_tag, made.e_tag);
  EXPECT_EQ(StatusOf(made.distribution->id), "InProgress");
  Release();
  EXPECT_EQ(StatusOf(made.distribution->id), "Deployed");
  EXPECT_EQ(cloudfront_->GetDistributionConfig(Call(), {.id = made.distribution->id})->distribution_config->comment,
            "changed");
}

TEST_F(DistributionTest, UpdatesOnlyTheVersionThatTheCallerSaw) {
  const auto made = CreateDeployed("r1");
  UpdateDistributionInput in{.distribution_config = made.distribution->distribution_config,
                             .id = made.distribution->id,
                             .if_match = std::nullopt};
  EXPECT_EQ(Refusal(cloudfront_->UpdateDistribution(Call(), in)), kInvalidIfMatchVersion);
  in.if_match = "E2STALEVERSION";
  EXPECT_EQ(Refusal(cloudfront_->UpdateDistribution(Call(), in)), kPreconditionFailed);
  in.if_match = made.e_tag;
  EXPECT_EQ(Refusal(cloudfront_->UpdateDistribution(Call(), in)), "accepted");
  EXPECT_EQ(Refusal(cloudfront_->UpdateDistribution(Call(), in)), kPreconditionFailed);
  in.if_match = ETagOf(in.id);
  in.distribution_config.caller_reference = "r2";
  EXPECT_EQ(Refusal(cloudfront_->UpdateDistribution(Call(), in)), kIllegalUpdate);
  in.id = "E0MISSING";
  EXPECT_EQ(Refusal(cloudfront_->UpdateDistribution(Call(), in)), kNoSuchDistribution);
}

TEST_F(DistributionTest, IsDeletedOnlyWhenDisabledAndDeployed) {
  const auto made = CreateDeployed("r1");
  const std::string id = made.distribution->id;
  EXPECT_EQ(Refusal(cloudfront_->DeleteDistribution(Call(), {.id = id, .if_match = made.e_tag})),
            kDistributionNotDisabled);
  DistributionConfig config = made.distribution->distribution_config;
  config.enabled = false;
  HoldEdge();
  const auto disabled =
      cloudfront_->UpdateDistribution(Call(), {.distribution_config = config, .id = id, .if_match = made.e_tag});
  ASSERT_TRUE(disabled.ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteDistribution(Call(), {.id = id, .if_match = disabled->e_tag})),
            kDistributionNotDisabled);
  Release();
  EXPECT_EQ(Refusal(cloudfront_->DeleteDistribution(Call(), {.id = id, .if_match = std::nullopt})),
            kInvalidIfMatchVersion);
  EXPECT_EQ(Refusal(cloudfront_->DeleteDistribution(Call(), {.id = id, .if_match = made.e_tag})), kPreconditionFailed);
  EXPECT_EQ(Refusal(cloudfront_->DeleteDistribution(Call(), {.id = id, .if_match = disabled->e_tag})), "accepted");
  EXPECT_EQ(Refusal(cloudfront_->GetDistribution(Call(), {.id = id})), kNoSuchDistribution);
  EXPECT_EQ(Refusal(cloudfront_->DeleteDistribution(Call(), {.id = id, .if_match = disabled->e_tag})),
            kNoSuchDistribution);
}

TEST_F(DistributionTest, IsCreatedOncePerCallerReference) {
  const auto made = CreateDeployed("r1");
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = Config("r1")})),
            kDistributionAlreadyExists);
  Reopen();
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = Config("r1")})),
            kDistributionAlreadyExists);
  AwaitDeployed(made.distribution->id);
  ASSERT_TRUE(Remove(made.distribution->id).ok());
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = Config("r1")})), "accepted");
}

TEST_F(DistributionTest, OwnsItsAliasesAlone) {
  DistributionConfig config = Config("r1");
  config.aliases = Aliases{.items = {{"cdn.example.com"}}, .quantity = 1};
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})),
            kInvalidViewerCertificate);
  const std::string arn = Certificate("cdn.example.com", {"img.example.com"});
  config.viewer_certificate = ViewerCertificate{
      .acm_certificate_arn = arn, .minimum_protocol_version = "TLSv1.2_2021", .ssl_support_method = "sni-only"};
  const auto first = Create(config);
  AwaitDeployed(first.distribution->id);
  config.caller_reference = "r2";
  config.aliases->items = {{"CDN.example.com"}};
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})), kCnameAlreadyExists);
  config.aliases->items = {{"other.example.com"}};
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})),
            kInvalidViewerCertificate);
  config.aliases->items = {{"img.example.com"}};
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})), "accepted");

  // Its own alias is no obstacle to an update, and free again after the distribution is gone.
  DistributionConfig own = first.distribution->distribution_config;
  own.comment = "same alias";
  EXPECT_EQ(Refusal(cloudfront_->UpdateDistribution(
                Call(), {.distribution_config = own, .id = first.distribution->id, .if_match = first.e_tag})),
            "accepted");
  ASSERT_TRUE(Remove(first.distribution->id).ok());
  config.caller_reference = "r3";
  config.aliases->items = {{"cdn.example.com"}};
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})), "accepted");
}

TEST_F(DistributionTest, KeepsItsCertificateFromBeingDeleted) {
  DistributionConfig config = Config("r1");
  const std::string arn = Certificate("cdn.example.com");
  config.aliases = Aliases{.items = {{"cdn.example.com"}}, .quantity = 1};
  config.viewer_certificate = ViewerCertificate{
      .acm_certificate_arn = arn, .minimum_protocol_version = "TLSv1.2_2021", .ssl_support_method = "sni-only"};
  const auto made = Create(config);
  AwaitDeployed(made.distribution->id);
  EXPECT_EQ(Refusal(acm_->DeleteCertificate(Call(), {.certificate_arn = arn})), "ResourceInUseException");
  ASSERT_TRUE(Remove(made.distribution->id).ok());
  EXPECT_EQ(Refusal(acm_->DeleteCertificate(Call(), {.certificate_arn = arn})), "accepted");
}

TEST_F(DistributionTest, IsListedAPageAtATime) {
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) made.push_back(Create("r" + std::to_string(i)).distribution->id);
  std::ranges::sort(made);
  std::vector<std::string> listed;
  std::optional<std::string> marker;
  int pages = 0;
  do {
    const auto page = cloudfront_->ListDistributions(Call(), {.marker = marker, .max_items = "2"});
    ASSERT_TRUE(page.ok());
    const DistributionList& list = *page->distribution_list;
    EXPECT_EQ(list.quantity, static_cast<int32_t>(list.items->size()));
    EXPECT_EQ(list.max_items, 2);
    EXPECT_EQ(list.is_truncated, list.next_marker.has_value());
    EXPECT_EQ(list.marker, marker.value_or(""));
    for (const DistributionSummary& summary : *list.items) listed.push_back(summary.id);
    marker = list.next_marker;
    ++pages;
  } while (marker);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(listed, made);
  EXPECT_EQ(Refusal(cloudfront_->ListDistributions(Call(), {.marker = {}, .max_items = "none"})), kInvalidArgument);
}

TEST_F(DistributionTest, SurvivesARestart) {
  DistributionConfig config = Config("r1");
  config.comment = "Käse";
  config.default_root_object = "index.html";
  const auto made = Create(config);
  AwaitDeployed(made.distribution->id);
  const std::string e_tag = ETagOf(made.distribution->id);
  clock_.Advance(std::chrono::hours(1));
  Reopen();
  AwaitDeployed(made.distribution->id);
  const auto found = cloudfront_->GetDistribution(Call(), {.id = made.distribution->id});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->e_tag, e_tag);
  EXPECT_EQ(found->distribution->domain_name, made.distribution->domain_name);
  EXPECT_EQ(found->distribution->last_modified_time, made.distribution->last_modified_time);
  EXPECT_EQ(found->distribution->distribution_config.comment, "Käse");
  EXPECT_EQ(found->distribution->distribution_config.default_root_object, "index.html");
}

// The name of a custom origin is somebody else's: it may go at any time, and must take nothing with it but itself.
TEST_F(DistributionTest, AnOriginWhoseNameIsGoneHoldsUpNobodyElse) {
  DistributionConfig config = Config("r1");
  Origin& origin = config.origins.items.front();
  origin.domain_name = "127.0.0.1.invalid";
  origin.s3_origin_config.reset();
  origin.custom_origin_config =
      CustomOriginConfig{.http_port = 80, .https_port = 443, .origin_protocol_policy = "http-only"};
  EXPECT_EQ(Refusal(cloudfront_->CreateDistribution(Call(), {.distribution_config = config})), kInvalidOrigin);
  origin.domain_name = "localhost";
  const auto made = Create(config);
  AwaitDeployed(made.distribution->id);
  // As if the name had been taken away since.
  ASSERT_TRUE(database_
                  ->Write([&](store::Tx& tx) -> Status {
                    DistributionRecord record = TRY(GetDistributionRecord(tx, made.distribution->id));
                    DistributionConfig gone = TRY(LoadDistributionConfig(record));
                    gone.origins.items.front().domain_name = "gone.invalid";
                    record.config = SaveConfig(gone);
                    return tx.Put(record);
                  })
                  .ok());
  Reopen();
  AwaitDeployed(made.distribution->id);
  const auto other = CreateDeployed("r2");
  EXPECT_TRUE(Remove(other.distribution->id).ok());
  EXPECT_TRUE(Remove(made.distribution->id).ok());
}

TEST_F(DistributionTest, NoneHasAWebAcl) {
  const auto made = CreateDeployed("r1");
  const auto without = cloudfront_->ListDistributionsByWebACLId(Call(), {.web_acl_id = "null"});
  ASSERT_EQ(without->distribution_list->quantity, 1);
  EXPECT_EQ(without->distribution_list->items->front().id, made.distribution->id);
  const auto with = cloudfront_->ListDistributionsByWebACLId(Call(), {.web_acl_id = "arn:aws:wafv2:us-east-1:1:acl"});
  EXPECT_EQ(with->distribution_list->quantity, 0);
}

}  // namespace
}  // namespace meetinity::cloudfront

#include <gmock/gmock.h>

#include "aws/acm/errors.h"
#include "aws/acm/testing_acm.h"

namespace meetinity::acm {
namespace {

using testing::ElementsAre;

constexpr std::string_view kDistribution = "arn:aws:cloudfront::123456789012:distribution/E1";

TEST_F(AcmTest, ServesWhatItRegisters) {
  wire::ServiceHost host(Model());
  acm_->Register(host);
  for (const auto& operation : Model().operations) {
    EXPECT_EQ(host.Find(operation.name) != nullptr, operation.support != wire::Support::kRefused) << operation.name;
  }
}

TEST_F(AcmTest, ACertificateInUseIsNotDeleted) {
  const std::string arn = Request({.domain_name = "cdn.localhost"});
  ASSERT_TRUE(database_->Write([&](store::Tx& tx) { return acm_->MarkInUse(tx, arn, kDistribution); }).ok());
  EXPECT_THAT(*Describe(arn).in_use_by, ElementsAre(kDistribution));
  EXPECT_EQ(Describe(arn).renewal_eligibility, RenewalEligibility::kEligible);
  EXPECT_EQ(acm_->DeleteCertificate(Call(), {.certificate_arn = arn}).error().name, kResourceInUse);
  ASSERT_TRUE(database_->Write([&](store::Tx& tx) { return acm_->Release(tx, arn, kDistribution); }).ok());
  ASSERT_TRUE(database_->Write([&](store::Tx& tx) { return acm_->Release(tx, arn, kDistribution); }).ok());
  EXPECT_TRUE(acm_->DeleteCertificate(Call(), {.certificate_arn = arn}).ok());
  EXPECT_EQ(acm_->GetMaterial(arn).error().name, kResourceNotFound);
  EXPECT_FALSE(database_->Write([&](store::Tx& tx) { return acm_->MarkInUse(tx, arn, kDistribution); }).ok());
}

TEST_F(AcmTest, GetReturnsCertificateAndChain) {
  const ca::IssuedCertificate issued = Issue("cdn.localhost");
  const auto read = acm_->GetCertificate(Call(), {.certificate_arn = Import(issued)});
  EXPECT_EQ(read->certificate, issued.certificate_pem);
  EXPECT_EQ(read->certificate_chain, issued.chain_pem);
}

TEST_F(AcmTest, AnArnOfSomethingElseIsInvalid) {
  EXPECT_EQ(acm_->GetMaterial("arn:aws:s3:::site").error().name, kInvalidArnException);
  EXPECT_EQ(acm_->GetMaterial("certificate").error().name, kInvalidArnException);
}

TEST_F(AcmTest, ListsTheRegionsOwnInPages) {
  std::vector<std::string> arns;
  for (const std::string name : {"a.localhost", "b.localhost", "c.localhost"}) {
    arns.push_back(Request({.domain_name = name, .key_algorithm = "EC_prime256v1"}));
    clock_.Advance(std::chrono::minutes(1));
  }
  std::vector<std::string> listed;
  ListCertificatesInput in;
  in.max_items = 2;
  in.sort_by = "CREATED_AT";
  in.sort_order = "ASCENDING";
  do {
    const auto page = acm_->ListCertificates(Call(), in);
    ASSERT_TRUE(page.ok());
    for (const auto& summary : *page->certificate_summary_list) listed.push_back(*summary.certificate_arn);
    in.next_token = page->next_token;
  } while (in.next_token);
  EXPECT_EQ(listed, arns);
  EXPECT_TRUE(acm_->ListCertificates(Call("eu-west-1"), {})->certificate_summary_list->empty());
  in.next_token = "nothing";
  EXPECT_EQ(acm_->ListCertificates(Call(), in).error().name, kInvalidArgs);
}

TEST_F(AcmTest, FiltersByStatusAndKeyType) {
  Request({.domain_name = "rsa.localhost"});
  Import(Issue("ec.localhost"));
  const auto count = [&](ListCertificatesInput in) {
    return acm_->ListCertificates(Call(), in)->certificate_summary_list->size();
  };
  ListCertificatesInput by_key;
  by_key.includes = Filters{};
  by_key.includes->key_types = std::vector<std::string>{"EC_prime256v1"};
  EXPECT_EQ(count(by_key), 1U);
  ListCertificatesInput by_status;
  by_status.certificate_statuses = std::vector<std::string>{"EXPIRED"};
  EXPECT_EQ(count(by_status), 0U);
  clock_.Advance(91 * kDay);
  EXPECT_EQ(count(by_status), 1U);
}

TEST_F(AcmTest, TagsAreAddedReplacedAndRemoved) {
  const std::string arn =
      Request({.domain_name = "cdn.localhost", .tags = std::vector<Tag>{{"Team", "cdn"}, {"Stage", "dev"}}});
  ASSERT_TRUE(acm_->AddTagsToCertificate(Call(), {.certificate_arn = arn, .tags = {{"Team", "edge"}}}).ok());
  ASSERT_TRUE(acm_->RemoveTagsFromCertificate(Call(), {.certificate_arn = arn, .tags = {{"Stage", "prod"}}}).ok());
  EXPECT_EQ(acm_->ListTagsForCertificate(Call(), {.certificate_arn = arn})->tags->size(), 2U);
  ASSERT_TRUE(
      acm_->RemoveTagsFromCertificate(Call(), {.certificate_arn = arn, .tags = {{"Stage", std::nullopt}}}).ok());
  const auto tags = acm_->ListTagsForCertificate(Call(), {.certificate_arn = arn})->tags;
  ASSERT_EQ(tags->size(), 1U);
  EXPECT_EQ(tags->at(0).value, "edge");
  EXPECT_EQ(acm_->AddTagsToCertificate(Call(), {.certificate_arn = arn, .tags = {{"aws:x", "y"}}}).error().name,
            kInvalidTag);
  std::vector<Tag> many;
  for (int i = 0; i < 50; ++i) many.push_back({"key" + std::to_string(i), "x"});
  EXPECT_EQ(acm_->AddTagsToCertificate(Call(), {.certificate_arn = arn, .tags = many}).error().name, kTooManyTags);
}

}  // namespace
}  // namespace meetinity::acm

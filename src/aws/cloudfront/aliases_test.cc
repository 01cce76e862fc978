// Alternate domain names: whose they are, and how one moves from one distribution to another.
#include "aws/cloudfront/state.h"
#include "aws/cloudfront/testing_cloudfront.h"

namespace meetinity::cloudfront {
namespace {

class AliasesTest : public CloudFrontTest {
 protected:
  AliasesTest() {
    cloudfront_->OnPublish([this](const edge::EdgeConfigPtr& config) { published_ = config; });
  }

  std::string Site(const std::string& reference, const std::vector<std::string>& aliases, const std::string& arn) {
    DistributionConfig config = Config(reference);
    if (!arn.empty()) {
      config.viewer_certificate = ViewerCertificate{};
      config.viewer_certificate->acm_certificate_arn = arn;
      config.viewer_certificate->ssl_support_method = "sni-only";
    }
    if (!aliases.empty()) {
      config.aliases = Aliases{.items = aliases, .quantity = static_cast<int32_t>(aliases.size())};
    }
    const std::string id = Create(config).distribution->id;
    AwaitDeployed(id);
    return id;
  }
  std::vector<std::string> AliasesOf(const std::string& id) {
    return cloudfront_->GetDistributionConfig(Call(), {.id = id})
        ->distribution_config->aliases->items.value_or(std::vector<std::string>());
  }
  auto Associate(const std::string& id, const std::string& alias) {
    return cloudfront_->AssociateAlias(Call(), {.alias = alias, .target_distribution_id = id});
  }

  using Names = std::vector<std::string>;
  const std::string arn_ = Certificate("*.example.com", {"example.com"});
  edge::EdgeConfigPtr published_;
};

TEST_F(AliasesTest, MoveInOneStep) {
  const std::string source = Site("r1", {"www.example.com", "img.example.com"}, arn_);
  const std::string target = Site("r2", {"example.com"}, arn_);
  const std::string tag = ETagOf(source);
  const uint64_t number = published_->number;
  ASSERT_TRUE(Associate(target, "WWW.example.com").ok());
  EXPECT_EQ(AliasesOf(source), Names{"img.example.com"});
  EXPECT_EQ(AliasesOf(target), (Names{"example.com", "WWW.example.com"}));
  EXPECT_NE(ETagOf(source), tag);  // whoever read it before must read it again
  // The edge sees one configuration, in which the name is the target's alone.
  EXPECT_GT(published_->number, number);
  for (const edge::Distribution& distribution : published_->distributions) {
    const auto& aliases = distribution.aliases;
    EXPECT_EQ(std::count(aliases.begin(), aliases.end(), "www.example.com"), distribution.id == target ? 1 : 0);
  }
  AwaitDeployed(source);
  AwaitDeployed(target);
  EXPECT_EQ(StatusOf(source) + StatusOf(target), "DeployedDeployed");
}

TEST_F(AliasesTest, OfNobodyAreAddedAndThoseThatAreThereStay) {
  const std::string target = Site("r1", {"example.com"}, arn_);
  ASSERT_TRUE(Associate(target, "new.example.com").ok());
  EXPECT_EQ(AliasesOf(target), (Names{"example.com", "new.example.com"}));
  const std::string tag = ETagOf(target);
  ASSERT_TRUE(Associate(target, "new.example.com").ok());
  EXPECT_EQ(ETagOf(target), tag);
}

TEST_F(AliasesTest, GoOnlyWhereACertificateCoversThem) {
  const std::string plain = Site("r1", {}, "");
  const std::string target = Site("r2", {"example.com"}, arn_);
  EXPECT_EQ(Refusal(Associate(plain, "www.example.com")), kInvalidArgument);
  EXPECT_EQ(Refusal(Associate(target, "www.other.example")), kInvalidArgument);
  EXPECT_EQ(Refusal(Associate(target, "a.b.example.com")), kInvalidArgument);
  EXPECT_EQ(Refusal(Associate("ENOBODY", "www.example.com")), kNoSuchDistribution);
  EXPECT_EQ(AliasesOf(target), Names{"example.com"});
}

TEST_F(AliasesTest, AreAHundredAtTheMost) {
  Names names;
  for (int i = 0; i < 100; ++i) names.push_back("a" + std::to_string(i) + ".example.com");
  const std::string target = Site("r1", names, arn_);
  EXPECT_EQ(Refusal(Associate(target, "b.example.com")), kTooManyDistributionCnames);
}

TEST_F(AliasesTest, ConflictWithTheSameNameAndWithWildcardsBothWays) {
  const std::string own = Site("r1", {}, arn_);
  const std::string other = Site("r2", {"www.example.com", "*.example.com", "example.com"}, arn_);
  const auto conflicts = [&](const std::string& alias) {
    Names found;
    const auto listed = cloudfront_->ListConflictingAliases(Call(), {.alias = alias, .distribution_id = own});
    EXPECT_TRUE(listed.ok());
    for (const ConflictingAlias& conflict :
         listed->conflicting_aliases_list->items.value_or(std::vector<ConflictingAlias>())) {
      found.push_back(*conflict.alias);
      EXPECT_EQ(conflict.account_id, "******789012");
      EXPECT_EQ(conflict.distribution_id, "*******" + other.substr(7));
    }
    return found;
  };
  EXPECT_EQ(conflicts("WWW.example.com"), (Names{"*.example.com", "www.example.com"}));
  EXPECT_EQ(conflicts("*.example.com"), (Names{"*.example.com", "www.example.com"}));
  EXPECT_EQ(conflicts("new.example.com"), Names{"*.example.com"});
  EXPECT_EQ(conflicts("example.com"), Names{"example.com"});
}

TEST_F(AliasesTest, ConflictsAreListedInPagesToWhoeverHasACertificate) {
  const std::string own = Site("r1", {}, arn_);
  Site("r2", {"a.example.com", "b.example.com", "c.example.com"}, arn_);
  ListConflictingAliasesInput in{.alias = "*.example.com", .distribution_id = own};
  in.max_items = 2;
  const auto first = cloudfront_->ListConflictingAliases(Call(), in);
  EXPECT_EQ(first->conflicting_aliases_list->quantity, 2);
  in.marker = first->conflicting_aliases_list->next_marker;
  const auto second = cloudfront_->ListConflictingAliases(Call(), in);
  EXPECT_EQ(second->conflicting_aliases_list->items->front().alias, "c.example.com");
  EXPECT_FALSE(second->conflicting_aliases_list->next_marker);
  in.max_items = 0;
  EXPECT_EQ(Refusal(cloudfront_->ListConflictingAliases(Call(), in)), kInvalidArgument);
  EXPECT_EQ(Refusal(cloudfront_->ListConflictingAliases(Call(), {.alias = "a.other.example", .distribution_id = own})),
            kInvalidArgument);
  EXPECT_EQ(Refusal(cloudfront_->ListConflictingAliases(Call(), {.alias = "a.example.com", .distribution_id = "E0"})),
            kNoSuchDistribution);
}

}  // namespace
}  // namespace meetinity::cloudfront

#include "aws/cloudfront/origin_names.h"

#include <gtest/gtest.h>

#include "aws/cloudfront/testing_cloudfront.h"

namespace meetinity::cloudfront {
namespace {

// A resolver whose answers a test changes.
class OriginNamesTest : public testing::Test {
 protected:
  OriginNames names_{[this](const std::string& name) -> Result<std::vector<std::string>> {
    asked_.push_back(name);
    const auto found = answers_.find(name);
    if (found == answers_.end()) return Error{Kind::kInvalid, kInvalidOrigin, name + " does not resolve"};
    return found->second;
  }};
  std::map<std::string, std::vector<std::string>> answers_;
  std::vector<std::string> asked_;
};

TEST_F(OriginNamesTest, FollowsANameThatMoves) {
  answers_["shop.example"] = {"192.0.2.1"};
  ASSERT_TRUE(names_.Resolve("shop.example").ok());
  EXPECT_EQ(names_.AddressOf("shop.example"), "192.0.2.1");
  EXPECT_FALSE(names_.Refresh({"shop.example"}));
  answers_["shop.example"] = {"192.0.2.2"};
  EXPECT_TRUE(names_.Refresh({"shop.example"}));
  EXPECT_EQ(names_.AddressOf("shop.example"), "192.0.2.2");
}

TEST_F(OriginNamesTest, StaysWithAnAddressThatTheNameStillHas) {
  answers_["shop.example"] = {"192.0.2.1", "192.0.2.2"};
  ASSERT_TRUE(names_.Resolve("shop.example").ok());
  answers_["shop.example"] = {"192.0.2.2", "192.0.2.1"};
  EXPECT_FALSE(names_.Refresh({"shop.example"}));
  EXPECT_EQ(names_.AddressOf("shop.example"), "192.0.2.1");
}

TEST_F(OriginNamesTest, KeepsTheAddressOfANameThatIsLostForAWhile) {
  answers_["shop.example"] = {"192.0.2.1"};
  ASSERT_TRUE(names_.Resolve("shop.example").ok());
  answers_.clear();
  EXPECT_FALSE(names_.Refresh({"shop.example"}));
  EXPECT_EQ(names_.AddressOf("shop.example"), "192.0.2.1");
  EXPECT_EQ(names_.Resolve("shop.example").error().name, kInvalidOrigin);
}

TEST_F(OriginNamesTest, ForgetsWhatTwoRefreshesDidNotAskFor) {
  answers_["shop.example"] = {"192.0.2.1"};
  ASSERT_TRUE(names_.Resolve("shop.example").ok());
  names_.Refresh({});
  EXPECT_EQ(names_.AddressOf("shop.example"), "192.0.2.1");
  names_.Refresh({});
  EXPECT_EQ(names_.AddressOf("shop.example"), "");
}

TEST_F(OriginNamesTest, AsksNobodyAnyMoreOnceItIsToStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(names_.Refresh({"a.example", "b.example"}, stop.get_token()));
  EXPECT_TRUE(asked_.empty());
}

// From the resolver to the edge.
class CustomOriginTest : public CloudFrontTest {
 protected:
  CustomOriginTest() {
    cloudfront_->OnPublish([this](const edge::EdgeConfigPtr& config) { published_ = config; });
  }

  DistributionConfig Custom(const std::string& protocol_policy) const {
    DistributionConfig config = Config("custom");
    Origin& origin = config.origins.items.front();
    origin.domain_name = "shop.example";
    origin.s3_origin_config.reset();
    origin.connection_attempts = 2;
    origin.connection_timeout = 3;
    origin.custom_origin_config = CustomOriginConfig{};
    origin.custom_origin_config->http_port = 80;
    origin.custom_origin_config->https_port = 443;
    origin.custom_origin_config->origin_protocol_policy = protocol_policy;
    origin.custom_origin_config->origin_keepalive_timeout = 42;
    origin.custom_origin_config->origin_read_timeout = 7;
    return config;
  }
  const edge::OriginConfig& Published() const { return published_->distributions.front().origins.front(); }

  edge::EdgeConfigPtr published_;
};

TEST_F(CustomOriginTest, IsAskedWithTheTimesThatItsConfigurationSays) {
  addresses_["shop.example"] = {"192.0.2.1"};
  Create(Custom("match-viewer"));
  EXPECT_EQ(Published().endpoint.idle_timeout, std::chrono::seconds(42));
  EXPECT_EQ(Published().tls_endpoint->idle_timeout, std::chrono::seconds(42));
  EXPECT_EQ(Published().read_timeout, std::chrono::seconds(7));
  EXPECT_EQ(Published().connection_timeout, std::chrono::seconds(3));
  EXPECT_EQ(Published().connection_attempts, 2);
}

TEST_F(CustomOriginTest, IsFollowedWhenItsNameMoves) {
  addresses_["shop.example"] = {"192.0.2.1"};
  CreateDistributionOutput made = Create(Custom("https-only"));
  EXPECT_EQ(Published().endpoint.address, "192.0.2.1");
  const uint64_t number = published_->number;
  ASSERT_TRUE(cloudfront_->RefreshOrigins().ok());
  EXPECT_EQ(published_->number, number);  // nothing moved: nothing to tell the edge
  addresses_["shop.example"] = {"192.0.2.2"};
  ASSERT_TRUE(cloudfront_->RefreshOrigins().ok());
  EXPECT_EQ(Published().endpoint.address, "192.0.2.2");
  AwaitDeployed(made.distribution->id);
}

TEST_F(CustomOriginTest, IsRefusedWhenItsNameIsNobodys) {
  const auto refused = cloudfront_->CreateDistribution(Call(), {.distribution_config = Custom("http-only")});
  EXPECT_EQ(Refusal(refused), kInvalidOrigin);
}

}  // namespace
}  // namespace meetinity::cloudfront

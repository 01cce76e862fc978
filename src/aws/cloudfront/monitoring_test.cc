#include "aws/cloudfront/state.h"
#include "aws/cloudfront/testing_cloudfront.h"

namespace meetinity::cloudfront {
namespace {

class MonitoringTest : public CloudFrontTest {
 protected:
  auto Subscribe(const std::string& id, std::string_view status) {
    CreateMonitoringSubscriptionInput in;
    in.distribution_id = id;
    in.monitoring_subscription.realtime_metrics_subscription_config = RealtimeMetricsSubscriptionConfig{};
    in.monitoring_subscription.realtime_metrics_subscription_config->realtime_metrics_subscription_status = status;
    return cloudfront_->CreateMonitoringSubscription(Call(), in);
  }
  std::string SubscriptionOf(const std::string& id) {
    const auto found = cloudfront_->GetMonitoringSubscription(Call(), {.distribution_id = id});
    if (!found.ok()) return std::string(found.error().name);
    return found->monitoring_subscription->realtime_metrics_subscription_config->realtime_metrics_subscription_status;
  }
};

TEST_F(MonitoringTest, IsTurnedOnAndOffAndGivenUp) {
  const std::string id = CreateDeployed("r1").distribution->id;
  EXPECT_EQ(SubscriptionOf(id), kNoSuchMonitoringSubscription);
  ASSERT_TRUE(Subscribe(id, "Enabled").ok());
  EXPECT_EQ(Refusal(Subscribe(id, "Enabled")), kMonitoringSubscriptionAlreadyExists);
  ASSERT_TRUE(Subscribe(id, "Disabled").ok());
  Reopen();
  EXPECT_EQ(SubscriptionOf(id), "Disabled");
  ASSERT_TRUE(cloudfront_->DeleteMonitoringSubscription(Call(), {.distribution_id = id}).ok());
  EXPECT_EQ(Refusal(cloudfront_->DeleteMonitoringSubscription(Call(), {.distribution_id = id})),
            kNoSuchMonitoringSubscription);
}

TEST_F(MonitoringTest, GoesWithItsDistribution) {
  const std::string id = CreateDeployed("r1").distribution->id;
  ASSERT_TRUE(Subscribe(id, "Enabled").ok());
  ASSERT_TRUE(Remove(id).ok());
  EXPECT_EQ(SubscriptionOf(id), kNoSuchDistribution);
  EXPECT_EQ(Refusal(Subscribe(id, "Enabled")), kNoSuchDistribution);
  const auto left =
      database_->Read([](const store::ReadTx& tx) { return tx.Count<MonitoringSubscriptionRecord>("1"); });
  EXPECT_EQ(*left, 0);
}

}  // namespace
}  // namespace meetinity::cloudfront

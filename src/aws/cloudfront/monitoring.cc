#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/state.h"

// Who wants additional metrics of a distribution. The edge counts what they tell for every distribution anyway.
namespace meetinity::cloudfront {
namespace {

Result<MonitoringSubscriptionRecord> GetSubscription(const store::ReadTx& tx, const std::string& distribution_id) {
  TRY(GetDistributionRecord(tx, distribution_id));
  auto record = TRY(tx.Find<MonitoringSubscriptionRecord>(distribution_id));
  if (!record) {
    return Error{Kind::kNotFound, kNoSuchMonitoringSubscription,
                 fmt::format("distribution {} has no monitoring subscription", distribution_id)};
  }
  return std::move(*record);
}

MonitoringSubscription ToModel(const MonitoringSubscriptionRecord& record) {
  MonitoringSubscription subscription;
  subscription.realtime_metrics_subscription_config = RealtimeMetricsSubscriptionConfig{};
  subscription.realtime_metrics_subscription_config->realtime_metrics_subscription_status = record.status;
  return subscription;
}

}  // namespace

// There is no operation to update one: this turns an existing one on and off, as Terraform does.
Result<CreateMonitoringSubscriptionOutput> CloudFront::CreateMonitoringSubscription(
    const Call&, const CreateMonitoringSubscriptionInput& in) {
  MonitoringSubscriptionRecord record;
  record.distribution_id = in.distribution_id;
  record.status = RealtimeMetricsSubscriptionStatus::kDisabled;
  if (const auto& config = in.monitoring_subscription.realtime_metrics_subscription_config) {
    record.status = config->realtime_metrics_subscription_status;
  }
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(GetDistributionRecord(tx, record.distribution_id));
    const auto before = TRY(tx.Find<MonitoringSubscriptionRecord>(record.distribution_id));
    if (before && before->status == record.status) {
      return Error{Kind::kConflict, kMonitoringSubscriptionAlreadyExists,
                   fmt::format("distribution {} has a monitoring subscription that is {}", record.distribution_id,
                               record.status)};
    }
    return tx.Put(record);
  }));
  return CreateMonitoringSubscriptionOutput{.monitoring_subscription = ToModel(record)};
}

Result<GetMonitoringSubscriptionOutput> CloudFront::GetMonitoringSubscription(
    const Call&, const GetMonitoringSubscriptionInput& in) {
  const MonitoringSubscriptionRecord record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return GetSubscription(tx, in.distribution_id); }));
  return GetMonitoringSubscriptionOutput{.monitoring_subscription = ToModel(record)};
}

Result<DeleteMonitoringSubscriptionOutput> CloudFront::DeleteMonitoringSubscription(
    const Call&, const DeleteMonitoringSubscriptionInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(GetSubscription(tx, in.distribution_id));
    TRY(tx.Delete<MonitoringSubscriptionRecord>(in.distribution_id));
    return {};
  }));
  return DeleteMonitoringSubscriptionOutput{};
}

}  // namespace meetinity::cloudfront

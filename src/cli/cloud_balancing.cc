// How load balancers are connected: to the network and certificates that they are made of, to the engine that carries
// their traffic, to the ports that they share with everybody, and to the buckets that their logs go to.
#include <fmt/format.h>

#include <future>
#include <memory>
#include <utility>

#include "aws/elbv2/errors.h"
#include "base/log.h"
#include "cli/cloud.h"

namespace meetinity::cli {
namespace {

constexpr Duration kBalancerDrainGrace = std::chrono::seconds(10);

// ALB user guide, page "Enable access logs for your Application Load Balancer": who writes them.
constexpr std::string_view kLogService = "logdelivery.elasticloadbalancing.amazonaws.com";

void Report(std::string_view what, const Status& status) {
  if (!status.ok()) Log(LogLevel::kError, "elbv2", "{}: {}", what, status.error().detail);
}

}  // namespace

void Cloud::BuildBalancing(const std::vector<net::Reactor*>& reactors) {
  data_plane_ = std::make_unique<elbv2::EngineDataPlane>(reactors, *workers_);
  balancer_log_delivery_ = std::make_unique<elbv2::LogDelivery>(
      *balancer_log_lines_, *clock_,
      [this](const std::string& bucket, const std::string& key, std::string_view gzip) -> Status {
        TRY(s3_->PutBytes(BalancerLogCall(), bucket, key, "application/x-gzip", "", gzip));
        return {};
      });
  data_plane_->OnFinished([this](const balancer::AccessRecord& record) { balancer_log_delivery_->Append(record); });
  elbv2_ = std::make_unique<elbv2::Elbv2>(*database_, *ec2_, *acm_, *data_plane_, *clock_,
                                          elbv2::Elbv2Options{.account = identity_.account});
  data_plane_->OnDrained([this](const std::string& group, const std::string& target) {
    Report("a target that has drained could not be noted", elbv2_->OnDrained(group, target));
  });
  elbv2_->AskLogBucket(
      [this](const std::string& bucket, const std::string& prefix) { return MayDeliverBalancerLogs(bucket, prefix); });
  elbv2_->OnPublish([this](const elbv2::Published& published) {
    balancer_log_delivery_->SetStreams(published.log_streams);
    PublishRoutes(published);
  });
  ec2_->OnRulesChanged([this](const std::vector<std::string>&) { RepublishBalancing("security groups"); });
}

Status Cloud::RestoreBalancing() {
  elbv2::Doorway doorway;
  // Where the front door listens, so that a kernel without IPv6 is not asked for ::1.
  doorway.addresses = {address_};
  if (address_ == "127.0.0.1" && http_listeners_.size() > 1) doorway.addresses.emplace_back("::1");
  doorway.http_port = http_port();
  doorway.https_port = https_port();
  return elbv2_->Restore(std::move(doorway));
}

void Cloud::RepublishBalancing(std::string_view why) {
  Report(fmt::format("what changed ({}) is not served yet", why), elbv2_->Republish());
}

wire::Call Cloud::BalancerLogCall() const {
  wire::Call call = RootCall();
  call.principal = {};
  call.principal.kind = wire::PrincipalKind::kService;
  call.principal.service = kLogService;
  call.principal.source_account = identity_.account;
  call.principal.source_arn =
      fmt::format("arn:aws:elasticloadbalancing:{}:{}:loadbalancer/*", identity_.region, identity_.account);
  return call;
}

Status Cloud::MayDeliverBalancerLogs(const std::string& bucket, const std::string& prefix) {
  const auto put = s3_->PutBytes(BalancerLogCall(), bucket, elbv2::LogTestKey(prefix, identity_.account), "text/plain",
                                 "", fmt::format("Enable AccessLog for ELB: {}\n", clock_->Now().ToIso8601()));
  if (put.ok()) return {};
  if (put.error().kind == Kind::kInternal || put.error().kind == Kind::kUnavailable) return put.error();
  return elbv2::Misconfigured(
      put.error().kind == Kind::kNotFound
          ? fmt::format("The specified bucket does not exist: {}", bucket)
          : fmt::format("Access Denied for bucket: {}. Please check S3bucket permission; {} writes the logs", bucket,
                        kLogService));
}

std::future<void> Cloud::StopBalancing() {
  auto stopped = std::make_shared<std::promise<void>>();
  auto future = stopped->get_future();
  data_plane_->balancer().Stop(kBalancerDrainGrace, [stopped] { stopped->set_value(); });
  return future;
}

}  // namespace meetinity::cli

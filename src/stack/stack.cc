#include "stack/stack.h"

#include <fmt/format.h>

#include "stack/load_balancers.h"
#include "stack/network.h"
#include "stack/resources.h"
#include "stack/static_assets.h"

namespace meetinity::stack {

std::string_view ToString(Action action) {
  switch (action) {
    case Action::kUnchanged:
      return "unchanged";
    case Action::kCreated:
      return "created";
    case Action::kUpdated:
      return "updated";
    case Action::kDeleted:
      return "deleted";
  }
  return "unknown";
}

Stack::Stack(Services services, store::Database& database, const Clock& clock, StackOptions options)
    : services_(services), database_(database), clock_(clock), options_(std::move(options)) {}

std::vector<store::Migration> Stack::Migrations() { return ResourceMigrations(); }

Result<std::vector<Step>> Stack::Apply(const wire::Call& call, const Variables& variables, const Progress& progress) {
  const std::lock_guard lock(applying_);
  if (!variables.aws_region.empty() && variables.aws_region != options_.region) {
    return Error{Kind::kInvalid, kStackRefused,
                 fmt::format("aws_region is {}, and this cloud is {}; leave it out, or start another cloud with "
                             "--region {} and its own --data-dir",
                             variables.aws_region, options_.region, variables.aws_region)};
  }
  Resources resources(database_);
  std::vector<Step> steps;
  wire::Call now = call;
  now.now = clock_.Now();
  const auto report = [&](Step step) {
    if (progress) progress(step);
    steps.push_back(std::move(step));
  };
  NetworkPlan network(services_.ec2, resources, now, variables, options_, report);
  LoadBalancersPlan balancers(services_, resources, now, variables, report);
  const bool has_balancers = variables.alb_config.enabled || variables.nlb_config.enabled;
  StaticAssetsPlan assets(services_, resources, now, variables, options_, report);
  const auto apply = [&]() -> Status {
    // What stands in the network goes before it.
    if (!has_balancers) TRY(balancers.Destroy());
    TRY(variables.network.enabled ? network.Apply() : network.Destroy());
    if (has_balancers) TRY(balancers.Apply());
    return variables.static_assets.enabled ? assets.Apply() : assets.Destroy();
  };
  const Status applied = apply();
  if (!applied.ok()) {
    Error error = applied.error();
    error.detail =
        fmt::format("after {}: {}: {}", steps.empty() ? "the variables were read" : steps.back().address + " was done",
                    error.name, error.detail);
    return error;
  }
  return steps;
}

Result<std::vector<Output>> Stack::Outputs(uint16_t https_port) const {
  const Resources resources(database_);
  std::vector<Output> outputs;
  TRY(AddNetworkOutputs(resources, outputs));
  TRY(AddLoadBalancerOutputs(services_, resources, {}, outputs));
  if (const auto bucket = TRY(resources.Find(kBucketAddress))) {
    outputs.push_back({"static_assets_bucket_name", *bucket});
  }
  if (const auto id = TRY(resources.Find(kDistributionAddress))) {
    wire::Call call;
    const auto distribution = services_.cloudfront.GetDistribution(call, {.id = *id});
    if (distribution.ok()) {
      const std::string& domain = distribution->distribution->domain_name;
      outputs.push_back({"static_assets_cdn_domain", domain});
      outputs.push_back({"static_assets_distribution_id", *id});
      outputs.push_back({"static_assets_url", https_port == 443 ? fmt::format("https://{}/", domain)
                                                                : fmt::format("https://{}:{}/", domain, https_port)});
    }
  }
  return outputs;
}

}  // namespace meetinity::stack

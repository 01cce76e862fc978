#include "stack/static_assets.h"

#include <fmt/format.h>

namespace meetinity::stack {

StaticAssetsPlan::StaticAssetsPlan(Stack::Services services, Resources& resources, const wire::Call& call,
                                   const Variables& variables, const StackOptions& options,
                                   std::function<void(Step)> report)
    : services_(services),
      resources_(resources),
      call_(call),
      variables_(variables),
      assets_(variables.static_assets),
      options_(options),
      report_(std::move(report)),
      bucket_(assets_.bucket_name.empty() ? fmt::format("meetinity-{}-static-assets", variables.environment)
                                          : assets_.bucket_name) {}

Status StaticAssetsPlan::Apply() {
  TRY(ApplyBucket());
  TRY(ApplyAccessControl());
  TRY(ApplyCertificate());
  TRY(ApplyCachePolicy());
  TRY(ApplyDistribution());
  TRY(ApplyPolicy());
  return ApplySite();
}

Status StaticAssetsPlan::Destroy() {
  TRY(DestroyDistribution());
  TRY(DestroyRest());
  return DestroyBucket();
}

std::string StaticAssetsPlan::DistributionArn() const {
  return fmt::format("arn:aws:cloudfront::{}:distribution/{}", options_.account, distribution_id_);
}

std::map<std::string, std::string> StaticAssetsPlan::Tags() const {
  std::map<std::string, std::string> tags = variables_.tags;
  tags["Environment"] = variables_.environment;
  tags["Project"] = "meetinity";
  return tags;
}

void StaticAssetsPlan::Report(std::string_view address, Action action, std::string detail) {
  report_(Step{std::string(address), action, std::move(detail)});
}

}  // namespace meetinity::stack

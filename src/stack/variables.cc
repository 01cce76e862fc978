#include "stack/variables.h"

#include <algorithm>
#include <array>

#include "base/cidr.h"
#include "stack/hcl.h"
#include "stack/schema.h"

namespace meetinity::stack {
namespace {

// CloudFront API, DistributionConfig.PriceClass.
constexpr std::array<std::string_view, 3> kPriceClasses = {"PriceClass_100", "PriceClass_200", "PriceClass_All"};

// CloudFront API, ViewerCertificate.MinimumProtocolVersion, without SSLv3, which needs a dedicated address.
constexpr std::array<std::string_view, 8> kMinimumProtocols = {"TLSv1",        "TLSv1_2016",   "TLSv1.1_2016",
                                                               "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021",
                                                               "TLSv1.2_2025", "TLSv1.3_2025"};

// A hundred years: the longest lifetime CloudFront honours.
constexpr int64_t kTtlSecondsMax = 3'155'760'000;

constexpr std::array<std::string_view, 3> kNatGateways = {"single", "per-az", "none"};

// A sixteenth of the block, which a subnet gets, is no smaller than the /28 that a subnet may be, with room to spare.
constexpr int kNetworkPrefixMin = 16;
constexpr int kNetworkPrefixMax = 22;
constexpr int64_t kZonesMax = 3;

constexpr std::array<std::string_view, 3> kHealthCheckProtocols = {"TCP", "HTTP", "HTTPS"};
constexpr std::string_view kPortRange = "must be a port from 1 to 65535";
constexpr std::string_view kThresholdRange = "must be 2 to 10 checks";

template <size_t N>
bool OneOf(const std::array<std::string_view, N>& allowed, std::string_view value) {
  return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

bool IsEnvironmentName(std::string_view name) {
  return !name.empty() && name.size() <= 20 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool IsTtl(const std::optional<int64_t>& seconds) { return !seconds || (*seconds >= 0 && *seconds <= kTtlSecondsMax); }

Status ReadStaticAssets(std::string_view file_name, const HclObject& object, StaticAssets& assets) {
  ObjectReader reader(file_name, "static_assets", object);
  TRY(reader.Read("enabled", assets.enabled));
  TRY(reader.Read("bucket_name", assets.bucket_name));
  TRY(reader.Read("domain_names", assets.domain_names));
  TRY(reader.Read("price_class", assets.price_class));
  TRY(reader.Read("default_ttl_seconds", assets.default_ttl_seconds));
  TRY(reader.Read("max_ttl_seconds", assets.max_ttl_seconds));
  TRY(reader.Read("min_ttl_seconds", assets.min_ttl_seconds));
  TRY(reader.Read("compress", assets.compress));
  TRY(reader.Read("acm_certificate_arn", assets.acm_certificate_arn));
  TRY(reader.Read("logging_bucket", assets.logging_bucket));
  TRY(reader.Read("minimum_protocol", assets.minimum_protocol));
  TRY(reader.RefuseOthers());

  TRY(reader.Require("price_class", OneOf(kPriceClasses, assets.price_class),
                     "must be PriceClass_100, PriceClass_200 or PriceClass_All"));
  TRY(reader.Require("minimum_protocol", OneOf(kMinimumProtocols, assets.minimum_protocol),
                     "must be a CloudFront security policy, such as TLSv1.2_2021"));
  const auto& [minimum, standard, maximum] =
      std::tie(assets.min_ttl_seconds, assets.default_ttl_seconds, assets.max_ttl_seconds);
  constexpr std::string_view kTtlRange = "must be between 0 and 3155760000 seconds";
  TRY(reader.Require("min_ttl_seconds", IsTtl(minimum), kTtlRange));
  TRY(reader.Require("default_ttl_seconds", IsTtl(standard), kTtlRange));
  TRY(reader.Require("max_ttl_seconds", IsTtl(maximum), kTtlRange));
  TRY(reader.Require("default_ttl_seconds", !standard || minimum.value_or(0) <= *standard,
                     "must not be below min_ttl_seconds"));
  TRY(reader.Require("max_ttl_seconds", !maximum || standard.value_or(0) <= *maximum,
                     "must not be below default_ttl_seconds"));
  return {};
}

bool IsNetworkBlock(std::string_view text) {
  const auto block = Cidr::Parse(text);
  return block && !block->is_v6() && block->is_canonical() && block->prefix() >= kNetworkPrefixMin &&
         block->prefix() <= kNetworkPrefixMax;
}

Status ReadNetwork(std::string_view file_name, const HclObject& object, Network& network) {
  ObjectReader reader(file_name, "network", object);
  TRY(reader.Read("enabled", network.enabled));
  TRY(reader.Read("name", network.name));
  TRY(reader.Read("cidr", network.cidr));
  TRY(reader.Read("azs", network.azs));
  TRY(reader.Read("nat_gateway", network.nat_gateway));
  TRY(reader.RefuseOthers());
  TRY(reader.Require("cidr", IsNetworkBlock(network.cidr), "must be an IPv4 block of /16 to /22, such as 10.0.0.0/16"));
  TRY(reader.Require("azs", network.azs && *network.azs >= 1 && *network.azs <= kZonesMax, "must be 1, 2 or 3"));
  TRY(reader.Require("nat_gateway", OneOf(kNatGateways, network.nat_gateway), "must be single, per-az or none"));
  return {};
}

bool IsWithin(const std::optional<int64_t>& value, int64_t low, int64_t high) {
  return value && *value >= low && *value <= high;
}

// ELBv2 API, CreateLoadBalancer and CreateTargetGroup, for these and the next.
Status ReadAlbConfig(std::string_view file_name, const HclObject& object, AlbConfig& config) {
  ObjectReader reader(file_name, "alb_config", object);
  TRY(reader.Read("enabled", config.enabled));
  TRY(reader.Read("name", config.name));
  TRY(reader.Read("internal", config.internal));
  TRY(reader.Read("idle_timeout", config.idle_timeout));
  TRY(reader.Read("certificate_arn", config.certificate_arn));
  TRY(reader.Read("subnets", config.subnets));
  TRY(reader.Read("security_group_ids", config.security_group_ids));
  TRY(reader.Read("http_port", config.http_port));
  TRY(reader.Read("https_port", config.https_port));
  TRY(reader.Read("health_check_path", config.health_check_path));
  TRY(reader.RefuseOthers());
  TRY(reader.Require("idle_timeout", IsWithin(config.idle_timeout, 1, 4'000), "must be 1 to 4000 seconds"));
  TRY(reader.Require("http_port", IsWithin(config.http_port, 1, 65'535), kPortRange));
  TRY(reader.Require("https_port", IsWithin(config.https_port, 1, 65'535), kPortRange));
  TRY(reader.Require("health_check_path", config.health_check_path.starts_with('/'), "must begin with a /"));
  return {};
}

Status ReadNlbConfig(std::string_view file_name, const HclObject& object, NlbConfig& config) {
  ObjectReader reader(file_name, "nlb_config", object);
  TRY(reader.Read("enabled", config.enabled));
  TRY(reader.Read("name", config.name));
  TRY(reader.Read("internal", config.internal));
  TRY(reader.Read("cross_zone", config.cross_zone));
  TRY(reader.Read("subnets", config.subnets));
  TRY(reader.Read("tcp_port", config.tcp_port));
  TRY(reader.Read("health_check_protocol", config.health_check_protocol));
  TRY(reader.Read("health_check_port", config.health_check_port));
  TRY(reader.Read("health_check_interval", config.health_check_interval));
  TRY(reader.Read("healthy_threshold", config.healthy_threshold));
  TRY(reader.Read("unhealthy_threshold", config.unhealthy_threshold));
  TRY(reader.RefuseOthers());
  TRY(reader.Require("tcp_port", IsWithin(config.tcp_port, 1, 65'535), kPortRange));
  TRY(reader.Require("health_check_protocol", OneOf(kHealthCheckProtocols, config.health_check_protocol),
                     "must be TCP, HTTP or HTTPS"));
  TRY(reader.Require("health_check_interval", IsWithin(config.health_check_interval, 5, 300),
                     "must be 5 to 300 seconds"));
  TRY(reader.Require("healthy_threshold", IsWithin(config.healthy_threshold, 2, 10), kThresholdRange));
  TRY(reader.Require("unhealthy_threshold", IsWithin(config.unhealthy_threshold, 2, 10), kThresholdRange));
  return {};
}

}  // namespace

Result<Variables> ParseVariables(std::string_view file_name, std::string_view text) {
  const HclObject file = TRY(ParseHcl(file_name, text));
  Variables variables;
  ObjectReader reader(file_name, "", file);
  TRY(reader.Read("environment", variables.environment));
  TRY(reader.Read("aws_region", variables.aws_region));
  TRY(reader.Read("tags", variables.tags));
  TRY(reader.ReadObject("static_assets", [&](const HclObject& object) {
    return ReadStaticAssets(file_name, object, variables.static_assets);
  }));
  TRY(reader.ReadObject("network",
                        [&](const HclObject& object) { return ReadNetwork(file_name, object, variables.network); }));
  TRY(reader.ReadObject(
      "alb_config", [&](const HclObject& object) { return ReadAlbConfig(file_name, object, variables.alb_config); }));
  TRY(reader.ReadObject(
      "nlb_config", [&](const HclObject& object) { return ReadNlbConfig(file_name, object, variables.nlb_config); }));
  TRY(reader.RefuseOthers());
  TRY(reader.Require("environment", IsEnvironmentName(variables.environment),
                     "must be 1 to 20 lower-case letters, digits and hyphens, such as local or prod"));
  return variables;
}

}  // namespace meetinity::stack

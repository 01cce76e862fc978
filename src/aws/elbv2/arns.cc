#include "aws/elbv2/arns.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/elbv2/errors.h"
#include "aws/elbv2_model.h"
#include "base/arn.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::elbv2 {
namespace {

// ELBv2 API, CreateLoadBalancer and CreateTargetGroup.
constexpr size_t kNameMax = 32;
constexpr size_t kArnShownMax = 256;

struct Kinds {
  Resource resource;
  std::string_view begin;  // of the ARN's resource
  size_t slashes;
  std::string_view noun;
  std::string_view nouns;
  std::string_view not_found;
};
constexpr Kinds kKinds[] = {
    {Resource::kLoadBalancer, "loadbalancer/", 3, "load balancer", "load balancers", kLoadBalancerNotFound},
    {Resource::kListener, "listener/", 4, "listener", "listeners", kListenerNotFound},
    {Resource::kRule, "listener-rule/", 5, "listener rule", "rules", kRuleNotFound},
    {Resource::kTargetGroup, "targetgroup/", 2, "target group", "target groups", kTargetGroupNotFound},
};

const Kinds& KindOf(Resource resource) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds),
                       [&](const Kinds& kind) { return kind.resource == resource; });
}

const Kinds* FindKind(std::string_view text) {
  const auto arn = Arn::Parse(text);
  if (!arn.ok() || arn->service != "elasticloadbalancing" || arn->region.empty() || arn->account.empty()) {
    return nullptr;
  }
  const auto slashes = static_cast<size_t>(std::count(arn->resource.begin(), arn->resource.end(), '/'));
  const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kinds& one) {
    return arn->resource.starts_with(one.begin) && slashes == one.slashes;
  });
  return kind == std::end(kKinds) ? nullptr : kind;
}

std::string NewId() { return HexEncode(RandomBytes(8)); }

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

Status CheckName(std::string_view what, std::string_view name) {
  if (name.empty()) return Invalid(fmt::format("{} name cannot be empty", what));
  if (name.size() > kNameMax) {
    return Invalid(fmt::format("{} name '{}' cannot be longer than '{}' characters", what, name.substr(0, kArnShownMax),
                               kNameMax));
  }
  if (!std::all_of(name.begin(), name.end(), IsNameChar)) {
    return Invalid(fmt::format(
        "{} name '{}' can only contain characters that are alphanumeric characters or hyphens(-)", what, name));
  }
  if (name.front() == '-' || name.back() == '-') {
    return Invalid(fmt::format("{} name '{}' cannot begin or end with a hyphen(-)", what, name));
  }
  return {};
}

}  // namespace

Status CheckArn(std::string_view arn, Resource resource) {
  const Kinds* kind = FindKind(arn);
  if (kind != nullptr && kind->resource == resource) return {};
  return Invalid(fmt::format("'{}' is not a valid {} ARN", arn.substr(0, kArnShownMax), KindOf(resource).noun));
}

Result<Resource> ResourceOf(std::string_view arn) {
  const Kinds* kind = FindKind(arn);
  if (kind == nullptr) {
    return Invalid(fmt::format("'{}' is not a valid load balancer, listener, listener rule or target group ARN",
                               arn.substr(0, kArnShownMax)));
  }
  return kind->resource;
}

Error NotFound(Resource resource, std::string_view arn) {
  const Kinds& kind = KindOf(resource);
  return Error{Kind::kNotFound, kind.not_found,
               fmt::format("One or more {} not found: '{}'", kind.nouns, arn.substr(0, kArnShownMax))};
}

std::string ArnToBe(const Place& place, std::string_view kind, std::string_view name) {
  return fmt::format("arn:aws:elasticloadbalancing:{}:{}:{}/{}/*", place.region, place.account, kind, name);
}

std::string NewLoadBalancerArn(const Place& place, std::string_view type, std::string_view name) {
  return fmt::format("arn:aws:elasticloadbalancing:{}:{}:loadbalancer/{}/{}/{}", place.region, place.account,
                     type == LoadBalancerTypeEnum::kNetwork ? "net" : "app", name, NewId());
}

std::string NewTargetGroupArn(const Place& place, std::string_view name) {
  return fmt::format("arn:aws:elasticloadbalancing:{}:{}:targetgroup/{}/{}", place.region, place.account, name,
                     NewId());
}

std::string NewListenerArn(std::string_view load_balancer_arn) {
  std::string arn(load_balancer_arn);
  arn.replace(arn.find(":loadbalancer/"), std::string_view(":loadbalancer/").size(), ":listener/");
  return fmt::format("{}/{}", arn, NewId());
}

std::string NewRuleArn(std::string_view listener_arn) {
  std::string arn(listener_arn);
  arn.replace(arn.find(":listener/"), std::string_view(":listener/").size(), ":listener-rule/");
  return fmt::format("{}/{}", arn, NewId());
}

std::string_view ShortNameOf(std::string_view load_balancer_arn) {
  constexpr std::string_view kBefore = ":loadbalancer/";
  const size_t at = load_balancer_arn.find(kBefore);
  CHECK(at != std::string_view::npos);
  return load_balancer_arn.substr(at + kBefore.size());
}

std::string LoadBalancerArnOf(std::string_view listener_or_rule_arn) {
  const std::vector<std::string_view> parts = Split(listener_or_rule_arn, '/');
  CHECK(parts.size() >= 4);
  const std::string_view before = parts[0].substr(0, parts[0].rfind(':'));
  return fmt::format("{}:loadbalancer/{}/{}/{}", before, parts[1], parts[2], parts[3]);
}

Status CheckLoadBalancerName(std::string_view name) {
  TRY(CheckName("Load balancer", name));
  if (name.starts_with("internal-")) {
    return Invalid(fmt::format("Load balancer name '{}' cannot begin with 'internal-'", name));
  }
  return {};
}

Status CheckTargetGroupName(std::string_view name) { return CheckName("Target group", name); }

std::string NewDnsName(std::string_view load_balancer_arn, std::string_view region, bool internal) {
  const std::vector<std::string_view> parts = Split(ShortNameOf(load_balancer_arn), '/');
  const std::string name = ToLower(parts[1]);
  if (parts[0] == "net") return fmt::format("{}-{}.elb.{}.localhost", name, parts[2], region);
  return fmt::format("{}{}-{}.{}.elb.localhost", internal ? "internal-" : "", name, RandomText(10, "123456789"),
                     region);
}

}  // namespace meetinity::elbv2

#include "aws/elbv2/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "base/text.h"

namespace meetinity::elbv2 {
namespace {

constexpr size_t kShownMax = 256;

constexpr uint32_t kBalancers = kApplicationBalancer | kNetworkBalancer;
constexpr uint32_t kGroups = kApplicationGroup | kNetworkGroup;
constexpr uint32_t kWebListeners = kHttpListener | kHttpsListener;

enum class Form {
  kBool,
  kNumber,        // from `low` to `high`
  kNumberOrZero,  // the same, or 0 for none
  kNumberOrOff,   // the same, or "off"
  kWord,          // one of `words`, separated by '|'
  kText,
  kDefaultOnly,  // AWS knows others; nothing here would follow from one
};

struct Known {
  std::string_view key;
  uint32_t owners;
  Form form;
  std::string_view initial;
  int64_t low = 0, high = 0;
  std::string_view words = {};
};

constexpr int64_t kWeekSeconds = 604'800;

// In the order of the API's pages.
constexpr Known kKnown[] = {
    {attribute::kDeletionProtection, kBalancers, Form::kBool, "false"},
    {attribute::kCrossZone, kApplicationBalancer, Form::kDefaultOnly, "true"},
    {attribute::kCrossZone, kNetworkBalancer, Form::kBool, "false"},
    {attribute::kAccessLogs, kBalancers, Form::kBool, "false"},
    {attribute::kAccessLogsBucket, kBalancers, Form::kText, ""},
    {attribute::kAccessLogsPrefix, kBalancers, Form::kText, ""},
    {"ipv6.deny_all_igw_traffic", kBalancers, Form::kBool, "false"},
    {"zonal_shift.config.enabled", kBalancers, Form::kBool, "false"},
    {attribute::kIdleTimeout, kApplicationBalancer, Form::kNumber, "60", 1, 4'000},
    {attribute::kClientKeepAlive, kApplicationBalancer, Form::kNumber, "3600", 60, kWeekSeconds},
    {"connection_logs.s3.enabled", kApplicationBalancer, Form::kDefaultOnly, "false"},
    {"connection_logs.s3.bucket", kApplicationBalancer, Form::kText, ""},
    {"connection_logs.s3.prefix", kApplicationBalancer, Form::kText, ""},
    {"health_check_logs.s3.enabled", kApplicationBalancer, Form::kDefaultOnly, "false"},
    {"health_check_logs.s3.bucket", kApplicationBalancer, Form::kText, ""},
    {"health_check_logs.s3.prefix", kApplicationBalancer, Form::kText, ""},
    {attribute::kDesyncMode, kApplicationBalancer, Form::kWord, "defensive", 0, 0, "monitor|defensive|strictest"},
    {attribute::kDropInvalidHeaders, kApplicationBalancer, Form::kBool, "false"},
    {attribute::kPreserveHost, kApplicationBalancer, Form::kBool, "false"},
    {attribute::kTlsHeaders, kApplicationBalancer, Form::kBool, "false"},
    {attribute::kForwardedForPort, kApplicationBalancer, Form::kBool, "false"},
    {attribute::kForwardedForMode, kApplicationBalancer, Form::kWord, "append", 0, 0, "append|preserve|remove"},
    {attribute::kHttp2, kApplicationBalancer, Form::kBool, "true"},
    {"waf.fail_open.enabled", kApplicationBalancer, Form::kBool, "false"},
    {"dns_record.client_routing_policy", kNetworkBalancer, Form::kWord, "any_availability_zone", 0, 0,
     "availability_zone_affinity|partial_availability_zone_affinity|any_availability_zone"},
    {"secondary_ips.auto_assigned.per_subnet", kNetworkBalancer, Form::kDefaultOnly, "0"},

    {attribute::kDeregistrationDelay, kGroups, Form::kNumber, "300", 0, 3'600},
    {attribute::kSticky, kGroups, Form::kBool, "false"},
    {attribute::kStickyType, kApplicationGroup, Form::kWord, "lb_cookie", 0, 0, "lb_cookie|app_cookie"},
    {attribute::kStickyType, kNetworkGroup, Form::kWord, "source_ip", 0, 0, "source_ip"},
    {attribute::kCrossZone, kGroups, Form::kWord, "use_load_balancer_configuration", 0, 0,
     "true|false|use_load_balancer_configuration"},
    {"target_group_health.dns_failover.minimum_healthy_targets.count", kGroups, Form::kNumberOrOff, "1", 1,
     kTargetsMax},
    {"target_group_health.dns_failover.minimum_healthy_targets.percentage", kGroups, Form::kNumberOrOff, "off", 1, 100},
    {attribute::kHealthyCount, kGroups, Form::kNumber, "1", 1, kTargetsMax},
    {attribute::kHealthyPercent, kGroups, Form::kNumberOrOff, "off", 1, 100},
    {attribute::kAlgorithm, kApplicationGroup, Form::kWord, "round_robin", 0, 0,
     "round_robin|least_outstanding_requests|weighted_random"},
    {attribute::kAnomalyMitigation, kApplicationGroup, Form::kWord, "off", 0, 0, "on|off"},
    {attribute::kSlowStart, kApplicationGroup, Form::kNumberOrZero, "0", 30, 900},
    {attribute::kAppCookieName, kApplicationGroup, Form::kText, ""},
    {attribute::kAppCookieSeconds, kApplicationGroup, Form::kNumber, "86400", 1, kWeekSeconds},
    {attribute::kStickyCookieSeconds, kApplicationGroup, Form::kNumber, "86400", 1, kWeekSeconds},
    {attribute::kTerminateWhenDrained, kNetworkGroup, Form::kBool, "false"},
    {attribute::kPreserveClientIp, kNetworkGroup, Form::kBool, "false"},
    {attribute::kProxyProtocol, kNetworkGroup, Form::kBool, "false"},
    {attribute::kTerminateWhenUnhealthy, kNetworkGroup, Form::kBool, "true"},
    {attribute::kUnhealthyDraining, kNetworkGroup, Form::kDefaultOnly, "0"},

    {attribute::kTcpIdleTimeout, kTcpListener, Form::kNumber, "350", 60, 6'000},
    {"routing.http.response.server.enabled", kWebListeners, Form::kDefaultOnly, "true"},
    {"routing.http.response.strict_transport_security.header_value", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.response.access_control_allow_origin.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.access_control_allow_methods.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.access_control_allow_headers.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.access_control_allow_credentials.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.access_control_expose_headers.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.access_control_max_age.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.content_security_policy.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.x_content_type_options.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.response.x_frame_options.header_value", kWebListeners, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_mtls_clientcert_subject.header_name", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_mtls_clientcert_validity.header_name", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_mtls_clientcert.header_name", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_tls_version.header_name", kHttpsListener, Form::kDefaultOnly, ""},
    {"routing.http.request.x_amzn_tls_cipher_suite.header_name", kHttpsListener, Form::kDefaultOnly, ""},
};

std::string_view NounOf(AttributeOwner owner) {
  if ((owner & kBalancers) != 0) return "Load balancer";
  return (owner & kGroups) != 0 ? "Target group" : "Listener";
}

const Known* FindKnown(AttributeOwner owner, std::string_view key) {
  const auto* found = std::find_if(std::begin(kKnown), std::end(kKnown),
                                   [&](const Known& known) { return known.key == key && (known.owners & owner) != 0; });
  return found == std::end(kKnown) ? nullptr : found;
}

bool IsWithin(const Known& known, const std::string& value) {
  const auto number = ParseUnsigned(value);
  return number && *number >= static_cast<uint64_t>(known.low) && *number <= static_cast<uint64_t>(known.high);
}

bool IsOneOf(std::string_view words, std::string_view value) {
  const auto known = Split(words, '|');
  return std::find(known.begin(), known.end(), value) != known.end();
}

Status CheckValue(const Known& known, const std::string& value) {
  const auto refuse = [&](const std::string& right) {
    return Invalid(fmt::format("'{}' is not a valid value for attribute '{}'; it must be {}",
                               value.substr(0, kShownMax), known.key, right));
  };
  const std::string range = fmt::format("an integer from {} to {}", known.low, known.high);
  switch (known.form) {
    case Form::kBool:
      return value == "true" || value == "false" ? Status() : refuse("true or false");
    case Form::kNumber:
      return IsWithin(known, value) ? Status() : refuse(range);
    case Form::kNumberOrZero:
      return value == "0" || IsWithin(known, value) ? Status() : refuse("0, or " + range);
    case Form::kNumberOrOff:
      return value == "off" || IsWithin(known, value) ? Status() : refuse("off, or " + range);
    case Form::kWord:
      return IsOneOf(known.words, value) ? Status() : refuse(fmt::format("one of '{}'", known.words));
    case Form::kText:
      return {};
    case Form::kDefaultOnly:
      if (value == known.initial) return {};
      return Misconfigured(fmt::format("Attribute '{}' cannot be '{}' here; this cloud serves '{}' alone", known.key,
                                       value.substr(0, kShownMax), known.initial));
  }
  return {};
}

// Every attribute of the owner as it is at first.
Attributes InitialOf(AttributeOwner owner) {
  Attributes all;
  for (const Known& known : kKnown) {
    if ((known.owners & owner) != 0) all[std::string(known.key)] = known.initial;
  }
  return all;
}

Result<Attributes> WithStored(const store::ReadTx& tx, const std::string& arn, Attributes all) {
  for (AttributeRecord& record : TRY(tx.Select<AttributeRecord>("arn = ?", {store::Value(arn)}))) {
    all[record.key] = std::move(record.value);
  }
  return all;
}

Status CheckLoadBalancer(const Attributes& all) {
  if (!IsOn(all, attribute::kAccessLogs)) return {};
  if (TextOf(all, attribute::kAccessLogsBucket).empty()) {
    return Misconfigured("Access logs need a bucket: set access_logs.s3.bucket");
  }
  // ALB user guide, "Enable access logs": the string is the delivery's own.
  const std::string& prefix = TextOf(all, attribute::kAccessLogsPrefix);
  if (prefix.find("AWSLogs") != std::string::npos || prefix.starts_with('/') || prefix.ends_with('/')) {
    return Misconfigured(
        fmt::format("The prefix '{}' for access logs cannot contain 'AWSLogs', nor begin or end with a slash", prefix));
  }
  return {};
}

// ALB user guide, pages "Target group attributes" and "Sticky sessions".
Status CheckApplicationGroup(const Attributes& all) {
  const std::string& algorithm = TextOf(all, attribute::kAlgorithm);
  if (NumberOf(all, attribute::kSlowStart) > 0 && algorithm != "round_robin") {
    return Misconfigured(fmt::format("Slow start cannot be used with the load balancing algorithm '{}'", algorithm));
  }
  if (TextOf(all, attribute::kAnomalyMitigation) == "on" && algorithm != "weighted_random") {
    return Misconfigured("Anomaly mitigation needs the load balancing algorithm 'weighted_random'");
  }
  const bool sticky = IsOn(all, attribute::kSticky);
  if (sticky && TextOf(all, attribute::kCrossZone) == "false") {
    return Misconfigured("Stickiness cannot be used while cross-zone load balancing is off");
  }
  const std::string& cookie = TextOf(all, attribute::kAppCookieName);
  if (cookie.starts_with("AWSALB")) {
    return Misconfigured(fmt::format("The cookie name '{}' begins with 'AWSALB', which is reserved", cookie));
  }
  if (sticky && TextOf(all, attribute::kStickyType) == "app_cookie" && cookie.empty()) {
    return Misconfigured("Stickiness of type 'app_cookie' needs stickiness.app_cookie.cookie_name");
  }
  return {};
}

}  // namespace

AttributeOwner OwnerOf(const LoadBalancerRecord& record) {
  return record.type == LoadBalancerTypeEnum::kNetwork ? kNetworkBalancer : kApplicationBalancer;
}

AttributeOwner OwnerOf(const TargetGroupRecord& record) {
  const bool is_web = record.protocol == ProtocolEnum::kHttp || record.protocol == ProtocolEnum::kHttps;
  return is_web ? kApplicationGroup : kNetworkGroup;
}

AttributeOwner OwnerOf(const ListenerRecord& record) {
  if (record.protocol == ProtocolEnum::kHttp) return kHttpListener;
  if (record.protocol == ProtocolEnum::kHttps) return kHttpsListener;
  return record.protocol == ProtocolEnum::kTcp ? kTcpListener : kOtherListener;
}

Result<Attributes> AttributesOf(const store::ReadTx& tx, const LoadBalancerRecord& record) {
  Attributes all = InitialOf(OwnerOf(record));
  if (record.scheme == LoadBalancerSchemeEnum::kInternal) all["ipv6.deny_all_igw_traffic"] = "true";
  return WithStored(tx, record.arn, std::move(all));
}

Result<Attributes> AttributesOf(const store::ReadTx& tx, const TargetGroupRecord& record) {
  Attributes all = InitialOf(OwnerOf(record));
  if (record.protocol == ProtocolEnum::kUdp) {
    all[std::string(attribute::kTerminateWhenDrained)] = "true";
    all[std::string(attribute::kPreserveClientIp)] = "true";
    all[std::string(attribute::kTerminateWhenUnhealthy)] = "false";
  }
  return WithStored(tx, record.arn, std::move(all));
}

Result<Attributes> AttributesOf(const store::ReadTx& tx, const ListenerRecord& record) {
  return WithStored(tx, record.arn, InitialOf(OwnerOf(record)));
}

Status CheckAttributes(AttributeOwner owner, const Attributes& wanted) {
  for (const auto& [key, value] : wanted) {
    const Known* known = FindKnown(owner, key);
    if (known == nullptr) {
      return Invalid(fmt::format("{} attribute key '{}' is not recognized", NounOf(owner), key.substr(0, kShownMax)));
    }
    TRY(CheckValue(*known, value));
  }
  return {};
}

Status CheckTogether(AttributeOwner owner, const Attributes& all) {
  if ((owner & kBalancers) != 0) return CheckLoadBalancer(all);
  if (owner == kApplicationGroup) return CheckApplicationGroup(all);
  return {};
}

template <class Attribute>
Result<Attributes> ToAttributes(const std::vector<Attribute>& given) {
  Attributes wanted;
  for (const Attribute& one : given) {
    if (!one.key || one.key->empty()) return Invalid("An attribute needs a key");
    if (!wanted.emplace(*one.key, one.value.value_or("")).second) {
      return Invalid(fmt::format("Attribute key '{}' is given more than once", one.key->substr(0, kShownMax)));
    }
  }
  return wanted;
}

template <class Attribute>
std::vector<Attribute> FromAttributes(const Attributes& attributes) {
  std::vector<Attribute> all;
  for (const auto& [key, value] : attributes) all.push_back({.key = key, .value = value});
  return all;
}

template Result<Attributes> ToAttributes(const std::vector<LoadBalancerAttribute>& given);
template Result<Attributes> ToAttributes(const std::vector<TargetGroupAttribute>& given);
template Result<Attributes> ToAttributes(const std::vector<ListenerAttribute>& given);
template std::vector<LoadBalancerAttribute> FromAttributes(const Attributes& attributes);
template std::vector<TargetGroupAttribute> FromAttributes(const Attributes& attributes);
template std::vector<ListenerAttribute> FromAttributes(const Attributes& attributes);

const std::string& TextOf(const Attributes& attributes, std::string_view key) {
  const auto found = attributes.find(std::string(key));
  CHECK(found != attributes.end());
  return found->second;
}

bool IsOn(const Attributes& attributes, std::string_view key) { return TextOf(attributes, key) == "true"; }

int64_t NumberOf(const Attributes& attributes, std::string_view key) {
  const auto number = ParseUnsigned(TextOf(attributes, key));
  return number ? static_cast<int64_t>(*number) : 0;
}

}  // namespace meetinity::elbv2

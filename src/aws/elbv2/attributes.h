#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aws/elbv2/state.h"
#include "base/result.h"
#include "store/database.h"

// Attributes of load balancers, target groups and listeners: which there are, what they may be, and what they are
// while nobody says otherwise. ELBv2 API, LoadBalancerAttribute, TargetGroupAttribute and ListenerAttribute.
namespace meetinity::elbv2 {

// By key, complete: what is not stored has its default.
using Attributes = std::map<std::string, std::string>;

// What a resource's attributes follow from.
enum AttributeOwner : uint32_t {
  kApplicationBalancer = 1,
  kNetworkBalancer = 2,
  kApplicationGroup = 4,  // HTTP and HTTPS
  kNetworkGroup = 8,      // TCP, TLS and UDP
  kHttpListener = 16,
  kHttpsListener = 32,
  kTcpListener = 64,
  kOtherListener = 128,  // TLS and UDP, which have none
};
AttributeOwner OwnerOf(const LoadBalancerRecord& record);
AttributeOwner OwnerOf(const TargetGroupRecord& record);
AttributeOwner OwnerOf(const ListenerRecord& record);

// With defaults; a few follow from what the resource is.
Result<Attributes> AttributesOf(const store::ReadTx& tx, const LoadBalancerRecord& record);
Result<Attributes> AttributesOf(const store::ReadTx& tx, const TargetGroupRecord& record);
Result<Attributes> AttributesOf(const store::ReadTx& tx, const ListenerRecord& record);

// ValidationError for a key that the owner does not know or a value out of range, InvalidConfigurationRequest for what
// this cloud does not do. `wanted` is what one request sets.
Status CheckAttributes(AttributeOwner owner, const Attributes& wanted);
// Whether all of them together, with what is set already, can be: InvalidConfigurationRequest.
Status CheckTogether(AttributeOwner owner, const Attributes& all);

// Keys and values of a request; ValidationError for one without a key or named twice.
template <class Attribute>
Result<Attributes> ToAttributes(const std::vector<Attribute>& given);
template <class Attribute>
std::vector<Attribute> FromAttributes(const Attributes& attributes);

extern template Result<Attributes> ToAttributes(const std::vector<LoadBalancerAttribute>& given);
extern template Result<Attributes> ToAttributes(const std::vector<TargetGroupAttribute>& given);
extern template Result<Attributes> ToAttributes(const std::vector<ListenerAttribute>& given);
extern template std::vector<LoadBalancerAttribute> FromAttributes(const Attributes& attributes);
extern template std::vector<TargetGroupAttribute> FromAttributes(const Attributes& attributes);
extern template std::vector<ListenerAttribute> FromAttributes(const Attributes& attributes);

// --- Reading what CheckAttributes let through.
bool IsOn(const Attributes& attributes, std::string_view key);         // "true"
int64_t NumberOf(const Attributes& attributes, std::string_view key);  // 0 for "off"
const std::string& TextOf(const Attributes& attributes, std::string_view key);

namespace attribute {
inline constexpr std::string_view kDeletionProtection = "deletion_protection.enabled";
inline constexpr std::string_view kCrossZone = "load_balancing.cross_zone.enabled";
inline constexpr std::string_view kAccessLogs = "access_logs.s3.enabled";
inline constexpr std::string_view kAccessLogsBucket = "access_logs.s3.bucket";
inline constexpr std::string_view kAccessLogsPrefix = "access_logs.s3.prefix";
inline constexpr std::string_view kIdleTimeout = "idle_timeout.timeout_seconds";
inline constexpr std::string_view kClientKeepAlive = "client_keep_alive.seconds";
inline constexpr std::string_view kDesyncMode = "routing.http.desync_mitigation_mode";
inline constexpr std::string_view kDropInvalidHeaders = "routing.http.drop_invalid_header_fields.enabled";
inline constexpr std::string_view kPreserveHost = "routing.http.preserve_host_header.enabled";
inline constexpr std::string_view kTlsHeaders = "routing.http.x_amzn_tls_version_and_cipher_suite.enabled";
inline constexpr std::string_view kForwardedForPort = "routing.http.xff_client_port.enabled";
inline constexpr std::string_view kForwardedForMode = "routing.http.xff_header_processing.mode";
inline constexpr std::string_view kHttp2 = "routing.http2.enabled";
inline constexpr std::string_view kDeregistrationDelay = "deregistration_delay.timeout_seconds";
inline constexpr std::string_view kTerminateWhenDrained = "deregistration_delay.connection_termination.enabled";
inline constexpr std::string_view kTerminateWhenUnhealthy =
    "target_health_state.unhealthy.connection_termination.enabled";
inline constexpr std::string_view kUnhealthyDraining = "target_health_state.unhealthy.draining_interval_seconds";
inline constexpr std::string_view kSticky = "stickiness.enabled";
inline constexpr std::string_view kStickyType = "stickiness.type";
inline constexpr std::string_view kStickyCookieSeconds = "stickiness.lb_cookie.duration_seconds";
inline constexpr std::string_view kAppCookieSeconds = "stickiness.app_cookie.duration_seconds";
inline constexpr std::string_view kAppCookieName = "stickiness.app_cookie.cookie_name";
inline constexpr std::string_view kAlgorithm = "load_balancing.algorithm.type";
inline constexpr std::string_view kAnomalyMitigation = "load_balancing.algorithm.anomaly_mitigation";
inline constexpr std::string_view kSlowStart = "slow_start.duration_seconds";
inline constexpr std::string_view kHealthyCount =
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count";
inline constexpr std::string_view kHealthyPercent =
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
inline constexpr std::string_view kProxyProtocol = "proxy_protocol_v2.enabled";
inline constexpr std::string_view kPreserveClientIp = "preserve_client_ip.enabled";
inline constexpr std::string_view kTcpIdleTimeout = "tcp.idle_timeout.seconds";
}  // namespace attribute

}  // namespace meetinity::elbv2

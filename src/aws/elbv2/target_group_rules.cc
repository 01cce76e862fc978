#include "aws/elbv2/target_group_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "aws/elbv2/balancer_config.h"
#include "aws/elbv2/errors.h"
#include "base/text.h"

namespace meetinity::elbv2 {
namespace {

constexpr std::string_view kGrpc = "GRPC";

bool IsWeb(std::string_view protocol) { return protocol == ProtocolEnum::kHttp || protocol == ProtocolEnum::kHttps; }

Status CheckKind(const CreateTargetGroupInput& in, TargetGroupRecord& record) {
  record.target_type = in.target_type.value_or(std::string(TargetTypeEnum::kInstance));
  if (record.target_type == TargetTypeEnum::kLambda) {
    return Misconfigured("Target type 'lambda' is not served here; use 'ip' or 'alb'");
  }
  if (!in.protocol) return Invalid("A protocol must be specified");
  if (!in.port) return Invalid("A port must be specified");
  if (!in.vpc_id || in.vpc_id->empty()) return Invalid("A VPC ID must be specified");
  record.protocol = *in.protocol;
  record.port = *in.port;
  record.vpc_id = *in.vpc_id;
  const bool is_flow = record.protocol == ProtocolEnum::kTcp || record.protocol == ProtocolEnum::kTls ||
                       record.protocol == ProtocolEnum::kUdp;
  if (!is_flow && !IsWeb(record.protocol)) {
    return Misconfigured(
        fmt::format("Protocol '{}' is not served here; use HTTP, HTTPS, TCP, TLS or UDP", record.protocol));
  }
  if (record.target_type == TargetTypeEnum::kAlb && record.protocol != ProtocolEnum::kTcp) {
    return Invalid("Protocol must be 'TCP' for a target group of target type 'alb'");
  }
  if (in.target_control_port) return Misconfigured("Target control ports are not served here");
  return {};
}

Status FillVersion(const CreateTargetGroupInput& in, TargetGroupRecord& record) {
  // Terraform sends an empty one for none.
  const std::string asked = in.protocol_version.value_or("");
  if (!IsWeb(record.protocol)) {
    if (asked.empty()) return {};
    return Invalid(fmt::format("A protocol version cannot be specified for {}", record.protocol));
  }
  record.protocol_version = asked.empty() ? "HTTP1" : asked;
  if (record.protocol_version == "HTTP1" || record.protocol_version == "HTTP2" || record.protocol_version == kGrpc) {
    return {};
  }
  return Invalid(fmt::format("Protocol version '{}' must be one of 'GRPC, HTTP1, HTTP2'", asked));
}

// How codes are accepted: digits, ranges and commas, within what the group's kind allows.
Status CheckMatcher(const TargetGroupRecord& record) {
  if (record.matcher.empty()) return {};
  const bool is_grpc = record.protocol_version == kGrpc;
  const int low = is_grpc ? 0 : 200;
  const int high = is_grpc ? 99 : IsWeb(record.protocol) ? 499 : 599;
  const auto ranges = ParseMatcher(record.matcher);
  const bool fits = !ranges.empty() && std::all_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return range.first >= low && range.second <= high;
  });
  if (fits) return {};
  return Invalid(fmt::format("Health check matcher {} code '{}' must be within '{}-{}' inclusive",
                             is_grpc ? "GRPC" : "HTTP", record.matcher.substr(0, 256), low, high));
}

Status CheckPort(std::string_view port) {
  const auto number = ParseUnsigned(port);
  if (port == kTrafficPort || (number && *number >= 1 && *number <= 65'535)) return {};
  return Invalid(fmt::format("Health check port '{}' must be '{}' or a port number from 1 to 65535", port.substr(0, 64),
                             kTrafficPort));
}

Status CheckPath(const TargetGroupRecord& record) {
  const std::string& path = record.health_check_path;
  const bool is_printable = std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (path.starts_with('/') && is_printable) return {};
  return Invalid(fmt::format("Health check path '{}' must begin with a '/' and have printable ASCII characters alone",
                             path.substr(0, 256)));
}

Status CheckHealthCheck(const TargetGroupRecord& record) {
  const std::string& protocol = record.health_check_protocol;
  const bool is_tcp = protocol == ProtocolEnum::kTcp;
  if (!IsWeb(protocol) && !is_tcp) {
    return Invalid(fmt::format("Health check protocol '{}' must be one of 'HTTP, HTTPS, TCP'", protocol));
  }
  if (is_tcp && (IsWeb(record.protocol) || record.target_type == TargetTypeEnum::kAlb)) {
    return Invalid(fmt::format("Health check protocol 'TCP' cannot be used with protocol '{}' and target type '{}'",
                               record.protocol, record.target_type));
  }
  TRY(CheckPort(record.health_check_port));
  if (!is_tcp) TRY(CheckPath(record));
  TRY(CheckMatcher(record));
  const int32_t interval = record.health_check_interval_seconds;
  const int32_t timeout = record.health_check_timeout_seconds;
  // ELBv2's own wording for application load balancers; network ones may have both alike.
  if (IsWeb(record.protocol) ? timeout >= interval : timeout > interval) {
    return Invalid(
        fmt::format("Health check interval must be greater than the timeout: '{}' and '{}'", interval, timeout));
  }
  return {};
}

int32_t DefaultTimeout(const TargetGroupRecord& record) {
  if (IsWeb(record.protocol)) return 5;
  return record.health_check_protocol == ProtocolEnum::kHttp ? 6 : 10;
}

std::string DefaultMatcher(const TargetGroupRecord& record) {
  if (record.health_check_protocol == ProtocolEnum::kTcp) return "";
  if (record.protocol_version == kGrpc) return "12";
  return IsWeb(record.protocol) ? "200" : "200-399";
}

std::string DefaultPath(const TargetGroupRecord& record) {
  if (record.health_check_protocol == ProtocolEnum::kTcp) return "";
  return record.protocol_version == kGrpc ? "/AWS.ALB/healthcheck" : "/";
}

// What a request says about matching; ValidationError when it is of the other kind.
Status TakeMatcher(const std::optional<Matcher>& matcher, TargetGroupRecord& record) {
  if (!matcher || (!matcher->http_code && !matcher->grpc_code)) return {};
  const bool is_grpc = record.protocol_version == kGrpc;
  if (record.health_check_protocol == ProtocolEnum::kTcp || (is_grpc ? !matcher->grpc_code : !matcher->http_code)) {
    return Invalid(fmt::format("The matcher does not fit a health check with protocol '{}'{}",
                               record.health_check_protocol, is_grpc ? " and protocol version 'GRPC'" : ""));
  }
  record.matcher = is_grpc ? *matcher->grpc_code : *matcher->http_code;
  return {};
}

template <class In>
Status TakeHealthCheck(const In& in, TargetGroupRecord& record) {
  if (in.health_check_enabled && !*in.health_check_enabled) {
    return Invalid(fmt::format("Health checks must be enabled for target type '{}'", record.target_type));
  }
  if (in.health_check_path) {
    if (record.health_check_protocol == ProtocolEnum::kTcp) {
      return Invalid("A health check path cannot be specified for health check protocol 'TCP'");
    }
    record.health_check_path = *in.health_check_path;
  }
  if (in.health_check_port) record.health_check_port = *in.health_check_port;
  if (in.health_check_interval_seconds) record.health_check_interval_seconds = *in.health_check_interval_seconds;
  if (in.health_check_timeout_seconds) record.health_check_timeout_seconds = *in.health_check_timeout_seconds;
  if (in.healthy_threshold_count) record.healthy_threshold = *in.healthy_threshold_count;
  if (in.unhealthy_threshold_count) record.unhealthy_threshold = *in.unhealthy_threshold_count;
  TRY(TakeMatcher(in.matcher, record));
  return CheckHealthCheck(record);
}

}  // namespace

Result<TargetGroupRecord> ToTargetGroupRecord(const CreateTargetGroupInput& in) {
  TargetGroupRecord record;
  record.name = in.name;
  TRY(CheckKind(in, record));
  TRY(FillVersion(in, record));
  record.ip_address_type = in.ip_address_type.value_or(std::string(TargetGroupIpAddressTypeEnum::kIpv4));
  const bool is_web = IsWeb(record.protocol) || record.target_type == TargetTypeEnum::kAlb;
  record.health_check_protocol =
      in.health_check_protocol.value_or(std::string(is_web ? ProtocolEnum::kHttp : ProtocolEnum::kTcp));
  record.health_check_port = kTrafficPort;
  record.health_check_path = DefaultPath(record);
  record.health_check_interval_seconds = 30;
  record.health_check_timeout_seconds = DefaultTimeout(record);
  record.healthy_threshold = 5;
  record.unhealthy_threshold = 2;
  record.matcher = DefaultMatcher(record);
  TRY(TakeHealthCheck(in, record));
  return record;
}

Status ChangeHealthCheck(const ModifyTargetGroupInput& in, TargetGroupRecord& record) {
  if (in.health_check_protocol && *in.health_check_protocol != record.health_check_protocol) {
    record.health_check_protocol = *in.health_check_protocol;
    if (record.health_check_protocol == ProtocolEnum::kTcp || record.health_check_path.empty()) {
      record.health_check_path = DefaultPath(record);
      record.matcher = DefaultMatcher(record);
    }
  }
  return TakeHealthCheck(in, record);
}

}  // namespace meetinity::elbv2

#include "aws/elbv2/balancer_config.h"

#include <fmt/format.h>

#include <chrono>
#include <set>

#include "aws/elbv2/ssl_policies.h"
#include "base/cidr.h"
#include "base/digest.h"
#include "base/text.h"

namespace meetinity::elbv2 {
namespace {

using std::chrono::seconds;

constexpr int32_t kHttpPort = 80;
constexpr int32_t kHttpsPort = 443;

balancer::TargetProtocol ToTargetProtocol(std::string_view protocol) {
  if (protocol == ProtocolEnum::kHttp) return balancer::TargetProtocol::kHttp;
  if (protocol == ProtocolEnum::kHttps) return balancer::TargetProtocol::kHttps;
  if (protocol == ProtocolEnum::kTls) return balancer::TargetProtocol::kTls;
  if (protocol == ProtocolEnum::kUdp) return balancer::TargetProtocol::kUdp;
  return balancer::TargetProtocol::kTcp;
}

balancer::ListenerProtocol ToListenerProtocol(std::string_view protocol) {
  if (protocol == ProtocolEnum::kHttp) return balancer::ListenerProtocol::kHttp;
  if (protocol == ProtocolEnum::kHttps) return balancer::ListenerProtocol::kHttps;
  if (protocol == ProtocolEnum::kTls) return balancer::ListenerProtocol::kTls;
  if (protocol == ProtocolEnum::kUdp) return balancer::ListenerProtocol::kUdp;
  return balancer::ListenerProtocol::kTcp;
}

balancer::HealthCheck ToHealthCheck(const TargetGroupRecord& record) {
  balancer::HealthCheck check;
  check.protocol = ToTargetProtocol(record.health_check_protocol);
  if (record.health_check_port != kTrafficPort) {
    check.port = static_cast<uint16_t>(ParseUnsigned(record.health_check_port).value_or(0));
  }
  if (!record.health_check_path.empty()) check.path = record.health_check_path;
  if (!record.matcher.empty()) check.matcher = ParseMatcher(record.matcher);
  check.interval = seconds(record.health_check_interval_seconds);
  check.timeout = seconds(record.health_check_timeout_seconds);
  check.healthy_threshold = record.healthy_threshold;
  check.unhealthy_threshold = record.unhealthy_threshold;
  return check;
}

balancer::Target ToTarget(const TargetRecord& record, const TargetGroupRecord& group, const Doorway& doorway) {
  balancer::Target target;
  target.id = TargetIdOf(record.id, record.port);
  target.address = record.id;
  target.port = static_cast<uint16_t>(record.port);
  if (group.target_type == TargetTypeEnum::kAlb) {
    target.address = OwnAddressOf(record.id);
    if (record.port == kHttpPort) target.reached_at = {target.address, doorway.http_port};
    if (record.port == kHttpsPort) target.reached_at = {target.address, doorway.https_port};
  }
  if (record.availability_zone != "all") target.zone = record.availability_zone;
  target.draining_since = record.draining_since;
  return target;
}

void FillApplicationGroup(const Attributes& attributes, balancer::TargetGroup& group) {
  const std::string& algorithm = TextOf(attributes, attribute::kAlgorithm);
  if (algorithm == "least_outstanding_requests") group.algorithm = balancer::Algorithm::kLeastOutstanding;
  if (algorithm == "weighted_random") group.algorithm = balancer::Algorithm::kWeightedRandom;
  group.anomaly_mitigation = TextOf(attributes, attribute::kAnomalyMitigation) == "on";
  group.slow_start = seconds(NumberOf(attributes, attribute::kSlowStart));
  if (!IsOn(attributes, attribute::kSticky)) return;
  if (TextOf(attributes, attribute::kStickyType) == "app_cookie") {
    group.stickiness = balancer::Stickiness::kApplicationCookie;
    group.application_cookie = TextOf(attributes, attribute::kAppCookieName);
    group.stickiness_duration = seconds(NumberOf(attributes, attribute::kAppCookieSeconds));
  } else {
    group.stickiness = balancer::Stickiness::kLoadBalancerCookie;
    group.stickiness_duration = seconds(NumberOf(attributes, attribute::kStickyCookieSeconds));
  }
}

void FillNetworkGroup(const Attributes& attributes, balancer::TargetGroup& group) {
  if (IsOn(attributes, attribute::kSticky)) group.stickiness = balancer::Stickiness::kSourceIp;
  group.proxy_protocol_v2 = IsOn(attributes, attribute::kProxyProtocol);
  group.terminates_connections_when_drained = IsOn(attributes, attribute::kTerminateWhenDrained);
  group.terminates_connections_when_unhealthy = IsOn(attributes, attribute::kTerminateWhenUnhealthy);
}

void FillApplicationBalancer(const Attributes& attributes, balancer::LoadBalancer& out) {
  out.idle_timeout = seconds(NumberOf(attributes, attribute::kIdleTimeout));
  out.client_keep_alive = seconds(NumberOf(attributes, attribute::kClientKeepAlive));
  out.http2 = IsOn(attributes, attribute::kHttp2);
  const std::string& mode = TextOf(attributes, attribute::kForwardedForMode);
  if (mode == "preserve") out.forwarded_for = balancer::ForwardedForMode::kPreserve;
  if (mode == "remove") out.forwarded_for = balancer::ForwardedForMode::kRemove;
  out.forwarded_for_client_port = IsOn(attributes, attribute::kForwardedForPort);
  out.preserve_host_header = IsOn(attributes, attribute::kPreserveHost);
  out.drop_invalid_header_fields = IsOn(attributes, attribute::kDropInvalidHeaders);
  out.tls_headers = IsOn(attributes, attribute::kTlsHeaders);
  const std::string& desync = TextOf(attributes, attribute::kDesyncMode);
  if (desync == "monitor") out.desync = balancer::DesyncMode::kMonitor;
  if (desync == "strictest") out.desync = balancer::DesyncMode::kStrictest;
}

// Where a listener's connections come in: at its own port, and for a network load balancer in front of it.
std::vector<balancer::Binding> BindingsOf(const ListenerRecord& record, bool is_target, const Doorway& doorway) {
  const uint16_t port = PortOf(record, doorway);
  std::vector<balancer::Binding> bindings;
  if (!SharesPort(record)) {
    for (const std::string& address : doorway.addresses) bindings.push_back({address, port, ""});
  }
  if (is_target) bindings.push_back({OwnAddressOf(record.load_balancer_arn), port, ""});
  return bindings;
}

class Builder {
 public:
  Builder(const store::ReadTx& tx, const Surroundings& around) : tx_(tx), around_(around) {}

  Result<balancer::ConfigurationPtr> Build(uint64_t number) {
    auto configuration = std::make_shared<balancer::Configuration>();
    configuration->number = number;
    configuration->cookie_secret = around_.cookie_secret;
    for (const auto& record : TRY(tx_.Select<TargetGroupRecord>("1 ORDER BY arn"))) {
      const auto targets = TRY(TargetsOf(tx_, record.arn));
      if (record.target_type == TargetTypeEnum::kAlb) {
        for (const TargetRecord& target : targets) balancers_as_targets_.insert(target.id);
      }
      const Attributes attributes = TRY(AttributesOf(tx_, record));
      configuration->target_groups.push_back(ToTargetGroup(record, attributes, targets, around_.doorway));
    }
    for (const auto& record : TRY(tx_.Select<LoadBalancerRecord>("1 ORDER BY created_at, arn"))) {
      configuration->load_balancers.push_back(TRY(Balancer(record)));
    }
    return balancer::ConfigurationPtr(std::move(configuration));
  }

 private:
  Result<balancer::LoadBalancer> Balancer(const LoadBalancerRecord& record) {
    const Attributes attributes = TRY(AttributesOf(tx_, record));
    balancer::LoadBalancer out;
    out.id = record.arn;
    out.name = record.name;
    out.cross_zone = IsOn(attributes, attribute::kCrossZone);
    out.logs_access = IsOn(attributes, attribute::kAccessLogs);
    if (OwnerOf(record) == kNetworkBalancer) {
      out.kind = balancer::BalancerKind::kNetwork;
    } else {
      FillApplicationBalancer(attributes, out);
    }
    const auto listeners = TRY(ListenersOf(tx_, record.arn));
    for (const ListenerRecord& listener : listeners) out.listeners.push_back(TRY(Listener(listener)));
    const std::vector<std::string> groups = LinesOf(record.security_groups);
    if (!groups.empty()) out.admission = TRY(ToAdmission(TRY(around_.ingress(groups)), listeners, around_));
    return out;
  }

  Result<balancer::Listener> Listener(const ListenerRecord& record) {
    const Attributes attributes = TRY(AttributesOf(tx_, record));
    balancer::Listener out;
    out.id = record.arn;
    out.protocol = ToListenerProtocol(record.protocol);
    out.port = PortOf(record, around_.doorway);
    out.bindings = BindingsOf(record, balancers_as_targets_.contains(record.load_balancer_arn), around_.doorway);
    if (record.protocol == ProtocolEnum::kTcp) {
      out.tcp_idle_timeout = seconds(NumberOf(attributes, attribute::kTcpIdleTimeout));
    }
    if (!record.certificate_arn.empty()) {
      out.tls_policy = ToTlsPolicy(record);
      out.certificates.push_back(TRY(around_.certificate(record.certificate_arn)));
      for (const auto& other :
           TRY(tx_.Select<ListenerCertificateRecord>("listener_arn = ? ORDER BY certificate_arn", {record.arn}))) {
        if (other.certificate_arn == record.certificate_arn) continue;
        out.certificates.push_back(TRY(around_.certificate(other.certificate_arn)));
      }
    }
    for (const RuleRecord& rule : TRY(RulesOf(tx_, record.arn))) {
      const auto actions = TRY(ActionsOf(rule));
      const auto conditions = TRY(ConditionsOf(rule));
      out.rules.push_back(ToRule(rule.is_default() ? 0 : rule.priority, actions, conditions, around_.doorway));
    }
    return out;
  }

  const store::ReadTx& tx_;
  const Surroundings& around_;
  std::set<std::string> balancers_as_targets_;
};

// The protocol of a rule, by its names and numbers.
bool Lets(const ec2::IngressRule& rule, const ListenerRecord& listener) {
  const bool is_udp = listener.protocol == ProtocolEnum::kUdp;
  const bool all = rule.protocol == "-1";
  const bool fits =
      is_udp ? rule.protocol == "udp" || rule.protocol == "17" : rule.protocol == "tcp" || rule.protocol == "6";
  if (!all && !fits) return false;
  return all || rule.from_port < 0 || (rule.from_port <= listener.port && listener.port <= rule.to_port);
}

}  // namespace

std::string TargetIdOf(std::string_view id, int32_t port) { return fmt::format("{}:{}", id, port); }

std::pair<std::string, int32_t> ParseTargetId(std::string_view target_id) {
  const size_t colon = target_id.rfind(':');
  CHECK(colon != std::string_view::npos);
  const auto port = ParseUnsigned(target_id.substr(colon + 1));
  return {std::string(target_id.substr(0, colon)), static_cast<int32_t>(port.value_or(0))};
}

bool SharesPort(const ListenerRecord& record) {
  return (record.protocol == ProtocolEnum::kHttp && record.port == kHttpPort) ||
         (record.protocol == ProtocolEnum::kHttps && record.port == kHttpsPort);
}

uint16_t PortOf(const ListenerRecord& record, const Doorway& doorway) {
  if (!SharesPort(record)) return static_cast<uint16_t>(record.port);
  return record.protocol == ProtocolEnum::kHttp ? doorway.http_port : doorway.https_port;
}

std::string OwnAddressOf(std::string_view load_balancer_arn) {
  // 127.64.0.0/10, away from the addresses that people and other programs choose.
  const std::string digest = Sha256(load_balancer_arn);
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(digest[i]); };
  return fmt::format("127.{}.{}.{}", 64 + byte(0) % 64, byte(1), 1 + byte(2) % 254);
}

balancer::TlsPolicy ToTlsPolicy(const ListenerRecord& record) {
  balancer::TlsPolicy out;
  const auto policy = GetSecurityPolicy(record.ssl_policy);
  if (policy.ok()) {
    out.minimum = (*policy)->minimum;
    out.maximum = (*policy)->maximum;
    out.ciphers = CipherListOf(**policy);
    out.ciphersuites = CipherSuitesOf(**policy);
  }
  // NLB user guide, page "ALPN policies".
  if (record.alpn_policy == "HTTP1Only") out.alpn = {"http/1.1"};
  if (record.alpn_policy == "HTTP2Only") out.alpn = {"h2"};
  if (record.alpn_policy == "HTTP2Optional") out.alpn = {"http/1.1", "h2"};
  if (record.alpn_policy == "HTTP2Preferred") out.alpn = {"h2", "http/1.1"};
  return out;
}

std::vector<std::pair<int, int>> ParseMatcher(std::string_view text) {
  std::vector<std::pair<int, int>> ranges;
  for (const std::string_view piece : Split(text, ',')) {
    const size_t dash = piece.find('-');
    const auto low = ParseUnsigned(piece.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : ParseUnsigned(piece.substr(dash + 1));
    if (!low || !high || *low > *high || *high > 999) return {};
    ranges.emplace_back(static_cast<int>(*low), static_cast<int>(*high));
  }
  return ranges;
}

Result<std::vector<balancer::AdmissionRule>> ToAdmission(const std::vector<ec2::IngressRule>& rules,
                                                         const std::vector<ListenerRecord>& listeners,
                                                         const Surroundings& around) {
  static const Cidr kLoopback = Cidr::ParseAddress("127.0.0.1").value();
  std::vector<balancer::AdmissionRule> admission;
  for (const ec2::IngressRule& rule : rules) {
    std::vector<std::string> blocks;
    if (!rule.cidr_ipv4.empty()) {
      blocks.push_back(rule.cidr_ipv4);
      const auto block = Cidr::Parse(rule.cidr_ipv4);
      if (block && block->Contains(kLoopback)) blocks.emplace_back("::1/128");
    }
    if (!rule.cidr_ipv6.empty()) blocks.push_back(rule.cidr_ipv6);
    if (!rule.referenced_group_id.empty()) {
      for (const std::string& address : TRY(around.members(rule.referenced_group_id)))
        blocks.push_back(address + "/32");
    }
    for (const ListenerRecord& listener : listeners) {
      if (!Lets(rule, listener)) continue;
      const uint16_t port = PortOf(listener, around.doorway);
      for (const std::string& block : blocks) {
        admission.push_back({.cidr = block, .port_first = port, .port_last = port});
      }
    }
  }
  return admission;
}

balancer::TargetGroup ToTargetGroup(const TargetGroupRecord& record, const Attributes& attributes,
                                    const std::vector<TargetRecord>& targets, const Doorway& doorway) {
  balancer::TargetGroup out;
  out.id = record.arn;
  out.protocol = ToTargetProtocol(record.protocol);
  if (record.protocol_version == "HTTP2") out.version = balancer::ProtocolVersion::kHttp2;
  if (record.protocol_version == "GRPC") out.version = balancer::ProtocolVersion::kGrpc;
  for (const TargetRecord& target : targets) out.targets.push_back(ToTarget(target, record, doorway));
  out.health_check = ToHealthCheck(record);
  out.deregistration_delay = seconds(NumberOf(attributes, attribute::kDeregistrationDelay));
  const std::string& cross_zone = TextOf(attributes, attribute::kCrossZone);
  if (cross_zone != "use_load_balancer_configuration") out.cross_zone = cross_zone == "true";
  out.healthy_routing_minimum = static_cast<int>(NumberOf(attributes, attribute::kHealthyCount));
  out.healthy_routing_minimum_percent = static_cast<int>(NumberOf(attributes, attribute::kHealthyPercent));
  if (OwnerOf(record) == kApplicationGroup) {
    FillApplicationGroup(attributes, out);
  } else {
    FillNetworkGroup(attributes, out);
  }
  return out;
}

Result<balancer::ConfigurationPtr> ToConfiguration(const store::ReadTx& tx, uint64_t number,
                                                   const Surroundings& around) {
  return Builder(tx, around).Build(number);
}

}  // namespace meetinity::elbv2

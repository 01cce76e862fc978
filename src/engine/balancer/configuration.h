#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "net/tls.h"

// What the balancer serves: plain structs, filled once and never changed afterwards. Every `id` is the caller's own
// (an ARN, say); the balancer compares ids and reports them back, and reads nothing into them. Strings that name
// patterns, hosts or headers are expected to have been checked already; what cannot work is answered with 500 and
// never stops the process.
namespace meetinity::balancer {

// ---- target groups

enum class TargetProtocol : uint8_t { kHttp, kHttps, kTcp, kTls, kUdp };

// What application targets speak. ALB user guide, "Target groups for your Application Load Balancers".
enum class ProtocolVersion : uint8_t { kHttp1, kHttp2, kGrpc };

enum class Algorithm : uint8_t {
  kRoundRobin,
  kLeastOutstanding,  // fewest requests in flight, over all reactors
  kWeightedRandom,    // even weights, lowered for targets that fail while others do not (anomaly_mitigation)
};

// One receiver. Identified within its group by `id`, which may be "10.0.3.7:8080": the same address may be registered
// with several ports.
struct Target {
  std::string id;
  std::string address;  // numeric; also what health checks send as Host and access logs show
  uint16_t port = 0;
  std::string zone;  // empty: of every zone
  // Where it is reached in truth, if that is not `address`:`port`.
  std::optional<std::pair<std::string, uint16_t>> reached_at = {};
  // Set from the moment it was deregistered until it leaves the configuration: gets nothing new, finishes what it has.
  std::optional<Instant> draining_since = {};
};

enum class Stickiness : uint8_t { kNone, kLoadBalancerCookie, kApplicationCookie, kSourceIp };

struct HealthCheck {
  bool enabled = true;
  TargetProtocol protocol = TargetProtocol::kHttp;  // kHttp, kHttps, kTcp
  std::optional<uint16_t> port = {};                // none: each target's own
  std::string path = "/";
  // Accepted codes, as closed ranges; of HTTP, or grpc-status where the group speaks gRPC.
  std::vector<std::pair<int, int>> matcher = {{200, 200}};
  Duration interval = std::chrono::seconds(30);
  Duration timeout = std::chrono::seconds(5);
  int healthy_threshold = 5;  // passes in a row, for one that was unhealthy; a new target needs one
  int unhealthy_threshold = 2;
};

struct TargetGroup {
  std::string id;
  TargetProtocol protocol = TargetProtocol::kHttp;
  ProtocolVersion version = ProtocolVersion::kHttp1;
  std::vector<Target> targets;
  HealthCheck health_check;

  Algorithm algorithm = Algorithm::kRoundRobin;
  bool anomaly_mitigation = false;
  Duration slow_start{0};  // with round robin; 0: off
  Duration deregistration_delay = std::chrono::seconds(300);
  // Whether targets of other zones than the listener's get traffic; none: as the load balancer has it.
  std::optional<bool> cross_zone = {};

  Stickiness stickiness = Stickiness::kNone;
  Duration stickiness_duration = kDay;
  std::string application_cookie;  // its name, for kApplicationCookie

  // Fewer healthy targets than this, or a smaller share in percent (0: not asked for): all targets get traffic.
  int healthy_routing_minimum = 1;
  int healthy_routing_minimum_percent = 0;

  // Network load balancers only.
  bool proxy_protocol_v2 = false;
  bool terminates_connections_when_drained = false;
  bool terminates_connections_when_unhealthy = true;
  // Clients' addresses cannot be kept on one machine: targets see the balancer's, unless proxy_protocol_v2 is on.
};

// ---- rules

// A pattern with '*' (any run) and '?' (any one character).
using Pattern = std::string;

struct HostHeaderCondition {  // case-insensitive; a port in Host is ignored
  std::vector<Pattern> patterns;
};
struct PathPatternCondition {  // case-sensitive, against the raw path
  std::vector<Pattern> patterns;
};
struct HttpHeaderCondition {  // each line of that name is tried; case-insensitive
  std::string name;
  std::vector<Pattern> patterns;
};
struct MethodCondition {  // exact
  std::vector<std::string> methods;
};
struct QueryStringCondition {  // case-insensitive; '\' takes the wildcards' meaning away
  struct Pair {
    std::optional<Pattern> key;
    Pattern value;
  };
  std::vector<Pair> pairs;
};
struct SourceIpCondition {         // of the connection's peer, never of X-Forwarded-For
  std::vector<std::string> cidrs;  // "10.0.0.0/8", "2001:db8::/32"
};
using Condition = std::variant<HostHeaderCondition, PathPatternCondition, HttpHeaderCondition, MethodCondition,
                               QueryStringCondition, SourceIpCondition>;

struct ForwardAction {
  struct Choice {
    std::string group_id;
    int weight = 1;  // 0 to 999; all 0: 503
  };
  std::vector<Choice> groups;
  std::optional<Duration> group_stickiness = {};  // how long a client stays with its group; none: off
};

// Location is "protocol://host:port/path?query" with the placeholders #{protocol}, #{host}, #{port}, #{path} (without
// its leading '/') and #{query} filled in.
struct RedirectAction {
  int status = 301;  // or 302
  std::string protocol = "#{protocol}";
  std::string host = "#{host}";
  std::string port = "#{port}";
  std::string path = "/#{path}";
  std::string query = "#{query}";
};

struct FixedResponseAction {
  int status = 200;
  std::string content_type;  // empty: none is sent
  std::string body;
};

using Action = std::variant<ForwardAction, RedirectAction, FixedResponseAction>;

struct Rule {
  int priority = 0;                   // 0: the default rule, which has no conditions and comes last
  std::vector<Condition> conditions;  // all of them must hold; within one, any of its values
  Action action;
};

// ---- listeners

enum class ListenerProtocol : uint8_t { kHttp, kHttps, kTcp, kTls, kUdp };

struct Certificate {
  std::string id;                  // for access logs
  std::vector<std::string> names;  // lower case, exact or "*.x": which server names it is shown for
  std::string chain_pem;           // leaf first
  std::string private_key_pem;
};

struct TlsPolicy {
  net::TlsVersion minimum = net::TlsVersion::kTls12;
  net::TlsVersion maximum = net::TlsVersion::kTls13;
  std::string ciphers;  // as net::TlsServerOptions has them; empty: its defaults
  std::string ciphersuites;
  // TLS listeners of network load balancers offer these; HTTPS ones offer h2 and http/1.1 by themselves.
  std::vector<std::string> alpn = {};
};

// Where a listener listens. Several when a load balancer has an address in each zone.
struct Binding {
  std::string address;
  uint16_t port = 0;
  std::string zone;  // connections that come in here belong to it; empty: to every zone
};

struct Listener {
  std::string id;
  ListenerProtocol protocol = ListenerProtocol::kHttp;
  uint16_t port = 0;                      // as clients know it: X-Forwarded-Port and redirects
  std::vector<Binding> bindings;          // none: requests come through Balancer::HandlerFor
  std::vector<Certificate> certificates;  // the first is the default, shown where no name matches
  TlsPolicy tls_policy;
  std::vector<Rule> rules;  // any order; by priority, the default rule last. TCP, TLS and UDP: the default rule alone
  Duration tcp_idle_timeout = std::chrono::seconds(350);
};

// ---- load balancers

enum class BalancerKind : uint8_t { kApplication, kNetwork };
enum class ForwardedForMode : uint8_t { kAppend, kPreserve, kRemove };
enum class DesyncMode : uint8_t { kMonitor, kDefensive, kStrictest };

// Whose connections are accepted: a security group's ingress, already cut down to one port.
struct AdmissionRule {
  std::string cidr;
  uint16_t port_first = 0;
  uint16_t port_last = 65'535;
};

struct LoadBalancer {
  std::string id;
  std::string name;
  BalancerKind kind = BalancerKind::kApplication;
  std::vector<Listener> listeners;
  // None: everybody may connect. An empty list: nobody.
  std::optional<std::vector<AdmissionRule>> admission = {};

  bool cross_zone = true;
  Duration idle_timeout = std::chrono::seconds(60);
  Duration client_keep_alive = std::chrono::seconds(3'600);  // how old a client's connection gets
  bool http2 = true;
  ForwardedForMode forwarded_for = ForwardedForMode::kAppend;
  bool forwarded_for_client_port = false;
  bool preserve_host_header = false;
  bool drop_invalid_header_fields = false;
  bool tls_headers = false;  // x-amzn-tls-version and x-amzn-tls-cipher-suite to the target
  DesyncMode desync = DesyncMode::kDefensive;
  bool logs_access = false;  // whether observers hear of each request
};

// Everything there is, complete. `number` grows with every change of state.
struct Configuration {
  uint64_t number = 0;
  std::vector<LoadBalancer> load_balancers;
  std::vector<TargetGroup> target_groups;
  // Encrypts stickiness cookies: any length, the same for as long as cookies are to be understood.
  std::string cookie_secret;
};
using ConfigurationPtr = std::shared_ptr<const Configuration>;

}  // namespace meetinity::balancer

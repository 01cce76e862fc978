#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "aws/elbv2/arns.h"
#include "aws/elbv2_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"
#include "wire/call.h"

// What Elastic Load Balancing remembers. Actions, conditions and transforms are kept as the JSON text of the model's
// shapes; everything else that is looked up has columns. How healthy a target is, is not state: the engine knows it.
namespace meetinity::elbv2 {

struct LoadBalancerRecord {
  std::string arn = {};
  std::string region = {};
  std::string name = {};
  std::string type = {};    // LoadBalancerTypeEnum
  std::string scheme = {};  // LoadBalancerSchemeEnum
  std::string vpc_id = {};
  std::string ip_address_type = {};
  std::string dns_name = {};
  std::string security_groups = {};  // one id a line
  Instant created_at = {};
  int64_t number = 0;  // of the transaction that made it: active once the data plane has adopted that

  static constexpr std::string_view kTable = "elbv2_load_balancers";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = LoadBalancerRecord;
    return std::tuple{store::Column{"arn", &R::arn},
                      store::Column{"region", &R::region},
                      store::Column{"name", &R::name},
                      store::Column{"type", &R::type},
                      store::Column{"scheme", &R::scheme},
                      store::Column{"vpc_id", &R::vpc_id},
                      store::Column{"ip_address_type", &R::ip_address_type},
                      store::Column{"dns_name", &R::dns_name},
                      store::Column{"security_groups", &R::security_groups},
                      store::Column{"created_at", &R::created_at},
                      store::Column{"number", &R::number}};
  }
};

// A load balancer's place in one zone.
struct ZoneRecord {
  std::string load_balancer_arn = {};
  std::string zone_name = {};
  std::string subnet_id = {};
  std::string interface_id = {};
  std::string private_address = {};  // as the owner chose it, else empty
  std::string allocation_id = {};

  static constexpr std::string_view kTable = "elbv2_zones";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = ZoneRecord;
    return std::tuple{store::Column{"load_balancer_arn", &R::load_balancer_arn},
                      store::Column{"zone_name", &R::zone_name},
                      store::Column{"subnet_id", &R::subnet_id},
                      store::Column{"interface_id", &R::interface_id},
                      store::Column{"private_address", &R::private_address},
                      store::Column{"allocation_id", &R::allocation_id}};
  }
};

struct ListenerRecord {
  std::string arn = {};
  std::string load_balancer_arn = {};
  int64_t number = 0;  // of its transaction: listed in the order of creation
  int32_t port = 0;
  std::string protocol = {};  // ProtocolEnum
  std::string ssl_policy = {};
  std::string certificate_arn = {};  // the default one
  std::string alpn_policy = {};

  static constexpr std::string_view kTable = "elbv2_listeners";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = ListenerRecord;
    return std::tuple{store::Column{"arn", &R::arn},
                      store::Column{"load_balancer_arn", &R::load_balancer_arn},
                      store::Column{"number", &R::number},
                      store::Column{"port", &R::port},
                      store::Column{"protocol", &R::protocol},
                      store::Column{"ssl_policy", &R::ssl_policy},
                      store::Column{"certificate_arn", &R::certificate_arn},
                      store::Column{"alpn_policy", &R::alpn_policy}};
  }
};

// A certificate besides the default one, picked by server name.
struct ListenerCertificateRecord {
  std::string listener_arn = {};
  std::string certificate_arn = {};

  static constexpr std::string_view kTable = "elbv2_listener_certificates";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = ListenerCertificateRecord;
    return std::tuple{store::Column{"listener_arn", &R::listener_arn},
                      store::Column{"certificate_arn", &R::certificate_arn}};
  }
};

// Behind every priority that owners give, so that the default rule sorts last.
inline constexpr int32_t kDefaultRulePriority = 1'000'000;

struct RuleRecord {
  std::string arn = {};
  std::string listener_arn = {};
  int32_t priority = kDefaultRulePriority;
  std::string actions = {};
  std::string conditions = {};
  std::string transforms = {};

  bool is_default() const { return priority == kDefaultRulePriority; }

  static constexpr std::string_view kTable = "elbv2_rules";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = RuleRecord;
    return std::tuple{store::Column{"arn", &R::arn},
                      store::Column{"listener_arn", &R::listener_arn},
                      store::Column{"priority", &R::priority},
                      store::Column{"actions", &R::actions},
                      store::Column{"conditions", &R::conditions},
                      store::Column{"transforms", &R::transforms}};
  }
};

// That a rule forwards to a target group: what makes the group used, and its load balancer known.
struct ForwardRecord {
  std::string rule_arn = {};
  std::string target_group_arn = {};
  std::string load_balancer_arn = {};

  static constexpr std::string_view kTable = "elbv2_forwards";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = ForwardRecord;
    return std::tuple{store::Column{"rule_arn", &R::rule_arn}, store::Column{"target_group_arn", &R::target_group_arn},
                      store::Column{"load_balancer_arn", &R::load_balancer_arn}};
  }
};

// The health check port of a group whose targets are checked where they get their traffic.
inline constexpr std::string_view kTrafficPort = "traffic-port";

struct TargetGroupRecord {
  std::string arn = {};
  std::string region = {};
  std::string name = {};
  std::string protocol = {};  // ProtocolEnum
  int32_t port = 0;
  std::string protocol_version = {};  // "HTTP1", "HTTP2", "GRPC"; empty for protocols that have none
  std::string vpc_id = {};
  std::string target_type = {};      // TargetTypeEnum
  std::string ip_address_type = {};  // TargetGroupIpAddressTypeEnum
  std::string health_check_protocol = {};
  std::string health_check_port = {};  // a number, or kTrafficPort
  std::string health_check_path = {};  // HTTP and HTTPS
  int32_t health_check_interval_seconds = 0;
  int32_t health_check_timeout_seconds = 0;
  int32_t healthy_threshold = 0;
  int32_t unhealthy_threshold = 0;
  std::string matcher = {};  // HTTP codes, or gRPC's; empty where nothing is matched
  Instant created_at = {};

  static constexpr std::string_view kTable = "elbv2_target_groups";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = TargetGroupRecord;
    return std::tuple{store::Column{"arn", &R::arn},
                      store::Column{"region", &R::region},
                      store::Column{"name", &R::name},
                      store::Column{"protocol", &R::protocol},
                      store::Column{"port", &R::port},
                      store::Column{"protocol_version", &R::protocol_version},
                      store::Column{"vpc_id", &R::vpc_id},
                      store::Column{"target_type", &R::target_type},
                      store::Column{"ip_address_type", &R::ip_address_type},
                      store::Column{"health_check_protocol", &R::health_check_protocol},
                      store::Column{"health_check_port", &R::health_check_port},
                      store::Column{"health_check_path", &R::health_check_path},
                      store::Column{"health_check_interval_seconds", &R::health_check_interval_seconds},
                      store::Column{"health_check_timeout_seconds", &R::health_check_timeout_seconds},
                      store::Column{"healthy_threshold", &R::healthy_threshold},
                      store::Column{"unhealthy_threshold", &R::unhealthy_threshold},
                      store::Column{"matcher", &R::matcher},
                      store::Column{"created_at", &R::created_at}};
  }
};

struct TargetRecord {
  std::string target_group_arn = {};
  std::string id = {};  // an address, or a load balancer's ARN
  int32_t port = 0;
  std::string availability_zone = {};
  int64_t number = 0;                          // of the transaction that registered it
  std::optional<Instant> draining_since = {};  // deregistered, and still finishing what it has

  static constexpr std::string_view kTable = "elbv2_targets";
  static constexpr int kKeyColumns = 3;
  static constexpr auto Columns() {
    using R = TargetRecord;
    return std::tuple{store::Column{"target_group_arn", &R::target_group_arn},
                      store::Column{"id", &R::id},
                      store::Column{"port", &R::port},
                      store::Column{"availability_zone", &R::availability_zone},
                      store::Column{"number", &R::number},
                      store::Column{"draining_since", &R::draining_since}};
  }
};

// An attribute that was set; those that were not have the defaults of attributes.h.
struct AttributeRecord {
  std::string arn = {};
  std::string key = {};
  std::string value = {};

  static constexpr std::string_view kTable = "elbv2_attributes";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = AttributeRecord;
    return std::tuple{store::Column{"arn", &R::arn}, store::Column{"key", &R::key}, store::Column{"value", &R::value}};
  }
};

struct TagRecord {
  std::string arn = {};
  std::string key = {};
  std::string value = {};

  static constexpr std::string_view kTable = "elbv2_tags";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = TagRecord;
    return std::tuple{store::Column{"arn", &R::arn}, store::Column{"key", &R::key}, store::Column{"value", &R::value}};
  }
};

// What the service keeps for itself: the key of stickiness cookies.
struct SecretRecord {
  std::string name = {};
  std::string secret = {};  // base64

  static constexpr std::string_view kTable = "elbv2_secrets";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = SecretRecord;
    return std::tuple{store::Column{"name", &R::name}, store::Column{"secret", &R::secret}};
  }
};

std::vector<store::Migration> Elbv2Migrations();

// By ARN: ValidationError for what is not such an ARN, …NotFound for what is not there.
Result<LoadBalancerRecord> GetLoadBalancer(const store::ReadTx& tx, const std::string& arn);
Result<ListenerRecord> GetListener(const store::ReadTx& tx, const std::string& arn);
Result<RuleRecord> GetRule(const store::ReadTx& tx, const std::string& arn);
Result<TargetGroupRecord> GetTargetGroup(const store::ReadTx& tx, const std::string& arn);

Result<std::vector<ZoneRecord>> ZonesOf(const store::ReadTx& tx, const std::string& load_balancer_arn);
Result<std::vector<ListenerRecord>> ListenersOf(const store::ReadTx& tx, const std::string& load_balancer_arn);
// In the order of evaluation, the default rule last.
Result<std::vector<RuleRecord>> RulesOf(const store::ReadTx& tx, const std::string& listener_arn);
Result<RuleRecord> DefaultRuleOf(const store::ReadTx& tx, const std::string& listener_arn);
Result<std::vector<TargetRecord>> TargetsOf(const store::ReadTx& tx, const std::string& target_group_arn);
// The load balancers whose rules forward to the group, each once.
Result<std::vector<std::string>> UsersOf(const store::ReadTx& tx, const std::string& target_group_arn);

// "one a line" columns.
std::vector<std::string> LinesOf(std::string_view column);
std::string ToLines(const std::vector<std::string>& items);

// Actions, conditions and transforms as they are kept.
std::string ToStored(const std::vector<Action>& actions);
std::string ToStored(const std::vector<RuleCondition>& conditions);
std::string ToStored(const std::vector<RuleTransform>& transforms);
Result<std::vector<Action>> ActionsOf(const RuleRecord& record);
Result<std::vector<RuleCondition>> ConditionsOf(const RuleRecord& record);
Result<std::vector<RuleTransform>> TransformsOf(const RuleRecord& record);

// Stores the rule, and what it forwards to.
Status PutRule(store::Tx& tx, const RuleRecord& record, const std::vector<Action>& actions,
               const std::string& load_balancer_arn);
// With what it forwards to, and its tags.
Status EraseRule(store::Tx& tx, const std::string& rule_arn);
// Attributes and tags of what is being deleted.
Status EraseNotes(store::Tx& tx, const std::string& arn);

// Of the region that a call was signed for.
std::string RegionOf(const wire::Call& call);
Place PlaceOf(const wire::Call& call);

}  // namespace meetinity::elbv2

extern template struct meetinity::store::RecordMapping<meetinity::elbv2::LoadBalancerRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::ZoneRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::ListenerRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::ListenerCertificateRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::RuleRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::ForwardRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::TargetGroupRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::TargetRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::AttributeRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::TagRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::elbv2::SecretRecord>;

#include <fmt/format.h>

#include <algorithm>

#include "aws/elbv2/actions.h"
#include "aws/elbv2/arns.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "aws/elbv2/paging.h"
#include "aws/elbv2/ssl_policies.h"
#include "aws/elbv2/state.h"
#include "aws/elbv2/tags.h"

// Listeners: made, listed, changed, deleted.
namespace meetinity::elbv2 {
namespace {

constexpr std::string_view kAlpnPolicies[] = {"HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"};

bool SpeaksTls(std::string_view protocol) { return protocol == ProtocolEnum::kHttps || protocol == ProtocolEnum::kTls; }

Status CheckProtocol(const LoadBalancerRecord& load_balancer, std::string_view protocol) {
  const bool is_network = load_balancer.type == LoadBalancerTypeEnum::kNetwork;
  const bool is_web = protocol == ProtocolEnum::kHttp || protocol == ProtocolEnum::kHttps;
  const bool is_flow =
      protocol == ProtocolEnum::kTcp || protocol == ProtocolEnum::kTls || protocol == ProtocolEnum::kUdp;
  if (is_network && is_flow) return {};
  if (!is_network && is_web) return {};
  // ValidationError for what AWS refuses too, UnsupportedProtocol for what only this cloud does.
  if (is_network && !is_web && protocol != ProtocolEnum::kGeneve) {
    return Error{Kind::kInvalid, kUnsupportedProtocol,
                 fmt::format("Protocol '{}' is not served here; use TCP, TLS or UDP", protocol)};
  }
  return Invalid(fmt::format("Listener protocol '{}' must be one of '{}'", protocol,
                             is_network ? "TCP, TLS, UDP" : "HTTP, HTTPS"));
}

// The default certificate of a request: exactly one.
Result<std::string> DefaultCertificateOf(const std::vector<Certificate>& given) {
  if (given.size() != 1) {
    return Error{Kind::kLimit, kTooManyCertificates,
                 "Exactly one certificate can be specified; others are added with AddListenerCertificates"};
  }
  if (given.front().is_default) return Invalid("IsDefault cannot be specified for a listener's certificate");
  return given.front().certificate_arn.value_or("");
}

Result<std::string> AlpnPolicyOf(const std::vector<std::string>& given, std::string_view protocol) {
  if (given.empty()) return std::string();
  if (protocol != ProtocolEnum::kTls) {
    return Error{Kind::kInvalid, kAlpnPolicyNotSupported, "ALPN policies are for TLS listeners"};
  }
  const bool known = given.size() == 1 && std::find(std::begin(kAlpnPolicies), std::end(kAlpnPolicies),
                                                    given.front()) != std::end(kAlpnPolicies);
  if (known) return given.front();
  return Error{Kind::kInvalid, kAlpnPolicyNotSupported,
               "The ALPN policy must be one of 'HTTP1Only, HTTP2Only, HTTP2Optional, HTTP2Preferred, None'"};
}

Status CheckMutualAuthentication(const std::optional<MutualAuthenticationAttributes>& wanted) {
  if (!wanted || wanted->mode.value_or("off") == "off") return {};
  return Misconfigured(fmt::format("Mutual authentication mode '{}' is not served here; use 'off'", *wanted->mode));
}

Status CheckPortIsFree(const store::ReadTx& tx, const ListenerRecord& record) {
  const int64_t others = TRY(tx.Count<ListenerRecord>("load_balancer_arn = ? AND port = ? AND arn <> ?",
                                                      {record.load_balancer_arn, int64_t{record.port}, record.arn}));
  if (others == 0) return {};
  return Error{
      Kind::kConflict, kDuplicateListener,
      fmt::format("A listener already exists on this port for this load balancer '{}'", record.load_balancer_arn)};
}

}  // namespace

template <class In>
Status Elbv2::FillListener(const Call& call, const LoadBalancerRecord& load_balancer, const In& in,
                           ListenerRecord& record) const {
  if (in.protocol) record.protocol = *in.protocol;
  if (in.port) record.port = *in.port;
  if (record.protocol.empty()) return Invalid("A listener protocol must be specified");
  if (record.port == 0) return Invalid("A listener port must be specified");
  TRY(CheckProtocol(load_balancer, record.protocol));
  TRY(CheckMutualAuthentication(in.mutual_authentication));
  const std::vector<Certificate> certificates = in.certificates.value_or(std::vector<Certificate>());
  record.alpn_policy = in.alpn_policy ? TRY(AlpnPolicyOf(*in.alpn_policy, record.protocol)) : record.alpn_policy;
  if (!SpeaksTls(record.protocol)) {
    if (!certificates.empty()) {
      return Misconfigured(fmt::format("Certificates cannot be specified for {} listeners", record.protocol));
    }
    if (in.ssl_policy)
      return Misconfigured(fmt::format("An SSL policy cannot be specified for {} listeners", record.protocol));
    record.ssl_policy.clear();
    record.certificate_arn.clear();
    record.alpn_policy.clear();
    return {};
  }
  if (record.protocol != ProtocolEnum::kTls) record.alpn_policy.clear();
  if (!certificates.empty()) {
    record.certificate_arn = TRY(DefaultCertificateOf(certificates));
    TRY(CheckCertificate(call, record.certificate_arn));
  }
  if (record.certificate_arn.empty()) {
    return Invalid(fmt::format("A certificate must be specified for {} listeners", record.protocol));
  }
  record.ssl_policy =
      in.ssl_policy.value_or(record.ssl_policy.empty() ? std::string(kDefaultSslPolicy) : record.ssl_policy);
  TRY(GetSecurityPolicy(record.ssl_policy));
  return {};
}

namespace {

Result<Listener> Describe(const store::ReadTx& tx, const ListenerRecord& record) {
  Listener out;
  out.listener_arn = record.arn;
  out.load_balancer_arn = record.load_balancer_arn;
  out.port = record.port;
  out.protocol = record.protocol;
  if (SpeaksTls(record.protocol)) {
    out.ssl_policy = record.ssl_policy;
    out.certificates = {Certificate{.certificate_arn = record.certificate_arn}};
  }
  if (record.protocol == ProtocolEnum::kHttps)
    out.mutual_authentication = MutualAuthenticationAttributes{.mode = "off"};
  if (!record.alpn_policy.empty()) out.alpn_policy = {record.alpn_policy};
  out.default_actions = TRY(ActionsOf(TRY(DefaultRuleOf(tx, record.arn))));
  return out;
}

}  // namespace

Status Elbv2::CheckListens(const std::string& listener_arn) const {
  for (const balancer::ListenerProblem& problem : data_plane_.Problems()) {
    if (problem.listener_id == listener_arn) return Misconfigured(problem.error.detail);
  }
  return {};
}

Result<CreateListenerOutput> Elbv2::CreateListener(const Call& call, const CreateListenerInput& in) {
  ListenerRecord record;
  auto made = Change([&](store::Tx& tx) -> Result<CreateListenerOutput> {
    const LoadBalancerRecord load_balancer = TRY(GetLoadBalancer(tx, in.load_balancer_arn));
    record = {.arn = NewListenerArn(load_balancer.arn), .load_balancer_arn = load_balancer.arn};
    record.number = static_cast<int64_t>(tx.number());
    TRY(FillListener(call, load_balancer, in, record));
    TRY(CheckPortIsFree(tx, record));
    if (TRY(ListenersOf(tx, load_balancer.arn)).size() >= size_t{kListenersMax}) {
      return Error{Kind::kLimit, kTooManyListeners,
                   fmt::format("You've reached the limit of {} listeners for load balancer '{}'", kListenersMax,
                               load_balancer.name)};
    }
    const auto actions = TRY(NormalizeActions(tx, load_balancer, record.protocol, in.default_actions));
    RuleRecord rule{.arn = NewRuleArn(record.arn), .listener_arn = record.arn};
    rule.actions = ToStored(actions);
    TRY(WithCertificates(tx, load_balancer.arn, [&] { return tx.Put(record); }));
    TRY(PutRule(tx, rule, actions, load_balancer.arn));
    TRY(PutTags(tx, record.arn, in.tags));
    CreateListenerOutput out;
    out.listeners = {TRY(Describe(tx, record))};
    return out;
  });
  if (!made.ok()) return made;
  Status listens = CheckListens(record.arn);
  if (listens.ok()) return made;
  // A port that somebody else has on this machine: better no listener than one that never listens.
  TRY(Change([&](store::Tx& tx) -> Status {
    return WithCertificates(tx, record.load_balancer_arn, [&] { return EraseListener(tx, record); });
  }));
  return std::move(listens).error();
}

Result<DescribeListenersOutput> Elbv2::DescribeListeners(const Call&, const DescribeListenersInput& in) {
  const bool by_arn = in.listener_arns && !in.listener_arns->empty();
  if (by_arn == in.load_balancer_arn.has_value()) {
    return Invalid("You must specify either listener ARNs or a load balancer ARN");
  }
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeListenersOutput> {
    std::vector<ListenerRecord> records;
    if (by_arn) {
      for (const std::string& arn : *in.listener_arns) records.push_back(TRY(GetListener(tx, arn)));
    } else {
      TRY(GetLoadBalancer(tx, *in.load_balancer_arn));
      records = TRY(ListenersOf(tx, *in.load_balancer_arn));
    }
    auto page = TRY(
        TakePage(std::move(records), in.marker, in.page_size, [](const ListenerRecord& record) { return record.arn; }));
    DescribeListenersOutput out;
    out.next_marker = std::move(page.next_marker);
    out.listeners.emplace();
    for (const ListenerRecord& record : page.items) out.listeners->push_back(TRY(Describe(tx, record)));
    return out;
  });
}

Result<ModifyListenerOutput> Elbv2::ModifyListener(const Call& call, const ModifyListenerInput& in) {
  ListenerRecord before;
  RuleRecord rule_before;
  auto changed = Change([&](store::Tx& tx) -> Result<ModifyListenerOutput> {
    before = TRY(GetListener(tx, in.listener_arn));
    rule_before = TRY(DefaultRuleOf(tx, before.arn));
    ListenerRecord record = before;
    const LoadBalancerRecord load_balancer = TRY(GetLoadBalancer(tx, record.load_balancer_arn));
    TRY(FillListener(call, load_balancer, in, record));
    TRY(CheckPortIsFree(tx, record));
    RuleRecord rule = rule_before;
    // What it did so far must also do for another protocol.
    const bool has_actions = in.default_actions && !in.default_actions->empty();
    const auto wanted = has_actions ? *in.default_actions : TRY(ActionsOf(rule));
    const auto actions = TRY(NormalizeActions(tx, load_balancer, record.protocol, wanted));
    for (const RuleRecord& other : TRY(RulesOf(tx, record.arn))) {
      if (other.is_default() || record.protocol == before.protocol) continue;
      TRY(NormalizeActions(tx, load_balancer, record.protocol, TRY(ActionsOf(other))));
    }
    rule.actions = ToStored(actions);
    TRY(WithCertificates(tx, load_balancer.arn, [&]() -> Status {
      if (!SpeaksTls(record.protocol)) {
        TRY(tx.DeleteWhere<ListenerCertificateRecord>("listener_arn = ?", {store::Value(record.arn)}));
      }
      return tx.Put(record);
    }));
    TRY(PutRule(tx, rule, actions, load_balancer.arn));
    ModifyListenerOutput out;
    out.listeners = {TRY(Describe(tx, record))};
    return out;
  });
  if (!changed.ok()) return changed;
  Status listens = CheckListens(before.arn);
  const bool moved = changed->listeners->front().port != before.port;
  if (listens.ok() || !moved) return changed;
  TRY(Change([&](store::Tx& tx) -> Status {
    TRY(WithCertificates(tx, before.load_balancer_arn, [&] { return tx.Put(before); }));
    return PutRule(tx, rule_before, TRY(ActionsOf(rule_before)), before.load_balancer_arn);
  }));
  return std::move(listens).error();
}

Status Elbv2::EraseListener(store::Tx& tx, const ListenerRecord& record) {
  for (const RuleRecord& rule : TRY(RulesOf(tx, record.arn))) TRY(EraseRule(tx, rule.arn));
  TRY(tx.DeleteWhere<ListenerCertificateRecord>("listener_arn = ?", {store::Value(record.arn)}));
  TRY(EraseNotes(tx, record.arn));
  TRY(tx.Delete<ListenerRecord>(record.arn));
  return {};
}

Result<DeleteListenerOutput> Elbv2::DeleteListener(const Call&, const DeleteListenerInput& in) {
  return Change([&](store::Tx& tx) -> Result<DeleteListenerOutput> {
    const ListenerRecord record = TRY(GetListener(tx, in.listener_arn));
    const int64_t as_target =
        TRY(tx.Count<TargetRecord>("id = ? AND port = ?", {record.load_balancer_arn, int64_t{record.port}}));
    if (as_target > 0) {
      return Error{Kind::kConflict, kResourceInUse,
                   fmt::format("Listener '{}' is currently in use by a target group", record.arn)};
    }
    TRY(WithCertificates(tx, record.load_balancer_arn, [&] { return EraseListener(tx, record); }));
    return DeleteListenerOutput{};
  });
}

}  // namespace meetinity::elbv2

#include "engine/balancer/snapshot.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/balancer/shown_certificate.h"

namespace meetinity::balancer {
namespace {

std::vector<Cidr> ParseBlocks(const std::vector<std::string>& texts) {
  std::vector<Cidr> blocks;
  for (const std::string& text : texts) {
    auto block = Cidr::Parse(text);
    if (!block) block = Cidr::ParseAddress(text);
    if (block) blocks.push_back(*block);
  }
  return blocks;
}

net::Endpoint EndpointOf(const TargetGroup& group, const Target& target, const Snapshot::Known& known) {
  net::Endpoint endpoint;
  endpoint.address = target.reached_at ? target.reached_at->first : target.address;
  endpoint.port = target.reached_at ? target.reached_at->second : target.port;
  const bool is_http2 = group.version != ProtocolVersion::kHttp1;
  endpoint.version = is_http2 ? net::HttpVersion::kHttp2 : net::HttpVersion::kHttp11;
  if (group.protocol == TargetProtocol::kHttps) endpoint.tls = is_http2 ? known.tls_http2 : known.tls_http1;
  return endpoint;
}

}  // namespace

const TargetView* GroupView::Find(std::string_view target_id) const {
  for (const TargetView& target : targets) {
    if (target.config->id == target_id) return &target;
  }
  return nullptr;
}

bool LiesIn(const std::vector<Cidr>& blocks, std::string_view address) {
  const auto one = Cidr::ParseAddress(address);
  return one && std::ranges::any_of(blocks, [&one](const Cidr& block) { return block.Contains(*one); });
}

bool ListenerView::Admits(std::string_view address) const { return admits_all || LiesIn(admitted, address); }

const Certificate* ListenerView::CertificateFor(std::string_view server_name) const {
  return PickByName(config->certificates, server_name);
}

Snapshot::Snapshot(ConfigurationPtr config, Known& known)
    : config_(std::move(config)),
      cookies_(config_->cookie_secret),
      tls_http1_(known.tls_http1),
      tls_http2_(known.tls_http2) {
  Known kept;
  std::swap(kept.receivers, known.receivers);
  std::swap(kept.ledgers, known.ledgers);
  for (const TargetGroup& group : config_->target_groups) {
    for (const Target& target : group.targets) {
      const auto key = std::pair(group.id, target.id);
      const auto found = kept.receivers.find(key);
      known.receivers[key] = found != kept.receivers.end()
                                 ? found->second
                                 : std::make_shared<Receiver>(group.id, target.id, known.reactors);
    }
    AddGroup(group, known);
  }
  for (const LoadBalancer& balancer : config_->load_balancers) {
    const auto found = kept.ledgers.find(balancer.id);
    known.ledgers[balancer.id] =
        found != kept.ledgers.end() ? found->second : std::make_shared<BalancerLedger>(known.reactors);
    for (const Listener& listener : balancer.listeners) AddListener(balancer, listener, known);
  }
}

void Snapshot::AddGroup(const TargetGroup& group, Known& known) {
  auto view = std::make_unique<GroupView>();
  view->config = &group;
  view->fingerprint = GroupFingerprint(group.id);
  for (const Target& target : group.targets) {
    view->targets.push_back(
        {&target, known.receivers.at(std::pair(group.id, target.id)), EndpointOf(group, target, known)});
  }
  groups_by_id_[group.id] = view.get();
  groups_.push_back(std::move(view));
}

RuleView Snapshot::MakeRule(const Rule& rule, bool is_network) {
  RuleView view;
  view.config = &rule;
  for (const Condition& condition : rule.conditions) {
    if (const auto* source = std::get_if<SourceIpCondition>(&condition)) {
      view.blocks.push_back(ParseBlocks(source->cidrs));
    }
  }
  const auto* forward = std::get_if<ForwardAction>(&rule.action);
  if (forward == nullptr) return view;
  for (const ForwardAction::Choice& choice : forward->groups) {
    const auto found = groups_by_id_.find(choice.group_id);
    GroupView* const group = found == groups_by_id_.end() ? nullptr : found->second;
    view.choices.push_back({group, std::max(choice.weight, 0)});
    view.weight_sum += std::max(choice.weight, 0);
    if (group == nullptr) continue;
    group->in_use = true;
    group->is_network = is_network;
  }
  return view;
}

void Snapshot::AddListener(const LoadBalancer& balancer, const Listener& listener, Known& known) {
  auto view = std::make_unique<ListenerView>();
  view->balancer = &balancer;
  view->config = &listener;
  view->ledger = known.ledgers.at(balancer.id);
  for (const Rule& rule : listener.rules) {
    view->rules.push_back(MakeRule(rule, balancer.kind == BalancerKind::kNetwork));
  }
  // By priority, the default rule (0) last.
  std::ranges::stable_sort(view->rules, {}, [](const RuleView& rule) {
    return static_cast<uint32_t>(rule.config->priority) - 1;  // 0 becomes the largest
  });
  view->admits_all = !balancer.admission.has_value();
  if (balancer.admission) {
    std::vector<std::string> cidrs;
    for (const AdmissionRule& rule : *balancer.admission) {
      if (rule.port_first <= listener.port && listener.port <= rule.port_last) cidrs.push_back(rule.cidr);
    }
    view->admitted = ParseBlocks(cidrs);
  }
  // Idle connections to application targets are kept for as long as the load balancer keeps its clients'.
  for (const RuleView& rule : view->rules) {
    for (const RuleView::Choice& choice : rule.choices) {
      if (choice.group == nullptr || view->balancer->kind != BalancerKind::kApplication) continue;
      for (TargetView& target : groups_by_id_.at(choice.group->config->id)->targets) {
        target.endpoint.idle_timeout = balancer.idle_timeout;
      }
    }
  }
  const size_t slot = known.slots.try_emplace(listener.id, known.slots.size()).first->second;
  if (listeners_.size() <= slot) listeners_.resize(slot + 1, nullptr);
  listeners_[slot] = view.get();
  views_.push_back(std::move(view));
}

const GroupView* Snapshot::FindGroup(std::string_view id) const {
  const auto found = groups_by_id_.find(id);
  return found == groups_by_id_.end() ? nullptr : found->second;
}

}  // namespace meetinity::balancer

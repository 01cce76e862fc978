#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/cidr.h"
#include "engine/balancer/configuration.h"
#include "engine/balancer/receiver.h"
#include "engine/balancer/sticky_cookie.h"
#include "net/http_client.h"

namespace meetinity::balancer {

// A configuration as it is looked up while serving: ids resolved, addresses parsed, rules in order. Immutable, and kept
// alive by whoever serves with it.
struct TargetView {
  const Target* config = nullptr;
  ReceiverPtr receiver;
  net::Endpoint endpoint;  // application groups: what HttpClient is given
  // A request that began with an older configuration must not go to one that a newer one drains.
  bool may_get_new() const { return !config->draining_since && receiver->state() != TargetState::kDraining; }
};

struct GroupView {
  const TargetGroup* config = nullptr;
  uint64_t fingerprint = 0;
  std::vector<TargetView> targets;  // in the configuration's order, draining ones among them
  bool in_use = false;              // a listener leads here
  bool is_network = false;          // one of a network load balancer

  const TargetView* Find(std::string_view target_id) const;
};

struct RuleView {
  const Rule* config = nullptr;
  std::vector<std::vector<Cidr>> blocks;  // of each SourceIpCondition, in order
  struct Choice {
    const GroupView* group = nullptr;  // null: no such group
    int weight = 0;
  };
  std::vector<Choice> choices;  // of a ForwardAction
  int weight_sum = 0;
};

struct ListenerView {
  const LoadBalancer* balancer = nullptr;
  const Listener* config = nullptr;
  BalancerLedgerPtr ledger;
  std::vector<RuleView> rules;
  std::vector<Cidr> admitted;
  bool admits_all = true;

  bool Admits(std::string_view address) const;
  const Certificate* CertificateFor(std::string_view server_name) const;  // null without any
};

// Numbers listeners for the time of the process, so that a request finds its own without comparing ids.
using ListenerSlots = std::map<std::string, size_t, std::less<>>;

class Snapshot {
 public:
  // Whatever outlives a configuration.
  struct Known {
    std::map<std::pair<std::string, std::string>, ReceiverPtr> receivers;  // by group and target
    std::map<std::string, BalancerLedgerPtr, std::less<>> ledgers;
    ListenerSlots slots;
    std::shared_ptr<const net::TlsClientContext> tls_http1, tls_http2;  // to targets
    size_t reactors = 1;
  };

  // Adds to `known` what is new in the configuration and lets go of what is not in it any more.
  Snapshot(ConfigurationPtr config, Known& known);

  uint64_t number() const { return config_->number; }
  const Configuration& config() const { return *config_; }
  const ListenerView* listener(size_t slot) const { return slot < listeners_.size() ? listeners_[slot] : nullptr; }
  const std::vector<std::unique_ptr<ListenerView>>& all_listeners() const { return views_; }
  const std::vector<std::unique_ptr<GroupView>>& groups() const { return groups_; }
  const GroupView* FindGroup(std::string_view id) const;
  const CookieSealer& cookies() const { return cookies_; }
  // What targets' TLS is spoken with; takes any certificate, as load balancers do.
  const std::shared_ptr<const net::TlsClientContext>& TlsTo(bool is_http2) const {
    return is_http2 ? tls_http2_ : tls_http1_;
  }

 private:
  void AddGroup(const TargetGroup& group, Known& known);
  void AddListener(const LoadBalancer& balancer, const Listener& listener, Known& known);
  RuleView MakeRule(const Rule& rule, bool is_network);

  const ConfigurationPtr config_;
  const CookieSealer cookies_;
  const std::shared_ptr<const net::TlsClientContext> tls_http1_, tls_http2_;
  std::vector<std::unique_ptr<GroupView>> groups_;
  std::unordered_map<std::string_view, GroupView*> groups_by_id_;
  std::vector<std::unique_ptr<ListenerView>> views_;
  std::vector<const ListenerView*> listeners_;  // by slot
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Whether an address, as text, lies in one of the blocks.
bool LiesIn(const std::vector<Cidr>& blocks, std::string_view address);

}  // namespace meetinity::balancer

#include "aws/elbv2/publisher.h"

#include <set>
#include <variant>

#include "aws/elbv2/errors.h"
#include "aws/elbv2/log_delivery.h"
#include "aws/elbv2/state.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/balancer/shown_certificate.h"

namespace meetinity::elbv2 {
namespace {

// Front doors know exact names, and a wildcard for one whole label.
bool IsRoutable(std::string_view host) {
  const std::string_view rest = host.starts_with("*.") ? host.substr(2) : host;
  return !rest.empty() && rest.find_first_of("*?") == std::string_view::npos;
}

const balancer::Listener* FindShared(const balancer::LoadBalancer& load_balancer, const std::set<std::string>& shared,
                                     balancer::ListenerProtocol protocol) {
  for (const balancer::Listener& listener : load_balancer.listeners) {
    if (listener.protocol == protocol && shared.contains(listener.id)) return &listener;
  }
  return nullptr;
}

}  // namespace

void Publisher::SetSurroundings(Doorway doorway, std::string cookie_secret) {
  basics_.With([&](Basics& basics) {
    basics.doorway = std::move(doorway);
    basics.cookie_secret = std::move(cookie_secret);
  });
}

void Publisher::OnPublish(std::function<void(const Published&)> published) {
  const std::lock_guard lock(publishing_);
  published_ = std::move(published);
}

Result<Publication> Publisher::Build(const store::ReadTx& tx, uint64_t number) const {
  Surroundings around;
  basics_.With([&](const Basics& basics) {
    around.doorway = basics.doorway;
    around.cookie_secret = basics.cookie_secret;
  });
  around.certificate = [this](const std::string& arn) { return CertificateOf(arn); };
  around.ingress = [&](const std::vector<std::string>& groups) { return ec2_.IngressRules(tx, groups); };
  around.members = [&](const std::string& group) { return ec2_.PrivateAddressesOf(tx, group); };
  Publication next;
  next.configuration = TRY(ToConfiguration(tx, number, around));
  for (const auto& record : TRY(tx.Select<LoadBalancerRecord>("1"))) {
    next.dns_names[record.arn] = record.dns_name;
    const Attributes attributes = TRY(AttributesOf(tx, record));
    if (IsOn(attributes, attribute::kAccessLogs)) next.log_streams[record.arn] = LogStream(record.arn, attributes);
    for (ListenerRecord& listener : TRY(ListenersOf(tx, record.arn))) {
      if (SharesPort(listener)) next.shared_listeners.insert(std::move(listener.arn));
    }
  }
  return next;
}

void Publisher::Publish(const Publication& next) {
  const std::lock_guard lock(publishing_);
  const uint64_t number = next.configuration->number;
  // Another thread that committed later may have been here first; its configuration holds our change, too.
  if (number <= published_number_) return;
  published_number_ = number;
  data_plane_.Publish(next.configuration, [this, number] {
    uint64_t before = adopted_.load();
    while (before < number && !adopted_.compare_exchange_weak(before, number)) {
    }
  });
  if (!published_) return;
  std::map<std::string, Entrance> entrances;
  std::map<std::string, Context> contexts;
  for (const balancer::LoadBalancer& load_balancer : next.configuration->load_balancers) {
    AddEntrances(load_balancer, next, entrances, contexts);
  }
  contexts_ = std::move(contexts);
  Published published{.entrances = {}, .log_streams = next.log_streams};
  for (auto& [host, entrance] : entrances) published.entrances.push_back(std::move(entrance));
  published_(published);
}

Result<balancer::Certificate> Publisher::CertificateOf(const std::string& arn) const {
  acm::CertificateMaterial material = TRY(acm_.GetMaterial(arn));
  balancer::Certificate out;
  out.id = arn;
  for (const std::string& name : material.dns_names) out.names.push_back(ToLower(name));
  out.chain_pem = material.certificate_pem + material.chain_pem;
  out.private_key_pem = std::move(material.private_key_pem);
  return out;
}

Publisher::Context Publisher::ContextOf(const balancer::LoadBalancer& load_balancer, const balancer::Listener& listener,
                                        std::string_view host, std::map<std::string, Context>& contexts) const {
  const balancer::Certificate* certificate = balancer::PickByName(listener.certificates, host);
  if (certificate == nullptr) return nullptr;
  const net::TlsServerOptions options = balancer::TlsOptionsFor(load_balancer, listener, *certificate);
  // Imported again or renewed under the same ARN, it has other bytes and so another context.
  const std::string key = balancer::FingerprintOf(options);
  Context& context = contexts[key];
  if (context) return context;
  if (const auto known = contexts_.find(key); known != contexts_.end()) return context = known->second;
  auto made = net::TlsServerContext::Create(options);
  if (!made.ok()) {
    Log(LogLevel::kError, "elbv2", "{} cannot be shown: {}", certificate->id, made.error().detail);
    return nullptr;
  }
  return context = std::move(made).value();
}

void Publisher::AddEntrances(const balancer::LoadBalancer& load_balancer, const Publication& all,
                             std::map<std::string, Entrance>& entrances,
                             std::map<std::string, Context>& contexts) const {
  const auto& shared = all.shared_listeners;
  const auto* http = FindShared(load_balancer, shared, balancer::ListenerProtocol::kHttp);
  const auto* https = FindShared(load_balancer, shared, balancer::ListenerProtocol::kHttps);
  if (http == nullptr && https == nullptr) return;
  std::vector<std::string> hosts = HostsOf(load_balancer, shared);
  hosts.insert(hosts.begin(), all.dns_names.at(load_balancer.id));
  for (std::string& host : hosts) {
    Entrance entrance{.host = host};
    if (http != nullptr) entrance.http_listener = http->id;
    if (https != nullptr) {
      entrance.https_listener = https->id;
      entrance.certificate = ContextOf(load_balancer, *https, host, contexts);
    }
    // Of two load balancers that ask for one name, the older has it.
    entrances.emplace(std::move(host), std::move(entrance));
  }
}

std::vector<std::string> HostsOf(const balancer::LoadBalancer& load_balancer,
                                 const std::set<std::string>& shared_listeners) {
  std::set<std::string> hosts;
  const auto add = [&](const std::string& name) {
    std::string host = ToLower(name);
    if (IsRoutable(host)) hosts.insert(std::move(host));
  };
  for (const balancer::Listener& listener : load_balancer.listeners) {
    if (!shared_listeners.contains(listener.id)) continue;
    for (const balancer::Certificate& certificate : listener.certificates) {
      for (const std::string& name : certificate.names) add(name);
    }
    for (const balancer::Rule& rule : listener.rules) {
      for (const balancer::Condition& condition : rule.conditions) {
        const auto* by_host = std::get_if<balancer::HostHeaderCondition>(&condition);
        if (by_host == nullptr) continue;
        for (const std::string& pattern : by_host->patterns) add(pattern);
      }
    }
  }
  return {hosts.begin(), hosts.end()};
}

}  // namespace meetinity::elbv2

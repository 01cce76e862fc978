#include "engine/balancer/certificate_desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"
#include "engine/balancer/balancer.h"
#include "engine/balancer/snapshot.h"

namespace meetinity::balancer {
namespace {

net::TlsServerOptions OptionsFor(const LoadBalancer& balancer, const Listener& listener,
                                 const Certificate& certificate) {
  net::TlsServerOptions options;
  options.certificate_chain_pem = certificate.chain_pem;
  options.private_key_pem = certificate.private_key_pem;
  options.minimum = listener.tls_policy.minimum;
  options.maximum = listener.tls_policy.maximum;
  options.ciphers = listener.tls_policy.ciphers;
  options.ciphersuites = listener.tls_policy.ciphersuites;
  options.alpn = listener.tls_policy.alpn;
  if (listener.protocol == ListenerProtocol::kHttps) {
    options.alpn = balancer.http2 ? std::vector<std::string>{"h2", "http/1.1"} : std::vector<std::string>{"http/1.1"};
  }
  return options;
}

std::string FingerprintOf(const net::TlsServerOptions& options) {
  std::string all = fmt::format("{}|{}|{}|{}|", static_cast<int>(options.minimum), static_cast<int>(options.maximum),
                                options.ciphers, options.ciphersuites);
  for (const std::string& name : options.alpn) all.append(name).append(",");
  return Sha256(all.append("|").append(options.certificate_chain_pem).append("|").append(options.private_key_pem));
}

}  // namespace

CertificateDesk::CertificateDesk() {
  auto acceptor = net::TlsAcceptor::Create(*this);
  CHECK(acceptor.ok());
  acceptor_ = std::move(acceptor).value();
}

void CertificateDesk::Publish(std::shared_ptr<const CertificateTable> table) {
  table_.With([&](auto& held) { held = std::move(table); });
}

std::shared_ptr<const net::TlsServerContext> CertificateDesk::Select(std::string_view server_name) {
  const auto table = table_.With([](const auto& held) { return held; });
  if (!table || table->entries.empty()) return nullptr;
  const CertificateTable::Entry* wildcard = nullptr;
  for (const CertificateTable::Entry& entry : table->entries) {
    for (const std::string& name : entry.names) {
      if (name == server_name) return entry.context;
      if (wildcard == nullptr && CoversName(name, server_name)) wildcard = &entry;
    }
  }
  return wildcard != nullptr ? wildcard->context : table->entries.front().context;
}

CertificateDesk& DeskBook::desk(size_t slot) {
  return places_.With([slot](auto& places) -> CertificateDesk& {
    auto& place = places[slot];
    if (!place) place = std::make_unique<Place>();
    return place->desk;
  });
}

void DeskBook::Publish(size_t slot, const LoadBalancer& balancer, const Listener& listener, Status& problem) {
  places_.With([&](auto& places) {
    auto& place = places[slot];
    if (!place) place = std::make_unique<Place>();
    Contexts kept;
    auto table = std::make_shared<CertificateTable>();
    for (const Certificate& certificate : listener.certificates) {
      const net::TlsServerOptions options = OptionsFor(balancer, listener, certificate);
      const std::string fingerprint = FingerprintOf(options);
      auto& context = kept[fingerprint];
      if (const auto found = place->contexts.find(fingerprint); found != place->contexts.end()) context = found->second;
      if (!context) {
        auto made = net::TlsServerContext::Create(options);
        if (!made.ok()) {
          problem = Error{Kind::kInvalid, kCertificateFailed,
                          fmt::format("certificate {}: {}", certificate.id, made.error().detail)};
          kept.erase(fingerprint);
          continue;
        }
        context = std::move(made).value();
      }
      table->entries.push_back({certificate.names, context});
    }
    place->contexts = std::move(kept);
    place->desk.Publish(std::move(table));
  });
}

}  // namespace meetinity::balancer

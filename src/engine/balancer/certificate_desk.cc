#include "engine/balancer/certificate_desk.h"

#include <fmt/format.h>

#include "base/check.h"
#include "engine/balancer/balancer.h"
#include "engine/balancer/shown_certificate.h"

namespace meetinity::balancer {

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
  const CertificateTable::Entry* entry = table ? PickByName(table->entries, server_name) : nullptr;
  return entry != nullptr ? entry->context : nullptr;
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
      const net::TlsServerOptions options = TlsOptionsFor(balancer, listener, certificate);
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

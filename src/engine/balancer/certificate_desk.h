#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "engine/balancer/configuration.h"
#include "net/tls.h"
#include "net/tls_acceptor.h"

namespace meetinity::balancer {

// A listener's certificates, ready for handshakes; immutable once published.
struct CertificateTable {
  struct Entry {
    std::vector<std::string> names;
    std::shared_ptr<const net::TlsServerContext> context;
  };
  std::vector<Entry> entries;  // the first is the default
};

// Picks a listener's certificate by server name: exact over wildcard over the default, so that no handshake fails for a
// name. Thread-safe; handshakes are rare enough for a lock.
class CertificateDesk final : public net::CertificateSelector {
 public:
  CertificateDesk();
  void Publish(std::shared_ptr<const CertificateTable> table);
  std::shared_ptr<const net::TlsServerContext> Select(std::string_view server_name) override;
  const net::TlsAcceptor& acceptor() const { return *acceptor_; }

 private:
  Guarded<std::shared_ptr<const CertificateTable>> table_;
  std::unique_ptr<net::TlsAcceptor> acceptor_;
};

// The desks of all listeners, by slot. A desk stays where it is for as long as the balancer lives.
class DeskBook {
 public:
  CertificateDesk& desk(size_t slot);

  // Makes a listener's table; contexts of an earlier one are taken over where nothing about them changed. Certificates
  // that cannot be used are left out and told of in `problem`.
  void Publish(size_t slot, const LoadBalancer& balancer, const Listener& listener, Status& problem);

 private:
  using Contexts = std::map<std::string, std::shared_ptr<const net::TlsServerContext>>;
  struct Place {
    CertificateDesk desk;
    Contexts contexts;  // by everything that they are made of
  };
  Guarded<std::map<size_t, std::unique_ptr<Place>>> places_;
};

}  // namespace meetinity::balancer

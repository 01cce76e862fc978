#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/balancer/configuration.h"
#include "net/tls.h"

// Which of a listener's certificates a client is shown, and how. Pure; also for whoever accepts connections in a
// listener's place.
namespace meetinity::balancer {

// Whether a server name is covered by a certificate's name: exact, or "*.x" for one label more.
bool CoversName(std::string_view pattern, std::string_view server_name);

// Of entries with `names`: the first that has the server name, then the first that covers it by a wildcard, then the
// first of all, so that no handshake fails for a name. Null without any.
template <class Entry>
const Entry* PickByName(const std::vector<Entry>& entries, std::string_view server_name) {
  const Entry* wildcard = nullptr;
  for (const Entry& entry : entries) {
    for (const std::string& name : entry.names) {
      if (name == server_name) return &entry;
      if (wildcard == nullptr && CoversName(name, server_name)) wildcard = &entry;
    }
  }
  if (wildcard != nullptr) return wildcard;
  return entries.empty() ? nullptr : &entries.front();
}

// TLS as the listener speaks it with one of its certificates.
net::TlsServerOptions TlsOptionsFor(const LoadBalancer& balancer, const Listener& listener,
                                    const Certificate& certificate);

// The same for options that are the same: what was made of them can be used again.
std::string FingerprintOf(const net::TlsServerOptions& options);

}  // namespace meetinity::balancer

#include "engine/balancer/shown_certificate.h"

#include <fmt/format.h>

#include "base/digest.h"

namespace meetinity::balancer {

bool CoversName(std::string_view pattern, std::string_view server_name) {
  if (!pattern.starts_with("*.")) return pattern == server_name;
  const size_t dot = server_name.find('.');
  return dot != std::string_view::npos && dot > 0 && server_name.substr(dot) == pattern.substr(1);
}

net::TlsServerOptions TlsOptionsFor(const LoadBalancer& balancer, const Listener& listener,
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

}  // namespace meetinity::balancer

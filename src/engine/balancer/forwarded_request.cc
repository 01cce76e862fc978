#include "engine/balancer/forwarded_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.h"
#include "engine/balancer/own_answer.h"
#include "engine/balancer/trace_id.h"

namespace meetinity::balancer {
namespace {

// About one connection, not the message (RFC 9110, section 7.6.1), and what net writes itself.
constexpr auto kHopByHop = std::to_array<std::string_view>(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect"});

// Always the balancer's own.
constexpr auto kOwnFields =
    std::to_array<std::string_view>({"host", "x-forwarded-proto", "x-forwarded-port", "x-amzn-trace-id",
                                     "x-amzn-tls-version", "x-amzn-tls-cipher-suite"});

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool IsHopByHop(std::string_view name) { return IsOneOf(name, kHopByHop) || name.starts_with("proxy-"); }

// What Connection names goes no further; what the balancer writes itself is not among the fields this is asked of.
std::vector<std::string> NamedByConnection(std::span<const net::HeaderView> headers) {
  std::vector<std::string> named;
  for (const net::HeaderView& header : headers) {
    if (header.name != "connection") continue;
    for (const std::string_view option : Split(header.value, ',')) named.push_back(ToLower(Trim(option)));
  }
  return named;
}

bool IsNamed(const std::vector<std::string>& named, std::string_view name) {
  return std::ranges::find(named, name) != named.end();
}

bool IsPlainName(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// ALB user guide: the port of a default listener is left out, another one's is added where it is missing.
std::string AuthorityFor(const ForwardedSource& source) {
  const std::string_view authority = source.request.authority;
  if (authority.empty()) return fmt::format("{}:{}", source.peer.address, source.listener.config->port);
  if (source.listener.balancer->preserve_host_header) return std::string(authority);
  const uint16_t port = source.listener.config->port;
  const std::string_view host = HostOf(authority);
  const bool is_default = port == (source.listener.config->protocol == ListenerProtocol::kHttps ? 443 : 80);
  if (is_default) return std::string(host);
  return authority.size() > host.size() ? std::string(authority) : fmt::format("{}:{}", host, port);
}

std::string ForwardedFor(const ForwardedSource& source, std::string_view received) {
  std::string value(received);
  if (!value.empty()) value += ", ";
  if (!source.listener.balancer->forwarded_for_client_port) return value.append(source.peer.address);
  const bool is_v6 = source.peer.address.find(':') != std::string::npos;
  return value.append(is_v6 ? fmt::format("[{}]:{}", source.peer.address, source.peer.port)
                            : fmt::format("{}:{}", source.peer.address, source.peer.port));
}

}  // namespace

net::ClientRequest ForwardRequest(const ForwardedSource& source, bool& dropped) {
  const LoadBalancer& balancer = *source.listener.balancer;
  net::ClientRequest request;
  request.method = source.request.method;
  request.target = source.request.target;
  request.authority = AuthorityFor(source);
  request.upgrade = source.upgrade;
  const std::vector<std::string> named = NamedByConnection(source.request.headers);
  std::string forwarded_for;
  bool wants_trailers = false;
  dropped = false;
  for (const net::HeaderView& header : source.request.headers) {
    if (header.name == "x-forwarded-for") {
      if (balancer.forwarded_for == ForwardedForMode::kRemove) continue;
      forwarded_for.append(forwarded_for.empty() ? "" : ", ").append(header.value);
    } else if (header.name == "te") {
      wants_trailers = wants_trailers || EqualsIgnoreCase(Trim(header.value), "trailers");
    } else if (IsHopByHop(header.name) || IsOneOf(header.name, kOwnFields) || IsNamed(named, header.name)) {
      continue;
    } else if (balancer.drop_invalid_header_fields && !IsPlainName(header.name)) {
      dropped = true;
    } else {
      request.headers.Add(header.name, header.value);
    }
  }
  if (balancer.forwarded_for == ForwardedForMode::kAppend) {
    request.headers.Add("x-forwarded-for", ForwardedFor(source, forwarded_for));
  } else if (!forwarded_for.empty()) {
    request.headers.Add("x-forwarded-for", forwarded_for);
  }
  request.headers.Add("x-forwarded-proto",
                      source.listener.config->protocol == ListenerProtocol::kHttps ? "https" : "http");
  request.headers.Add("x-forwarded-port", std::to_string(source.listener.config->port));
  request.headers.Add(kTraceHeader, source.trace);
  if (balancer.tls_headers && source.peer.tls) {
    request.headers.Add("x-amzn-tls-version", source.peer.tls_protocol);
    request.headers.Add("x-amzn-tls-cipher-suite", OpenSslCipherName(source.peer.tls_cipher));
  }
  // HTTP/2 alone has a place for it, and gRPC's servers insist.
  if (wants_trailers && source.request.version == net::HttpVersion::kHttp2) request.headers.Add("te", "trailers");
  return request;
}

void CopyResponseHeaders(std::span<const net::HeaderView> headers, net::HeaderBlock& out) {
  const std::vector<std::string> named = NamedByConnection(headers);
  for (const net::HeaderView& header : headers) {
    if (IsHopByHop(header.name) || header.name == "date" || IsNamed(named, header.name)) continue;
    out.Add(header.name, header.value);
  }
}

size_t CountForwardedFor(const net::RequestHead& request) {
  size_t count = 0;
  for (const net::HeaderView& header : request.headers) {
    if (header.name == "x-forwarded-for") count += Split(header.value, ',').size();
  }
  return count;
}

std::string_view UpgradeOf(const net::RequestHead& request) {
  if (request.version != net::HttpVersion::kHttp11 || request.method != "GET" || request.has_body) return {};
  const auto upgrade = request.Find("upgrade");
  if (!upgrade || !EqualsIgnoreCase(Trim(*upgrade), "websocket")) return {};
  return IsNamed(NamedByConnection(request.headers), "upgrade") ? "websocket" : std::string_view{};
}

std::string_view OpenSslCipherName(std::string_view iana_name) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
      {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ECDHE-ECDSA-AES128-SHA256"},
      {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ECDHE-RSA-AES128-SHA256"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "ECDHE-ECDSA-AES256-SHA384"},
      {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384"},
      {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
      {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
      {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
      {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
      {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
      {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
      {"TLS_RSA_WITH_AES_128_CBC_SHA256", "AES128-SHA256"},
      {"TLS_RSA_WITH_AES_256_CBC_SHA256", "AES256-SHA256"},
      {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
      {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"}};
  for (const auto& [iana, openssl] : kNames) {
    if (iana == iana_name) return openssl;
  }
  return iana_name;
}

}  // namespace meetinity::balancer

#include "engine/balancer/proxy_protocol.h"

#include <netinet/in.h>

#include <string_view>

namespace meetinity::balancer {
namespace {

constexpr std::string_view kProxySignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr char kProxyCommand = 0x21;
constexpr char kLocalCommand = 0x20;
constexpr char kTcpOverIpv4 = 0x11;
constexpr char kTcpOverIpv6 = 0x21;

void AppendShort(std::string& out, uint16_t number) {
  out += static_cast<char>(number >> 8);
  out += static_cast<char>(number & 0xff);
}

void AppendAddress(std::string& out, const net::SocketAddress& address) {
  if (address.family() == AF_INET) {
    const auto& v4 = *reinterpret_cast<const sockaddr_in*>(address.native());
    out.append(reinterpret_cast<const char*>(&v4.sin_addr), sizeof v4.sin_addr);
  } else {
    const auto& v6 = *reinterpret_cast<const sockaddr_in6*>(address.native());
    out.append(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof v6.sin6_addr);
  }
}

}  // namespace

std::string ProxyHeader(const net::SocketAddress& client, const net::SocketAddress& server) {
  if (client.family() != server.family()) return LocalProxyHeader();
  const bool is_v4 = client.family() == AF_INET;
  std::string header(kProxySignature);
  header += kProxyCommand;
  header += is_v4 ? kTcpOverIpv4 : kTcpOverIpv6;
  AppendShort(header, is_v4 ? 12 : 36);
  AppendAddress(header, client);
  AppendAddress(header, server);
  AppendShort(header, client.port());
  AppendShort(header, server.port());
  return header;
}

std::string LocalProxyHeader() {
  std::string header(kProxySignature);
  header += kLocalCommand;
  header += '\0';
  AppendShort(header, 0);
  return header;
}

}  // namespace meetinity::balancer

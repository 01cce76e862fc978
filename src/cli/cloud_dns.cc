// The name server of the cloud: Route 53's zones, and where names under .localhost are.
#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "cli/cloud.h"
#include "engine/dns/server.h"
#include "net/socket.h"

namespace meetinity::cli {
namespace {

// Needs no root, unlike 53; where multicast DNS listens, so that a machine which has that may lack this one.
constexpr uint16_t kDnsPort = 5353;

constexpr std::string_view kLoopbackV4("\x7F\0\0\1", 4);
constexpr std::string_view kLoopbackV6("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);

}  // namespace

dns::ZonePtr LocalhostZone() {
  dns::ZoneConfig config;
  config.apex = dns::Name::Parse("localhost.").value_or(dns::Name());
  const dns::Name below = dns::Name::Parse("*.localhost.").value_or(dns::Name());
  const auto add = [&](const dns::Name& name, dns::RecordType type, std::string rdata) {
    dns::RecordSet set;
    set.name = name;
    set.type = type;
    set.ttl = 60;
    set.rdata.push_back(std::move(rdata));
    config.records.push_back(std::move(set));
  };
  add(config.apex, dns::RecordType::kSoa,
      dns::ParseRdata(dns::RecordType::kSoa, "localhost. root.localhost. 1 7200 900 1209600 60").value());
  add(config.apex, dns::RecordType::kNs, std::string(config.apex.wire()));
  for (const dns::Name& name : {config.apex, below}) {
    add(name, dns::RecordType::kA, std::string(kLoopbackV4));
    add(name, dns::RecordType::kAaaa, std::string(kLoopbackV6));
  }
  return dns::Zone::Build(std::move(config)).value();
}

void ResolveLocalhost(const dns::Name& target, dns::RecordType type, FunctionRef<void(std::string_view)> found) {
  static const dns::Name localhost = dns::Name::Parse("localhost.").value_or(dns::Name());
  if (!target.IsWithin(localhost)) return;
  found(type == dns::RecordType::kA ? kLoopbackV4 : kLoopbackV6);
}

std::vector<route53::AliasZone> AliasZones() {
  return {{"Z2FDTNDATAQYW2", "*.cloudfront.localhost."},
          {"Z32O12XQLNTSW2", "*.elb.localhost."},
          {"Z2IFOLAFXWLO4F", "*.elb.*.localhost."}};
}

Status Cloud::ListenDns(const CloudOptions& options) {
  if (options.dns_port == 0) return {};
  std::vector<net::Reactor*> borrowed;
  for (const auto& reactor : reactors_) borrowed.push_back(reactor.get());
  dns::ServerOptions server;
  server.address = options.address;
  server.port = options.dns_port.value_or(kDnsPort);
  auto listening = dns::Server::Listen(std::move(borrowed), server);
  if (!listening.ok()) {
    if (options.dns_port) return listening.error();
    Log(LogLevel::kInfo, "dns", "no name server: {}; choose its port with --dns-port", listening.error().detail);
    return {};
  }
  dns_ = std::move(listening).value();
  route53_->OnPublish([this](dns::ZoneSetPtr zones, uint64_t number, std::function<void()> adopted) {
    dns_->Apply(std::move(zones), number, std::move(adopted));
  });
  return {};
}

}  // namespace meetinity::cli

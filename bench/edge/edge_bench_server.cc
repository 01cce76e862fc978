// An edge with one distribution on one reactor, for bench/edge/run.py to measure.
//
//   edge_bench_server PORT TLS_PORT ORIGIN_PORT CERTIFICATE.pem KEY.pem [FOLDER]
//
// With FOLDER the cache has a disk tier there, and begins with what an earlier run left.
// Every Host in the load generator's requests is 127.0.0.1 or localhost: both are aliases. Runs until killed.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <span>
#include <sstream>
#include <string>

#include "base/clock.h"
#include "engine/edge/edge.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace meetinity {
namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class OneCertificate : public net::CertificateSelector {
 public:
  explicit OneCertificate(std::shared_ptr<const net::TlsServerContext> context) : context_(std::move(context)) {}
  std::shared_ptr<const net::TlsServerContext> Select(std::string_view) override { return context_; }

 private:
  const std::shared_ptr<const net::TlsServerContext> context_;
};

edge::EdgeConfigPtr OneSite(uint16_t origin_port) {
  auto config = std::make_shared<edge::EdgeConfig>();
  config->number = 1;
  edge::Distribution& site = config->distributions.emplace_back();
  site.id = "EBENCH";
  site.domain_name = "bench.cloudfront.localhost";
  site.aliases = {"127.0.0.1", "localhost"};
  edge::OriginConfig& origin = site.origins.emplace_back();
  origin.id = "origin";
  origin.host = "origin.localhost";
  origin.endpoint.address = "127.0.0.1";
  origin.endpoint.port = origin_port;
  edge::Behavior& behavior = site.behaviors.emplace_back();
  behavior.origin_id = "origin";
  behavior.cache.accept_encoding_gzip = behavior.cache.accept_encoding_brotli = behavior.cache.compress = true;
  return config;
}

Status Serve(std::span<char*> arguments) {
  const auto port = [&](size_t i) { return static_cast<uint16_t>(std::atoi(arguments[i])); };
  SystemClock clock;
  const std::unique_ptr<net::Reactor> reactor = TRY(net::Reactor::Open(clock, 0));
  net::WorkerPool workers(1, 64);
  edge::Edge edge({reactor.get()}, workers, clock, {});
  if (arguments.size() > 6) TRY(edge.OpenDiskTier(arguments[6], MiB(256)));
  edge.Apply(OneSite(port(3)), [] {});

  net::TlsServerOptions tls;
  tls.certificate_chain_pem = ReadFile(arguments[4]);
  tls.private_key_pem = ReadFile(arguments[5]);
  OneCertificate certificate(TRY(net::TlsServerContext::Create(tls)));
  net::ListenerOptions listener;
  listener.handler = &edge.handler();
  listener.limits.requests_per_connection = 1'000'000'000;  // as the peer is told: connections last as long as the run
  listener.port = port(1);
  const std::unique_ptr<net::HttpServer> plain = TRY(net::HttpServer::Listen({reactor.get()}, workers, listener));
  listener.port = port(2);
  listener.certificates = &certificate;
  const std::unique_ptr<net::HttpServer> secure = TRY(net::HttpServer::Listen({reactor.get()}, workers, listener));
  reactor->Run();
  return {};
}

}  // namespace
}  // namespace meetinity

int main(int count, char** arguments) {
  if (count != 6 && count != 7)
    return std::fprintf(stderr, "see the head of edge_bench_server.cc for the arguments\n"), 2;
  const meetinity::Status served = meetinity::Serve({arguments, static_cast<size_t>(count)});
  if (!served.ok()) std::fprintf(stderr, "%s\n", served.error().detail.c_str());
  return served.ok() ? 0 : 1;
}

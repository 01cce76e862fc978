// An edge with one distribution on one reactor, for the benchmarks beside this file to measure.
//
//   edge_bench_server PORT TLS_PORT CONTROL_PORT ORIGIN_PORT CERTIFICATE.pem KEY.pem CAPACITY_MIB [FOLDER]
//
// With FOLDER the cache has a disk tier there, and begins with what an earlier run left.
// Every Host in the load generator's requests is 127.0.0.1 or localhost: both are aliases. Runs until killed.
//
// On CONTROL_PORT, POST /invalidate?PATTERN answers when the invalidation is effective, and GET /objects with the
// number of objects in the cache.

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

constexpr const char* kSite = "EBENCH";

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
  site.id = kSite;
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

// The edge's operator, from outside.
class Control : public net::HttpHandler {
 public:
  explicit Control(edge::Edge& edge) : edge_(edge) {}
  void OnRequest(const net::ExchangePtr& exchange) override {
    if (exchange->request().path == "/objects") return Answer(*exchange, edge_.counters().objects_cached);
    edge_.Invalidate(kSite, {std::string(exchange->request().query)}, [exchange] { Answer(*exchange, 0); });
  }

 private:
  static void Answer(net::HttpExchange& exchange, uint64_t number) {
    exchange.Respond(200, net::HeaderBlock(), net::Slice::Own(std::to_string(number)));
  }

  edge::Edge& edge_;
};

Status Serve(std::span<char*> arguments) {
  const auto number = [&](size_t i) { return std::strtoull(arguments[i], nullptr, 10); };
  const auto port = [&](size_t i) { return static_cast<uint16_t>(number(i)); };
  SystemClock clock;
  const std::unique_ptr<net::Reactor> reactor = TRY(net::Reactor::Open(clock, 0));
  net::WorkerPool workers(1, 64);
  edge::EdgeOptions options;
  options.cache_capacity = MiB(number(7));
  edge::Edge edge({reactor.get()}, workers, clock, options);
  if (arguments.size() > 8) TRY(edge.OpenDiskTier(arguments[8], MiB(256)));
  edge.Apply(OneSite(port(4)), [] {});

  net::TlsServerOptions tls;
  tls.certificate_chain_pem = ReadFile(arguments[5]);
  tls.private_key_pem = ReadFile(arguments[6]);
  OneCertificate certificate(TRY(net::TlsServerContext::Create(tls)));
  net::ListenerOptions listener;
  listener.handler = &edge.handler();
  listener.limits.requests_per_connection = 1'000'000'000;  // as the peer is told: connections last as long as the run
  listener.limits.idle_timeout = std::chrono::hours(1);
  listener.limits.connections_per_reactor = 1'000'000;
  listener.port = port(1);
  const std::unique_ptr<net::HttpServer> plain = TRY(net::HttpServer::Listen({reactor.get()}, workers, listener));
  listener.port = port(2);
  listener.certificates = &certificate;
  const std::unique_ptr<net::HttpServer> secure = TRY(net::HttpServer::Listen({reactor.get()}, workers, listener));
  Control control(edge);
  listener.certificates = nullptr;
  listener.handler = &control;
  listener.port = port(3);
  const std::unique_ptr<net::HttpServer> controls = TRY(net::HttpServer::Listen({reactor.get()}, workers, listener));
  reactor->Run();
  return {};
}

}  // namespace
}  // namespace meetinity

int main(int count, char** arguments) {
  if (count != 8 && count != 9)
    return std::fprintf(stderr, "see the head of edge_bench_server.cc for the arguments\n"), 2;
  const meetinity::Status served = meetinity::Serve({arguments, static_cast<size_t>(count)});
  if (!served.ok()) std::fprintf(stderr, "%s\n", served.error().detail.c_str());
  return served.ok() ? 0 : 1;
}

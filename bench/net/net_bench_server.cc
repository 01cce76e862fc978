// A server that answers every request alike, on one reactor, for bench/net/run.py and idle.py to measure.
//
//   net_bench_server PORT TLS_PORT CERTIFICATE.pem KEY.pem
//
// Runs until killed.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "base/clock.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace meetinity::net {
namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class OneCertificate : public CertificateSelector {
 public:
  explicit OneCertificate(std::shared_ptr<const TlsServerContext> context) : context_(std::move(context)) {}
  std::shared_ptr<const TlsServerContext> Select(std::string_view) override { return context_; }

 private:
  const std::shared_ptr<const TlsServerContext> context_;
};

// The same headers and bytes that the peer's "return 200" sends.
class Responder : public HttpHandler {
 public:
  Responder() {
    headers_.Add("Server", "meetinity");
    headers_.Add("Content-Type", "text/plain");
  }
  void OnRequest(const ExchangePtr& exchange) override {
    exchange->Respond(200, headers_, Slice::Static("hello, world\n"));
  }

 private:
  HeaderBlock headers_;
};

Status Serve(char** arguments) {
  const auto port = [&](int i) { return static_cast<uint16_t>(std::atoi(arguments[i])); };
  SystemClock clock;
  const std::unique_ptr<Reactor> reactor = TRY(Reactor::Open(clock, 0));
  WorkerPool workers(1, 64);
  Responder responder;
  TlsServerOptions tls;
  tls.certificate_chain_pem = ReadFile(arguments[3]);
  tls.private_key_pem = ReadFile(arguments[4]);
  OneCertificate certificate(TRY(TlsServerContext::Create(tls)));
  ListenerOptions listener;
  listener.handler = &responder;
  listener.limits.requests_per_connection = 1'000'000'000;  // as the peer is told: connections last as long as the run
  listener.limits.idle_timeout = std::chrono::hours(1);
  listener.limits.connections_per_reactor = 1'000'000;
  listener.port = port(1);
  const std::unique_ptr<HttpServer> plain = TRY(HttpServer::Listen({reactor.get()}, workers, listener));
  listener.port = port(2);
  listener.certificates = &certificate;
  const std::unique_ptr<HttpServer> secure = TRY(HttpServer::Listen({reactor.get()}, workers, listener));
  reactor->Run();
  return {};
}

}  // namespace
}  // namespace meetinity::net

int main(int count, char** arguments) {
  if (count != 5) return std::fprintf(stderr, "see the head of net_bench_server.cc for the arguments\n"), 2;
  const meetinity::Status served = meetinity::net::Serve(arguments);
  if (!served.ok()) std::fprintf(stderr, "%s\n", served.error().detail.c_str());
  return served.ok() ? 0 : 1;
}

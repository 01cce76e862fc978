// Two load balancers with one target each, on one reactor, for alb.py and nlb.py to measure.
//
//   balancer_bench_server HTTP_PORT HTTPS_PORT TCP_PORT TARGET_PORT CERTIFICATE.pem KEY.pem
//
// Runs until killed.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "base/clock.h"
#include "engine/balancer/balancer.h"
#include "net/reactor.h"

namespace meetinity::balancer {
namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Deaf : Observer {
  void OnHealthChanged(std::string_view, std::string_view, const TargetHealth&) override {}
  void OnDrained(std::string_view, std::string_view) override {}
};

Listener MakeListener(ListenerProtocol protocol, uint16_t port, const char* group) {
  Listener listener;
  listener.id = "listener-" + std::to_string(port);
  listener.protocol = protocol;
  listener.port = port;
  listener.bindings.push_back({"127.0.0.1", port, ""});
  listener.rules.push_back({0, {}, ForwardAction{{{group, 1}}, {}}});
  return listener;
}

TargetGroup MakeGroup(const char* id, TargetProtocol protocol, uint16_t port) {
  TargetGroup group;
  group.id = id;
  group.protocol = protocol;
  group.health_check.protocol = TargetProtocol::kTcp;
  Target target;
  target.id = "target";
  target.address = "127.0.0.1";
  target.port = port;
  group.targets.push_back(target);
  return group;
}

int Serve(char** arguments) {
  const auto port = [&](int i) { return static_cast<uint16_t>(std::atoi(arguments[i])); };
  SystemClock clock;
  auto reactor = net::Reactor::Open(clock, 0);
  if (!reactor.ok()) return 1;
  net::WorkerPool workers(1, 64);
  Deaf observer;
  Balancer balancer({reactor->get()}, workers, observer);
  auto config = std::make_shared<Configuration>();
  config->number = 1;
  config->cookie_secret = "bench";
  LoadBalancer& application = config->load_balancers.emplace_back();
  application.id = application.name = "application";
  application.listeners.push_back(MakeListener(ListenerProtocol::kHttp, port(1), "http"));
  application.listeners.push_back(MakeListener(ListenerProtocol::kHttps, port(2), "http"));
  application.listeners.back().certificates.push_back(
      {"cert", {"localhost"}, ReadFile(arguments[5]), ReadFile(arguments[6])});
  LoadBalancer& network = config->load_balancers.emplace_back();
  network.id = network.name = "network";
  network.kind = BalancerKind::kNetwork;
  network.listeners.push_back(MakeListener(ListenerProtocol::kTcp, port(3), "tcp"));
  config->target_groups.push_back(MakeGroup("http", TargetProtocol::kHttp, port(4)));
  config->target_groups.push_back(MakeGroup("tcp", TargetProtocol::kTcp, port(4)));
  for (const ListenerProblem& problem : balancer.Apply(config)) {
    std::fprintf(stderr, "%s: %s\n", problem.listener_id.c_str(), problem.error.detail.c_str());
    return 1;
  }
  (*reactor)->Run();
  return 0;
}

}  // namespace
}  // namespace meetinity::balancer

int main(int count, char** arguments) {
  if (count != 7) return std::fprintf(stderr, "see the head of balancer_bench_server.cc for the arguments\n"), 2;
  return meetinity::balancer::Serve(arguments);
}

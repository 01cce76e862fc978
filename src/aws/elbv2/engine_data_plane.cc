#include "aws/elbv2/engine_data_plane.h"

#include "base/log.h"

namespace meetinity::elbv2 {
namespace {

class SharedPort : public net::HttpHandler {
 public:
  SharedPort(net::HttpHandler* http, net::HttpHandler* https) : http_(http), https_(https) {}

  void OnRequest(const net::ExchangePtr& exchange) override {
    net::HttpHandler* handler = exchange->peer().tls ? https_ : http_;
    if (handler == nullptr) return exchange->Abort();
    handler->OnRequest(exchange);
  }

 private:
  net::HttpHandler* const http_;
  net::HttpHandler* const https_;
};

}  // namespace

void EngineDataPlane::Publish(balancer::ConfigurationPtr next, std::function<void()> adopted) {
  for (const balancer::ListenerProblem& problem : balancer_.Apply(std::move(next), std::move(adopted))) {
    Log(LogLevel::kWarning, "elbv2", "listener {}: {}", problem.listener_id, problem.error.detail);
  }
}

net::HttpHandler& EngineDataPlane::HandlerFor(const std::string& http_listener, const std::string& https_listener) {
  const auto handler_of = [this](const std::string& listener) {
    return listener.empty() ? nullptr : &balancer_.HandlerFor(listener);
  };
  return entrances_.With([&](auto& entrances) -> net::HttpHandler& {
    auto& entrance = entrances[{http_listener, https_listener}];
    if (!entrance) entrance = std::make_unique<SharedPort>(handler_of(http_listener), handler_of(https_listener));
    return *entrance;
  });
}

void EngineDataPlane::OnDrained(std::string_view group_id, std::string_view target_id) {
  if (!drained_) return;
  workers_.Run([this, group = std::string(group_id), target = std::string(target_id)] { drained_(group, target); });
}

void EngineDataPlane::OnRequest(const balancer::AccessRecord& record) {
  if (finished_) finished_(record);
}

}  // namespace meetinity::elbv2

#include "engine/balancer/testing/test_target.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <future>
#include <utility>

namespace meetinity::balancer::testing {

struct TestTarget::Handler final : net::HttpHandler {
  explicit Handler(TestTarget& owner) : target(owner) {}
  void OnRequest(const net::ExchangePtr& exchange) override {
    const auto request = std::make_shared<Request>();
    const net::RequestHead& head = exchange->request();
    request->method = head.method;
    request->target = head.target;
    request->authority = head.authority;
    for (const net::HeaderView& header : head.headers) request->headers.emplace(header.name, header.value);
    exchange->ReadBody({.on_data = [request](std::string_view bytes) { request->body += bytes; },
                        .on_end = [this, exchange, request] { target.Answer(exchange, std::move(*request)); },
                        .on_error = [](const Error&) {}});
  }
  TestTarget& target;
};

std::string TestTarget::Request::Find(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

void RespondText(const net::ExchangePtr& exchange, int status, std::string_view text) {
  exchange->Respond(status, net::HeaderBlock(), net::Slice::Copy(text));
}

TestTarget::TestTarget(std::string name, Handle handle, Wire wire)
    : name_(std::move(name)),
      reactor_(net::Reactor::Open(clock_, 0).value()),
      workers_(std::make_unique<net::WorkerPool>(1, 16)),
      handler_(std::make_unique<Handler>(*this)),
      handle_(std::move(handle)) {
  net::ListenerOptions options;
  options.handler = handler_.get();
  if (wire == Wire::kTls) {
    certificate_ = std::make_unique<net::OneCertificate>(net::MakeTestCertificate("target.test"));
    options.certificates = certificate_.get();
  }
  server_ = net::HttpServer::Listen({reactor_.get()}, *workers_, options).value();
  port_ = server_->port();
  thread_ = std::thread([this] { reactor_->Run(); });
}

TestTarget::~TestTarget() {
  // In order, while the reactor runs: what belongs to it goes there.
  Down();
  server_.reset();
  std::promise<void> settled;
  reactor_->Post([&] { settled.set_value(); });
  settled.get_future().wait();
  reactor_->Stop();
  thread_.join();
  held_.clear();
  workers_.reset();
}

void TestTarget::SetHandle(Handle handle) {
  const std::lock_guard lock(mutex_);
  handle_ = std::move(handle);
}

void TestTarget::Answer(const net::ExchangePtr& exchange, Request request) {
  const bool is_check = request.Find("user-agent").starts_with("ELB-HealthChecker");
  if (is_check) {
    ++checks_;
    if (request.method == "POST") {
      // gRPC's: an answer without messages, whose head says how it went.
      net::HeaderBlock headers;
      headers.Add("content-type", "application/grpc");
      headers.Add("grpc-status", std::to_string(health_status_));
      const net::HeaderBlock* const blocks[] = {&headers};
      return exchange->RespondWithoutBody(200, blocks, std::nullopt);
    }
    return RespondText(exchange, health_status_, "health");
  }
  Handle handle;
  {
    const std::lock_guard lock(mutex_);
    last_ = request;
    handle = handle_;
    ++requests_;
  }
  changed_.notify_all();
  if (handle) return handle(exchange, request);
  RespondText(exchange, 200, name_);
}

TestTarget::Request TestTarget::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void TestTarget::AwaitRequests(int count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return requests_ >= count; }))
      << name_ << " was not asked";
}

void TestTarget::Hold(const net::ExchangePtr& exchange) {
  const std::lock_guard lock(mutex_);
  held_.push_back(exchange);
}

void TestTarget::Release() {
  std::promise<void> released;
  reactor_->Post([&] {
    std::vector<net::ExchangePtr> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (const auto& exchange : held) RespondText(exchange, 200, name_);
    released.set_value();
  });
  released.get_future().wait();
}

void TestTarget::Down() {
  std::promise<void> down;
  server_->Drain(Duration::zero(), [&] { down.set_value(); });
  down.get_future().wait();
  if (keeps_port_.valid()) return;
  // Bound and not listened on: nobody else's test gets the port, and connecting to it stays refused.
  keeps_port_ = net::Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(keeps_port_.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto address = net::SocketAddress::Parse("127.0.0.1", port_).value();
  (void)::bind(keeps_port_.fd(), address.native(), address.native_size());
}

}  // namespace meetinity::balancer::testing

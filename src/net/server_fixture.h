#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "net/reactor.h"
#include "net/test_certificate.h"

namespace meetinity::net {

inline const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// A server on a reactor with a thread of its own and a clock that stands still until told. Handlers run on that
// thread; what they write is read here after they have answered.
class ServerFixture : public ::testing::Test {
 protected:
  using Handle = std::function<void(const ExchangePtr& exchange)>;

  ServerFixture() : reactor_(Reactor::Open(clock_, 0).value()) {}
  ~ServerFixture() override { StopServer(); }

  // `handle` null: everything is answered "200 ok\n".
  void Serve(Handle handle = nullptr, HttpLimits limits = {}, CertificateSelector* certificates = nullptr) {
    handler_.handle = handle ? std::move(handle) : [](const ExchangePtr& exchange) {
      exchange->Respond(200, HeaderBlock(), Slice::Static("ok\n"));
    };
    ServeWith(handler_, limits, certificates);
  }
  void ServeWith(HttpHandler& handler, HttpLimits limits = {}, CertificateSelector* certificates = nullptr) {
    ListenerOptions options;
    options.handler = &handler;
    options.limits = limits;
    options.certificates = certificates;
    server_ = HttpServer::Listen({reactor_.get()}, *workers_, options).value();
    thread_ = std::thread([this] { reactor_->Run(); });
  }
  uint16_t port() const { return server_->port(); }

  void StopServer() {
    if (!thread_.joinable()) return;
    reactor_->Stop();
    thread_.join();
    server_.reset();
    workers_.reset();
    reactor_.reset();
  }

  // Waits until the reactor has dealt with everything that was sent before: a task that is posted is run after the
  // sockets that are ready, and what those deferred is run before the next; nothing defers more often than this.
  static constexpr int kSettleRounds = 8;
  static constexpr int kPatienceRounds = 20'000;
  void Settle() {
    for (int i = 0; i < kSettleRounds; ++i) {
      std::promise<void> reached;
      reactor_->Post([&reached] { reached.set_value(); });
      reached.get_future().wait();
    }
  }
  void Advance(Duration by) {
    Settle();
    clock_.Advance(by);
    Settle();
  }
  // Whether `condition` comes true as the reactor goes on. A busy kernel takes a moment to carry bytes from one end of
  // a connection to the other.
  bool Eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < kPatienceRounds && !condition(); ++i) Settle();
    return condition();
  }
  // Runs `task` on the reactor's thread and waits for it.
  void OnReactor(const Task& task) {
    std::promise<void> done;
    reactor_->Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::string Ask(std::string_view request) {
    RawClient client(port());
    client.Send(request);
    return client.ReadToEnd();
  }

  struct Handler : HttpHandler {
    Handle handle;
    std::atomic<int> requests{0};
    void OnRequest(const ExchangePtr& exchange) override {
      ++requests;
      handle(exchange);
    }
  };

  FakeClock clock_;
  std::unique_ptr<WorkerPool> workers_ = std::make_unique<WorkerPool>(1, 16);
  std::unique_ptr<Reactor> reactor_;
  Handler handler_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

}  // namespace meetinity::net

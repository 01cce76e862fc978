#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "net/socket.h"
#include "net/test_certificate.h"

namespace meetinity::balancer::testing {

// A target that tells its name, and health checks what they want to hear, unless a test wants something else.
class TestTarget {
 public:
  struct Request {
    std::string method, target, authority, body;
    std::multimap<std::string, std::string> headers;  // names in lower case
    std::string Find(const std::string& name) const;  // the first; "" without it
    size_t CountOf(const std::string& name) const { return headers.count(name); }
  };
  using Handle = std::function<void(const net::ExchangePtr& exchange, const Request& request)>;
  enum class Wire { kPlain, kTls };

  // Without `handle` every request is answered "200 name". It runs on the target's own thread, with the body read.
  explicit TestTarget(std::string name, Handle handle = nullptr, Wire wire = Wire::kPlain);
  ~TestTarget();

  uint16_t port() const { return port_; }
  // What health checks ("GET /" of the checker's agent) are answered.
  void SetHealth(int status) { health_status_ = status; }
  void SetHandle(Handle handle);
  // Refuses connections from now on; those there are end.
  void Down();

  int requests() const { return requests_; }  // without health checks
  int checks() const { return checks_; }
  Request last() const;
  void AwaitRequests(int count);
  // Answers everything that a handler kept waiting.
  void Hold(const net::ExchangePtr& exchange);
  void Release();

 private:
  struct Handler;
  void Answer(const net::ExchangePtr& exchange, Request request);

  const std::string name_;
  SystemClock clock_;
  std::unique_ptr<net::Reactor> reactor_;
  std::unique_ptr<net::WorkerPool> workers_;
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<net::OneCertificate> certificate_;
  std::unique_ptr<net::HttpServer> server_;
  std::thread thread_;
  uint16_t port_ = 0;
  net::Socket keeps_port_;  // once it is down
  std::atomic<int> requests_{0}, checks_{0}, health_status_{200};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Handle handle_;
  Request last_;
  std::vector<net::ExchangePtr> held_;
};

void RespondText(const net::ExchangePtr& exchange, int status, std::string_view text);

}  // namespace meetinity::balancer::testing

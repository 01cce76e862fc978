#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "engine/edge/edge.h"
#include "net/http_server.h"
#include "net/reactor.h"

namespace meetinity::edge::testing {

// An edge on reactors and a port of its own, for tests from outside.
class EdgeHouse {
 public:
  explicit EdgeHouse(int reactors = 2, EdgeOptions options = {});
  ~EdgeHouse();

  // A distribution "site.cloudfront.localhost" with one default behaviour and one origin on `origin_port`.
  static EdgeConfig OneSite(uint16_t origin_port);

  void Apply(EdgeConfig config);                       // returns once every reactor has it
  void Invalidate(std::vector<std::string> patterns);  // returns once it is effective
  void Advance(Duration by);                           // returns once every reactor tells the new time
  // Runs `task` on reactor `index` and returns when it has.
  void RunOn(size_t index, const std::function<void()>& task);

  Edge& edge() { return *edge_; }
  uint16_t port() const { return server_->port(); }
  net::Reactor& reactor(size_t index) { return *reactors_[index]; }

 private:
  SystemClock system_clock_;
  AdvanceableClock clock_{system_clock_};
  std::vector<std::unique_ptr<net::Reactor>> reactors_;
  net::WorkerPool workers_{2, 256};  // goes first: what it holds posts to the reactors
  std::unique_ptr<Edge> edge_;
  std::unique_ptr<net::HttpServer> server_;
  std::vector<std::thread> threads_;
  uint64_t configs_ = 0;
};

}  // namespace meetinity::edge::testing

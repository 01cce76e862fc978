#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::balancer::testing {

// What became of a request.
struct ClientOutcome {
  int status = 0;
  net::HttpVersion version = net::HttpVersion::kHttp10;
  std::string headers, body, trailers;  // fields as HTTP/1.1 writes them
  std::optional<std::string> error;
};

// Asks one thing after another over TLS, with HTTP/2 where that is offered, and trusts everybody.
class TestClient {
 public:
  explicit TestClient(net::HttpVersion version);
  ~TestClient();
  ClientOutcome Ask(uint16_t port, net::ClientRequest request);
  static net::ClientRequest Request(std::string method = "GET", std::string target = "/");

 private:
  SystemClock clock_;
  std::unique_ptr<net::Reactor> reactor_;
  std::unique_ptr<net::HttpClient> client_;
  net::Endpoint endpoint_;
  std::thread thread_;
};

}  // namespace meetinity::balancer::testing

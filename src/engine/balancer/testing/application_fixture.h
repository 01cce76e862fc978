#pragma once

#include <gtest/gtest.h>

#include <string>

#include "engine/balancer/testing/balancer_house.h"
#include "engine/balancer/testing/test_target.h"
#include "net/raw_client.h"

namespace meetinity::balancer::testing {

inline const std::string kGetRoot = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// One request on a connection of its own.
inline net::RawClient::Answer AskAt(uint16_t port, const std::string& request) {
  net::RawClient client(port);
  client.Send(request);
  return client.ReadAnswer(request.starts_with("HEAD "));
}
inline std::string GetOf(const std::string& target, const std::string& headers = "", const std::string& host = "a") {
  return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n";
}

// A balancer before one target, "one".
class ApplicationTest : public ::testing::Test {
 protected:
  void Begin() {
    house_.AddTarget("one", target_.port());
    house_.ApplyAndAwaitHealthy();
  }
  net::RawClient::Answer Ask(const std::string& request) { return AskAt(house_.port(), request); }

  TestTarget target_{"one"};
  BalancerHouse house_;
};

}  // namespace meetinity::balancer::testing

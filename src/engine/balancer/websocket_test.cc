#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "engine/balancer/testing/balancer_house.h"
#include "engine/balancer/testing/test_target.h"
#include "net/raw_client.h"
#include "net/transport.h"

namespace meetinity::balancer {
namespace {

using net::RawClient;
using testing::BalancerHouse;
using testing::TestTarget;

const std::string kChat =
    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

class WebSocketTest : public ::testing::Test {
 protected:
  WebSocketTest() {
    // Takes the connection, greets, and keeps it.
    target_.SetHandle([this](const net::ExchangePtr& exchange, const TestTarget::Request& request) {
      if (request.Find("upgrade") != "websocket") return testing::RespondText(exchange, 426, "no");
      net::HeaderBlock headers;
      headers.Add("Upgrade", "websocket");
      headers.Add("Sec-WebSocket-Accept", "y");
      const std::array<const net::HeaderBlock*, 1> blocks = {&headers};
      auto taken = exchange->SwitchProtocols(blocks);
      if (!taken) return;
      // Whoever has read the greeting finds it kept.
      const std::lock_guard lock(mutex_);
      const std::string out = taken->unsent + "welcome";
      const iovec slice{const_cast<char*>(out.data()), out.size()};
      taken->transport->Write({&slice, 1});
      kept_ = std::move(taken->transport);
    });
    house_.balancer().logs_access = true;
    house_.AddTarget("one", target_.port());
    house_.ApplyAndAwaitHealthy();
  }
  ~WebSocketTest() override { TakeKept(); }

  std::unique_ptr<net::Transport> TakeKept() {
    const std::lock_guard lock(mutex_);
    return std::move(kept_);
  }

  std::mutex mutex_;
  std::unique_ptr<net::Transport> kept_;
  TestTarget target_{"one"};
  BalancerHouse house_;
};

TEST_F(WebSocketTest, BecomesATunnel) {
  RawClient client(house_.port());
  client.Send(kChat);
  const auto answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.Find("Upgrade"), "websocket");
  EXPECT_EQ(answer.Find("sec-websocket-accept"), "y");
  EXPECT_EQ(client.ReadBytes(7), "welcome");
  client.Send("frame");
  char buffer[16];
  auto kept = TakeKept();
  // The target's socket does not block: what has not come yet comes in a moment.
  for (int i = 0; i < 10'000 && ::recv(kept->socket().fd(), buffer, 5, MSG_PEEK) < 5; ++i) house_.Settle();
  EXPECT_EQ(::recv(kept->socket().fd(), buffer, 5, 0), 5);
  EXPECT_EQ(std::string(buffer, 5), "frame");
  kept.reset();
  EXPECT_EQ(client.ReadToEnd(), "");
  client.Close();
  const AccessRecord record = house_.observer.AwaitRecord();
  EXPECT_EQ(record.type, "ws");
  EXPECT_EQ(record.status, 101);
  EXPECT_GE(record.sent_bytes, 7u);
  EXPECT_EQ(house_.engine().TotalsOf("lb").websockets, 1u);
}

TEST_F(WebSocketTest, EndsWhenItIsIdle) {
  RawClient client(house_.port());
  client.Send(kChat);
  EXPECT_EQ(client.ReadAnswer().status, 101);
  EXPECT_EQ(client.ReadBytes(7), "welcome");
  house_.Advance(std::chrono::seconds(61));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(WebSocketTest, ANo101IsNoTunnel) {
  target_.SetHandle([](const net::ExchangePtr& exchange, const TestTarget::Request& request) {
    testing::RespondText(exchange, request.target == "/chat" ? 426 : 200, request.target);
  });
  RawClient client(house_.port());
  client.Send(kChat + "GET /second HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 426);
  const auto second = client.ReadAnswer();
  EXPECT_EQ(second.status, 200) << "what follows is a request, seen and judged as one";
  EXPECT_EQ(second.body, "/second");
}

TEST_F(WebSocketTest, OtherProtocolsAreNotSwitchedTo) {
  RawClient client(house_.port());
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 426);
  EXPECT_EQ(target_.last().CountOf("upgrade"), 0u);
  // Nor is an upgrade that Connection does not name.
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 426);
  EXPECT_EQ(target_.last().CountOf("upgrade"), 0u);
}

TEST_F(WebSocketTest, IsCutWhenItsTargetHasDrainedForTooLong) {
  house_.group().deregistration_delay = std::chrono::seconds(10);
  RawClient client(house_.port());
  client.Send(kChat);
  EXPECT_EQ(client.ReadAnswer().status, 101);
  EXPECT_EQ(client.ReadBytes(7), "welcome");
  house_.group().targets.front().draining_since = house_.clock.Now();
  house_.Apply();
  EXPECT_FALSE(house_.observer.WasDrained("one"));
  house_.Advance(std::chrono::seconds(11));
  client.ReadToEnd();
  house_.observer.AwaitDrained("one");
}

}  // namespace
}  // namespace meetinity::balancer

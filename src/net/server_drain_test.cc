#include <gtest/gtest.h>

#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

using std::chrono::seconds;

// What becomes of a server's connections when it is asked to end.
class ServerDrainTest : public ServerFixture {
 protected:
  // Answers when told to.
  void ServeHeld() {
    Serve([this](const ExchangePtr& exchange) { held_.push_back(exchange); });
  }
  void AnswerHeld() {
    OnReactor([this] {
      for (const ExchangePtr& exchange : std::exchange(held_, {})) exchange->Respond(200, {}, Slice::Static("held"));
    });
  }
  void Drain(Duration grace = seconds(30)) {
    server_->Drain(grace, [this] { drained_ = true; });
    Settle();
  }

  std::vector<ExchangePtr> held_;
  std::atomic<bool> drained_{false};
};

TEST_F(ServerDrainTest, AnIdleServerIsDrainedAtOnce) {
  Serve();
  Drain();
  EXPECT_TRUE(Eventually([&] { return drained_.load(); }));
}

TEST_F(ServerDrainTest, NewConnectionsAreRefused) {
  Serve();
  const uint16_t port = this->port();
  Drain();
  const Socket socket = StartConnect(SocketAddress::Parse("127.0.0.1", port).value()).value();
  EXPECT_FALSE(ConnectOutcome(socket).ok());
}

TEST_F(ServerDrainTest, IdleConnectionsAreClosed) {
  Serve();
  RawClient fresh(port());
  RawClient used(port());
  used.Send(kGet);
  EXPECT_EQ(used.ReadAnswer().status, 200);
  Drain();
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_EQ(used.ReadToEnd(), "");
  EXPECT_EQ(used.end(), RawClient::End::kClosed);
  EXPECT_TRUE(Eventually([&] { return drained_.load(); }));
}

TEST_F(ServerDrainTest, RequestsUnderWayAreAnsweredAndTheirConnectionsClosed) {
  ServeHeld();
  RawClient client(port());
  client.Send(kGet);
  Settle();
  Drain();
  EXPECT_FALSE(drained_);
  AnswerHeld();
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.body, "held");
  EXPECT_EQ(answer.Find("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(Eventually([&] { return drained_.load(); }));
}

TEST_F(ServerDrainTest, ARequestWhoseHeadHasBegunIsAnswered) {
  Serve();
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\n");
  Settle();
  Drain();
  EXPECT_FALSE(drained_);
  client.Send("Host: a\r\n\r\n");
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Find("Connection"), "close");
  EXPECT_TRUE(Eventually([&] { return drained_.load(); }));
}

TEST_F(ServerDrainTest, ABodyUnderWayIsReadToItsEnd) {
  Serve([](const ExchangePtr& exchange) {
    exchange->ReadBody({.on_data = [](std::string_view) {},
                        .on_end = [exchange] { exchange->Respond(200, {}, Slice::Static("all")); },
                        .on_error = [](const Error& why) { ADD_FAILURE() << why.detail; }});
  });
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  Settle();
  Drain();
  client.Send("cd");
  EXPECT_EQ(client.ReadAnswer().body, "all");
  EXPECT_TRUE(Eventually([&] { return drained_.load(); }));
}

TEST_F(ServerDrainTest, WhatTakesLongerThanTheGraceIsCut) {
  ServeHeld();
  RawClient client(port());
  client.Send(kGet);
  Settle();
  Drain(seconds(5));
  Advance(seconds(5) - std::chrono::milliseconds(1));
  EXPECT_FALSE(drained_);
  Advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(Eventually([&] { return drained_.load(); }));
  EXPECT_EQ(client.ReadToEnd(), "");
  AnswerHeld();  // dropped quietly
}

}  // namespace
}  // namespace meetinity::net

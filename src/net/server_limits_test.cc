#include <gtest/gtest.h>

#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Time and quantities beyond which a client is left, on a clock that the test moves.
class ServerLimitsTest : public ServerFixture {
 protected:
  // Reads bodies and answers how they ended.
  void ServeBodies(HttpLimits limits = {}) {
    Serve(
        [](const ExchangePtr& exchange) {
          exchange->ReadBody(
              {.on_data = [](std::string_view) {},
               .on_end = [exchange] { exchange->Respond(200, {}, Slice::Static("all")); },
               .on_error = [exchange](const Error& why) { exchange->Respond(408, {}, Slice::Copy(why.name)); }});
        },
        limits);
  }
};

TEST_F(ServerLimitsTest, AHeadThatDoesNotArriveInTimeIsAnswered408) {
  Serve();
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\n");
  Settle();
  // Bytes that trickle in do not buy time.
  for (int i = 0; i < 9; ++i) {
    Advance(seconds(1));
    client.Send("X: a\r\n");
  }
  Advance(milliseconds(999));
  EXPECT_TRUE(Eventually([&] { return server_->counters().connections_open == 1; }));
  Advance(milliseconds(1));
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.Find("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(ServerLimitsTest, HalfAnHttp2PrefaceIsNoExcuse) {
  Serve();
  RawClient client(port());
  client.Send("PRI * HT");
  Advance(seconds(10));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ServerLimitsTest, TheNextHeadHasItsOwnTime) {
  Serve();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET / HTTP/1.1\r\n");
    Advance(seconds(8));
    client.Send("Host: a\r\n\r\n");
    EXPECT_EQ(client.ReadAnswer().status, 200);
    Advance(seconds(8));
  }
}

TEST_F(ServerLimitsTest, AnIdleConnectionIsClosedQuietly) {
  Serve();
  RawClient fresh(port());
  RawClient used(port());
  used.Send(kGet);
  EXPECT_EQ(used.ReadAnswer().status, 200);
  Advance(seconds(60) - milliseconds(1));
  EXPECT_TRUE(Eventually([&] { return server_->counters().connections_open == 2; }));
  Advance(milliseconds(1));
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_EQ(used.ReadToEnd(), "");
  EXPECT_EQ(used.end(), RawClient::End::kClosed);
}

TEST_F(ServerLimitsTest, ARequestBeginsTheIdleTimeAnew) {
  Serve();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    Advance(seconds(59));
    client.Send(kGet);
    ASSERT_EQ(client.ReadAnswer().status, 200);
  }
}

TEST_F(ServerLimitsTest, AHandlerMayTakeItsTime) {
  ExchangePtr held;
  Serve([&](const ExchangePtr& exchange) { held = exchange; });
  RawClient client(port());
  client.Send(kGet);
  Advance(seconds(3'600));
  OnReactor([&] { std::exchange(held, nullptr)->Respond(200, {}, Slice::Static("late")); });
  EXPECT_EQ(client.ReadAnswer().body, "late");
}

TEST_F(ServerLimitsTest, ABodyThatStopsIsTheHandlersToRefuse) {
  ServeBodies();
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na");
  // Each byte buys the whole time again: it is silence that is refused.
  Advance(seconds(19));
  client.Send("b");
  Advance(seconds(19));
  client.Send("c");
  Advance(seconds(20) - milliseconds(1));
  EXPECT_TRUE(Eventually([&] { return server_->counters().connections_open == 1; }));
  Advance(milliseconds(1));
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.body, kBodyTimeout);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ServerLimitsTest, ABodyNobodyReadsIsNotWaitedForLong) {
  Serve();
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na");
  EXPECT_EQ(client.ReadAnswer().status, 200);
  Advance(seconds(20));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ServerLimitsTest, APausedBodyIsNotTheClientsFault) {
  ExchangePtr held;
  std::string body;
  Serve([&](const ExchangePtr& exchange) {
    held = exchange;
    exchange->ReadBody({.on_data = [&body](std::string_view bytes) { body += bytes; },
                        .on_end = [exchange] { exchange->Respond(200, {}, Slice::Static("all")); },
                        .on_error = [](const Error& why) { ADD_FAILURE() << why.detail; }});
    exchange->PauseBody();
  });
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd");
  Advance(seconds(100));
  OnReactor([&] { std::exchange(held, nullptr)->ResumeBody(); });
  EXPECT_EQ(client.ReadAnswer().body, "all");
  EXPECT_EQ(body, "abcd");
}

TEST_F(ServerLimitsTest, APausedBodyHoldsTheClientBack) {
  ExchangePtr held;
  size_t taken = 0;
  Serve([&](const ExchangePtr& exchange) {
    held = exchange;
    exchange->ReadBody({.on_data =
                            [&taken, &held](std::string_view bytes) {
                              taken += bytes.size();
                              held->PauseBody();
                            },
                        .on_end = [] {},
                        .on_error = [](const Error&) {}});
  });
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  // The kernel takes what its buffers hold, the server one read.
  const std::string part(65'536, 'x');
  size_t sent = 0;
  for (ssize_t put = 1; put > 0; sent += static_cast<size_t>(std::max<ssize_t>(put, 0))) {
    Settle();
    put = ::send(client.fd(), part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  EXPECT_LT(sent, 20'000'000u);
  EXPECT_LE(taken, 65'536u);
  OnReactor([&] { std::exchange(held, nullptr)->Abort(); });
}

TEST_F(ServerLimitsTest, ASlowReaderHoldsTheHandlerBackAndIsLeftInTheEnd) {
  constexpr size_t kPart = 10'000;
  size_t written = 0;
  size_t buffered_max = 0;
  std::atomic<bool> gone{false};
  std::function<void(const ExchangePtr&)> write = [&](const ExchangePtr& exchange) {
    while (exchange->buffered() <= kStreamBufferMax) {
      exchange->Write(Slice::Own(std::string(kPart, 'x')));
      written += kPart;
    }
    buffered_max = std::max(buffered_max, exchange->buffered());
  };
  Serve([&](const ExchangePtr& exchange) {
    exchange->StartResponse(200, {}, std::nullopt);
    exchange->OnDrained([&write, exchange] { write(exchange); });
    exchange->OnGone([&gone] { gone = true; });
    write(exchange);
  });
  RawClient client(port(), 4'096);
  client.Send(kGet);
  Settle();
  EXPECT_LE(buffered_max, kStreamBufferMax + 2 * kPart);
  EXPECT_LT(written, 20'000'000u);
  Advance(seconds(29));
  EXPECT_FALSE(gone);
  // Any byte that is taken buys the time anew.
  client.ReadBytes(4'000'000);
  Advance(seconds(29));
  EXPECT_FALSE(gone);
  Advance(seconds(30));
  EXPECT_TRUE(Eventually([&] { return gone.load(); }));
  EXPECT_TRUE(Eventually([&] { return server_->counters().connections_open == 0; }));
}

TEST_F(ServerLimitsTest, APipeliningClientThatReadsNothingIsHeldBack) {
  Serve([](const ExchangePtr& exchange) { exchange->Respond(200, {}, Slice::Own(std::string(2'000, 'x'))); });
  RawClient client(port(), 4'096);
  std::string requests;
  for (int i = 0; i < 1'000; ++i) requests += kGet;
  size_t sent = 0;
  for (ssize_t put = 1; put > 0; sent += static_cast<size_t>(std::max<ssize_t>(put, 0))) {
    Settle();
    put = ::send(client.fd(), requests.data(), requests.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // Far fewer are answered than the kernel has taken from the client: what waits is not in our memory.
  EXPECT_LT(static_cast<size_t>(handler_.requests) * kGet.size(), sent);
  EXPECT_LT(handler_.requests, 5'000);
}

TEST_F(ServerLimitsTest, ClosesAfterSoManyRequests) {
  HttpLimits limits;
  limits.requests_per_connection = 2;
  Serve(nullptr, limits);
  RawClient client(port());
  client.Send(kGet + kGet + kGet);
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "");
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(client.end(), RawClient::End::kClosed);
  EXPECT_EQ(handler_.requests, 2);
}

TEST_F(ServerLimitsTest, ClosesConnectionsBeyondTheBoundAtOnce) {
  HttpLimits limits;
  limits.connections_per_reactor = 2;
  Serve(nullptr, limits);
  RawClient first(port());
  RawClient second(port());
  second.Send(kGet);
  EXPECT_EQ(second.ReadAnswer().status, 200);
  {
    RawClient third(port());
    EXPECT_EQ(third.ReadToEnd(), "");
  }
  // A place that becomes free is given again.
  first.Close();
  Settle();
  RawClient fourth(port());
  fourth.Send(kGet);
  EXPECT_EQ(fourth.ReadAnswer().status, 200);
}

}  // namespace
}  // namespace meetinity::net

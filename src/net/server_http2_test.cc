#include <gtest/gtest.h>

#include <ostream>

#include "net/raw_http2.h"
#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

using std::chrono::seconds;

constexpr uint32_t kProtocolError = 1;
constexpr uint16_t kInitialWindow = 4;

// HTTP/2 as the server speaks it, frame by frame.
class ServerHttp2Test : public ServerFixture {
 protected:
  // Reads DATA until there were `size` bytes; fewer when the server closed.
  static size_t TakeData(RawHttp2& client, size_t size) {
    size_t got = 0;
    while (got < size) {
      const RawFrame frame = client.Await(RawFrame::kData);
      if (frame.type != RawFrame::kData) break;
      got += frame.payload.size();
    }
    return got;
  }
  void ServeEchoes() {
    Serve([](const ExchangePtr& exchange) {
      auto body = std::make_shared<std::string>(exchange->request().target);
      exchange->ReadBody(
          {.on_data = [body](std::string_view bytes) { *body += bytes; },
           .on_end = [body, exchange] { exchange->Respond(200, {}, Slice::Copy(*body)); },
           .on_error = [exchange](const Error& why) { exchange->Respond(408, {}, Slice::Copy(why.name)); }});
    });
  }
};

TEST_F(ServerHttp2Test, AnswersByPriorKnowledge) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1));
  const RawHttp2::Answer answer = client.ReadAnswer(1);
  EXPECT_EQ(answer.status, "200");
  EXPECT_EQ(answer.body, "ok\n");
  EXPECT_EQ(answer.headers.at("content-length"), "3");
  EXPECT_TRUE(answer.headers.contains("date"));
}

TEST_F(ServerHttp2Test, AnswersWhenTheFirstBytesComeOneByOne) {
  Serve();
  RawHttp2 client(port());
  for (const char c : std::string_view("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
    client.client().Send(std::string_view(&c, 1));
  client.Send({RawFrame::kSettings, 0, 0, ""});
  client.Send(RawHttp2::Head(1));
  EXPECT_EQ(client.ReadAnswer(1).status, "200");
}

// HPACK's table is for what comes again: a unique value is sent in full each time, the others by their number.
TEST_F(ServerHttp2Test, RemembersNoValueThatIsUnique) {
  const std::string usual(100, 'u'), unique(100, 'i');
  Serve([&](const ExchangePtr& exchange) {
    HeaderBlock headers;
    headers.Add("x-usual", usual);
    headers.AddUnique("x-id", unique);
    exchange->Respond(200, headers, Slice::Static("ok"));
  });
  RawHttp2 client(port());
  client.Begin();
  size_t sizes[2] = {};
  for (const uint32_t stream : {1U, 3U}) {
    client.Send(RawHttp2::Head(stream));
    RawFrame head;
    do head = client.ReadFrame();
    while (head.type != RawFrame::kHeaders && head.type != 255);
    sizes[stream / 2] = head.payload.size();
  }
  const size_t coded = 50;  // half of either, the least that Huffman's code makes of them
  EXPECT_GT(sizes[0], 2 * coded);
  EXPECT_LT(sizes[1], sizes[0] - coded);
  EXPECT_GT(sizes[1], coded);
}

TEST_F(ServerHttp2Test, TellsItsBounds) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  const RawFrame settings = client.Await(RawFrame::kSettings);
  std::map<uint16_t, uint32_t> values;
  for (size_t at = 0; at + 6 <= settings.payload.size(); at += 6) {
    values[static_cast<uint16_t>(settings.NumberAt(at) >> 16)] = settings.NumberAt(at + 2);
  }
  EXPECT_EQ(values[3], 128u);     // streams at a time
  EXPECT_EQ(values[6], 32'768u);  // a head's size
}

TEST_F(ServerHttp2Test, RefusesMoreStreamsThanItsBound) {
  std::vector<ExchangePtr> held;
  Serve([&](const ExchangePtr& exchange) { held.push_back(exchange); });
  RawHttp2 client(port());
  client.Begin();
  for (uint32_t i = 0; i < 129; ++i) client.Send(RawHttp2::Head(1 + 2 * i));
  // The client has acknowledged the bound: this is no misunderstanding, and nghttp2 ends the connection.
  EXPECT_EQ(client.ReadToGoAway(), kProtocolError);
  EXPECT_EQ(handler_.requests, 128);
  OnReactor([&] { held.clear(); });
}

TEST_F(ServerHttp2Test, SendsNoMoreThanTheClientsWindows) {
  Serve([](const ExchangePtr& exchange) { exchange->Respond(200, {}, Slice::Own(std::string(100'000, 'x'))); });
  RawHttp2 client(port());
  client.Begin({{kInitialWindow, 1'000}});
  client.Send(RawHttp2::Head(1));
  EXPECT_EQ(client.Await(RawFrame::kData).payload.size(), 1'000u);
  client.Send({RawFrame::kWindow, 0, 1, RawFrame::Number(500)});
  EXPECT_EQ(client.Await(RawFrame::kData).payload.size(), 500u);
  client.Send({RawFrame::kWindow, 0, 1, RawFrame::Number(1'000'000)});
  const size_t got = 1'500;
  // The connection's own window is 65,535 until the client says more.
  EXPECT_EQ(got + TakeData(client, 65'535 - got), 65'535u);
  client.Send({RawFrame::kWindow, 0, 0, RawFrame::Number(1'000'000)});
  EXPECT_EQ(TakeData(client, 100'000 - 65'535), 100'000u - 65'535u);
}

TEST_F(ServerHttp2Test, AWindowThatStaysClosedEndsTheConnection) {
  std::atomic<bool> gone{false};
  Serve([&](const ExchangePtr& exchange) {
    exchange->OnGone([&gone] { gone = true; });
    exchange->StartResponse(200, {}, std::nullopt);
    exchange->Write(Slice::Static("never sent"));
  });
  RawHttp2 client(port());
  client.Begin({{kInitialWindow, 0}});
  client.Send(RawHttp2::Head(1));
  Advance(seconds(29));
  EXPECT_FALSE(gone);
  Advance(seconds(1));
  EXPECT_TRUE(Eventually([&] { return gone.load(); }));
  EXPECT_TRUE(Eventually([&] { return server_->counters().connections_open == 0; }));
}

TEST_F(ServerHttp2Test, ReadsABodyAsFastAsItIsTaken) {
  ExchangePtr held;
  size_t taken = 0;
  Serve([&](const ExchangePtr& exchange) { held = exchange; });
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields("POST"), RawFrame::kEndHeaders));
  const RawFrame part{RawFrame::kData, 0, 1, std::string(16'384, 'x')};
  for (int i = 0; i < 16; ++i) client.Send(part);  // the stream's window
  Settle();
  // No more is allowed until a handler has taken it.
  client.Send({RawFrame::kPing, 0, 0, "12345678"});
  for (RawFrame frame = client.ReadFrame(); frame.type < RawFrame::kPing || frame.type == RawFrame::kWindow;
       frame = client.ReadFrame()) {
    EXPECT_FALSE(frame.type == RawFrame::kWindow && frame.stream == 1);
  }
  OnReactor([&] {
    held->ReadBody({.on_data = [&taken](std::string_view bytes) { taken += bytes.size(); },
                    .on_end = [exchange = held] { exchange->Respond(200, {}, Slice::Static("all")); },
                    .on_error = [](const Error&) {}});
    held.reset();
  });
  EXPECT_EQ(client.Await(RawFrame::kWindow).stream, 1u);
  client.Send({RawFrame::kData, RawFrame::kEndStream, 1, "end"});
  EXPECT_EQ(client.ReadAnswer(1).body, "all");
  EXPECT_EQ(taken, 16u * 16'384 + 3);
}

TEST_F(ServerHttp2Test, ABodyThatNobodyTookLeavesNoHoleInTheConnectionsWindow) {
  std::vector<ExchangePtr> held;
  Serve([&](const ExchangePtr& exchange) { held.push_back(exchange); });
  RawHttp2 client(port());
  client.Begin();
  size_t window = 65'535;
  // Ten times what the connection's window holds.
  for (uint32_t stream = 1; stream < 80; stream += 2) {
    client.Send(RawHttp2::Head(stream, RawHttp2::Fields("POST"), RawFrame::kEndHeaders));
    for (int i = 0; i < 16; ++i) {
      while (window < 16'384) {
        const RawFrame more = client.Await(RawFrame::kWindow);
        ASSERT_EQ(more.type, RawFrame::kWindow) << "the server has closed at stream " << stream;
        if (more.stream == 0) window += more.NumberAt(0);
      }
      window -= 16'384;
      client.Send({RawFrame::kData, i == 15 ? RawFrame::kEndStream : uint8_t{0}, stream, std::string(16'384, 'x')});
    }
    Settle();
    OnReactor([&] {
      for (const auto& exchange : std::exchange(held, {})) exchange->Respond(200, {}, Slice());
    });
  }
  EXPECT_EQ(handler_.requests, 40);
}

TEST_F(ServerHttp2Test, ABodyThatStopsIsTheHandlersToRefuse) {
  ServeEchoes();
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields("POST"), RawFrame::kEndHeaders));
  Advance(seconds(20));
  const RawHttp2::Answer answer = client.ReadAnswer(1);
  EXPECT_EQ(answer.status, "408");
  EXPECT_EQ(answer.body, kBodyTimeout);
  // And the client is asked to send no more of it.
  EXPECT_EQ(client.Await(RawFrame::kRstStream).NumberAt(0), 0u);
}

TEST_F(ServerHttp2Test, SaysContinueWhenTheBodyIsWanted) {
  ServeEchoes();
  RawHttp2 client(port());
  client.Begin();
  RawFields fields = RawHttp2::Fields("POST");
  fields.emplace_back("expect", "100-continue");
  client.Send(RawHttp2::Head(1, fields, RawFrame::kEndHeaders));
  const RawFrame interim = client.Await(RawFrame::kHeaders);
  EXPECT_EQ(interim.flags & RawFrame::kEndStream, 0);
  client.Send({RawFrame::kData, RawFrame::kEndStream, 1, "ab"});
  const RawHttp2::Answer answer = client.ReadAnswer(1);
  EXPECT_EQ(answer.status, "200");
  EXPECT_EQ(answer.body, "/ab");
}

TEST_F(ServerHttp2Test, AnswersHeadWithoutABody) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields("HEAD")));
  const RawHttp2::Answer answer = client.ReadAnswer(1);
  EXPECT_EQ(answer.headers.at("content-length"), "3");
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.complete);
}

TEST_F(ServerHttp2Test, JoinsCookiesAndTakesHostForAuthority) {
  Serve([](const ExchangePtr& exchange) {
    const RequestHead& head = exchange->request();
    exchange->Respond(200, {}, Slice::Own(std::string(head.authority) + " " + std::string(*head.Find("cookie"))));
  });
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(
      1,
      {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "b"}, {"cookie", "x=1"}, {"cookie", "y=2"}}));
  EXPECT_EQ(client.ReadAnswer(1).body, "b x=1; y=2");
}

TEST_F(ServerHttp2Test, AnAbortedAnswerIsReset) {
  Serve([](const ExchangePtr& exchange) {
    exchange->StartResponse(200, {}, std::nullopt);
    exchange->Write(Slice::Static("half"));
    exchange->Abort();
  });
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1));
  EXPECT_FALSE(client.ReadAnswer(1).complete);
  // The connection lives on.
  client.Send({RawFrame::kPing, 0, 0, "12345678"});
  EXPECT_EQ(client.Await(RawFrame::kPing).payload, "12345678");
}

TEST_F(ServerHttp2Test, AnIdleConnectionEndsWithAFarewellAndPingsDoNotKeepIt) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1));
  EXPECT_EQ(client.ReadAnswer(1).status, "200");
  for (int i = 0; i < 59; ++i) {
    Advance(seconds(1));
    client.Send({RawFrame::kPing, 0, 0, "12345678"});
  }
  Advance(seconds(1));
  EXPECT_EQ(client.ReadToGoAway(), 0u);
}

TEST_F(ServerHttp2Test, AHeadThatNeverEndsEndsTheConnection) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1, RawHttp2::Fields(), RawFrame::kEndStream));  // to be continued
  Advance(seconds(10));
  EXPECT_EQ(client.ReadToGoAway(), 11u);  // ENHANCE_YOUR_CALM
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(ServerHttp2Test, AClientThatSaysNothingAfterItsPrefaceIsLeft) {
  Serve();
  RawHttp2 client(port());
  client.client().Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  Advance(seconds(10));
  EXPECT_EQ(client.ReadToGoAway(), 11u);
}

TEST_F(ServerHttp2Test, DrainsWithoutRefusingWhatIsOnItsWay) {
  std::vector<ExchangePtr> held;
  Serve([&](const ExchangePtr& exchange) { held.push_back(exchange); });
  RawHttp2 client(port());
  client.Begin();
  client.Send(RawHttp2::Head(1));
  Settle();
  std::atomic<bool> drained{false};
  server_->Drain(seconds(30), [&drained] { drained = true; });
  const RawFrame news = client.Await(RawFrame::kGoAway);
  EXPECT_EQ(news.NumberAt(0), 0x7fffffffu);
  // Sent before the news was read, hence served.
  client.Send(RawHttp2::Head(3));
  const RawFrame ping = client.Await(RawFrame::kPing);
  client.Send({RawFrame::kPing, RawFrame::kAck, 0, ping.payload});
  const RawFrame last = client.Await(RawFrame::kGoAway);
  EXPECT_EQ(last.NumberAt(0), 3u);
  EXPECT_FALSE(drained);
  OnReactor([&] {
    for (const auto& exchange : std::exchange(held, {})) exchange->Respond(200, {}, Slice());
  });
  EXPECT_TRUE(client.ReadAnswer(1).complete);
  EXPECT_TRUE(client.ReadAnswer(3).complete);
  EXPECT_EQ(client.client().ReadToEnd(), "");
  client.client().Close();
  EXPECT_TRUE(Eventually([&] { return drained.load(); }));
}

TEST_F(ServerHttp2Test, DrainsAClientThatDoesNotAnswer) {
  Serve();
  RawHttp2 client(port());
  client.Begin();
  Settle();
  std::atomic<bool> drained{false};
  server_->Drain(seconds(30), [&drained] { drained = true; });
  EXPECT_EQ(client.Await(RawFrame::kGoAway).NumberAt(0), 0x7fffffffu);
  Advance(seconds(1));
  EXPECT_EQ(client.ReadToGoAway(), 0u);
  client.client().Close();
  EXPECT_TRUE(Eventually([&] { return drained.load(); }));
}

}  // namespace
}  // namespace meetinity::net

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "net/server_fixture.h"

namespace meetinity::net {
namespace {

// What the server promises to a client of HTTP/1.1 or 1.0 that behaves.
class ServerHttp1Test : public ServerFixture {
 protected:
  void ServeEchoes(HttpLimits limits = {}) {
    Serve(
        [](const ExchangePtr& exchange) {
          auto body = std::make_shared<std::string>(exchange->request().target);
          exchange->ReadBody({.on_data = [body](std::string_view bytes) { *body += bytes; },
                              .on_end = [body, exchange] { exchange->Respond(200, {}, Slice::Copy(*body)); },
                              .on_error = [exchange](const Error&) { exchange->Abort(); }});
        },
        limits);
  }
};

TEST_F(ServerHttp1Test, KeepsTheConnection) {
  Serve();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.Send(kGet);
    const RawClient::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "ok\n");
    EXPECT_EQ(answer.Find("Connection"), "");
    EXPECT_NE(answer.Find("Date"), "");
  }
  EXPECT_TRUE(Eventually([&] { return server_->counters().connections_accepted == 1; }));
}

TEST_F(ServerHttp1Test, ClosesWhenAsked) {
  Serve();
  for (const char* request : {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                              "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    RawClient client(port());
    client.Send(request);
    const RawClient::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Find("Connection"), "close");
    EXPECT_EQ(client.ReadToEnd(), "");
    EXPECT_EQ(client.end(), RawClient::End::kClosed);
  }
}

TEST_F(ServerHttp1Test, KeepsHttp10ConnectionsWhenAsked) {
  Serve();
  RawClient client(port());
  for (int i = 0; i < 2; ++i) {
    client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const RawClient::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Find("Connection"), "keep-alive");
  }
}

TEST_F(ServerHttp1Test, AnswersPipelinedRequestsInTheirOrder) {
  // The first answers come later than the next requests.
  Serve([this](const ExchangePtr& exchange) {
    reactor_->Defer([exchange] {
      exchange->reactor().Defer([exchange] { exchange->Respond(200, {}, Slice::Copy(exchange->request().target)); });
    });
  });
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  client.Send(requests);
  for (int i = 0; i < 300; ++i) ASSERT_EQ(client.ReadAnswer().body, "/" + std::to_string(i));
}

TEST_F(ServerHttp1Test, FindsTheNextRequestBehindEveryBody) {
  ServeEchoes();
  const std::string requests =
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\nX: y\r\n\r\n"
      "\r\nPOST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
      "GET /d HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const size_t step : {requests.size(), size_t{1}}) {
    RawClient client(port());
    for (size_t at = 0; at < requests.size(); at += step) client.Send(requests.substr(at, step));
    for (const char* expected : {"/aabc", "/bdef", "/c", "/d"}) EXPECT_EQ(client.ReadAnswer().body, expected);
  }
}

TEST_F(ServerHttp1Test, SplitsAbsoluteTargets) {
  Serve([](const ExchangePtr& exchange) {
    const RequestHead& head = exchange->request();
    exchange->Respond(200, {},
                      Slice::Own(std::string(head.authority) + " " + std::string(head.path) + " " +
                                 std::string(head.query) + " " + std::string(head.target)));
  });
  RawClient client(port());
  client.Send("GET http://B.test:80/x?y HTTP/1.1\r\nHost: b.TEST:80\r\n\r\nGET http://b?z HTTP/1.1\r\nHost: b\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().body, "B.test:80 /x y /x?y");
  EXPECT_EQ(client.ReadAnswer().body, "b / z /?z");
}

TEST_F(ServerHttp1Test, SaysContinueWhenTheBodyIsWanted) {
  ServeEchoes();
  RawClient client(port());
  client.Send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 100);
  client.Send("ab");
  EXPECT_EQ(client.ReadAnswer().body, "/ab");
  client.Send(kGet);
  EXPECT_EQ(client.ReadAnswer().status, 200);
}

TEST_F(ServerHttp1Test, ClosesWhereABodyThatWasNotAskedForMightStillCome) {
  Serve();
  RawClient client(port());
  client.Send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 28\r\n\r\n");
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Find("Connection"), "close");
  // Sent or not, it is no request.
  client.Send(kGet);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(handler_.requests, 1);
}

TEST_F(ServerHttp1Test, SaysNoContinueToHttp10) {
  ServeEchoes();
  RawClient client(port());
  client.Send("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_EQ(client.ReadAnswer().body, "/ab");
}

TEST_F(ServerHttp1Test, SendsNoBodyWhereThereMustBeNone) {
  Serve([](const ExchangePtr& exchange) {
    const int status = exchange->request().path == "/204" ? 204 : exchange->request().path == "/304" ? 304 : 200;
    if (exchange->request().query != "stream") return exchange->Respond(status, {}, Slice::Static("body"));
    exchange->StartResponse(status, {}, std::nullopt);
    exchange->Write(Slice::Static("body"));
    exchange->Finish();
  });
  RawClient client(port());
  const auto ask = [&](const std::string& line) {
    client.Send(line + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return client.ReadAnswer(true);
  };
  const RawClient::Answer head = ask("HEAD /");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Find("Content-Length"), "4");
  EXPECT_EQ(ask("HEAD /?stream").Find("Content-Length"), "");
  EXPECT_EQ(ask("GET /204").Find("Content-Length"), "");
  EXPECT_EQ(ask("GET /304").status, 304);
  EXPECT_EQ(ask("GET /204?stream").Find("Transfer-Encoding"), "");
  EXPECT_EQ(ask("GET /304?stream").Find("Transfer-Encoding"), "");
  // Nothing of a body was left between them.
  client.Send(kGet);
  EXPECT_EQ(client.ReadAnswer().body, "body");
}

TEST_F(ServerHttp1Test, StreamsWithoutALengthInChunksOrUntilTheEnd) {
  Serve([](const ExchangePtr& exchange) {
    exchange->StartResponse(200, {}, std::nullopt);
    exchange->Write(Slice::Static("one, "));
    exchange->Write(Slice::Static(""));  // an empty chunk would be the last
    exchange->Write(Slice::Own(std::string(5'000, 'x')));
    exchange->Finish();
  });
  RawClient client(port());
  client.Send(kGet);
  const RawClient::Answer chunked = client.ReadAnswer();
  EXPECT_EQ(chunked.Find("Transfer-Encoding"), "chunked");
  EXPECT_TRUE(chunked.complete);
  EXPECT_EQ(chunked.body, "one, " + std::string(5'000, 'x'));
  RawClient old(port());
  old.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const RawClient::Answer until_end = old.ReadAnswer();
  EXPECT_EQ(until_end.Find("Transfer-Encoding"), "");
  EXPECT_EQ(until_end.Find("Connection"), "close");
  EXPECT_EQ(until_end.body, chunked.body);
}

TEST_F(ServerHttp1Test, ShowsThatAnAbortedAnswerIsIncomplete) {
  Serve([](const ExchangePtr& exchange) {
    exchange->StartResponse(200, {}, std::nullopt);
    exchange->Write(Slice::Static("half"));
    exchange->Abort();
  });
  RawClient client(port());
  client.Send(kGet);
  EXPECT_FALSE(client.ReadAnswer().complete);
  RawClient old(port());
  old.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(old.ReadAnswer().complete);
  EXPECT_EQ(old.end(), RawClient::End::kReset);
}

TEST_F(ServerHttp1Test, NeverSendsMoreThanItAnnounced) {
  Serve([](const ExchangePtr& exchange) {
    exchange->StartResponse(200, {}, 4);
    exchange->Write(Slice::Static("abc"));
    exchange->Write(Slice::Static("def"));
    exchange->Finish();
  });
  RawClient client(port());
  client.Send(kGet + kGet);
  EXPECT_EQ(client.ReadAnswer().body, "abcd");
  EXPECT_EQ(client.ReadAnswer().body, "abcd");
}

TEST_F(ServerHttp1Test, BreaksAnAnswerThatIsShorterThanAnnounced) {
  Serve([](const ExchangePtr& exchange) {
    exchange->StartResponse(200, {}, 4);
    exchange->Write(Slice::Static("abc"));
    exchange->Finish();
  });
  RawClient client(port());
  client.Send(kGet + kGet);
  EXPECT_FALSE(client.ReadAnswer().complete);
  EXPECT_EQ(handler_.requests, 1);
}

TEST_F(ServerHttp1Test, DrainsASmallBodyNobodyReadAndClosesForALargeOne) {
  Serve();
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x') + kGet);
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "");
  EXPECT_EQ(client.ReadAnswer().status, 200);
  RawClient large(port());
  large.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x') + kGet);
  EXPECT_EQ(large.ReadAnswer().Find("Connection"), "close");
  EXPECT_EQ(large.ReadToEnd(), "");
  EXPECT_EQ(handler_.requests, 3);
}

TEST_F(ServerHttp1Test, TellsTheHandlerOfABodyThatBreaksOff) {
  std::string error;
  Serve([&](const ExchangePtr& exchange) {
    exchange->ReadBody({.on_data = [](std::string_view) {},
                        .on_end = [] { ADD_FAILURE() << "the body is not complete"; },
                        .on_error =
                            [&error, exchange](const Error& why) {
                              error = why.name;
                              exchange->Respond(400, {}, Slice::Static("half\n"));
                            }});
  });
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  client.EndSending();
  EXPECT_EQ(client.ReadAnswer().body, "half\n");
  EXPECT_EQ(error, kIncompleteBody);
}

TEST_F(ServerHttp1Test, TellsTheHandlerThatTheClientHasGone) {
  std::atomic<bool> gone{false};
  ExchangePtr held;
  Serve([&](const ExchangePtr& exchange) {
    held = exchange;
    exchange->OnGone([&gone] { gone = true; });
  });
  RawClient client(port());
  client.Send(kGet);
  Settle();
  EXPECT_FALSE(gone);
  client.Close();
  EXPECT_TRUE(Eventually([&] { return gone.load(); }));
  // Answered too late: dropped quietly.
  OnReactor([&] {
    held->Respond(200, {}, Slice::Static("late"));
    held.reset();
  });
}

TEST_F(ServerHttp1Test, ServesAnotherRequestThanTheOneAHandlerKeeps) {
  std::vector<ExchangePtr> kept;
  Serve([&](const ExchangePtr& exchange) {
    kept.push_back(exchange);
    exchange->Respond(200, {}, Slice::Static("ok\n"));
  });
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.ReadAnswer().status, 200);
  }
  OnReactor([&] {
    for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i]->request().target, "/" + std::to_string(i));
    kept.clear();
  });
}

// Bytes that lie in a file, too, and differ from place to place.
struct FileSlice {
  FileSlice() : descriptor(::memfd_create("body", MFD_CLOEXEC)) {
    for (size_t i = 0; i < 300'000; ++i) bytes += std::to_string(i % 977) + ',';
    EXPECT_EQ(::write(descriptor, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  ~FileSlice() { ::close(descriptor); }
  Slice Whole() const { return {nullptr, bytes, {descriptor, 0}}; }

  int descriptor;
  std::string bytes;
};

TEST_F(ServerHttp1Test, SendsFromFilesWhatLiesThere) {
  const FileSlice body;
  constexpr size_t kBegin = 12'345, kSize = 700'000;
  Serve([&](const ExchangePtr& exchange) {
    const Slice slices[] = {Slice::Static("before"), body.Whole().Part(kBegin, kSize), Slice::Static("between"),
                            body.Whole(), Slice::Static("after")};
    exchange->Respond(200, std::span<const HeaderBlock* const>(), slices);
  });
  // One that takes all at once, with a request behind its own, and one whose socket is full nearly always.
  for (const int receive_buffer : {0, 4'096}) {
    RawClient client(port(), receive_buffer);
    client.Send(kGet + kGet);
    for (int i = 0; i < 2; ++i) {
      const RawClient::Answer answer = client.ReadAnswer();
      EXPECT_TRUE(answer.complete);
      EXPECT_TRUE(answer.body == "before" + body.bytes.substr(kBegin, kSize) + "between" + body.bytes + "after");
    }
  }
}

TEST_F(ServerHttp1Test, AFileThatLacksWhatItShouldHoldBreaksTheAnswerOff) {
  const FileSlice body;
  ASSERT_EQ(::ftruncate(body.descriptor, 100'000), 0);
  Serve([&](const ExchangePtr& exchange) { exchange->Respond(200, HeaderBlock(), body.Whole()); });
  RawClient client(port());
  client.Send(kGet);
  EXPECT_FALSE(client.ReadAnswer().complete);
}

TEST_F(ServerHttp1Test, SurvivesAClientThatLeavesWhileAFileIsSent) {
  const FileSlice body;
  std::atomic<int> gone{0};
  Serve([&](const ExchangePtr& exchange) {
    if (exchange->request().target == "/next") return exchange->Respond(200, HeaderBlock(), Slice::Static("ok\n"));
    exchange->OnGone([&gone] { ++gone; });
    exchange->StartResponse(200, std::span<const HeaderBlock* const>(), 2 * body.bytes.size());
    exchange->Write(body.Whole());
  });
  for (int i = 0; i < 5; ++i) {
    RawClient client(port(), 4'096);
    client.Send(kGet);
    client.ReadBytes(1'000);
  }  // closed with bytes unread, which is a reset
  EXPECT_TRUE(Eventually([&] { return gone == 5; }));
  EXPECT_TRUE(Ask("GET /next HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"));
}

}  // namespace
}  // namespace meetinity::net

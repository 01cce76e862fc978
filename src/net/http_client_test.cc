#include "net/http_client.h"

#include <gtest/gtest.h>

#include "net/client_fixture.h"
#include "net/scripted_server.h"
#include "net/socket.h"

namespace meetinity::net {
namespace {

using std::chrono::milliseconds;

// HTTP/1.1, against exact bytes.
class HttpClientTest : public ClientFixture {
 protected:
  ClientRequest RequestTo(const ScriptedServer& server, std::string method = "GET") {
    endpoint_.port = server.port();
    return Request(std::move(method));
  }
  Outcome AskOnce(const ScriptedServer& server, std::string method = "GET") {
    return Ask(RequestTo(server, std::move(method)));
  }
  std::vector<Outcome> AskTwice(const ScriptedServer& server, std::string method = "GET", ClientLimits limits = {}) {
    std::vector<ClientRequest> requests;
    requests.push_back(RequestTo(server, method));
    requests.push_back(RequestTo(server, method));
    return AskInTurn(std::move(requests), limits);
  }
};

TEST_F(HttpClientTest, ReadsAnAnswerWithALength) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nX-Test: yes\r\nContent-Length: 5\r\n\r\nhello"}}});
  const Outcome outcome = AskOnce(server);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "hello");
  EXPECT_EQ(outcome.header, "yes");
  EXPECT_TRUE(server.requests().starts_with("GET / HTTP/1.1\r\nhost: origin.test\r\n"));
}

TEST_F(HttpClientTest, ReadsChunksAndSkipsInterimAnswers) {
  ScriptedServer server(
      {{{"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"}}});
  const Outcome outcome = AskOnce(server);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "abcde");
}

TEST_F(HttpClientTest, ReadsUntilTheConnectionCloses) {
  ScriptedServer server({{{"HTTP/1.0 200 OK\r\n\r\nuntil the end", 0, true}}});
  const Outcome outcome = AskOnce(server);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.body, "until the end");
}

TEST_F(HttpClientTest, ExpectsNoBodyAfterHead) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"}}});
  const Outcome outcome = AskOnce(server, "HEAD");
  EXPECT_EQ(outcome.status, 200);
  EXPECT_FALSE(outcome.error);
}

TEST_F(HttpClientTest, UsesAConnectionAgain) {
  ScriptedServer server(
      {{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}, {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}});
  const auto outcomes = AskTwice(server);
  EXPECT_EQ(outcomes[0].body + outcomes[1].body, "ab");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, NeverUsesAConnectionWithLeftoversAgain) {
  ScriptedServer server(
      {{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"}},
       {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}});
  const auto outcomes = AskTwice(server);
  EXPECT_EQ(outcomes[1].body, "b");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, SaysThatAnAnswerWasCutOff) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 0, true}}});
  const Outcome outcome = AskOnce(server);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->name, kResponseTruncated);
}

TEST_F(HttpClientTest, RefusesWhatTwoProgramsCouldReadDifferently) {
  for (const std::string answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Test : a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Test: a\r\n b\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na"}) {
    ScriptedServer server({{{answer, 0, true}}});
    const Outcome outcome = AskOnce(server);
    ASSERT_TRUE(outcome.error) << answer;
    EXPECT_EQ(outcome.error->name, kResponseInvalid) << answer;
  }
}

TEST_F(HttpClientTest, TriesOnceMoreWhenAnIdleConnectionWasClosed) {
  // The server closes after its first answer; whether the client sees that before it sends again is a race, and either
  // way the second request must be answered.
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 0, true}},
                         {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}});
  const auto outcomes = AskTwice(server);
  EXPECT_EQ(outcomes[1].body, "b");
}

TEST_F(HttpClientTest, SendsABodyAndItsLength) {
  ScriptedServer server({{{"HTTP/1.1 204 No Content\r\n\r\n", 7}}});
  ClientRequest request = RequestTo(server, "PUT");
  request.body = {Slice::Copy("abc"), Slice::Copy("defg")};
  EXPECT_EQ(Ask(std::move(request)).status, 204);
  EXPECT_NE(server.requests().find("content-length: 7\r\n\r\nabcdefg"), std::string::npos);
}

TEST_F(HttpClientTest, SendsAStreamedBodyInChunks) {
  constexpr std::string_view kChunks = "3\r\nabc\r\n0\r\n\r\n";
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", kChunks.size()}}});
  ClientRequest request = RequestTo(server, "POST");
  request.streams_body = true;
  Outcome outcome;
  Run({}, [&](HttpClient& client) {
    const auto call = client.Send(endpoint_, std::move(request), Into(outcome, [&] { Done(); }));
    call->WriteBody(Slice::Copy("abc"));
    call->FinishBody();
  });
  EXPECT_EQ(outcome.status, 200);
  EXPECT_NE(server.requests().find(kChunks), std::string::npos);
}

TEST_F(HttpClientTest, SaysThatNobodyListens) {
  uint16_t port = 0;
  {
    const Socket taken = ListenTcp(SocketAddress::Parse("127.0.0.1", 0).value(), PortSharing::kExclusive).value();
    port = SocketAddress::LocalOf(taken).value().port();
  }
  endpoint_.port = port;
  const Outcome outcome = Ask(Request());
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->name, kConnectFailed);
}

TEST_F(HttpClientTest, GivesUpOnASilentServer) {
  ScriptedServer server({{{""}}});
  ClientRequest request = RequestTo(server);
  request.response_timeout = milliseconds(20);
  const Outcome outcome = Ask(std::move(request));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->name, kResponseTimeout);
}

TEST_F(HttpClientTest, BoundsConnectionsAndTheQueue) {
  ScriptedServer server(
      {{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}, {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}});
  ClientLimits limits;
  limits.connections_per_endpoint = 1;
  limits.queued_per_endpoint = 1;
  std::vector<Outcome> outcomes(3);
  int left = 3;
  Run(limits, [&](HttpClient& client) {
    for (Outcome& outcome : outcomes) {
      client.Send(endpoint_, RequestTo(server), Into(outcome, [&] {
                    if (--left == 0) Done();
                  }));
    }
  });
  EXPECT_EQ(outcomes[0].body + outcomes[1].body, "ab");
  ASSERT_TRUE(outcomes[2].error);
  EXPECT_EQ(outcomes[2].error->name, kClientBusy);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, HoldsBytesBackWhilePaused) {
  const std::string body(3'000'000, 'x');
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + body}}});
  Outcome outcome;
  std::shared_ptr<ClientCall> call;
  bool paused = false;
  int reads = 0;
  Timer resume;
  ResponseReader reader = Into(outcome, [&] { Done(); });
  reader.on_data = [&](std::string_view bytes) {
    EXPECT_FALSE(paused);
    outcome.body += bytes;
    if (++reads % 3 != 0) return;
    paused = true;
    call->Pause();
    resume = reactor_->StartTimer(milliseconds(1), [&] {
      paused = false;
      call->Resume();
    });
  };
  Run({}, [&](HttpClient& client) { call = client.Send(endpoint_, RequestTo(server), std::move(reader)); });
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.body.size(), body.size());
}

TEST_F(HttpClientTest, BlamesNobodyForSilenceWhilePaused) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"}}});
  Outcome outcome;
  std::shared_ptr<ClientCall> call;
  Timer resume;
  ResponseReader reader = Into(outcome, [&] { Done(); });
  reader.on_head = [&](const ResponseHeadView&) {
    call->Pause();
    resume = reactor_->StartTimer(milliseconds(60), [&] { call->Resume(); });
  };
  ClientRequest request = RequestTo(server);
  request.response_timeout = milliseconds(20);
  Run({}, [&](HttpClient& client) { call = client.Send(endpoint_, std::move(request), std::move(reader)); });
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.body, "body");
}

TEST_F(HttpClientTest, TellsNothingAfterCancel) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"}}});
  Outcome outcome;
  std::shared_ptr<ClientCall> call;
  Timer later;
  ResponseReader reader = Into(outcome, [] { FAIL() << "told after Cancel"; });
  reader.on_data = [&](std::string_view) {
    call->Cancel();
    later = reactor_->StartTimer(milliseconds(5), [&] { Done(); });
  };
  Run({}, [&](HttpClient& client) { call = client.Send(endpoint_, RequestTo(server), std::move(reader)); });
  EXPECT_FALSE(outcome.error);
}

TEST_F(HttpClientTest, LetsACancelledRequestLeaveTheQueue) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}, {"HTTP/1.1 204 No\r\n\r\n"}}});
  ClientLimits limits;
  limits.connections_per_endpoint = 1;
  limits.queued_per_endpoint = 1;
  Outcome first, cancelled, second;
  Run(limits, [&](HttpClient& client) {
    client.Send(endpoint_, RequestTo(server), Into(first, [] {}));
    client.Send(endpoint_, RequestTo(server), Into(cancelled, [] {}))->Cancel();
    client.Send(endpoint_, RequestTo(server), Into(second, [&] { Done(); }));
  });
  EXPECT_EQ(first.body, "a");
  EXPECT_FALSE(cancelled.over);
  EXPECT_EQ(second.status, 204);
}

TEST_F(HttpClientTest, MayBeDestroyedWhileItTells) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"}}});
  Outcome outcome, other;
  ResponseReader reader = Into(outcome, [] { FAIL() << "told after the client was gone"; });
  reader.on_data = [&](std::string_view) {
    client_.reset();
    reactor_->Defer([&] { reactor_->Defer([&] { Done(); }); });
  };
  ClientLimits limits;
  limits.connections_per_endpoint = 1;
  Run(limits, [&](HttpClient& client) {
    client.Send(endpoint_, RequestTo(server), std::move(reader));
    client.Send(endpoint_, RequestTo(server), Into(other, [] { FAIL() << "told after the client was gone"; }));
  });
  EXPECT_FALSE(outcome.over);
  EXPECT_FALSE(other.over);
}

TEST_F(HttpClientTest, RetriesWhatIsIdempotentOnly) {
  // The second request on the first connection gets no answer, only the end.
  const std::vector<ScriptedServer::Script> scripts = {
      {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}, {"", 0, true}},
      {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}};
  {
    ScriptedServer server(scripts);
    EXPECT_EQ(AskTwice(server, "DELETE")[1].body, "b");
    EXPECT_EQ(server.connections(), 2);
  }
  ScriptedServer server(scripts);
  const Outcome refused = AskTwice(server, "PATCH")[1];
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->name, kResponseInvalid);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, RetriesOnceAndNotOnAFreshConnection) {
  ScriptedServer server({{{"", 0, true}}, {{"HTTP/1.1 200 OK\r\n\r\n", 0, true}}});
  const Outcome outcome = AskOnce(server);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->name, kResponseInvalid);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, RetriesOnAFreshConnectionAlthoughAllPlacesAreTaken) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}, {"", 0, true}},
                         {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}});
  ClientLimits limits;
  limits.connections_per_endpoint = 1;
  EXPECT_EQ(AskTwice(server, "GET", limits)[1].body, "b");
}

TEST_F(HttpClientTest, NeverRetriesHalfAnAnswer) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}, {"HTTP/1.1 2", 0, true}}});
  const Outcome outcome = AskTwice(server)[1];
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->name, kResponseInvalid);
}

TEST_F(HttpClientTest, ClosesWhatIsIdleForTooLong) {
  ScriptedServer server(
      {{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}}, {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}});
  ClientLimits limits;
  limits.idle_timeout = milliseconds(5);
  Outcome first, second;
  Timer later;
  Run(limits, [&](HttpClient& client) {
    client.Send(endpoint_, RequestTo(server), Into(first, [&] {
                  later = reactor_->StartTimer(milliseconds(20), [&] {
                    client.Send(endpoint_, RequestTo(server), Into(second, [&] { Done(); }));
                  });
                }));
  });
  EXPECT_EQ(first.body + second.body, "ab");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, KeepsConnectionsOpenAsLongAsTheirEndpointSays) {
  const ScriptedServer::Exchange one{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"};
  ScriptedServer server({{one}, {one, one}});
  endpoint_.port = server.port();
  ClientLimits limits;
  limits.idle_timeout = milliseconds(5);
  std::vector<Outcome> outcomes(3);
  Timer later;
  Run(limits, [&](HttpClient& client) {
    const auto ask = [&](size_t i, std::function<void()> then) {
      client.Send(endpoint_, Request(), Into(outcomes[i], std::move(then)));
    };
    const auto wait = [&](std::function<void()> then) {
      later = reactor_->StartTimer(milliseconds(30), std::move(then));
    };
    ask(0, [&, ask, wait] {
      endpoint_.idle_timeout = std::chrono::seconds(60);  // another endpoint, and so another connection
      ask(1, [&, ask, wait] { wait([&, ask] { ask(2, [&] { Done(); }); }); });
    });
  });
  EXPECT_EQ(outcomes[0].body + outcomes[1].body + outcomes[2].body, "aaa");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, TellsWhatMakingTheConnectionAndWaitingTook) {
  const ScriptedServer::Exchange one{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"};
  ScriptedServer server({{one, one}});
  const auto outcomes = AskTwice(server);
  EXPECT_GT(outcomes[0].connect_time, Duration::zero());
  EXPECT_EQ(outcomes[1].connect_time, Duration::zero());  // it stood already
  EXPECT_GE(outcomes[1].wait_time, Duration::zero());
}

TEST_F(HttpClientTest, GivesUpWaitingForAFreePlace) {
  ScriptedServer server({{{""}}});
  ClientLimits limits;
  limits.connections_per_endpoint = 1;
  Outcome stuck, waiting;
  Run(limits, [&](HttpClient& client) {
    client.Send(endpoint_, RequestTo(server), Into(stuck, [] {}));
    ClientRequest request = RequestTo(server);
    request.connect_timeout = milliseconds(10);
    client.Send(endpoint_, std::move(request), Into(waiting, [&] { Done(); }));
  });
  ASSERT_TRUE(waiting.error);
  EXPECT_EQ(waiting.error->name, kResponseTimeout);
}

TEST_F(HttpClientTest, SeesTheAnswerOfAServerThatReadsNoFurther) {
  // 64 MB do not fit into any socket buffer, so the server answers, and closes, in the middle of the request.
  ScriptedServer server({{{"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", 0, true}}});
  ClientRequest request = RequestTo(server, "PUT");
  const Slice piece = Slice::Own(std::string(1 << 20, 'x'));
  request.body.assign(64, piece);
  const Outcome outcome = Ask(std::move(request));
  EXPECT_EQ(outcome.status, 413);
  EXPECT_EQ(outcome.body, "no");
}

TEST_F(HttpClientTest, RefusesToSendWhatWouldBreakFraming) {
  endpoint_.port = 1;
  ClientRequest split = Request("GET", "/a HTTP/1.1\r\nx: y");
  ClientRequest second_framing = Request("POST");
  second_framing.headers.Add("Content-Length", "1");
  ClientRequest method = Request("GET /");
  ClientRequest authority = Request();
  authority.authority = "a\r\nb: c";
  for (ClientRequest* request : {&split, &second_framing, &method, &authority}) {
    const Outcome outcome = Ask(std::move(*request));
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->name, kRequestInvalid);
  }
}

TEST_F(HttpClientTest, HoldsAStreamedBodyToItsLength) {
  for (const std::string_view body : {"abcd", "ab"}) {
    ScriptedServer server({{{"HTTP/1.1 204 No\r\n\r\n", 4}}});
    ClientRequest request = RequestTo(server, "PUT");
    request.streams_body = true;
    request.content_length = 3;
    Outcome outcome;
    Run({}, [&](HttpClient& client) {
      const auto call = client.Send(endpoint_, std::move(request), Into(outcome, [&] { Done(); }));
      call->WriteBody(Slice::Copy(body));
      call->FinishBody();
    });
    ASSERT_TRUE(outcome.error) << body;
    EXPECT_EQ(outcome.error->name, kRequestInvalid) << body;
  }
}

}  // namespace
}  // namespace meetinity::net

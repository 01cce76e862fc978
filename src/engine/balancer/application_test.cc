// An application load balancer from outside: rules, headers, refusals, failures.
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <thread>

#include "engine/balancer/testing/application_fixture.h"
#include "net/scripted_server.h"

namespace meetinity::balancer {
namespace {

using net::RawClient;
using testing::ApplicationTest;
using testing::AskAt;
using testing::GetOf;
using testing::kGetRoot;
using testing::RespondText;
using testing::TestTarget;

TEST_F(ApplicationTest, PassesRequestsAndAnswersOn) {
  target_.SetHandle([](const net::ExchangePtr& exchange, const TestTarget::Request& request) {
    net::HeaderBlock headers;
    headers.Add("Server", "mine");
    headers.Add("X-Echo", request.method + " " + request.target);
    exchange->Respond(201, headers, net::Slice::Copy(request.body));
  });
  Begin();
  RawClient client(house_.port());
  client.Send("POST /p?q=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  const auto answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.Find("server"), "mine");
  EXPECT_EQ(answer.Find("x-echo"), "POST /p?q=1");
  EXPECT_EQ(answer.body, "hello");
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().body, "abcde");
}

TEST_F(ApplicationTest, CarriesLargeBodiesBothWays) {
  target_.SetHandle([](const net::ExchangePtr& exchange, const TestTarget::Request& request) {
    RespondText(exchange, 200, request.body);
  });
  Begin();
  std::string body(3'000'000, 'x');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  RawClient client(house_.port());
  std::thread sender([&] {
    client.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  EXPECT_TRUE(client.ReadAnswer().body == body);
  sender.join();
}

TEST_F(ApplicationTest, AnswersHeadWithoutABody) {
  Begin();
  const auto answer = Ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Find("Content-Length"), "3");
}

TEST_F(ApplicationTest, AnswersExpectationsItself) {
  Begin();
  RawClient client(house_.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 100);
  client.Send("hi");
  EXPECT_EQ(client.ReadAnswer().status, 200);
  EXPECT_EQ(target_.last().Find("expect"), "");
}

// ---- headers

TEST_F(ApplicationTest, TellsTheTargetWhoAsked) {
  Begin();
  Ask(GetOf("/", "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: ftp\r\nX-Forwarded-Port: 1\r\n", "site.test:80"));
  const auto asked = target_.last();
  EXPECT_EQ(asked.Find("x-forwarded-for"), "203.0.113.7, 127.0.0.1");
  EXPECT_EQ(asked.Find("x-forwarded-proto"), "http");
  EXPECT_EQ(asked.Find("x-forwarded-port"), "80");
  EXPECT_EQ(asked.CountOf("x-forwarded-proto"), 1u);
  EXPECT_EQ(asked.authority, "site.test") << "a default listener's port is left out";
  EXPECT_TRUE(std::regex_match(asked.Find("x-amzn-trace-id"), std::regex("Root=1-[0-9a-f]{8}-[0-9a-f]{24}")));
}

TEST_F(ApplicationTest, FollowsItsForwardedForMode) {
  house_.balancer().forwarded_for = ForwardedForMode::kPreserve;
  Begin();
  Ask(GetOf("/", "X-Forwarded-For: 203.0.113.7\r\n"));
  EXPECT_EQ(target_.last().Find("x-forwarded-for"), "203.0.113.7");
  house_.balancer().forwarded_for = ForwardedForMode::kRemove;
  house_.Apply();
  Ask(GetOf("/", "X-Forwarded-For: 203.0.113.7\r\n"));
  EXPECT_EQ(target_.last().CountOf("x-forwarded-for"), 0u);
  house_.balancer().forwarded_for = ForwardedForMode::kAppend;
  house_.balancer().forwarded_for_client_port = true;
  house_.Apply();
  Ask(kGetRoot);
  EXPECT_TRUE(std::regex_match(target_.last().Find("x-forwarded-for"), std::regex("127\\.0\\.0\\.1:[0-9]+")));
}

TEST_F(ApplicationTest, WritesHostAsTheListenersPortWants) {
  house_.listener().port = 8080;
  Begin();
  Ask(GetOf("/", "", "site.test"));
  EXPECT_EQ(target_.last().authority, "site.test:8080");
  Ask(GetOf("/", "", "site.test:8080"));
  EXPECT_EQ(target_.last().authority, "site.test:8080");
  house_.balancer().preserve_host_header = true;
  house_.Apply();
  Ask(GetOf("/", "", "site.test"));
  EXPECT_EQ(target_.last().authority, "site.test");
}

TEST_F(ApplicationTest, KeepsWhatConcernsOneConnectionOnly) {
  Begin();
  Ask(GetOf("/",
            "Connection: keep-alive, X-Hop, X-Forwarded-For\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nTE: trailers\r\n"
            "Proxy-Authorization: x\r\nUpgrade: h2c\r\nX-End: 2\r\n"));
  const auto asked = target_.last();
  for (const char* name : {"connection", "keep-alive", "x-hop", "te", "proxy-authorization", "upgrade"}) {
    EXPECT_EQ(asked.CountOf(name), 0u) << name;
  }
  EXPECT_EQ(asked.Find("x-end"), "2");
  EXPECT_EQ(asked.Find("x-forwarded-for"), "127.0.0.1") << "a client cannot name the balancer's own fields away";
}

TEST_F(ApplicationTest, DropsInvalidHeaderFieldsWhereItIsAskedTo) {
  house_.balancer().drop_invalid_header_fields = true;
  Begin();
  Ask(GetOf("/", "X_Under: 1\r\nX-Fine: 2\r\n"));
  EXPECT_EQ(target_.last().CountOf("x_under"), 0u);
  EXPECT_EQ(target_.last().Find("x-fine"), "2");
  EXPECT_EQ(house_.engine().TotalsOf("lb").dropped_invalid_headers, 1u);
}

TEST_F(ApplicationTest, KeepsATraceThatIsThere) {
  Begin();
  Ask(GetOf("/", "X-Amzn-Trace-Id: Root=1-11111111-222222222222222222222222\r\n"));
  EXPECT_TRUE(std::regex_match(target_.last().Find("x-amzn-trace-id"),
                               std::regex("Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-11111111-2{24}")));
}

// ---- rules and actions

TEST_F(ApplicationTest, TakesTheFirstRuleThatHolds) {
  TestTarget other("two");
  house_.AddGroup("other");
  house_.AddTarget("two", other.port(), "other");
  house_.AddRule(20, {PathPatternCondition{{"/api/*"}}}, FixedResponseAction{404, "text/plain", "too late"});
  house_.AddRule(10, {PathPatternCondition{{"/api/*"}}, MethodCondition{{"GET"}}}, ForwardAction{{{"other", 1}}, {}});
  Begin();
  EXPECT_EQ(Ask(GetOf("/api/x")).body, "two");
  EXPECT_EQ(Ask("POST /api/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").body, "too late");
  EXPECT_EQ(Ask(GetOf("/")).body, "one");
  EXPECT_EQ(house_.engine().TotalsOf("lb").rule_evaluations, 1u + 2u + 3u);
}

TEST_F(ApplicationTest, AsksThePeersAddressAndNeverAHeaders) {
  house_.AddRule(1, {SourceIpCondition{{"203.0.113.0/24"}}}, FixedResponseAction{200, "", "from afar"});
  house_.AddRule(2, {SourceIpCondition{{"10.0.0.0/8", "127.0.0.0/8"}}}, FixedResponseAction{200, "", "from here"});
  Begin();
  EXPECT_EQ(Ask(GetOf("/", "X-Forwarded-For: 203.0.113.7\r\n")).body, "from here");
}

TEST_F(ApplicationTest, RedirectsWithThePort) {
  RedirectAction action;
  action.protocol = "HTTPS";
  action.port = "443";
  house_.listener().rules = {{0, {}, action}};
  house_.Apply();
  const auto answer = Ask(GetOf("/x?y=1", "", "site.test"));
  EXPECT_EQ(answer.status, 301);
  EXPECT_EQ(answer.Find("Location"), "https://site.test:443/x?y=1");
  EXPECT_EQ(answer.Find("Server"), "awselb/2.0");
  EXPECT_EQ(house_.engine().TotalsOf("lb").redirects, 1u);
}

TEST_F(ApplicationTest, AnswersAFixedResponse) {
  house_.listener().rules = {{0, {}, FixedResponseAction{418, "text/css", "tea"}}};
  house_.Apply();
  const auto answer = Ask(kGetRoot);
  EXPECT_EQ(answer.status, 418);
  EXPECT_EQ(answer.Find("Content-Type"), "text/css");
  EXPECT_EQ(answer.body, "tea");
}

TEST_F(ApplicationTest, ShowsItsOwnPageWhereNothingIsRegistered) {
  house_.Apply();
  const auto answer = Ask(kGetRoot);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Find("Server"), "awselb/2.0");
  EXPECT_NE(answer.body.find("503 Service Temporarily Unavailable"), std::string::npos);
  EXPECT_EQ(house_.engine().TotalsOf("lb").own_503, 1u);
}

TEST_F(ApplicationTest, ForwardsNowhereWhenEveryWeightIsZero) {
  house_.listener().rules = {{0, {}, ForwardAction{{{"group", 0}, {"other", 0}}, {}}}};
  house_.AddGroup("other");
  Begin();
  EXPECT_EQ(Ask(kGetRoot).status, 503);
}

// ---- what the balancer refuses by itself

TEST_F(ApplicationTest, RefusesTrace) {
  Begin();
  EXPECT_EQ(Ask("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n").status, 405);
}

TEST_F(ApplicationTest, RefusesMoreForwardersThanThirty) {
  Begin();
  std::string forwarders = "1.1.1.1";
  for (int i = 0; i < 29; ++i) forwarders += ", 1.1.1.1";
  EXPECT_EQ(Ask(GetOf("/", "X-Forwarded-For: " + forwarders + "\r\n")).status, 200);
  EXPECT_EQ(Ask(GetOf("/", "X-Forwarded-For: " + forwarders + ", 2.2.2.2\r\n")).status, 463);
}

TEST_F(ApplicationTest, RefusesWhatIsTooLarge) {
  Begin();
  EXPECT_EQ(Ask(GetOf("/" + std::string(16'384, 'x'))).status, 414);
  EXPECT_EQ(Ask(GetOf("/", "X-Large: " + std::string(16'384, 'x') + "\r\n")).status, 400);
  std::string many;
  for (int i = 0; i < 8; ++i) many += "X-Part: " + std::string(9'000, 'x') + "\r\n";
  const auto answer = Ask(GetOf("/", many));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Find("Server"), "awselb/2.0");
}

TEST_F(ApplicationTest, RefusesARequestOfAnotherProtocolVersion) {
  house_.group().version = ProtocolVersion::kHttp2;
  Begin();
  EXPECT_EQ(Ask(kGetRoot).status, 464);
  house_.group().version = ProtocolVersion::kGrpc;
  house_.Apply();
  EXPECT_EQ(Ask(kGetRoot).status, 464);
}

TEST_F(ApplicationTest, AdmitsOnlyThoseItShould) {
  house_.balancer().admission = {{{"203.0.113.0/24", 0, 65'535}, {"127.0.0.0/8", 443, 443}}};
  Begin();
  RawClient stranger(house_.port());
  EXPECT_EQ(stranger.ReadToEnd(), "");
  EXPECT_EQ(house_.engine().TotalsOf("lb").connections_rejected, 1u);
  house_.balancer().admission->push_back({"127.0.0.1/32", 80, 80});
  house_.Apply();
  EXPECT_EQ(Ask(kGetRoot).status, 200);
}

// ---- when a target fails

TEST_F(ApplicationTest, TriesAnotherTargetWhenOneRefusesConnections) {
  TestTarget down("down");
  house_.AddTarget("down", down.port());
  Begin();
  down.Down();
  for (int i = 0; i < 6; ++i) {
    const auto answer = Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(target_.last().body, "body") << "nothing of the request is lost on the way to the second";
  }
  EXPECT_GT(house_.engine().TotalsOf("group", "down").connection_errors, 0u);
}

TEST_F(ApplicationTest, Answers502WhenNobodyListens) {
  Begin();
  target_.Down();
  EXPECT_EQ(Ask(kGetRoot).status, 502);
  EXPECT_EQ(house_.engine().TotalsOf("lb").target_connection_errors, 1u);
}

struct BadAnswer {
  const char* name;
  std::string answer;
};

class BadAnswerTest : public ApplicationTest, public ::testing::WithParamInterface<BadAnswer> {};
INSTANTIATE_TEST_SUITE_P(
    Targets, BadAnswerTest,
    ::testing::Values(
        BadAnswer{"NoHttp", "hello\r\n\r\n"}, BadAnswer{"Nothing", ""},
        BadAnswer{"HalfAHead", "HTTP/1.1 200 OK\r\nX: "},
        BadAnswer{"LargeHead", "HTTP/1.1 200 OK\r\nX: " + std::string(33'000, 'x') + "\r\n\r\n"},
        BadAnswer{"CodingAndLength",
                  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
        BadAnswer{"TwoLengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
        BadAnswer{"SwitchUnasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"},
        BadAnswer{"FoldedHeader", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"}),
    [](const auto& test) { return test.param.name; });

TEST_P(BadAnswerTest, Is502) {
  // The first connection is the health check's.
  net::ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}, {{GetParam().answer, 0, true}}});
  house_.AddTarget("bad", server.port());
  house_.ApplyAndAwaitHealthy();
  const auto answer = Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.Find("Server"), "awselb/2.0");
}

TEST_F(ApplicationTest, BreaksOffAnAnswerThatBreaksOff) {
  net::ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
                              {{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 0, true}}});
  house_.AddTarget("bad", server.port());
  house_.ApplyAndAwaitHealthy();
  EXPECT_FALSE(Ask(kGetRoot).complete);
}

TEST_F(ApplicationTest, Answers504WhenATargetIsSilent) {
  target_.SetHandle([this](const net::ExchangePtr& exchange, const TestTarget::Request&) { target_.Hold(exchange); });
  Begin();
  RawClient client(house_.port());
  client.Send(kGetRoot);
  target_.AwaitRequests(1);
  house_.Advance(std::chrono::seconds(61));
  EXPECT_EQ(client.ReadAnswer().status, 504);
  EXPECT_EQ(house_.engine().TotalsOf("lb").own_504, 1u);
}

TEST_F(ApplicationTest, Answers408WhenAClientIsSilent) {
  Begin();
  RawClient head(house_.port());
  head.Send("GET / HTTP/1.1\r\nHo");
  RawClient body(house_.port());
  body.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
  // Both have been read once the balancer has asked the target, which hears of the second only.
  for (int i = 0; i < 200 && house_.engine().TotalsOf("group", "one").active == 0; ++i) house_.Settle();
  house_.Advance(std::chrono::seconds(61));
  EXPECT_EQ(head.ReadAnswer().status, 408);
  EXPECT_EQ(body.ReadAnswer().status, 408);
}

TEST_F(ApplicationTest, TakesNewTimeoutsWithoutLosingConnections) {
  Begin();
  RawClient client(house_.port());
  client.Send(kGetRoot);
  EXPECT_EQ(client.ReadAnswer().status, 200);
  house_.balancer().client_keep_alive = std::chrono::seconds(60);
  house_.Apply();
  house_.Advance(std::chrono::seconds(30));
  client.Send(kGetRoot);
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "");
  house_.Advance(std::chrono::seconds(31));
  client.Send(kGetRoot);
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "close") << "the connection has lived as long as it may";
}

TEST_F(ApplicationTest, NeverReusesATargetsConnectionWithAnUploadOnIt) {
  // Answers at once, before the body is there.
  net::ScriptedServer early({{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}},
                             {{"HTTP/1.1 413 Too Large\r\nContent-Length: 6\r\n\r\nenough"}},
                             {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfresh", 0, true}}});
  house_.AddTarget("early", early.port());
  house_.ApplyAndAwaitHealthy();
  RawClient client(house_.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly some");
  const auto answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.Find("Connection"), "close");
  EXPECT_EQ(Ask(kGetRoot).body, "fresh");
  EXPECT_EQ(early.connections(), 3);
}

}  // namespace
}  // namespace meetinity::balancer

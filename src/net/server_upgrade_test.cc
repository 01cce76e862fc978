#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/client_fixture.h"
#include "net/raw_client.h"
#include "net/scripted_server.h"
#include "net/server_fixture.h"
#include "net/transport.h"

namespace meetinity::net {
namespace {

const std::string kUpgrade = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

class ServerUpgradeTest : public ServerFixture {
 protected:
  // Keeps what was taken, after sending what is owed to the client and `then`.
  Handle TakeAndSay(std::string then) {
    return [this, then](const ExchangePtr& exchange) {
      HeaderBlock headers;
      headers.Add("Upgrade", "websocket");
      const std::array<const HeaderBlock*, 1> blocks = {&headers};
      taken_ = exchange->SwitchProtocols(blocks);
      if (!taken_) return exchange->Respond(400, HeaderBlock(), Slice::Static("no"));
      const std::string out = taken_->unsent + then;
      const iovec slice{const_cast<char*>(out.data()), out.size()};
      EXPECT_EQ(taken_->transport->Write({&slice, 1}).bytes, out.size());
    };
  }
  std::optional<TakenConnection> taken_;
};

TEST_F(ServerUpgradeTest, HandsTheConnectionOver) {
  Serve(TakeAndSay("frames"));
  RawClient client(port());
  client.Send(kUpgrade + "early");
  const RawClient::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.Find("Upgrade"), "websocket");
  EXPECT_EQ(answer.Find("Connection"), "Upgrade");
  EXPECT_EQ(client.ReadBytes(6), "frames");
  OnReactor([this] {
    EXPECT_EQ(taken_->unread, "early");
    EXPECT_EQ(server_->counters().connections_open, 0u);
    taken_.reset();
  });
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ServerUpgradeTest, LeavesARequestWithABodyAlone) {
  Serve(TakeAndSay(""));
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 400);
}

using ClientUpgradeTest = ClientFixture;

TEST_F(ClientUpgradeTest, GetsTheConnectionAfter101) {
  ScriptedServer server(
      {{{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhi"}}});
  endpoint_.port = server.port();
  ClientRequest request = Request("GET", "/chat");
  request.upgrade = "websocket";
  std::optional<TakenConnection> taken;
  int status = 0;
  Outcome outcome;
  Run({}, [&](HttpClient& client) {
    ResponseReader reader = Into(outcome, [this] { Done(); });
    reader.on_upgrade = [&](const ResponseHeadView& head, TakenConnection connection) {
      status = head.status;
      taken = std::move(connection);
      Done();
    };
    client.Send(endpoint_, std::move(request), std::move(reader));
  });
  EXPECT_EQ(status, 101);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->unread, "hi");
  EXPECT_TRUE(taken->transport->is_open());
  EXPECT_NE(server.requests().find("connection: upgrade\r\nupgrade: websocket\r\n"), std::string::npos);
}

TEST_F(ClientUpgradeTest, TakesAnOrdinaryAnswerAsOne) {
  ScriptedServer server({{{"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno"}}});
  endpoint_.port = server.port();
  ClientRequest request = Request();
  request.upgrade = "websocket";
  const Outcome outcome = Ask(std::move(request));
  EXPECT_EQ(outcome.status, 426);
  EXPECT_EQ(outcome.body, "no");
}

TEST_F(ClientUpgradeTest, RefusesASwitchThatNobodyAskedFor) {
  ScriptedServer server({{{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"}}});
  endpoint_.port = server.port();
  const Outcome outcome = Ask(Request());
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->name, kResponseInvalid);
}

TEST_F(ClientUpgradeTest, ClosesAConnectionThatWasToServeOnce) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}, {{"HTTP/1.1 204 No Content\r\n\r\n"}}});
  endpoint_.port = server.port();
  std::vector<ClientRequest> requests;
  requests.push_back(Request());
  requests.back().closes_connection = true;
  requests.push_back(Request());
  const auto outcomes = AskInTurn(std::move(requests));
  EXPECT_EQ(outcomes[1].status, 204);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_NE(server.requests().find("connection: close\r\n"), std::string::npos);
}

// ---- what else a server that is a proxy's front asks of this room

class ServerFrontTest : public ServerFixture {
 protected:
  struct Front : HttpHandler {
    std::string last;
    uint8_t oddities = 0;
    void OnRequest(const ExchangePtr& exchange) override {
      oddities = exchange->request().oddities;
      last.clear();
      exchange->ReadBody({.on_data = [this](std::string_view bytes) { last += bytes; },
                          .on_end = [exchange] { exchange->Respond(200, HeaderBlock(), Slice::Static("ok")); },
                          .on_error = [](const Error&) {}});
    }
    std::optional<RefusalAnswer> OnRefused(Reactor&, const RefusedRequest& request) override {
      RefusalAnswer answer;
      answer.status = request.status == 431 ? 400 : request.status;
      answer.headers.Add("Server", "front");
      answer.body = "refused";
      return answer;
    }
  };
  Front front_;
};

TEST_F(ServerFrontTest, SaysARefusalInItsOwnWords) {
  ServeWith(front_);
  const std::string answer = Ask("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n");
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 400");
  EXPECT_NE(answer.find("Server: front\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Length: 7\r\nConnection: close\r\n\r\nrefused"), std::string::npos);
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n").substr(0, 12),
            "HTTP/1.1 400");
}

TEST_F(ServerFrontTest, UnderstandsOddFramingWhereItIsToleratedAndClosesAfterwards) {
  HttpLimits limits;
  limits.tolerates_oddities = true;
  ServeWith(front_, limits);
  const std::string both =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\n\r\n";
  const std::string answer = Ask(both + kGet);
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(answer.find("HTTP/1.1", 12), std::string::npos) << "what follows is no request";
  EXPECT_EQ(front_.last, "hello");
  EXPECT_EQ(front_.oddities, kLengthBesideCoding);
  Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(front_.oddities, kLengthRepeated);
  EXPECT_EQ(front_.last, "hi");
  EXPECT_EQ(Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi").substr(0, 12),
            "HTTP/1.1 400");
}

TEST_F(ServerFrontTest, EndsAConnectionThatHasHadItsTime) {
  HttpLimits limits;
  limits.connection_lifetime = std::chrono::seconds(5);
  limits.idle_timeout = std::chrono::minutes(5);
  Serve(nullptr, limits);
  RawClient client(port());
  client.Send(kGet);
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "");
  Advance(std::chrono::seconds(6));
  client.Send(kGet);
  EXPECT_EQ(client.ReadAnswer().Find("Connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ServerFrontTest, DoesNotUnderstandHttp2WithoutTlsWhereItShouldNot) {
  HttpLimits limits;
  limits.http2_prior_knowledge = false;
  Serve(nullptr, limits);
  EXPECT_EQ(Ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").substr(0, 12), "HTTP/1.1 505");
}

TEST_F(ServerFrontTest, TakesNewLimitsWhileItRuns) {
  Serve();
  HttpLimits limits;
  limits.request_target_bytes = 10;
  server_->SetLimits(limits);
  Settle();
  EXPECT_EQ(Ask("GET /0123456789 HTTP/1.1\r\nHost: a\r\n\r\n").substr(0, 12), "HTTP/1.1 414");
}

TEST_F(ServerFrontTest, AdmitsWhomItShould) {
  ListenerOptions options;
  handler_.handle = [](const ExchangePtr& exchange) { exchange->Respond(200, HeaderBlock(), Slice::Static("ok")); };
  options.handler = &handler_;
  std::atomic<bool> open{false};
  options.admits = [&open](Reactor&, const PeerInfo& peer) { return open && peer.address == "127.0.0.1"; };
  server_ = HttpServer::Listen({reactor_.get()}, *workers_, options).value();
  thread_ = std::thread([this] { reactor_->Run(); });
  RawClient refused(port());
  EXPECT_EQ(refused.ReadToEnd(), "");
  EXPECT_EQ(server_->counters().connections_refused, 1u);
  open = true;
  RawClient client(port());
  client.Send(kGet);
  EXPECT_EQ(client.ReadAnswer().status, 200);
}

}  // namespace
}  // namespace meetinity::net

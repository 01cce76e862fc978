#include <gtest/gtest.h>

#include "net/front_door.h"
#include "net/server_fixture.h"
#include "net/tls_probe.h"

namespace meetinity::net {
namespace {

using std::chrono::seconds;

const std::string kClose = "\r\nConnection: close\r\n\r\n";

std::shared_ptr<const TlsServerContext> ContextFor(const std::string& name, TlsServerOptions options = {}) {
  return OneCertificate(MakeTestCertificate(name), std::move(options)).context();
}

// Handshakes, as clients see them.
class ServerTlsTest : public ServerFixture {
 protected:
  void ServeTls(TlsServerOptions options = {}) {
    selector_ = std::make_unique<OneCertificate>(MakeTestCertificate("a.test"), std::move(options));
    Serve(
        [](const ExchangePtr& exchange) {
          const PeerInfo& peer = exchange->peer();
          exchange->Respond(200, {}, Slice::Own(peer.sni + " " + peer.tls_protocol + " " + peer.tls_cipher));
        },
        {}, selector_.get());
  }

  std::unique_ptr<CertificateSelector> selector_;
};

TEST_F(ServerTlsTest, SpeaksTls12And13AndNothingOlder) {
  ServeTls();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_TRUE(TlsProbe(port(), {.minimum = version, .maximum = version}).connected()) << version;
  }
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    EXPECT_FALSE(TlsProbe(port(), {.minimum = version, .maximum = version}).connected()) << version;
  }
  EXPECT_TRUE(Eventually([&] { return server_->counters().handshake_failures == 2; }));
}

TEST_F(ServerTlsTest, TellsHandlersWhatWasAgreed) {
  ServeTls();
  TlsProbe probe(port(), {.server_name = "A.Test"});
  const std::string answer = probe.Ask("GET / HTTP/1.1\r\nHost: a.test" + kClose);
  EXPECT_NE(answer.find("a.test TLSv1.3 TLS_AES_"), std::string::npos) << answer;
  EXPECT_TRUE(probe.closed_orderly());
}

TEST_F(ServerTlsTest, AgreesOnAProtocolThatBothSpeak) {
  ServeTls();
  EXPECT_EQ(TlsProbe(port(), {.alpn = "\x02h2\x08http/1.1"}).alpn(), "h2");
  EXPECT_EQ(TlsProbe(port(), {.alpn = "\x08http/1.1\x02h2"}).alpn(), "h2");  // ours counts
  EXPECT_EQ(TlsProbe(port(), {.alpn = "\x08http/1.1"}).alpn(), "http/1.1");
  // Nothing in common is no reason to refuse: HTTP/1.1 is spoken then.
  TlsProbe other(port(), {.alpn = "\x06spdy/1"});
  EXPECT_TRUE(other.connected());
  EXPECT_EQ(other.alpn(), "");
  EXPECT_TRUE(other.Ask("GET / HTTP/1.1\r\nHost: a.test" + kClose).starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTlsTest, ResumesSessionsOfBothVersions) {
  ServeTls();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsProbe::Wish wish{.server_name = "a.test", .minimum = version, .maximum = version};
    TlsProbe first(port(), wish);
    EXPECT_FALSE(first.resumed());
    first.Ask("GET / HTTP/1.1\r\nHost: a.test" + kClose);
    const auto session = first.Session();
    wish.session = session.get();
    TlsProbe second(port(), wish);
    EXPECT_TRUE(second.resumed()) << version;
    EXPECT_TRUE(second.Ask("GET / HTTP/1.1\r\nHost: a.test" + kClose).starts_with("HTTP/1.1 200 "));
  }
}

// The kernel picks the reactor of each new connection, by its port; one of many is another's.
TEST_F(ServerTlsTest, ATicketOfOneReactorResumesOnAnother) {
  OneCertificate certificate(MakeTestCertificate("a.test"), {});
  const std::unique_ptr<Reactor> other = Reactor::Open(clock_, 1).value();
  handler_.handle = [](const ExchangePtr& exchange) {
    exchange->Respond(200, {}, Slice::Own("reactor " + std::to_string(exchange->reactor().index())));
  };
  ListenerOptions options;
  options.handler = &handler_;
  options.certificates = &certificate;
  server_ = HttpServer::Listen({reactor_.get(), other.get()}, *workers_, options).value();
  thread_ = std::thread([this] { reactor_->Run(); });
  std::thread other_thread([&] { other->Run(); });
  const std::string request = "GET / HTTP/1.1\r\nHost: a.test" + kClose;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsProbe::Wish wish{.server_name = "a.test", .minimum = version, .maximum = version};
    TlsProbe first(port(), wish);
    const std::string first_answer = first.Ask(request);
    const auto session = first.Session();
    wish.session = session.get();
    std::string answer = first_answer;
    for (int i = 0; i < 100 && answer.back() == first_answer.back(); ++i) {
      TlsProbe next(port(), wish);
      EXPECT_TRUE(next.resumed()) << version;
      answer = next.Ask(request);
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    }
    EXPECT_NE(answer.back(), first_answer.back()) << "every connection came to one reactor";
  }
  other->Stop();
  other_thread.join();
  StopServer();
}

TEST_F(ServerTlsTest, AHandshakeThatDoesNotEndIsLeft) {
  ServeTls();
  RawClient client(port());
  client.Send("\x16\x03\x01");
  Advance(seconds(9));
  EXPECT_TRUE(Eventually([&] { return server_->counters().connections_open == 1; }));
  Advance(seconds(1));
  client.ReadToEnd();
  EXPECT_TRUE(Eventually([&] { return server_->counters().handshake_failures == 1; }));
}

TEST_F(ServerTlsTest, PlainHttpIsNotAnswered) {
  ServeTls();
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").find("HTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(handler_.requests, 0);
}

// Many names on one port.
class FrontDoorTest : public ServerFixture {
 protected:
  struct Room : HttpHandler {
    explicit Room(std::string name_in) : name(std::move(name_in)) {}
    const std::string name;
    void OnRequest(const ExchangePtr& exchange) override { exchange->Respond(200, {}, Slice::Copy(name)); }
  };

  FrontDoorTest() {
    routes_->rooms["a.test"] = {&a_, ContextFor("a.test")};
    routes_->rooms["*.a.test"] = {&wild_, ContextFor("*.a.test")};
    routes_->rooms["plain.test"] = {&plain_, nullptr};
    routes_->fallback = {&fallback_, ContextFor("fallback.test")};
    door_.Publish(routes_);
  }
  ~FrontDoorTest() override { StopServer(); }  // before its handlers

  std::string AskFor(const std::string& host) {
    const std::string answer = Ask("GET / HTTP/1.1\r\nHost: " + host + kClose);
    return answer.substr(0, 12) == "HTTP/1.1 200" ? answer.substr(answer.find("\r\n\r\n") + 4) : answer.substr(9, 3);
  }
  std::string AskOverTls(const std::string& server_name, const std::string& host) {
    TlsProbe probe(port(), {.server_name = server_name});
    if (!probe.connected()) return "refused";
    const std::string answer = probe.Ask("GET / HTTP/1.1\r\nHost: " + host + kClose);
    return answer.substr(0, 12) == "HTTP/1.1 200" ? answer.substr(answer.find("\r\n\r\n") + 4) : answer.substr(9, 3);
  }

  Room a_{"a"}, wild_{"wild"}, plain_{"plain"}, fallback_{"fallback"};
  std::shared_ptr<FrontDoorRoutes> routes_ = std::make_shared<FrontDoorRoutes>();
  FrontDoor door_;
};

TEST_F(FrontDoorTest, HostPicksTheRoom) {
  ServeWith(door_);
  EXPECT_EQ(AskFor("a.test"), "a");
  EXPECT_EQ(AskFor("A.Test:8080"), "a");
  EXPECT_EQ(AskFor("a.test."), "a");
  EXPECT_EQ(AskFor("b.a.test"), "wild");
  EXPECT_EQ(AskFor("c.b.a.test"), "fallback");  // a wildcard is one label
  EXPECT_EQ(AskFor("other.test"), "fallback");
  EXPECT_EQ(AskFor("[::1]:80"), "fallback");
}

TEST_F(FrontDoorTest, UnknownNamesAreMisdirectedWhereNobodyTakesThem) {
  routes_ = std::make_shared<FrontDoorRoutes>(*routes_);
  routes_->fallback = {};
  door_.Publish(routes_);
  ServeWith(door_);
  EXPECT_EQ(AskFor("other.test"), "421");
  EXPECT_EQ(AskFor("a.test"), "a");
}

TEST_F(FrontDoorTest, NewRoutesHoldFromTheNextRequest) {
  ServeWith(door_);
  EXPECT_EQ(AskFor("new.test"), "fallback");
  routes_ = std::make_shared<FrontDoorRoutes>(*routes_);
  routes_->rooms["new.test"] = {&a_, nullptr};
  door_.Publish(routes_);
  EXPECT_EQ(AskFor("new.test"), "a");
}

TEST_F(FrontDoorTest, TheServerNamePicksTheCertificate) {
  ServeWith(door_, {}, &door_);
  EXPECT_TRUE(TlsProbe(port(), {.server_name = "a.test"}).ShownFor("a.test"));
  EXPECT_TRUE(TlsProbe(port(), {.server_name = "A.TEST"}).ShownFor("a.test"));
  EXPECT_TRUE(TlsProbe(port(), {.server_name = "b.a.test"}).ShownFor("b.a.test"));
  EXPECT_TRUE(TlsProbe(port(), {.server_name = "other.test"}).ShownFor("fallback.test"));
  EXPECT_TRUE(TlsProbe(port(), {}).ShownFor("fallback.test"));
  EXPECT_FALSE(TlsProbe(port(), {.server_name = "plain.test"}).connected());
}

TEST_F(FrontDoorTest, AHostUnderAnotherCertificateIsMisdirected) {
  ServeWith(door_, {}, &door_);
  EXPECT_EQ(AskOverTls("a.test", "a.test"), "a");
  EXPECT_EQ(AskOverTls("a.test", "b.a.test"), "421");
  EXPECT_EQ(AskOverTls("a.test", "plain.test"), "421");
  EXPECT_EQ(AskOverTls("other.test", "another.test"), "fallback");
}

TEST_F(FrontDoorTest, ATlsRoomIsNotReachedByNamingItWithoutSni) {
  ServeWith(door_, {}, &door_);
  // The fallback's certificate was shown; a room that is not served over TLS at all must not answer under it.
  EXPECT_EQ(AskOverTls("", "other.test"), "fallback");
  EXPECT_EQ(AskOverTls("", "plain.test"), "421");
}

}  // namespace
}  // namespace meetinity::net

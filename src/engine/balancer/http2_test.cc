// HTTP/2 and TLS: in front, behind, and gRPC through both.
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "engine/balancer/testing/balancer_house.h"
#include "engine/balancer/testing/test_client.h"
#include "engine/balancer/testing/test_target.h"
#include "net/raw_http2.h"
#include "net/test_certificate.h"
#include "net/tls_probe.h"

namespace meetinity::balancer {
namespace {

using net::HttpVersion;
using testing::BalancerHouse;
using testing::TestClient;
using testing::TestTarget;

Certificate MakeCertificate(const std::string& name) {
  const auto made = net::MakeTestCertificate(name);
  return {"cert-" + name, {name}, made.certificate_pem, made.private_key_pem};
}

class Http2Test : public ::testing::Test {
 protected:
  void Begin() {
    house_.listener().protocol = ListenerProtocol::kHttps;
    house_.listener().port = 443;
    if (house_.listener().certificates.empty()) house_.listener().certificates = {MakeCertificate("site.test")};
    house_.AddTarget("one", target_.port());
    house_.ApplyAndAwaitHealthy();
  }
  static net::ClientRequest Grpc(std::string body) {
    net::ClientRequest request = TestClient::Request("POST", "/pkg.Service/Method");
    request.headers.Add("content-type", "application/grpc");
    request.headers.Add("te", "trailers");
    request.body.push_back(net::Slice::Own(std::move(body)));
    return request;
  }
  static void AnswerGrpc(const net::ExchangePtr& exchange, const TestTarget::Request& request) {
    net::HeaderBlock headers, trailers;
    headers.Add("content-type", "application/grpc");
    trailers.Add("grpc-status", "0");
    trailers.Add("grpc-message", request.Find("te"));
    const net::HeaderBlock* const blocks[] = {&headers};
    exchange->StartResponse(200, blocks, std::nullopt);
    exchange->Write(net::Slice::Copy("answer to " + request.body));
    exchange->FinishWithTrailers(trailers);
  }

  TestTarget target_{"one"};
  BalancerHouse house_;
  TestClient client_{HttpVersion::kHttp2};
};

TEST_F(Http2Test, IsConvertedForHttp1Targets) {
  Begin();
  net::ClientRequest request = TestClient::Request("POST", "/p?q");
  request.headers.Add("x-test", "1");
  request.body.push_back(net::Slice::Static("body"));
  const auto outcome = client_.Ask(house_.port(), std::move(request));
  ASSERT_FALSE(outcome.error) << *outcome.error;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.version, HttpVersion::kHttp2);
  EXPECT_EQ(outcome.body, "one");
  const auto asked = target_.last();
  EXPECT_EQ(asked.target, "/p?q");
  EXPECT_EQ(asked.body, "body");
  EXPECT_EQ(asked.authority, "site.test");
  EXPECT_EQ(asked.Find("x-forwarded-proto"), "https");
  EXPECT_EQ(asked.Find("x-forwarded-port"), "443");
}

TEST_F(Http2Test, IsNotOfferedWhereItIsOff) {
  house_.balancer().http2 = false;
  Begin();
  const net::TlsProbe probe(house_.port(), {.server_name = "site.test", .alpn = std::string("\x02h2\x08http/1.1")});
  EXPECT_EQ(probe.alpn(), "http/1.1");
  house_.balancer().http2 = true;
  house_.Apply();
  const net::TlsProbe again(house_.port(), {.server_name = "site.test", .alpn = std::string("\x02h2\x08http/1.1")});
  EXPECT_EQ(again.alpn(), "h2");
}

TEST_F(Http2Test, ShowsTheCertificateThatIsAskedFor) {
  house_.listener().certificates = {MakeCertificate("default.test"), MakeCertificate("other.test")};
  house_.listener().certificates[1].names = {"*.other.test", "other.test"};
  Begin();
  EXPECT_TRUE(net::TlsProbe(house_.port(), {.server_name = "other.test"}).ShownFor("other.test"));
  EXPECT_TRUE(net::TlsProbe(house_.port(), {.server_name = "a.other.test"}).ShownFor("other.test"));
  EXPECT_TRUE(net::TlsProbe(house_.port(), {.server_name = "unknown.test"}).ShownFor("default.test"));
  EXPECT_TRUE(net::TlsProbe(house_.port(), {}).ShownFor("default.test"));
}

TEST_F(Http2Test, KeepsToTheTlsPolicy) {
  house_.listener().tls_policy.maximum = net::TlsVersion::kTls12;
  Begin();
  EXPECT_EQ(net::TlsProbe(house_.port(), {}).version(), "TLSv1.2");
  EXPECT_FALSE(net::TlsProbe(house_.port(), {.minimum = TLS1_3_VERSION}).connected());
}

TEST_F(Http2Test, ReportsACertificateThatCannotBeUsed) {
  house_.listener().protocol = ListenerProtocol::kHttps;
  house_.listener().certificates = {MakeCertificate("site.test"), {"broken", {"b.test"}, "no pem", "no key"}};
  const auto problems = house_.Apply();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].error.name, kCertificateFailed);
  EXPECT_TRUE(net::TlsProbe(house_.port(), {.server_name = "b.test"}).ShownFor("site.test"));
}

TEST_F(Http2Test, GoesOnToHttp2Targets) {
  house_.group().version = ProtocolVersion::kHttp2;
  Begin();
  const auto outcome = client_.Ask(house_.port(), TestClient::Request());
  ASSERT_FALSE(outcome.error) << *outcome.error;
  EXPECT_EQ(outcome.body, "one");
}

TEST_F(Http2Test, GoesOnToHttp2TargetsUnderTls) {
  TestTarget secure("secure", nullptr, TestTarget::Wire::kTls);
  house_.group().version = ProtocolVersion::kHttp2;
  house_.group().protocol = house_.group().health_check.protocol = TargetProtocol::kHttps;
  house_.listener().protocol = ListenerProtocol::kHttps;
  house_.listener().certificates = {MakeCertificate("site.test")};
  house_.AddTarget("secure", secure.port());
  house_.ApplyAndAwaitHealthy();
  EXPECT_EQ(client_.Ask(house_.port(), TestClient::Request()).body, "secure");
}

TEST_F(Http2Test, CarriesGrpcWithItsTrailers) {
  house_.group().version = ProtocolVersion::kGrpc;
  house_.group().health_check.path = "/AWS.ALB/healthcheck";
  target_.SetHandle(AnswerGrpc);
  // A server that knows no such method says so, and lives: 12, UNIMPLEMENTED.
  house_.group().health_check.matcher = {{12, 12}};
  target_.SetHealth(12);
  Begin();
  const auto outcome = client_.Ask(house_.port(), Grpc("question"));
  ASSERT_FALSE(outcome.error) << *outcome.error;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "answer to question");
  EXPECT_EQ(outcome.trailers, "grpc-status: 0\r\ngrpc-message: trailers\r\n");
  EXPECT_EQ(house_.engine().TotalsOf("lb").grpc_requests, 1u);
}

TEST_F(Http2Test, RefusesGrpcForHttp1Targets) {
  Begin();
  EXPECT_EQ(client_.Ask(house_.port(), Grpc("x")).status, 464);
  EXPECT_EQ(target_.requests(), 0);
}

TEST_F(Http2Test, AsksHttp1TargetsAsAClientOfHttp1Would) {
  Begin();
  TestClient old(HttpVersion::kHttp11);
  const auto outcome = old.Ask(house_.port(), TestClient::Request());
  EXPECT_EQ(outcome.version, HttpVersion::kHttp11);
  EXPECT_EQ(outcome.body, "one");
}

// ---- injections on the way down to HTTP/1.1: what cannot be said there is refused before

struct Injection {
  const char* name;
  net::RawFields fields;
};
void PrintTo(const Injection& injection, std::ostream* out) { *out << injection.name; }
net::RawFields Fields(net::RawFields more, const std::string& path = "/", const std::string& method = "GET") {
  net::RawFields fields = net::RawHttp2::Fields(method, path);
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

class InjectionTest : public ::testing::TestWithParam<Injection> {};
INSTANTIATE_TEST_SUITE_P(
    Heads, InjectionTest,
    ::testing::Values(Injection{"ReturnInValue", Fields({{"x", "a\r\nTransfer-Encoding: chunked"}})},
                      Injection{"LineFeedInName", Fields({{"x\ny", "a"}})},
                      Injection{"NulInValue", Fields({{"x", std::string("a\0b", 3)}})},
                      Injection{"UpperCaseName", Fields({{"X-Upper", "a"}})},
                      Injection{"ColonInName", Fields({{"x: y", "a"}})},
                      Injection{"TransferEncoding", Fields({{"transfer-encoding", "chunked"}})},
                      Injection{"Connection", Fields({{"connection", "close"}})},
                      Injection{"Upgrade", Fields({{"upgrade", "websocket"}})},
                      Injection{"ProxyConnection", Fields({{"proxy-connection", "close"}})},
                      Injection{"SpaceInPath", Fields({}, "/ HTTP/1.1\r\nX: y")},
                      Injection{"SpaceInMethod", Fields({}, "/", "GET / HTTP/1.1")},
                      Injection{"HostAtOdds", Fields({{"host", "b"}})},
                      Injection{"PseudoHeaderTwice", Fields({{":path", "/b"}})},
                      Injection{"FragmentInPath", Fields({}, "/a#b")}, Injection{"RelativePath", Fields({}, "a")},
                      Injection{"LengthAtOddsWithBody", Fields({{"content-length", "5"}})}),
    [](const auto& test) { return test.param.name; });

TEST_P(InjectionTest, NeverReachesTheTarget) {
  TestTarget target("one");
  BalancerHouse house(1);
  house.AddTarget("one", target.port());
  house.ApplyAndAwaitHealthy();
  net::RawHttp2 client(house.ServeApart());
  client.Begin();
  client.Send(net::RawHttp2::Head(1, GetParam().fields));
  const auto answer = client.ReadAnswer(1);
  EXPECT_TRUE(answer.reset != 0 || answer.status == "400") << answer.status;
  for (int i = 0; i < 10; ++i) house.Settle();
  EXPECT_EQ(target.requests(), 0);
}

TEST(Http2Plain, IsNotUnderstoodByAnHttpListener) {
  TestTarget target("one");
  BalancerHouse house(1);
  house.AddTarget("one", target.port());
  house.ApplyAndAwaitHealthy();
  net::RawClient client(house.port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 505);
}

}  // namespace
}  // namespace meetinity::balancer

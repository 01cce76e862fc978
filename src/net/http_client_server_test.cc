#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "net/client_fixture.h"
#include "net/http_server.h"
#include "net/test_certificate.h"

namespace meetinity::net {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMegabyte = 1'000'000;

// The byte at `at` of every generated body, so that a piece that is lost, doubled or moved is noticed.
char ByteAt(size_t at) { return static_cast<char>('a' + (at * 7 + at / 251) % 26); }

std::string Generated(size_t size, size_t offset = 0) {
  std::string body(size, '\0');
  for (size_t i = 0; i < size; ++i) body[i] = ByteAt(offset + i);
  return body;
}

// "/bytes/N" answers N bytes, "/stream/N" the same without saying how many, "/never" nothing; everything else sends the
// request's body back.
class TestHandler : public HttpHandler {
 public:
  std::atomic<int> gone{0};
  std::atomic<size_t> streamed{0};

  void OnRequest(const ExchangePtr& exchange) override {
    const std::string_view path = exchange->request().path;
    if (path == "/never") return exchange->OnGone([this, exchange] { ++gone; });
    HeaderBlock headers;
    headers.Add("X-Test", std::string(exchange->request().method) + " " + std::string(exchange->request().authority));
    if (path.starts_with("/bytes/")) {
      return exchange->Respond(200, headers, Slice::Own(Generated(Number(path.substr(7)))));
    }
    const HeaderBlock* blocks[] = {&headers};
    if (path.starts_with("/trailers/")) {
      HeaderBlock trailers;
      trailers.Add("Grpc-Status", "7");
      exchange->StartResponse(200, blocks, std::nullopt);
      exchange->Write(Slice::Own(Generated(Number(path.substr(10)))));
      return exchange->FinishWithTrailers(trailers);
    }
    if (path.starts_with("/stream/")) {
      exchange->StartResponse(200, blocks, std::nullopt);
      exchange->OnGone([this] { ++gone; });
      return Stream(exchange, 0, Number(path.substr(8)));
    }
    exchange->StartResponse(200, blocks, exchange->request().content_length);
    Echo(exchange);
  }

 private:
  static size_t Number(std::string_view text) { return static_cast<size_t>(std::stoul(std::string(text))); }

  void Stream(const ExchangePtr& exchange, size_t at, size_t size) {
    while (at < size && exchange->buffered() <= kStreamBufferMax && !exchange->gone()) {
      const size_t part = std::min<size_t>(size - at, 10'000);
      exchange->Write(Slice::Own(Generated(part, at)));
      at += part;
      streamed += part;
    }
    if (at == size) return exchange->Finish();
    exchange->OnDrained([this, weak = std::weak_ptr(exchange), at, size] {
      if (const auto again = weak.lock()) Stream(again, at, size);
    });
    // Somebody has to hold it while it waits.
    exchange->OnGone([this, exchange] { ++gone; });
  }

  static void Echo(const ExchangePtr& exchange) {
    exchange->ReadBody({
        .on_data =
            [exchange](std::string_view bytes) {
              exchange->Write(Slice::Copy(bytes));
              if (exchange->buffered() <= kStreamBufferMax) return;
              exchange->PauseBody();
              exchange->OnDrained([weak = std::weak_ptr(exchange)] {
                if (const auto again = weak.lock()) again->ResumeBody();
              });
            },
        .on_end = [exchange] { exchange->Finish(); },
        .on_error = [exchange](Error) { exchange->Abort(); },
    });
  }
};

struct Wire {
  const char* name;
  HttpVersion version;
  bool tls;
};

// The client against our own server, on every wire that both speak.
class HttpClientServerTest : public ClientFixture, public ::testing::WithParamInterface<Wire> {
 protected:
  HttpClientServerTest() : selector_(certificate_), server_reactor_(Reactor::Open(clock_, 1).value()) {
    ListenerOptions options;
    options.handler = &handler_;
    if (GetParam().tls) options.certificates = &selector_;
    server_ = HttpServer::Listen({server_reactor_.get()}, workers_, options).value();
    thread_ = std::thread([this] { server_reactor_->Run(); });
    endpoint_.port = server_->port();
    endpoint_.version = GetParam().version;
    if (GetParam().tls) endpoint_.tls = Trust(certificate_.certificate_pem, "origin.test");
  }
  ~HttpClientServerTest() override {
    server_reactor_->Stop();
    thread_.join();
    server_.reset();
  }

  static std::shared_ptr<const TlsClientContext> Trust(std::string bundle, std::string name) {
    TlsClientOptions options;
    options.ca_bundle_pem = std::move(bundle);
    options.server_name = std::move(name);
    if (GetParam().version == HttpVersion::kHttp2) options.alpn = {"h2", "http/1.1"};
    return TlsClientContext::Create(options).value();
  }

  const TestCertificate certificate_ = MakeTestCertificate("origin.test");
  OneCertificate selector_;
  TestHandler handler_;
  std::unique_ptr<Reactor> server_reactor_;
  WorkerPool workers_{1, 16};
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

INSTANTIATE_TEST_SUITE_P(Wires, HttpClientServerTest,
                         ::testing::Values(Wire{"Http11", HttpVersion::kHttp11, false},
                                           Wire{"Http11Tls", HttpVersion::kHttp11, true},
                                           Wire{"Http2", HttpVersion::kHttp2, false},
                                           Wire{"Http2Tls", HttpVersion::kHttp2, true}),
                         [](const auto& test) { return test.param.name; });

// What only certificates decide.
class HttpsClientServerTest : public HttpClientServerTest {};

INSTANTIATE_TEST_SUITE_P(Wires, HttpsClientServerTest,
                         ::testing::Values(Wire{"Http11Tls", HttpVersion::kHttp11, true},
                                           Wire{"Http2Tls", HttpVersion::kHttp2, true}),
                         [](const auto& test) { return test.param.name; });

TEST_P(HttpClientServerTest, AsksAndIsAnswered) {
  const Outcome outcome = Ask(Request("GET", "/bytes/5"));
  ASSERT_FALSE(outcome.error) << outcome.error->detail;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.version, GetParam().version);
  EXPECT_EQ(outcome.content_length, 5u);
  EXPECT_EQ(outcome.header, "GET origin.test");
  EXPECT_EQ(outcome.body, Generated(5));
}

TEST_P(HttpClientServerTest, ReadsLargeBodiesWithAndWithoutLength) {
  for (const char* target : {"/bytes/3000000", "/stream/3000000"}) {
    const Outcome outcome = Ask(Request("GET", target));
    ASSERT_FALSE(outcome.error) << target << ": " << outcome.error->detail;
    EXPECT_TRUE(outcome.body == Generated(3 * kMegabyte)) << target;
  }
}

TEST_P(HttpClientServerTest, CarriesTrailersWhereTheVersionHasThem) {
  const bool is_http2 = GetParam().version == HttpVersion::kHttp2;
  for (const size_t size : {size_t{0}, size_t{5}, size_t{1'000'000}}) {
    const Outcome outcome = Ask(Request("GET", "/trailers/" + std::to_string(size)));
    ASSERT_FALSE(outcome.error) << outcome.error->detail;
    EXPECT_TRUE(outcome.body == Generated(size)) << size;
    EXPECT_EQ(outcome.trailers, is_http2 ? "grpc-status: 7\r\n" : "") << size;
  }
}

TEST_P(HttpClientServerTest, SendsBodiesInMemory) {
  ClientRequest request = Request("POST", "/echo");
  const std::string body = Generated(2 * kMegabyte);
  request.body = {Slice::Copy(body.substr(0, 3)), Slice::Copy(body.substr(3))};
  const Outcome outcome = Ask(std::move(request));
  ASSERT_FALSE(outcome.error) << outcome.error->detail;
  EXPECT_TRUE(outcome.body == body);
  const Outcome empty = Ask(Request("PUT", "/echo"));
  ASSERT_FALSE(empty.error) << empty.error->detail;
  EXPECT_EQ(empty.content_length, 0u);
}

TEST_P(HttpClientServerTest, StreamsBodiesNoFasterThanTheyAreTaken) {
  const std::string body = Generated(3 * kMegabyte);
  for (const bool with_length : {true, false}) {
    ClientRequest request = Request("POST", "/echo");
    request.streams_body = true;
    if (with_length) request.content_length = body.size();
    Outcome outcome;
    std::shared_ptr<ClientCall> call;
    size_t written = 0;
    size_t buffered_max = 0;
    const std::function<void()> write = [&] {
      while (written < body.size() && call->body_buffered() <= kStreamBufferMax) {
        const size_t part = std::min<size_t>(body.size() - written, 20'000);
        call->WriteBody(Slice::Copy(std::string_view(body).substr(written, part)));
        written += part;
      }
      buffered_max = std::max(buffered_max, call->body_buffered());
      if (written == body.size()) call->FinishBody();
    };
    Run({}, [&](HttpClient& client) {
      call = client.Send(endpoint_, std::move(request), Into(outcome, [&] { Done(); }));
      call->OnBodyDrained(write);
      write();
    });
    ASSERT_FALSE(outcome.error) << outcome.error->detail;
    EXPECT_TRUE(outcome.body == body);
    EXPECT_LE(buffered_max, kStreamBufferMax + 20'000);
  }
}

TEST_P(HttpClientServerTest, CarriesAThousandAtOnce) {
  constexpr int kRequests = 1'000;
  std::vector<Outcome> outcomes(kRequests);
  int left = kRequests;
  Run({}, [&](HttpClient& client) {
    for (int i = 0; i < kRequests; ++i) {
      client.Send(endpoint_, Request("GET", "/bytes/" + std::to_string(i)), Into(outcomes[static_cast<size_t>(i)], [&] {
                    if (--left == 0) Done();
                  }));
    }
  });
  for (size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_FALSE(outcomes[i].error) << i << ": " << outcomes[i].error->detail;
    ASSERT_TRUE(outcomes[i].body == Generated(i)) << i;
  }
  const auto connections = server_->counters().connections_accepted;
  EXPECT_LE(connections, GetParam().version == HttpVersion::kHttp2 ? 10u : 256u);
}

TEST_P(HttpClientServerTest, HoldsTheServerBackWhilePaused) {
  constexpr size_t kSize = 20 * kMegabyte;
  // Both sockets' buffers, the server's own and a window: less than the body by far.
  constexpr size_t kUnderWayMax = 12 * kMegabyte;
  Outcome outcome;
  std::shared_ptr<ClientCall> call;
  Timer poll;
  size_t seen = 0;
  std::function<void()> resume_when_still;
  ResponseReader reader = Into(outcome, [&] { Done(); });
  size_t size = 0;
  bool intact = true;
  reader.on_data = [&](std::string_view bytes) {
    EXPECT_FALSE(size == 0 && seen > 0);
    for (const char c : bytes) intact = intact && c == ByteAt(size++);
  };
  reader.on_head = [&](const ResponseHeadView&) {
    call->Pause();
    resume_when_still();
  };
  // The server has stopped when it writes no more between two looks.
  resume_when_still = [&] {
    if (handler_.streamed > 0 && handler_.streamed == seen) {
      EXPECT_LE(seen, kUnderWayMax);
      seen = 0;
      return call->Resume();
    }
    seen = handler_.streamed;
    poll = reactor_->StartTimer(milliseconds(100), resume_when_still);
  };
  Run({}, [&](HttpClient& client) {
    call = client.Send(endpoint_, Request("GET", "/stream/" + std::to_string(kSize)), std::move(reader));
  });
  ASSERT_FALSE(outcome.error) << outcome.error->detail;
  EXPECT_EQ(size, kSize);
  EXPECT_TRUE(intact);
}

TEST_P(HttpClientServerTest, TellsTheServerThatItCancels) {
  Outcome cancelled, after;
  Run({}, [&](HttpClient& client) {
    const auto call = client.Send(endpoint_, Request("GET", "/stream/100000000"), Into(cancelled, [] {}));
    ResponseReader reader = Into(after, [&] { Done(); });
    reader.on_head = [&, call](const ResponseHeadView&) { call->Cancel(); };
    client.Send(endpoint_, Request("GET", "/bytes/100000"), std::move(reader));
  });
  EXPECT_FALSE(cancelled.over);
  EXPECT_EQ(after.body.size(), 100'000u);
  while (handler_.gone == 0) std::this_thread::yield();
}

TEST_P(HttpClientServerTest, GivesUpOnAnAnswerThatNeverComes) {
  ClientRequest request = Request("GET", "/never");
  request.response_timeout = milliseconds(20);
  const Outcome outcome = Ask(std::move(request));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->name, kResponseTimeout);
}

TEST_P(HttpClientServerTest, AnswersHeadWithoutABody) {
  const Outcome outcome = Ask(Request("HEAD", "/bytes/1000"));
  ASSERT_FALSE(outcome.error) << outcome.error->detail;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "");
}

TEST_P(HttpsClientServerTest, RefusesACertificateForAnotherNameOrFromAnotherAuthority) {
  endpoint_.tls = Trust(certificate_.certificate_pem, "other.test");
  const Outcome name = Ask(Request());
  ASSERT_TRUE(name.error);
  EXPECT_EQ(name.error->name, kTlsFailed);
  EXPECT_NE(name.error->detail.find("hostname mismatch"), std::string::npos) << name.error->detail;
  endpoint_.tls = Trust(MakeTestCertificate("origin.test").certificate_pem, "origin.test");
  const Outcome chain = Ask(Request());
  ASSERT_TRUE(chain.error);
  EXPECT_EQ(chain.error->name, kTlsFailed);
  EXPECT_NE(chain.error->detail.find("self-signed"), std::string::npos) << chain.error->detail;
}

TEST_P(HttpsClientServerTest, KeepsEndpointsApartByEverything) {
  Outcome first, second;
  const Endpoint trusted = endpoint_;
  endpoint_.tls = Trust(certificate_.certificate_pem, "other.test");
  Run({}, [&](HttpClient& client) {
    client.Send(trusted, Request(), Into(first, [&] {
                  // A connection for another name must not be used, although address and port are the same.
                  client.Send(endpoint_, Request(), Into(second, [&] { Done(); }));
                }));
  });
  EXPECT_FALSE(first.error);
  EXPECT_TRUE(second.error);
}

TEST_P(HttpClientServerTest, SurvivesTheServersFarewell) {
  // The server sends everybody away after each request: GOAWAY, or Connection: close.
  std::vector<ClientRequest> requests;
  for (int i = 0; i < 20; ++i) requests.push_back(Request("GET", "/bytes/10"));
  HttpLimits limits;
  limits.requests_per_connection = 1;
  ListenerOptions options;
  options.handler = &handler_;
  options.limits = limits;
  if (GetParam().tls) options.certificates = &selector_;
  const auto server = HttpServer::Listen({server_reactor_.get()}, workers_, options).value();
  endpoint_.port = server->port();
  for (const Outcome& outcome : AskInTurn(std::move(requests))) {
    ASSERT_FALSE(outcome.error) << outcome.error->detail;
    EXPECT_EQ(outcome.body, Generated(10));
  }
}

}  // namespace
}  // namespace meetinity::net

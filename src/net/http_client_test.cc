#include "net/http_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/clock.h"
#include "net/socket.h"

namespace meetinity::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A server that says exactly what a test wants, byte by byte: one script a connection, in the order they come.
class ScriptedServer {
 public:
  // Reads until a request's head (and `body` bytes after it) is there, then writes `answer`.
  struct Exchange {
    std::string answer;
    size_t body = 0;
    bool then_close = false;
  };
  using Script = std::vector<Exchange>;

  explicit ScriptedServer(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
    listener_ = ListenTcp(SocketAddress::Parse("127.0.0.1", 0).value(), PortSharing::kExclusive).value();
    port_ = SocketAddress::LocalOf(listener_).value().port();
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_.fd(), SHUT_RDWR);
    thread_.join();
  }

  uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  std::string requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void Serve() {
    std::vector<std::thread> threads;
    for (const Script& script : scripts_) {
      // The listener is non-blocking, as every socket of this room; here it is waited for.
      fd_set ready;
      FD_ZERO(&ready);
      FD_SET(listener_.fd(), &ready);
      ::select(listener_.fd() + 1, &ready, nullptr, nullptr, nullptr);
      const int fd = ::accept(listener_.fd(), nullptr, nullptr);
      if (fd < 0) break;
      ++connections_;
      threads.emplace_back([this, fd, &script] { Play(fd, script); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void Play(int fd, const Script& script) {
    std::string in;
    for (const Exchange& exchange : script) {
      size_t head = std::string::npos;
      while ((head = in.find("\r\n\r\n")) == std::string::npos || in.size() < head + 4 + exchange.body) {
        char buffer[4'096];
        const ssize_t got = ::recv(fd, buffer, sizeof(buffer), 0);
        if (got <= 0) {
          ::close(fd);
          return;
        }
        in.append(buffer, static_cast<size_t>(got));
      }
      {
        const std::lock_guard lock(mutex_);
        requests_ += in.substr(0, head + 4 + exchange.body);
      }
      in.erase(0, head + 4 + exchange.body);
      EXPECT_EQ(::send(fd, exchange.answer.data(), exchange.answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(exchange.answer.size()));
      if (exchange.then_close) break;
    }
    // Unless the script closes, the client does.
    char buffer[64];
    if (script.empty() || !script.back().then_close) {
      while (::recv(fd, buffer, sizeof(buffer), 0) > 0) continue;
    }
    ::close(fd);
  }

  const std::vector<Script> scripts_;
  Socket listener_;
  uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::string requests_;
  std::thread thread_;
};

struct Outcome {
  int status = 0;
  std::string body;
  std::string header;  // of "x-test"
  std::optional<Error> error;
};

class HttpClientTest : public ::testing::Test {
 protected:
  HttpClientTest() : reactor_(Reactor::Open(clock_, 0).value()) {}

  ResponseReader Into(Outcome& outcome, std::function<void()> done) {
    ResponseReader reader;
    reader.on_head = [&outcome](const ResponseHeadView& head) {
      outcome.status = head.status;
      for (const HeaderView& header : head.headers) {
        if (header.name == "x-test") outcome.header = header.value;
      }
    };
    reader.on_data = [&outcome](std::string_view bytes) { outcome.body += bytes; };
    reader.on_end = done;
    reader.on_error = [&outcome, done](Error error) {
      outcome.error = std::move(error);
      done();
    };
    return reader;
  }

  ClientRequest Request(const ScriptedServer& server, std::string method = "GET") {
    endpoint_.address = "127.0.0.1";
    endpoint_.port = server.port();
    ClientRequest request;
    request.method = std::move(method);
    request.authority = "origin.test";
    return request;
  }

  // Sends requests one after another on one client and returns what became of them.
  std::vector<Outcome> AskInTurn(std::vector<ClientRequest> requests, ClientLimits limits = {}) {
    std::vector<Outcome> outcomes(requests.size());
    reactor_ = Reactor::Open(clock_, 0).value();  // one that was stopped stays so
    auto client = HttpClient::Create(*reactor_, limits);
    std::function<void(size_t)> next = [&](size_t i) {
      if (i == requests.size()) return reactor_->Stop();
      client->Send(endpoint_, std::move(requests[i]), Into(outcomes[i], [&next, i] { next(i + 1); }));
    };
    reactor_->Post([&] { next(0); });
    reactor_->Run();
    client.reset();
    return outcomes;
  }

  Outcome AskOnce(const ScriptedServer& server, std::string method = "GET") {
    std::vector<ClientRequest> requests;
    requests.push_back(Request(server, std::move(method)));
    return AskInTurn(std::move(requests)).front();
  }

  SystemClock clock_;
  std::unique_ptr<Reactor> reactor_;
  Endpoint endpoint_;
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
  std::vector<ClientRequest> requests;
  requests.push_back(Request(server));
  requests.push_back(Request(server));
  const auto outcomes = AskInTurn(std::move(requests));
  EXPECT_EQ(outcomes[0].body + outcomes[1].body, "ab");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, NeverUsesAConnectionWithLeftoversAgain) {
  ScriptedServer server(
      {{{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"}},
       {{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"}}});
  std::vector<ClientRequest> requests;
  requests.push_back(Request(server));
  requests.push_back(Request(server));
  const auto outcomes = AskInTurn(std::move(requests));
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
  std::vector<ClientRequest> requests;
  requests.push_back(Request(server));
  requests.push_back(Request(server));
  const auto outcomes = AskInTurn(std::move(requests));
  EXPECT_EQ(outcomes[1].body, "b");
}

TEST_F(HttpClientTest, SendsABodyAndItsLength) {
  ScriptedServer server({{{"HTTP/1.1 204 No Content\r\n\r\n", 7}}});
  ClientRequest request = Request(server, "PUT");
  request.body = {Slice::Copy("abc"), Slice::Copy("defg")};
  std::vector<ClientRequest> requests;
  requests.push_back(std::move(request));
  EXPECT_EQ(AskInTurn(std::move(requests)).front().status, 204);
  EXPECT_NE(server.requests().find("content-length: 7\r\n\r\nabcdefg"), std::string::npos);
}

TEST_F(HttpClientTest, SendsAStreamedBodyInChunks) {
  constexpr std::string_view kChunks = "3\r\nabc\r\n0\r\n\r\n";
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", kChunks.size()}}});
  ClientRequest request = Request(server, "POST");
  request.streams_body = true;
  Outcome outcome;
  auto client = HttpClient::Create(*reactor_, {});
  reactor_->Post([&] {
    const auto call = client->Send(endpoint_, std::move(request), Into(outcome, [&] { reactor_->Stop(); }));
    call->WriteBody(Slice::Copy("abc"));
    call->FinishBody();
  });
  reactor_->Run();
  EXPECT_EQ(outcome.status, 200);
  EXPECT_NE(server.requests().find(kChunks), std::string::npos);
}

TEST_F(HttpClientTest, SaysThatNobodyListens) {
  uint16_t port = 0;
  {
    const Socket taken = ListenTcp(SocketAddress::Parse("127.0.0.1", 0).value(), PortSharing::kExclusive).value();
    port = SocketAddress::LocalOf(taken).value().port();
  }
  endpoint_.address = "127.0.0.1";
  endpoint_.port = port;
  std::vector<ClientRequest> requests(1);
  requests[0].authority = "origin.test";
  const Outcome outcome = AskInTurn(std::move(requests)).front();
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->name, kConnectFailed);
}

TEST_F(HttpClientTest, GivesUpOnASilentServer) {
  ScriptedServer server({{{""}}});
  ClientRequest request = Request(server);
  request.response_timeout = milliseconds(20);
  std::vector<ClientRequest> requests;
  requests.push_back(std::move(request));
  const Outcome outcome = AskInTurn(std::move(requests)).front();
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
  auto client = HttpClient::Create(*reactor_, limits);
  const auto done = [&] {
    if (--left == 0) reactor_->Stop();
  };
  reactor_->Post([&] {
    for (Outcome& outcome : outcomes) client->Send(endpoint_, Request(server), Into(outcome, done));
  });
  Request(server);
  reactor_->Run();
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
  int pauses = 0;
  auto client = HttpClient::Create(*reactor_, {});
  ResponseReader reader = Into(outcome, [&] { reactor_->Stop(); });
  std::vector<Timer> timers;
  reader.on_data = [&](std::string_view bytes) {
    EXPECT_FALSE(paused);
    outcome.body += bytes;
    if (++pauses % 3 != 0) return;
    paused = true;
    call->Pause();
    timers.push_back(reactor_->StartTimer(milliseconds(1), [&] {
      paused = false;
      call->Resume();
    }));
  };
  reactor_->Post([&] { call = client->Send(endpoint_, Request(server), std::move(reader)); });
  reactor_->Run();
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.body.size(), body.size());
}

TEST_F(HttpClientTest, TellsNothingAfterCancel) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"}}});
  Outcome outcome;
  std::shared_ptr<ClientCall> call;
  Timer later;
  auto client = HttpClient::Create(*reactor_, {});
  ResponseReader reader = Into(outcome, [] { FAIL() << "told after Cancel"; });
  reader.on_data = [&](std::string_view) {
    call->Cancel();
    later = reactor_->StartTimer(milliseconds(5), [&] { reactor_->Stop(); });
  };
  reactor_->Post([&] { call = client->Send(endpoint_, Request(server), std::move(reader)); });
  reactor_->Run();
  EXPECT_FALSE(outcome.error);
}

}  // namespace
}  // namespace meetinity::net

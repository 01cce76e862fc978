#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::net {

// What became of a request, for tests.
struct Outcome {
  int status = 0;
  HttpVersion version = HttpVersion::kHttp10;
  std::optional<uint64_t> content_length;
  Duration connect_time{0}, wait_time{0};
  std::string body;
  std::string header;    // of "x-test"
  std::string trailers;  // as HTTP/1.1 would write them
  std::optional<Error> error;
  bool over = false;
};

// A client on a reactor that the test's own thread runs.
class ClientFixture : public ::testing::Test {
 protected:
  ClientFixture() : reactor_(Reactor::Open(clock_, 0).value()) { endpoint_.address = "127.0.0.1"; }

  ResponseReader Into(Outcome& outcome, std::function<void()> done) {
    ResponseReader reader;
    reader.on_head = [&outcome](const ResponseHeadView& head) {
      outcome.status = head.status;
      outcome.version = head.version;
      outcome.content_length = head.content_length;
      outcome.connect_time = head.connect_time;
      outcome.wait_time = head.wait_time;
      for (const HeaderView& header : head.headers) {
        if (header.name == "x-test") outcome.header = header.value;
      }
    };
    reader.on_data = [&outcome](std::string_view bytes) { outcome.body += bytes; };
    reader.on_trailers = [&outcome](const HeaderBlock& trailers) { outcome.trailers = trailers.http1_bytes(); };
    reader.on_end = [&outcome, done] {
      outcome.over = true;
      done();
    };
    reader.on_error = [&outcome, done](Error error) {
      outcome.error = std::move(error);
      outcome.over = true;
      done();
    };
    return reader;
  }

  static ClientRequest Request(std::string method = "GET", std::string target = "/") {
    ClientRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.authority = "origin.test";
    return request;
  }

  // Runs the reactor, with a client, until the test calls Done; a test that never does fails instead of hanging.
  void Run(ClientLimits limits, std::function<void(HttpClient& client)> begin) {
    reactor_ = Reactor::Open(clock_, 0).value();  // one that was stopped stays so
    client_ = HttpClient::Create(*reactor_, limits);
    Timer patience = reactor_->StartTimer(std::chrono::seconds(60), [this] {
      ADD_FAILURE() << "nothing happened any more";
      reactor_->Stop();
    });
    reactor_->Post([&] { begin(*client_); });
    reactor_->Run();
    patience.Cancel();
    client_.reset();
  }
  void Done() { reactor_->Stop(); }

  // Sends requests one after another and returns what became of them.
  std::vector<Outcome> AskInTurn(std::vector<ClientRequest> requests, ClientLimits limits = {}) {
    std::vector<Outcome> outcomes(requests.size());
    std::function<void(size_t)> next = [&](size_t i) {
      if (i == requests.size()) return Done();
      client_->Send(endpoint_, std::move(requests[i]), Into(outcomes[i], [&next, i] { next(i + 1); }));
    };
    Run(limits, [&](HttpClient&) { next(0); });
    return outcomes;
  }

  Outcome Ask(ClientRequest request) {
    std::vector<ClientRequest> requests;
    requests.push_back(std::move(request));
    return AskInTurn(std::move(requests)).front();
  }

  SystemClock clock_;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<HttpClient> client_;
  Endpoint endpoint_;
};

}  // namespace meetinity::net

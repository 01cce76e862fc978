#include "engine/balancer/testing/test_client.h"

#include <future>
#include <utility>

namespace meetinity::balancer::testing {

TestClient::TestClient(net::HttpVersion version)
    : reactor_(net::Reactor::Open(clock_, 0).value()), client_(net::HttpClient::Create(*reactor_)) {
  net::TlsClientOptions options;
  options.verifies = false;
  options.server_name = "client.test";
  if (version == net::HttpVersion::kHttp2) options.alpn = {"h2"};
  endpoint_.address = "127.0.0.1";
  endpoint_.tls = net::TlsClientContext::Create(options).value();
  endpoint_.version = version;
  thread_ = std::thread([this] { reactor_->Run(); });
}

TestClient::~TestClient() {
  reactor_->Stop();
  thread_.join();
  client_.reset();
}

net::ClientRequest TestClient::Request(std::string method, std::string target) {
  net::ClientRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.authority = "site.test";
  return request;
}

ClientOutcome TestClient::Ask(uint16_t port, net::ClientRequest request) {
  ClientOutcome outcome;
  std::promise<void> over;
  net::ResponseReader reader;
  reader.on_head = [&](const net::ResponseHeadView& head) {
    outcome.status = head.status;
    outcome.version = head.version;
    for (const net::HeaderView& header : head.headers) {
      outcome.headers.append(header.name).append(": ").append(header.value).append("\r\n");
    }
  };
  reader.on_data = [&](std::string_view bytes) { outcome.body += bytes; };
  reader.on_trailers = [&](const net::HeaderBlock& trailers) { outcome.trailers = trailers.http1_bytes(); };
  reader.on_end = [&] { over.set_value(); };
  reader.on_error = [&](const Error& error) {
    outcome.error = error.detail;
    over.set_value();
  };
  net::Endpoint endpoint = endpoint_;
  endpoint.port = port;
  reactor_->Post([&] { client_->Send(endpoint, std::move(request), std::move(reader)); });
  over.get_future().wait();
  return outcome;
}

}  // namespace meetinity::balancer::testing

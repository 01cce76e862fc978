// The origin behind every cache that bench/edge measures. It is quick, so that filling a cache with a million objects
// is a matter of the cache, and counts what it is asked for, so that no figure is of hits that were none.
//
//   edge_bench_origin PORT
//
// GET /BYTES/anything answers with that many bytes, fresh for a day; GET /asked with the number of such answers so far.
// Runs until killed.

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "base/clock.h"
#include "net/http_server.h"
#include "net/reactor.h"

namespace meetinity {
namespace {

constexpr size_t kBodyMax = 1'048'576;

// Bytes that no compression makes smaller.
std::shared_ptr<const std::string> Noise() {
  auto noise = std::make_shared<std::string>(kBodyMax, '\0');
  std::mt19937_64 random(1);
  for (char& byte : *noise) byte = static_cast<char>(random());
  return noise;
}

std::optional<size_t> SizeIn(std::string_view path) {
  path.remove_prefix(1);
  size_t size = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), size);
  const bool is_whole = end == path.data() + path.size() || *end == '/';
  if (error != std::errc() || !is_whole || size > kBodyMax) return std::nullopt;
  return size;
}

class Origin : public net::HttpHandler {
 public:
  Origin() {
    headers_.Add("Content-Type", "application/octet-stream");
    headers_.Add("Cache-Control", "max-age=86400");
    headers_.Add("ETag", "\"bench\"");
    uncached_.Add("Cache-Control", "no-store");
  }

  void OnRequest(const net::ExchangePtr& exchange) override {
    const std::string_view path = exchange->request().path;
    if (path == "/asked") return exchange->Respond(200, uncached_, net::Slice::Own(std::to_string(asked_)));
    const std::optional<size_t> size = SizeIn(path);
    if (!size) return exchange->Respond(404, uncached_, net::Slice::Static("not /BYTES/name\n"));
    ++asked_;
    exchange->Respond(200, headers_, net::Slice{noise_, std::string_view(*noise_).substr(0, *size)});
  }

 private:
  const std::shared_ptr<const std::string> noise_ = Noise();
  net::HeaderBlock headers_, uncached_;
  uint64_t asked_ = 0;
};

Status Serve(const char* port) {
  SystemClock clock;
  const std::unique_ptr<net::Reactor> reactor = TRY(net::Reactor::Open(clock, 0));
  net::WorkerPool workers(1, 64);
  Origin origin;
  net::ListenerOptions listener;
  listener.handler = &origin;
  listener.limits.requests_per_connection = 1'000'000'000;
  listener.port = static_cast<uint16_t>(std::atoi(port));
  const std::unique_ptr<net::HttpServer> server = TRY(net::HttpServer::Listen({reactor.get()}, workers, listener));
  reactor->Run();
  return {};
}

}  // namespace
}  // namespace meetinity

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "see the head of edge_bench_origin.cc for the argument\n"), 2;
  const meetinity::Status served = meetinity::Serve(arguments[1]);
  if (!served.ok()) std::fprintf(stderr, "%s\n", served.error().detail.c_str());
  return served.ok() ? 0 : 1;
}

#include "engine/edge/testing/edge_house.h"

#include <future>

namespace meetinity::edge::testing {
namespace {

// Calls `start` with a callback and returns when that was called. The callback owns the promise: the waiting thread
// may be gone before set_value returns.
void Await(const std::function<void(std::function<void()>)>& start) {
  const auto promise = std::make_shared<std::promise<void>>();
  start([promise] { promise->set_value(); });
  promise->get_future().wait();
}

}  // namespace

EdgeHouse::EdgeHouse(int reactors, EdgeOptions options) {
  std::vector<net::Reactor*> pointers;
  for (int i = 0; i < reactors; ++i) {
    reactors_.push_back(net::Reactor::Open(clock_, i).value());
    pointers.push_back(reactors_.back().get());
  }
  edge_ = std::make_unique<Edge>(pointers, workers_, clock_, std::move(options));
  net::ListenerOptions listener;
  listener.handler = &edge_->handler();
  server_ = net::HttpServer::Listen(pointers, workers_, listener).value();
  for (const auto& reactor : reactors_) threads_.emplace_back([&reactor] { reactor->Run(); });
}

EdgeHouse::~EdgeHouse() {
  Await([&](std::function<void()> drained) { server_->Drain(Duration::zero(), std::move(drained)); });
  server_.reset();
  for (size_t i = 0; i < reactors_.size(); ++i) RunOn(i, [] {});
  for (const auto& reactor : reactors_) reactor->Stop();
  for (std::thread& thread : threads_) thread.join();
  edge_.reset();
}

EdgeConfig EdgeHouse::OneSite(uint16_t origin_port) {
  EdgeConfig config;
  Distribution& site = config.distributions.emplace_back();
  site.id = "ESITE";
  site.domain_name = "site.cloudfront.localhost";
  OriginConfig& origin = site.origins.emplace_back();
  origin.id = "origin";
  origin.host = "origin.example";
  origin.endpoint.address = "127.0.0.1";
  origin.endpoint.port = origin_port;
  site.behaviors.emplace_back().origin_id = "origin";
  return config;
}

void EdgeHouse::Apply(EdgeConfig config) {
  config.number = ++configs_;
  Await([&](std::function<void()> adopted) {
    edge_->Apply(std::make_shared<const EdgeConfig>(std::move(config)), std::move(adopted));
  });
}

void EdgeHouse::Invalidate(std::vector<std::string> patterns) {
  Await(
      [&](std::function<void()> effective) { edge_->Invalidate("ESITE", std::move(patterns), std::move(effective)); });
}

void EdgeHouse::Advance(Duration by) {
  clock_.Advance(by);
  // A reactor reads the clock once a round; what is run in the second round from now comes after that.
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < reactors_.size(); ++i) RunOn(i, [] {});
  }
}

void EdgeHouse::RunOn(size_t index, const std::function<void()>& task) {
  Await([&](std::function<void()> ran) {
    reactors_[index]->Post([&task, ran] {
      task();
      ran();
    });
  });
}

}  // namespace meetinity::edge::testing

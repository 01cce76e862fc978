// An application load balancer whose configuration changes: drains, swaps under load, ports; and what it tells.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/balancer/testing/application_fixture.h"

namespace meetinity::balancer {
namespace {

using net::RawClient;
using testing::ApplicationTest;
using testing::AskAt;
using testing::GetOf;
using testing::kGetRoot;
using testing::RespondText;
using testing::TestTarget;

// ---- draining and swapping

TEST_F(ApplicationTest, FinishesWhatADrainingTargetHas) {
  TestTarget other("two");
  target_.SetHandle([this](const net::ExchangePtr& exchange, const TestTarget::Request&) { target_.Hold(exchange); });
  Begin();
  RawClient client(house_.port());
  client.Send(kGetRoot);
  target_.AwaitRequests(1);
  house_.group().targets.front().draining_since = house_.clock.Now();
  house_.AddTarget("two", other.port());
  house_.ApplyAndAwaitHealthy();
  EXPECT_EQ(house_.engine().HealthOf("group", "one").state, TargetState::kDraining);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Ask(kGetRoot).body, "two");
  EXPECT_FALSE(house_.observer.WasDrained("one"));
  target_.Release();
  EXPECT_EQ(client.ReadAnswer().body, "one");
  house_.observer.AwaitDrained("one");
}

TEST_F(ApplicationTest, BreaksOffWhatOutlivesTheDeregistrationDelay) {
  house_.group().deregistration_delay = std::chrono::seconds(20);
  target_.SetHandle([this](const net::ExchangePtr& exchange, const TestTarget::Request&) { target_.Hold(exchange); });
  Begin();
  RawClient client(house_.port());
  client.Send(kGetRoot);
  target_.AwaitRequests(1);
  house_.group().targets.front().draining_since = house_.clock.Now();
  house_.Apply();
  house_.Advance(std::chrono::seconds(19));
  EXPECT_FALSE(house_.observer.WasDrained("one"));
  house_.Advance(std::chrono::seconds(2));
  EXPECT_EQ(client.ReadAnswer().status, 502);
  house_.observer.AwaitDrained("one");
}

TEST_F(ApplicationTest, SendsNothingToWhatIsAllDraining) {
  Begin();
  house_.group().targets.front().draining_since = house_.clock.Now();
  house_.Apply();
  EXPECT_EQ(Ask(kGetRoot).status, 503);
  house_.group().targets.front().draining_since.reset();
  house_.ApplyAndAwaitHealthy();
  EXPECT_EQ(Ask(kGetRoot).status, 200) << "one that is registered again leaves draining";
}

// Clients that ask as fast as they can, over connections that stay, and count what is no 200.
class Load {
 public:
  explicit Load(uint16_t port, int clients = 4) {
    for (int i = 0; i < clients; ++i) {
      threads_.emplace_back([this, port] {
        auto client = std::make_unique<RawClient>(port);
        while (!stopping_) {
          client->Send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
          const auto answer = client->ReadAnswer();
          ++asked_;
          if (answer.status != 200) ++failed_;
          if (!answer.complete || answer.Find("Connection") == "close") client = std::make_unique<RawClient>(port);
        }
      });
    }
  }
  ~Load() { Stop(); }
  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  void AwaitMore(int count) const {
    const int until = asked_ + count;
    while (asked_ < until) std::this_thread::yield();
  }
  int failed() const { return failed_; }

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<int> asked_{0}, failed_{0};
  std::vector<std::thread> threads_;
};

TEST_F(ApplicationTest, SwapsConfigurationsUnderLoadWithoutAFailedRequest) {
  Begin();
  Load load(house_.port());
  for (int i = 0; i < 100; ++i) {
    house_.listener().rules.resize(1);
    for (int rule = 0; rule < i % 5; ++rule) {
      house_.AddRule(rule + 1, {PathPatternCondition{{"/never" + std::to_string(i)}}},
                     FixedResponseAction{500, "", ""});
    }
    house_.balancer().idle_timeout = std::chrono::seconds(60 + i);
    house_.Apply();
    load.AwaitMore(5);
  }
  load.Stop();
  EXPECT_EQ(load.failed(), 0);
}

TEST_F(ApplicationTest, ReplacesATargetAHundredTimesUnderLoadWithoutAFailedRequest) {
  Begin();
  Load load(house_.port());
  auto current = std::make_unique<TestTarget>("first");
  std::unique_ptr<TestTarget> former;
  for (int i = 0; i < 100; ++i) {
    const std::string id = "target-" + std::to_string(i);
    auto next = std::make_unique<TestTarget>(id);
    house_.AddTarget(id, next->port());
    house_.ApplyAndAwaitHealthy();
    const std::string leaving = house_.group().targets.front().id;
    house_.group().targets.front().draining_since = house_.clock.Now();
    house_.Apply();
    house_.observer.AwaitDrained(leaving);
    house_.group().targets.erase(house_.group().targets.begin());
    house_.Apply();
    former = std::move(current);  // gone from here on
    current = std::move(next);
    load.AwaitMore(4);
  }
  load.Stop();
  EXPECT_EQ(load.failed(), 0);
}

// ---- ports

TEST_F(ApplicationTest, OpensAndClosesListenersAsTheyComeAndGo) {
  Begin();
  Listener second;
  second.id = "second";
  second.port = 81;
  second.bindings.push_back({"127.0.0.1", 0, ""});
  second.rules.push_back({0, {}, FixedResponseAction{200, "", "second"}});
  house_.balancer().listeners.push_back(second);
  EXPECT_TRUE(house_.Apply().empty());
  const uint16_t port = house_.port("second");
  EXPECT_EQ(AskAt(port, kGetRoot).body, "second");
  EXPECT_EQ(Ask(kGetRoot).body, "one");
  house_.balancer().listeners.pop_back();
  house_.Apply();
  EXPECT_EQ(house_.port("second"), 0);
  // Another listener gets the port that was given back.
  second.id = "third";
  second.bindings[0].port = port;
  second.rules[0].action = FixedResponseAction{200, "", "third"};
  house_.balancer().listeners.push_back(second);
  house_.Apply();
  EXPECT_EQ(AskAt(port, kGetRoot).body, "third");
}

TEST_F(ApplicationTest, ReportsAPortThatIsTakenAndTriesAgain) {
  auto squatter = std::make_unique<TestTarget>("squatter");
  const uint16_t port = squatter->port();
  house_.listener().bindings[0].port = port;
  house_.AddTarget("one", target_.port());
  const auto problems = house_.Apply();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].listener_id, "listener");
  EXPECT_EQ(problems[0].error.name, kListenerFailed);
  squatter.reset();
  house_.Advance(std::chrono::seconds(2));
  EXPECT_TRUE(house_.engine().problems().empty());
  house_.observer.AwaitState("one", TargetState::kHealthy);
  EXPECT_EQ(AskAt(port, kGetRoot).status, 200);
}

TEST_F(ApplicationTest, IgnoresAnOlderConfiguration) {
  Begin();
  auto old = house_.config;
  old.number = 0;
  old.load_balancers[0].listeners[0].rules = {{0, {}, FixedResponseAction{200, "", "old"}}};
  house_.engine().Apply(std::make_shared<const Configuration>(old));
  house_.Settle();
  EXPECT_EQ(Ask(kGetRoot).body, "one");
}

// ---- records and counters

TEST_F(ApplicationTest, RecordsEachRequest) {
  house_.balancer().logs_access = true;
  Begin();
  Ask(GetOf("/x?y", "User-Agent: tester\r\n", "site.test"));
  const AccessRecord record = house_.observer.AwaitRecord();
  EXPECT_EQ(record.type, "http");
  EXPECT_EQ(record.load_balancer_id, "lb");
  EXPECT_EQ(record.client_address, "127.0.0.1");
  EXPECT_EQ(record.target_port, target_.port());
  EXPECT_EQ(record.status, 200);
  EXPECT_EQ(record.target_status, 200);
  EXPECT_EQ(record.method, "GET");
  EXPECT_EQ(record.url, "http://site.test:80/x?y");
  EXPECT_EQ(record.user_agent, "tester");
  EXPECT_EQ(record.action, "forward");
  EXPECT_EQ(record.rule_priority, 0);
  EXPECT_EQ(record.target_group_id, "group");
  EXPECT_TRUE(record.trace_id.starts_with("Root=1-"));
  EXPECT_TRUE(record.request_processing && record.target_processing && record.response_processing);
  EXPECT_GT(record.sent_bytes, 0u);
}

TEST_F(ApplicationTest, RecordsWhatIsRefusedAndWhoLeft) {
  house_.balancer().logs_access = true;
  target_.SetHandle([this](const net::ExchangePtr& exchange, const TestTarget::Request&) { target_.Hold(exchange); });
  Begin();
  Ask("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n");
  AccessRecord record = house_.observer.AwaitRecord();
  EXPECT_EQ(record.status, 400);
  EXPECT_EQ(record.classification, "Severe");
  EXPECT_EQ(record.classification_reason, "BadHeader");
  {
    RawClient client(house_.port());
    client.Send(kGetRoot);
    target_.AwaitRequests(1);
  }
  record = house_.observer.AwaitRecord();
  EXPECT_EQ(record.status, 0);
  EXPECT_FALSE(record.target_processing);
  EXPECT_NE(ToAccessLogLine(record, "x").find(" 460 - "), std::string::npos);
}

TEST_F(ApplicationTest, CountsWhatTargetsDid) {
  target_.SetHandle([](const net::ExchangePtr& exchange, const TestTarget::Request& request) {
    RespondText(exchange, request.target == "/bad" ? 500 : 200, "12345");
  });
  Begin();
  Ask(kGetRoot);
  Ask(GetOf("/bad"));
  const TargetTotals totals = house_.engine().TotalsOf("group", "one");
  EXPECT_EQ(totals.requests, 2u);
  EXPECT_EQ(totals.by_class[2], 1u);
  EXPECT_EQ(totals.by_class[5], 1u);
  EXPECT_EQ(totals.latency.count, 2u);
  EXPECT_EQ(totals.bytes_from_target, 10u);
  const BalancerTotals lb = house_.engine().TotalsOf("lb");
  EXPECT_EQ(lb.requests, 2u);
  EXPECT_EQ(lb.connections_new, 2u);
  EXPECT_EQ(lb.own_by_class[5], 0u) << "a target's 500 is not the balancer's";
}

TEST_F(ApplicationTest, AdmitsThroughAnotherServerWhomItAdmitsItself) {
  house_.AddTarget("one", target_.port());
  house_.ApplyAndAwaitHealthy();
  const uint16_t port = house_.ServeApart();
  EXPECT_EQ(AskAt(port, kGetRoot).body, "one");
  house_.balancer().admission = std::vector<AdmissionRule>{};
  house_.Apply();
  EXPECT_EQ(AskAt(port, kGetRoot).status, 0) << "a socket of its own opens no other door";
}

TEST_F(ApplicationTest, TakesConnectionsFromAnotherServer) {
  house_.listener().bindings.clear();
  house_.AddTarget("one", target_.port());
  house_.ApplyAndAwaitHealthy();
  EXPECT_EQ(house_.port(), 0);
  const uint16_t port = house_.ServeApart();
  EXPECT_EQ(AskAt(port, kGetRoot).body, "one");
  EXPECT_EQ(target_.last().Find("x-forwarded-port"), "80") << "the listener's port, whoever accepted the connection";
  house_.balancer().admission = std::vector<AdmissionRule>{};
  house_.Apply();
  EXPECT_EQ(AskAt(port, kGetRoot).status, 0) << "nobody is admitted";
  house_.config.load_balancers.clear();
  house_.Apply();
  EXPECT_EQ(AskAt(port, kGetRoot).status, 503);
}

}  // namespace
}  // namespace meetinity::balancer

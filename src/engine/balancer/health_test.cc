// Active health checks, under a clock that tests move.
#include <gtest/gtest.h>

#include <string>

#include "engine/balancer/testing/balancer_house.h"
#include "engine/balancer/testing/test_target.h"
#include "net/raw_client.h"

namespace meetinity::balancer {
namespace {

using net::RawClient;
using testing::BalancerHouse;
using testing::TestTarget;

class HealthTest : public ::testing::Test {
 protected:
  void Begin() {
    house_.AddTarget("one", target_.port());
    house_.Apply();
  }
  // One more round of checks, and its result.
  void NextCheck() {
    const int before = target_.checks();
    house_.Advance(house_.group().health_check.interval);
    for (int i = 0; i < 10'000 && target_.checks() == before; ++i) house_.Settle();
    EXPECT_GT(target_.checks(), before);
    for (int i = 0; i < 50; ++i) house_.Settle();
  }
  TargetHealth Health() { return house_.engine().HealthOf("group", "one"); }
  int Status() {
    RawClient client(house_.port());
    client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    return client.ReadAnswer().status;
  }

  TestTarget target_{"one"};
  BalancerHouse house_;
};

TEST_F(HealthTest, BeginsWithInitialAndIsHealthyAfterOnePass) {
  Begin();
  house_.observer.AwaitState("one", TargetState::kHealthy);
  const auto history = house_.observer.HistoryOf("one");
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0], (TargetHealth{TargetState::kInitial, HealthReason::kInitialChecking, 0}));
  EXPECT_EQ(history[1], (TargetHealth{TargetState::kHealthy, HealthReason::kNone, 0}));
  EXPECT_EQ(target_.checks(), 1);
}

TEST_F(HealthTest, FollowsTheThresholds) {
  house_.group().health_check.healthy_threshold = 3;
  house_.group().health_check.unhealthy_threshold = 2;
  Begin();
  house_.observer.AwaitState("one", TargetState::kHealthy);
  target_.SetHealth(503);
  NextCheck();
  EXPECT_EQ(Health().state, TargetState::kHealthy);
  NextCheck();
  house_.observer.AwaitState("one", TargetState::kUnhealthy);
  EXPECT_EQ(Health(), (TargetHealth{TargetState::kUnhealthy, HealthReason::kResponseCodeMismatch, 503}));
  target_.SetHealth(200);
  NextCheck();
  NextCheck();
  EXPECT_EQ(Health().state, TargetState::kUnhealthy);
  NextCheck();
  house_.observer.AwaitState("one", TargetState::kHealthy);
}

TEST_F(HealthTest, DoesNotFollowRedirects) {
  house_.group().health_check.unhealthy_threshold = 1;
  target_.SetHealth(301);
  Begin();
  house_.observer.AwaitState("one", TargetState::kUnhealthy);
  EXPECT_EQ(Health().status, 301);
}

TEST_F(HealthTest, SaysWhenNobodyListens) {
  house_.group().health_check.unhealthy_threshold = 1;
  target_.Down();
  Begin();
  house_.observer.AwaitState("one", TargetState::kUnhealthy);
  EXPECT_EQ(Health().reason, HealthReason::kFailedChecks);
}

TEST_F(HealthTest, SaysWhenAnAnswerTakesTooLong) {
  house_.group().health_check.unhealthy_threshold = 1;
  // Accepts and says nothing: a socket that nobody reads.
  const auto address = net::SocketAddress::Parse("127.0.0.1", 0).value();
  const auto silent = net::ListenTcp(address, net::PortSharing::kExclusive).value();
  house_.AddTarget("silent", net::SocketAddress::LocalOf(silent).value().port());
  house_.Apply();
  for (int i = 0; i < 50; ++i) house_.Settle();
  house_.Advance(std::chrono::seconds(6));
  house_.observer.AwaitState("silent", TargetState::kUnhealthy);
  EXPECT_EQ(house_.engine().HealthOf("group", "silent").reason, HealthReason::kTimeout);
}

TEST_F(HealthTest, FailsOpenWhenNobodyIsHealthy) {
  house_.group().health_check.unhealthy_threshold = 1;
  target_.SetHealth(500);
  Begin();
  house_.observer.AwaitState("one", TargetState::kUnhealthy);
  EXPECT_EQ(Status(), 200);
  EXPECT_EQ(house_.engine().TotalsOf("group", "one").unhealthy_routing, 1u);
}

TEST_F(HealthTest, LeavesAnUnusedGroupAlone) {
  house_.AddGroup("idle");
  house_.AddTarget("idle-target", target_.port(), "idle");
  house_.Apply();
  for (int i = 0; i < 20; ++i) house_.Settle();
  EXPECT_EQ(target_.checks(), 0);
  EXPECT_EQ(house_.engine().HealthOf("idle", "idle-target"),
            (TargetHealth{TargetState::kUnused, HealthReason::kNotInUse, 0}));
  house_.AddRule(1, {PathPatternCondition{{"/x"}}}, ForwardAction{{{"idle", 1}}, {}});
  house_.Apply();
  house_.observer.AwaitState("idle-target", TargetState::kHealthy);
}

TEST_F(HealthTest, IsHealthyUncheckedWhereChecksAreDisabled) {
  house_.group().health_check.enabled = false;
  Begin();
  EXPECT_EQ(Health(), (TargetHealth{TargetState::kHealthy, HealthReason::kChecksAreDisabled, 0}));
  EXPECT_EQ(Status(), 200);
  EXPECT_EQ(target_.checks(), 0);
}

TEST_F(HealthTest, ChecksTcpByConnecting) {
  house_.group().health_check.protocol = TargetProtocol::kTcp;
  house_.group().health_check.unhealthy_threshold = 1;
  Begin();
  house_.observer.AwaitState("one", TargetState::kHealthy);
  EXPECT_EQ(target_.checks(), 0);
  target_.Down();
  house_.Advance(house_.group().health_check.interval);
  house_.observer.AwaitState("one", TargetState::kUnhealthy);
}

TEST_F(HealthTest, ChecksAnotherPortWhereItIsTold) {
  TestTarget sidecar("sidecar");
  house_.group().health_check.port = sidecar.port();
  Begin();
  house_.observer.AwaitState("one", TargetState::kHealthy);
  EXPECT_EQ(target_.checks(), 0);
  EXPECT_EQ(sidecar.checks(), 1);
}

TEST_F(HealthTest, ChecksTlsTargetsWithoutJudgingTheirCertificates) {
  TestTarget secure("secure", nullptr, TestTarget::Wire::kTls);
  house_.group().protocol = house_.group().health_check.protocol = TargetProtocol::kHttps;
  house_.AddTarget("secure", secure.port());
  house_.Apply();
  house_.observer.AwaitState("secure", TargetState::kHealthy);
  EXPECT_EQ(Status(), 200);
  EXPECT_EQ(secure.requests(), 1);
}

TEST_F(HealthTest, ATargetThatIsUnhealthyGetsNothingWhileOthersAreNot) {
  TestTarget other("two");
  house_.group().health_check.unhealthy_threshold = 1;
  house_.AddTarget("two", other.port());
  target_.SetHealth(500);
  Begin();
  house_.observer.AwaitState("one", TargetState::kUnhealthy);
  house_.observer.AwaitState("two", TargetState::kHealthy);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Status(), 200);
  EXPECT_EQ(target_.requests(), 0);
  EXPECT_EQ(other.requests(), 6);
}

}  // namespace
}  // namespace meetinity::balancer

// Stickiness to targets and to groups, and the algorithms, from outside.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/balancer/testing/balancer_house.h"
#include "engine/balancer/testing/test_target.h"
#include "net/raw_client.h"

namespace meetinity::balancer {
namespace {

using net::RawClient;
using testing::BalancerHouse;
using testing::TestTarget;

class StickyTest : public ::testing::Test {
 protected:
  void Begin() {
    house_.AddTarget("one", one_.port());
    house_.AddTarget("two", two_.port());
    house_.ApplyAndAwaitHealthy();
  }
  RawClient::Answer Ask(const std::string& cookie = "") {
    RawClient client(house_.port());
    client.Send("GET / HTTP/1.1\r\nHost: a\r\n" + (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n") + "\r\n");
    return client.ReadAnswer();
  }
  // "name=value" of the cookie that an answer sets; "" without it.
  static std::string CookieOf(const RawClient::Answer& answer, const std::string& name) {
    const size_t at = answer.head.find("\r\nSet-Cookie: " + name + "=");
    if (at == std::string::npos) return "";
    const size_t begin = at + 14;
    return answer.head.substr(begin, answer.head.find(';', begin) - begin);
  }

  TestTarget one_{"one"}, two_{"two"};
  BalancerHouse house_;
};

TEST_F(StickyTest, KeepsAClientWithItsTarget) {
  house_.group().stickiness = Stickiness::kLoadBalancerCookie;
  Begin();
  const auto first = Ask();
  const std::string cookie = CookieOf(first, "AWSALB");
  ASSERT_NE(cookie, "");
  EXPECT_NE(first.head.find("AWSALB="), std::string::npos);
  EXPECT_NE(first.head.find("Expires="), std::string::npos);
  EXPECT_NE(first.head.find("Path=/; SameSite=None; Secure"), std::string::npos);
  const std::string cors = CookieOf(first, "AWSALBCORS");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Ask("x=1; " + cookie).body, first.body);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Ask(cors).body, first.body) << "the twin counts where the first is missing";
  EXPECT_NE(CookieOf(Ask(cookie), "AWSALB"), "") << "refreshed with every answer";
  EXPECT_EQ(house_.engine().TotalsOf("lb").non_sticky_requests, 1u);
}

TEST_F(StickyTest, ForgetsAfterItsDuration) {
  house_.group().stickiness = Stickiness::kLoadBalancerCookie;
  house_.group().stickiness_duration = std::chrono::seconds(10);
  Begin();
  const std::string cookie = CookieOf(Ask(), "AWSALB");
  house_.Advance(std::chrono::seconds(11));
  Ask(cookie);
  EXPECT_EQ(house_.engine().TotalsOf("lb").non_sticky_requests, 2u);
}

TEST_F(StickyTest, IgnoresWhatItDidNotSeal) {
  house_.group().stickiness = Stickiness::kLoadBalancerCookie;
  Begin();
  EXPECT_EQ(Ask("AWSALB=bm90IG91cnM=").status, 200);
  EXPECT_EQ(Ask("AWSALB=%41%42").status, 200);
  EXPECT_EQ(house_.engine().TotalsOf("lb").non_sticky_requests, 2u);
}

TEST_F(StickyTest, MovesOnFromADrainingTarget) {
  house_.group().stickiness = Stickiness::kLoadBalancerCookie;
  Begin();
  const auto first = Ask();
  const std::string cookie = CookieOf(first, "AWSALB");
  for (Target& target : house_.group().targets) {
    if (target.id == first.body) target.draining_since = house_.clock.Now();
  }
  house_.Apply();
  const auto moved = Ask(cookie);
  EXPECT_NE(moved.body, first.body);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Ask(CookieOf(moved, "AWSALB")).body, moved.body);
}

TEST_F(StickyTest, FollowsTheApplicationsCookie) {
  const auto handle = [](const char* name, bool sets) {
    return [name, sets](const net::ExchangePtr& exchange, const TestTarget::Request&) {
      net::HeaderBlock headers;
      if (sets) headers.Add("Set-Cookie", "session=abc; Path=/");
      exchange->Respond(200, headers, net::Slice::Static(name));
    };
  };
  one_.SetHandle(handle("one", true));
  two_.SetHandle(handle("two", true));
  house_.group().stickiness = Stickiness::kApplicationCookie;
  house_.group().application_cookie = "session";
  Begin();
  const auto first = Ask();
  const std::string cookie = CookieOf(first, "AWSALBAPP-0");
  ASSERT_NE(cookie, "");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Ask("session=abc; " + cookie).body, first.body);
  one_.SetHandle(handle("one", false));
  two_.SetHandle(handle("two", false));
  EXPECT_EQ(CookieOf(Ask("session=abc; " + cookie), "AWSALBAPP-0"), "") << "set only where the target sets its own";
  std::map<std::string, int> seen;
  for (int i = 0; i < 8; ++i) ++seen[Ask(cookie).body];
  EXPECT_EQ(seen.size(), 2u) << "without the application's cookie ours means nothing";
}

TEST_F(StickyTest, KeepsAClientWithItsGroup) {
  TestTarget other("other");
  house_.AddGroup("second");
  house_.AddTarget("other", other.port(), "second");
  house_.listener().rules = {{0, {}, ForwardAction{{{"group", 1}, {"second", 1}}, std::chrono::hours(1)}}};
  Begin();
  std::map<bool, int> seen;
  for (int i = 0; i < 8; ++i) {
    const auto first = Ask();
    const std::string cookie = CookieOf(first, "AWSALBTG");
    ASSERT_NE(cookie, "");
    EXPECT_NE(CookieOf(first, "AWSALBTGCORS"), "");
    const bool in_second = first.body == "other";
    ++seen[in_second];
    for (int j = 0; j < 4; ++j) EXPECT_EQ(Ask(cookie).body == "other", in_second);
  }
  EXPECT_EQ(Ask("AWSALBTG=nonsense").status, 200);
}

TEST_F(StickyTest, SharesRequestsOutEvenly) {
  BalancerHouse house(1);
  house.AddTarget("one", one_.port());
  house.AddTarget("two", two_.port());
  house.ApplyAndAwaitHealthy();
  std::map<std::string, int> seen;
  for (int i = 0; i < 20; ++i) {
    RawClient client(house.port());
    client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ++seen[client.ReadAnswer().body];
  }
  EXPECT_EQ(seen, (std::map<std::string, int>{{"one", 10}, {"two", 10}}));
}

TEST_F(StickyTest, SendsTheNextRequestToTheIdlest) {
  house_.group().algorithm = Algorithm::kLeastOutstanding;
  one_.SetHandle([this](const net::ExchangePtr& exchange, const TestTarget::Request&) { one_.Hold(exchange); });
  two_.SetHandle([this](const net::ExchangePtr& exchange, const TestTarget::Request&) { two_.Hold(exchange); });
  Begin();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<RawClient>(house_.port()));
    clients.back()->Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int j = 0; j < 10'000 && one_.requests() + two_.requests() <= i; ++j) house_.Settle();
  }
  EXPECT_EQ(one_.requests(), 3);
  EXPECT_EQ(two_.requests(), 3);
  one_.Release();
  two_.Release();
  for (auto& client : clients) EXPECT_EQ(client->ReadAnswer().status, 200);
}

}  // namespace
}  // namespace meetinity::balancer

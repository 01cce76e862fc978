// The pure parts: patterns, classification, headers, cookies, log lines, choices.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/balancer/access_record.h"
#include "engine/balancer/desync.h"
#include "engine/balancer/forwarded_request.h"
#include "engine/balancer/health_check.h"
#include "engine/balancer/own_answer.h"
#include "engine/balancer/pattern.h"
#include "engine/balancer/proxy_protocol.h"
#include "engine/balancer/rule_match.h"
#include "engine/balancer/sticky_cookie.h"
#include "engine/balancer/target_choice.h"
#include "engine/balancer/trace_id.h"

namespace meetinity::balancer {
namespace {

using net::HeaderView;
using net::RequestHead;

// ---- patterns

TEST(Pattern, MatchesRunsAndSingleCharacters) {
  EXPECT_TRUE(Matches("*", "", {}));
  EXPECT_TRUE(Matches("/img/*.p?g", "/img/a/b.png", {}));
  EXPECT_FALSE(Matches("/img/?", "/img/", {}));
  EXPECT_FALSE(Matches("/img", "/img/", {}));
  EXPECT_TRUE(Matches("a*b*c", "aXbYbZc", {}));
  EXPECT_FALSE(Matches("a*b*c", "aXbYbZ", {}));
}

TEST(Pattern, MindsCaseUnlessToldOtherwise) {
  EXPECT_FALSE(Matches("/Api", "/api", {}));
  EXPECT_TRUE(Matches("*.Example.COM", "www.example.com", {.ignores_case = true}));
}

TEST(Pattern, EscapesOnlyWhereTheyMeanSomething) {
  EXPECT_TRUE(Matches("a\\*b", "a*b", {.has_escapes = true}));
  EXPECT_FALSE(Matches("a\\*b", "aXb", {.has_escapes = true}));
  EXPECT_TRUE(Matches("a\\\\b", "a\\b", {.has_escapes = true}));
  EXPECT_TRUE(Matches("a\\*", "a\\xyz", {}));
}

TEST(Pattern, IsQuickOnWhatMakesOthersExplode) {
  EXPECT_FALSE(Matches("*a*a*a*a*a*a*a*a*b", std::string(5'000, 'a'), {}));
}

// ---- rules

struct RuleCase {
  std::vector<HeaderView> headers;
  RequestHead head;
  RuleCase(std::string_view method, std::string_view path, std::string_view query, std::string_view host,
           std::vector<HeaderView> with = {})
      : headers(std::move(with)) {
    head.method = method;
    head.path = path;
    head.query = query;
    head.has_query = !query.empty();
    head.authority = host;
    head.headers = headers;
  }
};

TEST(RuleMatch, HostIgnoresCaseAndPort) {
  EXPECT_TRUE(Holds(HostHeaderCondition{{"*.example.com"}}, RuleCase("GET", "/", "", "WWW.Example.com:8080").head));
  EXPECT_FALSE(Holds(HostHeaderCondition{{"*.example.com"}}, RuleCase("GET", "/", "", "example.com").head));
}

TEST(RuleMatch, PathIsRawAndMindsCase) {
  EXPECT_TRUE(Holds(PathPatternCondition{{"/b", "/a%2Fb*"}}, RuleCase("GET", "/a%2Fb/c", "", "a").head));
  EXPECT_FALSE(Holds(PathPatternCondition{{"/A"}}, RuleCase("GET", "/a", "", "a").head));
}

TEST(RuleMatch, EveryLineOfAHeaderIsTried) {
  const RuleCase request("GET", "/", "", "a", {{"x-env", "dev"}, {"x-env", "Prod-1"}});
  EXPECT_TRUE(Holds(HttpHeaderCondition{"X-Env", {"prod*"}}, request.head));
  EXPECT_FALSE(Holds(HttpHeaderCondition{"X-Env", {"stage"}}, request.head));
}

TEST(RuleMatch, HeadIsNotGet) {
  EXPECT_FALSE(Holds(MethodCondition{{"GET"}}, RuleCase("HEAD", "/", "", "a").head));
  EXPECT_FALSE(Holds(MethodCondition{{"GET"}}, RuleCase("get", "/", "", "a").head));
  EXPECT_TRUE(Holds(MethodCondition{{"GET", "POST"}}, RuleCase("POST", "/", "", "a").head));
}

TEST(RuleMatch, QueryStringsByKeyAndByValue) {
  const RuleCase request("GET", "/", "version=V1&flag&q=a%20b", "a");
  EXPECT_TRUE(Holds(QueryStringCondition{{{"version", "v1"}}}, request.head));
  EXPECT_FALSE(Holds(QueryStringCondition{{{"version", "v2"}}}, request.head));
  EXPECT_TRUE(Holds(QueryStringCondition{{{std::nullopt, "*%20b"}}}, request.head));
  EXPECT_TRUE(Holds(QueryStringCondition{{{std::nullopt, "flag"}}}, request.head));
  EXPECT_FALSE(Holds(QueryStringCondition{{{std::nullopt, "*"}}}, RuleCase("GET", "/", "", "a").head));
}

// ---- desync

TEST(Desync, FollowsTheTable) {
  using Tier = DesyncTier;
  RuleCase plain("GET", "/", "", "a");
  EXPECT_EQ(Classify(plain.head).tier, Tier::kCompliant);
  plain.head.content_length = 0;
  EXPECT_EQ(Classify(plain.head).reason, "GetHeadZeroContentLength");
  plain.head.content_length = 5;
  EXPECT_EQ(Classify(plain.head).reason, "UndefinedContentLengthSemantics");
  plain.head.content_length.reset();
  plain.head.has_body = true;
  EXPECT_EQ(Classify(plain.head).reason, "UndefinedTransferEncodingSemantics");
  plain.head.method = "POST";
  EXPECT_EQ(Classify(plain.head).tier, Tier::kCompliant);
  plain.head.oddities = net::kLengthBesideCoding;
  EXPECT_EQ(Classify(plain.head).reason, "BothTeClPresent");
  plain.head.oddities = net::kLengthRepeated;
  EXPECT_EQ(Classify(plain.head).reason, "DuplicateContentLength");
  for (const char* name : {"transfer_encoding", "content_length"}) {
    EXPECT_EQ(Classify(RuleCase("POST", "/", "", "a", {{name, "1"}}).head).reason, "SuspiciousHeader") << name;
  }
  EXPECT_EQ(Classify(net::Http1Refusal::kFoldedHeader).reason, "BadHeader");
  EXPECT_EQ(Classify(net::Http1Refusal::kContentLength).tier, Tier::kSevere);
  EXPECT_EQ(Classify(net::Http1Refusal::kTooManyHeaders).tier, Tier::kCompliant);
}

TEST(Desync, EachModeJudgesForItself) {
  using Tier = DesyncTier;
  using Mode = DesyncMode;
  using Verdict = DesyncVerdict;
  EXPECT_EQ(Judge(Tier::kCompliant, Mode::kStrictest), Verdict::kPass);
  EXPECT_EQ(Judge(Tier::kAcceptable, Mode::kDefensive), Verdict::kPass);
  EXPECT_EQ(Judge(Tier::kAcceptable, Mode::kStrictest), Verdict::kRefuse);
  EXPECT_EQ(Judge(Tier::kAmbiguous, Mode::kMonitor), Verdict::kPass);
  EXPECT_EQ(Judge(Tier::kAmbiguous, Mode::kDefensive), Verdict::kPassAndClose);
  EXPECT_EQ(Judge(Tier::kAmbiguous, Mode::kStrictest), Verdict::kRefuse);
  EXPECT_EQ(Judge(Tier::kSevere, Mode::kMonitor), Verdict::kRefuse);
}

// ---- trace ids, own answers

TEST(TraceId, BeginsWithTheTime) {
  EXPECT_EQ(NewTraceRoot(Instant::FromUnixSeconds(0x5f84c7a9), 0x1, 0x2), "1-5f84c7a9-000000000000000100000002");
}

TEST(TraceId, KeepsWhatItIsGiven) {
  EXPECT_EQ(TraceField("", "1-a-b"), "Root=1-a-b");
  EXPECT_EQ(TraceField("Root=1-x-y;Custom=z", "1-a-b"), "Self=1-a-b;Root=1-x-y;Custom=z");
  EXPECT_EQ(TraceField("Self=1-old-old; Root=1-x-y", "1-a-b"), "Self=1-a-b;Root=1-x-y");
  EXPECT_EQ(TraceField("Custom=z", "1-a-b"), "Root=1-a-b;Custom=z");
  EXPECT_EQ(TraceField("Root=" + std::string(8'000, 'x'), "1-a-b"), "Root=1-a-b");
}

TEST(Redirect, AlwaysNamesThePort) {
  const RedirectSource source{"http", "a.example", 80, "/x/y", "q=1"};
  RedirectAction to_https;
  to_https.protocol = "HTTPS";
  to_https.port = "443";
  EXPECT_EQ(RedirectLocation(to_https, source), "https://a.example:443/x/y?q=1");
  RedirectAction elsewhere;
  elsewhere.host = "b.#{host}";
  elsewhere.path = "/new/#{path}";
  elsewhere.query = "";
  EXPECT_EQ(RedirectLocation(elsewhere, source), "http://b.a.example:80/new/x/y");
}

TEST(Redirect, ReadsNoPlaceholderInWhatARequestSaid) {
  const RedirectSource source{"http", "a", 80, "/#{port}#{query}", "#{host}"};
  EXPECT_EQ(RedirectLocation(RedirectAction{}, source), "http://a:80/#{port}#{query}?#{host}");
}

TEST(Redirect, CannotBeSplit) {
  RedirectAction action;
  action.path = "/a\r\nSet-Cookie: x";
  EXPECT_EQ(RedirectLocation(action, {"http", "a", 80, "/", ""}), "http://a:80/aSet-Cookie: x");
}

TEST(OwnAnswer, LooksLikeTheLoadBalancers) {
  const OwnAnswer answer = ErrorAnswer(503);
  EXPECT_EQ(answer.headers.http1_bytes(), "Server: awselb/2.0\r\nContent-Type: text/html\r\n");
  EXPECT_NE(answer.body.find("<h1>503 Service Temporarily Unavailable</h1>"), std::string::npos);
}

TEST(OwnAnswer, FindsTheHost) {
  EXPECT_EQ(HostOf("a.example:80"), "a.example");
  EXPECT_EQ(HostOf("[::1]:80"), "[::1]");
}

// ---- cookies

TEST(StickyCookie, ComesBackAsItWasSealed) {
  const CookieSealer sealer("secret");
  const StickyTicket ticket{StickyTicket::Kind::kTarget, Instant::FromUnixSeconds(1'700'000'000),
                            GroupFingerprint("group"), "10.0.0.1:80"};
  const std::string cookie = sealer.Seal(ticket);
  EXPECT_EQ(sealer.Open(cookie, StickyTicket::Kind::kTarget), ticket);
  EXPECT_NE(sealer.Seal(ticket), cookie) << "the same ticket must not be recognised";
  EXPECT_EQ(cookie.find("10.0.0.1"), std::string::npos);
}

TEST(StickyCookie, IsRefusedWhenAnythingAboutItIsNotRight) {
  const CookieSealer sealer("secret");
  const std::string cookie = sealer.Seal({StickyTicket::Kind::kTarget, Instant::FromUnixSeconds(1), 2, "t"});
  EXPECT_FALSE(sealer.Open(cookie, StickyTicket::Kind::kGroup));
  EXPECT_FALSE(CookieSealer("another").Open(cookie, StickyTicket::Kind::kTarget));
  EXPECT_FALSE(sealer.Open("", StickyTicket::Kind::kTarget));
  EXPECT_FALSE(sealer.Open("AAAA", StickyTicket::Kind::kTarget));
  EXPECT_FALSE(sealer.Open("not base64!", StickyTicket::Kind::kTarget));
  for (size_t i = 0; i < cookie.size(); i += 7) {
    std::string bent = cookie;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sealer.Open(bent, StickyTicket::Kind::kTarget)) << i;
  }
}

TEST(Cookies, AreFoundByTheirExactName) {
  EXPECT_EQ(FindCookie("a=1; AWSALB=x=y; b", "AWSALB"), "x=y");
  EXPECT_FALSE(FindCookie("XAWSALB=1; AWSALBCORS=2", "AWSALB"));
  EXPECT_TRUE(SetsCookie("session=1; Path=/", "session"));
  EXPECT_FALSE(SetsCookie("sessions=1", "session"));
}

// ---- PROXY protocol

TEST(ProxyProtocol, WritesBothFamilies) {
  const auto v4 = ProxyHeader(net::SocketAddress::Parse("192.0.2.1", 0x1234).value(),
                              net::SocketAddress::Parse("10.0.0.2", 443).value());
  EXPECT_EQ(v4, std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\x0a\0\0\x02\x12\x34\x01\xbb", 28));
  const auto v6 =
      ProxyHeader(net::SocketAddress::Parse("2001:db8::1", 1).value(), net::SocketAddress::Parse("::1", 2).value());
  EXPECT_EQ(v6.size(), 16u + 36u);
  EXPECT_EQ(v6.substr(12, 4), std::string("\x21\x21\0\x24", 4));
  const auto mixed = ProxyHeader(net::SocketAddress::Parse("2001:db8::1", 1).value(),
                                 net::SocketAddress::Parse("10.0.0.1", 2).value());
  EXPECT_EQ(mixed, LocalProxyHeader());
  EXPECT_EQ(mixed.substr(12), std::string("\x20\0\0\0", 4));
}

// ---- access log

TEST(AccessLog, WritesALineAsTheGuideShowsIt) {
  AccessRecord record;
  record.type = "https";
  record.time = Instant::Utc("2018-07-02T22:23:00Z") + std::chrono::microseconds(186'641);
  record.created = Instant::Utc("2018-07-02T22:22:48Z") + std::chrono::microseconds(364'000);
  record.client_address = "192.168.131.39";
  record.client_port = 2817;
  record.target_address = "10.0.0.1";
  record.target_port = 80;
  record.request_processing = std::chrono::milliseconds(86);
  record.target_processing = std::chrono::milliseconds(48);
  record.response_processing = std::chrono::milliseconds(37);
  record.status = 200;
  record.target_status = 200;
  record.received_bytes = 0;
  record.sent_bytes = 57;
  record.method = "GET";
  record.url = "https://www.example.com:443/";
  record.version = "HTTP/1.1";
  record.user_agent = "curl/7.46.0";
  record.tls_cipher = "ECDHE-RSA-AES128-GCM-SHA256";
  record.tls_protocol = "TLSv1.2";
  record.target_group_id = "tg-arn";
  record.trace_id = "Root=1-58337281-1d84f3d73c47ec4e58577259";
  record.domain_name = "www.example.com";
  record.certificate_id = "cert-arn";
  record.rule_priority = 1;
  record.action = "forward";
  EXPECT_EQ(
      ToAccessLogLine(record, "app/my-loadbalancer/50dc6c495c0c9188"),
      "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 "
      "0.048 0.037 200 200 0 57 \"GET https://www.example.com:443/ HTTP/1.1\" \"curl/7.46.0\" "
      "ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 tg-arn \"Root=1-58337281-1d84f3d73c47ec4e58577259\" \"www.example.com\" "
      "\"cert-arn\" 1 2018-07-02T22:22:48.364000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\"");
}

TEST(AccessLog, SaysNothingOfWhatDidNotHappenAndHoldsOneLine) {
  AccessRecord record;
  record.type = "http";
  record.method = "GET";
  record.url = "http://a:80/";
  record.version = "HTTP/1.1";
  record.user_agent = "a\"b\nc\\";
  const std::string line = ToAccessLogLine(record, "app/a/1");
  EXPECT_NE(line.find(" - - -1 -1 -1 460 - "), std::string::npos) << line;
  EXPECT_NE(line.find("\"a\\x22b\\x0ac\\x5c\""), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

// ---- choices

class ChoiceTest : public ::testing::Test {
 protected:
  ChoiceTest() {
    group_.config = &config_;
    group_.fingerprint = 1;
    targets_.reserve(8);
  }
  void Add(const std::string& id, TargetState state, std::string zone = "") {
    Target& target = targets_.emplace_back();
    target.id = id;
    target.zone = std::move(zone);
    TargetView view;
    view.config = &target;
    view.receiver = std::make_shared<Receiver>("g", id, 1);
    view.receiver->Declare({state, HealthReason::kNone, 0});
    group_.targets.push_back(view);
  }
  std::map<std::string, int> Draw(int times, MonotonicInstant now = {}, std::string_view zone = "") {
    std::map<std::string, int> drawn;
    for (int i = 0; i < times; ++i) {
      const TargetView* target = chooser_.Choose(group_, zone, now, {});
      ++drawn[target == nullptr ? "none" : target->config->id];
    }
    return drawn;
  }
  TargetGroup config_;
  std::vector<Target> targets_;
  GroupView group_;
  TargetChooser chooser_{7};
};

TEST_F(ChoiceTest, RoundRobinIsFairToTheHealthy) {
  Add("a", TargetState::kHealthy);
  Add("b", TargetState::kUnhealthy);
  Add("c", TargetState::kHealthy);
  Add("d", TargetState::kInitial);
  EXPECT_EQ(Draw(100), (std::map<std::string, int>{{"a", 50}, {"c", 50}}));
}

TEST_F(ChoiceTest, FailsOpenWhenNobodyIsHealthy) {
  EXPECT_EQ(Draw(1), (std::map<std::string, int>{{"none", 1}}));
  Add("a", TargetState::kUnhealthy);
  Add("b", TargetState::kInitial);
  EXPECT_EQ(Draw(10), (std::map<std::string, int>{{"a", 5}, {"b", 5}}));
}

TEST_F(ChoiceTest, FailsOpenBelowTheMinimum) {
  Add("a", TargetState::kHealthy);
  Add("b", TargetState::kUnhealthy);
  Add("c", TargetState::kUnhealthy);
  config_.healthy_routing_minimum = 2;
  EXPECT_EQ(Draw(9).size(), 3u);
  config_.healthy_routing_minimum = 1;
  EXPECT_EQ(Draw(9).size(), 1u);
  config_.healthy_routing_minimum_percent = 50;
  EXPECT_EQ(Draw(9).size(), 3u);
}

TEST_F(ChoiceTest, KeepsToItsZone) {
  Add("a", TargetState::kHealthy, "zone-a");
  Add("b", TargetState::kHealthy, "zone-b");
  EXPECT_EQ(Draw(10, {}, "zone-b"), (std::map<std::string, int>{{"b", 10}}));
}

TEST_F(ChoiceTest, LeastOutstandingPicksTheIdlest) {
  Add("a", TargetState::kHealthy);
  Add("b", TargetState::kHealthy);
  config_.algorithm = Algorithm::kLeastOutstanding;
  group_.targets[0].receiver->under_way = 3;
  EXPECT_EQ(Draw(10), (std::map<std::string, int>{{"b", 10}}));
  group_.targets[0].receiver->under_way = 0;
  EXPECT_EQ(Draw(10), (std::map<std::string, int>{{"a", 5}, {"b", 5}}));
}

TEST_F(ChoiceTest, WeightedRandomSparesTheAnomalous) {
  for (const char* id : {"a", "b", "c"}) Add(id, TargetState::kHealthy);
  config_.algorithm = Algorithm::kWeightedRandom;
  config_.anomaly_mitigation = true;
  group_.targets[0].receiver->anomalous = true;
  auto drawn = Draw(2'100);
  EXPECT_LT(drawn["a"], 200);
  EXPECT_GT(drawn["b"], 800);
  EXPECT_GT(drawn["c"], 800);
}

TEST_F(ChoiceTest, SlowStartGrowsWithTime) {
  Add("old", TargetState::kHealthy);
  Add("new", TargetState::kHealthy);
  config_.slow_start = std::chrono::seconds(100);
  const MonotonicInstant began{std::chrono::seconds(1'000)};
  auto& slow = group_.targets[1].receiver->slow_start_began;
  slow = began.time_since_epoch().count();
  const int early = Draw(1'000, began + std::chrono::seconds(10))["new"];
  const int late = Draw(1'000, began + std::chrono::seconds(80))["new"];
  EXPECT_LT(early, 200);
  EXPECT_GT(late, 350);
  EXPECT_EQ(Draw(1'000, began + std::chrono::seconds(100))["new"], 500);
  EXPECT_EQ(slow, 0);
}

TEST_F(ChoiceTest, HashesMoveOnlyFromTheTargetThatIsGone) {
  for (const char* id : {"a", "b", "c"}) Add(id, TargetState::kHealthy);
  std::map<uint64_t, std::string> before;
  for (uint64_t flow = 0; flow < 300; ++flow) {
    before[flow] = TargetChooser::ChooseByHash(group_, "", HashBytes("flow", flow))->config->id;
  }
  group_.targets[1].receiver->Declare({TargetState::kUnhealthy, HealthReason::kTimeout, 0});
  std::set<std::string> used;
  for (const auto& [flow, id] : before) {
    const std::string now = TargetChooser::ChooseByHash(group_, "", HashBytes("flow", flow))->config->id;
    EXPECT_NE(now, "b");
    EXPECT_TRUE(id == "b" || now == id) << flow;
    used.insert(id);
  }
  EXPECT_EQ(used.size(), 3u);
}

TEST_F(ChoiceTest, GroupsAreDrawnByWeight) {
  GroupView other;
  RuleView rule;
  rule.choices = {{&group_, 9}, {&other, 1}};
  rule.weight_sum = 10;
  int heavy = 0;
  for (int i = 0; i < 1'000; ++i) heavy += chooser_.ChooseGroup(rule) == &group_ ? 1 : 0;
  EXPECT_GT(heavy, 850);
  EXPECT_LT(heavy, 950);
  rule.choices = {{&group_, 0}, {&other, 0}};
  rule.weight_sum = 0;
  EXPECT_EQ(chooser_.ChooseGroup(rule), nullptr);
}

// ---- health

TEST(HealthTrack, OnePassMakesANewTargetHealthy) {
  HealthTrack track;
  const HealthCheck rules;
  const TargetHealth initial{TargetState::kInitial, HealthReason::kInitialChecking, 0};
  EXPECT_EQ(track.Next(initial, {true, HealthReason::kNone, 200}, rules).state, TargetState::kHealthy);
}

TEST(HealthTrack, CountsResultsInARow) {
  HealthTrack track;
  HealthCheck rules;
  rules.healthy_threshold = 3;
  rules.unhealthy_threshold = 2;
  const CheckResult pass{true, HealthReason::kNone, 200};
  const CheckResult fail{false, HealthReason::kResponseCodeMismatch, 503};
  TargetHealth health{TargetState::kHealthy, HealthReason::kNone, 0};
  health = track.Next(health, fail, rules);
  EXPECT_EQ(health.state, TargetState::kHealthy);
  health = track.Next(health, pass, rules);
  health = track.Next(health, fail, rules);
  EXPECT_EQ(health.state, TargetState::kHealthy) << "a pass in between starts the count again";
  health = track.Next(health, fail, rules);
  EXPECT_EQ(health, (TargetHealth{TargetState::kUnhealthy, HealthReason::kResponseCodeMismatch, 503}));
  health = track.Next(health, {false, HealthReason::kTimeout, 0}, rules);
  EXPECT_EQ(health.reason, HealthReason::kTimeout) << "the reason is the latest one";
  health = track.Next(health, pass, rules);
  health = track.Next(health, pass, rules);
  EXPECT_EQ(health.state, TargetState::kUnhealthy);
  health = track.Next(health, pass, rules);
  EXPECT_EQ(health, (TargetHealth{TargetState::kHealthy, HealthReason::kNone, 0}));
}

TEST(HealthTrack, ReadsItsMatcher) {
  HealthCheck rules;
  rules.matcher = {{200, 299}, {302, 302}};
  EXPECT_TRUE(Accepts(rules, 204));
  EXPECT_TRUE(Accepts(rules, 302));
  EXPECT_FALSE(Accepts(rules, 301));
}

// ---- counters

TEST(Receiver, KeepsALatencyHistogram) {
  Receiver receiver("g", "t", 2);
  receiver.tallies(0).CountLatency(std::chrono::milliseconds(3));
  receiver.tallies(1).CountLatency(std::chrono::milliseconds(70'000));
  receiver.tallies(1).CountLatency(std::chrono::microseconds(20));
  const LatencyTotals latency = receiver.totals().latency;
  EXPECT_EQ(latency.count, 3u);
  EXPECT_EQ(latency.minimum, std::chrono::microseconds(20));
  EXPECT_EQ(latency.maximum, std::chrono::seconds(70));
  EXPECT_EQ(latency.classes[0], 1u);
  EXPECT_EQ(latency.classes[2], 1u);
  EXPECT_EQ(latency.classes.back(), 1u);
}

TEST(Receiver, HearsNoCheckWhileItIsNotToBeChecked) {
  Receiver receiver("g", "t", 1);
  receiver.Declare({TargetState::kDraining, HealthReason::kDeregistration, 0});
  EXPECT_FALSE(receiver.Observe({TargetState::kHealthy, HealthReason::kNone, 0}));
  EXPECT_EQ(receiver.state(), TargetState::kDraining);
}

}  // namespace
}  // namespace meetinity::balancer

#include "aws/elbv2/balancer_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/elbv2/ssl_policies.h"
#include "engine/balancer/shown_certificate.h"

namespace meetinity::elbv2 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

ListenerRecord ListensOn(std::string_view protocol, int32_t port) {
  ListenerRecord record;
  record.protocol = std::string(protocol);
  record.port = port;
  return record;
}

TEST(BalancerConfig, WellKnownPortsAreShared) {
  const Doorway doorway{{"127.0.0.1"}, 8080, 8443};
  EXPECT_TRUE(SharesPort(ListensOn("HTTP", 80)));
  EXPECT_TRUE(SharesPort(ListensOn("HTTPS", 443)));
  EXPECT_FALSE(SharesPort(ListensOn("HTTP", 443)));
  EXPECT_FALSE(SharesPort(ListensOn("TCP", 443)));
  EXPECT_EQ(PortOf(ListensOn("HTTP", 80), doorway), 8080);
  EXPECT_EQ(PortOf(ListensOn("HTTPS", 443), doorway), 8443);
  EXPECT_EQ(PortOf(ListensOn("TCP", 443), doorway), 443);
}

TEST(BalancerConfig, TargetsKeepTheirPortInTheirName) {
  EXPECT_EQ(ParseTargetId(TargetIdOf("10.0.0.9", 80)), std::pair(std::string("10.0.0.9"), 80));
  EXPECT_EQ(ParseTargetId(TargetIdOf("fd00::1", 80)), std::pair(std::string("fd00::1"), 80));
}

TEST(BalancerConfig, MatchersAreRanges) {
  EXPECT_THAT(ParseMatcher("200"), ElementsAre(Pair(200, 200)));
  EXPECT_THAT(ParseMatcher("200-299,404"), ElementsAre(Pair(200, 299), Pair(404, 404)));
  for (const std::string_view text : {"", "a", "200-", "-200", "300-200", "200,", "200-299-300"}) {
    EXPECT_THAT(ParseMatcher(text), IsEmpty()) << text;
  }
}

TEST(BalancerConfig, GroupsLetInWhoTheirRulesNameAtEachListener) {
  Surroundings around;
  around.doorway = {{"127.0.0.1"}, 8080, 8443};
  around.members = [](const std::string&) { return std::vector<std::string>{"10.0.0.4"}; };
  const std::vector<ListenerRecord> listeners = {ListensOn("HTTP", 80), ListensOn("TCP", 9000), ListensOn("UDP", 53)};
  const auto admitted = [&](const ec2::IngressRule& rule) {
    std::vector<std::pair<std::string, uint16_t>> all;
    const auto admission = ToAdmission({rule}, listeners, around);
    for (const auto& one : *admission) {
      EXPECT_EQ(one.port_first, one.port_last);
      all.emplace_back(one.cidr, one.port_first);
    }
    return all;
  };
  ec2::IngressRule rule{"tcp", 80, 80, "0.0.0.0/0", "", ""};
  EXPECT_THAT(admitted(rule), ElementsAre(Pair("0.0.0.0/0", 8080), Pair("::1/128", 8080)));
  rule = {"tcp", 0, 65'535, "10.0.0.0/8", "", ""};
  EXPECT_THAT(admitted(rule), ElementsAre(Pair("10.0.0.0/8", 8080), Pair("10.0.0.0/8", 9000)));
  rule = {"udp", 53, 53, "", "::/0", ""};
  EXPECT_THAT(admitted(rule), ElementsAre(Pair("::/0", 53)));
  rule = {"-1", -1, -1, "", "", "sg-1"};
  EXPECT_THAT(admitted(rule),
              ElementsAre(Pair("10.0.0.4/32", 8080), Pair("10.0.0.4/32", 9000), Pair("10.0.0.4/32", 53)));
  rule = {"tcp", 81, 90, "0.0.0.0/0", "", ""};
  EXPECT_THAT(admitted(rule), IsEmpty());
}

TEST(BalancerConfig, RedirectsGoWhereThisMachineListens) {
  Action action;
  action.type = ActionTypeEnum::kRedirect;
  action.redirect_config = RedirectActionConfig{};
  action.redirect_config->protocol = "HTTPS";
  action.redirect_config->port = "443";
  action.redirect_config->status_code = RedirectActionStatusCodeEnum::kHttp302;
  const auto rule = ToRule(0, {action}, {}, Doorway{{"127.0.0.1"}, 8080, 8443});
  const auto& redirect = std::get<balancer::RedirectAction>(rule.action);
  EXPECT_EQ(redirect.port, "8443");
  EXPECT_EQ(redirect.status, 302);
  EXPECT_EQ(redirect.path, "/#{path}");
}

TEST(BalancerConfig, ConditionsBecomeTheBalancers) {
  RuleCondition query;
  query.field = "query-string";
  query.query_string_config = QueryStringConditionConfig{std::vector<QueryStringKeyValuePair>{{"v", "1"}, {{}, "x"}}};
  RuleCondition header;
  header.field = "http-header";
  header.http_header_config = HttpHeaderConditionConfig{"User-Agent", {}, std::vector<std::string>{"*curl*"}};
  Action action;
  action.fixed_response_config = FixedResponseActionConfig{"text/plain", "hello", "404"};
  const auto rule = ToRule(5, {action}, {query, header}, {});
  EXPECT_EQ(rule.priority, 5);
  const auto& pairs = std::get<balancer::QueryStringCondition>(rule.conditions.at(0)).pairs;
  EXPECT_EQ(pairs.at(0).key, "v");
  EXPECT_FALSE(pairs.at(1).key);
  EXPECT_EQ(std::get<balancer::HttpHeaderCondition>(rule.conditions.at(1)).name, "User-Agent");
  EXPECT_EQ(std::get<balancer::FixedResponseAction>(rule.action).status, 404);
}

TEST(BalancerConfig, PoliciesSayVersionsAndCiphers) {
  ListenerRecord record = ListensOn("HTTPS", 443);
  record.ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";
  const auto policy = ToTlsPolicy(record);
  EXPECT_EQ(policy.minimum, net::TlsVersion::kTls12);
  EXPECT_EQ(policy.maximum, net::TlsVersion::kTls13);
  EXPECT_EQ(policy.ciphers,
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
            "ECDHE-RSA-AES256-GCM-SHA384");
  EXPECT_EQ(ProtocolsOf(*GetSecurityPolicy("ELBSecurityPolicy-2016-08").value()),
            (std::vector<std::string>{"TLSv1", "TLSv1.1", "TLSv1.2"}));
  record.alpn_policy = "HTTP2Preferred";
  EXPECT_THAT(ToTlsPolicy(record).alpn, ElementsAre("h2", "http/1.1"));
}

TEST(BalancerConfig, TheBestCertificateIsShown) {
  balancer::Listener listener;
  EXPECT_EQ(balancer::PickByName(listener.certificates, "a"), nullptr);
  listener.certificates = {
      {"default", {"shop.test"}, "", ""}, {"wildcard", {"*.blog.test"}, "", ""}, {"exact", {"www.blog.test"}, "", ""}};
  EXPECT_EQ(balancer::PickByName(listener.certificates, "www.blog.test")->id, "exact");
  EXPECT_EQ(balancer::PickByName(listener.certificates, "a.blog.test")->id, "wildcard");
  EXPECT_EQ(balancer::PickByName(listener.certificates, "a.b.blog.test")->id, "default");
  EXPECT_EQ(balancer::PickByName(listener.certificates, "other.test")->id, "default");
}

}  // namespace
}  // namespace meetinity::elbv2

#include "engine/edge/access_log.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/text.h"
#include "engine/edge/request_facets.h"
#include "engine/edge/testing/edge_house.h"
#include "engine/edge/testing/scripted_origin.h"
#include "engine/edge/testing/wire.h"

namespace meetinity::edge {
namespace {

using testing::EdgeHouse;
using testing::Exchange;
using testing::FindField;
using testing::Response;
using testing::ScriptedOrigin;
using testing::Wire;
using Delivery = ScriptedOrigin::Delivery;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kHost = "site.cloudfront.localhost";

TEST(AccessLogText, EncodesWhatCouldEndAFieldOrALine) {
  std::string text;
  AppendLogText("a b\t\n<\">#%{}|\\^~[]`'\x7f\xc3\xa9/?&=", text);
  EXPECT_EQ(text, "a%20b%09%0A%3C%22%3E%23%25%7B%7D%7C%5C%5E%7E%5B%5D%60%27%7F%C3%A9/?&=");
  text.clear();
  AppendLogText("", text);
  EXPECT_EQ(text, "-");
}

TEST(AccessLogFields, AreThirtyThree) { EXPECT_EQ(Split(kAccessLogFields, ' ').size(), 33U); }

class AccessLogTest : public ::testing::Test {
 protected:
  struct Sink : AccessLogSink {
    void Append(std::string_view some) override {
      lines.With([&](std::string& all) { all += some; });
    }
    Guarded<std::string> lines;
  };

  AccessLogTest() {
    house_.edge().LogTo(sink_);
    origin_.Set("/a", {200, {{"content-type", "text/css"}}, "0123456789", Delivery::kWhole});
    Serve(true, false);
  }

  void Serve(bool logs, bool cookies) {
    EdgeConfig config = EdgeHouse::OneSite(origin_.port());
    if (logs) config.distributions[0].log_stream = "ESITE/logs/cdn";
    config.distributions[0].log_cookies = cookies;
    house_.Apply(std::move(config));
  }

  Response Get(std::string_view path, Fields fields = {}, std::string_view method = "GET") {
    fields.emplace_back("host", std::string(kHost));
    return Exchange(house_.port(), method, path, fields);
  }

  // The lines so far, each by the names of its fields; "stream" is what stands before them.
  std::vector<std::map<std::string, std::string>> Lines() {
    house_.RunOn(0, [] {});
    house_.RunOn(0, [] {});  // what the first round put off has happened
    std::vector<std::map<std::string, std::string>> lines;
    const std::string all = sink_.lines.With([](std::string& text) { return text; });
    const auto names = Split(kAccessLogFields, ' ');
    for (const std::string_view line : Split(all, '\n')) {
      if (line.empty()) continue;
      const auto values = Split(line, '\t');
      EXPECT_EQ(values.size(), names.size() + 1) << line;
      if (values.size() != names.size() + 1) continue;
      auto& fields = lines.emplace_back();
      fields["stream"] = values[0];
      for (size_t i = 0; i < names.size(); ++i) fields[std::string(names[i])] = values[i + 1];
    }
    return lines;
  }

  Sink sink_;
  ScriptedOrigin origin_;
  EdgeHouse house_{1};
};

TEST_F(AccessLogTest, TellsOfEachAnswerWhoAskedForWhatAndGotIt) {
  Get("/a?x=1", {{"user-agent", "a b%"}, {"referer", "http://r/"}, {"x-forwarded-for", "10.0.0.1"}, {"cookie", "s=1"}});
  Get("/a");
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  auto line = lines[0];
  EXPECT_EQ(line["stream"], "ESITE/logs/cdn");
  EXPECT_EQ(line["x-edge-location"], "DUB56-P1");
  EXPECT_EQ(line["c-ip"], "127.0.0.1");
  EXPECT_EQ(line["cs-method"], "GET");
  EXPECT_EQ(line["cs(Host)"], kHost);
  EXPECT_EQ(line["cs-uri-stem"], "/a");
  EXPECT_EQ(line["cs-uri-query"], "x=1");
  EXPECT_EQ(line["sc-status"], "200");
  EXPECT_EQ(line["cs(User-Agent)"], "a%20b%25");
  EXPECT_EQ(line["cs(Referer)"], "http://r/");
  EXPECT_EQ(line["cs(Cookie)"], "-") << "only with IncludeCookies";
  EXPECT_EQ(line["x-forwarded-for"], "10.0.0.1");
  EXPECT_EQ(line["x-edge-result-type"], "Miss");
  EXPECT_EQ(line["x-edge-request-id"].size(), 56U);
  EXPECT_EQ(line["cs-protocol"], "http");
  EXPECT_EQ(line["cs-protocol-version"], "HTTP/1.1");
  EXPECT_EQ(line["ssl-protocol"], "-");
  EXPECT_EQ(line["sc-content-type"], "text/css");
  EXPECT_EQ(line["sc-content-len"], "10");
  EXPECT_GT(std::stoul(line["sc-bytes"]), 10U);
  EXPECT_GT(std::stoul(line["cs-bytes"]), 10U);
  EXPECT_GT(std::stoul(line["c-port"]), 0U);
}

TEST_F(AccessLogTest, NamesTheRequestAsItsViewerWasTold) {
  Get("/a");
  const Response hit = Get("/a");
  auto lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1]["x-edge-result-type"], "Hit");
  EXPECT_EQ(lines[1]["x-edge-request-id"], FindField(hit.fields, "x-amz-cf-id").value_or(""));
}

TEST_F(AccessLogTest, TellsOfRangesAndRefusals) {
  Get("/a");
  Get("/a", {{"range", "bytes=2-5"}});
  Get("/a", {}, "DELETE");
  auto lines = Lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1]["sc-status"], "206");
  EXPECT_EQ(lines[1]["sc-range-start"], "2");
  EXPECT_EQ(lines[1]["sc-range-end"], "5");
  EXPECT_EQ(lines[1]["sc-content-len"], "4");
  EXPECT_EQ(lines[2]["sc-status"], "403");
  EXPECT_EQ(lines[2]["x-edge-result-type"], "Error");
  EXPECT_EQ(lines[2]["x-edge-detailed-result-type"], "InvalidRequestMethod");
  EXPECT_EQ(lines[2]["sc-content-type"], "text/html");
}

TEST_F(AccessLogTest, TellsOfAnOriginThatFailed) {
  origin_.Down();
  Get("/gone");
  auto lines = Lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["sc-status"], "502");
  EXPECT_EQ(lines[0]["x-edge-detailed-result-type"], "OriginError");
}

TEST_F(AccessLogTest, HasNoStatusForAViewerWhoLeftBeforeAnyAnswer) {
  origin_.Set("/slow", {200, {}, "late", Delivery::kHeld});
  {
    Wire viewer(Wire::Connect(house_.port()));
    viewer.Send(std::string("GET /slow HTTP/1.1\r\nhost: ").append(kHost).append("\r\n\r\n"));
    origin_.AwaitRequests("/slow", 1);
  }
  std::vector<std::map<std::string, std::string>> lines;
  while ((lines = Lines()).empty()) std::this_thread::yield();
  EXPECT_EQ(lines[0]["sc-status"], "000");
  EXPECT_EQ(lines[0]["x-edge-detailed-result-type"], "ClientHungUpRequest");
  origin_.Release();
}

TEST_F(AccessLogTest, HasCookiesOnlyWhereTheyAreAskedFor) {
  Serve(true, true);
  Get("/a", {{"cookie", "a=1; b=2"}});
  auto lines = Lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["cs(Cookie)"], "a=1;%20b=2");
}

TEST_F(AccessLogTest, LeavesOutSitesWithoutALogAndRequestsThatAreTooLarge) {
  Get("/a", {{"x-large", std::string(kRequestBytesMax, 'x')}});
  Serve(false, false);
  Get("/a");
  EXPECT_TRUE(Lines().empty());
}

}  // namespace
}  // namespace meetinity::edge

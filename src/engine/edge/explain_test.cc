#include "engine/edge/explain.h"

#include <gtest/gtest.h>

#include "engine/edge/edge.h"
#include "engine/edge/testing/edge_house.h"
#include "engine/edge/testing/scripted_origin.h"
#include "engine/edge/testing/wire.h"
#include "store/temporary_directory.h"

namespace meetinity::edge {
namespace {

using std::chrono::seconds;
using testing::EdgeHouse;
using testing::Exchange;
using testing::ScriptedOrigin;

constexpr std::string_view kSite = "site.cloudfront.localhost";

class ExplainTest : public ::testing::Test {
 protected:
  void SetUp() override { house_.Apply(EdgeHouse::OneSite(origin_.port())); }

  void Serve(const std::string& path, const std::string& cache_control) {
    origin_.Set(path, {200, {{"cache-control", cache_control}}, "body", ScriptedOrigin::Delivery::kWhole});
  }
  void Get(std::string_view path) { Exchange(house_.port(), "GET", path, {{"host", std::string(kSite)}}); }
  Explanation Ask(Question question) {
    if (question.authority.empty()) question.authority = kSite;
    Explanation explanation;
    house_.RunOn(0, [&] { explanation = house_.edge().Explain(question, house_.reactor(0).now()); });
    return explanation;
  }

  ScriptedOrigin origin_;
  EdgeHouse house_{1};
};

TEST_F(ExplainTest, TellsHitsFromMissesWithoutAskingTheOrigin) {
  Serve("/a", "max-age=100");
  const Explanation before = Ask({.path = "/a"});
  EXPECT_EQ(before.result, "Miss");
  EXPECT_EQ(before.tier, Tier::kNone);
  EXPECT_EQ(origin_.CountOf("/a"), 0);

  Get("/a");
  house_.Advance(seconds(30));
  const Explanation after = Ask({.path = "/x/../a"});
  EXPECT_EQ(after.result, "Hit");
  EXPECT_EQ(after.tier, Tier::kMemory);
  EXPECT_EQ(after.path, "/a");
  EXPECT_EQ(after.key, "/a");
  EXPECT_EQ(after.status, 200);
  EXPECT_EQ(after.body_bytes, 4U);
  EXPECT_GE(*after.age, seconds(30));
  EXPECT_LE(*after.fresh_for, seconds(70));
  EXPECT_EQ(origin_.CountOf("/a"), 1);
}

TEST_F(ExplainTest, SaysWhyNothingIsKept) {
  Serve("/private", "private");
  Get("/private");
  EXPECT_EQ(Ask({.path = "/private"}).result, "Miss");
  EXPECT_EQ(Ask({.authority = "nobody.example", .path = "/a"}).result, "Error");
  EXPECT_EQ(Ask({.path = "/../a"}).result, "Error");
  const Explanation post = Ask({.method = "POST", .path = "/a"});
  EXPECT_EQ(post.result, "Error");
  EXPECT_NE(post.reason.find("POST"), std::string::npos);
}

TEST_F(ExplainTest, KnowsOfStalenessAndInvalidations) {
  Serve("/a", "max-age=10");
  Get("/a");
  house_.Advance(seconds(20));
  const Explanation stale = Ask({.path = "/a"});
  EXPECT_EQ(stale.result, "RefreshHit");
  EXPECT_LT(*stale.fresh_for, seconds(0));
  house_.Invalidate({"/a*"});
  const Explanation gone = Ask({.path = "/a"});
  EXPECT_EQ(gone.result, "Miss");
  EXPECT_TRUE(gone.is_invalidated);
}

}  // namespace
}  // namespace meetinity::edge

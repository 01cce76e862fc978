#include "engine/edge/site.h"

#include <gtest/gtest.h>

namespace meetinity::edge {
namespace {

struct Fixture {
  std::shared_ptr<EdgeConfig> config = std::make_shared<EdgeConfig>();
  SiteMap::States states;

  Distribution& Add(std::string id, std::vector<std::string> aliases) {
    Distribution& distribution = config->distributions.emplace_back();
    distribution.id = id;
    distribution.domain_name = id + ".cloudfront.localhost";
    distribution.aliases = std::move(aliases);
    states[id] = std::make_shared<SiteState>(1, 1);
    return distribution;
  }
};

std::string IdOf(const SiteMap& sites, std::string_view host) {
  const Site* site = sites.Find(host);
  return site == nullptr ? "none" : site->config->id;
}

TEST(SiteMap, FindsTheMostSpecificName) {
  Fixture fixture;
  fixture.Add("one", {"www.example.org", "*.example.org"});
  fixture.Add("two", {"*.deep.example.org", "example.org"});
  const SiteMap sites(fixture.config, fixture.states);
  EXPECT_EQ(IdOf(sites, "one.cloudfront.localhost:8443"), "one");
  EXPECT_EQ(IdOf(sites, "WWW.Example.ORG"), "one");
  EXPECT_EQ(IdOf(sites, "other.example.org"), "one");
  EXPECT_EQ(IdOf(sites, "a.deep.example.org."), "two");
  EXPECT_EQ(IdOf(sites, "example.org"), "two");
  EXPECT_EQ(IdOf(sites, "example.com"), "none");
  EXPECT_EQ(IdOf(sites, ""), "none");
  EXPECT_EQ(IdOf(sites, std::string(300, 'a')), "none");
}

TEST(Site, PicksTheFirstMatchingBehaviour) {
  Fixture fixture;
  Distribution& distribution = fixture.Add("one", {});
  distribution.origins.emplace_back().id = "o";
  const auto add_behavior = [&](std::string pattern, std::string origin) {
    Behavior& behavior = distribution.behaviors.emplace_back();
    behavior.path_pattern = std::move(pattern);
    behavior.origin_id = std::move(origin);
  };
  add_behavior("images/*", "o");
  add_behavior("*.jpg", "o");
  add_behavior("", "missing");
  const SiteMap sites(fixture.config, fixture.states);
  const Site* site = sites.Find("one.cloudfront.localhost");
  EXPECT_EQ(site->Match("/images/a.jpg"), &site->behaviors[0]);
  EXPECT_EQ(site->Match("/a.jpg"), &site->behaviors[1]);
  EXPECT_EQ(site->Match("/a.JPG"), &site->behaviors[2]);
  EXPECT_EQ(site->behaviors[2].origin, nullptr);
}

TEST(Site, CollapsesOnlyWhereNoCookieReachesTheOrigin) {
  Fixture fixture;
  Distribution& distribution = fixture.Add("one", {});
  Behavior cookies;
  cookies.cache.cookies.selection = Selection::kAll;
  Behavior disabled;
  disabled.cache.max_ttl = Duration::zero();
  distribution.behaviors = {Behavior{}, cookies, disabled};
  const SiteMap sites(fixture.config, fixture.states);
  const Site* site = sites.Find("one.cloudfront.localhost");
  EXPECT_TRUE(site->behaviors[0].collapses);
  EXPECT_FALSE(site->behaviors[1].collapses);
  EXPECT_TRUE(site->behaviors[1].caches);
  EXPECT_FALSE(site->behaviors[2].caches);
}

}  // namespace
}  // namespace meetinity::edge

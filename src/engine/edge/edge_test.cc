#include "engine/edge/edge.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "engine/edge/testing/edge_house.h"
#include "engine/edge/testing/scripted_origin.h"
#include "engine/edge/testing/wire.h"
#include "net/http_client.h"

namespace meetinity::edge {
namespace {

using testing::EdgeHouse;
using testing::Exchange;
using testing::FindField;
using testing::Response;
using testing::ScriptedOrigin;
using testing::Wire;
using Delivery = ScriptedOrigin::Delivery;

constexpr std::string_view kEdgeHost = "site.cloudfront.localhost";

std::string RequestFor(std::string_view path) {
  return std::string("GET ").append(path).append(" HTTP/1.1\r\nhost: ").append(kEdgeHost).append("\r\n\r\n");
}

Response Get(const EdgeHouse& house, std::string_view path) {
  return Exchange(const_cast<EdgeHouse&>(house).port(), "GET", path, {{"host", std::string(kEdgeHost)}});
}

// The rest of a response whose head has been read.
std::string BodyOf(Wire& wire, const Wire::Head& head) {
  return wire.ReadBytes(std::stoul(FindField(head.fields, "content-length").value_or("0")));
}

void AwaitRequests(EdgeHouse& house, uint64_t count) {
  while (house.edge().counters().requests < count) std::this_thread::yield();
}

struct Setting {
  ScriptedOrigin origin;
  EdgeHouse house;
  Setting() { house.Apply(EdgeHouse::OneSite(origin.port())); }
};

TEST(Edge, AThousandMissesMakeOneFetch) {
  Setting set;
  set.origin.Set("/a", {200, {}, std::string(20'000, 'a'), Delivery::kHeld});
  constexpr size_t kViewers = 1'000;
  std::vector<std::unique_ptr<Wire>> viewers;
  for (size_t i = 0; i < kViewers; ++i) {
    viewers.push_back(std::make_unique<Wire>(Wire::Connect(set.house.port())));
    ASSERT_TRUE(viewers.back()->Send(RequestFor("/a")));
  }
  AwaitRequests(set.house, kViewers);
  set.origin.Release();
  size_t misses = 0, hits = 0;
  for (const auto& viewer : viewers) {
    const auto head = viewer->ReadHead();
    ASSERT_TRUE(head);
    EXPECT_EQ(BodyOf(*viewer, *head).size(), 20'000U);
    const std::string x_cache = FindField(head->fields, "x-cache").value_or("");
    misses += x_cache == "Miss from cloudfront" ? 1 : 0;
    hits += x_cache == "Hit from cloudfront" ? 1 : 0;
  }
  EXPECT_EQ(set.origin.CountOf("/a"), 1);
  EXPECT_EQ(misses, 1U);
  EXPECT_EQ(hits, kViewers - 1);
}

// From the cache they leave out of a file.
TEST(Edge, ServesLargeObjectsWholeAndInParts) {
  Setting set;
  std::string body;
  for (size_t i = 0; body.size() < 1'500'000; ++i) body += std::to_string(i) + ',';
  set.origin.Set("/large", {200, {}, body});
  for (int i = 0; i < 3; ++i) {
    const Response whole = Get(set.house, "/large");
    EXPECT_TRUE(whole.complete);
    EXPECT_TRUE(whole.body == body);
  }
  const Response part = Exchange(set.house.port(), "GET", "/large",
                                 {{"host", std::string(kEdgeHost)}, {"range", "bytes=100001-1299999"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_TRUE(part.body == body.substr(100'001, 1'199'999));
  EXPECT_EQ(set.house.edge().counters().origin_fetches, 1U);
}

TEST(Edge, CountsWhatASiteServes) {
  Setting set;
  EdgeConfig config = EdgeHouse::OneSite(set.origin.port());
  config.distributions.front().behaviors.front().allowed_methods = {"GET", "HEAD", "POST"};
  set.house.Apply(std::move(config));
  set.origin.Set("/a", {200, {}, std::string(1'000, 'a')});
  EXPECT_EQ(Get(set.house, "/a").status, 200);
  EXPECT_EQ(Get(set.house, "/a").status, 200);
  EXPECT_EQ(Get(set.house, "/missing").status, 404);
  set.origin.Set("/post", {503, {}, ""});
  Exchange(set.house.port(), "POST", "/post", {{"host", std::string(kEdgeHost)}}, std::string(500, 'p'));
  // What a viewer has got is counted by its reactor just after.
  for (size_t reactor = 0; reactor < 2; ++reactor) set.house.RunOn(reactor, [] {});
  const SiteTotals totals = set.house.edge().counters("ESITE");
  EXPECT_EQ(totals.requests, 4U);
  EXPECT_EQ(totals.hits, 1U);
  EXPECT_EQ(totals.errors_4xx, 1U);
  EXPECT_EQ(totals.errors_5xx, 1U);
  EXPECT_EQ(totals.by_status.at(404), 1U);
  EXPECT_EQ(totals.by_status.at(503), 1U);
  EXPECT_EQ(totals.bytes_uploaded, 500U);
  EXPECT_GE(totals.bytes_downloaded, 2'000U);
  EXPECT_EQ(totals.origin_answers, 3U);
  EXPECT_GT(totals.origin_latency_total, Duration::zero());
  EXPECT_EQ(set.house.edge().counters("EOTHER").requests, 0U);
}

TEST(Edge, WaitersGetTheBodyWhileItArrives) {
  Setting set;
  const std::string body(60'000, 'b');
  set.origin.Set("/b", {200, {}, body, Delivery::kHeldBody});
  Wire leader(Wire::Connect(set.house.port()));
  leader.Send(RequestFor("/b"));
  const auto head = leader.ReadHead();
  ASSERT_TRUE(head);
  EXPECT_EQ(leader.ReadBytes(30'000).size(), 30'000U);
  std::vector<std::unique_ptr<Wire>> waiters;
  for (int i = 0; i < 8; ++i) {  // some on each reactor
    waiters.push_back(std::make_unique<Wire>(Wire::Connect(set.house.port())));
    waiters.back()->Send(RequestFor("/b"));
    const auto waiter_head = waiters.back()->ReadHead();
    ASSERT_TRUE(waiter_head);
    EXPECT_EQ(FindField(waiter_head->fields, "x-cache"), "Hit from cloudfront");
    EXPECT_EQ(waiters.back()->ReadBytes(30'000).size(), 30'000U);
  }
  set.origin.Release();
  EXPECT_EQ(leader.ReadBytes(30'000).size(), 30'000U);
  for (const auto& waiter : waiters) EXPECT_EQ(waiter->ReadBytes(30'000).size(), 30'000U);
  EXPECT_EQ(set.origin.CountOf("/b"), 1);
}

TEST(Edge, ALeaderThatLeavesTakesNobodyWithIt) {
  Setting set;
  set.origin.Set("/c", {200, {}, "body", Delivery::kHeld});
  auto leader = std::make_unique<Wire>(Wire::Connect(set.house.port()));
  leader->Send(RequestFor("/c"));
  set.origin.AwaitRequests("/c", 1);
  Wire waiter(Wire::Connect(set.house.port()));
  waiter.Send(RequestFor("/c"));
  AwaitRequests(set.house, 2);
  leader.reset();
  // If the waiter's own word comes later than the leader's leaving, the fetch is given up, and it makes another.
  set.origin.Set("/c", {200, {}, "body", Delivery::kWhole});
  set.origin.Release();
  const auto head = waiter.ReadHead();
  ASSERT_TRUE(head);
  EXPECT_EQ(BodyOf(waiter, *head), "body");
}

TEST(Edge, WaitersOfAnUnsharableAnswerAskForThemselves) {
  Setting set;
  set.origin.Set("/own", {200, {{"cache-control", "private"}}, "mine", Delivery::kHeld});
  std::vector<std::unique_ptr<Wire>> viewers;
  for (int i = 0; i < 10; ++i) {
    viewers.push_back(std::make_unique<Wire>(Wire::Connect(set.house.port())));
    viewers.back()->Send(RequestFor("/own"));
  }
  AwaitRequests(set.house, 10);
  set.origin.Set("/own", {200, {{"cache-control", "private"}}, "mine", Delivery::kWhole});
  set.origin.Release();
  for (const auto& viewer : viewers) {
    const auto head = viewer->ReadHead();
    ASSERT_TRUE(head);
    EXPECT_EQ(FindField(head->fields, "x-cache"), "Miss from cloudfront");
  }
  EXPECT_EQ(set.origin.CountOf("/own"), 10);
}

TEST(Edge, AnInvalidationReachesFetchesUnderWayAndTheirWaiters) {
  Setting set;
  set.origin.Set("/d", {200, {}, "old", Delivery::kHeld});
  std::vector<std::unique_ptr<Wire>> viewers;
  for (int i = 0; i < 10; ++i) {
    viewers.push_back(std::make_unique<Wire>(Wire::Connect(set.house.port())));
    viewers.back()->Send(RequestFor("/d"));
  }
  AwaitRequests(set.house, 10);
  set.origin.AwaitRequests("/d", 1);
  // The first fetch is answered with what the origin held when it was asked. A viewer whose request reaches the reactor
  // that fetches only after the invalidation begins another at once, so the new answer is there before.
  set.origin.Set("/d", {200, {}, "new", Delivery::kWhole});
  set.house.Invalidate({"/d"});
  set.origin.Release();
  for (const auto& viewer : viewers) {
    const auto head = viewer->ReadHead();
    ASSERT_TRUE(head);
    EXPECT_EQ(BodyOf(*viewer, *head), "new");
  }
  EXPECT_EQ(Get(set.house, "/d").body, "new");
}

TEST(Edge, NothingOlderIsServedAfterAnInvalidationIsEffective) {
  Setting set;
  constexpr int kInvalidations = 50, kViewers = 8, kRequests = 100'000;
  std::atomic<int> effective{0}, requests{0}, older{0};
  const auto publish = [&](int version) { set.origin.Set("/e", {200, {}, std::to_string(version), Delivery::kWhole}); };
  publish(0);
  std::vector<std::thread> viewers;
  for (int i = 0; i < kViewers; ++i) {
    viewers.emplace_back([&] {
      Wire wire(Wire::Connect(set.house.port()));
      while (requests.fetch_add(1) < kRequests) {
        const int at_least = effective.load();
        wire.Send(RequestFor("/e"));
        const auto head = wire.ReadHead();
        if (!head || std::stoi(BodyOf(wire, *head)) < at_least) ++older;
      }
    });
  }
  for (int version = 1; version <= kInvalidations; ++version) {
    while (requests.load() < version * (kRequests / (kInvalidations + 1))) std::this_thread::yield();
    publish(version);
    set.house.Invalidate({version % 2 == 0 ? "/*" : "/e"});
    effective = version;
  }
  for (std::thread& viewer : viewers) viewer.join();
  EXPECT_EQ(older, 0);
  EXPECT_GT(set.house.edge().counters().hits, static_cast<uint64_t>(kRequests) * 9 / 10);
}

TEST(Edge, ConfigurationsSwapByNumber) {
  Setting set;
  set.origin.Set("/v1/f", {200, {}, "one", Delivery::kWhole});
  set.origin.Set("/v2/f", {200, {}, "two", Delivery::kWhole});
  const auto config = [&](uint64_t number, std::string path) {
    EdgeConfig made = EdgeHouse::OneSite(set.origin.port());
    made.number = number;
    made.distributions[0].origins[0].path = std::move(path);
    return std::make_shared<const EdgeConfig>(std::move(made));
  };
  const auto apply = [&](EdgeConfigPtr next) {
    const auto adopted = std::make_shared<std::promise<void>>();
    set.house.edge().Apply(std::move(next), [adopted] { adopted->set_value(); });
    adopted->get_future().wait();
  };
  apply(config(20, "/v2"));
  apply(config(10, "/v1"));  // late, and ignored
  EXPECT_EQ(Get(set.house, "/f").body, "two");
  apply(config(30, "/v1"));
  set.house.Invalidate({"/*"});
  EXPECT_EQ(Get(set.house, "/f").body, "one");
}

TEST(Edge, ARecreatedDistributionFindsNothingOfItsPast) {
  Setting set;
  set.origin.Set("/g", {200, {}, "before", Delivery::kWhole});
  EXPECT_EQ(Get(set.house, "/g").body, "before");
  set.house.Apply(EdgeConfig{});
  EXPECT_EQ(Get(set.house, "/g").status, 403);
  set.origin.Set("/g", {200, {}, "after", Delivery::kWhole});
  set.house.Apply(EdgeHouse::OneSite(set.origin.port()));
  EXPECT_EQ(Get(set.house, "/g").body, "after");
}

TEST(Edge, ClearEmptiesTheCache) {
  Setting set;
  set.origin.Set("/h", {200, {}, "one", Delivery::kWhole});
  Get(set.house, "/h");
  EXPECT_EQ(set.house.edge().counters().objects_cached, 1U);
  set.house.edge().Clear();
  EXPECT_EQ(set.house.edge().counters().objects_cached, 0U);
  set.origin.Set("/h", {200, {}, "two", Delivery::kWhole});
  EXPECT_EQ(Get(set.house, "/h").body, "two");
}

TEST(Edge, KeepsItsByteBoundAndItsWorkingSetUnderLoad) {
  ScriptedOrigin origin;
  EdgeOptions options;
  options.cache_capacity = MiB(1);
  options.largest_cached_object = KiB(200);
  EdgeHouse house(2, options);
  house.Apply(EdgeHouse::OneSite(origin.port()));
  for (int i = 0; i < 300; ++i) {
    const std::string path = "/" + std::to_string(i);
    origin.Set(path, {200, {}, std::string(10'000, 'k'), Delivery::kWhole});
    EXPECT_EQ(Get(house, path).body.size(), 10'000U);
    EXPECT_LE(house.edge().counters().bytes_cached, MiB(1).value);
    EXPECT_EQ(Get(house, "/0").body.size(), 10'000U);
  }
  EXPECT_EQ(origin.CountOf("/0"), 1);
  EXPECT_GT(house.edge().counters().evictions, 100U);
}

TEST(Edge, ASlowViewerSlowsTheOriginOfWhatIsNotKept) {
  ScriptedOrigin origin;
  EdgeOptions options;
  options.largest_cached_object = KiB(64);
  EdgeHouse house(2, options);
  house.Apply(EdgeHouse::OneSite(origin.port()));
  const std::string body(64 << 20, 's');
  origin.Set("/big", {200, {}, body, Delivery::kWhole});
  Wire viewer(Wire::Connect(house.port()));
  viewer.Send(RequestFor("/big"));
  const auto head = viewer.ReadHead();
  ASSERT_TRUE(head);
  EXPECT_EQ(BodyOf(viewer, *head).size(), body.size());
  EXPECT_EQ(house.edge().counters().bytes_cached / 4'096, 0U);  // at most a mark that it cannot be kept
}

TEST(Edge, TellsWhatBecameOfEachRequest) {
  ScriptedOrigin origin;
  origin.Set("/i", {200, {}, "body", Delivery::kWhole});
  EdgeHouse house(1);
  std::mutex mutex;
  std::vector<RequestRecord> records;
  house.edge().OnRequestDone([&](const RequestRecord& record) {
    const std::lock_guard lock(mutex);
    records.push_back(record);
  });
  house.Apply(EdgeHouse::OneSite(origin.port()));
  Get(house, "/i");
  Get(house, "/i");
  Get(house, "/../");
  house.RunOn(0, [] {});
  const std::lock_guard lock(mutex);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].result_type, "Miss");
  EXPECT_EQ(records[1].result_type, "Hit");
  EXPECT_EQ(records[2].result_type, "Error");
  EXPECT_EQ(records[2].status, 400);
  EXPECT_EQ(records[1].distribution_id, "ESITE");
  EXPECT_EQ(records[1].request_id.size(), 56U);
  EXPECT_GT(records[0].bytes_sent, 4U);
}

}  // namespace
}  // namespace meetinity::edge

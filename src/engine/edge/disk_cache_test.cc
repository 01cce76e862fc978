// The disk tier as viewers meet it.

#include <gtest/gtest.h>

#include "engine/edge/testing/edge_house.h"
#include "engine/edge/testing/scripted_origin.h"
#include "engine/edge/testing/wire.h"
#include "store/temporary_directory.h"

namespace meetinity::edge {
namespace {

using testing::EdgeHouse;
using testing::Exchange;
using testing::FindField;
using testing::Response;
using testing::ScriptedOrigin;
using Fields = std::vector<std::pair<std::string, std::string>>;

class DiskCacheTest : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }
  void Start() {
    house_ = std::make_unique<EdgeHouse>(2);
    ASSERT_TRUE(house_->edge().OpenDiskTier(folder_ / "edge-cache", MiB(64)).ok());
    house_->Apply(EdgeHouse::OneSite(origin_.port()));
    house_->edge().SettleDiskTier();
  }
  void Restart() {
    house_->edge().SettleDiskTier();
    house_.reset();
    Start();
  }
  Response Get(std::string_view path, Fields fields = {}) {
    fields.emplace_back("host", "site.cloudfront.localhost");
    return Exchange(house_->port(), "GET", path, fields);
  }
  void Serve(const std::string& path, std::string body) {
    origin_.Set(path, {200, {{"cache-control", "max-age=1000"}}, std::move(body), ScriptedOrigin::Delivery::kWhole});
  }
  static std::string XCache(const Response& response) { return FindField(response.fields, "x-cache").value_or(""); }

  store::TemporaryDirectory folder_;
  ScriptedOrigin origin_;
  std::unique_ptr<EdgeHouse> house_;
};

TEST_F(DiskCacheTest, AHitAfterARestartTellsItsRealAge) {
  for (const size_t size : {size_t{100}, size_t{500'000}}) {
    const std::string path = "/" + std::to_string(size);
    std::string body(size, 'b');
    body.back() = 'e';
    Serve(path, body);
    Get(path);
    Get(path);  // asked for again, so kept on disk
    Restart();
    const Response hit = Get(path);
    EXPECT_EQ(XCache(hit), "Hit from cloudfront");
    EXPECT_TRUE(FindField(hit.fields, "age"));
    EXPECT_EQ(hit.body, body);
    const Response part = Get(path, {{"range", "bytes=-2"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "be");
    EXPECT_EQ(origin_.CountOf(path), 1);
  }
}

TEST_F(DiskCacheTest, WhatWasAskedForOnceIsNotWritten) {
  Serve("/once", "x");
  Get("/once");
  Restart();
  EXPECT_EQ(XCache(Get("/once")), "Miss from cloudfront");
}

TEST_F(DiskCacheTest, AnInvalidationIsNotForgottenByARestart) {
  for (const std::string path : {"/gone/a", "/kept"}) {
    Serve(path, "old");
    Get(path);
    Get(path);
  }
  house_->edge().SettleDiskTier();
  house_->Invalidate({"/gone/*"});
  Restart();
  Serve("/gone/a", "new");
  Serve("/kept", "new");
  EXPECT_EQ(Get("/gone/a").body, "new");
  EXPECT_EQ(Get("/kept").body, "old");
  Restart();
  EXPECT_EQ(Get("/gone/a").body, "new");
}

TEST_F(DiskCacheTest, ADamagedJournalEmptiesTheTier) {
  Serve("/a", "old");
  Get("/a");
  Get("/a");
  house_->edge().SettleDiskTier();
  house_.reset();
  const std::string journal = folder_ / "edge-cache/journal";
  std::filesystem::resize_file(journal, 0);
  Start();
  Serve("/a", "new");
  EXPECT_EQ(Get("/a").body, "new");
}

TEST_F(DiskCacheTest, ResetEmptiesBothTiers) {
  Serve("/a", "old");
  Get("/a");
  Get("/a");
  house_->edge().SettleDiskTier();
  house_->edge().Clear();
  Serve("/a", "new");
  EXPECT_EQ(Get("/a").body, "new");
  Restart();
  EXPECT_EQ(Get("/a").body, "new");
}

TEST_F(DiskCacheTest, ARemovedDistributionLeavesNothingToItsSuccessor) {
  Serve("/a", "old");
  Get("/a");
  Get("/a");
  house_->edge().SettleDiskTier();
  house_->Apply({});
  house_->Apply(EdgeHouse::OneSite(origin_.port()));
  Serve("/a", "new");
  EXPECT_EQ(Get("/a").body, "new");
  Restart();
  EXPECT_EQ(Get("/a").body, "new");
}

}  // namespace
}  // namespace meetinity::edge

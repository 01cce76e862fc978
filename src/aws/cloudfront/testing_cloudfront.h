#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/managed_policies.h"
#include "base/random.h"
#include "engine/edge/testing/edge_house.h"

namespace meetinity::cloudfront {

inline constexpr std::string_view kCachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";

// CloudFront on a store in a folder of its own, before an edge with two running reactors.
class CloudFrontTest : public testing::Test {
 protected:
  CloudFrontTest() { Open(); }
  ~CloudFrontTest() override {
    Close();
    std::filesystem::remove_all(directory_);
  }

  static net::Endpoint S3Endpoint() {
    net::Endpoint s3;
    s3.address = "127.0.0.1";
    s3.port = 4566;
    return s3;
  }

  // What a restart of the process does: everything that was only in memory is gone.
  void Reopen() {
    Close();
    Open();
  }

  wire::Call Call() const {
    wire::Call call;
    call.now = clock_.Now();
    call.account = "123456789012";
    call.region = "eu-west-1";
    call.scope_region = "us-east-1";
    call.endpoint = "http://localhost:4566";
    return call;
  }

  static DistributionConfig Config(const std::string& reference) {
    DistributionConfig config;
    config.caller_reference = reference;
    config.enabled = true;
    Origin origin;
    origin.id = "assets";
    origin.domain_name = "shop.s3.eu-west-1.amazonaws.com";
    origin.s3_origin_config = S3OriginConfig{};
    config.origins = {.items = {origin}, .quantity = 1};
    config.default_cache_behavior.target_origin_id = "assets";
    config.default_cache_behavior.viewer_protocol_policy = "allow-all";
    config.default_cache_behavior.cache_policy_id = std::string(kCachingOptimized);
    return config;
  }

  CreateDistributionOutput Create(const DistributionConfig& config) {
    auto made = cloudfront_->CreateDistribution(Call(), {.distribution_config = config});
    EXPECT_TRUE(made.ok()) << made.error().detail;
    return made.ok() ? std::move(made).value() : CreateDistributionOutput{.distribution = Distribution{}};
  }
  CreateDistributionOutput Create(const std::string& reference) { return Create(Config(reference)); }
  CreateDistributionOutput CreateDeployed(const std::string& reference) {
    CreateDistributionOutput made = Create(reference);
    AwaitDeployed(made.distribution->id);
    return made;
  }

  void AwaitDeployed(const std::string& id) {
    EXPECT_TRUE(cloudfront_->WaitDeployed(id, std::chrono::seconds(30)).ok());
  }
  std::string StatusOf(const std::string& id) {
    return cloudfront_->GetDistribution(Call(), {.id = id})->distribution->status;
  }
  std::string ETagOf(const std::string& id) { return *cloudfront_->GetDistribution(Call(), {.id = id})->e_tag; }

  // Disables, waits and deletes.
  Status Remove(const std::string& id) {
    DistributionConfig config = *cloudfront_->GetDistributionConfig(Call(), {.id = id})->distribution_config;
    config.enabled = false;
    const UpdateDistributionOutput disabled = TRY(cloudfront_->UpdateDistribution(
        Call(), {.distribution_config = std::move(config), .id = id, .if_match = ETagOf(id)}));
    AwaitDeployed(id);
    TRY(cloudfront_->DeleteDistribution(Call(), {.id = id, .if_match = disabled.e_tag}));
    return {};
  }

  // A certificate that ACM issued for `names`.
  std::string Certificate(const std::string& name, std::vector<std::string> others = {}) {
    acm::RequestCertificateInput in;
    in.domain_name = name;
    if (!others.empty()) in.subject_alternative_names = std::move(others);
    return *acm_->RequestCertificate(Call(), in)->certificate_arn;
  }

  // The second reactor does nothing else until Release, so nothing can reach all of the edge.
  void HoldEdge() {
    auto held = std::make_shared<std::promise<void>>();
    house_->reactor(1).Post([held, released = release_.get_future().share()] {
      held->set_value();
      released.wait();
    });
    held->get_future().wait();
  }
  // Returns when what was waiting for the edge has happened and is noted.
  void Release() {
    release_.set_value();
    release_ = {};
    Settle();
  }
  void Settle() {
    // What one reactor hands to another and back takes two rounds.
    for (int round = 0; round < 3; ++round) {
      for (const size_t reactor : {size_t{0}, size_t{1}}) house_->RunOn(reactor, [] {});
    }
    // One thread, so it has done what was queued before.
    auto done = std::make_shared<std::promise<void>>();
    workers_->Run([done] { done->set_value(); });
    done->get_future().wait();
  }

  template <class Output>
  static std::string_view Refusal(const Result<Output>& result) {
    return result.ok() ? std::string_view("accepted") : result.error().name;
  }

  FakeClock clock_;
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("cloudfront-" + RandomText(10, kLowerAlphanumeric));
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<ca::CertificateAuthority> authority_;
  std::unique_ptr<acm::Acm> acm_;
  std::unique_ptr<iam::Iam> iam_;
  std::unique_ptr<net::WorkerPool> workers_;
  std::unique_ptr<edge::testing::EdgeHouse> house_;
  std::unique_ptr<CloudFront> cloudfront_;
  // What the names of custom origins resolve to.
  std::map<std::string, std::vector<std::string>> addresses_ = {{"localhost", {"127.0.0.1"}}};

 private:
  static std::vector<store::Migration> AllMigrations() {
    std::vector<store::Migration> all = CloudFront::Migrations();
    for (const auto& others : {acm::Acm::Migrations(), iam::Iam::Migrations()}) {
      all.insert(all.end(), others.begin(), others.end());
    }
    return all;
  }

  void Open() {
    std::filesystem::create_directories(directory_);
    database_ = store::Database::Open(directory_ / "state.db", AllMigrations()).value();
    sealer_ = store::Sealer::Open(directory_ / "sealing.key").value();
    authority_ = ca::CertificateAuthority::Open(directory_, clock_).value();
    acm_ = std::make_unique<acm::Acm>(*database_, *sealer_, *authority_, clock_);
    iam_ =
        iam::Iam::Open(*database_, *sealer_, clock_, {.account = "123456789012", .data_directory = directory_}).value();
    workers_ = std::make_unique<net::WorkerPool>(1, 64);
    house_ = std::make_unique<edge::testing::EdgeHouse>(2);
    cloudfront_ = std::make_unique<CloudFront>(
        *database_, house_->edge(), *acm_, *iam_, *workers_, clock_,
        CloudFrontOptions{.resolve = [this](const std::string& name) { return Resolve(name); }});
    ASSERT_TRUE(cloudfront_->Restore(S3Endpoint()).ok());
  }

  Result<std::vector<std::string>> Resolve(const std::string& name) const {
    const auto found = addresses_.find(name);
    if (found == addresses_.end()) return Error{Kind::kInvalid, kInvalidOrigin, name + " does not resolve"};
    return found->second;
  }

  // The edge first, then the workers, because each still calls what comes after it.
  void Close() {
    house_.reset();
    workers_.reset();
    cloudfront_.reset();
    iam_.reset();
    acm_.reset();
    authority_.reset();
    sealer_.reset();
    database_.reset();
  }

  std::promise<void> release_;
};

}  // namespace meetinity::cloudfront

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aws/ec2/ec2.h"
#include "aws/ec2_model.h"
#include "aws/route53/errors.h"
#include "aws/route53/route53.h"
#include "base/random.h"

namespace meetinity::route53 {

// What an operation's refusal is called; empty when it was none.
template <class Output>
std::string_view NameOf(const Result<Output>& result) {
  return result.ok() ? std::string_view() : result.error().name;
}

inline ResourceRecordSet MakeSet(const std::string& name, const std::string& type,
                                 const std::vector<std::string>& values, int64_t ttl = 300) {
  ResourceRecordSet set;
  set.name = name;
  set.type = type;
  set.ttl = ttl;
  std::vector<ResourceRecord> records;
  for (const std::string& value : values) records.push_back({value});
  set.resource_records = std::move(records);
  return set;
}

inline ResourceRecordSet MakeAlias(const std::string& name, const std::string& type, const std::string& zone_id,
                                   const std::string& target) {
  ResourceRecordSet set;
  set.name = name;
  set.type = type;
  set.alias_target = AliasTarget{.dns_name = target, .evaluate_target_health = false, .hosted_zone_id = zone_id};
  return set;
}

// A Route 53 on a store of its own, and what a name server was told.
class Route53Test : public testing::Test {
 protected:
  Route53Test() { Reopen(); }
  ~Route53Test() override {
    route53_.reset();
    ec2_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

  // What a restart of the process does.
  void Reopen() {
    route53_.reset();
    ec2_.reset();
    database_.reset();
    published_.reset();
    auto migrations = Route53::Migrations();
    for (const store::Migration& migration : ec2::Ec2::Migrations()) migrations.push_back(migration);
    database_ = store::Database::Open(directory_ / "state.db", std::move(migrations)).value();
    ec2_ = std::make_unique<ec2::Ec2>(*database_, clock_, ec2::Ec2Options{});
    Route53Options options;
    options.alias_zones = {{"ZDISTRIBUTIONS", "*.cloudfront.localhost."}};
    route53_ = std::make_unique<Route53>(*database_, *ec2_, clock_, std::move(options));
    route53_->OnPublish([this](dns::ZoneSetPtr zones, uint64_t, std::function<void()> adopted) {
      published_ = std::move(zones);
      adopted_ = std::move(adopted);
    });
    EXPECT_TRUE(route53_->Restore().ok());
  }

  wire::Call Call() const {
    wire::Call call;
    call.now = clock_.Now();
    call.account = "123456789012";
    call.region = "eu-west-1";
    call.scope_region = "us-east-1";
    call.endpoint = "http://127.0.0.1:4566";
    return call;
  }

  std::string MakeVpc() {
    ec2::CreateVpcInput in;
    in.cidr_block = "10.0.0.0/16";
    wire::Call call = Call();
    call.scope_region = "eu-west-1";
    return *ec2_->CreateVpc(call, in)->vpc->vpc_id;
  }
  static VPC ToVpc(const std::string& id, const std::string& region = "eu-west-1") {
    return {.vpc_id = id, .vpc_region = region};
  }

  Result<CreateHostedZoneOutput> Create(const std::string& name, std::optional<VPC> vpc = std::nullopt) {
    CreateHostedZoneInput in;
    in.name = name;
    in.caller_reference = "reference-" + std::to_string(++references_);
    in.vpc = std::move(vpc);
    return route53_->CreateHostedZone(Call(), in);
  }
  std::string MakeZone(const std::string& name = "example.com", std::optional<VPC> vpc = std::nullopt) {
    return Create(name, std::move(vpc))->hosted_zone.id.substr(12);
  }
  Result<ChangeResourceRecordSetsOutput> Make(const std::string& zone, std::vector<Change> changes) {
    ChangeResourceRecordSetsInput in;
    in.hosted_zone_id = zone;
    in.change_batch.changes = std::move(changes);
    return route53_->ChangeResourceRecordSets(Call(), in);
  }
  Result<GetHostedZoneOutput> GetZone(const std::string& id) {
    return route53_->GetHostedZone(Call(), GetHostedZoneInput{.id = id});
  }
  Result<ListResourceRecordSetsOutput> List(const std::string& zone) {
    ListResourceRecordSetsInput in;
    in.hosted_zone_id = zone;
    return route53_->ListResourceRecordSets(Call(), in);
  }
  // "www.example.com. A" of each.
  std::vector<std::string> Listed(const std::string& zone) {
    std::vector<std::string> listed;
    const auto answer = List(zone);
    for (const auto& set : answer->resource_record_sets) listed.push_back(set.name + " " + set.type);
    return listed;
  }
  // Whether the name server was told of the name.
  bool IsServed(const std::string& text) const {
    const dns::Name name = dns::Name::Parse(text).value();
    const dns::Zone* zone = published_->Find(name);
    return zone != nullptr && zone->Find(name).kind == dns::Finding::Kind::kRecords;
  }

  FakeClock clock_;
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("route53-" + RandomText(10, kLowerAlphanumeric));
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<ec2::Ec2> ec2_;
  std::unique_ptr<Route53> route53_;
  dns::ZoneSetPtr published_;
  std::function<void()> adopted_;
  int references_ = 0;
};

}  // namespace meetinity::route53

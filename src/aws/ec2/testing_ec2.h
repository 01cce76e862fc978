#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/ec2/ec2.h"
#include "aws/ec2/errors.h"
#include "aws/ec2_model.h"
#include "base/random.h"

namespace meetinity::ec2 {

using Ids = std::optional<std::vector<std::string>>;

// An Ec2 on a store of its own, called in eu-west-1 unless a test says otherwise.
class Ec2Test : public testing::Test {
 protected:
  Ec2Test() { Reopen(); }
  ~Ec2Test() override {
    ec2_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

  // What a restart of the process does.
  void Reopen() {
    ec2_.reset();
    database_.reset();
    database_ = store::Database::Open(directory_ / "state.db", Ec2::Migrations()).value();
    ec2_ = std::make_unique<Ec2>(*database_, clock_, Ec2Options{});
    ec2_->OnRulesChanged([this](const std::vector<std::string>& groups) {
      changed_.insert(changed_.end(), groups.begin(), groups.end());
    });
  }

  wire::Call Call(const std::string& region = "eu-west-1") const {
    wire::Call call;
    call.now = clock_.Now();
    call.account = "123456789012";
    call.region = "eu-west-1";
    call.scope_region = region;
    return call;
  }

  std::string MakeVpc(const std::string& cidr = "10.0.0.0/16") {
    CreateVpcInput in;
    in.cidr_block = cidr;
    return *ec2_->CreateVpc(Call(), in)->vpc->vpc_id;
  }
  std::string MakeSubnet(const std::string& vpc, const std::string& cidr, const std::string& zone = "eu-west-1a") {
    CreateSubnetInput in;
    in.vpc_id = vpc;
    in.cidr_block = cidr;
    in.availability_zone = zone;
    return *ec2_->CreateSubnet(Call(), in)->subnet->subnet_id;
  }
  std::string MakeGateway() { return *ec2_->CreateInternetGateway(Call(), {})->internet_gateway->internet_gateway_id; }
  std::string MakeAttachedGateway(const std::string& vpc) {
    std::string gateway = MakeGateway();
    AttachInternetGatewayInput in;
    in.internet_gateway_id = gateway;
    in.vpc_id = vpc;
    EXPECT_TRUE(ec2_->AttachInternetGateway(Call(), in).ok());
    return gateway;
  }
  std::string MakeAddress() { return *ec2_->AllocateAddress(Call(), {})->allocation_id; }
  NatGateway MakeNat(const std::string& subnet, const std::string& allocation) {
    CreateNatGatewayInput in;
    in.subnet_id = subnet;
    in.allocation_id = allocation;
    return *ec2_->CreateNatGateway(Call(), in)->nat_gateway;
  }
  std::string MakeTable(const std::string& vpc) {
    CreateRouteTableInput in;
    in.vpc_id = vpc;
    return *ec2_->CreateRouteTable(Call(), in)->route_table->route_table_id;
  }
  std::string MakeGroup(const std::string& vpc, const std::string& name) {
    CreateSecurityGroupInput in;
    in.vpc_id = vpc;
    in.group_name = name;
    in.description = "for a test";
    return *ec2_->CreateSecurityGroup(Call(), in)->group_id;
  }

  static Filter By(std::string name, std::vector<std::string> values) {
    return Filter{std::move(name), std::move(values)};
  }
  RouteTable TableOf(const std::string& id) {
    DescribeRouteTablesInput in;
    in.route_table_ids = Ids({id});
    return ec2_->DescribeRouteTables(Call(), in)->route_tables->front();
  }
  SecurityGroup GroupOf(const std::string& id) {
    DescribeSecurityGroupsInput in;
    in.group_ids = Ids({id});
    return ec2_->DescribeSecurityGroups(Call(), in)->security_groups->front();
  }

  static IpPermission Tcp(int32_t from, int32_t to, const std::string& cidr) {
    IpPermission permission;
    permission.ip_protocol = "tcp";
    permission.from_port = from;
    permission.to_port = to;
    permission.ip_ranges = std::vector{IpRange{cidr, {}}};
    return permission;
  }
  Result<AuthorizeSecurityGroupIngressOutput> Authorize(const std::string& group, const IpPermission& permission) {
    AuthorizeSecurityGroupIngressInput in;
    in.group_id = group;
    in.ip_permissions = std::vector{permission};
    return ec2_->AuthorizeSecurityGroupIngress(Call(), in);
  }

  // A load balancer's interface, as its service makes it.
  Result<NetworkInterfaceInfo> Place(const LoadBalancerInterface& wanted) {
    return database_->Write([&](store::Tx& tx) { return ec2_->CreateLoadBalancerInterface(tx, wanted); });
  }

  FakeClock clock_;
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("ec2-" + RandomText(10, kLowerAlphanumeric));
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Ec2> ec2_;
  std::vector<std::string> changed_;
};

// What an operation's refusal is called; empty when it was none.
template <class Output>
std::string_view NameOf(const Result<Output>& result) {
  return result.ok() ? std::string_view() : result.error().name;
}

}  // namespace meetinity::ec2

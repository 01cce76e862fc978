// What an account has in a region before anybody made anything (VPC User Guide, page "Default VPC components").
#include <fmt/format.h>

#include "aws/ec2/ec2.h"
#include "aws/ec2/vpcs.h"
#include "aws/ec2/zones.h"
#include "base/cidr.h"

namespace meetinity::ec2 {
namespace {

constexpr std::string_view kDefaultBlock = "172.31.0.0/16";
constexpr uint32_t kDefaultSubnetSize = 1U << 12;  // a /20 in each zone

Status MakeDefaultSubnets(store::Tx& tx, const VpcRecord& vpc) {
  uint32_t first = Cidr::Parse(kDefaultBlock)->first_v4();
  for (const char letter : kZoneLetters) {
    TRY(MakeSubnet(tx, vpc, ZoneName(vpc.region, letter), Ipv4Text(first) + "/20", true));
    first += kDefaultSubnetSize;
  }
  return {};
}

Status MakeWayOut(store::Tx& tx, const VpcRecord& vpc) {
  const InternetGatewayRecord gateway{NewId(kInternetGatewayKind.prefix), vpc.region, vpc.id};
  TRY(tx.Put(gateway));
  for (const auto& table : TRY(tx.Select<RouteTableRecord>("vpc_id = ?", {vpc.id}))) {
    TRY(tx.Put(RouteRecord{table.id, "0.0.0.0/0", gateway.id}));
  }
  return {};
}

}  // namespace

Status Ec2::EnsureRegion(const std::string& region) {
  const auto begun = [&](const store::ReadTx& tx) { return tx.Find<RegionRecord>(region); };
  if (TRY(database_.Read(begun))) return {};
  return database_.Write([&](store::Tx& tx) -> Status {
    if (!TRY(tx.InsertIfNew(RegionRecord{region, NewId(kDhcpOptionsKind.prefix)}))) return {};
    NewVpc wanted;
    wanted.region = region;
    wanted.cidr = kDefaultBlock;
    wanted.tenancy = Tenancy::kDefault;
    wanted.is_default = true;
    const VpcRecord vpc = TRY(MakeVpc(tx, wanted));
    TRY(MakeDefaultSubnets(tx, vpc));
    return MakeWayOut(tx, vpc);
  });
}

}  // namespace meetinity::ec2

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aws/route53/testing_route53.h"

namespace meetinity::route53 {
namespace {

TEST_F(Route53Test, MakesAPublicZoneWithItsServers) {
  const auto made = Create("Example.com");
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made->hosted_zone.id.starts_with("/hostedzone/Z"));
  EXPECT_EQ(made->hosted_zone.name, "example.com.");
  EXPECT_EQ(made->hosted_zone.resource_record_set_count, 2);
  EXPECT_EQ(made->delegation_set.name_servers.size(), 4U);
  EXPECT_TRUE(made->location.ends_with(made->hosted_zone.id));
  const auto found = GetZone(made->hosted_zone.id);
  EXPECT_EQ(found->delegation_set->name_servers, made->delegation_set.name_servers);
  EXPECT_FALSE(found->vpcs.has_value());
  EXPECT_EQ(Listed(made->hosted_zone.id.substr(12)), (std::vector<std::string>{"example.com. NS", "example.com. SOA"}));
  EXPECT_TRUE(IsServed("example.com"));
}

TEST_F(Route53Test, MakesOneZoneForACallersReference) {
  CreateHostedZoneInput in;
  in.name = "example.com";
  in.caller_reference = "once";
  EXPECT_TRUE(route53_->CreateHostedZone(Call(), in).ok());
  EXPECT_EQ(NameOf(route53_->CreateHostedZone(Call(), in)), kHostedZoneAlreadyExists);
  EXPECT_TRUE(Create("example.com").ok());  // the same name again is another zone
}

TEST_F(Route53Test, RefusesZonesThatCannotBe) {
  EXPECT_EQ(NameOf(Create("a..com")), kInvalidDomainName);
  EXPECT_EQ(NameOf(Create(".")), kInvalidDomainName);
  CreateHostedZoneInput in;
  in.name = "example.com";
  in.caller_reference = "x";
  in.delegation_set_id = "N1";
  EXPECT_EQ(NameOf(route53_->CreateHostedZone(Call(), in)), kNoSuchDelegationSet);
  in.delegation_set_id.reset();
  in.hosted_zone_config = HostedZoneConfig{.comment = {}, .private_zone = true};
  EXPECT_EQ(NameOf(route53_->CreateHostedZone(Call(), in)), kInvalidInput);
}

TEST_F(Route53Test, MakesAPrivateZoneOfAVpcThatExists) {
  EXPECT_EQ(NameOf(Create("internal", ToVpc("vpc-0123"))), kInvalidVpcId);
  const std::string vpc = MakeVpc();
  EXPECT_EQ(NameOf(Create("internal", ToVpc(vpc, "us-east-1"))), kInvalidVpcId);
  const std::string zone = MakeZone("internal", ToVpc(vpc));
  const auto found = GetZone(zone);
  EXPECT_FALSE(found->delegation_set.has_value());
  EXPECT_EQ(found->hosted_zone.config->private_zone, true);
  ASSERT_EQ(found->vpcs->size(), 1U);
  EXPECT_EQ(found->vpcs->front().vpc_id, vpc);
  EXPECT_EQ(NameOf(Create("internal", ToVpc(vpc))), kConflictingDomainExists);
  EXPECT_TRUE(IsServed("internal"));
}

TEST_F(Route53Test, AssociatesVpcsWithAPrivateZone) {
  const std::string first = MakeVpc();
  const std::string second = MakeVpc();
  const std::string zone = MakeZone("internal", ToVpc(first));
  AssociateVPCWithHostedZoneInput in;
  in.hosted_zone_id = zone;
  in.vpc = ToVpc(second);
  EXPECT_TRUE(route53_->AssociateVPCWithHostedZone(Call(), in).ok());
  EXPECT_EQ(GetZone(zone)->vpcs->size(), 2U);
  EXPECT_EQ(NameOf(route53_->AssociateVPCWithHostedZone(Call(), in)), kConflictingDomainExists);
  in.hosted_zone_id = MakeZone("example.com");
  EXPECT_EQ(NameOf(route53_->AssociateVPCWithHostedZone(Call(), in)), kPublicZoneVpcAssociation);

  DisassociateVPCFromHostedZoneInput out;
  out.hosted_zone_id = zone;
  out.vpc = ToVpc(first);
  EXPECT_TRUE(route53_->DisassociateVPCFromHostedZone(Call(), out).ok());
  EXPECT_EQ(NameOf(route53_->DisassociateVPCFromHostedZone(Call(), out)), kVpcAssociationNotFound);
  out.vpc = ToVpc(second);
  EXPECT_EQ(NameOf(route53_->DisassociateVPCFromHostedZone(Call(), out)), kLastVpcAssociation);

  ListHostedZonesByVPCInput by_vpc;
  by_vpc.vpc_id = second;
  by_vpc.vpc_region = "eu-west-1";
  const auto listed = route53_->ListHostedZonesByVPC(Call(), by_vpc);
  ASSERT_EQ(listed->hosted_zone_summaries.size(), 1U);
  EXPECT_EQ(listed->hosted_zone_summaries.front().hosted_zone_id, zone);
}

TEST_F(Route53Test, DeletesAnEmptyZoneAlone) {
  const std::string zone = MakeZone();
  const ResourceRecordSet www = MakeSet("www.example.com", "A", {"192.0.2.1"});
  EXPECT_TRUE(Make(zone, {{"CREATE", www}}).ok());
  const DeleteHostedZoneInput in{.id = zone};
  EXPECT_EQ(NameOf(route53_->DeleteHostedZone(Call(), in)), kHostedZoneNotEmpty);
  EXPECT_TRUE(Make(zone, {{"DELETE", www}}).ok());
  EXPECT_TRUE(route53_->DeleteHostedZone(Call(), in).ok());
  EXPECT_EQ(NameOf(route53_->DeleteHostedZone(Call(), in)), kNoSuchHostedZone);
  EXPECT_FALSE(IsServed("example.com"));
}

TEST_F(Route53Test, SaysWhichZoneThereIsNot) {
  const auto found = GetZone("ZNONE");
  ASSERT_EQ(NameOf(found), kNoSuchHostedZone);
  EXPECT_EQ(found.error().detail, "No hosted zone found with ID: ZNONE");
}

TEST_F(Route53Test, ChangesAComment) {
  const std::string zone = MakeZone();
  UpdateHostedZoneCommentInput in;
  in.id = zone;
  in.comment = "of the shop";
  EXPECT_EQ(route53_->UpdateHostedZoneComment(Call(), in)->hosted_zone.config->comment, "of the shop");
  EXPECT_EQ(GetZone(zone)->hosted_zone.config->comment, "of the shop");
}

TEST_F(Route53Test, ListsZonesInPages) {
  for (const char* name : {"b.org", "example.com", "a.org"}) MakeZone(name);
  EXPECT_EQ(route53_->GetHostedZoneCount(Call(), {})->hosted_zone_count, 3);
  ListHostedZonesInput in;
  in.max_items = "2";
  const auto first = route53_->ListHostedZones(Call(), in);
  EXPECT_EQ(first->hosted_zones.size(), 2U);
  EXPECT_TRUE(first->is_truncated);
  in.marker = first->next_marker;
  const auto second = route53_->ListHostedZones(Call(), in);
  EXPECT_EQ(second->hosted_zones.size(), 1U);
  EXPECT_FALSE(second->is_truncated);
  in.max_items = "none";
  EXPECT_EQ(NameOf(route53_->ListHostedZones(Call(), in)), kInvalidInput);
}

TEST_F(Route53Test, ListsZonesByName) {
  for (const char* name : {"b.org", "example.com", "a.org"}) MakeZone(name);
  ListHostedZonesByNameInput in;
  in.dns_name = "a.org";
  in.max_items = "1";
  const auto listed = route53_->ListHostedZonesByName(Call(), in);
  ASSERT_EQ(listed->hosted_zones.size(), 1U);
  EXPECT_EQ(listed->hosted_zones.front().name, "a.org.");
  EXPECT_EQ(listed->next_dns_name, "b.org.");
  EXPECT_EQ(route53_->ListHostedZonesByName(Call(), {})->hosted_zones.front().name, "example.com.");
}

TEST_F(Route53Test, SignsNoZone) {
  GetDNSSECInput in;
  in.hosted_zone_id = MakeZone();
  EXPECT_EQ(route53_->GetDNSSEC(Call(), in)->status.serve_signature, "NOT_SIGNING");
  in.hosted_zone_id = "ZNONE";
  EXPECT_EQ(NameOf(route53_->GetDNSSEC(Call(), in)), kNoSuchHostedZone);
}

TEST_F(Route53Test, ServesThePrivateZoneOfTwoWithOneName) {
  const std::string open = MakeZone("example.com");
  const std::string closed = MakeZone("example.com", ToVpc(MakeVpc()));
  EXPECT_TRUE(Make(open, {{"CREATE", MakeSet("open.example.com", "A", {"192.0.2.1"})}}).ok());
  EXPECT_TRUE(Make(closed, {{"CREATE", MakeSet("closed.example.com", "A", {"10.0.0.1"})}}).ok());
  EXPECT_TRUE(IsServed("closed.example.com"));
  EXPECT_FALSE(IsServed("open.example.com"));
}

TEST_F(Route53Test, ServesAfterARestartWhatItServedBefore) {
  const std::string zone = MakeZone();
  EXPECT_TRUE(Make(zone, {{"CREATE", MakeSet("www.example.com", "A", {"192.0.2.1"})}}).ok());
  Reopen();
  EXPECT_TRUE(IsServed("www.example.com"));
  EXPECT_EQ(Listed(zone).size(), 3U);
}

}  // namespace
}  // namespace meetinity::route53

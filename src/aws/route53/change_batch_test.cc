#include "aws/route53/change_batch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aws/route53/names.h"
#include "aws/route53/testing_route53.h"

namespace meetinity::route53 {
namespace {

TEST(Route53Names, AreShownWithOctalEscapes) {
  EXPECT_EQ(ToText(ParseName("*.Example.com").value()), "\\052.example.com.");
  EXPECT_EQ(ToText(ParseName("\\052.example.com.").value()), "\\052.example.com.");
  EXPECT_EQ(ToText(ParseName("_dmarc.a-b.example.com").value()), "_dmarc.a-b.example.com.");
  EXPECT_FALSE(ParseName("a..b").has_value());
}

TEST(Route53Names, SortByTheirLabelsFromTheRight) {
  EXPECT_EQ(SortName("www.example.com."), "com.example.www.");
  EXPECT_LT(SortName("example.com."), SortName("a.example.com."));
  EXPECT_LT(SortName("z.a.example.com."), SortName("b.example.com."));
}

class ChangeBatchTest : public testing::Test {
 protected:
  ChangeBatchTest() {
    zone_.id = "ZONE";
    zone_.name = "example.com.";
    zone_.sort_name = SortName(zone_.name);
    zone_.name_servers = "ns-0.awsdns-00.com";
    for (const RecordSetRecord& set : DefaultRecordSets(zone_)) sets_[{set.sort_name, set.type}] = set;
  }

  Status Run(std::vector<Change> changes) {
    RecordSets after = sets_;
    Status status = ApplyBatch(zone_, {{"ZDISTRIBUTIONS", "*.cloudfront.localhost."}}, changes, after);
    if (status.ok()) sets_ = std::move(after);
    return status;
  }
  Status Create(const ResourceRecordSet& set) { return Run({{"CREATE", set}}); }
  // "" when it was accepted.
  std::string RefusalOf(std::vector<Change> changes) {
    const Status status = Run(std::move(changes));
    if (status.ok()) return "";
    EXPECT_EQ(status.error().name, kInvalidChangeBatch);
    return status.error().detail;
  }
  std::string RefusalOfCreating(const ResourceRecordSet& set) { return RefusalOf({{"CREATE", set}}); }

  ZoneRecord zone_;
  RecordSets sets_;
  const ResourceRecordSet www_ = MakeSet("www.example.com", "A", {"192.0.2.1", "192.0.2.2"});
};

TEST_F(ChangeBatchTest, CreatesReplacesAndDeletes) {
  EXPECT_TRUE(Create(www_).ok());
  EXPECT_EQ(sets_.size(), 3U);
  EXPECT_TRUE(Run({{"UPSERT", MakeSet("WWW.example.com.", "A", {"192.0.2.3"}, 60)}}).ok());
  EXPECT_EQ(sets_.size(), 3U);
  EXPECT_TRUE(Run({{"DELETE", MakeSet("www.example.com", "A", {"192.0.2.3"}, 60)}}).ok());
  EXPECT_EQ(sets_.size(), 2U);
}

TEST_F(ChangeBatchTest, SaysThatARecordExistsAlready) {
  EXPECT_TRUE(Create(www_).ok());
  EXPECT_EQ(RefusalOfCreating(www_),
            "[Tried to create resource record set [name='www.example.com.', type='A'] but it already exists]");
}

TEST_F(ChangeBatchTest, DeletesOnlyWhatIsExactlySo) {
  EXPECT_EQ(RefusalOf({{"DELETE", www_}}),
            "[Tried to delete resource record set [name='www.example.com.', type='A'] but it was not found]");
  EXPECT_TRUE(Create(www_).ok());
  const std::string mismatch =
      "[Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match "
      "the current values]";
  EXPECT_EQ(RefusalOf({{"DELETE", MakeSet("www.example.com", "A", {"192.0.2.1"})}}), mismatch);
  EXPECT_EQ(RefusalOf({{"DELETE", MakeSet("www.example.com", "A", {"192.0.2.1", "192.0.2.2"}, 60)}}), mismatch);
  EXPECT_EQ(RefusalOf({{"DELETE", MakeSet("www.example.com", "A", {"192.0.2.2", "192.0.2.1"})}}), "");
}

TEST_F(ChangeBatchTest, TellsAllThatIsWrong) {
  EXPECT_EQ(RefusalOf({{"DELETE", www_}, {"CREATE", MakeSet("www.example.org", "A", {"192.0.2.1"})}}),
            "[Tried to delete resource record set [name='www.example.com.', type='A'] but it was not found, "
            "RRSet with DNS name www.example.org. is not permitted in zone example.com.]");
}

TEST_F(ChangeBatchTest, LetsACanonicalNameStandAlone) {
  EXPECT_TRUE(Create(www_).ok());
  EXPECT_EQ(RefusalOfCreating(MakeSet("www.example.com", "CNAME", {"example.org"})),
            "[RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records "
            "with the same DNS name in zone example.com.]");
  EXPECT_TRUE(Create(MakeSet("c.example.com", "CNAME", {"example.org"})).ok());
  EXPECT_EQ(RefusalOfCreating(MakeSet("c.example.com", "TXT", {"\"t\""})),
            "[RRSet of type TXT with DNS name c.example.com. is not permitted as it conflicts with other records with "
            "the same DNS name in zone example.com.]");
  // In one batch one may take the other's place, in either order.
  EXPECT_EQ(RefusalOf({{"CREATE", MakeSet("www.example.com", "CNAME", {"example.org"})}, {"DELETE", www_}}), "");
}

TEST_F(ChangeBatchTest, KeepsTheApexWhole) {
  EXPECT_EQ(RefusalOfCreating(MakeSet("example.com", "CNAME", {"example.org"})),
            "[RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]");
  const auto& ns = sets_.at({"com.example.", "NS"});
  EXPECT_EQ(RefusalOf({{"DELETE", ToModel(ns)}}),
            "[A HostedZone must contain at least one NS record for the zone itself.]");
  EXPECT_EQ(RefusalOf({{"DELETE", ToModel(sets_.at({"com.example.", "SOA"}))}}),
            "[A HostedZone must contain exactly one SOA record.]");
  EXPECT_EQ(RefusalOfCreating(MakeSet("a.example.com", "SOA", {"a. b. 1 2 3 4 5"})),
            "[RRSet of type SOA with DNS name a.example.com. is not permitted below the apex of zone example.com.]");
}

TEST_F(ChangeBatchTest, RefusesValuesThatAreNotOfTheType) {
  EXPECT_EQ(RefusalOfCreating(MakeSet("a.example.com", "A", {"192.0.2"})),
            "[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) "
            "encountered with '192.0.2'']");
  EXPECT_EQ(RefusalOfCreating(MakeSet("a.example.com", "TXT", {"bare"})),
            "[Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation "
            "marks) encountered with 'bare'']");
  EXPECT_EQ(RefusalOfCreating(MakeSet("a.example.com", "A", {"192.0.2.1", "192.0.2.1"})),
            "[Duplicate Resource Record: '192.0.2.1']");
  EXPECT_EQ(RefusalOfCreating(MakeSet("a.example.com", "CNAME", {"b.example.com", "c.example.com"})),
            "[RRSet of type CNAME with DNS name a.example.com. has more than one value]");
}

TEST_F(ChangeBatchTest, RefusesNamesThatAreNone) {
  EXPECT_EQ(RefusalOfCreating(MakeSet("a..example.com", "A", {"192.0.2.1"})),
            "[FATAL problem: DomainLabelEmpty (Domain label is empty or malformed) encountered with 'a..example.com']");
  EXPECT_NE(RefusalOfCreating(MakeSet("*.example.com", "NS", {"ns.example.org"})), "");
}

TEST_F(ChangeBatchTest, NeedsValuesWithTheirTtlOrAnAlias) {
  ResourceRecordSet set = www_;
  set.ttl.reset();
  Status refused = Create(set);
  EXPECT_EQ(NameOf(refused), kInvalidInput);
  EXPECT_EQ(refused.error().detail,
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
            "TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=www.example.com, Type=A, "
            "SetIdentifier=null]");
  set = MakeAlias("www.example.com", "A", "ZDISTRIBUTIONS", "d1.cloudfront.localhost");
  set.ttl = 60;
  EXPECT_EQ(NameOf(Create(set)), kInvalidInput);
}

TEST_F(ChangeBatchTest, ServesSimpleRoutingAlone) {
  ResourceRecordSet weighted = www_;
  weighted.set_identifier = "blue";
  weighted.weight = 10;
  EXPECT_EQ(NameOf(Create(weighted)), kInvalidInput);
  ResourceRecordSet checked = www_;
  checked.health_check_id = "abc";
  EXPECT_EQ(NameOf(Create(checked)), kNoSuchHealthCheck);
  EXPECT_EQ(NameOf(Create(MakeSet("a.example.com", "NAPTR", {"x"}))), kInvalidInput);
}

TEST_F(ChangeBatchTest, AliasesPointIntoServicesZones) {
  EXPECT_EQ(RefusalOfCreating(MakeAlias("example.com", "A", "ZDISTRIBUTIONS", "d1.cloudfront.localhost")), "");
  EXPECT_EQ(RefusalOfCreating(MakeAlias("b.example.com", "A", "ZDISTRIBUTIONS", "d1.example.org")),
            "[Tried to create an alias that targets d1.example.org., type A in zone ZDISTRIBUTIONS, but the alias "
            "target name does not lie within the target zone]");
  EXPECT_NE(RefusalOfCreating(MakeAlias("b.example.com", "A", "ZUNKNOWN", "d1.cloudfront.localhost")), "");
  EXPECT_NE(RefusalOfCreating(MakeAlias("b.example.com", "TXT", "ZDISTRIBUTIONS", "d1.cloudfront.localhost")), "");
}

TEST_F(ChangeBatchTest, AliasesPointToRecordsOfTheirZone) {
  EXPECT_TRUE(Create(www_).ok());
  EXPECT_EQ(RefusalOfCreating(MakeAlias("a.example.com", "A", "ZONE", "www.example.com")), "");
  EXPECT_EQ(RefusalOfCreating(MakeAlias("b.example.com", "AAAA", "ZONE", "www.example.com")),
            "[Tried to create an alias that targets www.example.com., type AAAA in zone ZONE, but that target was not "
            "found]");
  EXPECT_EQ(RefusalOfCreating(MakeAlias("b.example.com", "A", "ZONE", "www.example.org")),
            "[Tried to create an alias that targets www.example.org., type A in zone ZONE, but the alias target name "
            "does not lie within the target zone]");
}

TEST_F(ChangeBatchTest, RefusesAliasesInACircle) {
  const std::string to_itself = RefusalOfCreating(MakeAlias("a.example.com", "A", "ZONE", "a.example.com"));
  EXPECT_EQ(to_itself,
            "[Tried to create an alias that targets a.example.com., type A in zone ZONE, but that would make an alias "
            "circular]");
  EXPECT_NE(RefusalOf({{"CREATE", MakeAlias("a.example.com", "A", "ZONE", "b.example.com")},
                       {"CREATE", MakeAlias("b.example.com", "A", "ZONE", "a.example.com")}}),
            "");
}

TEST_F(ChangeBatchTest, TakesSoManyValuesAndNoMore) {
  std::vector<Change> changes;
  for (size_t i = 0; i < kBatchRecordsMax / 2; ++i) {
    changes.push_back({"UPSERT", MakeSet("h" + std::to_string(i) + ".example.com", "A", {"192.0.2.1"})});
  }
  EXPECT_EQ(RefusalOf(changes), "");
  changes.push_back({"CREATE", MakeSet("one.example.com", "A", {"192.0.2.1"})});
  EXPECT_EQ(RefusalOf(changes), "[Number of records limit of 1000 exceeded.]");
}

TEST_F(ChangeBatchTest, BecomesWhatANameServerServes) {
  EXPECT_TRUE(Create(MakeSet("*.example.com", "TXT", {"\"a\\052b\""})).ok());
  EXPECT_TRUE(Create(MakeAlias("example.com", "A", "ZDISTRIBUTIONS", "d1.cloudfront.localhost")).ok());
  const auto zone = ToZone(zone_, sets_, nullptr);
  ASSERT_TRUE(zone.ok());
  const auto any = (*zone)->Find(dns::Name::Parse("any.example.com").value());
  ASSERT_NE(any.Find(dns::RecordType::kTxt), nullptr);
  EXPECT_EQ(any.Find(dns::RecordType::kTxt)->rdata.front(), "\3a*b");
  const auto apex = (*zone)->Find((*zone)->apex());
  ASSERT_NE(apex.Find(dns::RecordType::kA), nullptr);
  EXPECT_EQ(apex.Find(dns::RecordType::kA)->alias->ToString(), "d1.cloudfront.localhost.");
}

}  // namespace
}  // namespace meetinity::route53

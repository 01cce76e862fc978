#include "engine/dns/zone.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/dns/errors.h"
#include "engine/dns/testing/messages.h"

namespace meetinity::dns {
namespace {

using testing::MakeAlias;
using testing::MakeApex;
using testing::MakeSet;
using testing::MakeZone;

Name N(std::string_view text) { return Name::Parse(text).value(); }

std::string RefusalOf(std::vector<RecordSet> records) {
  const auto zone = Zone::Build({.apex = N("example.com"), .records = std::move(records), .resolve_alias = nullptr});
  if (zone.ok()) return "none";
  EXPECT_EQ(zone.error().name, kInvalidZone);
  return zone.error().detail;
}

std::vector<RecordSet> With(std::vector<RecordSet> more) {
  auto records = MakeApex("example.com");
  for (RecordSet& set : more) records.push_back(std::move(set));
  return records;
}

TEST(Zone, RefusesWhatWouldContradictItself) {
  EXPECT_EQ(RefusalOf(With({})), "none");
  EXPECT_EQ(RefusalOf({}), "zone example.com.: it has no start of authority");
  auto without_ns = MakeApex("example.com");
  without_ns.pop_back();
  EXPECT_EQ(RefusalOf(without_ns), "zone example.com.: it has no name servers");
  const RecordSet a = MakeSet("a.example.com", RecordType::kA, {"192.0.2.1"});
  const RecordSet cname = MakeSet("a.example.com", RecordType::kCname, {"b.example.com."});
  EXPECT_EQ(RefusalOf(With({a, a})), "zone example.com.: a.example.com. has two sets of a type");
  EXPECT_EQ(RefusalOf(With({a, cname})), "zone example.com.: a.example.com. has a CNAME beside other records");
  EXPECT_EQ(RefusalOf(With({cname, a})), "zone example.com.: a.example.com. has a CNAME beside other records");
  EXPECT_EQ(RefusalOf(With({MakeSet("a.example.com", RecordType::kCname, {"b.", "c."})})),
            "zone example.com.: a.example.com. has two canonical names");
  EXPECT_EQ(RefusalOf(With({MakeSet("a.example.org", RecordType::kA, {"192.0.2.1"})})),
            "zone example.com.: a.example.org. is outside of it");
  EXPECT_EQ(RefusalOf(With({MakeSet("a.example.com", RecordType::kA, {})})),
            "zone example.com.: a.example.com. has either values or an alias target");
  EXPECT_EQ(RefusalOf(With({MakeAlias("a.example.com", RecordType::kNs, "b.example.com")})),
            "zone example.com.: a.example.com. is an alias of a zone");
}

TEST(Zone, HoldsSoManyRecordsAndNoMore) {
  std::vector<RecordSet> sets;
  for (size_t i = 0; i < kZoneRecordsMax - 2; ++i) {
    sets.push_back(MakeSet("h" + std::to_string(i) + ".example.com", RecordType::kA, {"192.0.2.1"}));
  }
  EXPECT_EQ(RefusalOf(With(sets)), "none");
  sets.push_back(MakeSet("more.example.com", RecordType::kA, {"192.0.2.1"}));
  EXPECT_EQ(RefusalOf(With(sets)), "zone example.com.: it has too many records");
}

TEST(Zone, FindsNamesThatOnlyHaveNamesBelowThem) {
  const ZonePtr zone = MakeZone("example.com", {MakeSet("a.b.example.com", RecordType::kA, {"192.0.2.1"})});
  const Finding between = zone->Find(N("b.example.com"));
  EXPECT_EQ(between.kind, Finding::Kind::kRecords);
  EXPECT_TRUE(between.sets->empty());
  EXPECT_EQ(zone->Find(N("c.example.com")).kind, Finding::Kind::kNothing);
  EXPECT_EQ(zone->Find(N("x.a.b.example.com")).kind, Finding::Kind::kNothing);
}

// The zone and the questions of RFC 4592, section 2.2.1.
TEST(Zone, SynthesisesFromWildcards) {
  const ZonePtr zone =
      MakeZone("example", {MakeSet("*.example", RecordType::kTxt, {"\"this is a wildcard\""}),
                           MakeSet("*.example", RecordType::kMx, {"10 host1.example."}),
                           MakeSet("sub.*.example", RecordType::kTxt, {"\"this is not a wildcard\""}),
                           MakeSet("host1.example", RecordType::kA, {"192.0.2.1"}),
                           MakeSet("_ssh._tcp.host1.example", RecordType::kSrv, {"0 0 22 host1.example."}),
                           MakeSet("_ssh._tcp.host2.example", RecordType::kSrv, {"0 0 22 host2.example."}),
                           MakeSet("subdel.example", RecordType::kNs, {"ns.example.com."})});
  EXPECT_NE(zone->Find(N("host3.example")).Find(RecordType::kMx), nullptr);
  EXPECT_EQ(zone->Find(N("host3.example")).Find(RecordType::kA), nullptr);
  EXPECT_NE(zone->Find(N("foo.bar.example")).Find(RecordType::kTxt), nullptr);
  EXPECT_EQ(zone->Find(N("host1.example")).Find(RecordType::kMx), nullptr);
  EXPECT_EQ(zone->Find(N("sub.*.example")).Find(RecordType::kMx), nullptr);
  EXPECT_EQ(zone->Find(N("_telnet._tcp.host1.example")).kind, Finding::Kind::kNothing);
  EXPECT_EQ(zone->Find(N("host.subdel.example")).kind, Finding::Kind::kDelegation);
  EXPECT_EQ(zone->Find(N("ghost.*.example")).kind, Finding::Kind::kNothing);
}

TEST(Zone, EndsWhereADelegationBegins) {
  const ZonePtr zone = MakeZone("example.com", {MakeSet("sub.example.com", RecordType::kNs, {"ns1.sub.example.com."}),
                                                MakeSet("ns1.sub.example.com", RecordType::kA, {"192.0.2.53"})});
  for (const std::string_view name : {"sub.example.com", "ns1.sub.example.com", "deep.down.sub.example.com"}) {
    const Finding found = zone->Find(N(name));
    EXPECT_EQ(found.kind, Finding::Kind::kDelegation) << name;
    EXPECT_NE(found.Find(RecordType::kNs), nullptr);
  }
  EXPECT_NE(zone->FindGlue(N("ns1.sub.example.com"), RecordType::kA), nullptr);
  EXPECT_EQ(zone->FindGlue(N("ns2.sub.example.com"), RecordType::kA), nullptr);
}

TEST(ZoneSet, AsksTheZoneWithTheLongestApex) {
  const ZonePtr outer = MakeZone("example.com", {});
  const ZonePtr inner = MakeZone("in.example.com", {});
  const ZoneSet zones({outer, inner, MakeZone("example.com", {})});
  EXPECT_EQ(zones.Find(N("a.in.example.com")), inner.get());
  EXPECT_EQ(zones.Find(N("win.example.com")), outer.get());
  EXPECT_EQ(zones.Find(N("example.com")), outer.get());
  EXPECT_EQ(zones.Find(N("com")), nullptr);
  EXPECT_EQ(ZoneSet().Find(N("example.com")), nullptr);
}

TEST(Zone, BoundsWhatIsBelievedOfWhatIsNotThere) { EXPECT_EQ(MakeZone("example.com", {})->negative_ttl(), 900U); }

}  // namespace
}  // namespace meetinity::dns

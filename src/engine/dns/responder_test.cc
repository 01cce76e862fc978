#include "engine/dns/responder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "engine/dns/testing/messages.h"

namespace meetinity::dns {
namespace {

using testing::Answer;
using testing::MakeAlias;
using testing::MakeSet;
using testing::MakeZone;
using testing::QueryWish;
using testing::ReadAnswer;
using testing::ToQuery;
using std::string_view_literals::operator""sv;
using Texts = std::vector<std::string>;

void ResolveBalancer(const Name& target, RecordType type, FunctionRef<void(std::string_view)> found) {
  if (target != Name::Parse("lb.elb.localhost").value()) return;
  if (type != RecordType::kA) return;
  found("\x7F\0\0\1"sv);
  found("\x7F\0\0\2"sv);
}

class ResponderTest : public ::testing::Test {
 protected:
  ResponderTest() {
    Texts many;
    for (int i = 0; i < 60; ++i) many.push_back("192.0.2." + std::to_string(i));
    zones_ =
        ZoneSet({MakeZone("example.com",
                          {MakeSet("www.example.com", RecordType::kA, {"192.0.2.1", "192.0.2.2"}),
                           MakeSet("*.wild.example.com", RecordType::kA, {"192.0.2.3"}),
                           MakeSet("many.example.com", RecordType::kA, many),
                           MakeSet("c1.example.com", RecordType::kCname, {"c2.example.com."}),
                           MakeSet("c2.example.com", RecordType::kCname, {"www.example.org."}),
                           MakeSet("dangling.example.com", RecordType::kCname, {"gone.example.com."}),
                           MakeSet("away.example.com", RecordType::kCname, {"www.elsewhere.net."}),
                           MakeSet("loop.example.com", RecordType::kCname, {"loop.example.com."}),
                           MakeSet("sub.example.com", RecordType::kNs, {"ns1.sub.example.com.", "ns.elsewhere.net."}),
                           MakeSet("ns1.sub.example.com", RecordType::kA, {"192.0.2.53"}),
                           MakeAlias("example.com", RecordType::kA, "lb.elb.localhost"),
                           MakeAlias("example.com", RecordType::kAaaa, "lb.elb.localhost"),
                           MakeAlias("inner.example.com", RecordType::kA, "www.example.com"),
                           MakeAlias("round.example.com", RecordType::kA, "round.example.com"),
                           MakeAlias("alias-cname.example.com", RecordType::kCname, "c2.example.com")},
                          ResolveBalancer),
                 MakeZone("example.org", {MakeSet("www.example.org", RecordType::kA, {"198.51.100.1"})})});
  }

  Answer Ask(const QueryWish& wish, Transport transport = Transport::kUdp) {
    const size_t size = Respond(zones_, ToQuery(wish), transport, out_);
    return ReadAnswer({out_.data(), size}).value();
  }
  Answer AskFor(const std::string& name, RecordType type = RecordType::kA) { return Ask({.name = name, .type = type}); }

  ZoneSet zones_;
  std::array<char, kTcpAnswerMax> out_{};
  const std::string soa_ = "example.com. 900 SOA ns1.example.com.";
};

TEST_F(ResponderTest, AnswersWithAuthority) {
  const Answer answer = AskFor("www.example.com");
  EXPECT_EQ(answer.id, 0x1234);
  EXPECT_EQ(answer.flags, 0x8500);  // a response, authoritative, recursion was desired
  EXPECT_EQ(answer.answers(), (Texts{"www.example.com. 300 A 192.0.2.1", "www.example.com. 300 A 192.0.2.2"}));
  EXPECT_FALSE(answer.has_edns);
}

TEST_F(ResponderTest, EchoesTheQuestionAsItCame) {
  std::string query = ToQuery({});
  query[13] = 'W';
  const size_t size = Respond(zones_, query, Transport::kUdp, out_);
  EXPECT_EQ(std::string_view(out_.data() + 12, query.size() - 12), query.substr(12));
  EXPECT_EQ(ReadAnswer({out_.data(), size})->answers().size(), 2U);
}

TEST_F(ResponderTest, TellsWhatIsNotThereFromWhatIsNotOfTheType) {
  const Answer no_name = AskFor("gone.example.com");
  EXPECT_EQ(no_name.code, 3);
  EXPECT_EQ(no_name.authorities(), Texts{soa_});
  const Answer no_data = AskFor("www.example.com", RecordType::kAaaa);
  EXPECT_EQ(no_data.code, 0);
  EXPECT_EQ(no_data.authorities(), Texts{soa_});
  EXPECT_TRUE(no_data.answers().empty());
  EXPECT_EQ(AskFor("wild.example.com").code, 0);  // has a name below it
}

TEST_F(ResponderTest, AnswersForWildcardsUnderTheNameAskedFor) {
  EXPECT_EQ(AskFor("a.b.wild.example.com").answers(), Texts{"a.b.wild.example.com. 300 A 192.0.2.3"});
}

TEST_F(ResponderTest, FollowsCanonicalNamesThroughItsZones) {
  EXPECT_EQ(AskFor("c1.example.com").answers(),
            (Texts{"c1.example.com. 300 CNAME c2.example.com.", "c2.example.com. 300 CNAME www.example.org.",
                   "www.example.org. 300 A 198.51.100.1"}));
  EXPECT_EQ(AskFor("c1.example.com", RecordType::kCname).answers(), Texts{"c1.example.com. 300 CNAME c2.example.com."});
  const Answer away = AskFor("away.example.com");
  EXPECT_EQ(away.code, 0);
  EXPECT_EQ(away.answers(), Texts{"away.example.com. 300 CNAME www.elsewhere.net."});
}

// RFC 2308, section 2.1: the code speaks of the last name.
TEST_F(ResponderTest, SaysThatACanonicalNameIsNotThere) {
  const Answer answer = AskFor("dangling.example.com");
  EXPECT_EQ(answer.code, 3);
  EXPECT_EQ(answer.answers(), Texts{"dangling.example.com. 300 CNAME gone.example.com."});
  EXPECT_EQ(answer.authorities(), Texts{soa_});
}

TEST_F(ResponderTest, EndsAChainOfCanonicalNames) {
  const Answer answer = Ask({.name = "loop.example.com"}, Transport::kTcp);
  EXPECT_EQ(answer.answers().size(), static_cast<size_t>(kChainMax) + 1);
}

TEST_F(ResponderTest, RefersToWhoServesADelegation) {
  const Answer answer = AskFor("www.sub.example.com");
  EXPECT_EQ(answer.code, 0);
  EXPECT_FALSE(answer.authoritative());
  EXPECT_EQ(answer.authorities(),
            (Texts{"sub.example.com. 300 NS ns1.sub.example.com.", "sub.example.com. 300 NS ns.elsewhere.net."}));
  EXPECT_EQ(answer.additionals(), Texts{"ns1.sub.example.com. 300 A 192.0.2.53"});
}

TEST_F(ResponderTest, ResolvesAliasesUnderTheirOwnName) {
  EXPECT_EQ(AskFor("example.com").answers(), (Texts{"example.com. 60 A 127.0.0.1", "example.com. 60 A 127.0.0.2"}));
  EXPECT_EQ(AskFor("inner.example.com").answers(),
            (Texts{"inner.example.com. 300 A 192.0.2.1", "inner.example.com. 300 A 192.0.2.2"}));
  EXPECT_EQ(AskFor("alias-cname.example.com").answers(),
            (Texts{"alias-cname.example.com. 300 CNAME www.example.org.", "www.example.org. 300 A 198.51.100.1"}));
}

TEST_F(ResponderTest, SaysThatAnAliasHasNothing) {
  for (const Answer& answer : {AskFor("example.com", RecordType::kAaaa), AskFor("round.example.com")}) {
    EXPECT_EQ(answer.code, 0);
    EXPECT_TRUE(answer.answers().empty());
    EXPECT_EQ(answer.authorities(), Texts{soa_});
  }
}

TEST_F(ResponderTest, RefusesForeignNames) {
  const Answer answer = AskFor("www.elsewhere.net");
  EXPECT_EQ(answer.code, 5);
  EXPECT_FALSE(answer.authoritative());
  EXPECT_EQ(answer.question, "www.elsewhere.net.");
  EXPECT_EQ(Ask({.record_class = 3}).code, 5);
  EXPECT_EQ(AskFor("example.com", RecordType::kAxfr).code, 5);
}

TEST_F(ResponderTest, SaysWhatItDoesNotUnderstand) {
  EXPECT_EQ(Ask({.flags = 0x2000}).code, 4);  // NOTIFY
  EXPECT_EQ(AskFor("www.example.com", RecordType::kMaila).code, 4);
  const Answer version = Ask({.udp_bytes = 1232, .edns_version = 1});
  EXPECT_EQ(version.code, 16);
  EXPECT_TRUE(version.answers().empty());
  EXPECT_EQ(Respond(zones_, "short", Transport::kUdp, out_), 0U);
  const size_t size = Respond(zones_, ToQuery({}) + "trailing", Transport::kUdp, out_);
  EXPECT_EQ(ReadAnswer({out_.data(), size})->code, 1);
}

TEST_F(ResponderTest, AnswersAnyWithOneSet) {
  EXPECT_EQ(AskFor("example.com", RecordType::kAny).answers(), Texts{"example.com. 900 SOA ns1.example.com."});
}

TEST_F(ResponderTest, TruncatesWhatADatagramCannotHold) {
  const Answer small = AskFor("many.example.com");
  EXPECT_TRUE(small.truncated());
  EXPECT_TRUE(small.answers().empty());
  const Answer large = Ask({.name = "many.example.com", .udp_bytes = 65'535});
  EXPECT_FALSE(large.truncated());
  EXPECT_EQ(large.answers().size(), 60U);
  EXPECT_TRUE(large.has_edns);
  const Answer tcp = Ask({.name = "many.example.com"}, Transport::kTcp);
  EXPECT_EQ(tcp.answers().size(), 60U);
  EXPECT_FALSE(tcp.truncated());
}

TEST_F(ResponderTest, SendsNoDatagramThatFragments) {
  for (const int udp_bytes : {1, 512, 600, 1232, 4096, 65'535}) {
    const size_t size =
        Respond(zones_, ToQuery({.name = "many.example.com", .udp_bytes = udp_bytes}), Transport::kUdp, out_);
    EXPECT_LE(size, std::clamp<size_t>(static_cast<size_t>(udp_bytes), 512, 1232));
  }
}

TEST_F(ResponderTest, EchoesTheWishForSignatures) {
  EXPECT_EQ(Ask({.udp_bytes = 1232, .dnssec_ok = true}).edns_ttl, 0x8000U);
  EXPECT_EQ(Ask({.udp_bytes = 1232}).edns_ttl, 0U);
}

}  // namespace
}  // namespace meetinity::dns

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aws/route53/testing_route53.h"

namespace meetinity::route53 {
namespace {

class RecordSetsTest : public Route53Test {
 protected:
  ChangeInfo Ask(const std::string& id) {
    return route53_->GetChange(Call(), GetChangeInput{.id = id.substr(8)})->change_info;
  }
  const std::string zone_ = MakeZone();
};

TEST_F(RecordSetsTest, AreInSyncWhenTheNameServerHasThem) {
  const auto change = Make(zone_, {{"CREATE", MakeSet("www.example.com", "A", {"192.0.2.1"})}});
  ASSERT_TRUE(change.ok());
  EXPECT_TRUE(change->change_info.id.starts_with("/change/C"));
  EXPECT_EQ(change->change_info.status, ChangeStatus::kPending);
  EXPECT_EQ(Ask(change->change_info.id).status, ChangeStatus::kPending);
  adopted_();
  EXPECT_EQ(Ask(change->change_info.id).status, ChangeStatus::kInsync);
}

TEST_F(RecordSetsTest, OfAnOlderSetLeaveANewerOnePending) {
  const auto older_adopted = adopted_;
  const auto change = Make(zone_, {{"CREATE", MakeSet("www.example.com", "A", {"192.0.2.1"})}});
  older_adopted();
  EXPECT_EQ(Ask(change->change_info.id).status, ChangeStatus::kPending);
  adopted_();
  older_adopted();
  EXPECT_EQ(Ask(change->change_info.id).status, ChangeStatus::kInsync);
}

TEST_F(RecordSetsTest, KnowNoChangeOfAnotherName) {
  EXPECT_EQ(NameOf(route53_->GetChange(Call(), GetChangeInput{.id = "CNONE"})), kNoSuchChange);
}

TEST_F(RecordSetsTest, ChangeAllAtOnceOrNotAtAll) {
  const auto refused = Make(zone_, {{"CREATE", MakeSet("www.example.com", "A", {"192.0.2.1"})},
                                    {"DELETE", MakeSet("gone.example.com", "A", {"192.0.2.1"})}});
  EXPECT_EQ(NameOf(refused), kInvalidChangeBatch);
  EXPECT_EQ(Listed(zone_).size(), 2U);
  EXPECT_FALSE(IsServed("www.example.com"));
  EXPECT_EQ(NameOf(Make("ZNONE", {{"CREATE", MakeSet("a.b", "A", {"192.0.2.1"})}})), kNoSuchHostedZone);
}

TEST_F(RecordSetsTest, OfTheNearestPublicZoneSayWhatItLacks) {
  const auto lacks = [&](std::string_view name, std::string_view value) {
    return *database_->Read([&](const store::ReadTx& tx) { return route53_->LacksCname(tx, name, value); });
  };
  EXPECT_TRUE(lacks("_x.www.example.com.", "_y.acm-validations.aws."));
  EXPECT_FALSE(lacks("_x.example.org.", "_y.acm-validations.aws.")) << "no zone of ours";
  EXPECT_FALSE(lacks("_x.notexample.com.", "_y.acm-validations.aws."));
  EXPECT_TRUE(Make(zone_, {{"CREATE", MakeSet("_X.www.example.com", "CNAME", {"_Y.acm-validations.aws"})},
                           {"CREATE", MakeSet("_x.sub.example.com", "CNAME", {"_y.acm-validations.aws."})}})
                  .ok());
  EXPECT_FALSE(lacks("_x.www.example.com.", "_y.acm-validations.aws."));
  EXPECT_TRUE(lacks("_x.www.example.com.", "_z.acm-validations.aws.")) << "another value";
  MakeZone("private.example.com", ToVpc(MakeVpc()));
  MakeZone("sub.example.com");
  EXPECT_TRUE(lacks("_x.sub.example.com.", "_y.acm-validations.aws.")) << "the nearer zone decides";
}

TEST_F(RecordSetsTest, AreListedByTheirLabelsFromTheRight) {
  EXPECT_TRUE(Make(zone_, {{"CREATE", MakeSet("b.example.com", "TXT", {"\"t\""})},
                           {"CREATE", MakeSet("b.example.com", "A", {"192.0.2.1"})},
                           {"CREATE", MakeSet("z.a.example.com", "A", {"192.0.2.1"})},
                           {"CREATE", MakeSet("*.example.com", "A", {"192.0.2.1"})}})
                  .ok());
  EXPECT_EQ(Listed(zone_), (std::vector<std::string>{"example.com. NS", "example.com. SOA", "\\052.example.com. A",
                                                     "z.a.example.com. A", "b.example.com. A", "b.example.com. TXT"}));
}

TEST_F(RecordSetsTest, AreListedInPagesFromANameAndType) {
  EXPECT_TRUE(Make(zone_, {{"CREATE", MakeSet("b.example.com", "TXT", {"\"t\""})},
                           {"CREATE", MakeSet("b.example.com", "A", {"192.0.2.1"})}})
                  .ok());
  ListResourceRecordSetsInput in;
  in.hosted_zone_id = zone_;
  in.max_items = "3";
  const auto first = route53_->ListResourceRecordSets(Call(), in);
  EXPECT_TRUE(first->is_truncated);
  EXPECT_EQ(first->next_record_name, "b.example.com.");
  EXPECT_EQ(first->next_record_type, "TXT");
  in.start_record_name = first->next_record_name;
  in.start_record_type = first->next_record_type;
  const auto second = route53_->ListResourceRecordSets(Call(), in);
  ASSERT_EQ(second->resource_record_sets.size(), 1U);
  EXPECT_EQ(second->resource_record_sets.front().type, "TXT");
  EXPECT_FALSE(second->is_truncated);
  in.start_record_name.reset();
  EXPECT_EQ(NameOf(route53_->ListResourceRecordSets(Call(), in)), kInvalidInput);
}

TEST_F(RecordSetsTest, AreToldAsTheyWereGiven) {
  EXPECT_TRUE(Make(zone_, {{"CREATE", MakeSet("mail.example.com", "MX", {"10 a.example.com", "20 b.example.com."})},
                           {"CREATE", MakeAlias("example.com", "A", "ZDISTRIBUTIONS", "D1.cloudfront.localhost")}})
                  .ok());
  const auto sets = List(zone_)->resource_record_sets;
  ASSERT_EQ(sets.size(), 4U);
  EXPECT_EQ(sets[0].alias_target->dns_name, "d1.cloudfront.localhost.");
  EXPECT_EQ(sets[0].alias_target->hosted_zone_id, "ZDISTRIBUTIONS");
  EXPECT_FALSE(sets[0].ttl.has_value());
  EXPECT_EQ(sets[3].resource_records->at(1).value, "20 b.example.com.");
  EXPECT_EQ(sets[3].ttl, 300);
}

}  // namespace
}  // namespace meetinity::route53

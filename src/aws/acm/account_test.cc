#include "aws/acm/errors.h"
#include "aws/acm/testing_acm.h"

namespace meetinity::acm {
namespace {

class AccountTest : public AcmTest {
 protected:
  Status Put(const std::string& token, int32_t days, const std::string& region = "us-east-1") {
    PutAccountConfigurationInput in;
    in.idempotency_token = token;
    in.expiry_events = ExpiryEventsConfiguration{.days_before_expiry = days};
    TRY(acm_->PutAccountConfiguration(Call(region), in));
    return {};
  }
  int32_t Days(const std::string& region = "us-east-1") {
    return *acm_->GetAccountConfiguration(Call(region), {})->expiry_events->days_before_expiry;
  }
};

TEST_F(AccountTest, HearsFortyFiveDaysBeforeUnlessItSaysOtherwise) {
  EXPECT_EQ(Days(), 45);
  ASSERT_TRUE(Put("a", 10).ok());
  Reopen();
  EXPECT_EQ(Days(), 10);
  EXPECT_EQ(Days("eu-west-1"), 45);  // a region's own
}

TEST_F(AccountTest, HoldsATokenToItsFirstRequestForAnHour) {
  ASSERT_TRUE(Put("a", 10).ok());
  EXPECT_TRUE(Put("a", 10).ok());
  EXPECT_EQ(Put("a", 11).error().name, kConflict);
  EXPECT_EQ(Days(), 10);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_TRUE(Put("a", 11).ok());
  EXPECT_EQ(Days(), 11);
}

}  // namespace
}  // namespace meetinity::acm

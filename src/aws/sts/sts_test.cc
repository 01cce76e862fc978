#include "aws/sts/sts.h"

#include "aws/iam/testing_iam.h"

namespace meetinity::sts {
namespace {

class StsTest : public iam::IamTest {
 protected:
  const Sts sts_{*iam_};
};

TEST_F(StsTest, TellsRootWhoItIs) {
  const auto answer = sts_.GetCallerIdentity(RootCall(), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->account, "123456789012");
  EXPECT_EQ(answer->arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(answer->user_id, "123456789012");
}

TEST_F(StsTest, RefusesWhatItWouldHaveToIgnore) {
  AssumeRoleInput in{.role_arn = "arn:aws:iam::123456789012:role/r", .role_session_name = "ci"};
  in.token_code = "123456";
  EXPECT_EQ(sts_.AssumeRole(RootCall(), in).error().name, "AccessDenied");
  in.token_code.reset();
  in.source_identity = "me";
  EXPECT_EQ(sts_.AssumeRole(RootCall(), in).error().name, "ValidationError");
}

TEST_F(StsTest, TellsTheAccountOfItsOwnKeys) {
  const iam::AccessKey key = UserWithKey("alice");
  EXPECT_EQ(sts_.GetAccessKeyInfo(RootCall(), {.access_key_id = key.access_key_id})->account, "123456789012");
  EXPECT_EQ(sts_.GetAccessKeyInfo(RootCall(), {.access_key_id = "AKIAIOSFODNN7EXAMPLE"}).error().name,
            "ValidationError");
}

}  // namespace
}  // namespace meetinity::sts

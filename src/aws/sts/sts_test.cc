#include "aws/sts/sts.h"

#include <gtest/gtest.h>

namespace meetinity::sts {
namespace {

TEST(Sts, TellsRootWhoItIs) {
  wire::Call call;
  call.principal.kind = wire::PrincipalKind::kRoot;
  call.principal.account = "123456789012";
  call.principal.arn = "arn:aws:iam::123456789012:root";
  call.principal.unique_id = "123456789012";
  const auto answer = Sts().GetCallerIdentity(call, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->account, "123456789012");
  EXPECT_EQ(answer->arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(answer->user_id, "123456789012");
}

}  // namespace
}  // namespace meetinity::sts

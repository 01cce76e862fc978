#include <gtest/gtest.h>

#include "aws/ec2/errors.h"
#include "aws/ec2_model.h"

namespace meetinity::ec2 {
namespace {

TEST(Ec2Errors, EveryRefusalHasItsStatus) {
  for (const std::string_view name : kRefusals) {
    const wire::ErrorShape* shape = Model().FindError(name);
    ASSERT_NE(shape, nullptr) << name;
    EXPECT_EQ(shape->status, name == kDryRunOperation ? 412 : 400) << name;
  }
}

}  // namespace
}  // namespace meetinity::ec2

#include <gtest/gtest.h>

#include <algorithm>

#include "aws/route53/errors.h"
#include "aws/route53_model.h"

namespace meetinity::route53 {
namespace {

TEST(Route53Errors, AreInTheModel) {
  for (const std::string_view name : kModeled) {
    EXPECT_TRUE(std::any_of(Model().errors.begin(), Model().errors.end(), [&](const wire::ErrorShape& error) {
      return error.shape == name;
    })) << name;
  }
}

}  // namespace
}  // namespace meetinity::route53

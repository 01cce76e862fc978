#include <gtest/gtest.h>

#include <algorithm>

#include "aws/acm/errors.h"
#include "aws/acm_model.h"

namespace meetinity::acm {
namespace {

TEST(AcmErrors, AreInTheModel) {
  for (const std::string_view name : kModeled) {
    EXPECT_TRUE(std::any_of(Model().errors.begin(), Model().errors.end(), [&](const wire::ErrorShape& error) {
      return error.shape == name;
    })) << name;
  }
}

}  // namespace
}  // namespace meetinity::acm

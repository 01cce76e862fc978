#include <gtest/gtest.h>

#include <algorithm>

#include "aws/iam/errors.h"
#include "aws/iam_model.h"
#include "wire/service.h"

namespace meetinity::iam {
namespace {

TEST(IamErrors, AreInTheModel) {
  for (const std::string_view name : kModeled) {
    EXPECT_TRUE(std::any_of(Model().errors.begin(), Model().errors.end(), [&](const wire::ErrorShape& error) {
      return error.shape == name;
    })) << name;
  }
}

}  // namespace
}  // namespace meetinity::iam

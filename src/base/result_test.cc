#include "base/result.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace meetinity {
namespace {

constexpr std::string_view kOdd = "Odd";

Result<int> Half(int number) {
  if (number % 2 != 0) return Error{Kind::kInvalid, kOdd, "it is odd"};
  return number / 2;
}

Result<int> Apply(const std::function<Result<int>(int)>& function, int number) { return function(number); }

Result<int> Quarter(int number) {
  return TRY(Apply([](int n) -> Result<int> { return TRY(Half(n)); }, TRY(Half(number))));
}

TEST(Try, NestsWithinALambda) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).error().name, kOdd);
  EXPECT_EQ(Quarter(7).error().name, kOdd);
}

TEST(Try, PassesOnWhatCannotBeCopied) {
  const auto twice = [](bool fail) -> Result<std::unique_ptr<int>> {
    const auto make = [&]() -> Result<std::unique_ptr<int>> {
      if (fail) return Internal("broken");
      return std::make_unique<int>(4);
    };
    std::unique_ptr<int> value = TRY(make());
    *value *= 2;
    return value;
  };
  EXPECT_EQ(**twice(false), 8);
  EXPECT_EQ(twice(true).error().kind, Kind::kInternal);
}

TEST(Try, WorksWithoutAValue) {
  const auto check = [](bool fail) -> Status {
    if (fail) return Internal("broken");
    return {};
  };
  const auto both = [&](bool a, bool b) -> Status {
    TRY(check(a));
    TRY(check(b));
    return {};
  };
  EXPECT_TRUE(both(false, false).ok());
  EXPECT_FALSE(both(false, true).ok());
}

TEST(Result, StopsTheProcessWhenAskedForWhatIsNotThere) {
  const Result<int> failed = Internal("broken");
  EXPECT_DEATH((void)failed.value(), "CHECK failed");
  const Result<int> fine = 1;
  EXPECT_DEATH((void)fine.error(), "CHECK failed");
}

TEST(Error, CarriesFields) {
  const Error error = Internal("x").With("BucketName", "b").With("Key", "k");
  ASSERT_EQ(error.fields.size(), 2U);
  EXPECT_EQ(error.fields[1].value, "k");
  EXPECT_EQ(ToString(error.kind), "internal");
}

}  // namespace
}  // namespace meetinity

#include "base/function_ref.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace meetinity {
namespace {

int Twice(FunctionRef<int(int)> function) { return function(1) + function(2); }

TEST(FunctionRef, CallsWhatItRefersTo) {
  int calls = 0;
  EXPECT_EQ(Twice([&](int number) {
              ++calls;
              return number * 10;
            }),
            30);
  EXPECT_EQ(calls, 2);
}

TEST(FunctionRef, KeepsConstAndState) {
  const auto add = [](int number) { return number + 1; };
  EXPECT_EQ(Twice(add), 5);
  auto count = [calls = 0](int) mutable { return ++calls; };
  EXPECT_EQ(Twice(count), 3);
  EXPECT_EQ(count(0), 3);  // it was called, not a copy of it
}

TEST(FunctionRef, PassesOnWhatCannotBeCopied) {
  const auto length = [](FunctionRef<size_t(std::unique_ptr<std::string>)> function) {
    return function(std::make_unique<std::string>("four"));
  };
  EXPECT_EQ(length([](std::unique_ptr<std::string> text) { return text->size(); }), 4U);
}

}  // namespace
}  // namespace meetinity

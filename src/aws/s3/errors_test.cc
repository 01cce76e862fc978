#include "aws/s3/errors.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "aws/s3_model.h"

namespace meetinity::s3 {
namespace {

TEST(Errors, AreAllKnownToTheModelOrTheListBesideIt) {
  std::ifstream file("src/aws/s3/errors.h");
  ASSERT_TRUE(file) << "run from the source folder";
  const std::regex definition(R"re(string_view k\w+ = "(\w+)";)re");
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, definition)) continue;
    ++count;
    EXPECT_NE(Model().FindError(match[1].str()), nullptr) << match[1];
  }
  EXPECT_GT(count, 40);
}

TEST(Errors, HaveTheStatusesThatClientsExpect) {
  const std::pair<std::string_view, int> expected[] = {{kNoSuchKey, 404},
                                                       {kNoSuchBucket, 404},
                                                       {kNoSuchUpload, 404},
                                                       {kAccessDenied, 403},
                                                       {kInvalidRange, 416},
                                                       {kPreconditionFailed, 412},
                                                       {kNotModified, 304},
                                                       {kMethodNotAllowed, 405},
                                                       {kBucketNotEmpty, 409},
                                                       {kEntityTooSmall, 400},
                                                       {kNotImplemented, 501},
                                                       {kKeyTooLong, 400},
                                                       {kBucketAlreadyOwnedByYou, 409},
                                                       {kConditionalRequestConflict, 409},
                                                       {kMalformedPolicy, 400}};
  for (const auto& [name, status] : expected) {
    const wire::ErrorShape* error = Model().FindError(name);
    ASSERT_NE(error, nullptr) << name;
    EXPECT_EQ(error->status, status) << name;
  }
}

}  // namespace
}  // namespace meetinity::s3

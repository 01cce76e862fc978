#include "engine/edge/request_path.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace meetinity::edge {
namespace {

std::string Normalized(std::string_view path) {
  std::string normalized;
  switch (NormalizePath(path, normalized)) {
    case PathVerdict::kAsSent:
      return std::string(path);
    case PathVerdict::kNormalized:
      return normalized;
    case PathVerdict::kAboveRoot:
      return "above root";
  }
  return "";
}

TEST(RequestPath, KeepsCanonicalPathsAndEscapesAsSent) {
  EXPECT_EQ(Normalized("/"), "/");
  EXPECT_EQ(Normalized("/a//b/"), "/a//b/");
  EXPECT_EQ(Normalized("/a%2f%2E%2e/b"), "/a%2f%2E%2e/b");
  EXPECT_EQ(Normalized("/.well-known/x"), "/.well-known/x");
  EXPECT_EQ(Normalized("/a/...b"), "/a/...b");
}

TEST(RequestPath, ResolvesDotSegments) {
  EXPECT_EQ(Normalized("/a/./b"), "/a/b");
  EXPECT_EQ(Normalized("/a/../b"), "/b");
  EXPECT_EQ(Normalized("/a/b/.."), "/a/");
  EXPECT_EQ(Normalized("/a/."), "/a/");
  EXPECT_EQ(Normalized("/a/.."), "/");
  EXPECT_EQ(Normalized("/./"), "/");
}

TEST(RequestPath, RefusesToClimbAboveTheRoot) {
  EXPECT_EQ(Normalized("/.."), "above root");
  EXPECT_EQ(Normalized("/a/../../etc/passwd"), "above root");
}

TEST(RequestPath, EncodesWhatNoUriHolds) {
  EXPECT_EQ(Normalized("/caf\xc3\xa9"), "/caf%C3%A9");
  EXPECT_EQ(Normalized("/a\"<b>"), "/a%22%3Cb%3E");
}

TEST(RequestPath, PatternsMatchWithOrWithoutTheLeadingSlash) {
  EXPECT_TRUE(MatchesWildcard(CanonicalPattern("*.jpg"), "/a/b.jpg"));
  EXPECT_TRUE(MatchesWildcard(CanonicalPattern("images/?.png"), "/images/1.png"));
  EXPECT_TRUE(MatchesWildcard(CanonicalPattern("/images/*"), "/images/a/b"));
  EXPECT_FALSE(MatchesWildcard(CanonicalPattern("images/*"), "/Images/a"));
}

}  // namespace
}  // namespace meetinity::edge

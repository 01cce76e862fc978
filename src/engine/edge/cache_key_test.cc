#include "engine/edge/cache_key.h"

#include <gtest/gtest.h>

#include "engine/edge/selection.h"

namespace meetinity::edge {
namespace {

CachePolicy BothEncodings() {
  CachePolicy policy;
  policy.accept_encoding_gzip = policy.accept_encoding_brotli = true;
  return policy;
}

CacheKey KeyOf(const KeyParts& parts, const CachePolicy& policy) {
  CacheKey key;
  key.Compose(parts, policy);
  return key;
}

KeyParts Get(std::string_view path, std::string_view query = {}) {
  return {.site_number = 7, .path = path, .query = query, .has_query = !query.empty()};
}

TEST(AcceptEncoding, IsReducedToWhatBothSidesSupport) {
  const CachePolicy policy = BothEncodings();
  EXPECT_EQ(ReduceAcceptEncoding("gzip, deflate, br", policy).ToHeader(), "br,gzip");
  EXPECT_EQ(ReduceAcceptEncoding("br;q=1.0", policy).ToHeader(), "br");
  EXPECT_EQ(ReduceAcceptEncoding("GZIP", policy).ToHeader(), "gzip");
  EXPECT_EQ(ReduceAcceptEncoding("gzip;q=0, br;q=0.0", policy).ToHeader(), "");
  EXPECT_EQ(ReduceAcceptEncoding("*, br;q=0", policy).ToHeader(), "gzip");
  EXPECT_EQ(ReduceAcceptEncoding("deflate", policy).ToHeader(), "");
  EXPECT_EQ(ReduceAcceptEncoding("gzip, br", CachePolicy{}).ToHeader(), "");
}

TEST(CacheKey, SeparatesDistributionsAndOptionsButNotHead) {
  const CachePolicy policy;
  KeyParts other = Get("/a");
  EXPECT_EQ(KeyOf(Get("/a"), policy).bytes(), KeyOf(other, policy).bytes());
  other.site_number = 8;
  EXPECT_NE(KeyOf(Get("/a"), policy).bytes(), KeyOf(other, policy).bytes());
  other = Get("/a");
  other.is_options = true;
  EXPECT_NE(KeyOf(Get("/a"), policy).bytes(), KeyOf(other, policy).bytes());
  EXPECT_NE(KeyOf(Get("/a"), policy).bytes(), KeyOf(Get("/A"), policy).bytes());
}

TEST(CacheKey, DropsTheQueryUnlessThePolicyWantsIt) {
  CachePolicy policy;
  EXPECT_EQ(KeyOf(Get("/a", "x=1"), policy).target(), "/a");
  policy.queries = {Selection::kAll, {}};
  EXPECT_EQ(KeyOf(Get("/a", "b=2&a=1"), policy).target(), "/a?b=2&a=1");
  policy.queries = {Selection::kWhitelist, {"a", "c"}};
  EXPECT_EQ(KeyOf(Get("/a", "b=2&a=1&c"), policy).target(), "/a?a=1&c");
  EXPECT_EQ(KeyOf(Get("/a", "b=2"), policy).target(), "/a");
  policy.queries = {Selection::kAllExcept, {"b"}};
  EXPECT_EQ(KeyOf(Get("/a", "b=2&a=1"), policy).target(), "/a?a=1");
}

TEST(CacheKey, HoldsChosenHeadersAndCookiesInOneOrder) {
  CachePolicy policy;
  policy.headers = {Selection::kWhitelist, {"host", "x-lang"}};
  policy.cookies = {Selection::kWhitelist, {"a", "b"}};
  const std::vector<net::HeaderView> one = {{"x-lang", "fr"}, {"cookie", "b=2; track=9; a=1"}};
  const std::vector<net::HeaderView> two = {{"cookie", "a=1;b=2;track=10"}, {"x-lang", "fr"}, {"accept", "*/*"}};
  KeyParts parts = Get("/a");
  parts.authority = "Example.org";
  parts.headers = one;
  const CacheKey first = KeyOf(parts, policy);
  parts.authority = "example.org";
  parts.headers = two;
  EXPECT_EQ(first.bytes(), KeyOf(parts, policy).bytes());
  EXPECT_EQ(first.hash(), KeyOf(parts, policy).hash());
  parts.headers = std::span(two).first(1);
  EXPECT_NE(first.bytes(), KeyOf(parts, policy).bytes());
}

TEST(Selection, LetsThroughWhatEitherPolicyWants) {
  std::string query;
  EXPECT_TRUE(
      AppendSelectedQuery("a=1&b=2&c=3", true, {Selection::kWhitelist, {"a"}}, {Selection::kWhitelist, {"c"}}, query));
  EXPECT_EQ(query, "a=1&c=3");
}

}  // namespace
}  // namespace meetinity::edge

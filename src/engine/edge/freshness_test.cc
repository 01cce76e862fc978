#include "engine/edge/freshness.h"

#include <gtest/gtest.h>

namespace meetinity::edge {
namespace {

using namespace std::chrono_literals;

const Instant kNow = Instant::FromUnixSeconds(1'704'067'200);
constexpr Duration kErrorMinTtl = 10s;

AnswerTraits Answer(int status, std::string_view cache_control = {}) {
  AnswerTraits answer;
  answer.status = status;
  answer.cache_control.Parse(cache_control);
  return answer;
}

CachePolicy Policy(Duration min, Duration normal, Duration max) {
  CachePolicy policy;
  policy.min_ttl = min;
  policy.default_ttl = normal;
  policy.max_ttl = max;
  return policy;
}

Duration Ttl(const AnswerTraits& answer, const CachePolicy& policy) {
  return JudgeLifetime(answer, policy, kErrorMinTtl, kNow).ttl;
}

TEST(CacheControl, TakesTheFirstOfARepeatedDirectiveAndAddsUpFields) {
  CacheControl control;
  control.Parse("max-age=5, Max-Age=9 , PUBLIC");
  control.Parse("no-transform, s-maxage=\"7\"");
  EXPECT_EQ(control.max_age, 5s);
  EXPECT_EQ(control.s_maxage, 7s);
  EXPECT_TRUE(control.no_transform);
  EXPECT_FALSE(control.no_store);
}

TEST(CacheControl, ReadsNonsenseAsZeroAndHugeAsTheMaximum) {
  CacheControl control;
  control.Parse("max-age=-1, s-maxage=99999999999999999999999");
  EXPECT_EQ(control.max_age, Duration::zero());
  EXPECT_EQ(control.s_maxage, kLifetimeMax);
}

TEST(Freshness, ClampsTheOriginsWordBetweenMinAndMax) {
  const CachePolicy policy = Policy(10s, 100s, 1000s);
  EXPECT_EQ(Ttl(Answer(200, "max-age=50"), policy), 50s);
  EXPECT_EQ(Ttl(Answer(200, "max-age=5"), policy), 10s);
  EXPECT_EQ(Ttl(Answer(200, "max-age=5000"), policy), 1000s);
  EXPECT_EQ(Ttl(Answer(200, "max-age=50, s-maxage=60"), policy), 60s);
}

TEST(Freshness, MaxAgeBeatsExpires) {
  AnswerTraits answer = Answer(200, "max-age=50");
  answer.expires = kNow + 70s;
  EXPECT_EQ(Ttl(answer, Policy(0s, 1s, 1000s)), 50s);
  answer.cache_control = {};
  EXPECT_EQ(Ttl(answer, Policy(0s, 1s, 1000s)), 70s);
  answer.expires = kNow - 70s;
  EXPECT_EQ(Ttl(answer, Policy(0s, 1s, 1000s)), 0s);
}

TEST(Freshness, UsesTheDefaultOnlyWhenTheOriginIsSilent) {
  EXPECT_EQ(Ttl(Answer(200), Policy(0s, 100s, 1000s)), 100s);
  EXPECT_EQ(Ttl(Answer(200, "public"), Policy(200s, 100s, 1000s)), 200s);
}

TEST(Freshness, NoStoreLivesForTheMinimum) {
  EXPECT_EQ(Ttl(Answer(200, "no-store"), Policy(1s, 100s, 1000s)), 1s);
  EXPECT_TRUE(JudgeLifetime(Answer(200, "private"), Policy(1s, 100s, 1000s), kErrorMinTtl, kNow).storable);
  EXPECT_FALSE(JudgeLifetime(Answer(200, "no-store"), Policy(0s, 100s, 1000s), kErrorMinTtl, kNow).storable);
}

TEST(Freshness, KeepsWhatCanBeRevalidated) {
  AnswerTraits answer = Answer(200, "no-cache");
  EXPECT_FALSE(JudgeLifetime(answer, Policy(0s, 100s, 1000s), kErrorMinTtl, kNow).storable);
  answer.has_validator = true;
  const Lifetime lifetime = JudgeLifetime(answer, Policy(0s, 100s, 1000s), kErrorMinTtl, kNow);
  EXPECT_TRUE(lifetime.storable);
  EXPECT_EQ(lifetime.ttl, 0s);
}

TEST(Freshness, CachesErrorsByTheirTables) {
  const CachePolicy policy = Policy(1s, 100s, 1000s);
  for (const int status : {404, 414, 500, 501, 502, 503, 504}) EXPECT_EQ(Ttl(Answer(status), policy), 10s) << status;
  for (const int status : {400, 403, 405, 412, 415}) {
    EXPECT_FALSE(JudgeLifetime(Answer(status), policy, kErrorMinTtl, kNow).storable) << status;
    EXPECT_EQ(Ttl(Answer(status, "max-age=3"), policy), 10s) << status;
  }
  EXPECT_EQ(Ttl(Answer(404, "max-age=30"), policy), 30s);
  EXPECT_FALSE(JudgeLifetime(Answer(401, "max-age=30"), policy, kErrorMinTtl, kNow).storable);
  EXPECT_FALSE(JudgeLifetime(Answer(404), policy, 0s, kNow).storable);
}

TEST(Freshness, CapsStaleWindowsByTheMaximum) {
  const Lifetime lifetime = JudgeLifetime(Answer(200, "max-age=1, stale-while-revalidate=5000, stale-if-error=0"),
                                          Policy(0s, 1s, 60s), kErrorMinTtl, kNow);
  EXPECT_EQ(lifetime.stale_while_revalidate, 60s);
  EXPECT_EQ(lifetime.stale_if_error, Duration::zero());
}

TEST(Freshness, StoresNothingWhereCachingIsOff) {
  EXPECT_FALSE(JudgeLifetime(Answer(200, "max-age=50"), Policy(0s, 0s, 0s), kErrorMinTtl, kNow).storable);
  EXPECT_FALSE(JudgeLifetime(Answer(206, "max-age=50"), Policy(0s, 1s, 60s), kErrorMinTtl, kNow).storable);
}

TEST(Freshness, VaryStarIsAskedForEveryTime) {
  AnswerTraits answer = Answer(200, "max-age=50");
  answer.vary_any = true;
  EXPECT_FALSE(JudgeLifetime(answer, Policy(0s, 1s, 60s), kErrorMinTtl, kNow).storable);
  EXPECT_TRUE(JudgeLifetime(answer, Policy(1s, 1s, 60s), kErrorMinTtl, kNow).storable);
}

}  // namespace
}  // namespace meetinity::edge

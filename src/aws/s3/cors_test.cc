#include "aws/s3/cors.h"

#include "aws/s3/s3_fixture.h"

namespace meetinity::s3 {
namespace {

CORSRule Rule(std::vector<std::string> methods, std::vector<std::string> origins,
              std::optional<std::vector<std::string>> headers = std::nullopt) {
  CORSRule rule;
  rule.allowed_methods = std::move(methods);
  rule.allowed_origins = std::move(origins);
  rule.allowed_headers = std::move(headers);
  return rule;
}

bool Allows(const CORSRule& rule, std::string_view origin, std::string_view method, std::string_view headers = "") {
  return FindCorsRule({rule}, origin, method, headers) != nullptr;
}

std::string HeaderIn(const std::vector<wire::CrossOriginHeader>& headers, std::string_view name) {
  for (const auto& header : headers)
    if (header.name == name) return header.value;
  return "";
}

TEST(Cors, ComparesOriginsWithOneWildcardAndTheirCase) {
  EXPECT_TRUE(Allows(Rule({"GET"}, {"*"}), "https://any.test", "GET"));
  EXPECT_TRUE(Allows(Rule({"GET"}, {"https://*.example.com"}), "https://www.example.com", "GET"));
  EXPECT_FALSE(Allows(Rule({"GET"}, {"https://*.example.com"}), "https://example.com", "GET"));
  EXPECT_FALSE(Allows(Rule({"GET"}, {"https://*.example.com"}), "http://www.example.com", "GET"));
  EXPECT_FALSE(Allows(Rule({"GET"}, {"https://a*a.test"}), "https://a.test", "GET"));  // the two ends do not overlap
  EXPECT_FALSE(Allows(Rule({"GET"}, {"https://a.test"}), "https://A.test", "GET"));
  EXPECT_FALSE(Allows(Rule({"GET"}, {"https://a.test"}), "https://a.test.evil", "GET"));
}

TEST(Cors, AllowsTheMethodsAndHeadersThatItNames) {
  const CORSRule rule = Rule({"PUT"}, {"*"}, {{"Content-Type", "x-amz-*"}});
  EXPECT_TRUE(Allows(rule, "https://a.test", "PUT", "content-type, X-Amz-Meta-Team"));
  EXPECT_FALSE(Allows(rule, "https://a.test", "PUT", "content-type, authorization"));
  EXPECT_FALSE(Allows(rule, "https://a.test", "GET"));
  EXPECT_TRUE(Allows(Rule({"PUT"}, {"*"}), "https://a.test", "PUT", " "));
  EXPECT_FALSE(Allows(Rule({"PUT"}, {"*"}), "https://a.test", "PUT", "content-type"));
}

TEST(Cors, TakesTheFirstRuleThatAllowsAll) {
  const std::vector<CORSRule> rules = {Rule({"GET"}, {"https://a.test"}), Rule({"GET", "PUT"}, {"*"})};
  EXPECT_EQ(FindCorsRule(rules, "https://a.test", "GET", ""), &rules[0]);
  EXPECT_EQ(FindCorsRule(rules, "https://a.test", "PUT", ""), &rules[1]);
  EXPECT_EQ(FindCorsRule(rules, "https://a.test", "DELETE", ""), nullptr);
}

TEST(Cors, NamesTheOriginAndCredentialsUnlessAnyoneMay) {
  CORSRule rule = Rule({"GET", "HEAD"}, {"https://a.test"}, {{"*"}});
  rule.expose_headers = {"ETag"};
  rule.max_age_seconds = 600;
  const auto named = CorsHeaders(rule, "https://a.test", "X-One");
  EXPECT_EQ(HeaderIn(named, "access-control-allow-origin"), "https://a.test");
  EXPECT_EQ(HeaderIn(named, "access-control-allow-credentials"), "true");
  EXPECT_EQ(HeaderIn(named, "access-control-allow-methods"), "GET, HEAD");
  EXPECT_EQ(HeaderIn(named, "access-control-allow-headers"), "x-one");
  EXPECT_EQ(HeaderIn(named, "access-control-expose-headers"), "ETag");
  EXPECT_EQ(HeaderIn(named, "access-control-max-age"), "600");
  EXPECT_EQ(HeaderIn(named, "vary"), "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  const auto anyone = CorsHeaders(Rule({"GET"}, {"*"}), "https://a.test", "");
  EXPECT_EQ(HeaderIn(anyone, "access-control-allow-origin"), "*");
  EXPECT_EQ(HeaderIn(anyone, "access-control-allow-credentials"), "");
}

class CorsSetting : public S3Test {
 protected:
  Result<PutBucketCorsOutput> Set(std::vector<CORSRule> rules) {
    PutBucketCorsInput in;
    in.bucket = kBucket;
    in.cors_configuration.cors_rules = std::move(rules);
    return s3_->PutBucketCors(Root(), in);
  }
  Result<GetBucketCorsOutput> Read() { return s3_->GetBucketCors(Root(), {.bucket = kBucket}); }
};

TEST_F(CorsSetting, IsReadBackReplacedAndDeleted) {
  EXPECT_EQ(Refusal(Read()), kNoSuchCorsConfiguration);
  CORSRule rule = Rule({"GET"}, {"https://a.test"});
  rule.id = "site";
  Must(Set({rule, Rule({"PUT"}, {"*"})}));
  const auto rules = Must(Read()).cors_rules.value();
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].id, "site");
  Must(Set({Rule({"PUT"}, {"*"})}));
  EXPECT_EQ(Must(Read()).cors_rules.value().size(), 1u);
  Must(s3_->DeleteBucketCors(Root(), {.bucket = kBucket}));
  EXPECT_EQ(Refusal(Read()), kNoSuchCorsConfiguration);
}

TEST_F(CorsSetting, RefusesWhatNoBrowserCouldUse) {
  EXPECT_EQ(Refusal(Set({})), kMalformedXml);
  EXPECT_EQ(Refusal(Set({Rule({}, {"*"})})), kMalformedXml);
  EXPECT_EQ(Refusal(Set({Rule({"GET"}, {})})), kMalformedXml);
  EXPECT_EQ(Refusal(Set({Rule({"OPTIONS"}, {"*"})})), kInvalidRequest);
  EXPECT_EQ(Refusal(Set({Rule({"GET"}, {"https://*.*.test"})})), kInvalidRequest);
  EXPECT_EQ(Refusal(Set({Rule({"GET"}, {"*"}, {{"x-*-*"}})})), kInvalidRequest);
  CORSRule exposing = Rule({"GET"}, {"*"});
  exposing.expose_headers = {"x-amz-*"};
  EXPECT_EQ(Refusal(Set({exposing})), kInvalidRequest);
  CORSRule named = Rule({"GET"}, {"*"});
  named.id = std::string(256, 'a');
  EXPECT_EQ(Refusal(Set({named})), kMalformedXml);
  EXPECT_EQ(Refusal(Set(std::vector<CORSRule>(101, Rule({"GET"}, {"*"})))), kInvalidRequest);
  EXPECT_EQ(Refusal(s3_->PutBucketCors(User(), {.bucket = kBucket, .cors_configuration = {{Rule({"GET"}, {"*"})}}})),
            kAccessDenied);
}

}  // namespace
}  // namespace meetinity::s3

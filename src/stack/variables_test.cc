#include "stack/variables.h"

#include <gtest/gtest.h>

namespace meetinity::stack {
namespace {

std::string VariablesRefusal(std::string_view text) {
  const Result<Variables> variables = ParseVariables("local.tfvars", text);
  return variables.ok() ? "accepted" : variables.error().detail;
}

TEST(Variables, FillInThePlaybooksDefaults) {
  const Result<Variables> variables = ParseVariables("local.tfvars", "");
  ASSERT_TRUE(variables.ok());
  EXPECT_EQ(variables->environment, "local");
  EXPECT_TRUE(variables->static_assets.enabled);
  EXPECT_TRUE(variables->static_assets.compress);
  EXPECT_EQ(variables->static_assets.price_class, "PriceClass_100");
  EXPECT_FALSE(variables->static_assets.min_ttl_seconds.has_value());
}

TEST(Variables, ReadTheWholeSetOfStaticAssets) {
  const Result<Variables> variables = ParseVariables("prod.tfvars", R"(
environment = "prod"
aws_region  = "eu-central-1"
tags        = { Owner = "platform" }
static_assets = {
  enabled             = true
  bucket_name         = "meetinity-prod-assets"
  domain_names        = ["assets.meetinity.example", "cdn.meetinity.example"]
  price_class         = "PriceClass_All"
  default_ttl_seconds = "3600"   # Terraform turns the text into a number, and so do we.
  max_ttl_seconds     = 86400
  min_ttl_seconds     = 1
  compress            = false
  acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  logging_bucket      = "meetinity-logs"
  minimum_protocol    = "TLSv1.2_2019"
}
)");
  ASSERT_TRUE(variables.ok()) << variables.error().detail;
  const StaticAssets& assets = variables->static_assets;
  EXPECT_EQ(assets.domain_names.size(), 2u);
  EXPECT_EQ(assets.default_ttl_seconds, 3600);
  EXPECT_EQ(assets.min_ttl_seconds, 1);
  EXPECT_FALSE(assets.compress);
  EXPECT_EQ(variables->tags.at("Owner"), "platform");
}

TEST(Variables, ReadTheNetwork) {
  EXPECT_FALSE(ParseVariables("x", "")->network.enabled);
  const Result<Variables> variables =
      ParseVariables("x", "network = {\n enabled = true\n cidr = \"10.20.0.0/20\"\n azs = 2\n}\n");
  ASSERT_TRUE(variables.ok()) << variables.error().detail;
  EXPECT_EQ(variables->network.cidr, "10.20.0.0/20");
  EXPECT_EQ(variables->network.azs, 2);
  EXPECT_EQ(variables->network.nat_gateway, "single");
  for (const char* wrong :
       {"cidr = \"10.0.0.0/24\"", "cidr = \"10.0.0.1/16\"", "cidr = \"::/20\"", "azs = 4", "nat_gateway = \"many\""}) {
    EXPECT_NE(VariablesRefusal(std::string("network = {\n ") + wrong + "\n}").find("must be"), std::string::npos)
        << wrong;
  }
}

TEST(Variables, ReadTheLoadBalancers) {
  const Variables defaults = ParseVariables("x", "").value();
  EXPECT_FALSE(defaults.alb_config.enabled);
  EXPECT_EQ(defaults.alb_config.health_check_path, "/healthz");
  EXPECT_TRUE(defaults.nlb_config.internal);
  EXPECT_EQ(defaults.nlb_config.tcp_port, 443);
  const Result<Variables> variables = ParseVariables(
      "x", "alb_config = {\n enabled = true\n http_port = 8081\n}\nnlb_config = {\n health_check_port = 9000\n}\n");
  ASSERT_TRUE(variables.ok()) << variables.error().detail;
  EXPECT_TRUE(variables->alb_config.enabled);
  EXPECT_EQ(variables->alb_config.http_port, 8081);
  EXPECT_EQ(variables->nlb_config.health_check_port, "9000");
  for (const char* wrong :
       {"alb_config = {\n idle_timeout = 0\n}", "alb_config = {\n http_port = 70000\n}",
        "nlb_config = {\n healthy_threshold = 1\n}", "nlb_config = {\n health_check_protocol = \"UDP\"\n}"}) {
    EXPECT_NE(VariablesRefusal(wrong).find("must be"), std::string::npos) << wrong;
  }
}

TEST(Variables, SuggestTheNameThatWasMeant) {
  EXPECT_EQ(VariablesRefusal("static_assets = {\n  buket_name = \"x\"\n}\n"),
            "local.tfvars:2:3: there is no variable static_assets.buket_name; did you mean static_assets.bucket_name?");
  EXPECT_EQ(VariablesRefusal("enviroment = \"x\"\n"),
            "local.tfvars:1:1: there is no variable enviroment; did you mean environment?");
}

TEST(Variables, SayWhatTypeIsRight) {
  EXPECT_EQ(VariablesRefusal("static_assets = {\n  enabled = \"maybe\"\n}\n"),
            "local.tfvars:2:13: static_assets.enabled must be true or false, not a string");
  EXPECT_EQ(VariablesRefusal("static_assets = {\n  max_ttl_seconds = 1.5\n}\n"),
            "local.tfvars:2:21: static_assets.max_ttl_seconds must be a whole number, not a number");
  EXPECT_EQ(VariablesRefusal("static_assets = {\n  domain_names = \"a\"\n}\n"),
            "local.tfvars:2:18: static_assets.domain_names must be a list of strings, not a string");
  EXPECT_EQ(VariablesRefusal("static_assets = []\n"),
            "local.tfvars:1:17: static_assets must be an object, { … }, not a list");
}

TEST(Variables, RefuseValuesThatAwsWouldRefuse) {
  EXPECT_NE(VariablesRefusal("static_assets = {\n price_class = \"cheap\"\n}").find("PriceClass_100"),
            std::string::npos);
  EXPECT_NE(VariablesRefusal("static_assets = {\n minimum_protocol = \"SSLv3\"\n}").find("TLSv1.2_2021"),
            std::string::npos);
  EXPECT_NE(VariablesRefusal("static_assets = {\n min_ttl_seconds = 10\n default_ttl_seconds = 5\n}")
                .find("local.tfvars:3:24"),
            std::string::npos);
  EXPECT_NE(VariablesRefusal("static_assets = {\n min_ttl_seconds = -1\n}").find("between 0 and"), std::string::npos);
  EXPECT_NE(VariablesRefusal("environment = \"Prod!\"").find("lower-case"), std::string::npos);
}

TEST(Variables, TakeNullForTheDefault) {
  const Result<Variables> variables = ParseVariables("x", "static_assets = {\n compress = null\n}\n");
  ASSERT_TRUE(variables.ok());
  EXPECT_TRUE(variables->static_assets.compress);
}

}  // namespace
}  // namespace meetinity::stack

#include "aws/elbv2/arns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "aws/elbv2/errors.h"
#include "aws/elbv2_model.h"

namespace meetinity::elbv2 {
namespace {

const Place kHere{"eu-west-1", "123456789012"};

TEST(Elbv2Errors, AreInTheModel) {
  for (const std::string_view name : kModeled) {
    EXPECT_TRUE(std::any_of(Model().errors.begin(), Model().errors.end(), [&](const wire::ErrorShape& error) {
      return error.shape == name;
    })) << name;
  }
}

TEST(Elbv2Arns, NameTheirParents) {
  const std::string balancer = NewLoadBalancerArn(kHere, LoadBalancerTypeEnum::kApplication, "site");
  EXPECT_TRUE(balancer.starts_with("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/site/"));
  EXPECT_TRUE(ShortNameOf(balancer).starts_with("app/site/"));
  EXPECT_EQ(ShortNameOf(balancer).size(), std::string("app/site/").size() + 16);
  const std::string listener = NewListenerArn(balancer);
  const std::string rule = NewRuleArn(listener);
  EXPECT_NE(listener.find(":listener/app/site/"), std::string::npos);
  EXPECT_NE(rule.find(":listener-rule/app/site/"), std::string::npos);
  EXPECT_EQ(LoadBalancerArnOf(listener), balancer);
  EXPECT_EQ(LoadBalancerArnOf(rule), balancer);
  EXPECT_EQ(ResourceOf(balancer).value(), Resource::kLoadBalancer);
  EXPECT_EQ(ResourceOf(listener).value(), Resource::kListener);
  EXPECT_EQ(ResourceOf(rule).value(), Resource::kRule);
  EXPECT_EQ(ResourceOf(NewTargetGroupArn(kHere, "pods")).value(), Resource::kTargetGroup);
}

TEST(Elbv2Arns, OfOtherFormAreRefused) {
  const std::string balancer = NewLoadBalancerArn(kHere, LoadBalancerTypeEnum::kNetwork, "flows");
  EXPECT_TRUE(CheckArn(balancer, Resource::kLoadBalancer).ok());
  for (const std::string& arn : {std::string(), std::string("flows"), balancer + "/x", std::string("arn:aws:s3:::site"),
                                 NewTargetGroupArn(kHere, "pods")}) {
    EXPECT_EQ(CheckArn(arn, Resource::kLoadBalancer).error().name, kValidationError) << arn;
  }
  EXPECT_EQ(ResourceOf("arn:aws:s3:::site").error().name, kValidationError);
}

TEST(Elbv2Names, AreThoseThatAwsTakes) {
  EXPECT_TRUE(CheckLoadBalancerName("a").ok());
  EXPECT_TRUE(CheckLoadBalancerName(std::string(32, 'a')).ok());
  EXPECT_TRUE(CheckTargetGroupName("internal-pods").ok());
  for (const std::string& name : {std::string(), std::string(33, 'a'), std::string("-a"), std::string("a-"),
                                  std::string("a_b"), std::string("internal-a")}) {
    EXPECT_EQ(CheckLoadBalancerName(name).error().name, kValidationError) << name;
  }
  EXPECT_EQ(CheckTargetGroupName("pods.a").error().name, kValidationError);
}

TEST(Elbv2Names, ResolveOnThisMachine) {
  const std::string web = NewLoadBalancerArn(kHere, LoadBalancerTypeEnum::kApplication, "Site");
  const std::string open = NewDnsName(web, "eu-west-1", false);
  EXPECT_TRUE(open.starts_with("site-")) << open;
  EXPECT_TRUE(open.ends_with(".eu-west-1.elb.localhost")) << open;
  EXPECT_TRUE(NewDnsName(web, "eu-west-1", true).starts_with("internal-site-"));
  const std::string flows = NewLoadBalancerArn(kHere, LoadBalancerTypeEnum::kNetwork, "flows");
  const std::string id = flows.substr(flows.size() - 16);
  EXPECT_EQ(NewDnsName(flows, "eu-west-1", true), "flows-" + id + ".elb.eu-west-1.localhost");
}

}  // namespace
}  // namespace meetinity::elbv2

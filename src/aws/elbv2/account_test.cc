#include "aws/elbv2/permissions.h"
#include "aws/elbv2/testing_elbv2.h"

namespace meetinity::elbv2 {
namespace {

class AccountTest : public Elbv2Test {
 protected:
  std::vector<Tag> TagsOf(const std::string& arn) {
    return *Must(elbv2_->DescribeTags(Call(), {.resource_arns = {arn}})).tag_descriptions->front().tags;
  }
  std::string_view AddTags(const std::string& arn, const std::vector<Tag>& tags) {
    return Refusal(elbv2_->AddTags(Call(), {.resource_arns = {arn}, .tags = tags}));
  }
};

TEST_F(AccountTest, EveryResourceHasTags) {
  const std::string group = MakePods(), balancer = MakeBalancer();
  const std::string listener = MakeListener(balancer, Forward(group));
  const std::string rule = *MakeRule(listener, 1, Path("/a"), Fixed("200")).rule_arn;
  for (const std::string& arn : {group, balancer, listener, rule}) {
    EXPECT_EQ(AddTags(arn, {Tag{"Project", "meetinity"}, Tag{"Environment", {}}}), "accepted");
    EXPECT_EQ(TagsOf(arn).size(), 2u);
    Must(elbv2_->RemoveTags(Call(), {.resource_arns = {arn}, .tag_keys = {"Environment", "none"}}));
    EXPECT_EQ(TagsOf(arn).front().value, "meetinity");
  }
}

TEST_F(AccountTest, TagsComeWithTheCreationAndGoWithTheResource) {
  CreateTargetGroupInput in = GroupInput();
  in.tags = {Tag{"Project", "meetinity"}};
  const std::string arn = *Make(in).target_group_arn;
  EXPECT_EQ(TagsOf(arn).size(), 1u);
  ASSERT_TRUE(elbv2_->DeleteTargetGroup(Call(), {.target_group_arn = arn}).ok());
  EXPECT_EQ(Refusal(elbv2_->DescribeTags(Call(), {.resource_arns = {arn}})), kTargetGroupNotFound);
}

TEST_F(AccountTest, TagsAreFiftyWithKeysOfTheirOwn) {
  const std::string arn = MakePods();
  EXPECT_EQ(AddTags(arn, {Tag{"a", "1"}, Tag{"a", "2"}}), kDuplicateTagKeys);
  EXPECT_EQ(AddTags(arn, {Tag{"aws:a", "1"}}), kValidationError);
  std::vector<Tag> many;
  for (int i = 0; i < 51; ++i) many.push_back({"key-" + std::to_string(i), {}});
  EXPECT_EQ(AddTags(arn, many), kTooManyTags);
  EXPECT_TRUE(TagsOf(arn).empty());
  many.pop_back();
  EXPECT_EQ(AddTags(arn, many), "accepted");
  EXPECT_EQ(AddTags("arn:aws:s3:::site", {Tag{"a", "1"}}), kValidationError);
}

TEST_F(AccountTest, PoliciesAreDescribedByName) {
  const auto all = *Must(elbv2_->DescribeSSLPolicies(Call(), {})).ssl_policies;
  EXPECT_GE(all.size(), 15u);
  DescribeSSLPoliciesInput in;
  in.names = {"ELBSecurityPolicy-TLS13-1-2-2021-06"};
  const SslPolicy policy = Must(elbv2_->DescribeSSLPolicies(Call(), in)).ssl_policies->front();
  EXPECT_EQ(policy.ssl_protocols, (std::vector<std::string>{"TLSv1.2", "TLSv1.3"}));
  EXPECT_EQ(policy.ciphers->front().name, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(policy.ciphers->front().priority, 1);
  in.names = {"none"};
  EXPECT_EQ(Refusal(elbv2_->DescribeSSLPolicies(Call(), in)), kSslPolicyNotFound);
}

TEST_F(AccountTest, LimitsArePaged) {
  DescribeAccountLimitsInput in;
  in.page_size = 2;
  const auto page = Must(elbv2_->DescribeAccountLimits(Call(), in));
  EXPECT_EQ(page.limits->size(), 2u);
  in.marker = page.next_marker;
  EXPECT_EQ(Must(elbv2_->DescribeAccountLimits(Call(), in)).limits->front().name, page.next_marker);
  in.marker = "none";
  EXPECT_EQ(Refusal(elbv2_->DescribeAccountLimits(Call(), in)), kValidationError);
}

TEST_F(AccountTest, OperationsAreAuthorisedOnWhatTheyAreAbout) {
  const auto resource = [&](std::string_view operation, const auto& in) {
    return SubjectOf(operation, Call(), in).resources.front();
  };
  EXPECT_EQ(resource("DescribeTargetHealth", DescribeTargetHealthInput{.target_group_arn = "a"}), "*");
  EXPECT_EQ(resource("RegisterTargets", RegisterTargetsInput{.target_group_arn = "a"}), "a");
  EXPECT_EQ(resource("CreateListener", ListenerInput("balancer", Fixed("200"))), "balancer");
  EXPECT_EQ(resource("CreateLoadBalancer", FlowInput()),
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/flows/*");
  EXPECT_EQ(resource("CreateTargetGroup", GroupInput()),
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/pods/*");
  EXPECT_EQ(
      SubjectOf("AddTags", Call(), AddTagsInput{std::vector<std::string>{"a", "b"}, {Tag{"k", "v"}}}).resources.size(),
      2u);
  CreateTargetGroupInput tagged = GroupInput();
  tagged.tags = {Tag{"k", "v"}};
  EXPECT_TRUE(SubjectOf("CreateTargetGroup", Call(), tagged).creates_tagged);
}

}  // namespace
}  // namespace meetinity::elbv2

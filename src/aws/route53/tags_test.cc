#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aws/route53/testing_route53.h"

namespace meetinity::route53 {
namespace {

class ZoneTagsTest : public Route53Test {
 protected:
  Result<ChangeTagsForResourceOutput> Tagged(std::vector<Tag> add) {
    ChangeTagsForResourceInput in;
    in.resource_type = "hostedzone";
    in.resource_id = zone_;
    in.add_tags = std::move(add);
    return route53_->ChangeTagsForResource(Call(), in);
  }
  std::vector<std::string> Tags() {
    ListTagsForResourceInput in;
    in.resource_type = "hostedzone";
    in.resource_id = zone_;
    std::vector<std::string> texts;
    const auto listed = route53_->ListTagsForResource(Call(), in);
    for (const Tag& tag : *listed->resource_tag_set.tags) texts.push_back(*tag.key + "=" + *tag.value);
    return texts;
  }
  const std::string zone_ = MakeZone();
};

TEST_F(ZoneTagsTest, AreAddedReplacedAndRemoved) {
  EXPECT_TRUE(Tagged({{.key = "a", .value = "1"}, {.key = "b", .value = "2"}}).ok());
  EXPECT_TRUE(Tagged({{.key = "a", .value = "3"}}).ok());
  EXPECT_EQ(Tags(), (std::vector<std::string>{"a=3", "b=2"}));
  ChangeTagsForResourceInput in;
  in.resource_type = "hostedzone";
  in.resource_id = zone_;
  in.remove_tag_keys = std::vector<std::string>{"a"};
  EXPECT_TRUE(route53_->ChangeTagsForResource(Call(), in).ok());
  EXPECT_EQ(Tags(), std::vector<std::string>{"b=2"});
}

TEST_F(ZoneTagsTest, AreTenAtTheMost) {
  std::vector<Tag> tags;
  for (char c = 'a'; c < 'a' + 10; ++c) tags.push_back({.key = std::string(1, c), .value = ""});
  EXPECT_TRUE(Tagged(tags).ok());
  EXPECT_EQ(NameOf(Tagged({{.key = "more", .value = ""}})), kInvalidInput);
  EXPECT_EQ(Tags().size(), 10U);
}

TEST_F(ZoneTagsTest, AreOfHostedZonesThatThereAre) {
  ListTagsForResourcesInput in;
  in.resource_type = "hostedzone";
  in.resource_ids = {zone_};
  EXPECT_EQ(route53_->ListTagsForResources(Call(), in)->resource_tag_sets.size(), 1U);
  in.resource_ids.push_back("ZNONE");
  EXPECT_EQ(NameOf(route53_->ListTagsForResources(Call(), in)), kNoSuchHostedZone);
  in.resource_type = "healthcheck";
  EXPECT_EQ(NameOf(route53_->ListTagsForResources(Call(), in)), kNoSuchHealthCheck);
}

}  // namespace
}  // namespace meetinity::route53

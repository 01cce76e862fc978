#include "aws/ec2/testing_ec2.h"

#include "wire/service.h"

namespace meetinity::ec2 {
namespace {

// What a caller must be allowed, through the host that the dispatcher asks.
class PermissionsTest : public Ec2Test {
 protected:
  PermissionsTest() { ec2_->Register(host_); }

  template <class In>
  wire::Permissions Needed(std::string_view operation, const In& in) {
    return host_.Find(operation)->permissions(Call(), &in).value();
  }
  static std::string Arn(const std::string& resource) { return "arn:aws:ec2:eu-west-1:123456789012:" + resource; }

  wire::ServiceHost host_{Model()};
};

TEST_F(PermissionsTest, EveryOperationNeedsOne) { EXPECT_EQ(host_.FindUnprotected(), ""); }

TEST_F(PermissionsTest, ASubnetNeedsItselfAndItsVpc) {
  CreateSubnetInput in;
  in.vpc_id = MakeVpc();
  in.tag_specifications = std::vector{TagSpecification{"subnet", std::vector{Tag{"Project", "meetinity"}}}};
  const auto needed = Needed("CreateSubnet", in);
  ASSERT_EQ(needed.size(), 3U);
  EXPECT_EQ(needed[0].resource, Arn("vpc/" + in.vpc_id));
  EXPECT_EQ(needed[1].resource, Arn("subnet/*"));
  EXPECT_EQ(needed[1].keys.at("aws:RequestTag/Project"), std::vector<std::string>{"meetinity"});
  EXPECT_EQ(needed[2].action, "ec2:CreateTags");
  EXPECT_EQ(needed[2].keys.at("ec2:CreateAction"), std::vector<std::string>{"CreateSubnet"});
}

TEST_F(PermissionsTest, TagsOfAResourceAreConditions) {
  const std::string vpc = MakeVpc();
  CreateTagsInput tags;
  tags.resources = {vpc};
  tags.tags = {{"Environment", "dev"}};
  ASSERT_TRUE(ec2_->CreateTags(Call(), tags).ok());
  DeleteVpcInput in;
  in.vpc_id = vpc;
  const auto needed = Needed("DeleteVpc", in);
  ASSERT_EQ(needed.size(), 1U);
  EXPECT_EQ(needed[0].resource, Arn("vpc/" + vpc));
  EXPECT_EQ(needed[0].keys.at("aws:ResourceTag/Environment"), std::vector<std::string>{"dev"});
}

TEST_F(PermissionsTest, DescribingNeedsEverything) {
  DescribeVpcsInput in;
  in.vpc_ids = Ids({MakeVpc()});
  const auto needed = Needed("DescribeVpcs", in);
  ASSERT_EQ(needed.size(), 1U);
  EXPECT_EQ(needed[0].resource, "*");
}

TEST_F(PermissionsTest, ADryRunEndsBeforeItsEffects) {
  CreateVpcInput in;
  in.cidr_block = "10.0.0.0/16";
  in.dry_run = true;
  const auto refused = host_.Find("CreateVpc")->handle(Call(), &in, [](void*) { FAIL(); });
  EXPECT_EQ(refused.error().name, kDryRunOperation);
  EXPECT_TRUE(ec2_->DescribeVpcs(Call(), {})->vpcs->empty());
}

TEST_F(PermissionsTest, TheFirstCallBeginsTheRegion) {
  const DescribeVpcsInput in;
  size_t seen = 0;
  ASSERT_TRUE(host_.Find("DescribeVpcs")
                  ->handle(Call("us-east-1"), &in,
                           [&](void* out) { seen = static_cast<DescribeVpcsOutput*>(out)->vpcs->size(); })
                  .ok());
  EXPECT_EQ(seen, 1U);
}

}  // namespace
}  // namespace meetinity::ec2

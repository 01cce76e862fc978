// IAM's own operations are authorised on what they are about.
#include "aws/iam/permissions.h"

#include <gtest/gtest.h>

#include "aws/iam/testing_iam.h"

namespace meetinity::iam {
namespace {

const std::string kAccount = "arn:aws:iam::123456789012:";

class PermissionsTest : public IamTest {
 protected:
  PermissionsTest() {
    EXPECT_TRUE(
        iam_->CreateUser(RootCall(), {.path = "/ops/", .tags = std::vector<Tag>{{"team", "web"}}, .user_name = "alice"})
            .ok());
    EXPECT_TRUE(iam_->CreateRole(RootCall(),
                                 {.assume_role_policy_document = kTrustBackup, .path = "/ci/", .role_name = "builder"})
                    .ok());
  }

  template <class In>
  wire::Permissions Of(const In& in) {
    return iam_->PermissionsFor(RootCall(), SubjectOf(in)).value();
  }
  template <class In>
  std::string ResourceOf(const In& in) {
    const wire::Permissions permissions = Of(in);
    EXPECT_EQ(permissions.size(), 1U);
    return permissions.front().resource;
  }
  static std::string KeyOf(const wire::Permissions& permissions, std::string_view key) {
    const auto found = permissions.front().keys.find(key);
    return found == permissions.front().keys.end() ? "absent" : found->second.front();
  }
};

TEST_F(PermissionsTest, UsersAndRolesStandWithTheirPaths) {
  EXPECT_EQ(ResourceOf(GetUserInput{.user_name = "alice"}), kAccount + "user/ops/alice");
  EXPECT_EQ(ResourceOf(DeleteUserInput{.user_name = "alice"}), kAccount + "user/ops/alice");
  EXPECT_EQ(ResourceOf(CreateAccessKeyInput{.user_name = "alice"}), kAccount + "user/ops/alice");
  EXPECT_EQ(ResourceOf(DeleteUserInput{.user_name = "nobody"}), kAccount + "user/nobody");
  EXPECT_EQ(ResourceOf(GetRoleInput{.role_name = "builder"}), kAccount + "role/ci/builder");
  EXPECT_EQ(ResourceOf(DeleteRoleInput{.role_name = "nothing"}), kAccount + "role/nothing");
}

TEST_F(PermissionsTest, WhatIsToBeMadeStandsWhereItWillBe) {
  EXPECT_EQ(ResourceOf(CreateUserInput{.user_name = "bob"}), kAccount + "user/bob");
  // The name of one that is there elsewhere changes nothing.
  EXPECT_EQ(ResourceOf(CreateUserInput{.path = "/x/", .user_name = "alice"}), kAccount + "user/x/alice");
  EXPECT_EQ(ResourceOf(CreateRoleInput{.path = "/x/", .role_name = "r"}), kAccount + "role/x/r");
  EXPECT_EQ(ResourceOf(CreatePolicyInput{.path = "/x/", .policy_name = "p"}), kAccount + "policy/x/p");
}

TEST_F(PermissionsTest, ListsStandUnderTheirPrefix) {
  EXPECT_EQ(ResourceOf(ListUsersInput{}), kAccount + "user/");
  EXPECT_EQ(ResourceOf(ListUsersInput{.path_prefix = "/ops/"}), kAccount + "user/ops/");
  EXPECT_EQ(ResourceOf(ListRolesInput{}), kAccount + "role/");
  EXPECT_EQ(ResourceOf(ListPoliciesInput{}), "policy path /");
  EXPECT_EQ(ResourceOf(GetAccountSummaryInput{}), "*");
}

TEST_F(PermissionsTest, AttachingIsAboutTheUserAndSaysThePolicy) {
  const std::string policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const wire::Permissions attach = Of(AttachUserPolicyInput{.policy_arn = policy, .user_name = "alice"});
  EXPECT_EQ(attach.front().resource, kAccount + "user/ops/alice");
  EXPECT_EQ(KeyOf(attach, "iam:PolicyARN"), policy);
  EXPECT_EQ(ResourceOf(GetPolicyInput{.policy_arn = policy}), policy);
}

TEST_F(PermissionsTest, MovingAUserNeedsBothEnds) {
  const wire::Permissions moved =
      Of(UpdateUserInput{.new_path = "/admins/", .new_user_name = "al", .user_name = "alice"});
  ASSERT_EQ(moved.size(), 2U);
  EXPECT_EQ(moved[0].resource, kAccount + "user/ops/alice");
  EXPECT_EQ(moved[1].resource, kAccount + "user/admins/al");
}

TEST_F(PermissionsTest, AKeyIsAboutWhoseItIs) {
  const AccessKey key = UserWithKey("bob");
  EXPECT_EQ(ResourceOf(GetAccessKeyLastUsedInput{.access_key_id = key.access_key_id}), kAccount + "user/bob");
  EXPECT_EQ(ResourceOf(GetAccessKeyLastUsedInput{.access_key_id = "AKIANOBODYSKEY000000"}), "*");
  const wire::Permissions own = iam_->PermissionsFor(CallWith(key), SubjectOf(CreateAccessKeyInput{})).value();
  EXPECT_EQ(own.front().resource, kAccount + "user/bob");
}

TEST_F(PermissionsTest, TagsAndBoundariesAreConditionKeys) {
  const wire::Permissions tag = Of(TagUserInput{.tags = {{"stage", "prod"}}, .user_name = "alice"});
  EXPECT_EQ(KeyOf(tag, "aws:RequestTag/stage"), "prod");
  EXPECT_EQ(KeyOf(tag, "aws:TagKeys"), "stage");
  EXPECT_EQ(KeyOf(tag, "aws:ResourceTag/team"), "web");
  EXPECT_EQ(KeyOf(tag, "iam:ResourceTag/team"), "web");
  EXPECT_EQ(KeyOf(Of(UntagUserInput{.tag_keys = {"team"}, .user_name = "alice"}), "aws:TagKeys"), "team");
  const std::string boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  EXPECT_EQ(KeyOf(Of(CreateUserInput{.permissions_boundary = boundary, .user_name = "bob"}), "iam:PermissionsBoundary"),
            boundary);
  ASSERT_TRUE(
      iam_->PutUserPermissionsBoundary(RootCall(), {.permissions_boundary = boundary, .user_name = "alice"}).ok());
  EXPECT_EQ(KeyOf(Of(DeleteUserPermissionsBoundaryInput{.user_name = "alice"}), "iam:PermissionsBoundary"), boundary);
  EXPECT_EQ(KeyOf(Of(GetRoleInput{.role_name = "builder"}), "iam:PermissionsBoundary"), "absent");
}

}  // namespace
}  // namespace meetinity::iam

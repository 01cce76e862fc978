#include <gmock/gmock.h>

#include "aws/iam/errors.h"
#include "aws/iam/testing_iam.h"
#include "wire/service.h"

// Users, roles and policies as records: what is kept, listed and refused.
namespace meetinity::iam {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(IamTest, ServesWhatItRegisters) {
  wire::ServiceHost host(Model());
  iam_->Register(host);
  for (const auto& operation : Model().operations) {
    EXPECT_EQ(host.Find(operation.name) != nullptr, operation.support != wire::Support::kRefused) << operation.name;
  }
}

TEST_F(IamTest, RootIsAUserOfNoName) {
  const auto answer = iam_->GetUser(RootCall(), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->user.arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(answer->user.user_id, "123456789012");
}

TEST_F(IamTest, AUserIsKeptAsCreated) {
  const auto created = iam_->CreateUser(
      RootCall(), {.path = "/staff/", .tags = std::vector<Tag>{{"Team", "cdn"}}, .user_name = "alice"});
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->user->arn, "arn:aws:iam::123456789012:user/staff/alice");
  Reopen();
  const User read = iam_->GetUser(RootCall(), {.user_name = "alice"})->user;
  EXPECT_EQ(read.user_id, created->user->user_id);
  EXPECT_EQ(read.create_date, clock_.Now());
  ASSERT_TRUE(read.tags);
  EXPECT_EQ(read.tags->at(0).value, "cdn");
}

TEST_F(IamTest, KnowsWhomAPolicyMayName) {
  const User alice = *iam_->CreateUser(RootCall(), {.path = "/staff/", .user_name = "alice"})->user;
  const auto reader = iam_->CreateRole(
      RootCall(), {.assume_role_policy_document = kTrustBackup, .path = "/service/", .role_name = "reader"});
  ASSERT_TRUE(reader.ok());
  const auto knows = [&](std::string_view principal) {
    return *database_->Read([&](const store::ReadTx& tx) { return iam_->KnowsPrincipal(tx, principal); });
  };
  const std::string account = "arn:aws:iam::123456789012:";
  for (const std::string& known :
       {std::string("123456789012"), account + "root", account + "user/staff/alice", alice.user_id,
        account + "role/service/reader", reader->role.role_id, std::string("999999999999"),
        std::string("arn:aws:sts::123456789012:assumed-role/reader/night"),
        std::string("arn:aws:iam::999999999999:user/of-another-account")}) {
    EXPECT_TRUE(knows(known)) << known;
  }
  for (const std::string& unknown : {account + "user/alice", account + "user/staff/bob", account + "role/reader",
                                     std::string("AIDAQQQQQQQQQQQQQQQQQ"), std::string("AROAQQQQQQQQQQQQQQQQQ"),
                                     std::string("arn:aws:sts::123456789012:assumed-role/writer/night"),
                                     std::string("arn:aws:sts::123456789012:assumed-role/")}) {
    EXPECT_FALSE(knows(unknown)) << unknown;
  }
}

TEST_F(IamTest, NamesDifferByMoreThanCase) {
  ASSERT_TRUE(iam_->CreateUser(RootCall(), {.user_name = "alice"}).ok());
  EXPECT_EQ(iam_->CreateUser(RootCall(), {.user_name = "ALICE"}).error().name, kEntityAlreadyExists);
  EXPECT_EQ(iam_->GetUser(RootCall(), {.user_name = "ALICE"}).error().name, kNoSuchEntity);
  EXPECT_EQ(iam_->CreateUser(RootCall(), {.user_name = "a b"}).error().name, kValidationError);
  EXPECT_EQ(iam_->CreateUser(RootCall(), {.path = "staff", .user_name = "bob"}).error().name, kValidationError);
}

TEST_F(IamTest, ListsComeInPages) {
  for (const std::string name : {"carol", "alice", "bob"}) {
    ASSERT_TRUE(iam_->CreateUser(RootCall(), {.user_name = name}).ok());
  }
  const auto first = iam_->ListUsers(RootCall(), {.max_items = 2});
  ASSERT_EQ(first->users.size(), 2U);
  EXPECT_EQ(first->users[0].user_name, "alice");
  EXPECT_TRUE(*first->is_truncated);
  const auto second = iam_->ListUsers(RootCall(), {.marker = first->marker, .max_items = 2});
  ASSERT_EQ(second->users.size(), 1U);
  EXPECT_EQ(second->users[0].user_name, "carol");
  EXPECT_FALSE(*second->is_truncated);
  EXPECT_FALSE(second->marker);
  EXPECT_EQ(iam_->ListUsers(RootCall(), {.marker = "%%"}).error().name, kValidationError);
}

TEST_F(IamTest, AUserGoesOnlyWhenNothingHangsOnIt) {
  const AccessKey key = UserWithKey("alice");
  const auto gone = [&] { return iam_->DeleteUser(RootCall(), {.user_name = "alice"}); };
  EXPECT_THAT(gone().error().detail, HasSubstr("delete access keys first"));
  EXPECT_EQ(gone().error().name, kDeleteConflict);
  ASSERT_TRUE(iam_->DeleteAccessKey(RootCall(), {.access_key_id = key.access_key_id, .user_name = "alice"}).ok());
  ASSERT_TRUE(
      iam_->AttachUserPolicy(RootCall(), {.policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess", .user_name = "alice"})
          .ok());
  EXPECT_THAT(gone().error().detail, HasSubstr("detach all policies first"));
  ASSERT_TRUE(
      iam_->DetachUserPolicy(RootCall(), {.policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess", .user_name = "alice"})
          .ok());
  EXPECT_TRUE(gone().ok());
  EXPECT_EQ(gone().error().name, kNoSuchEntity);
}

TEST_F(IamTest, AUserHasTwoKeysAtMost) {
  UserWithKey("alice");
  ASSERT_TRUE(iam_->CreateAccessKey(RootCall(), {.user_name = "alice"}).ok());
  EXPECT_EQ(iam_->CreateAccessKey(RootCall(), {.user_name = "alice"}).error().name, kLimitExceeded);
  EXPECT_EQ(iam_->ListAccessKeys(RootCall(), {.user_name = "alice"})->access_key_metadata.size(), 2U);
}

TEST_F(IamTest, AKeyOfAnotherUserIsNotTouched) {
  const AccessKey key = UserWithKey("alice");
  UserWithKey("bob");
  EXPECT_EQ(iam_->DeleteAccessKey(RootCall(), {.access_key_id = key.access_key_id, .user_name = "bob"}).error().name,
            kNoSuchEntity);
}

TEST_F(IamTest, WithoutANameTheCallerIsMeant) {
  const AccessKey key = UserWithKey("alice");
  EXPECT_EQ(iam_->GetUser(CallWith(key), {})->user.user_name, "alice");
  EXPECT_EQ(iam_->CreateAccessKey(CallWith(key), {})->access_key.user_name, "alice");
  EXPECT_EQ(iam_->CreateAccessKey(RootCall(), {}).error().name, kValidationError);
  EXPECT_EQ(iam_->ListAccessKeys(RootCall(), {})->access_key_metadata.size(), 1U);
}

TEST_F(IamTest, ARoleIsReadBackWithItsEncodedTrustPolicy) {
  ASSERT_TRUE(iam_->CreateRole(RootCall(), {.assume_role_policy_document = kTrustBackup,
                                            .description = "makes backups",
                                            .role_name = "backup"})
                  .ok());
  const Role role = iam_->GetRole(RootCall(), {.role_name = "backup"})->role;
  EXPECT_EQ(role.arn, "arn:aws:iam::123456789012:role/backup");
  EXPECT_TRUE(role.assume_role_policy_document->starts_with("%7B%22Version%22%3A"));
  EXPECT_EQ(role.max_session_duration, 3600);
  EXPECT_EQ(role.description, "makes backups");
  EXPECT_EQ(iam_->UpdateRole(RootCall(), {.max_session_duration = 5, .role_name = "backup"}).error().name,
            kValidationError);
  EXPECT_EQ(iam_->CreateRole(RootCall(), {.assume_role_policy_document = kAllowS3Reads, .role_name = "x"}).error().name,
            kMalformedPolicyDocument);
}

TEST_F(IamTest, ARoleTakesTheBackupPolicies) {
  ASSERT_TRUE(iam_->CreateRole(RootCall(), {.assume_role_policy_document = kTrustBackup, .role_name = "backup"}).ok());
  for (const std::string name : {"AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"}) {
    const std::string arn = "arn:aws:iam::aws:policy/service-role/" + name;
    ASSERT_TRUE(iam_->AttachRolePolicy(RootCall(), {.policy_arn = arn, .role_name = "backup"}).ok());
    const auto entities = iam_->ListEntitiesForPolicy(RootCall(), {.policy_arn = arn});
    ASSERT_EQ(entities->policy_roles->size(), 1U);
    EXPECT_EQ(entities->policy_roles->front().role_name, "backup");
    EXPECT_EQ(iam_->GetPolicy(RootCall(), {.policy_arn = arn})->policy->attachment_count, 1);
  }
  const auto attached = iam_->ListAttachedRolePolicies(RootCall(), {.role_name = "backup"});
  EXPECT_EQ(attached->attached_policies->size(), 2U);
  EXPECT_EQ(iam_->DeleteRole(RootCall(), {.role_name = "backup"}).error().name, kDeleteConflict);
}

TEST_F(IamTest, EveryAwsManagedPolicyParsesAndStaysAsItIs) {
  const auto all = iam_->ListPolicies(RootCall(), {.scope = "AWS"});
  ASSERT_EQ(all->policies->size(), 4U);
  for (const Policy& policy : *all->policies) {
    EXPECT_TRUE(iam_->GetPolicyVersion(RootCall(), {.policy_arn = *policy.arn, .version_id = "v1"}).ok());
    EXPECT_EQ(iam_->DeletePolicy(RootCall(), {.policy_arn = *policy.arn}).error().name, kInvalidInput);
    const std::string user = "reader-of-" + *policy.policy_name;
    ASSERT_TRUE(iam_->CreateUser(RootCall(), {.user_name = user}).ok());
    EXPECT_TRUE(iam_->AttachUserPolicy(RootCall(), {.policy_arn = *policy.arn, .user_name = user}).ok());
  }
}

TEST_F(IamTest, APolicyHasFiveVersionsAtMostAndNumbersAreNotReused) {
  const std::string arn =
      *iam_->CreatePolicy(RootCall(), {.policy_document = kAllowS3Reads, .policy_name = "reads"})->policy->arn;
  EXPECT_EQ(arn, "arn:aws:iam::123456789012:policy/reads");
  const auto create = [&] {
    return iam_->CreatePolicyVersion(RootCall(), {.policy_arn = arn, .policy_document = kDenyEverything});
  };
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(create().ok());
  EXPECT_EQ(create().error().name, kLimitExceeded);
  EXPECT_EQ(iam_->DeletePolicy(RootCall(), {.policy_arn = arn}).error().name, kDeleteConflict);
  EXPECT_EQ(iam_->DeletePolicyVersion(RootCall(), {.policy_arn = arn, .version_id = "v1"}).error().name,
            kDeleteConflict);
  ASSERT_TRUE(iam_->DeletePolicyVersion(RootCall(), {.policy_arn = arn, .version_id = "v5"}).ok());
  EXPECT_EQ(create()->policy_version->version_id, "v6");
  std::vector<std::string> ids;
  const auto versions = iam_->ListPolicyVersions(RootCall(), {.policy_arn = arn});
  for (const auto& version : *versions->versions) ids.push_back(*version.version_id);
  EXPECT_THAT(ids, ElementsAre("v6", "v4", "v3", "v2", "v1"));
}

TEST_F(IamTest, AnAttachedPolicyIsNotDeleted) {
  const std::string arn =
      *iam_->CreatePolicy(RootCall(), {.policy_document = kAllowS3Reads, .policy_name = "reads"})->policy->arn;
  ASSERT_TRUE(iam_->CreateUser(RootCall(), {.user_name = "alice"}).ok());
  ASSERT_TRUE(iam_->AttachUserPolicy(RootCall(), {.policy_arn = arn, .user_name = "alice"}).ok());
  EXPECT_EQ(iam_->DeletePolicy(RootCall(), {.policy_arn = arn}).error().name, kDeleteConflict);
  ASSERT_TRUE(iam_->DetachUserPolicy(RootCall(), {.policy_arn = arn, .user_name = "alice"}).ok());
  EXPECT_TRUE(iam_->DeletePolicy(RootCall(), {.policy_arn = arn}).ok());
  EXPECT_EQ(iam_->GetPolicy(RootCall(), {.policy_arn = arn}).error().name, kNoSuchEntity);
}

TEST_F(IamTest, InlinePoliciesShareOneQuota) {
  ASSERT_TRUE(iam_->CreateUser(RootCall(), {.user_name = "alice"}).ok());
  const auto put = [&](const std::string& name, size_t padding) {
    const std::string document =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::)" +
        std::string(padding, 'x') + R"("}})";
    return iam_->PutUserPolicy(RootCall(), {.policy_document = document, .policy_name = name, .user_name = "alice"});
  };
  ASSERT_TRUE(put("one", 1500).ok());
  EXPECT_EQ(put("two", 1500).error().name, kLimitExceeded);
  EXPECT_TRUE(put("one", 1400).ok());  // replacing counts once
  EXPECT_THAT(iam_->ListUserPolicies(RootCall(), {.user_name = "alice"})->policy_names, ElementsAre("one"));
  EXPECT_EQ(iam_->PutUserPolicy(RootCall(), {.policy_document = "{", .policy_name = "bad", .user_name = "alice"})
                .error()
                .name,
            kMalformedPolicyDocument);
}

TEST_F(IamTest, TagKeysDifferByMoreThanCase) {
  ASSERT_TRUE(iam_->CreateUser(RootCall(), {.user_name = "alice"}).ok());
  const auto tag = [&](const std::string& key) {
    return iam_->TagUser(RootCall(), {.tags = {{key, "x"}}, .user_name = "alice"});
  };
  ASSERT_TRUE(tag("Team").ok());
  ASSERT_TRUE(tag("TEAM").ok());
  const auto tags = iam_->ListUserTags(RootCall(), {.user_name = "alice"})->tags;
  ASSERT_EQ(tags.size(), 1U);
  EXPECT_EQ(tags[0].key, "TEAM");
  EXPECT_EQ(tag("aws:team").error().name, kInvalidInput);
  for (int i = 0; i < 49; ++i) ASSERT_TRUE(tag("key" + std::to_string(i)).ok());
  EXPECT_EQ(tag("one-too-many").error().name, kLimitExceeded);
}

}  // namespace
}  // namespace meetinity::iam

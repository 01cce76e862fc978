#include "aws/iam/errors.h"
#include "aws/iam/testing_iam.h"
#include "wire/auth.h"

namespace meetinity::iam {
namespace {

using namespace std::chrono_literals;

const std::string kObject = "arn:aws:s3:::site/a";

std::string Trusting(const std::string& principal, const std::string& more = "") {
  return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":)" +
         principal + more + "}}";
}
std::string Allowing(const std::string& action) {
  return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":")" + action + R"("}})";
}
const std::string kSessionAccount = R"({"AWS":"123456789012"})";
const std::string kAlice = R"({"AWS":"arn:aws:iam::123456789012:user/alice"})";

// Alice, and a role "deploy" that trusts as the test wants and may read S3.
class SessionTest : public IamTest {
 protected:
  SessionTest() : alice_(UserWithKey("alice")) {}

  void Role(const std::string& trust, const std::string& name = "deploy") {
    ASSERT_TRUE(iam_->CreateRole(RootCall(), {.assume_role_policy_document = trust, .role_name = name}).ok());
    ASSERT_TRUE(
        iam_->PutRolePolicy(RootCall(), {.policy_document = kAllowS3Reads, .policy_name = "reads", .role_name = name})
            .ok());
  }
  void AliceMay(const std::string& action) {
    ASSERT_TRUE(iam_->PutUserPolicy(RootCall(),
                                    {.policy_document = Allowing(action), .policy_name = "may", .user_name = "alice"})
                    .ok());
  }
  static RoleSessionRequest Deploy(const std::string& name = "deploy") {
    RoleSessionRequest request;
    request.role_arn = "arn:aws:iam::123456789012:role/" + name;
    request.session_name = "ci";
    return request;
  }
  Result<IssuedSession> Assume(const RoleSessionRequest& request = Deploy()) const {
    return iam_->AssumeRole(CallWith(alice_), request);
  }
  // As wire finds it for a request; the refusal's name when it does not.
  std::string Refusal(const IssuedSession& session, bool is_s3 = false) const {
    const auto found = wire::FindCredential(*iam_, session.access_key_id, session.session_token, is_s3, clock_.Now());
    return found.ok() ? "" : std::string(found.error().name);
  }
  wire::Call CallOf(const IssuedSession& session) const {
    return CallAs(iam_->FindSession(session.access_key_id, session.session_token)->principal);
  }
  Decision Reads(const IssuedSession& session) const {
    return iam_->EvaluateIdentity(CallOf(session), "s3:GetObject", kObject);
  }
  std::string CreatePolicy(const std::string& name, const std::string& document) {
    return *iam_->CreatePolicy(RootCall(), {.policy_document = document, .policy_name = name})->policy->arn;
  }

  const AccessKey alice_;
};

TEST_F(SessionTest, ATrustPolicyThatNamesTheUserIsEnough) {
  Role(Trusting(kAlice));
  const auto session = Assume();
  ASSERT_TRUE(session.ok()) << session.error().detail;
  EXPECT_EQ(session->arn, "arn:aws:sts::123456789012:assumed-role/deploy/ci");
  EXPECT_TRUE(session->access_key_id.starts_with("ASIA"));
  EXPECT_EQ(CallOf(*session).principal.arn, session->arn);
  EXPECT_EQ(CallOf(*session).principal.unique_id, session->unique_id);
  EXPECT_EQ(Reads(*session), Decision::kAllow);
  EXPECT_EQ(iam_->EvaluateIdentity(CallOf(*session), "s3:PutObject", kObject), Decision::kImplicitDeny);
}

TEST_F(SessionTest, ATrustPolicyThatNamesTheAccountLeavesItToTheCallersPolicies) {
  Role(Trusting(kSessionAccount));
  EXPECT_EQ(Assume().error().name, kAccessDenied);
  AliceMay("sts:AssumeRole");
  EXPECT_TRUE(Assume().ok());
}

TEST_F(SessionTest, TheCallersPoliciesAreNothingWithoutTrust) {
  Role(kTrustBackup);
  AliceMay("*");
  EXPECT_EQ(Assume().error().detail,
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: "
            "arn:aws:iam::123456789012:role/deploy");
  EXPECT_EQ(Assume(Deploy("nobody")).error().name, kAccessDenied);
}

TEST_F(SessionTest, RootAssumesNothing) {
  Role(Trusting(kSessionAccount));
  EXPECT_EQ(iam_->AssumeRole(RootCall(), Deploy()).error().name, kAccessDenied);
}

TEST_F(SessionTest, TheExternalIdMustBeTheTrustPolicys) {
  Role(Trusting(kAlice, R"(,"Condition":{"StringEquals":{"sts:ExternalId":"42"}})"));
  EXPECT_FALSE(Assume().ok());
  RoleSessionRequest request = Deploy();
  request.external_id = "41";
  EXPECT_FALSE(Assume(request).ok());
  request.external_id = "42";
  EXPECT_TRUE(Assume(request).ok());
}

TEST_F(SessionTest, LastsAsLongAsTheRoleAllows) {
  Role(Trusting(kAlice));
  RoleSessionRequest request = Deploy();
  request.seconds = 3601;
  EXPECT_EQ(Assume(request).error().name, kValidationError);
  request.seconds = 900;
  const IssuedSession session = *Assume(request);
  clock_.Advance(899s);
  EXPECT_EQ(Refusal(session), "");
  clock_.Advance(1s);
  EXPECT_EQ(Refusal(session), "ExpiredToken");
  EXPECT_EQ(Refusal(session, true), "ExpiredToken");
}

TEST_F(SessionTest, AChainLastsAnHour) {
  Role(Trusting(kAlice));
  Role(Trusting(R"({"AWS":"arn:aws:iam::123456789012:role/deploy"})"), "second");
  ASSERT_TRUE(iam_->UpdateRole(RootCall(), {.max_session_duration = 7200, .role_name = "second"}).ok());
  RoleSessionRequest request = Deploy("second");
  request.seconds = 7200;
  const wire::Call call = CallOf(*Assume());
  EXPECT_EQ(iam_->AssumeRole(call, request).error().name, kValidationError);
  request.seconds = 3600;
  EXPECT_TRUE(iam_->AssumeRole(call, request).ok());
}

TEST_F(SessionTest, AnAlteredOrMovedTokenIsNone) {
  Role(Trusting(kAlice));
  const IssuedSession session = *Assume();
  IssuedSession altered = session;
  altered.session_token[altered.session_token.size() / 2] ^= 1;
  EXPECT_EQ(Refusal(altered), "InvalidClientTokenId");
  EXPECT_EQ(Refusal(altered, true), "InvalidToken");
  IssuedSession moved = session;
  moved.access_key_id = Assume()->access_key_id;
  EXPECT_EQ(Refusal(moved), "InvalidClientTokenId");
  IssuedSession without = session;
  without.session_token.clear();
  EXPECT_EQ(Refusal(without, true), "InvalidAccessKeyId");
  EXPECT_EQ(Refusal(session), "");
}

TEST_F(SessionTest, OutlivesARestartAndNotItsRole) {
  Role(Trusting(kAlice));
  const IssuedSession session = *Assume();
  Reopen();
  EXPECT_EQ(Reads(session), Decision::kAllow);
  ASSERT_TRUE(iam_->DeleteRolePolicy(RootCall(), {.policy_name = "reads", .role_name = "deploy"}).ok());
  EXPECT_EQ(Reads(session), Decision::kImplicitDeny);
  ASSERT_TRUE(iam_->DeleteRole(RootCall(), {.role_name = "deploy"}).ok());
  EXPECT_EQ(Refusal(session), "InvalidClientTokenId");
}

TEST_F(SessionTest, SessionPoliciesOnlyTakeAway) {
  Role(Trusting(kAlice));
  RoleSessionRequest request = Deploy();
  request.policy = Allowing("s3:*");
  EXPECT_EQ(Reads(*Assume(request)), Decision::kAllow);
  EXPECT_EQ(iam_->EvaluateIdentity(CallOf(*Assume(request)), "s3:PutObject", kObject), Decision::kImplicitDeny);
  request.policy = Allowing("s3:ListBucket");
  const IssuedSession narrow = *Assume(request);
  EXPECT_EQ(Reads(narrow), Decision::kImplicitDeny);
  EXPECT_TRUE(iam_->Authorize(CallOf(narrow), {"s3:GetObject", kObject, {}})
                  .error()
                  .detail.ends_with("because no session policy allows the s3:GetObject action"));
  request.policy = kDenyEverything;
  EXPECT_EQ(Reads(*Assume(request)), Decision::kExplicitDeny);
  request.policy = "{";
  EXPECT_EQ(Assume(request).error().name, kMalformedPolicyDocument);
}

TEST_F(SessionTest, ManagedSessionPoliciesFollowTheirDefaultVersion) {
  Role(Trusting(kAlice));
  const std::string arn = CreatePolicy("narrow", Allowing("s3:ListBucket"));
  RoleSessionRequest request = Deploy();
  request.policy_arns = {arn};
  const IssuedSession session = *Assume(request);
  EXPECT_EQ(Reads(session), Decision::kImplicitDeny);
  ASSERT_TRUE(iam_->CreatePolicyVersion(RootCall(),
                                        {.policy_arn = arn, .policy_document = kAllowS3Reads, .set_as_default = true})
                  .ok());
  EXPECT_EQ(Reads(session), Decision::kAllow);
  Reopen();
  EXPECT_EQ(Reads(session), Decision::kAllow);
  request.policy_arns = {"arn:aws:iam::123456789012:policy/none"};
  EXPECT_EQ(Assume(request).error().name, kValidationError);
}

TEST_F(SessionTest, TagsAreThePrincipalsAndTransitiveOnesStay) {
  Role(Trusting(kAlice));
  Role(Trusting(R"({"AWS":"arn:aws:iam::123456789012:role/deploy"})"), "second");
  ASSERT_TRUE(iam_->TagRole(RootCall(), {.role_name = "deploy", .tags = {{"team", "role"}, {"tier", "2"}}}).ok());
  RoleSessionRequest request = Deploy();
  request.tags = {{"team", "web"}, {"once", "x"}};
  request.transitive_tags = {"team"};
  const wire::Call first = CallOf(*Assume(request));
  EXPECT_EQ(*first.principal.tags, (wire::PrincipalTags{{"once", "x"}, {"team", "web"}, {"tier", "2"}}));
  const auto second = iam_->AssumeRole(first, Deploy("second"));
  ASSERT_TRUE(second.ok()) << second.error().detail;
  EXPECT_EQ(*CallOf(*second).principal.tags, (wire::PrincipalTags{{"team", "web"}}));
  request.tags = {{"team", std::string(256, 'x')}};
  request.policy = Allowing("s3:" + std::string(4000, 's'));
  EXPECT_EQ(Assume(request).error().name, kPackedPolicyTooLarge);
}

TEST_F(SessionTest, GetSessionTokenIsTheUserForAWhileAndKeepsOutOfIam) {
  AliceMay("*");
  const IssuedSession session = *iam_->IssueUserSession(CallWith(alice_), 900);
  const wire::Call call = CallOf(session);
  EXPECT_EQ(call.principal.arn, "arn:aws:iam::123456789012:user/alice");
  EXPECT_TRUE(iam_->Authorize(call, {"s3:GetObject", kObject, {}}).ok());
  EXPECT_EQ(iam_->Authorize(call, {"iam:ListUsers", "*", {}}).error().name, kInvalidClientTokenId);
  EXPECT_EQ(iam_->IssueUserSession(call, 900).error().name, kAccessDenied);
  ASSERT_TRUE(iam_->UpdateAccessKey(RootCall(),
                                    {.access_key_id = alice_.access_key_id, .status = "Inactive", .user_name = "alice"})
                  .ok());
  EXPECT_EQ(Refusal(session), "InvalidClientTokenId");
}

TEST_F(SessionTest, ABoundaryOnlyTakesAway) {
  const std::string arn = CreatePolicy("bound", kAllowS3Reads);
  AliceMay("s3:PutObject");
  const wire::Call call = CallWith(alice_);
  const auto may = [&](const std::string& action) { return iam_->EvaluateIdentity(call, action, kObject); };
  ASSERT_TRUE(iam_->PutUserPermissionsBoundary(RootCall(), {.permissions_boundary = arn, .user_name = "alice"}).ok());
  EXPECT_EQ(may("s3:PutObject"), Decision::kImplicitDeny);
  EXPECT_EQ(may("s3:GetObject"), Decision::kImplicitDeny);
  EXPECT_TRUE(iam_->Authorize(call, {"s3:PutObject", kObject, {}})
                  .error()
                  .detail.ends_with("because no permissions boundary allows the s3:PutObject action"));
  EXPECT_EQ(iam_->GetUser(RootCall(), {.user_name = "alice"})->user.permissions_boundary->permissions_boundary_arn,
            arn);
  EXPECT_EQ(iam_->DeletePolicy(RootCall(), {.policy_arn = arn}).error().name, kDeleteConflict);
  Reopen();
  EXPECT_EQ(may("s3:PutObject"), Decision::kImplicitDeny);
  AliceMay("s3:GetObject");
  EXPECT_EQ(may("s3:GetObject"), Decision::kAllow);
  ASSERT_TRUE(iam_->DeleteUserPermissionsBoundary(RootCall(), {.user_name = "alice"}).ok());
  AliceMay("s3:PutObject");
  EXPECT_EQ(may("s3:PutObject"), Decision::kAllow);
  EXPECT_EQ(iam_->DeleteUserPermissionsBoundary(RootCall(), {.user_name = "alice"}).error().name, kNoSuchEntity);
}

TEST_F(SessionTest, ARolesBoundaryHoldsForItsSessions) {
  Role(Trusting(kAlice));
  const IssuedSession session = *Assume();
  const std::string arn = CreatePolicy("bound", Allowing("s3:PutObject"));
  ASSERT_TRUE(iam_->PutRolePermissionsBoundary(RootCall(), {.permissions_boundary = arn, .role_name = "deploy"}).ok());
  EXPECT_EQ(Reads(session), Decision::kImplicitDeny);
  ASSERT_TRUE(iam_->DeleteRolePermissionsBoundary(RootCall(), {.role_name = "deploy"}).ok());
  EXPECT_EQ(Reads(session), Decision::kAllow);
  EXPECT_EQ(
      iam_->PutRolePermissionsBoundary(
              RootCall(), {.permissions_boundary = "arn:aws:iam::123456789012:policy/none", .role_name = "deploy"})
          .error()
          .name,
      kNoSuchEntity);
}

TEST(CombineInAccount, WhatNamesTheSessionReachesPastItsLimitsAndWhatNamesTheRoleDoesNot) {
  IdentityVerdict limited;
  limited.session_policies = Decision::kImplicitDeny;
  EXPECT_EQ(CombineInAccount({Decision::kAllow, Grant::kDirect}, limited), Decision::kAllow);
  EXPECT_EQ(CombineInAccount({Decision::kAllow, Grant::kShared}, limited), Decision::kImplicitDeny);
  EXPECT_EQ(CombineInAccount({Decision::kAllow, Grant::kShared}, {}), Decision::kAllow);
  EXPECT_EQ(CombineInAccount({Decision::kImplicitDeny, Grant::kAccount}, {}), Decision::kImplicitDeny);
  limited.session_policies = Decision::kExplicitDeny;
  EXPECT_EQ(CombineInAccount({Decision::kAllow, Grant::kDirect}, limited), Decision::kExplicitDeny);
  EXPECT_EQ(CombineInAccount({Decision::kExplicitDeny, Grant::kNone}, Decision::kAllow), Decision::kExplicitDeny);
}

}  // namespace
}  // namespace meetinity::iam

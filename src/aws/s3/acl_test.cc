#include "aws/s3/acl.h"

#include <gtest/gtest.h>

#include "aws/s3/errors.h"

namespace meetinity::s3 {
namespace {

const std::string kOwner(64, 'a');
const std::string kIdentity(96, 'c');

AclParties Parties(const std::string& owner = kOwner) {
  return {owner, kOwner, [](const std::string& id) -> Result<bool> { return id == kIdentity; }};
}

std::string Text(const std::vector<AclGrant>& grants) {
  std::string text;
  for (const AclGrant& grant : grants) {
    if (!text.empty()) text += ' ';
    text += grant.grantee == kOwner ? "owner" : grant.grantee == kIdentity ? "identity" : grant.grantee;
    text.append("=").append(ToString(grant.permission));
  }
  return text;
}

std::string Canned(const std::string& name, AclOf what, const std::string& owner = kOwner) {
  const auto list = AclFromHeaders({.canned = name}, what, Parties(owner));
  return list.ok() ? Text(GrantsOf(*list, kOwner)) : std::string(list.error().name);
}

TEST(Acl, OfCannedNamesAreThoseOfTheUserGuide) {
  const std::string everyone(kAllUsers), authenticated(kAuthenticatedUsers), logs(kLogDelivery);
  EXPECT_EQ(Canned("private", AclOf::kObject), "owner=FULL_CONTROL");
  EXPECT_EQ(Canned("public-read", AclOf::kObject), "owner=FULL_CONTROL " + everyone + "=READ");
  EXPECT_EQ(Canned("public-read-write", AclOf::kBucket),
            "owner=FULL_CONTROL " + everyone + "=READ " + everyone + "=WRITE");
  EXPECT_EQ(Canned("authenticated-read", AclOf::kObject), "owner=FULL_CONTROL " + authenticated + "=READ");
  EXPECT_EQ(Canned("log-delivery-write", AclOf::kBucket),
            "owner=FULL_CONTROL " + logs + "=WRITE " + logs + "=READ_ACP");
  EXPECT_EQ(Canned("bucket-owner-read", AclOf::kObject), "owner=FULL_CONTROL");
  EXPECT_EQ(Canned("bucket-owner-read", AclOf::kObject, kIdentity), "identity=FULL_CONTROL owner=READ");
  EXPECT_EQ(Canned("bucket-owner-full-control", AclOf::kObject, kIdentity), "identity=FULL_CONTROL owner=FULL_CONTROL");
}

TEST(Acl, OfHeadersGrantsToUsersAndGroups) {
  const auto list = AclFromHeaders(
      {.full_control = "id=\"" + kOwner + "\"", .read = "uri=\"" + std::string(kAllUsers) + "\", id=" + kIdentity},
      AclOf::kObject, Parties());
  ASSERT_TRUE(list.ok()) << list.error().detail;
  EXPECT_EQ(Text(*list->grants), "owner=FULL_CONTROL " + std::string(kAllUsers) + "=READ identity=READ");
  EXPECT_TRUE(IsPublic(*list));
}

TEST(Acl, OfHeadersRefusesWhatNobodyIs) {
  const auto refusal = [](const std::string& header) {
    return AclFromHeaders({.read = header}, AclOf::kObject, Parties()).error().name;
  };
  EXPECT_EQ(refusal("id=\"" + std::string(64, 'd') + "\""), kInvalidArgument);
  EXPECT_EQ(refusal("uri=\"http://acs.amazonaws.com/groups/global/Nobody\""), kInvalidArgument);
  EXPECT_EQ(refusal("emailAddress=\"someone@example.com\""), kUnresolvableGrant);
  const auto both = AclFromHeaders({.canned = "private", .read = "id=" + kOwner}, AclOf::kObject, Parties());
  EXPECT_EQ(both.error().name, kInvalidRequest);
}

TEST(Acl, GrantHeadersAreReadWithAndWithoutQuotes) {
  const auto grantees = ParseGrantHeader("x-amz-grant-read", " ID=a , uri=\"b,c\",emailaddress=\"d=e\" ");
  ASSERT_TRUE(grantees.ok());
  ASSERT_EQ(grantees->size(), 3u);
  EXPECT_EQ((*grantees)[0].kind + "|" + (*grantees)[0].value, "id|a");
  EXPECT_EQ((*grantees)[1].kind + "|" + (*grantees)[1].value, "uri|b,c");
  EXPECT_EQ((*grantees)[2].kind + "|" + (*grantees)[2].value, "emailAddress|d=e");
  for (const char* const bad :
       {"", "id", "id=", "id=\"a", "name=a", "id=a,", "id=\"a\"b", ",id=a", "id=\"a\" id=\"b\""})
    EXPECT_EQ(ParseGrantHeader("x-amz-grant-read", bad).error().name, kInvalidArgument) << bad;
  std::string many = "id=a";
  for (size_t i = 0; i < kAclGrantsMax; ++i) many += ",id=a";
  EXPECT_EQ(ParseGrantHeader("x-amz-grant-read", many).error().name, kMalformedAcl);
}

AccessControlPolicy Document(std::vector<Grant> grants, const std::string& owner = kOwner) {
  return {.grants = std::move(grants), .owner = Owner{.id = owner}};
}

TEST(Acl, OfADocumentIsWhatItSays) {
  const auto grant = [](Grantee grantee, const char* permission) {
    return Grant{.grantee = std::move(grantee), .permission = permission};
  };
  const auto list = AclFromDocument(Document({grant(ToModelGrantee(kOwner), "FULL_CONTROL"),
                                              grant(ToModelGrantee(std::string(kLogDelivery)), "WRITE")}),
                                    Parties());
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Text(*list->grants), "owner=FULL_CONTROL " + std::string(kLogDelivery) + "=WRITE");
  EXPECT_EQ(AclFromDocument(Document({}), Parties())->grants->size(), 0u) << "not the same as none said";
  EXPECT_FALSE(AclFromDocument(Document({grant(ToModelGrantee(kOwner), "FULL_CONTROL")}), Parties())->grants);

  EXPECT_EQ(AclFromDocument(Document({}, kIdentity), Parties()).error().name, kAccessDenied);
  EXPECT_EQ(AclFromDocument({}, Parties()).error().name, kMalformedAcl);
  EXPECT_EQ(AclFromDocument(Document({grant(ToModelGrantee(kOwner), "EVERYTHING")}), Parties()).error().name,
            kMalformedAcl);
  EXPECT_EQ(AclFromDocument(Document({grant({.type = "CanonicalUser"}, "READ")}), Parties()).error().name,
            kMalformedAcl);
  EXPECT_EQ(AclFromDocument(Document({grant(ToModelGrantee("nobody"), "READ")}), Parties()).error().name,
            kInvalidArgument);
  const std::vector<Grant> many(kAclGrantsMax + 1, grant(ToModelGrantee(kOwner), "READ"));
  EXPECT_EQ(AclFromDocument(Document(many), Parties()).error().name, kMalformedAcl);
}

TEST(Acl, WhereDisabledMayOnlySayWhatHoldsAnyway) {
  const auto refusal = [](const AclHeaders& headers) -> std::string_view {
    const Status checked = CheckOwnersOnly(headers, AclOf::kObject, kOwner);
    return checked.ok() ? std::string_view() : checked.error().name;
  };
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({.canned = "private"}), "");
  EXPECT_EQ(refusal({.canned = "bucket-owner-full-control"}), "");
  EXPECT_EQ(refusal({.canned = "public-read"}), kAccessControlListNotSupported);
  EXPECT_EQ(refusal({.full_control = "id=" + kOwner}), "");
  EXPECT_EQ(refusal({.full_control = "id=" + kIdentity}), kAccessControlListNotSupported);
  EXPECT_EQ(refusal({.read = "id=" + kOwner}), kAccessControlListNotSupported);
  EXPECT_EQ(refusal({.canned = "private", .full_control = "id=" + kOwner}), kInvalidRequest);
}

TEST(Acl, IsPublicWhenAGroupOfStrangersIsInIt) {
  const auto of = [](std::string_view grantee) {
    return AccessControlList{"", std::vector<AclGrant>{{std::string(grantee), AclPermission::kRead}}};
  };
  EXPECT_TRUE(IsPublic(of(kAllUsers)));
  EXPECT_TRUE(IsPublic(of(kAuthenticatedUsers)));
  EXPECT_FALSE(IsPublic(of(kLogDelivery)));
  EXPECT_FALSE(IsPublic(of(kIdentity)));
  EXPECT_FALSE(IsPublic({}));
}

TEST(Acl, SaysWhoMayDoWhat) {
  const AccessControlList list{"",
                               std::vector<AclGrant>{{kIdentity, AclPermission::kRead},
                                                     {std::string(kAllUsers), AclPermission::kWriteAcp},
                                                     {std::string(kAuthenticatedUsers), AclPermission::kFullControl}}};
  const auto judge = [&](AclPermission needed, const AclSubject& subject) {
    const AclVerdict verdict = Judge(list, kOwner, needed, subject);
    return std::string(verdict.by_user ? "user" : "") + (verdict.by_group ? "group" : "");
  };
  EXPECT_EQ(judge(AclPermission::kRead, {}), "");
  EXPECT_EQ(judge(AclPermission::kWriteAcp, {}), "group");
  EXPECT_EQ(judge(AclPermission::kWriteAcp, {.ignores_public = true}), "");
  EXPECT_EQ(judge(AclPermission::kRead, {.authenticated = true}), "group");
  EXPECT_EQ(judge(AclPermission::kRead, {.canonical_user_id = kIdentity}), "user");
  EXPECT_EQ(judge(AclPermission::kReadAcp, {.canonical_user_id = kIdentity}), "");
  EXPECT_EQ(judge(AclPermission::kRead, {.canonical_user_id = kOwner}), "") << "its grant was taken away";
  EXPECT_EQ(judge(AclPermission::kReadAcp, {.canonical_user_id = kOwner}), "user") << "so that it can come back";
  EXPECT_TRUE(Judge({}, kOwner, AclPermission::kWrite, {.canonical_user_id = kOwner}).by_user);
  EXPECT_FALSE(Judge({kIdentity, {}}, kOwner, AclPermission::kRead, {.canonical_user_id = kOwner}).by_user);
}

}  // namespace
}  // namespace meetinity::s3

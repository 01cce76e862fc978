#include "aws/s3/acl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/s3/errors.h"
#include "aws/s3/state.h"
#include "base/text.h"

namespace meetinity::s3 {
namespace {

// Other canonical users of AWS's own that lists name: EC2's image store, S3's log delivery.
constexpr std::string_view kImageStore = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";
constexpr std::string_view kServerLogs = "3272ee65a908a7677109fedda345db8d9554ba26398b2ca10581de88777e2b61";

Error Argument(std::string_view name, std::string_view value, std::string detail) {
  return Error{Kind::kInvalid, kInvalidArgument, std::move(detail)}
      .With("ArgumentName", std::string(name))
      .With("ArgumentValue", std::string(value));
}

Error MalformedAcl(std::string_view detail) { return {Kind::kInvalid, kMalformedAcl, MalformedXml(detail).detail}; }

Result<std::string> KnownUser(const std::string& id, std::string_view argument, const AclParties& parties) {
  const bool is_own = id == parties.owner || id == parties.bucket_owner || id == kImageStore || id == kCloudFrontLogs ||
                      id == kServerLogs;
  if (is_own || (parties.is_known && TRY(parties.is_known(id)))) return id;
  return Argument(argument, id, "Invalid id");
}

Result<std::string> KnownGroup(const std::string& uri, std::string_view argument) {
  if (uri == kAllUsers || uri == kAuthenticatedUsers || uri == kLogDelivery) return uri;
  return Argument(argument, uri, "Invalid group uri");
}

// The one account there is has no address that could be asked for.
Error NobodysAddress() {
  return {Kind::kInvalid, kUnresolvableGrant, "The e-mail address you provided does not match any account on record."};
}

using Grants = std::vector<AclGrant>;

// S3 User Guide, "Canned ACL". The bucket-owner-… ones say nothing of a bucket.
Result<Grants> CannedGrants(const std::string& canned, AclOf what, const AclParties& parties) {
  using P = AclPermission;
  const auto group = [](std::string_view uri, P permission) { return AclGrant{std::string(uri), permission}; };
  Grants grants = {{parties.owner, P::kFullControl}};
  const bool of_other = what == AclOf::kObject && parties.owner != parties.bucket_owner;
  if (canned == "public-read" || canned == "public-read-write") grants.push_back(group(kAllUsers, P::kRead));
  if (canned == "public-read-write") grants.push_back(group(kAllUsers, P::kWrite));
  if (canned == "authenticated-read") grants.push_back(group(kAuthenticatedUsers, P::kRead));
  if (canned == "aws-exec-read") grants.push_back(group(kImageStore, P::kRead));
  if (canned == "bucket-owner-read" && of_other) grants.push_back({parties.bucket_owner, P::kRead});
  if (canned == "bucket-owner-full-control" && of_other) grants.push_back({parties.bucket_owner, P::kFullControl});
  if (canned == "log-delivery-write") {
    grants.push_back(group(kLogDelivery, P::kWrite));
    grants.push_back(group(kLogDelivery, P::kReadAcp));
  }
  return grants;
}

struct GrantHeader {
  std::string_view name;
  std::optional<std::string> AclHeaders::*value;
  AclPermission permission;
};
constexpr std::array<GrantHeader, 5> kGrantHeaders = {{
    {"x-amz-grant-full-control", &AclHeaders::full_control, AclPermission::kFullControl},
    {"x-amz-grant-read", &AclHeaders::read, AclPermission::kRead},
    {"x-amz-grant-write", &AclHeaders::write, AclPermission::kWrite},
    {"x-amz-grant-read-acp", &AclHeaders::read_acp, AclPermission::kReadAcp},
    {"x-amz-grant-write-acp", &AclHeaders::write_acp, AclPermission::kWriteAcp},
}};

Result<Grants> GrantsFromHeaders(const AclHeaders& headers, const AclParties& parties) {
  Grants grants;
  for (const auto& [name, value, permission] : kGrantHeaders) {
    if (!(headers.*value)) continue;
    for (const HeaderGrantee& grantee : TRY(ParseGrantHeader(name, *(headers.*value)))) {
      if (grantee.kind == "emailAddress") return NobodysAddress();
      grants.push_back(
          {grantee.kind == "id" ? TRY(KnownUser(grantee.value, name, parties)) : TRY(KnownGroup(grantee.value, name)),
           permission});
    }
  }
  return grants;
}

// The default list is kept as such, whoever wrote it out.
Result<AccessControlList> ToList(Grants grants, const AclParties& parties) {
  if (grants.size() > kAclGrantsMax) return MalformedAcl(fmt::format("a list has {} grants at most.", kAclGrantsMax));
  AccessControlList list;
  if (parties.owner != parties.bucket_owner) list.owner = parties.owner;
  const Grants own = {{parties.owner, AclPermission::kFullControl}};
  if (grants != own) list.grants = std::move(grants);
  return list;
}

}  // namespace

Error AclNotSupported() { return {Kind::kInvalid, kAccessControlListNotSupported, "The bucket does not allow ACLs"}; }

void AddAclKeys(const AclHeaders& headers, iam::ContextKeys& keys) {
  const auto add = [&keys](std::string_view name, const std::optional<std::string>& value) {
    if (value) keys.try_emplace(fmt::format("s3:{}", name), std::vector<std::string>{*value});
  };
  add("x-amz-acl", headers.canned);
  for (const auto& [name, value, permission] : kGrantHeaders) add(name, headers.*value);
}

Result<std::vector<HeaderGrantee>> ParseGrantHeader(std::string_view header, std::string_view value) {
  const auto unreadable = [&] { return Argument(header, value, "Argument format not recognized"); };
  std::vector<HeaderGrantee> grantees;
  for (std::string_view rest = Trim(value); !rest.empty();) {
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return unreadable();
    const std::string_view given = Trim(rest.substr(0, equals));
    rest = Trim(rest.substr(equals + 1));
    HeaderGrantee grantee;
    for (const std::string_view kind : {"id", "uri", "emailAddress"})
      if (EqualsIgnoreCase(kind, given)) grantee.kind = kind;
    const bool quoted = rest.starts_with('"');
    if (quoted) rest.remove_prefix(1);
    const size_t end = rest.find(quoted ? '"' : ',');
    if (quoted && end == std::string_view::npos) return unreadable();
    grantee.value = quoted ? rest.substr(0, end) : Trim(rest.substr(0, end));
    if (grantee.kind.empty() || grantee.value.empty()) return unreadable();
    rest = end == std::string_view::npos ? std::string_view() : Trim(rest.substr(end + (quoted ? 1 : 0)));
    if (!rest.empty() && !rest.starts_with(',')) return unreadable();
    // What follows a comma is another grantee.
    if (!rest.empty() && (rest = Trim(rest.substr(1))).empty()) return unreadable();
    grantees.push_back(std::move(grantee));
    if (grantees.size() > kAclGrantsMax)
      return MalformedAcl(fmt::format("a list has {} grants at most.", kAclGrantsMax));
  }
  if (grantees.empty()) return unreadable();
  return grantees;
}

Result<AccessControlList> AclFromHeaders(const AclHeaders& headers, AclOf what, const AclParties& parties) {
  if (headers.canned && headers.grants())
    return Error{Kind::kInvalid, kInvalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed"};
  if (headers.grants()) return ToList(TRY(GrantsFromHeaders(headers, parties)), parties);
  return ToList(TRY(CannedGrants(headers.canned.value_or("private"), what, parties)), parties);
}

Result<std::string> ToGrantee(const Grantee& grantee, const AclParties& parties) {
  if (grantee.type == Type::kCanonicalUser && grantee.id) return KnownUser(*grantee.id, "CanonicalUser/ID", parties);
  if (grantee.type == Type::kGroup && grantee.uri) return KnownGroup(*grantee.uri, "Group/URI");
  if (grantee.type == Type::kAmazonCustomerByEmail && grantee.email_address) return NobodysAddress();
  return MalformedAcl("a grantee is a CanonicalUser with an ID, a Group with a URI or an AmazonCustomerByEmail.");
}

Result<AccessControlList> AclFromDocument(const AccessControlPolicy& document, const AclParties& parties) {
  if (!document.owner || !document.owner->id) return MalformedAcl("the Owner's ID is expected.");
  if (*document.owner->id != parties.owner) return Error{Kind::kUnauthorized, kAccessDenied, "Access Denied"};
  Grants grants;
  for (const Grant& grant : document.grants.value_or(std::vector<Grant>())) {
    const auto permission = ParseAclPermission(grant.permission.value_or(""));
    if (!grant.grantee || !permission) return MalformedAcl("a grant has a Grantee and a Permission.");
    if (grants.size() == kAclGrantsMax)
      return MalformedAcl(fmt::format("a list has {} grants at most.", kAclGrantsMax));
    grants.push_back({TRY(ToGrantee(*grant.grantee, parties)), *permission});
  }
  return ToList(std::move(grants), parties);
}

Status CheckOwnersOnly(const AclHeaders& headers, AclOf what, const std::string& bucket_owner) {
  const bool only_full = !headers.read && !headers.write && !headers.read_acp && !headers.write_acp;
  if (headers.canned && headers.grants()) return AclFromHeaders(headers, what, {}).error();
  if (headers.grants() && !only_full) return AclNotSupported();
  if (headers.full_control) {
    for (const HeaderGrantee& grantee : TRY(ParseGrantHeader("x-amz-grant-full-control", *headers.full_control)))
      if (grantee.kind != "id" || grantee.value != bucket_owner) return AclNotSupported();
  }
  const auto& canned = headers.canned;
  if (!canned || *canned == "private" || *canned == "bucket-owner-full-control" || *canned == "bucket-owner-read")
    return {};
  return AclNotSupported();
}

Status CheckOwnersOnly(const AccessControlPolicy& document, const std::string& bucket_owner) {
  for (const Grant& grant : document.grants.value_or(std::vector<Grant>())) {
    const bool is_owners =
        grant.grantee && grant.grantee->type == Type::kCanonicalUser && grant.grantee->id == bucket_owner;
    if (!is_owners || grant.permission != Permission::kFullControl) return AclNotSupported();
  }
  return {};
}

Status CheckGrantsNobody(const AccessControlList& list, const std::string& owner) {
  if (!GrantsOthers(list, owner)) return {};
  return Error{Kind::kInvalid, kInvalidBucketAclWithObjectOwnership,
               "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"};
}

Status CheckPublicAcls(const BucketRecord& bucket, const AccessControlList& list) {
  if (!bucket.public_access_block || !bucket.public_access_block->block_public_acls || !IsPublic(list)) return {};
  return Error{Kind::kUnauthorized, kAccessDenied,
               "Access Denied: public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access."};
}

Grantee ToModelGrantee(const std::string& grantee) {
  if (AclGrant{grantee}.is_group()) return {.type = std::string(Type::kGroup), .uri = grantee};
  return {.id = grantee, .type = std::string(Type::kCanonicalUser)};
}

std::vector<Grant> ToModelGrants(const std::vector<AclGrant>& grants) {
  std::vector<Grant> shown;
  for (const AclGrant& grant : grants)
    shown.push_back({.grantee = ToModelGrantee(grant.grantee), .permission = std::string(ToString(grant.permission))});
  return shown;
}

}  // namespace meetinity::s3

// Reading and replacing access control lists, and those that come with new objects.

#include "aws/s3/acl.h"
#include "aws/s3/enter.h"
#include "aws/s3/found.h"
#include "aws/s3/versions.h"

namespace meetinity::s3 {
namespace {

// Whose an object is that this caller writes; empty: the bucket owner's. Services write for the bucket's owner.
std::string WriterOf(const wire::Principal& principal) {
  if (principal.kind == wire::PrincipalKind::kAnonymous) return std::string(kAnonymousUser);
  if (principal.kind == wire::PrincipalKind::kOriginAccessIdentity) return principal.canonical_user_id;
  return {};
}

template <class Input>
iam::ContextKeys AclKeysOf(const Input& in) {
  iam::ContextKeys keys;
  AddAclKeys(AclHeadersOf(in), keys);
  return keys;
}

}  // namespace

AclParties S3::PartiesOf(const store::ReadTx& tx, std::string owner) const {
  return {std::move(owner), options_.owner_id,
          [this, &tx](const std::string& id) -> Result<bool> { return knows_user_ ? knows_user_(tx, id) : false; }};
}

Result<AccessControlList> S3::AclOfNewObject(const store::ReadTx& tx, const wire::Call& call,
                                             const BucketRecord& bucket, const std::string& key,
                                             const AclHeaders& headers) const {
  // What S3 delivers is for those whom PutBucketLogging named.
  const bool delivers =
      call.principal.kind == wire::PrincipalKind::kService && call.principal.service == kLoggingService;
  if (headers.any() && !delivers) {
    iam::ContextKeys keys;
    AddAclKeys(headers, keys);
    TRY(access_.Check(call, &bucket, "s3:PutObjectAcl", ObjectArn(bucket.name, key), std::move(keys)));
  }
  if (!AclsEnabled(bucket)) {
    TRY(CheckOwnersOnly(headers, AclOf::kObject, options_.owner_id));
    return AccessControlList{};
  }
  std::string writer = WriterOf(call.principal);
  const bool handed_over = bucket.ownership == ObjectOwnership::kBucketOwnerPreferred &&
                           headers.canned == ObjectCannedACL::kBucketOwnerFullControl;
  if (writer.empty() || handed_over) writer = options_.owner_id;
  AccessControlList list = TRY(AclFromHeaders(headers, AclOf::kObject, PartiesOf(tx, std::move(writer))));
  TRY(CheckPublicAcls(bucket, list));
  return list;
}

template <class Input>
Result<AccessControlList> S3::ReplacingAcl(const store::ReadTx& tx, const BucketRecord& bucket, const Input& in,
                                           AclOf what, const std::string& owner) const {
  const AclHeaders headers = AclHeadersOf(in);
  if (headers.any() && in.access_control_policy)
    return Error{Kind::kInvalid, kUnexpectedContent, "This request does not support content"};
  if (!headers.any() && !in.access_control_policy)
    return Error{Kind::kInvalid, kMissingSecurityHeader, "Your request was missing a required header"}.With(
        "MissingHeaderName", "x-amz-acl");
  if (!AclsEnabled(bucket)) {
    TRY(in.access_control_policy ? CheckOwnersOnly(*in.access_control_policy, options_.owner_id)
                                 : CheckOwnersOnly(headers, what, options_.owner_id));
    return AccessControlList{};
  }
  const AclParties parties = PartiesOf(tx, owner.empty() ? options_.owner_id : owner);
  AccessControlList list = TRY(in.access_control_policy ? AclFromDocument(*in.access_control_policy, parties)
                                                        : AclFromHeaders(headers, what, parties));
  TRY(CheckPublicAcls(bucket, list));
  return list;
}

Result<GetBucketAclOutput> S3::GetBucketAcl(const wire::Call& call, const GetBucketAclInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketAclOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketAcl"));
    const AccessControlList list = AclsEnabled(bucket) ? bucket.acl : AccessControlList{};
    return GetBucketAclOutput{.grants = ToModelGrants(GrantsOf(list, options_.owner_id)), .owner = BucketOwner()};
  });
}

Result<PutBucketAclOutput> S3::PutBucketAcl(const wire::Call& call, const PutBucketAclInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    BucketRecord bucket =
        TRY(Enter(tx, call, {in.bucket, in.expected_bucket_owner, "s3:PutBucketAcl", nullptr, AclKeysOf(in)}));
    AccessControlList list = TRY(ReplacingAcl(tx, bucket, in, AclOf::kBucket, ""));
    if (!AclsEnabled(bucket)) return {};
    bucket.acl = std::move(list);
    return tx.Put(bucket);
  }));
  return PutBucketAclOutput{};
}

Result<bool> S3::GrantLogDelivery(store::Tx& tx, const wire::Call& call, const std::string& bucket) {
  BucketRecord record = TRY(Enter(tx, call, {bucket, std::nullopt, "s3:PutBucketAcl"}));
  if (!AclsEnabled(record)) return false;
  const AclGrant grant{std::string(kCloudFrontLogs), AclPermission::kFullControl};
  std::vector<AclGrant> grants = GrantsOf(record.acl, options_.owner_id);
  if (std::ranges::find(grants, grant) == grants.end()) {
    grants.push_back(grant);
    record.acl.grants = std::move(grants);
    TRY(tx.Put(record));
  }
  return true;
}

Result<GetObjectAclOutput> S3::GetObjectAcl(const wire::Call& call, const GetObjectAclInput& in) {
  const Found found = TRY(database_.Read([&](const store::ReadTx& tx) {
    return FindForRead(
        tx, call,
        {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:GetObjectAcl", "s3:GetObjectVersionAcl"});
  }));
  const AccessControlList list = AclsEnabled(found.bucket) ? found.version.acl : AccessControlList{};
  return GetObjectAclOutput{.grants = ToModelGrants(GrantsOf(list, options_.owner_id)),
                            .owner = list.owner.empty() ? BucketOwner() : Owner{.id = list.owner}};
}

Result<PutObjectAclOutput> S3::PutObjectAcl(const wire::Call& call, const PutObjectAclInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    Found found = TRY(FindForRead(tx, call,
                                  {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:PutObjectAcl",
                                   "s3:PutObjectVersionAcl", AclKeysOf(in)}));
    AccessControlList list = TRY(ReplacingAcl(tx, found.bucket, in, AclOf::kObject, found.version.acl.owner));
    if (!AclsEnabled(found.bucket)) return {};
    found.version.acl = std::move(list);
    return UpdateVersion(tx, found.version);
  }));
  return PutObjectAclOutput{};
}

}  // namespace meetinity::s3

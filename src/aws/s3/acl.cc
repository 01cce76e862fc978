// Access control lists. Buckets are BucketOwnerEnforced: the owner has everything, and no list changes that.

#include "aws/s3/acl.h"

#include "aws/s3/enter.h"
#include "aws/s3/found.h"

namespace meetinity::s3 {
namespace {

// A list in the body may repeat what holds anyway, and nothing else.
Status CheckGrants(const std::optional<AccessControlPolicy>& policy, const std::string& owner_id) {
  if (!policy || !policy->grants) return {};
  for (const Grant& grant : *policy->grants) {
    const bool is_owners = grant.grantee && grant.grantee->type == "CanonicalUser" && grant.grantee->id == owner_id;
    if (!is_owners || grant.permission != Permission::kFullControl) return AclNotSupported();
  }
  return {};
}

template <class Input>
Status CheckAnyAcl(const Input& in, const std::string& owner_id) {
  TRY(CheckAcl(in));
  return CheckGrants(in.access_control_policy, owner_id);
}

}  // namespace

Result<GetBucketAclOutput> S3::GetBucketAcl(const wire::Call& call, const GetBucketAclInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketAclOutput> {
    TRY(EnterBucket(tx, call, in, "s3:GetBucketAcl"));
    return GetBucketAclOutput{.grants = OwnersGrants(), .owner = BucketOwner()};
  });
}

Result<PutBucketAclOutput> S3::PutBucketAcl(const wire::Call& call, const PutBucketAclInput& in) {
  TRY(database_.Read([&](const store::ReadTx& tx) { return EnterBucket(tx, call, in, "s3:PutBucketAcl"); }));
  TRY(CheckAnyAcl(in, options_.owner_id));
  return PutBucketAclOutput{};
}

Result<GetObjectAclOutput> S3::GetObjectAcl(const wire::Call& call, const GetObjectAclInput& in) {
  TRY(database_.Read([&](const store::ReadTx& tx) {
    return FindForRead(
        tx, call,
        {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:GetObjectAcl", "s3:GetObjectVersionAcl"});
  }));
  return GetObjectAclOutput{.grants = OwnersGrants(), .owner = BucketOwner()};
}

Result<PutObjectAclOutput> S3::PutObjectAcl(const wire::Call& call, const PutObjectAclInput& in) {
  TRY(database_.Read([&](const store::ReadTx& tx) {
    return FindForRead(
        tx, call,
        {in.bucket, in.key, in.version_id, in.expected_bucket_owner, "s3:PutObjectAcl", "s3:PutObjectVersionAcl"});
  }));
  TRY(CheckAnyAcl(in, options_.owner_id));
  return PutObjectAclOutput{};
}

}  // namespace meetinity::s3

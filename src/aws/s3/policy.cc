// Bucket policies. What they mean is in access.h and aws/iam/policy.h.

#include "aws/s3/bucket_policy.h"
#include "aws/s3/enter.h"

namespace meetinity::s3 {

Result<GetBucketPolicyOutput> S3::GetBucketPolicy(const wire::Call& call, const GetBucketPolicyInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketPolicyOutput> {
    BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketPolicy"));
    if (!bucket.policy)
      return Error{Kind::kNotFound, kNoSuchBucketPolicy, "The bucket policy does not exist"}.With("BucketName",
                                                                                                  bucket.name);
    return GetBucketPolicyOutput{.policy = *std::move(bucket.policy)};
  });
}

Status S3::CheckPrincipalsExist(const store::ReadTx& tx, const iam::PolicyDocument& document) const {
  for (const iam::PolicyStatement& statement : document.statements()) {
    if (!statement.principals) continue;
    for (const std::string& principal : statement.principals->aws) {
      if (knows_principal_ && !TRY(knows_principal_(tx, principal))) return InvalidPrincipal();
    }
    for (const std::string& user : statement.principals->canonical_users) {
      if (user == options_.owner_id) continue;
      if (knows_user_ && !TRY(knows_user_(tx, user))) return InvalidPrincipal();
    }
  }
  return {};
}

Result<PutBucketPolicyOutput> S3::PutBucketPolicy(const wire::Call& call, const PutBucketPolicyInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:PutBucketPolicy"));
    const iam::PolicyDocument document = TRY(ParseBucketPolicy(in.policy, bucket.name));
    TRY(CheckPrincipalsExist(tx, document));
    const bool blocks = bucket.public_access_block && bucket.public_access_block->block_public_policy;
    if (blocks && iam::IsPublic(document))
      return Error{Kind::kUnauthorized, kAccessDenied,
                   "Access Denied: public policies are prevented by the BlockPublicPolicy setting in S3 Block Public "
                   "Access."};
    bucket.policy = in.policy;
    return tx.Put(bucket);
  }));
  return PutBucketPolicyOutput{};
}

Result<DeleteBucketPolicyOutput> S3::DeleteBucketPolicy(const wire::Call& call, const DeleteBucketPolicyInput& in) {
  TRY(ChangeBucket(call, in, "s3:DeleteBucketPolicy", [](BucketRecord& bucket) -> Status {
    bucket.policy.reset();
    return {};
  }));
  return DeleteBucketPolicyOutput{};
}

Result<GetBucketPolicyStatusOutput> S3::GetBucketPolicyStatus(const wire::Call& call,
                                                              const GetBucketPolicyStatusInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetBucketPolicyStatusOutput> {
    const BucketRecord bucket = TRY(EnterBucket(tx, call, in, "s3:GetBucketPolicyStatus"));
    if (!bucket.policy)
      return Error{Kind::kNotFound, kNoSuchBucketPolicy, "The bucket policy does not exist"}.With("BucketName",
                                                                                                  bucket.name);
    const bool is_public = iam::IsPublic(TRY(ParseBucketPolicy(*bucket.policy, bucket.name)));
    return GetBucketPolicyStatusOutput{.policy_status = PolicyStatus{.is_public = is_public}};
  });
}

}  // namespace meetinity::s3

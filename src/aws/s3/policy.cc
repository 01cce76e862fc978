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

Result<PutBucketPolicyOutput> S3::PutBucketPolicy(const wire::Call& call, const PutBucketPolicyInput& in) {
  TRY(ChangeBucket(call, in, "s3:PutBucketPolicy", [&](BucketRecord& bucket) -> Status {
    const iam::PolicyDocument document = TRY(ParseBucketPolicy(in.policy, bucket.name));
    const bool blocks = bucket.public_access_block && bucket.public_access_block->block_public_policy;
    if (blocks && iam::IsPublic(document))
      return Error{Kind::kUnauthorized, kAccessDenied,
                   "Access Denied: public policies are prevented by the BlockPublicPolicy setting in S3 Block Public "
                   "Access."};
    bucket.policy = in.policy;
    return {};
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

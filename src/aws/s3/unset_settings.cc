// Settings that cannot be set: their writes are refused as not implemented, so nothing here ever has to be made up.
// Reads answer what AWS answers for a bucket where nothing was set; deletes of nothing succeed.

#include "aws/s3/enter.h"

namespace meetinity::s3 {
namespace {

Error NotFound(std::string_view name, std::string detail) { return {Kind::kNotFound, name, std::move(detail)}; }

}  // namespace

// `answer`, for those who may ask.
template <class Output, class Input>
Result<Output> S3::AnswerUnset(const wire::Call& call, const Input& in, std::string_view action,
                               Result<Output> answer) const {
  TRY(database_.Read([&](const store::ReadTx& tx) { return EnterBucket(tx, call, in, action); }));
  if (!answer.ok()) return std::move(answer).error().With("BucketName", in.bucket);
  return answer;
}

Result<GetBucketAccelerateConfigurationOutput> S3::GetBucketAccelerateConfiguration(
    const wire::Call& call, const GetBucketAccelerateConfigurationInput& in) {
  return AnswerUnset<GetBucketAccelerateConfigurationOutput>(call, in, "s3:GetAccelerateConfiguration",
                                                             GetBucketAccelerateConfigurationOutput{});
}

Result<GetBucketNotificationConfigurationOutput> S3::GetBucketNotificationConfiguration(
    const wire::Call& call, const GetBucketNotificationConfigurationInput& in) {
  return AnswerUnset<GetBucketNotificationConfigurationOutput>(call, in, "s3:GetBucketNotification",
                                                               GetBucketNotificationConfigurationOutput{});
}

Result<GetBucketReplicationOutput> S3::GetBucketReplication(const wire::Call& call,
                                                            const GetBucketReplicationInput& in) {
  return AnswerUnset<GetBucketReplicationOutput>(
      call, in, "s3:GetReplicationConfiguration",
      NotFound(kReplicationConfigurationNotFound, "The replication configuration was not found"));
}

Result<DeleteBucketReplicationOutput> S3::DeleteBucketReplication(const wire::Call& call,
                                                                  const DeleteBucketReplicationInput& in) {
  return AnswerUnset<DeleteBucketReplicationOutput>(call, in, "s3:PutReplicationConfiguration",
                                                    DeleteBucketReplicationOutput{});
}

Result<GetBucketRequestPaymentOutput> S3::GetBucketRequestPayment(const wire::Call& call,
                                                                  const GetBucketRequestPaymentInput& in) {
  return AnswerUnset<GetBucketRequestPaymentOutput>(call, in, "s3:GetBucketRequestPayment",
                                                    GetBucketRequestPaymentOutput{.payer = "BucketOwner"});
}

Result<GetBucketWebsiteOutput> S3::GetBucketWebsite(const wire::Call& call, const GetBucketWebsiteInput& in) {
  return AnswerUnset<GetBucketWebsiteOutput>(
      call, in, "s3:GetBucketWebsite",
      NotFound(kNoSuchWebsiteConfiguration, "The specified bucket does not have a website configuration"));
}

Result<DeleteBucketWebsiteOutput> S3::DeleteBucketWebsite(const wire::Call& call, const DeleteBucketWebsiteInput& in) {
  return AnswerUnset<DeleteBucketWebsiteOutput>(call, in, "s3:DeleteBucketWebsite", DeleteBucketWebsiteOutput{});
}

}  // namespace meetinity::s3

#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aws/s3/access.h"
#include "aws/s3/access_log.h"
#include "aws/s3/acl.h"
#include "aws/s3/bucket_cache.h"
#include "aws/s3/lifecycle.h"
#include "aws/s3/object_lock.h"
#include "aws/s3_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/blob_store.h"
#include "store/database.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::s3 {

struct BucketRecord;
struct CopySource;
struct Found;
struct ReadConditions;

struct S3Options {
  std::string account = "123456789012";
  std::string region = "eu-west-1";
  std::string owner_id;  // the account's canonical user id, 64 hex digits
};

// Amazon S3: buckets and objects, in tables (state.h) and blobs.
//
// Every operation keeps its AWS name and says what it refuses through errors.h. Each changes state in one transaction;
// an acknowledged object is durable, bytes and record. Bodies arrive staged and verified (wire/body.h); answers stream
// from blobs. Authorization is made here and not by the dispatcher, because bucket policies take part in it (access.h).
// Owned by the composition root, borrows all it is given. Thread-safe: it keeps nothing in memory but buckets' records,
// parsed policies and rules, and which buckets log.
class S3 {
 public:
  S3(store::Database& database, store::BlobStore& blobs, IdentityDecision identity, const Clock& clock,
     S3Options options);

  static std::vector<store::Migration> Migrations();
  // Every served operation, and the checks that are made before a body is received. The host must have been made with
  // Authorization::kByService.
  void Register(wire::ServiceHost& host);

  // --- For the rest of the house.

  // Whether there is such a canonical user besides the account's own and AWS's: an origin access identity. Lists may
  // grant to no other. Before the first request.
  using KnowsUser = std::function<Result<bool>(const store::ReadTx& tx, const std::string& canonical_user_id)>;
  void AskCanonicalUsers(KnowsUser knows_user) { knows_user_ = std::move(knows_user); }
  // Whether a bucket policy may name this principal of Principal.AWS. Before the first request; without it all are
  // known.
  using KnowsPrincipal = std::function<Result<bool>(const store::ReadTx& tx, std::string_view principal)>;
  void AskPrincipals(KnowsPrincipal knows_principal) { knows_principal_ = std::move(knows_principal); }
  bool BucketExists(std::string_view bucket) const;
  // Whether the bucket's ownership setting leaves ACLs enabled; kNotFound when there is no such bucket.
  Result<bool> AllowsAcls(const store::ReadTx& tx, const std::string& bucket) const;
  // Adds CloudFront's log delivery to those who may write to the bucket, as the caller, who needs s3:PutBucketAcl.
  // False where ACLs are disabled; kNotFound when there is no such bucket.
  Result<bool> GrantLogDelivery(store::Tx& tx, const wire::Call& call, const std::string& bucket);
  // Reads anew which buckets log: at start, and when the store was replaced beneath us (Clear, RestoreGolden).
  Status Restore();
  // Where the lines of server access logs go, each as it is to be spooled. Before the first request.
  void LogTo(AccessLog::Sink sink) { access_log_.SendTo(std::move(sink)); }
  // Stores one object of logs, as S3's own logging service and by its permissions.
  Status DeliverAccessLog(const store::LineDelivery::Place& place, std::string_view lines);
  // For the sweep at start: whether a record names the blob.
  Result<bool> IsBlobReferenced(const store::BlobId& blob) const;
  // PutObject of bytes in memory.
  Result<PutObjectOutput> PutBytes(const wire::Call& call, std::string bucket, std::string key,
                                   std::string content_type, std::string cache_control, std::string_view bytes);

  // --- The operations.

  // Buckets (buckets.cc)
  Result<CreateBucketOutput> CreateBucket(const wire::Call& call, const CreateBucketInput& in);
  Result<DeleteBucketOutput> DeleteBucket(const wire::Call& call, const DeleteBucketInput& in);
  Result<HeadBucketOutput> HeadBucket(const wire::Call& call, const HeadBucketInput& in);
  Result<ListBucketsOutput> ListBuckets(const wire::Call& call, const ListBucketsInput& in);
  Result<GetBucketLocationOutput> GetBucketLocation(const wire::Call& call, const GetBucketLocationInput& in);

  // A bucket's settings (bucket_settings.cc)
  Result<GetBucketVersioningOutput> GetBucketVersioning(const wire::Call& call, const GetBucketVersioningInput& in);
  Result<PutBucketVersioningOutput> PutBucketVersioning(const wire::Call& call, const PutBucketVersioningInput& in);
  Result<GetBucketEncryptionOutput> GetBucketEncryption(const wire::Call& call, const GetBucketEncryptionInput& in);
  Result<PutBucketEncryptionOutput> PutBucketEncryption(const wire::Call& call, const PutBucketEncryptionInput& in);
  Result<DeleteBucketEncryptionOutput> DeleteBucketEncryption(const wire::Call& call,
                                                              const DeleteBucketEncryptionInput& in);
  Result<GetBucketOwnershipControlsOutput> GetBucketOwnershipControls(const wire::Call& call,
                                                                      const GetBucketOwnershipControlsInput& in);
  Result<PutBucketOwnershipControlsOutput> PutBucketOwnershipControls(const wire::Call& call,
                                                                      const PutBucketOwnershipControlsInput& in);
  Result<DeleteBucketOwnershipControlsOutput> DeleteBucketOwnershipControls(
      const wire::Call& call, const DeleteBucketOwnershipControlsInput& in);
  Result<GetPublicAccessBlockOutput> GetPublicAccessBlock(const wire::Call& call, const GetPublicAccessBlockInput& in);
  Result<PutPublicAccessBlockOutput> PutPublicAccessBlock(const wire::Call& call, const PutPublicAccessBlockInput& in);
  Result<DeletePublicAccessBlockOutput> DeletePublicAccessBlock(const wire::Call& call,
                                                                const DeletePublicAccessBlockInput& in);

  // The lifecycle (lifecycle_settings.cc)
  Result<PutBucketLifecycleConfigurationOutput> PutBucketLifecycleConfiguration(
      const wire::Call& call, const PutBucketLifecycleConfigurationInput& in);
  Result<GetBucketLifecycleConfigurationOutput> GetBucketLifecycleConfiguration(
      const wire::Call& call, const GetBucketLifecycleConfigurationInput& in);
  Result<DeleteBucketLifecycleOutput> DeleteBucketLifecycle(const wire::Call& call,
                                                            const DeleteBucketLifecycleInput& in);

  // Object Lock (object_lock_settings.cc)
  Result<PutObjectLockConfigurationOutput> PutObjectLockConfiguration(const wire::Call& call,
                                                                      const PutObjectLockConfigurationInput& in);
  Result<GetObjectLockConfigurationOutput> GetObjectLockConfiguration(const wire::Call& call,
                                                                      const GetObjectLockConfigurationInput& in);
  Result<PutObjectRetentionOutput> PutObjectRetention(const wire::Call& call, const PutObjectRetentionInput& in);
  Result<GetObjectRetentionOutput> GetObjectRetention(const wire::Call& call, const GetObjectRetentionInput& in);
  Result<PutObjectLegalHoldOutput> PutObjectLegalHold(const wire::Call& call, const PutObjectLegalHoldInput& in);
  Result<GetObjectLegalHoldOutput> GetObjectLegalHold(const wire::Call& call, const GetObjectLegalHoldInput& in);

  // Server access logging (logging_settings.cc)
  Result<PutBucketLoggingOutput> PutBucketLogging(const wire::Call& call, const PutBucketLoggingInput& in);
  Result<GetBucketLoggingOutput> GetBucketLogging(const wire::Call& call, const GetBucketLoggingInput& in);

  // Settings that cannot be set yet: what AWS answers where nothing is set (unset_settings.cc)
  Result<GetBucketAccelerateConfigurationOutput> GetBucketAccelerateConfiguration(
      const wire::Call& call, const GetBucketAccelerateConfigurationInput& in);
  Result<PutBucketCorsOutput> PutBucketCors(const wire::Call& call, const PutBucketCorsInput& in);
  Result<GetBucketCorsOutput> GetBucketCors(const wire::Call& call, const GetBucketCorsInput& in);
  Result<DeleteBucketCorsOutput> DeleteBucketCors(const wire::Call& call, const DeleteBucketCorsInput& in);
  Result<GetBucketNotificationConfigurationOutput> GetBucketNotificationConfiguration(
      const wire::Call& call, const GetBucketNotificationConfigurationInput& in);
  Result<GetBucketReplicationOutput> GetBucketReplication(const wire::Call& call, const GetBucketReplicationInput& in);
  Result<DeleteBucketReplicationOutput> DeleteBucketReplication(const wire::Call& call,
                                                                const DeleteBucketReplicationInput& in);
  Result<GetBucketRequestPaymentOutput> GetBucketRequestPayment(const wire::Call& call,
                                                                const GetBucketRequestPaymentInput& in);
  Result<GetBucketWebsiteOutput> GetBucketWebsite(const wire::Call& call, const GetBucketWebsiteInput& in);
  Result<DeleteBucketWebsiteOutput> DeleteBucketWebsite(const wire::Call& call, const DeleteBucketWebsiteInput& in);

  // Bucket policies and ACLs (policy.cc, acl_settings.cc)
  Result<GetBucketPolicyOutput> GetBucketPolicy(const wire::Call& call, const GetBucketPolicyInput& in);
  Result<PutBucketPolicyOutput> PutBucketPolicy(const wire::Call& call, const PutBucketPolicyInput& in);
  Result<DeleteBucketPolicyOutput> DeleteBucketPolicy(const wire::Call& call, const DeleteBucketPolicyInput& in);
  Result<GetBucketPolicyStatusOutput> GetBucketPolicyStatus(const wire::Call& call,
                                                            const GetBucketPolicyStatusInput& in);
  Result<GetBucketAclOutput> GetBucketAcl(const wire::Call& call, const GetBucketAclInput& in);
  Result<PutBucketAclOutput> PutBucketAcl(const wire::Call& call, const PutBucketAclInput& in);
  Result<GetObjectAclOutput> GetObjectAcl(const wire::Call& call, const GetObjectAclInput& in);
  Result<PutObjectAclOutput> PutObjectAcl(const wire::Call& call, const PutObjectAclInput& in);

  // Tags (tagging.cc)
  Result<GetBucketTaggingOutput> GetBucketTagging(const wire::Call& call, const GetBucketTaggingInput& in);
  Result<PutBucketTaggingOutput> PutBucketTagging(const wire::Call& call, const PutBucketTaggingInput& in);
  Result<DeleteBucketTaggingOutput> DeleteBucketTagging(const wire::Call& call, const DeleteBucketTaggingInput& in);
  Result<GetObjectTaggingOutput> GetObjectTagging(const wire::Call& call, const GetObjectTaggingInput& in);
  Result<PutObjectTaggingOutput> PutObjectTagging(const wire::Call& call, const PutObjectTaggingInput& in);
  Result<DeleteObjectTaggingOutput> DeleteObjectTagging(const wire::Call& call, const DeleteObjectTaggingInput& in);

  // Objects (objects_read.cc, objects_write.cc, copy.cc, deletes.cc)
  Result<GetObjectOutput> GetObject(const wire::Call& call, const GetObjectInput& in);
  Result<HeadObjectOutput> HeadObject(const wire::Call& call, const HeadObjectInput& in);
  Result<GetObjectAttributesOutput> GetObjectAttributes(const wire::Call& call, const GetObjectAttributesInput& in);
  Result<PutObjectOutput> PutObject(const wire::Call& call, const PutObjectInput& in);
  Result<CopyObjectOutput> CopyObject(const wire::Call& call, const CopyObjectInput& in);
  Result<DeleteObjectOutput> DeleteObject(const wire::Call& call, const DeleteObjectInput& in);
  Result<DeleteObjectsOutput> DeleteObjects(const wire::Call& call, const DeleteObjectsInput& in);

  // Listings (listing.cc, listing_versions.cc)
  Result<ListObjectsOutput> ListObjects(const wire::Call& call, const ListObjectsInput& in);
  Result<ListObjectsV2Output> ListObjectsV2(const wire::Call& call, const ListObjectsV2Input& in);
  Result<ListObjectVersionsOutput> ListObjectVersions(const wire::Call& call, const ListObjectVersionsInput& in);
  Result<ListMultipartUploadsOutput> ListMultipartUploads(const wire::Call& call, const ListMultipartUploadsInput& in);

  // Uploads in parts (multipart.cc, multipart_complete.cc, copy.cc)
  Result<CreateMultipartUploadOutput> CreateMultipartUpload(const wire::Call& call,
                                                            const CreateMultipartUploadInput& in);
  Result<UploadPartOutput> UploadPart(const wire::Call& call, const UploadPartInput& in);
  Result<UploadPartCopyOutput> UploadPartCopy(const wire::Call& call, const UploadPartCopyInput& in);
  Result<CompleteMultipartUploadOutput> CompleteMultipartUpload(const wire::Call& call,
                                                                const CompleteMultipartUploadInput& in);
  Result<AbortMultipartUploadOutput> AbortMultipartUpload(const wire::Call& call, const AbortMultipartUploadInput& in);
  Result<ListPartsOutput> ListParts(const wire::Call& call, const ListPartsInput& in);

  // Made before a body is received: what would refuse the upload anyway.
  Status AdmitPutObject(const wire::Call& call, const PutObjectInput& in);
  Status AdmitUploadPart(const wire::Call& call, const UploadPartInput& in);

 private:
  // What a request asks of a bucket, or of a key in it.
  struct Ask {
    const std::string& bucket;
    const std::optional<std::string>& expected_owner;
    std::string_view action;
    const std::string* key = nullptr;  // null: the bucket itself
    iam::ContextKeys keys = {};
  };
  // The bucket, once it is there, of the expected owner, and the caller may do that.
  Result<BucketRecord> Enter(const store::ReadTx& tx, const wire::Call& call, Ask ask) const;
  // The same for whoever asks for permission later.
  Result<BucketRecord> GetBucket(const store::ReadTx& tx, const std::string& bucket,
                                 const std::optional<std::string>& expected_owner) const;
  // Enter without a view, by the bucket as it is now.
  Status EnterNow(const wire::Call& call, Ask ask) const;
  // The parts of both.
  Status CheckOwner(const std::optional<std::string>& expected_owner) const;
  Status CheckEntry(const wire::Call& call, const BucketRecord& bucket, Ask ask) const;
  template <class Input>
  Result<BucketRecord> EnterBucket(const store::ReadTx& tx, const wire::Call& call, const Input& in,
                                   std::string_view action) const;
  template <class Input>
  Result<BucketRecord> EnterObject(const store::ReadTx& tx, const wire::Call& call, const Input& in,
                                   std::string_view action) const;
  template <class Input, class Change>
  Status ChangeBucket(const wire::Call& call, const Input& in, std::string_view action, const Change& change);
  template <class Output, class Input>
  Result<Output> AnswerUnset(const wire::Call& call, const Input& in, std::string_view action,
                             Result<Output> answer) const;

  // What GET, HEAD and the copies read.
  struct Sought {
    const std::string& bucket;
    const std::string& key;
    const std::optional<std::string>& version_id;
    const std::optional<std::string>& expected_owner;
    std::string_view action;          // without a version
    std::string_view version_action;  // with one
    iam::ContextKeys keys = {};
  };
  Result<Found> FindForRead(const store::ReadTx& tx, const wire::Call& call, const Sought& sought) const;
  Result<Found> FindCopySource(const store::ReadTx& tx, const wire::Call& call, const CopySource& source,
                               const std::optional<std::string>& expected_owner,
                               const ReadConditions& conditions) const;
  template <class Output, class Input>
  Result<Found> ReadObject(const wire::Call& call, const Input& in, Output& out) const;

  Result<CORSConfiguration> LoadCors(std::string_view stored) const;
  Result<std::vector<wire::CrossOriginHeader>> AllowCrossOrigin(const wire::CrossOriginRequest& request) const;

  // The x-amz-expiration header of a current object, where a rule will expire it.
  Result<std::optional<std::string>> ExpirationOf(const BucketRecord& bucket, const StoredVersion& current) const;

  template <class Input>
  Result<Found> FindForLock(const store::ReadTx& tx, const wire::Call& call, const Input& in,
                            std::string_view action) const;
  LockKey LockKeyOf(const wire::Call& call, const BucketRecord& bucket, std::string_view key,
                    const std::optional<bool>& bypass) const;
  // Whether the bucket has the lock that a new version asks for, and the caller may; else the bucket's default.
  Status LockNewVersion(const wire::Call& call, const BucketRecord& bucket, StoredVersion& version) const;
  // What the caller may know of a version's lock.
  ObjectLock VisibleLock(const wire::Call& call, const Found& found) const;

  Owner BucketOwner() const;

  Result<PutObjectOutput> PutInMemory(const wire::Call& call, PutObjectInput in, std::string_view bytes);
  // As which S3 delivers the logs of a bucket.
  wire::Call LoggingCall(const std::string& source) const;
  Status CheckMayDeliver(const std::string& source, const BucketRecord& target, const std::string& key) const;
  Status CheckLogging(const store::ReadTx& tx, const BucketRecord& source, const LoggingEnabled& logging) const;

  // The list of an object that `call` makes, as its headers ask for it, once the caller may say so.
  Result<AccessControlList> AclOfNewObject(const store::ReadTx& tx, const wire::Call& call, const BucketRecord& bucket,
                                           const std::string& key, const AclHeaders& headers) const;
  AclParties PartiesOf(const store::ReadTx& tx, std::string owner) const;
  // MalformedPolicy unless there is everybody whom the policy names.
  Status CheckPrincipalsExist(const store::ReadTx& tx, const iam::PolicyDocument& document) const;
  // The list of what is there already, from the headers or the document of a PutBucketAcl or PutObjectAcl.
  template <class Input>
  Result<AccessControlList> ReplacingAcl(const store::ReadTx& tx, const BucketRecord& bucket, const Input& in,
                                         AclOf what, const std::string& owner) const;

  store::Database& database_;
  store::BlobStore& blobs_;
  const Clock& clock_;
  S3Options options_;
  AccessControl access_;
  BucketCache buckets_;
  KnowsUser knows_user_;
  KnowsPrincipal knows_principal_;
  LifecycleBook lifecycles_;
  std::mutex restoring_;  // so that what was read last is what is adopted last
  AccessLog access_log_;
};

}  // namespace meetinity::s3

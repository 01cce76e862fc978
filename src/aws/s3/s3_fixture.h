#pragma once

// For tests: an S3 on a real database and blob store in a folder of its own, and callers of every kind.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "aws/s3/errors.h"
#include "aws/s3/s3.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "store/temporary_directory.h"

namespace meetinity::s3 {

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) ADD_FAILURE() << result.error().name << ": " << result.error().detail;
  CHECK(result.ok());
  return std::move(result).value();
}

// The refusal's name; "" when there was none.
template <class T>
std::string_view Refusal(const Result<T>& result) {
  return result.ok() ? std::string_view() : result.error().name;
}

inline std::string FieldOf(const Error& error, std::string_view name) {
  for (const ErrorField& field : error.fields)
    if (field.name == name) return field.value;
  return {};
}

class S3Test : public testing::Test {
 protected:
  static constexpr std::string_view kAccount = "123456789012";
  static inline const std::string kBucket = "site-assets";

  S3Test() { MakeBucket(kBucket); }

  wire::Call As(wire::PrincipalKind kind) const {
    wire::Call call;
    call.now = clock_.Now();
    call.account = kAccount;
    call.region = "eu-west-1";
    call.endpoint = "http://127.0.0.1:4566";
    call.source_ip = "127.0.0.1";
    call.principal.kind = kind;
    return call;
  }
  wire::Call Root() const {
    wire::Call call = As(wire::PrincipalKind::kRoot);
    call.principal.account = kAccount;
    call.principal.arn = "arn:aws:iam::123456789012:root";
    return call;
  }
  wire::Call User(const std::string& name = "alice", std::string_view account = kAccount) const {
    wire::Call call = As(wire::PrincipalKind::kUser);
    call.principal.account = account;
    call.principal.arn = fmt::format("arn:aws:iam::{}:user/{}", account, name);
    return call;
  }
  wire::Call Anonymous() const { return As(wire::PrincipalKind::kAnonymous); }
  wire::Call CloudFront(const std::string& distribution_arn) const {
    wire::Call call = As(wire::PrincipalKind::kService);
    call.principal.service = "cloudfront.amazonaws.com";
    call.principal.source_arn = distribution_arn;
    return call;
  }
  wire::Call OriginAccessIdentity(const std::string& id) const {
    wire::Call call = As(wire::PrincipalKind::kOriginAccessIdentity);
    call.principal.arn = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity " + id;
    call.principal.canonical_user_id = std::string(64, 'c');
    return call;
  }

  // A body as the dispatcher would have received and verified it.
  wire::StagedBodyPtr Stage(std::string_view bytes, std::string_view algorithm = "") {
    auto body = std::make_shared<wire::StagedBody>();
    auto writer = Must(blobs_->Create());
    CHECK(writer->Append(bytes).ok());
    body->blob = Must(writer->Seal());
    body->size = bytes.size();
    body->md5 = Md5(bytes);
    body->client_sent_checksum = !algorithm.empty();
    body->checksums.emplace(algorithm.empty() ? "CRC64NVME" : algorithm, RawChecksum(bytes, algorithm));
    return body;
  }
  static std::string RawChecksum(std::string_view bytes, std::string_view algorithm) {
    Digest digest(algorithm == "CRC32"    ? DigestAlgorithm::kCrc32
                  : algorithm == "CRC32C" ? DigestAlgorithm::kCrc32c
                  : algorithm == "SHA1"   ? DigestAlgorithm::kSha1
                  : algorithm == "SHA256" ? DigestAlgorithm::kSha256
                                          : DigestAlgorithm::kCrc64Nvme);
    digest.Update(bytes);
    return digest.Finish();
  }

  void MakeBucket(const std::string& name) {
    CreateBucketInput in;
    in.bucket = name;
    in.create_bucket_configuration = CreateBucketConfiguration{.location_constraint = "eu-west-1"};
    Must(s3_->CreateBucket(Root(), in));
  }
  void SetVersioning(std::string_view status) {
    PutBucketVersioningInput in;
    in.bucket = kBucket;
    in.versioning_configuration.status = status;
    Must(s3_->PutBucketVersioning(Root(), in));
  }
  Result<PutBucketPolicyOutput> PutPolicy(const std::string& policy) {
    PutBucketPolicyInput in;
    in.bucket = kBucket;
    in.policy = policy;
    return s3_->PutBucketPolicy(Root(), in);
  }
  void UnblockPublicAccess() {
    PutPublicAccessBlockInput in;
    in.bucket = kBucket;
    Must(s3_->PutPublicAccessBlock(Root(), in));
  }

  static PutObjectInput PutInput(const std::string& key) {
    PutObjectInput in;
    in.bucket = kBucket;
    in.key = key;
    return in;
  }
  PutObjectOutput Put(const std::string& key, std::string_view bytes) {
    PutObjectInput in = PutInput(key);
    in.body = Stage(bytes);
    return Must(s3_->PutObject(Root(), in));
  }
  static GetObjectInput GetInput(const std::string& key) {
    GetObjectInput in;
    in.bucket = kBucket;
    in.key = key;
    return in;
  }
  Result<GetObjectOutput> Get(const std::string& key, std::optional<std::string> version = std::nullopt) {
    GetObjectInput in = GetInput(key);
    in.version_id = std::move(version);
    return s3_->GetObject(Root(), in);
  }
  static std::string BytesOf(const GetObjectOutput& out) {
    if (const auto* text = std::get_if<std::string>(&*out.body)) return *text;
    std::string bytes;
    for (const wire::BlobRange& range : std::get<std::vector<wire::BlobRange>>(*out.body))
      bytes += Must(range.reader->Read(range.offset, static_cast<size_t>(range.length)));
    return bytes;
  }
  std::string Read(const std::string& key, std::optional<std::string> version = std::nullopt) {
    return BytesOf(Must(Get(key, std::move(version))));
  }
  Result<DeleteObjectOutput> Delete(const std::string& key, std::optional<std::string> version = std::nullopt) {
    DeleteObjectInput in;
    in.bucket = kBucket;
    in.key = key;
    in.version_id = std::move(version);
    return s3_->DeleteObject(Root(), in);
  }

  // Blobs that no record names: after every test there must be none but those a test staged and did not use.
  size_t SweepUnreferenced() {
    return Must(blobs_->Sweep(store::SweepOf::kEverything,
                              [&](const store::BlobId& id) { return Must(s3_->IsBlobReferenced(id)); }, {}));
  }

  store::TemporaryDirectory directory_;
  FakeClock clock_{Instant::Utc("2024-01-01T03:00:00Z")};
  std::unique_ptr<store::Database> database_ = Must(store::Database::Open(directory_ / "state.db", S3::Migrations()));
  std::unique_ptr<store::BlobStore> blobs_ = Must(store::BlobStore::Open(directory_ / "blobs"));
  iam::Decision identity_ = iam::Decision::kImplicitDeny;  // what IAM says of every user
  std::unique_ptr<S3> s3_ = std::make_unique<S3>(
      *database_, *blobs_,
      [this](const wire::Call&, std::string_view, std::string_view, const iam::ContextKeys&) { return identity_; },
      clock_, S3Options{.owner_id = std::string(64, 'a')});
};

}  // namespace meetinity::s3

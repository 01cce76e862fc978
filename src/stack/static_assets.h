#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stack/resources.h"
#include "stack/stack.h"

namespace meetinity::stack {

// Addresses of the module's resources, as `terraform state list` would print them.
inline constexpr std::string_view kBucketAddress = "module.static_assets.aws_s3_bucket.this";
inline constexpr std::string_view kVersioningAddress = "module.static_assets.aws_s3_bucket_versioning.this";
inline constexpr std::string_view kEncryptionAddress =
    "module.static_assets.aws_s3_bucket_server_side_encryption_configuration.this";
inline constexpr std::string_view kPublicAccessBlockAddress =
    "module.static_assets.aws_s3_bucket_public_access_block.this";
inline constexpr std::string_view kOwnershipAddress = "module.static_assets.aws_s3_bucket_ownership_controls.this";
inline constexpr std::string_view kPolicyAddress = "module.static_assets.aws_s3_bucket_policy.this";
inline constexpr std::string_view kAccessControlAddress =
    "module.static_assets.aws_cloudfront_origin_access_control.this";
inline constexpr std::string_view kCachePolicyAddress = "module.static_assets.aws_cloudfront_cache_policy.this";
inline constexpr std::string_view kCertificateAddress = "module.static_assets.aws_acm_certificate.this";
inline constexpr std::string_view kDistributionAddress = "module.static_assets.aws_cloudfront_distribution.this";
inline constexpr std::string_view kSiteAddress = "module.static_assets.site";

// One apply of the static assets CDN. Lives for that apply.
class StaticAssetsPlan {
 public:
  StaticAssetsPlan(Stack::Services services, Resources& resources, const wire::Call& call, const Variables& variables,
                   const StackOptions& options, std::function<void(Step)> report);

  Status Apply();
  // Takes down what an earlier apply created. A bucket that still holds objects is refused, as Terraform refuses it
  // without force_destroy.
  Status Destroy();

 private:
  // The bucket and its settings (static_assets_bucket.cc).
  Status ApplyBucket();
  Status ApplyTags(Action bucket_action);
  Status ApplyVersioning();
  Status ApplyEncryption();
  Status ApplyPublicAccessBlock();
  Status ApplyOwnership();
  Status ApplyPolicy();
  Status ApplySite();
  Status DestroyBucket();

  // The distribution and what it refers to (static_assets_distribution.cc).
  Status ApplyAccessControl();
  Status ApplyCertificate();
  Status ApplyCachePolicy();
  Status ApplyDistribution();
  cloudfront::DistributionConfig WantedDistribution(std::string caller_reference) const;
  Status CreateDistribution();
  Status UpdateDistribution(const std::string& id);
  Status ApplyDistributionTags(const std::string& arn);
  Status DestroyDistribution();
  Status DestroyRest();

  std::string DistributionArn() const;
  std::map<std::string, std::string> Tags() const;
  void Report(std::string_view address, Action action, std::string detail = {});

  Stack::Services services_;
  Resources& resources_;
  wire::Call call_;
  const Variables& variables_;
  const StaticAssets& assets_;
  const StackOptions& options_;
  std::function<void(Step)> report_;

  std::string bucket_;
  // What the steps before have found out, for those that refer to it.
  std::string access_control_id_;
  std::string certificate_arn_;
  std::string cache_policy_id_;
  std::string distribution_id_;
};

}  // namespace meetinity::stack

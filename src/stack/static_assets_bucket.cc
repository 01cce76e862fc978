#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "stack/site.h"
#include "stack/static_assets.h"

namespace meetinity::stack {
namespace {

using nlohmann::json;

// Pages change, and their assets are asked for by them: both may be kept for a while by browsers, the edge for a day.
constexpr std::string_view kPageCacheControl = "public, max-age=60";
constexpr std::string_view kAssetCacheControl = "public, max-age=86400";

// Who may read the bucket: the distribution, by its own identity.
json PolicyFor(const std::string& bucket, const std::string& distribution_arn) {
  const auto statement = [&](const char* sid, const char* action, const std::string& resource) {
    return json{{"Sid", sid},
                {"Effect", "Allow"},
                {"Principal", {{"Service", "cloudfront.amazonaws.com"}}},
                {"Action", action},
                {"Resource", resource},
                {"Condition", {{"StringEquals", {{"AWS:SourceArn", distribution_arn}}}}}};
  };
  // With ListBucket a key that is not there is 404 and not 403, which visitors of a site should not see.
  return json{{"Version", "2012-10-17"},
              {"Statement",
               {statement("AllowCloudFrontRead", "s3:GetObject", fmt::format("arn:aws:s3:::{}/*", bucket)),
                statement("AllowCloudFrontList", "s3:ListBucket", fmt::format("arn:aws:s3:::{}", bucket))}}};
}

}  // namespace

Status StaticAssetsPlan::ApplyBucket() {
  Action action = Action::kUnchanged;
  const auto earlier = TRY(resources_.Find(kBucketAddress));
  if (earlier && *earlier != bucket_) {
    return Error{
        Kind::kConflict, kStackRefused,
        fmt::format("the bucket is {} already, and a bucket cannot be renamed to {}; move its objects, delete it "
                    "with 'aws s3 rb', and run up again",
                    *earlier, bucket_)};
  }
  if (!services_.s3.BucketExists(bucket_)) {
    s3::CreateBucketInput in;
    in.bucket = bucket_;
    if (options_.region != "us-east-1") {
      in.create_bucket_configuration.emplace().location_constraint = options_.region;
    }
    TRY(services_.s3.CreateBucket(call_, in));
    action = Action::kCreated;
  }
  TRY(resources_.Remember(kBucketAddress, bucket_));
  TRY(ApplyTags(action));
  TRY(ApplyVersioning());
  TRY(ApplyEncryption());
  TRY(ApplyPublicAccessBlock());
  return ApplyOwnership();
}

Status StaticAssetsPlan::ApplyTags(Action bucket_action) {
  std::map<std::string, std::string> present;
  const auto tags = services_.s3.GetBucketTagging(call_, {.bucket = bucket_});
  if (tags.ok()) {
    for (const s3::Tag& tag : tags->tag_set) present[tag.key] = tag.value;
  } else if (!Is(tags.error(), "NoSuchTagSet")) {
    return tags.error();
  }
  if (present != Tags()) {
    s3::PutBucketTaggingInput in;
    in.bucket = bucket_;
    for (const auto& [key, value] : Tags()) in.tagging.tag_set.push_back({.key = key, .value = value});
    TRY(services_.s3.PutBucketTagging(call_, in));
    if (bucket_action == Action::kUnchanged) bucket_action = Action::kUpdated;
  }
  Report(kBucketAddress, bucket_action, bucket_);
  return {};
}

Status StaticAssetsPlan::ApplyVersioning() {
  const auto present = TRY(services_.s3.GetBucketVersioning(call_, {.bucket = bucket_}));
  const bool enabled = present.status && *present.status == "Enabled";
  if (!enabled) {
    s3::PutBucketVersioningInput in;
    in.bucket = bucket_;
    in.versioning_configuration.status = "Enabled";
    TRY(services_.s3.PutBucketVersioning(call_, in));
  }
  Report(kVersioningAddress, enabled ? Action::kUnchanged : Action::kCreated, "Enabled");
  return {};
}

Status StaticAssetsPlan::ApplyEncryption() {
  const auto is_aes256 = [](const s3::GetBucketEncryptionOutput& present) {
    if (!present.server_side_encryption_configuration) return false;
    const auto& rules = present.server_side_encryption_configuration->rules;
    return rules.size() == 1 && rules[0].apply_server_side_encryption_by_default &&
           rules[0].apply_server_side_encryption_by_default->sse_algorithm == "AES256";
  };
  const auto present = services_.s3.GetBucketEncryption(call_, {.bucket = bucket_});
  const bool right = present.ok() && is_aes256(*present);
  if (!right) {
    s3::PutBucketEncryptionInput in;
    in.bucket = bucket_;
    s3::ServerSideEncryptionRule rule;
    rule.apply_server_side_encryption_by_default.emplace().sse_algorithm = "AES256";
    in.server_side_encryption_configuration.rules.push_back(std::move(rule));
    TRY(services_.s3.PutBucketEncryption(call_, in));
  }
  Report(kEncryptionAddress, right ? Action::kUnchanged : Action::kUpdated, "AES256");
  return {};
}

Status StaticAssetsPlan::ApplyPublicAccessBlock() {
  const auto present = services_.s3.GetPublicAccessBlock(call_, {.bucket = bucket_});
  bool right = false;
  if (present.ok() && present->public_access_block_configuration) {
    const auto& flags = *present->public_access_block_configuration;
    right = flags.block_public_acls.value_or(false) && flags.block_public_policy.value_or(false) &&
            flags.ignore_public_acls.value_or(false) && flags.restrict_public_buckets.value_or(false);
  }
  if (!right) {
    s3::PutPublicAccessBlockInput in;
    in.bucket = bucket_;
    in.public_access_block_configuration = {.block_public_acls = true,
                                            .block_public_policy = true,
                                            .ignore_public_acls = true,
                                            .restrict_public_buckets = true};
    TRY(services_.s3.PutPublicAccessBlock(call_, in));
  }
  Report(kPublicAccessBlockAddress, right ? Action::kUnchanged : Action::kUpdated, "all four on");
  return {};
}

Status StaticAssetsPlan::ApplyOwnership() {
  constexpr std::string_view kEnforced = "BucketOwnerEnforced";
  const auto present = services_.s3.GetBucketOwnershipControls(call_, {.bucket = bucket_});
  const bool right = present.ok() && present->ownership_controls && present->ownership_controls->rules.size() == 1 &&
                     present->ownership_controls->rules[0].object_ownership == kEnforced;
  if (!right) {
    s3::PutBucketOwnershipControlsInput in;
    in.bucket = bucket_;
    in.ownership_controls.rules.emplace_back().object_ownership = kEnforced;
    TRY(services_.s3.PutBucketOwnershipControls(call_, in));
  }
  Report(kOwnershipAddress, right ? Action::kUnchanged : Action::kUpdated, std::string(kEnforced));
  return {};
}

Status StaticAssetsPlan::ApplyPolicy() {
  const json wanted = PolicyFor(bucket_, DistributionArn());
  const auto present = services_.s3.GetBucketPolicy(call_, {.bucket = bucket_});
  if (!present.ok() && !Is(present.error(), "NoSuchBucketPolicy")) return present.error();
  const bool there = present.ok() && present->policy;
  if (there && json::parse(*present->policy, nullptr, false) == wanted) {
    Report(kPolicyAddress, Action::kUnchanged);
    return {};
  }
  s3::PutBucketPolicyInput in;
  in.bucket = bucket_;
  in.policy = wanted.dump();
  TRY(services_.s3.PutBucketPolicy(call_, in));
  Report(kPolicyAddress, there ? Action::kUpdated : Action::kCreated, "readable by the distribution alone");
  return {};
}

Status StaticAssetsPlan::ApplySite() {
  // Only into an empty bucket: what an operator has put there is theirs.
  const auto present = TRY(services_.s3.ListObjectsV2(call_, {.bucket = bucket_, .max_keys = 1}));
  if (present.key_count.value_or(0) > 0) {
    Report(kSiteAddress, Action::kUnchanged, "the bucket has objects");
    return {};
  }
  const std::vector<SiteFile> files = SiteFiles();
  for (const SiteFile& file : files) {
    const bool page = file.path.ends_with(".html");
    TRY(services_.s3.PutBytes(call_, bucket_, std::string(file.path), std::string(file.content_type),
                              std::string(page ? kPageCacheControl : kAssetCacheControl), file.bytes));
  }
  Report(kSiteAddress, Action::kCreated, fmt::format("{} files uploaded", files.size()));
  return {};
}

Status StaticAssetsPlan::DestroyBucket() {
  const auto bucket = TRY(resources_.Find(kBucketAddress));
  if (!bucket) return {};
  const auto deleted = services_.s3.DeleteBucket(call_, {.bucket = *bucket});
  if (!deleted.ok() && !Is(deleted.error(), "NoSuchBucket")) return deleted.error();
  TRY(resources_.Forget(kBucketAddress));
  Report(kBucketAddress, Action::kDeleted, *bucket);
  return {};
}

}  // namespace meetinity::stack

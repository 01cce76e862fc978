#include <fmt/format.h>

#include <set>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/config_cache.h"
#include "aws/cloudfront/config_parts.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/log_delivery.h"
#include "aws/cloudfront/paging.h"
#include "aws/cloudfront/state.h"
#include "aws/cloudfront/tags.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

// Developer Guide, page "Quotas": distributions an account.
constexpr int64_t kDistributionsMax = 200;

const wire::Shape& ConfigShape() { return *CreateDistribution::Shape().input->payload->shape; }

// The checks and additions that a configuration goes through before anything is looked up.
Result<DistributionConfig> Normalised(const DistributionConfig& wanted) {
  TRY(CheckQuantities(ConfigShape(), &wanted));
  TRY(CheckConfig(wanted));
  DistributionConfig config = wanted;
  FillDefaults(config);
  return config;
}

// The ARN of the certificate that viewers are shown; empty for the service's own.
std::string CertificateOf(const DistributionConfig& config) {
  return config.viewer_certificate ? config.viewer_certificate->acm_certificate_arn.value_or("") : std::string();
}

// The key groups of all behaviors with the keys that they hold now.
Result<ActiveTrustedKeyGroups> KeysInUse(const store::ReadTx& tx, const DistributionConfig& config) {
  std::set<std::string> groups;
  TRY(ForEachBehavior(config, [&](const auto& behavior) -> Status {
    if (behavior.trusted_key_groups && behavior.trusted_key_groups->items) {
      groups.insert(behavior.trusted_key_groups->items->begin(), behavior.trusted_key_groups->items->end());
    }
    return {};
  }));
  ActiveTrustedKeyGroups active;
  for (const std::string& id : groups) {
    const auto group = TRY(KeyGroups::Find(tx, id));
    if (!group) continue;
    KeyPairIds keys;
    keys.items = group->config.items;
    keys.quantity = static_cast<int32_t>(keys.items->size());
    if (!active.items) active.items.emplace();
    active.items->push_back({.key_group_id = id, .key_pair_ids = std::move(keys)});
  }
  active.quantity = active.items ? static_cast<int32_t>(active.items->size()) : 0;
  active.enabled = active.quantity > 0;
  return active;
}

DistributionSummary ToSummary(const Distribution& distribution, std::string_view e_tag) {
  const DistributionConfig& config = distribution.distribution_config;
  DistributionSummary summary;
  summary.arn = distribution.arn;
  summary.id = distribution.id;
  summary.e_tag = std::string(e_tag);
  summary.status = distribution.status;
  summary.domain_name = distribution.domain_name;
  summary.last_modified_time = distribution.last_modified_time;
  summary.aliases = config.aliases.value_or(Aliases{});
  summary.origins = config.origins;
  summary.origin_groups = config.origin_groups;
  summary.default_cache_behavior = config.default_cache_behavior;
  summary.cache_behaviors = config.cache_behaviors.value_or(CacheBehaviors{});
  summary.custom_error_responses = config.custom_error_responses.value_or(CustomErrorResponses{});
  summary.comment = config.comment;
  summary.price_class = config.price_class.value_or("");
  summary.enabled = config.enabled;
  summary.viewer_certificate = config.viewer_certificate.value_or(ViewerCertificate{});
  summary.restrictions = config.restrictions.value_or(Restrictions{});
  summary.web_acl_id = config.web_acl_id.value_or("");
  summary.http_version = config.http_version.value_or("http2");
  summary.is_ipv6_enabled = config.is_ipv6_enabled.value_or(false);
  summary.staging = config.staging.value_or(false);
  return summary;
}

}  // namespace

// Developer Guide, page "Configure and use standard logs": CloudFront writes to buckets as another account, which only
// an ACL can allow.
Status CloudFront::OpenLogBucket(store::Tx& tx, const Call& call, const DistributionConfig& config) const {
  if (!config.logging || !config.logging->enabled.value_or(false)) return {};
  const std::string bucket = TRY(LogBucketOf(*config.logging));
  const Result<bool> allows_acls =
      log_bucket_grant_ ? log_bucket_grant_(tx, call, bucket)
                        : Result<bool>(Error{Kind::kNotFound, kInvalidArgument, "no bucket takes logs here"});
  if (!allows_acls.ok() && allows_acls.error().kind != Kind::kNotFound) return allows_acls.error();
  if (!allows_acls.ok()) {
    return Error{Kind::kInvalid, kInvalidArgument,
                 fmt::format("The parameter Logging Bucket names the bucket {}, which does not exist", bucket)};
  }
  if (!*allows_acls) {
    return Error{Kind::kInvalid, kInvalidArgument,
                 fmt::format("The S3 bucket that you specified for CloudFront logs does not enable ACL access: {}",
                             *config.logging->bucket)};
  }
  return {};
}

Status CloudFront::CheckReferences(store::Tx& tx, const Call& call, const DistributionConfig& config,
                                   std::string_view own_id) const {
  const std::string arn = CertificateOf(config);
  if (!arn.empty()) {
    auto material = acm_.GetMaterial(arn);
    if (!material.ok() || material->status != "ISSUED" || material->region != "us-east-1") {
      return Error{Kind::kInvalid, kInvalidViewerCertificate,
                   fmt::format("the certificate {} does not exist, is not issued, or is not in us-east-1", arn)};
    }
  }
  TRY(CheckAliases(tx, config, own_id));
  TRY(OpenLogBucket(tx, call, config));
  TRY(ForEachBehavior(config, [&](const auto& behavior) -> Status {
    if (IsSet(behavior.cache_policy_id)) TRY(CachePolicies::Get(tx, *behavior.cache_policy_id));
    if (IsSet(behavior.origin_request_policy_id)) {
      TRY(OriginRequestPolicies::Get(tx, *behavior.origin_request_policy_id));
    }
    if (IsSet(behavior.response_headers_policy_id)) {
      TRY(ResponseHeadersPolicies::Get(tx, *behavior.response_headers_policy_id));
    }
    if (!behavior.trusted_key_groups || !behavior.trusted_key_groups->items) return {};
    for (const std::string& group : *behavior.trusted_key_groups->items) {
      if (TRY(KeyGroups::Find(tx, group))) continue;
      return Error{Kind::kInvalid, kTrustedKeyGroupDoesNotExist, fmt::format("there is no key group {}", group)};
    }
    return {};
  }));
  return {};
}

Status CloudFront::MarkCertificate(store::Tx& tx, const DistributionConfig& config, std::string_view id) {
  const std::string arn = CertificateOf(config);
  return arn.empty() ? Status() : acm_.MarkInUse(tx, arn, ArnOf(id));
}

Status CloudFront::ReleaseCertificate(store::Tx& tx, const DistributionConfig& config, std::string_view id) {
  const std::string arn = CertificateOf(config);
  return arn.empty() ? Status() : acm_.Release(tx, arn, ArnOf(id));
}

Result<Distribution> CloudFront::Describe(const store::ReadTx& tx, const DistributionRecord& record) const {
  Distribution distribution;
  distribution.id = record.id;
  distribution.arn = ArnOf(record.id);
  distribution.status = record.status;
  distribution.last_modified_time = record.last_modified;
  distribution.domain_name = record.domain_name;
  distribution.distribution_config = TRY(configs_->Load(record));
  distribution.in_progress_invalidation_batches = static_cast<int32_t>(
      TRY(tx.Count<InvalidationRecord>("distribution_id = ? AND status = 'InProgress'", {store::Value(record.id)})));
  distribution.active_trusted_signers = ActiveTrustedSigners{};
  distribution.active_trusted_key_groups = TRY(KeysInUse(tx, distribution.distribution_config));
  return distribution;
}

Status CloudFront::Change(store::Tx& tx, const Call& call, DistributionRecord& record,
                          const DistributionConfig& config) const {
  record.e_tag = NewId();
  record.status = kInProgress;
  record.last_modified = call.now;
  record.change_number = static_cast<int64_t>(tx.number());
  record.config = SaveConfig(config);
  return tx.Put(record);
}

Result<CloudFront::Created> CloudFront::Create(const Call& call, const DistributionConfig& wanted,
                                               const std::vector<Tag>& tags) {
  const DistributionConfig config = TRY(Normalised(wanted));
  const Status resolved = deployer_->ResolveOrigins(config);
  struct Outcome {
    Created created;
    edge::EdgeConfigPtr next;
  };
  Outcome outcome = TRY(database_.Write([&](store::Tx& tx) -> Result<Outcome> {
    if (TRY(tx.Count<DistributionRecord>("caller_reference = ?", {store::Value(config.caller_reference)})) > 0) {
      return Error{Kind::kConflict, kDistributionAlreadyExists,
                   fmt::format("a distribution was already created with the CallerReference {}",
                               config.caller_reference.substr(0, 128))};
    }
    if (TRY(tx.Count<DistributionRecord>("1")) >= kDistributionsMax) {
      return Error{Kind::kLimit, kTooManyDistributions,
                   fmt::format("an account has {} distributions at the most; delete one", kDistributionsMax)};
    }
    TRY(CheckReferences(tx, call, config, ""));
    TRY(resolved);
    DistributionRecord record;
    record.id = NewId();
    record.caller_reference = config.caller_reference;
    record.domain_name = fmt::format("d{}.{}", RandomText(13, kLowerAlphanumeric), options_.domain_suffix);
    TRY(Change(tx, call, record, config));
    TRY(PutTags(tx, ArnOf(record.id), tags));
    TRY(MarkCertificate(tx, config, record.id));
    const std::string location = fmt::format("{}/2020-05-31/distribution/{}", call.endpoint, record.id);
    edge::EdgeConfigPtr next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return Outcome{{TRY(Describe(tx, record)), record.e_tag, location}, std::move(next)};
  }));
  deployer_->Deploy(std::move(outcome.next));
  return std::move(outcome.created);
}

Result<CreateDistributionOutput> CloudFront::CreateDistribution(const Call& call, const CreateDistributionInput& in) {
  Created created = TRY(Create(call, in.distribution_config, {}));
  return CreateDistributionOutput{.distribution = std::move(created.distribution),
                                  .e_tag = std::move(created.e_tag),
                                  .location = std::move(created.location)};
}

Result<CreateDistributionWithTagsOutput> CloudFront::CreateDistributionWithTags(
    const Call& call, const CreateDistributionWithTagsInput& in) {
  const DistributionConfigWithTags& wanted = in.distribution_config_with_tags;
  Created created = TRY(Create(call, wanted.distribution_config, wanted.tags.items.value_or(std::vector<Tag>())));
  return CreateDistributionWithTagsOutput{.distribution = std::move(created.distribution),
                                          .e_tag = std::move(created.e_tag),
                                          .location = std::move(created.location)};
}

Result<GetDistributionOutput> CloudFront::GetDistribution(const Call&, const GetDistributionInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetDistributionOutput> {
    const DistributionRecord record = TRY(GetDistributionRecord(tx, in.id));
    return GetDistributionOutput{.distribution = TRY(Describe(tx, record)), .e_tag = record.e_tag};
  });
}

Result<GetDistributionConfigOutput> CloudFront::GetDistributionConfig(const Call&,
                                                                      const GetDistributionConfigInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<GetDistributionConfigOutput> {
    const DistributionRecord record = TRY(GetDistributionRecord(tx, in.id));
    return GetDistributionConfigOutput{.distribution_config = TRY(configs_->Load(record)), .e_tag = record.e_tag};
  });
}

Result<UpdateDistributionOutput> CloudFront::UpdateDistribution(const Call& call, const UpdateDistributionInput& in) {
  struct Outcome {
    UpdateDistributionOutput output;
    edge::EdgeConfigPtr next;
  };
  // What is wrong with the configuration is said after what is wrong with the distribution's id and version.
  const Result<DistributionConfig> normalised = Normalised(in.distribution_config);
  const Status resolved = normalised.ok() ? deployer_->ResolveOrigins(*normalised) : Status();
  Outcome outcome = TRY(database_.Write([&](store::Tx& tx) -> Result<Outcome> {
    DistributionRecord record = TRY(GetDistributionRecord(tx, in.id));
    TRY(CheckVersion(in.if_match, record.e_tag, "distribution"));
    const DistributionConfig config = TRY(normalised);
    if (config.caller_reference != record.caller_reference) {
      return Error{Kind::kInvalid, kIllegalUpdate, "the CallerReference of a distribution cannot be changed"};
    }
    TRY(CheckReferences(tx, call, config, record.id));
    TRY(resolved);
    TRY(ReleaseCertificate(tx, TRY(LoadDistributionConfig(record)), record.id));
    TRY(MarkCertificate(tx, config, record.id));
    TRY(Change(tx, call, record, config));
    edge::EdgeConfigPtr next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return Outcome{{.distribution = TRY(Describe(tx, record)), .e_tag = record.e_tag}, std::move(next)};
  }));
  deployer_->Deploy(std::move(outcome.next));
  return std::move(outcome.output);
}

Result<DeleteDistributionOutput> CloudFront::DeleteDistribution(const Call&, const DeleteDistributionInput& in) {
  edge::EdgeConfigPtr next = TRY(database_.Write([&](store::Tx& tx) -> Result<edge::EdgeConfigPtr> {
    const DistributionRecord record = TRY(GetDistributionRecord(tx, in.id));
    TRY(CheckVersion(in.if_match, record.e_tag, "distribution"));
    const DistributionConfig config = TRY(LoadDistributionConfig(record));
    if (config.enabled || record.status != kDeployed) {
      return Error{Kind::kConflict, kDistributionNotDisabled,
                   "The distribution you are trying to delete has not been disabled: update it with Enabled false, "
                   "wait until its status is Deployed, then delete it"};
    }
    TRY(ReleaseCertificate(tx, config, record.id));
    TRY(tx.Delete<DistributionRecord>(record.id));
    TRY(tx.DeleteWhere<InvalidationRecord>("distribution_id = ?", {store::Value(record.id)}));
    TRY(tx.Delete<MonitoringSubscriptionRecord>(record.id));
    TRY(tx.DeleteWhere<TagRecord>("resource = ?", {store::Value(ArnOf(record.id))}));
    return deployer_->BuildConfig(tx, tx.number());
  }));
  deployer_->Deploy(std::move(next));
  return DeleteDistributionOutput{};
}

Result<DistributionList> CloudFront::ListWhere(const store::ReadTx& tx, const std::optional<std::string>& marker,
                                               const std::optional<std::string>& max_items,
                                               const std::function<bool(const DistributionConfig&)>& wanted) const {
  const int32_t max = TRY(ParseMaxItems(max_items));
  std::vector<DistributionSummary> all;
  for (const DistributionRecord& record : TRY(tx.Select<DistributionRecord>("1 ORDER BY id"))) {
    const Distribution distribution = TRY(Describe(tx, record));
    if (wanted(distribution.distribution_config)) all.push_back(ToSummary(distribution, record.e_tag));
  }
  auto page = TakePage(std::move(all), marker, max, [](const auto& item) { return item.id; });
  DistributionList list;
  list.marker = marker.value_or("");
  list.is_truncated = page.next_marker.has_value();
  FillList(list, std::move(page), max);
  return list;
}

Result<ListDistributionsOutput> CloudFront::ListDistributions(const Call&, const ListDistributionsInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListDistributionsOutput> {
    const auto every = [](const DistributionConfig&) { return true; };
    return ListDistributionsOutput{.distribution_list = TRY(ListWhere(tx, in.marker, in.max_items, every))};
  });
}

// "null" stands for none (API Reference, ListDistributionsByWebACLId).
Result<ListDistributionsByWebACLIdOutput> CloudFront::ListDistributionsByWebACLId(
    const Call&, const ListDistributionsByWebACLIdInput& in) {
  const std::string id = in.web_acl_id == "null" ? std::string() : in.web_acl_id;
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListDistributionsByWebACLIdOutput> {
    const auto has_it = [&id](const DistributionConfig& config) { return config.web_acl_id.value_or("") == id; };
    return ListDistributionsByWebACLIdOutput{.distribution_list = TRY(ListWhere(tx, in.marker, in.max_items, has_it))};
  });
}

}  // namespace meetinity::cloudfront

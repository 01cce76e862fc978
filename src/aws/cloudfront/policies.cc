#include <fmt/format.h>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/managed_policies.h"
#include "aws/cloudfront/paging.h"
#include "aws/cloudfront/state.h"
#include "base/random.h"

namespace meetinity::cloudfront {
namespace {

// Developer Guide, page "Quotas": custom cache policies an account.
constexpr int64_t kCachePoliciesMax = 20;

// Managed policies never change, so one version names them all.
constexpr std::string_view kManagedETag = "E23ZP02F085DFQ";

const wire::Shape& ConfigShape() { return *CreateCachePolicy::Shape().input->payload->shape; }

Error NoSuchPolicy(std::string_view id) {
  return Error{Kind::kNotFound, kNoSuchCachePolicy,
               fmt::format("The specified cache policy does not exist: {}", id.substr(0, 64))};
}

Result<CachePolicyRecord> GetRecord(const store::ReadTx& tx, const std::string& id) {
  auto record = TRY(tx.Find<CachePolicyRecord>(id));
  if (!record) return NoSuchPolicy(id);
  return std::move(*record);
}

Status Adopt(CachePolicyRecord& record, const CachePolicyConfig& wanted, Instant now) {
  TRY(CheckQuantities(ConfigShape(), &wanted));
  TRY(CheckConfig(wanted));
  CachePolicyConfig config = wanted;
  FillDefaults(config);
  record.name = config.name;
  record.config = SaveConfig(config);
  record.last_modified = now;
  record.e_tag = NewId();
  return {};
}

Status CheckNameIsFree(const store::ReadTx& tx, const CachePolicyRecord& record) {
  for (const auto& other : TRY(tx.Select<CachePolicyRecord>("name = ?", {store::Value(record.name)}))) {
    if (other.id == record.id) continue;
    return Error{Kind::kConflict, kCachePolicyAlreadyExists,
                 fmt::format("a cache policy named {} exists already: {}", record.name, other.id)};
  }
  return {};
}

Result<CachePolicy> ToPolicy(const CachePolicyRecord& record) {
  CachePolicy policy;
  policy.id = record.id;
  policy.last_modified_time = record.last_modified;
  policy.cache_policy_config = TRY(LoadCachePolicyConfig(record));
  return policy;
}

CachePolicy ToPolicy(const ManagedCachePolicy& managed) {
  return {.cache_policy_config = managed.config, .id = std::string(managed.id), .last_modified_time = {}};
}

// A policy of either kind with its version.
struct Versioned {
  CachePolicy policy;
  std::string e_tag;
};

Result<Versioned> GetAny(const store::ReadTx& tx, const std::string& id) {
  if (const ManagedCachePolicy* managed = FindManagedCachePolicy(id)) {
    return Versioned{ToPolicy(*managed), std::string(kManagedETag)};
  }
  const CachePolicyRecord record = TRY(GetRecord(tx, id));
  return Versioned{TRY(ToPolicy(record)), record.e_tag};
}

Result<OriginRequestPolicy> GetManagedOriginRequestPolicy(const std::string& id) {
  const ManagedOriginRequestPolicy* managed = FindManagedOriginRequestPolicy(id);
  if (managed == nullptr) {
    return Error{Kind::kNotFound, kNoSuchOriginRequestPolicy,
                 fmt::format("The specified origin request policy does not exist: {}", id.substr(0, 64))};
  }
  OriginRequestPolicy policy;
  policy.id = id;
  policy.origin_request_policy_config = managed->config;
  return policy;
}

Status CheckUnused(const store::ReadTx& tx, const std::string& policy_id) {
  for (const DistributionRecord& record : TRY(tx.Select<DistributionRecord>("1"))) {
    const DistributionConfig config = TRY(LoadDistributionConfig(record));
    TRY(ForEachBehavior(config, [&](const auto& behavior) -> Status {
      if (behavior.cache_policy_id.value_or("") != policy_id) return {};
      return Error{Kind::kConflict, kCachePolicyInUse,
                   fmt::format("distribution {} uses the cache policy {}", record.id, policy_id)};
    }));
  }
  return {};
}

bool Wants(const std::optional<std::string>& type, std::string_view kind) { return !type || *type == kind; }

}  // namespace

Result<CreateCachePolicyOutput> CloudFront::CreateCachePolicy(const Call& call, const CreateCachePolicyInput& in) {
  CachePolicyRecord record;
  record.id = RandomUuid();
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(Adopt(record, in.cache_policy_config, call.now));
    TRY(CheckNameIsFree(tx, record));
    if (TRY(tx.Count<CachePolicyRecord>("1")) >= kCachePoliciesMax) {
      return Error{Kind::kLimit, kTooManyCachePolicies,
                   fmt::format("an account has {} cache policies at the most; delete one", kCachePoliciesMax)};
    }
    return tx.Put(record);
  }));
  return CreateCachePolicyOutput{.cache_policy = TRY(ToPolicy(record)),
                                 .e_tag = record.e_tag,
                                 .location = fmt::format("{}/2020-05-31/cache-policy/{}", call.endpoint, record.id)};
}

Result<GetCachePolicyOutput> CloudFront::GetCachePolicy(const Call&, const GetCachePolicyInput& in) {
  Versioned found = TRY(database_.Read([&](const store::ReadTx& tx) { return GetAny(tx, in.id); }));
  return GetCachePolicyOutput{.cache_policy = std::move(found.policy), .e_tag = std::move(found.e_tag)};
}

Result<GetCachePolicyConfigOutput> CloudFront::GetCachePolicyConfig(const Call&, const GetCachePolicyConfigInput& in) {
  Versioned found = TRY(database_.Read([&](const store::ReadTx& tx) { return GetAny(tx, in.id); }));
  return GetCachePolicyConfigOutput{.cache_policy_config = std::move(found.policy.cache_policy_config),
                                    .e_tag = std::move(found.e_tag)};
}

Result<UpdateCachePolicyOutput> CloudFront::UpdateCachePolicy(const Call& call, const UpdateCachePolicyInput& in) {
  struct Outcome {
    CachePolicyRecord record;
    edge::EdgeConfigPtr next;
  };
  Outcome outcome = TRY(database_.Write([&](store::Tx& tx) -> Result<Outcome> {
    if (FindManagedCachePolicy(in.id) != nullptr) {
      return Error{Kind::kInvalid, kIllegalUpdate, "a managed cache policy cannot be changed; create one of your own"};
    }
    CachePolicyRecord record = TRY(GetRecord(tx, in.id));
    TRY(CheckVersion(in.if_match, record.e_tag, "cache policy"));
    TRY(Adopt(record, in.cache_policy_config, call.now));
    TRY(CheckNameIsFree(tx, record));
    TRY(tx.Put(record));
    edge::EdgeConfigPtr next = TRY(deployer_->BuildConfig(tx, tx.number()));
    return Outcome{std::move(record), std::move(next)};
  }));
  deployer_->Deploy(std::move(outcome.next));
  return UpdateCachePolicyOutput{.cache_policy = TRY(ToPolicy(outcome.record)), .e_tag = outcome.record.e_tag};
}

Result<DeleteCachePolicyOutput> CloudFront::DeleteCachePolicy(const Call&, const DeleteCachePolicyInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    if (FindManagedCachePolicy(in.id) != nullptr) {
      return Error{Kind::kInvalid, kIllegalDelete, "a managed cache policy cannot be deleted"};
    }
    const CachePolicyRecord record = TRY(GetRecord(tx, in.id));
    TRY(CheckVersion(in.if_match, record.e_tag, "cache policy"));
    TRY(CheckUnused(tx, record.id));
    TRY(tx.Delete<CachePolicyRecord>(record.id));
    return {};
  }));
  return DeleteCachePolicyOutput{};
}

Result<ListCachePoliciesOutput> CloudFront::ListCachePolicies(const Call&, const ListCachePoliciesInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListCachePoliciesOutput> {
    std::vector<CachePolicySummary> all;
    if (Wants(in.type, "managed")) {
      for (const ManagedCachePolicy& managed : ManagedCachePolicies()) {
        all.push_back({.cache_policy = ToPolicy(managed), .type = "managed"});
      }
    }
    if (Wants(in.type, "custom")) {
      for (const CachePolicyRecord& record : TRY(tx.Select<CachePolicyRecord>("1 ORDER BY id"))) {
        all.push_back({.cache_policy = TRY(ToPolicy(record)), .type = "custom"});
      }
    }
    auto page = TakePage(std::move(all), in.marker, max_items, [](const auto& item) { return item.cache_policy.id; });
    CachePolicyList list;
    FillList(list, std::move(page), max_items);
    return ListCachePoliciesOutput{.cache_policy_list = std::move(list)};
  });
}

Result<GetOriginRequestPolicyOutput> CloudFront::GetOriginRequestPolicy(const Call&,
                                                                        const GetOriginRequestPolicyInput& in) {
  OriginRequestPolicy policy = TRY(GetManagedOriginRequestPolicy(in.id));
  return GetOriginRequestPolicyOutput{.e_tag = std::string(kManagedETag), .origin_request_policy = std::move(policy)};
}

Result<GetOriginRequestPolicyConfigOutput> CloudFront::GetOriginRequestPolicyConfig(
    const Call&, const GetOriginRequestPolicyConfigInput& in) {
  OriginRequestPolicy policy = TRY(GetManagedOriginRequestPolicy(in.id));
  return GetOriginRequestPolicyConfigOutput{
      .e_tag = std::string(kManagedETag),
      .origin_request_policy_config = std::move(policy.origin_request_policy_config)};
}

Result<ListOriginRequestPoliciesOutput> CloudFront::ListOriginRequestPolicies(
    const Call&, const ListOriginRequestPoliciesInput& in) {
  const int32_t max_items = TRY(ParseMaxItems(in.max_items));
  std::vector<OriginRequestPolicySummary> all;
  if (Wants(in.type, "managed")) {
    for (const ManagedOriginRequestPolicy& managed : ManagedOriginRequestPolicies()) {
      all.push_back(
          {.origin_request_policy = TRY(GetManagedOriginRequestPolicy(std::string(managed.id))), .type = "managed"});
    }
  }
  auto page =
      TakePage(std::move(all), in.marker, max_items, [](const auto& item) { return item.origin_request_policy.id; });
  OriginRequestPolicyList list;
  FillList(list, std::move(page), max_items);
  return ListOriginRequestPoliciesOutput{.origin_request_policy_list = std::move(list)};
}

Result<ListResponseHeadersPoliciesOutput> CloudFront::ListResponseHeadersPolicies(
    const Call&, const ListResponseHeadersPoliciesInput& in) {
  ResponseHeadersPolicyList list;
  list.max_items = TRY(ParseMaxItems(in.max_items));
  return ListResponseHeadersPoliciesOutput{.response_headers_policy_list = std::move(list)};
}

}  // namespace meetinity::cloudfront

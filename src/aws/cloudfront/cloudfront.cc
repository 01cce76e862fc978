#include "aws/cloudfront/cloudfront.h"

#include <fmt/format.h>

#include "aws/cloudfront/config_cache.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/permissions.h"
#include "aws/cloudfront/state.h"

namespace meetinity::cloudfront {

CloudFront::CloudFront(store::Database& database, edge::Edge& edge, acm::Acm& acm, iam::Iam& iam,
                       net::WorkerPool& workers, const Clock& clock, CloudFrontOptions options)
    : database_(database),
      acm_(acm),
      options_(std::move(options)),
      configs_(std::make_unique<ConfigCache>()),
      deployer_(std::make_unique<Deployer>(database, edge, acm, iam, workers, clock, options_)) {}

CloudFront::~CloudFront() = default;

std::vector<store::Migration> CloudFront::Migrations() { return CloudFrontMigrations(); }

void CloudFront::OnPublish(std::function<void(const edge::EdgeConfigPtr&)> publish) {
  deployer_->OnPublish(std::move(publish));
}

Status CloudFront::WaitDeployed(std::string_view id, Duration patience) {
  return deployer_->WaitDeployed(id, patience);
}

Status CloudFront::Restore(net::Endpoint s3) {
  TRY(deployer_->ResolveStoredOrigins());
  deployer_->SetS3(std::move(s3));
  // A transaction of its own, so that its number is newer than every configuration before it, also when the store was
  // replaced by an older one.
  std::vector<InvalidationRecord> interrupted;
  edge::EdgeConfigPtr config = TRY(database_.Write([&](store::Tx& tx) -> Result<edge::EdgeConfigPtr> {
    interrupted = TRY(tx.Select<InvalidationRecord>("status = 'InProgress'"));
    for (DistributionRecord record : TRY(tx.Select<DistributionRecord>("1"))) {
      record.status = kInProgress;
      record.change_number = static_cast<int64_t>(tx.number());
      TRY(tx.Put(record));
    }
    return deployer_->BuildConfig(tx, tx.number());
  }));
  deployer_->Deploy(std::move(config));
  // The edge may not have heard of these before the process ended, and its disk has what they name. Said after Deploy,
  // from which on it knows the distributions.
  for (const InvalidationRecord& record : interrupted) deployer_->Invalidate(record);
  return {};
}

Status CloudFront::RefreshOrigins(const std::stop_token& stop) {
  return TRY(deployer_->RefreshOrigins(stop)) ? Redeploy() : Status();
}

Status CloudFront::Redeploy() {
  edge::EdgeConfigPtr config = TRY(database_.Write(
      [&](store::Tx& tx) -> Result<edge::EdgeConfigPtr> { return deployer_->BuildConfig(tx, tx.number()); }));
  deployer_->Deploy(std::move(config));
  return {};
}

std::string CloudFront::ArnOf(std::string_view distribution_id) const {
  return fmt::format("arn:aws:cloudfront::{}:distribution/{}", options_.account, distribution_id);
}

// Inside the class an operation's name is its method; the tag of the same name stands in the namespace.
#define MEETINITY_SERVE(operation)                                                           \
  host.Serve<cloudfront::operation>(                                                         \
      [this](const Call& call, const operation##Input& in) { return operation(call, in); }); \
  host.Require<cloudfront::operation>(                                                       \
      [this](const Call&, const operation##Input& in) { return PermissionsFor(#operation, SubjectOf(in)); })

void CloudFront::Register(wire::ServiceHost& host) {
  MEETINITY_SERVE(CreateDistribution);
  MEETINITY_SERVE(CreateDistributionWithTags);
  MEETINITY_SERVE(GetDistribution);
  MEETINITY_SERVE(GetDistributionConfig);
  MEETINITY_SERVE(UpdateDistribution);
  MEETINITY_SERVE(DeleteDistribution);
  MEETINITY_SERVE(ListDistributions);
  MEETINITY_SERVE(ListDistributionsByWebACLId);
  MEETINITY_SERVE(AssociateAlias);
  MEETINITY_SERVE(ListConflictingAliases);
  MEETINITY_SERVE(CreateMonitoringSubscription);
  MEETINITY_SERVE(GetMonitoringSubscription);
  MEETINITY_SERVE(DeleteMonitoringSubscription);
  MEETINITY_SERVE(CreateOriginAccessControl);
  MEETINITY_SERVE(GetOriginAccessControl);
  MEETINITY_SERVE(GetOriginAccessControlConfig);
  MEETINITY_SERVE(UpdateOriginAccessControl);
  MEETINITY_SERVE(DeleteOriginAccessControl);
  MEETINITY_SERVE(ListOriginAccessControls);
  MEETINITY_SERVE(CreateCloudFrontOriginAccessIdentity);
  MEETINITY_SERVE(GetCloudFrontOriginAccessIdentity);
  MEETINITY_SERVE(GetCloudFrontOriginAccessIdentityConfig);
  MEETINITY_SERVE(UpdateCloudFrontOriginAccessIdentity);
  MEETINITY_SERVE(DeleteCloudFrontOriginAccessIdentity);
  MEETINITY_SERVE(ListCloudFrontOriginAccessIdentities);
  MEETINITY_SERVE(CreateCachePolicy);
  MEETINITY_SERVE(GetCachePolicy);
  MEETINITY_SERVE(GetCachePolicyConfig);
  MEETINITY_SERVE(UpdateCachePolicy);
  MEETINITY_SERVE(DeleteCachePolicy);
  MEETINITY_SERVE(ListCachePolicies);
  MEETINITY_SERVE(CreateOriginRequestPolicy);
  MEETINITY_SERVE(GetOriginRequestPolicy);
  MEETINITY_SERVE(GetOriginRequestPolicyConfig);
  MEETINITY_SERVE(UpdateOriginRequestPolicy);
  MEETINITY_SERVE(DeleteOriginRequestPolicy);
  MEETINITY_SERVE(ListOriginRequestPolicies);
  MEETINITY_SERVE(CreateResponseHeadersPolicy);
  MEETINITY_SERVE(GetResponseHeadersPolicy);
  MEETINITY_SERVE(GetResponseHeadersPolicyConfig);
  MEETINITY_SERVE(UpdateResponseHeadersPolicy);
  MEETINITY_SERVE(DeleteResponseHeadersPolicy);
  MEETINITY_SERVE(ListResponseHeadersPolicies);
  MEETINITY_SERVE(CreatePublicKey);
  MEETINITY_SERVE(GetPublicKey);
  MEETINITY_SERVE(GetPublicKeyConfig);
  MEETINITY_SERVE(UpdatePublicKey);
  MEETINITY_SERVE(DeletePublicKey);
  MEETINITY_SERVE(ListPublicKeys);
  MEETINITY_SERVE(CreateKeyGroup);
  MEETINITY_SERVE(GetKeyGroup);
  MEETINITY_SERVE(GetKeyGroupConfig);
  MEETINITY_SERVE(UpdateKeyGroup);
  MEETINITY_SERVE(DeleteKeyGroup);
  MEETINITY_SERVE(ListKeyGroups);
  MEETINITY_SERVE(ListDistributionsByCachePolicyId);
  MEETINITY_SERVE(ListDistributionsByOriginRequestPolicyId);
  MEETINITY_SERVE(ListDistributionsByResponseHeadersPolicyId);
  MEETINITY_SERVE(ListDistributionsByKeyGroup);
  MEETINITY_SERVE(CreateInvalidation);
  MEETINITY_SERVE(GetInvalidation);
  MEETINITY_SERVE(ListInvalidations);
  MEETINITY_SERVE(TagResource);
  MEETINITY_SERVE(UntagResource);
  MEETINITY_SERVE(ListTagsForResource);
}

#undef MEETINITY_SERVE

}  // namespace meetinity::cloudfront

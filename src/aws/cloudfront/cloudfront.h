#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "aws/acm/acm.h"
#include "aws/cloudfront/origin_names.h"
#include "aws/cloudfront_model.h"
#include "aws/iam/iam.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "engine/edge/edge.h"
#include "net/http_client.h"
#include "net/reactor.h"
#include "store/database.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::cloudfront {

class ConfigCache;
struct DistributionRecord;
struct Subject;

struct CloudFrontOptions {
  std::string account = "123456789012";
  std::string region = "eu-west-1";                    // where its S3 origins are signed for
  std::string domain_suffix = "cloudfront.localhost";  // of the distributions' own names
  NameResolver resolve = nullptr;                      // of custom origins' names; null: the system's
};

// CloudFront: distributions, their policies and identities, and invalidations; the edge does what they say.
//
// Handlers are thread-safe and run on workers. A distribution is InProgress until every reactor of the edge has adopted
// its change, and an invalidation until no reactor can serve what it names: both are then marked in the store.
class CloudFront {
 public:
  CloudFront(store::Database& database, edge::Edge& edge, acm::Acm& acm, iam::Iam& iam, net::WorkerPool& workers,
             const Clock& clock, CloudFrontOptions options);
  ~CloudFront();

  static std::vector<store::Migration> Migrations();
  void Register(wire::ServiceHost& host);

  // Configures the edge from the store: at start, and after the store was replaced. `s3` is where buckets answer.
  Status Restore(net::Endpoint s3);
  // Told of each configuration before the edge adopts it, oldest first: the front door needs its names and
  // certificates.
  void OnPublish(std::function<void(const edge::EdgeConfigPtr&)> publish);
  // Lets the delivery of logs write to a bucket, in the caller's name. False where the bucket disables ACLs, kNotFound
  // when there is none of that name. Before the first request; without it no distribution may have logs.
  using LogBucketGrant = std::function<Result<bool>(store::Tx& tx, const wire::Call& call, const std::string& bucket)>;
  void GrantLogBuckets(LogBucketGrant grant) { log_bucket_grant_ = std::move(grant); }
  // Whether an origin access identity has this canonical user id, by which S3's lists know it.
  static Result<bool> HasCanonicalUser(const store::ReadTx& tx, const std::string& canonical_user_id);
  // Whether there is an origin access identity of this ARN, by which bucket policies know it.
  static Result<bool> HasIdentityOfArn(const store::ReadTx& tx, std::string_view arn);
  // Blocks until the distribution's newest change is deployed, or `patience` is over (kUnavailable).
  Status WaitDeployed(std::string_view id, Duration patience);

  // Asks anew where custom origins are, and tells the edge when one is elsewhere. Blocks on the resolver, until `stop`
  // is requested at the longest; for a timer of the program's.
  Status RefreshOrigins(const std::stop_token& stop = {});
  // Gives the edge what the store says once more: after a certificate was renewed beneath its ARN.
  Status Redeploy();

  using Call = wire::Call;
  Result<CreateDistributionOutput> CreateDistribution(const Call& call, const CreateDistributionInput& in);
  Result<CreateDistributionWithTagsOutput> CreateDistributionWithTags(const Call& call,
                                                                      const CreateDistributionWithTagsInput& in);
  Result<GetDistributionOutput> GetDistribution(const Call& call, const GetDistributionInput& in);
  Result<GetDistributionConfigOutput> GetDistributionConfig(const Call& call, const GetDistributionConfigInput& in);
  Result<UpdateDistributionOutput> UpdateDistribution(const Call& call, const UpdateDistributionInput& in);
  Result<DeleteDistributionOutput> DeleteDistribution(const Call& call, const DeleteDistributionInput& in);
  Result<ListDistributionsOutput> ListDistributions(const Call& call, const ListDistributionsInput& in);
  Result<ListDistributionsByWebACLIdOutput> ListDistributionsByWebACLId(const Call& call,
                                                                        const ListDistributionsByWebACLIdInput& in);
  Result<AssociateAliasOutput> AssociateAlias(const Call& call, const AssociateAliasInput& in);
  Result<ListConflictingAliasesOutput> ListConflictingAliases(const Call& call, const ListConflictingAliasesInput& in);
  Result<CreateMonitoringSubscriptionOutput> CreateMonitoringSubscription(const Call& call,
                                                                          const CreateMonitoringSubscriptionInput& in);
  Result<GetMonitoringSubscriptionOutput> GetMonitoringSubscription(const Call& call,
                                                                    const GetMonitoringSubscriptionInput& in);
  Result<DeleteMonitoringSubscriptionOutput> DeleteMonitoringSubscription(const Call& call,
                                                                          const DeleteMonitoringSubscriptionInput& in);

  Result<CreateOriginAccessControlOutput> CreateOriginAccessControl(const Call& call,
                                                                    const CreateOriginAccessControlInput& in);
  Result<GetOriginAccessControlOutput> GetOriginAccessControl(const Call& call, const GetOriginAccessControlInput& in);
  Result<GetOriginAccessControlConfigOutput> GetOriginAccessControlConfig(const Call& call,
                                                                          const GetOriginAccessControlConfigInput& in);
  Result<UpdateOriginAccessControlOutput> UpdateOriginAccessControl(const Call& call,
                                                                    const UpdateOriginAccessControlInput& in);
  Result<DeleteOriginAccessControlOutput> DeleteOriginAccessControl(const Call& call,
                                                                    const DeleteOriginAccessControlInput& in);
  Result<ListOriginAccessControlsOutput> ListOriginAccessControls(const Call& call,
                                                                  const ListOriginAccessControlsInput& in);

  Result<CreateCloudFrontOriginAccessIdentityOutput> CreateCloudFrontOriginAccessIdentity(
      const Call& call, const CreateCloudFrontOriginAccessIdentityInput& in);
  Result<GetCloudFrontOriginAccessIdentityOutput> GetCloudFrontOriginAccessIdentity(
      const Call& call, const GetCloudFrontOriginAccessIdentityInput& in);
  Result<GetCloudFrontOriginAccessIdentityConfigOutput> GetCloudFrontOriginAccessIdentityConfig(
      const Call& call, const GetCloudFrontOriginAccessIdentityConfigInput& in);
  Result<UpdateCloudFrontOriginAccessIdentityOutput> UpdateCloudFrontOriginAccessIdentity(
      const Call& call, const UpdateCloudFrontOriginAccessIdentityInput& in);
  Result<DeleteCloudFrontOriginAccessIdentityOutput> DeleteCloudFrontOriginAccessIdentity(
      const Call& call, const DeleteCloudFrontOriginAccessIdentityInput& in);
  Result<ListCloudFrontOriginAccessIdentitiesOutput> ListCloudFrontOriginAccessIdentities(
      const Call& call, const ListCloudFrontOriginAccessIdentitiesInput& in);

  Result<CreateCachePolicyOutput> CreateCachePolicy(const Call& call, const CreateCachePolicyInput& in);
  Result<GetCachePolicyOutput> GetCachePolicy(const Call& call, const GetCachePolicyInput& in);
  Result<GetCachePolicyConfigOutput> GetCachePolicyConfig(const Call& call, const GetCachePolicyConfigInput& in);
  Result<UpdateCachePolicyOutput> UpdateCachePolicy(const Call& call, const UpdateCachePolicyInput& in);
  Result<DeleteCachePolicyOutput> DeleteCachePolicy(const Call& call, const DeleteCachePolicyInput& in);
  Result<ListCachePoliciesOutput> ListCachePolicies(const Call& call, const ListCachePoliciesInput& in);
  Result<CreateOriginRequestPolicyOutput> CreateOriginRequestPolicy(const Call& call,
                                                                    const CreateOriginRequestPolicyInput& in);
  Result<GetOriginRequestPolicyOutput> GetOriginRequestPolicy(const Call& call, const GetOriginRequestPolicyInput& in);
  Result<GetOriginRequestPolicyConfigOutput> GetOriginRequestPolicyConfig(const Call& call,
                                                                          const GetOriginRequestPolicyConfigInput& in);
  Result<UpdateOriginRequestPolicyOutput> UpdateOriginRequestPolicy(const Call& call,
                                                                    const UpdateOriginRequestPolicyInput& in);
  Result<DeleteOriginRequestPolicyOutput> DeleteOriginRequestPolicy(const Call& call,
                                                                    const DeleteOriginRequestPolicyInput& in);
  Result<ListOriginRequestPoliciesOutput> ListOriginRequestPolicies(const Call& call,
                                                                    const ListOriginRequestPoliciesInput& in);
  Result<CreateResponseHeadersPolicyOutput> CreateResponseHeadersPolicy(const Call& call,
                                                                        const CreateResponseHeadersPolicyInput& in);
  Result<GetResponseHeadersPolicyOutput> GetResponseHeadersPolicy(const Call& call,
                                                                  const GetResponseHeadersPolicyInput& in);
  Result<GetResponseHeadersPolicyConfigOutput> GetResponseHeadersPolicyConfig(
      const Call& call, const GetResponseHeadersPolicyConfigInput& in);
  Result<UpdateResponseHeadersPolicyOutput> UpdateResponseHeadersPolicy(const Call& call,
                                                                        const UpdateResponseHeadersPolicyInput& in);
  Result<DeleteResponseHeadersPolicyOutput> DeleteResponseHeadersPolicy(const Call& call,
                                                                        const DeleteResponseHeadersPolicyInput& in);
  Result<ListResponseHeadersPoliciesOutput> ListResponseHeadersPolicies(const Call& call,
                                                                        const ListResponseHeadersPoliciesInput& in);
  Result<CreatePublicKeyOutput> CreatePublicKey(const Call& call, const CreatePublicKeyInput& in);
  Result<GetPublicKeyOutput> GetPublicKey(const Call& call, const GetPublicKeyInput& in);
  Result<GetPublicKeyConfigOutput> GetPublicKeyConfig(const Call& call, const GetPublicKeyConfigInput& in);
  Result<UpdatePublicKeyOutput> UpdatePublicKey(const Call& call, const UpdatePublicKeyInput& in);
  Result<DeletePublicKeyOutput> DeletePublicKey(const Call& call, const DeletePublicKeyInput& in);
  Result<ListPublicKeysOutput> ListPublicKeys(const Call& call, const ListPublicKeysInput& in);
  Result<CreateKeyGroupOutput> CreateKeyGroup(const Call& call, const CreateKeyGroupInput& in);
  Result<GetKeyGroupOutput> GetKeyGroup(const Call& call, const GetKeyGroupInput& in);
  Result<GetKeyGroupConfigOutput> GetKeyGroupConfig(const Call& call, const GetKeyGroupConfigInput& in);
  Result<UpdateKeyGroupOutput> UpdateKeyGroup(const Call& call, const UpdateKeyGroupInput& in);
  Result<DeleteKeyGroupOutput> DeleteKeyGroup(const Call& call, const DeleteKeyGroupInput& in);
  Result<ListKeyGroupsOutput> ListKeyGroups(const Call& call, const ListKeyGroupsInput& in);
  Result<ListDistributionsByCachePolicyIdOutput> ListDistributionsByCachePolicyId(
      const Call& call, const ListDistributionsByCachePolicyIdInput& in);
  Result<ListDistributionsByOriginRequestPolicyIdOutput> ListDistributionsByOriginRequestPolicyId(
      const Call& call, const ListDistributionsByOriginRequestPolicyIdInput& in);
  Result<ListDistributionsByResponseHeadersPolicyIdOutput> ListDistributionsByResponseHeadersPolicyId(
      const Call& call, const ListDistributionsByResponseHeadersPolicyIdInput& in);
  Result<ListDistributionsByKeyGroupOutput> ListDistributionsByKeyGroup(const Call& call,
                                                                        const ListDistributionsByKeyGroupInput& in);

  Result<CreateInvalidationOutput> CreateInvalidation(const Call& call, const CreateInvalidationInput& in);
  Result<GetInvalidationOutput> GetInvalidation(const Call& call, const GetInvalidationInput& in);
  Result<ListInvalidationsOutput> ListInvalidations(const Call& call, const ListInvalidationsInput& in);

  Result<TagResourceOutput> TagResource(const Call& call, const TagResourceInput& in);
  Result<UntagResourceOutput> UntagResource(const Call& call, const UntagResourceInput& in);
  Result<ListTagsForResourceOutput> ListTagsForResource(const Call& call, const ListTagsForResourceInput& in);

 private:
  class Deployer;  // store → edge, and back again when it is done; deployer.h

  struct Created {
    Distribution distribution;
    std::string e_tag;
    std::string location;
  };
  Result<Created> Create(const Call& call, const DistributionConfig& wanted, const std::vector<Tag>& tags);
  Result<Distribution> Describe(const store::ReadTx& tx, const DistributionRecord& record) const;
  // What the configuration refers to must be there: policies, identities, certificates, and free names.
  Status CheckReferences(store::Tx& tx, const Call& call, const DistributionConfig& config,
                         std::string_view own_id) const;
  // ACM refuses to delete a certificate while a distribution shows it.
  Status MarkCertificate(store::Tx& tx, const DistributionConfig& config, std::string_view id);
  Status ReleaseCertificate(store::Tx& tx, const DistributionConfig& config, std::string_view id);
  Status OpenLogBucket(store::Tx& tx, const Call& call, const DistributionConfig& config) const;
  Status CheckAliases(const store::ReadTx& tx, const DistributionConfig& config, std::string_view own_id) const;
  // Every name that the certificate of `config` covers; InvalidArgument for the service's own certificate.
  Result<std::vector<std::string>> CoveredNames(const DistributionConfig& config) const;
  // Stores another configuration of a distribution, which is then in progress.
  Status Change(store::Tx& tx, const Call& call, DistributionRecord& record, const DistributionConfig& config) const;
  Result<DistributionList> ListWhere(const store::ReadTx& tx, const std::optional<std::string>& marker,
                                     const std::optional<std::string>& max_items,
                                     const std::function<bool(const DistributionConfig&)>& wanted) const;
  std::string ArnOf(std::string_view distribution_id) const;
  // What an operation needs to be allowed (permissions.h), for the dispatcher.
  Result<wire::Permissions> PermissionsFor(std::string_view operation, const Subject& subject) const;
  // The ARN of a resource that can be tagged and exists; else NoSuchResource.
  Status CheckTaggable(const store::ReadTx& tx, std::string_view arn) const;

  store::Database& database_;
  acm::Acm& acm_;
  const CloudFrontOptions options_;
  const std::unique_ptr<ConfigCache> configs_;
  LogBucketGrant log_bucket_grant_;
  std::unique_ptr<Deployer> deployer_;
};

}  // namespace meetinity::cloudfront

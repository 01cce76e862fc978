#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/edge_config.h"
#include "aws/cloudfront/origin_names.h"
#include "aws/cloudfront/state.h"

namespace meetinity::cloudfront {

// Brings what the store says to the edge, and notes in the store when the edge has it.
//
// A handler calls BuildConfig in its transaction, so that what follows from a change is known before it is committed
// and a configuration that cannot be built refuses the change; then Deploy, after the commit. Thread-safe.
class CloudFront::Deployer {
 public:
  Deployer(store::Database& database, edge::Edge& edge, acm::Acm& acm, iam::Iam& iam, net::WorkerPool& workers,
           const Clock& clock, CloudFrontOptions options);

  void SetS3(net::Endpoint s3);
  void OnPublish(std::function<void(const edge::EdgeConfigPtr&)> publish);

  // Asks where the custom origins of an enabled distribution are: an error if a name does not resolve. May take
  // seconds, so it comes before the transaction of a change to that distribution, never within.
  Status ResolveOrigins(const DistributionConfig& config);
  // The same for all that the store holds and this process has not asked for. A name that does not resolve is logged,
  // and answers 502.
  Status ResolveStoredOrigins();
  // Asks anew for all that the store holds; true when one of them is elsewhere now.
  Result<bool> RefreshOrigins(const std::stop_token& stop);

  Result<edge::EdgeConfigPtr> BuildConfig(const store::ReadTx& tx, uint64_t number);
  void Deploy(edge::EdgeConfigPtr config);
  void Invalidate(const InvalidationRecord& record);
  Status WaitDeployed(std::string_view id, Duration patience);

 private:
  Result<std::set<std::string>> StoredOriginNames();
  Surroundings MakeSurroundings(const store::ReadTx& tx);
  // Where a custom origin answers, over plain HTTP, TLS, or as the viewer came.
  Status Reach(const Origin& origin, edge::OriginConfig& out);
  Result<std::shared_ptr<const net::TlsClientContext>> OriginTls(const std::string& name, net::TlsVersion oldest);
  Result<std::shared_ptr<const edge::RequestSigner>> SignerFor(const store::ReadTx& tx,
                                                               const std::string& distribution_id,
                                                               const Origin& origin);
  Result<std::shared_ptr<const net::TlsServerContext>> CertificateFor(const ViewerCertificate& certificate, bool http2);
  void MarkDeployed(uint64_t number);
  void MarkCompleted(const std::string& distribution_id, const std::string& id);

  store::Database& database_;
  edge::Edge& edge_;
  acm::Acm& acm_;
  iam::Iam& iam_;
  net::WorkerPool& workers_;
  const Clock& clock_;
  const CloudFrontOptions options_;

  std::mutex publishing_;  // one configuration is published at a time, and none after a newer one
  uint64_t published_number_ = 0;
  net::Endpoint s3_;
  std::function<void(const edge::EdgeConfigPtr&)> publish_;

  std::mutex waiting_;
  std::condition_variable deployed_;
  uint64_t deployed_number_ = 0;

  // Where custom origins answer; connecting to one that is not known yet fails at once.
  OriginNames origin_names_;
  // Reading the system's certificates costs milliseconds, and one context a name keeps connections to it together from
  // one configuration to the next.
  Guarded<std::map<std::string, std::shared_ptr<const net::TlsClientContext>>> origin_tls_;
  // Parsing a key costs a millisecond; a distribution's certificate rarely changes.
  Guarded<std::map<std::string, std::shared_ptr<const net::TlsServerContext>>> certificates_;
  // A signer a distribution and origin access: the credential behind it stays the same while the process lives.
  Guarded<std::map<std::string, std::shared_ptr<const edge::RequestSigner>>> signers_;
};

}  // namespace meetinity::cloudfront

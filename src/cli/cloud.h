#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "aws/acm/acm.h"
#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/log_delivery.h"
#include "aws/ec2/ec2.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/engine_data_plane.h"
#include "aws/elbv2/log_delivery.h"
#include "aws/iam/iam.h"
#include "aws/route53/route53.h"
#include "aws/s3/lifecycle_runner.h"
#include "aws/s3/s3.h"
#include "aws/sts/sts.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "cli/data_directory.h"
#include "cli/housekeeping.h"
#include "engine/ca/certificate_authority.h"
#include "engine/dns/server.h"
#include "engine/dns/zone.h"
#include "engine/edge/edge.h"
#include "net/front_door.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "stack/stack.h"
#include "store/blob_store.h"
#include "store/database.h"
#include "store/line_delivery.h"
#include "store/line_spool.h"
#include "store/sealer.h"
#include "wire/api_server.h"
#include "wire/service.h"

namespace meetinity::cli {

// Where and how a cloud serves.
struct CloudOptions {
  std::string data_directory;
  std::string account;  // empty: what the data directory says, else 123456789012
  std::string region;   // empty: likewise, else eu-west-1
  std::string address = "127.0.0.1";
  uint16_t api_port = 4566;
  uint16_t http_port = 0;   // 0: 80 as root, else 8080
  uint16_t https_port = 0;  // 0: 443 as root, else 8443
  // Of names, over UDP and TCP. 0: none; not given: 5353 if it is free.
  std::optional<uint16_t> dns_port;
  int reactors = 0;  // 0: one a core
  ByteCount edge_cache = MiB(256);
  ByteCount edge_disk_cache = MiB(2048);  // 0: the edge caches in memory only
  std::string geo_database;               // a file in MaxMind's format; empty: no address's country is known…
  std::string loopback_country;           // …but this one of viewers on this machine; empty: neither
};

// What every name under .localhost means (RFC 6761, section 6.3), so that records may lead there.
dns::ZonePtr LocalhostZone();
void ResolveLocalhost(const dns::Name& target, dns::RecordType type, FunctionRef<void(std::string_view)> found);
// The zones of distributions and load balancers, by the ids that AWS gives them.
std::vector<route53::AliasZone> AliasZones();

// The running house: builds every room in order, connects them, and takes them down again.
//
// Reading Start explains the program. Members are in the order of construction, so that what depends on another is
// destroyed before it.
class Cloud {
 public:
  static Result<std::unique_ptr<Cloud>> Start(CloudOptions options);
  // Stops accepting, lets requests under way finish for up to ten seconds, stops.
  ~Cloud();

  uint16_t api_port() const { return api_listeners_.front()->port(); }
  uint16_t http_port() const { return http_listeners_.front()->port(); }
  uint16_t https_port() const { return https_listeners_.front()->port(); }
  uint16_t dns_port() const { return dns_ ? dns_->port() : uint16_t{0}; }  // 0: there is no name server
  const CloudIdentity& identity() const { return identity_; }
  RunningCloud Describe() const;

  stack::Stack& stack() { return *stack_; }
  // The operator's own calls: root's.
  wire::Call RootCall() const;
  // Makes the stack what `variables` say. The first time, keeps the result as what `reset` goes back to.
  Result<std::vector<stack::Step>> Apply(const stack::Variables& variables, const stack::Progress& progress);

 private:
  explicit Cloud(DataDirectory directory) : directory_(std::move(directory)) {}

  // The steps of Start, each of which may fail.
  Status OpenState(const CloudOptions& options);
  Status BuildServices(const CloudOptions& options);
  Status OpenEdgeDisk(ByteCount capacity);
  Status Listen(const CloudOptions& options);
  Status ListenDns(const CloudOptions& options);
  void StartReactors();
  Status ServeAdmin();
  Status Announce();
  Status RestoreClock();
  // Load balancers: cloud_balancing.cc.
  void BuildBalancing(const std::vector<net::Reactor*>& reactors);
  Status RestoreBalancing();
  void RepublishBalancing(std::string_view why);
  Status MayDeliverBalancerLogs(const std::string& bucket, const std::string& prefix);
  wire::Call BalancerLogCall() const;
  std::future<void> StopBalancing();
  // What the front door leads to, after one of the two has changed.
  void PublishRoutes(const edge::EdgeConfigPtr& config);
  void PublishRoutes(const elbv2::Published& balancers);
  // Removes the blobs that a crash left without a record, while requests are served. A reset ends it; the next start
  // begins anew.
  // Whatever waits in the logs of the edge and of buckets, on its way now.
  void DeliverLogs();
  void StartSweep();
  void EndSweep();
  void StartHousekeeping();

  // `what` is "empty" or "golden".
  Status Reset(std::string_view what);
  Status SaveGolden();
  // Writes the outputs where `meetinity output` finds them, also when nothing runs.
  Status WriteOutputs() const;
  net::Endpoint S3Endpoint() const;
  Result<std::string> AnswerStatus() const;
  Result<std::string> AnswerEdge() const;
  Result<std::string> AnswerExplain(std::string_view body) const;
  Result<std::string> AnswerApply(std::string_view body);
  Result<std::string> AnswerReset(std::string_view body);
  Result<std::string> AnswerClock(std::string_view body);

  DataDirectory directory_;
  CloudIdentity identity_;
  std::string address_;
  SystemClock system_clock_;
  std::unique_ptr<AdvanceableClock> clock_;
  Instant started_at_;

  std::unique_ptr<store::Sealer> sealer_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::BlobStore> blobs_;
  std::unique_ptr<ca::CertificateAuthority> authority_;
  std::unique_ptr<store::LineSpool> access_log_lines_;
  std::unique_ptr<cloudfront::LogDelivery> log_delivery_;
  std::unique_ptr<store::LineSpool> server_log_lines_;
  std::unique_ptr<store::LineDelivery> server_log_delivery_;
  std::unique_ptr<store::LineSpool> balancer_log_lines_;
  std::unique_ptr<elbv2::LogDelivery> balancer_log_delivery_;

  std::vector<std::unique_ptr<net::Reactor>> reactors_;
  std::unique_ptr<net::WorkerPool> workers_;
  std::unique_ptr<edge::Edge> edge_;
  std::unique_ptr<elbv2::EngineDataPlane> data_plane_;
  std::unique_ptr<dns::Server> dns_;  // null: there is no name server

  std::unique_ptr<iam::Iam> iam_;
  std::unique_ptr<sts::Sts> sts_;
  std::unique_ptr<acm::Acm> acm_;
  std::unique_ptr<ec2::Ec2> ec2_;
  std::unique_ptr<elbv2::Elbv2> elbv2_;
  std::unique_ptr<route53::Route53> route53_;
  std::unique_ptr<s3::S3> s3_;
  std::unique_ptr<cloudfront::CloudFront> cloudfront_;
  std::vector<std::unique_ptr<wire::ServiceHost>> hosts_;
  std::unique_ptr<wire::ApiServer> api_;
  std::unique_ptr<stack::Stack> stack_;

  std::shared_ptr<const net::TlsServerContext> own_certificate_;
  std::unique_ptr<net::FrontDoor> front_door_;
  struct Routed {
    edge::EdgeConfigPtr edge;
    std::vector<elbv2::Entrance> balancers;
  };
  net::FrontDoorRoutes RoutesOf(const Routed& routed);
  Guarded<Routed> published_;  // what the front door leads to
  // One a loopback address family: names under .localhost resolve to both.
  std::vector<std::unique_ptr<net::HttpServer>> api_listeners_, http_listeners_, https_listeners_;
  std::vector<std::thread> threads_;
  std::unique_ptr<s3::LifecycleRunner> lifecycle_;  // stops before what it works on goes
  std::unique_ptr<Housekeeping> housekeeping_;      // the same
  std::mutex sweeper_mutex_;                        // guards the next
  std::jthread sweeper_;                            // ends before what it works on goes, too
};

}  // namespace meetinity::cli

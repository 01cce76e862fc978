#include "cli/cloud.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "aws/acm_model.h"
#include "aws/cloudfront_model.h"
#include "aws/ec2_model.h"
#include "aws/elbv2_model.h"
#include "aws/iam_model.h"
#include "aws/route53_model.h"
#include "aws/s3_model.h"
#include "aws/sts_model.h"
#include "base/log.h"
#include "base/random.h"

namespace meetinity::cli {
namespace {

using std::chrono::seconds;

// A write occupies its thread until the disk has it, and those that wait together share two syncs: so many may, that
// the syncs' cost is spread thin and a disk of a few milliseconds a sync still gives thousands of writes a second.
// Threads start when they are first needed.
constexpr int kWorkerThreads = 64;
// Requests that wait for a worker; beyond it the answer is 503, which SDKs retry.
constexpr size_t kWorkerQueueMax = 8'192;
constexpr Duration kDrainGrace = seconds(10);
// As far behind as nice(1) puts a command by default.
constexpr int kSweepNiceness = 10;
// Browsers refuse server certificates that live longer than 398 days.
constexpr Duration kOwnCertificateLifetime = 397 * kDay;

// A moved origin is found this fast; resolvers hold what may be held for longer.
constexpr Duration kOriginNamesEvery = seconds(30);
// Requested certificates are issued so soon after their validation records are there.
constexpr Duration kValidationEvery = seconds(2);
constexpr Duration kRenewalEvery = std::chrono::hours(1);
// The data plane tells of targets that have drained; this finds those that it does not know any more.
constexpr Duration kDrainsEvery = std::chrono::minutes(1);

constexpr std::string_view kCloudFrontDomain = "cloudfront.localhost";

// Hosts under which "<bucket>.<host>" is S3: AWS's own names too, because origins are configured with them.
std::vector<std::string> S3Suffixes(const std::string& region) {
  return {"s3.localhost", fmt::format("s3.{}.localhost", region), "s3.amazonaws.com",
          fmt::format("s3.{}.amazonaws.com", region), fmt::format("s3.dualstack.{}.amazonaws.com", region)};
}

std::vector<store::Migration> AllMigrations() {
  std::vector<store::Migration> all;
  for (const auto& migrations :
       {iam::Iam::Migrations(), acm::Acm::Migrations(), s3::S3::Migrations(), cloudfront::CloudFront::Migrations(),
        ec2::Ec2::Migrations(), elbv2::Elbv2::Migrations(), route53::Route53::Migrations(),
        stack::Stack::Migrations()}) {
    all.insert(all.end(), migrations.begin(), migrations.end());
  }
  return all;
}

uint16_t PortOf(uint16_t asked, uint16_t as_root, uint16_t otherwise) {
  if (asked != 0) return asked;
  return ::geteuid() == 0 ? as_root : otherwise;
}

// Names under .localhost resolve to both families, so the loopback's other address is served too.
std::vector<std::string> ListenAddresses(const std::string& address) {
  if (address == "127.0.0.1") return {"127.0.0.1", "::1"};
  return {address};
}

}  // namespace

Result<std::unique_ptr<Cloud>> Cloud::Start(CloudOptions options) {
  auto cloud = std::unique_ptr<Cloud>(new Cloud(TRY(DataDirectory::Open(options.data_directory))));
  cloud->address_ = options.address;
  TRY(cloud->OpenState(options));
  TRY(cloud->BuildServices(options));
  TRY(cloud->Listen(options));
  TRY(cloud->cloudfront_->Restore(cloud->S3Endpoint()));
  TRY(cloud->RestoreBalancing());
  TRY(cloud->route53_->Restore());
  cloud->lifecycle_ = std::make_unique<s3::LifecycleRunner>(*cloud->database_, *cloud->blobs_, *cloud->clock_);
  TRY(cloud->ServeAdmin());
  TRY(cloud->Announce());
  cloud->StartSweep();
  cloud->log_delivery_->lines().Start();
  cloud->server_log_delivery_->Start();
  cloud->balancer_log_delivery_->lines().Start();
  cloud->StartHousekeeping();
  return cloud;
}

void Cloud::StartHousekeeping() {
  std::vector<Chore> chores;
  chores.push_back({"where origins are", kOriginNamesEvery,
                    [this](const std::stop_token& stop) { return cloudfront_->RefreshOrigins(stop); }});
  chores.push_back({"renewal of certificates", kRenewalEvery, [this](const std::stop_token&) -> Status {
                      TRY(acm_->RenewDue());
                      return {};
                    }});
  chores.push_back({"validation of certificates", kValidationEvery, [this](const std::stop_token&) -> Status {
                      TRY(acm_->IssueValidated());
                      return {};
                    }});
  chores.push_back(
      {"deregistered targets", kDrainsEvery, [this](const std::stop_token&) { return elbv2_->EndDrains(); }});
  housekeeping_ = std::make_unique<Housekeeping>(*clock_, std::move(chores));
}

Status Cloud::OpenState(const CloudOptions& options) {
  identity_ = TRY(directory_.Identity(options.account, options.region));
  clock_ = std::make_unique<AdvanceableClock>(system_clock_);
  TRY(RestoreClock());
  started_at_ = clock_->Now();
  const std::string& path = directory_.path();
  sealer_ = TRY(store::Sealer::Open(path + "/sealing-key"));
  database_ = TRY(store::Database::Open(path + "/state.db", AllMigrations()));
  blobs_ = TRY(store::BlobStore::Open(path + "/objects"));
  access_log_lines_ = TRY(store::LineSpool::Open(path + "/access-logs", *clock_));
  server_log_lines_ = TRY(store::LineSpool::Open(path + "/server-access-logs", *clock_));
  balancer_log_lines_ = TRY(store::LineSpool::Open(path + "/balancer-access-logs", *clock_));
  authority_ = TRY(ca::CertificateAuthority::Open(path + "/ca", *clock_));
  return {};
}

Status Cloud::BuildServices(const CloudOptions& options) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const int reactors = options.reactors > 0 ? options.reactors : static_cast<int>(cores);
  std::vector<net::Reactor*> borrowed;
  for (int i = 0; i < reactors; ++i) {
    reactors_.push_back(TRY(net::Reactor::Open(*clock_, i)));
    borrowed.push_back(reactors_.back().get());
  }
  workers_ = std::make_unique<net::WorkerPool>(kWorkerThreads, kWorkerQueueMax);
  edge::EdgeOptions edge_options;
  edge_options.cache_capacity = options.edge_cache;
  edge_options.https_port = PortOf(options.https_port, 443, 8443);
  edge_options.geo = TRY(edge::GeoDatabase::Open(options.geo_database, options.loopback_country));
  edge_ = std::make_unique<edge::Edge>(borrowed, *workers_, *clock_, edge_options);
  TRY(OpenEdgeDisk(options.edge_disk_cache));

  const auto& [account, region] = identity_;
  iam_ = TRY(iam::Iam::Open(*database_, *sealer_, *clock_, {.account = account, .data_directory = directory_.path()}));
  sts_ = std::make_unique<sts::Sts>(*iam_);
  acm_ = std::make_unique<acm::Acm>(*database_, *sealer_, *authority_, *clock_);
  ec2_ = std::make_unique<ec2::Ec2>(*database_, *clock_, ec2::Ec2Options{.account = account});
  route53_ = std::make_unique<route53::Route53>(*database_, *ec2_, *clock_,
                                                route53::Route53Options{.account = account,
                                                                        .alias_zones = AliasZones(),
                                                                        .resolve_alias = ResolveLocalhost,
                                                                        .more_zones = {LocalhostZone()}});
  acm_->AskZones([this](const store::ReadTx& tx, std::string_view name, std::string_view value) {
    return route53_->LacksCname(tx, name, value);
  });
  const auto identity_decision = [this](const wire::Call& call, std::string_view action, std::string_view resource,
                                        iam::ContextKeys keys) {
    return iam_->JudgeIdentity(call, action, resource, std::move(keys));
  };
  s3_ = std::make_unique<s3::S3>(
      *database_, *blobs_, identity_decision, *clock_,
      s3::S3Options{.account = account, .region = region, .owner_id = iam_->canonical_user_id()});
  cloudfront_ = std::make_unique<cloudfront::CloudFront>(
      *database_, *edge_, *acm_, *iam_, *workers_, *clock_,
      cloudfront::CloudFrontOptions{
          .account = account, .region = region, .domain_suffix = std::string(kCloudFrontDomain)});
  cloudfront_->GrantLogBuckets([this](store::Tx& tx, const wire::Call& call, const std::string& bucket) {
    return s3_->GrantLogDelivery(tx, call, bucket);
  });
  log_delivery_ = std::make_unique<cloudfront::LogDelivery>(
      *access_log_lines_, *clock_,
      [this](const std::string& bucket, const std::string& key, std::string_view gzip) -> Status {
        if (!TRY(database_->Read([&](const store::ReadTx& tx) { return s3_->AllowsAcls(tx, bucket); }))) {
          return Error{Kind::kUnauthorized, "AccessControlListNotSupported", "The bucket does not allow ACLs"};
        }
        TRY(s3_->PutBytes(RootCall(), bucket, key, "application/gzip", "", gzip));
        return {};
      });
  edge_->LogTo(*log_delivery_);
  s3_->AskCanonicalUsers(
      [](const store::ReadTx& tx, const std::string& id) { return cloudfront::CloudFront::HasCanonicalUser(tx, id); });
  s3_->AskPrincipals([this](const store::ReadTx& tx, std::string_view principal) {
    return principal.starts_with("arn:aws:iam::cloudfront:") ? cloudfront::CloudFront::HasIdentityOfArn(tx, principal)
                                                             : iam_->KnowsPrincipal(tx, principal);
  });
  server_log_delivery_ = std::make_unique<store::LineDelivery>(
      *server_log_lines_, *clock_, "s3",
      [home = s3::LogHome{account, region}](std::string_view line, const store::LineSpool::Segment& segment) {
        return s3::SortLogLine(line, segment, home);
      },
      [this](const store::LineDelivery::Place& place, const std::string& lines) {
        return s3_->DeliverAccessLog(place, lines);
      });
  s3_->LogTo([this](std::string_view lines) { server_log_delivery_->Append(lines); });
  TRY(s3_->Restore());
  acm_->OnReplaced([this](const std::string& arn) {
    const Status redeployed = cloudfront_->Redeploy();
    if (!redeployed.ok()) Log(LogLevel::kError, "acm", "{} is not in use yet: {}", arn, redeployed.error().detail);
    RepublishBalancing(arn);
  });
  BuildBalancing(borrowed);

  wire::ApiOptions api_options;
  api_options.account = account;
  api_options.region = region;
  api_options.s3_host_suffixes = S3Suffixes(region);
  api_options.clients_clock = &system_clock_;
  api_ = std::make_unique<wire::ApiServer>(api_options, *clock_, *iam_, *iam_, *blobs_, *workers_);
  const auto host = [this](const wire::ServiceShape& model, wire::Authorization authorization, auto& service) {
    hosts_.push_back(std::make_unique<wire::ServiceHost>(model, authorization));
    service.Register(*hosts_.back());
    api_->Add(*hosts_.back());
  };
  host(s3::Model(), wire::Authorization::kByService, *s3_);
  host(cloudfront::Model(), wire::Authorization::kByDispatcher, *cloudfront_);
  host(acm::Model(), wire::Authorization::kByDispatcher, *acm_);
  host(ec2::Model(), wire::Authorization::kByDispatcher, *ec2_);
  host(elbv2::Model(), wire::Authorization::kByDispatcher, *elbv2_);
  host(route53::Model(), wire::Authorization::kByDispatcher, *route53_);
  host(iam::Model(), wire::Authorization::kByDispatcher, *iam_);
  host(sts::Model(), wire::Authorization::kByService, *sts_);

  stack_ = std::make_unique<stack::Stack>(stack::Stack::Services{*s3_, *cloudfront_, *acm_, *ec2_, *elbv2_}, *database_,
                                          *clock_, stack::StackOptions{.account = account, .region = region});
  return {};
}

Status Cloud::OpenEdgeDisk(ByteCount capacity) {
  const std::string folder = directory_.path() + "/edge-cache";
  if (capacity.value > 0) return edge_->OpenDiskTier(folder, capacity);
  // What lies there would not hear of invalidations while the tier is off, and must not come back.
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error) return Internal(fmt::format("{} cannot be removed: {}", folder, error.message()));
  return {};
}

Status Cloud::Listen(const CloudOptions& options) {
  const ca::IssuedCertificate own =
      TRY(authority_->Issue({std::string("*.") + std::string(kCloudFrontDomain), "*.s3.localhost",
                             fmt::format("*.s3.{}.localhost", identity_.region), "localhost", "127.0.0.1", "::1"},
                            "EC-prime256v1", kOwnCertificateLifetime));
  net::TlsServerOptions tls;
  tls.certificate_chain_pem = own.certificate_pem + own.chain_pem;
  tls.private_key_pem = own.private_key_pem;
  own_certificate_ = TRY(net::TlsServerContext::Create(tls));
  front_door_ = std::make_unique<net::FrontDoor>();
  PublishRoutes(std::make_shared<edge::EdgeConfig>());
  cloudfront_->OnPublish([this](const edge::EdgeConfigPtr& config) { PublishRoutes(config); });

  std::vector<net::Reactor*> borrowed;
  for (const auto& reactor : reactors_) borrowed.push_back(reactor.get());
  const auto listen = [&](auto& listeners, uint16_t port, net::HttpHandler* handler,
                          net::CertificateSelector* certificates) -> Status {
    for (const std::string& address : ListenAddresses(options.address)) {
      net::ListenerOptions listener;
      listener.address = address;
      listener.port = listeners.empty() ? port : listeners.front()->port();
      listener.handler = handler;
      listener.certificates = certificates;
      auto made = net::HttpServer::Listen(borrowed, *workers_, std::move(listener));
      // A kernel without IPv6 has no ::1; the first address is the one that must be there.
      if (!made.ok() && !listeners.empty() && made.error().name != net::kPortInUse) continue;
      if (!made.ok()) return made.error();
      listeners.push_back(std::move(made).value());
    }
    return {};
  };
  TRY(listen(api_listeners_, options.api_port, api_.get(), nullptr));
  TRY(listen(http_listeners_, PortOf(options.http_port, 80, 8080), front_door_.get(), nullptr));
  TRY(listen(https_listeners_, PortOf(options.https_port, 443, 8443), front_door_.get(), front_door_.get()));
  TRY(ListenDns(options));
  StartReactors();
  return {};
}

void Cloud::StartReactors() {
  if (!threads_.empty()) return;
  for (const auto& reactor : reactors_) threads_.emplace_back([loop = reactor.get()] { loop->Run(); });
}

void Cloud::PublishRoutes(const edge::EdgeConfigPtr& config) {
  published_.With([&](Routed& routed) {
    routed.edge = config;
    front_door_->Publish(std::make_shared<const net::FrontDoorRoutes>(RoutesOf(routed)));
  });
}

void Cloud::PublishRoutes(const elbv2::Published& balancers) {
  published_.With([&](Routed& routed) {
    routed.balancers = balancers.entrances;
    front_door_->Publish(std::make_shared<const net::FrontDoorRoutes>(RoutesOf(routed)));
  });
}

net::FrontDoorRoutes Cloud::RoutesOf(const Routed& routed) {
  net::FrontDoorRoutes routes;
  // Buckets answer under their own names, with the same checks as on the API port.
  for (const std::string& suffix : S3Suffixes(identity_.region)) {
    routes.rooms["*." + suffix] = {api_.get(), own_certificate_};
  }
  for (const edge::Distribution& distribution : routed.edge->distributions) {
    const auto certificate = distribution.certificate ? distribution.certificate : own_certificate_;
    routes.rooms[distribution.domain_name] = {&edge_->handler(), own_certificate_};
    for (const std::string& alias : distribution.aliases) routes.rooms[alias] = {&edge_->handler(), certificate};
  }
  // Of a distribution and a load balancer that ask for one name, the distribution has it: it had to prove that.
  for (const elbv2::Entrance& entrance : routed.balancers) {
    net::HttpHandler& handler = data_plane_->HandlerFor(entrance.http_listener, entrance.https_listener);
    routes.rooms.try_emplace(entrance.host, net::FrontDoorRoutes::Room{&handler, entrance.certificate});
  }
  routes.fallback = {&edge_->handler(), own_certificate_};
  return routes;
}

void Cloud::StartSweep() {
  const std::lock_guard lock(sweeper_mutex_);
  sweeper_ = std::jthread([this](const std::stop_token& stop) {
    // Behind whoever is served. Of the calling thread alone, on Linux; without the right to, it is only less polite.
    (void)::setpriority(PRIO_PROCESS, 0, kSweepNiceness);
    const auto is_referenced = [this](const store::BlobId& blob) {
      // A blob stays when the store cannot tell: losing bytes is worse than keeping them.
      const Result<bool> referenced = s3_->IsBlobReferenced(blob);
      return !referenced.ok() || *referenced;
    };
    const Result<size_t> swept = blobs_->Sweep(store::SweepOf::kEarlierRuns, is_referenced, stop);
    if (!swept.ok()) return Log(LogLevel::kError, "store", "the sweep ended early: {}", swept.error().detail);
    if (*swept > 0) Log(LogLevel::kInfo, "store", "removed {} blobs that no acknowledged write names", *swept);
  });
}

void Cloud::EndSweep() {
  const std::lock_guard lock(sweeper_mutex_);
  sweeper_.request_stop();
  if (sweeper_.joinable()) sweeper_.join();
}

wire::Call Cloud::RootCall() const {
  wire::Call call;
  call.request_id = RandomText(16, kUpperAlphanumeric);
  call.now = clock_->Now();
  call.principal = iam_->root().principal;
  call.account = identity_.account;
  call.region = identity_.region;
  call.scope_region = identity_.region;
  call.source_ip = "127.0.0.1";
  call.user_agent = "meetinity";
  // The last access logs are delivered when nobody listens any more.
  if (!api_listeners_.empty()) call.endpoint = fmt::format("http://{}:{}", address_, api_port());
  call.secure_transport = true;
  return call;
}

RunningCloud Cloud::Describe() const {
  return {.process_id = static_cast<int>(::getpid()),
          .address = address_,
          .api_port = api_port(),
          .http_port = http_port(),
          .https_port = https_port(),
          .dns_port = dns_port(),
          .started_at = started_at_.ToIso8601()};
}

Status Cloud::Announce() { return directory_.Announce(Describe()); }

net::Endpoint Cloud::S3Endpoint() const {
  net::Endpoint endpoint;
  endpoint.address = address_;
  endpoint.port = api_port();
  return endpoint;
}

Cloud::~Cloud() {
  directory_.Withdraw();
  housekeeping_.reset();
  if (lifecycle_) lifecycle_->Stop();
  EndSweep();
  // A start that failed half-way has listeners and nobody who runs them yet; they are taken down the same way.
  StartReactors();
  std::vector<std::future<void>> drained;
  for (auto* listeners : {&https_listeners_, &http_listeners_, &api_listeners_}) {
    for (auto& listener : *listeners) {
      auto done = std::make_shared<std::promise<void>>();
      drained.push_back(done->get_future());
      listener->Drain(kDrainGrace, [done] { done->set_value(); });
    }
  }
  if (data_plane_) drained.push_back(StopBalancing());
  if (dns_) {
    auto done = std::make_shared<std::promise<void>>();
    drained.push_back(done->get_future());
    dns_->Close([done] { done->set_value(); });
  }
  for (auto& future : drained) future.wait();
  https_listeners_.clear();
  http_listeners_.clear();
  api_listeners_.clear();
  // First nobody may give the workers anything new; then they finish, with every room still standing.
  for (const auto& reactor : reactors_) reactor->Stop();
  for (std::thread& thread : threads_) thread.join();
  workers_.reset();
  if (!log_delivery_ || !server_log_delivery_ || !balancer_log_delivery_) return;
  balancer_log_delivery_->lines().Stop();
  log_delivery_->lines().Stop();
  server_log_delivery_->Stop();
  edge_->FlushAccessLog();
  DeliverLogs();
}

void Cloud::DeliverLogs() {
  const auto report = [](std::string_view what, const Status& delivered) {
    if (!delivered.ok()) Log(LogLevel::kWarning, what, "access logs wait: {}", delivered.error().detail);
  };
  report("cloudfront", log_delivery_->lines().Deliver());
  report("s3", server_log_delivery_->Deliver());
  report("elbv2", balancer_log_delivery_->lines().Deliver());
}

}  // namespace meetinity::cli

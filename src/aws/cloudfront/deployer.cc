#include "aws/cloudfront/deployer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/cloudfront/config_book.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/origin_signer.h"
#include "aws/cloudfront/tls_policy.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"

namespace meetinity::cloudfront {
namespace {

constexpr std::string_view kIdentityPrefix = "origin-access-identity/cloudfront/";

Error InvalidCertificate(std::string detail) {
  return Error{Kind::kInvalid, kInvalidViewerCertificate, std::move(detail)};
}

// The oldest version that the origin's list allows. SSLv3 is nobody's any more.
net::TlsVersion OldestVersion(const CustomOriginConfig& config) {
  if (!config.origin_ssl_protocols) return net::TlsVersion::kTls12;
  const auto& items = config.origin_ssl_protocols->items;
  const auto allows = [&](std::string_view name) { return std::find(items.begin(), items.end(), name) != items.end(); };
  if (allows("TLSv1") || allows("SSLv3")) return net::TlsVersion::kTls10;
  return allows("TLSv1.1") ? net::TlsVersion::kTls11 : net::TlsVersion::kTls12;
}

// The names of the custom origins that are asked. A distribution whose origin is gone can still be disabled, and so
// deleted.
std::set<std::string> NamesOf(const DistributionConfig& config) {
  std::set<std::string> names;
  if (!config.enabled) return names;
  for (const Origin& origin : config.origins.items) {
    if (origin.custom_origin_config) names.insert(origin.domain_name);
  }
  return names;
}

Result<std::shared_ptr<const edge::TrustedKeys>> KeysOf(const store::ReadTx& tx,
                                                        const std::vector<std::string>& groups) {
  auto keys = std::make_shared<edge::TrustedKeys>();
  for (const std::string& group : groups) {
    for (const std::string& id : TRY(KeyGroups::Get(tx, group)).config.items) {
      const PublicKeys::Held key = TRY(PublicKeys::Get(tx, id));
      keys->emplace(id, TRY(edge::VerifyingKey::Parse(key.config.encoded_key)));
    }
  }
  return std::shared_ptr<const edge::TrustedKeys>(std::move(keys));
}

}  // namespace

CloudFront::Deployer::Deployer(store::Database& database, edge::Edge& edge, acm::Acm& acm, iam::Iam& iam,
                               net::WorkerPool& workers, const Clock& clock, CloudFrontOptions options)
    : database_(database),
      edge_(edge),
      acm_(acm),
      iam_(iam),
      workers_(workers),
      clock_(clock),
      options_(std::move(options)),
      origin_names_(options_.resolve ? options_.resolve : ResolveBySystem) {}

void CloudFront::Deployer::SetS3(net::Endpoint s3) {
  const std::lock_guard lock(publishing_);
  s3_ = std::move(s3);
}

void CloudFront::Deployer::OnPublish(std::function<void(const edge::EdgeConfigPtr&)> publish) {
  const std::lock_guard lock(publishing_);
  publish_ = std::move(publish);
}

Result<edge::EdgeConfigPtr> CloudFront::Deployer::BuildConfig(const store::ReadTx& tx, uint64_t number) {
  auto config = std::make_shared<edge::EdgeConfig>();
  config->number = number;
  Surroundings around = MakeSurroundings(tx);
  for (const DistributionRecord& record : TRY(tx.Select<DistributionRecord>("1 ORDER BY id"))) {
    const DistributionConfig wanted = TRY(LoadDistributionConfig(record));
    config->distributions.push_back(TRY(ToEdgeDistribution(record, wanted, around)));
  }
  return edge::EdgeConfigPtr(std::move(config));
}

Surroundings CloudFront::Deployer::MakeSurroundings(const store::ReadTx& tx) {
  Surroundings around;
  {
    const std::lock_guard lock(publishing_);
    around.s3 = s3_;
  }
  around.cache_policy = [&tx](const std::string& id) -> Result<CachePolicyConfig> {
    return TRY(CachePolicies::Get(tx, id)).config;
  };
  around.origin_request_policy = [&tx](const std::string& id) -> Result<OriginRequestPolicyConfig> {
    return TRY(OriginRequestPolicies::Get(tx, id)).config;
  };
  around.response_headers_policy = [&tx](const std::string& id) -> Result<ResponseHeadersPolicyConfig> {
    return TRY(ResponseHeadersPolicies::Get(tx, id)).config;
  };
  around.trusted_keys = [&tx](const std::vector<std::string>& groups) { return KeysOf(tx, groups); };
  around.reach_custom = [this](const Origin& origin, edge::OriginConfig& out) { return Reach(origin, out); };
  around.signer = [this, &tx](const std::string& id, const Origin& origin) { return SignerFor(tx, id, origin); };
  around.certificate = [this](const ViewerCertificate& certificate, bool http2) {
    return CertificateFor(certificate, http2);
  };
  return around;
}

Status CloudFront::Deployer::ResolveOrigins(const DistributionConfig& config) {
  Status all;
  for (const std::string& name : NamesOf(config)) {
    Status resolved = origin_names_.Resolve(name);
    if (all.ok()) all = std::move(resolved);
  }
  return all;
}

Result<std::set<std::string>> CloudFront::Deployer::StoredOriginNames() {
  const auto records =
      TRY(database_.Read([](const store::ReadTx& tx) { return tx.Select<DistributionRecord>("1 ORDER BY id"); }));
  std::set<std::string> names;
  for (const DistributionRecord& record : records) names.merge(NamesOf(TRY(LoadDistributionConfig(record))));
  return names;
}

Status CloudFront::Deployer::ResolveStoredOrigins() {
  for (const std::string& name : TRY(StoredOriginNames())) {
    if (!origin_names_.AddressOf(name).empty()) continue;
    const Status resolved = origin_names_.Resolve(name);
    if (!resolved.ok()) Log(LogLevel::kWarning, "cloudfront", "{}", resolved.error().detail);
  }
  return {};
}

Result<bool> CloudFront::Deployer::RefreshOrigins(const std::stop_token& stop) {
  return origin_names_.Refresh(TRY(StoredOriginNames()), stop);
}

Status CloudFront::Deployer::Reach(const Origin& origin, edge::OriginConfig& out) {
  const CustomOriginConfig& config = *origin.custom_origin_config;
  net::Endpoint plain;
  plain.address = origin_names_.AddressOf(origin.domain_name);
  plain.idle_timeout = std::chrono::seconds(config.origin_keepalive_timeout.value_or(5));
  plain.port = static_cast<uint16_t>(config.http_port);
  if (config.origin_protocol_policy == "http-only") {
    out.endpoint = std::move(plain);
    return {};
  }
  net::Endpoint tls = plain;
  tls.port = static_cast<uint16_t>(config.https_port);
  tls.tls = TRY(OriginTls(origin.domain_name, OldestVersion(config)));
  if (config.origin_protocol_policy == "https-only") {
    out.endpoint = std::move(tls);
  } else {
    out.endpoint = std::move(plain);
    out.tls_endpoint = std::move(tls);
  }
  return {};
}

Result<std::shared_ptr<const net::TlsClientContext>> CloudFront::Deployer::OriginTls(const std::string& name,
                                                                                     net::TlsVersion oldest) {
  const std::string key = fmt::format("{} {}", name, static_cast<int>(oldest));
  return origin_tls_.With([&](auto& contexts) -> Result<std::shared_ptr<const net::TlsClientContext>> {
    auto& context = contexts[key];
    if (!context) {
      net::TlsClientOptions options;
      options.server_name = name;
      options.minimum = oldest;
      context = TRY(net::TlsClientContext::Create(options));
    }
    return context;
  });
}

Result<std::shared_ptr<const edge::RequestSigner>> CloudFront::Deployer::SignerFor(const store::ReadTx& tx,
                                                                                   const std::string& distribution_id,
                                                                                   const Origin& origin) {
  const std::string control_id = origin.origin_access_control_id.value_or("");
  const std::string identity = origin.s3_origin_config ? origin.s3_origin_config->origin_access_identity : "";
  if (control_id.empty() && identity.empty()) return std::shared_ptr<const edge::RequestSigner>();
  std::string key;
  SigningBehavior behavior = SigningBehavior::kAlways;
  std::optional<OriginAccessIdentityRecord> access_identity;
  if (!control_id.empty()) {
    const auto control = TRY(tx.Find<OriginAccessControlRecord>(control_id));
    if (!control) {
      return Error{Kind::kInvalid, kInvalidOriginAccessControl,
                   fmt::format("there is no origin access control {}", control_id)};
    }
    if (control->signing_behavior == "never") return std::shared_ptr<const edge::RequestSigner>();
    if (control->signing_behavior == "no-override") behavior = SigningBehavior::kNoOverride;
    key = fmt::format("{} {}", distribution_id, control->signing_behavior);
  } else {
    const std::string_view id = std::string_view(identity).substr(std::min(identity.size(), kIdentityPrefix.size()));
    if (identity.starts_with(kIdentityPrefix))
      access_identity = TRY(tx.Find<OriginAccessIdentityRecord>(std::string(id)));
    if (!access_identity) {
      return Error{Kind::kInvalid, kInvalidOriginAccessIdentity,
                   fmt::format("'{}' is not an origin access identity; it looks like "
                               "origin-access-identity/cloudfront/E2QWRUHAPOMQZL",
                               identity.substr(0, 100))};
    }
    key = identity;
  }
  return signers_.With([&](auto& signers) -> std::shared_ptr<const edge::RequestSigner> {
    auto& signer = signers[key];
    if (!signer) {
      wire::Credential credential =
          access_identity
              ? iam_.IssueOriginAccessIdentityCredential(access_identity->id, access_identity->canonical_user_id)
              : iam_.IssueServiceCredential(
                    "cloudfront.amazonaws.com",
                    fmt::format("arn:aws:cloudfront::{}:distribution/{}", options_.account, distribution_id));
      signer = std::make_shared<OriginSigner>(std::move(credential), options_.region, behavior, clock_);
    }
    return signer;
  });
}

Result<std::shared_ptr<const net::TlsServerContext>> CloudFront::Deployer::CertificateFor(
    const ViewerCertificate& certificate, bool http2) {
  const std::string arn = certificate.acm_certificate_arn.value_or("");
  if (arn.empty()) return std::shared_ptr<const net::TlsServerContext>();
  const std::string policy = certificate.minimum_protocol_version.value_or("TLSv1");
  const acm::CertificateMaterial material = TRY(acm_.GetMaterial(arn));
  // Imported again or renewed under the same ARN, it has other bytes and so another context.
  const std::string key = fmt::format("{} {} {} {}", arn, HexEncode(Sha256(material.certificate_pem)), policy, http2);
  return certificates_.With([&](auto& contexts) -> Result<std::shared_ptr<const net::TlsServerContext>> {
    auto& context = contexts[key];
    if (!context) {
      net::TlsServerOptions options = TRY(ToTlsOptions(policy));
      options.certificate_chain_pem = material.certificate_pem + material.chain_pem;
      options.private_key_pem = material.private_key_pem;
      if (!http2) options.alpn = {"http/1.1"};
      auto made = net::TlsServerContext::Create(options);
      if (!made.ok()) return InvalidCertificate(fmt::format("{} cannot be used: {}", arn, made.error().detail));
      context = std::move(made).value();
    }
    return context;
  });
}

void CloudFront::Deployer::Deploy(edge::EdgeConfigPtr config) {
  const std::lock_guard lock(publishing_);
  const uint64_t number = config->number;
  // Another thread that committed later may have been here first; its configuration holds our change too, so the edge
  // only tells us when it has that.
  if (number > published_number_) {
    published_number_ = number;
    if (publish_) publish_(config);
  }
  edge_.Apply(std::move(config), [this, number] { workers_.Run([this, number] { MarkDeployed(number); }); });
}

void CloudFront::Deployer::MarkDeployed(uint64_t number) {
  const Status marked = database_.Write([&](store::Tx& tx) -> Status {
    const auto records = TRY(tx.Select<DistributionRecord>("status = 'InProgress' AND change_number <= ?",
                                                           {store::Value(static_cast<int64_t>(number))}));
    for (DistributionRecord record : records) {
      record.status = kDeployed;
      TRY(tx.Put(record));
    }
    return {};
  });
  if (!marked.ok()) {
    Log(LogLevel::kError, "cloudfront", "a deployment could not be noted: {}", marked.error().detail);
    return;
  }
  const std::lock_guard lock(waiting_);
  deployed_number_ = std::max(deployed_number_, number);
  deployed_.notify_all();
}

Status CloudFront::Deployer::WaitDeployed(std::string_view id, Duration patience) {
  const auto record = TRY(database_.Read([&](const store::ReadTx& tx) { return GetDistributionRecord(tx, id); }));
  if (record.status == kDeployed) return {};
  std::unique_lock lock(waiting_);
  const auto number = static_cast<uint64_t>(record.change_number);
  if (!deployed_.wait_for(lock, patience, [&] { return deployed_number_ >= number; })) {
    return Error{Kind::kUnavailable, kInternalFailure,
                 fmt::format("the edge has not taken up distribution {} yet; see 'meetinity logs'", id)};
  }
  return {};
}

void CloudFront::Deployer::Invalidate(const InvalidationRecord& record) {
  std::vector<std::string> patterns;
  for (const std::string_view path : Split(record.paths, '\n')) patterns.emplace_back(path);
  edge_.Invalidate(record.distribution_id, std::move(patterns),
                   [this, distribution_id = record.distribution_id, id = record.id] {
                     workers_.Run([this, distribution_id, id] { MarkCompleted(distribution_id, id); });
                   });
}

void CloudFront::Deployer::MarkCompleted(const std::string& distribution_id, const std::string& id) {
  const Status marked = database_.Write([&](store::Tx& tx) -> Status {
    auto record = TRY(tx.Find<InvalidationRecord>(distribution_id, id));
    if (!record) return {};  // its distribution was deleted meanwhile
    record->status = kCompleted;
    return tx.Put(*record);
  });
  if (!marked.ok()) {
    Log(LogLevel::kError, "cloudfront", "invalidation {} is effective and could not be noted: {}", id,
        marked.error().detail);
  }
}

}  // namespace meetinity::cloudfront

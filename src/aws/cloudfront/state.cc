#include "aws/cloudfront/state.h"

#include <fmt/format.h>

#include "aws/cloudfront/errors.h"
#include "base/random.h"
#include "wire/stored_form.h"

namespace meetinity::cloudfront {
namespace {

// The shape of what is stored is that of the request body that brings it.
const wire::Shape& DistributionConfigShape() { return *CreateDistribution::Shape().input->payload->shape; }

}  // namespace

std::vector<store::Migration> CloudFrontMigrations() {
  return {{"cloudfront", 1, R"sql(
CREATE TABLE cloudfront_distributions (
  id TEXT PRIMARY KEY, caller_reference TEXT NOT NULL UNIQUE, domain_name TEXT NOT NULL, e_tag TEXT NOT NULL,
  status TEXT NOT NULL, last_modified INTEGER NOT NULL, change_number INTEGER NOT NULL, config TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cloudfront_origin_access_controls (
  id TEXT PRIMARY KEY, e_tag TEXT NOT NULL, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
  origin_type TEXT NOT NULL, signing_behavior TEXT NOT NULL, signing_protocol TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cloudfront_origin_access_identities (
  id TEXT PRIMARY KEY, e_tag TEXT NOT NULL, caller_reference TEXT NOT NULL UNIQUE, comment TEXT NOT NULL,
  canonical_user_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cloudfront_cache_policies (
  id TEXT PRIMARY KEY, e_tag TEXT NOT NULL, name TEXT NOT NULL UNIQUE, last_modified INTEGER NOT NULL,
  config TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cloudfront_invalidations (
  distribution_id TEXT NOT NULL, id TEXT NOT NULL, caller_reference TEXT NOT NULL, create_time INTEGER NOT NULL,
  number INTEGER NOT NULL, status TEXT NOT NULL, exact_paths INTEGER NOT NULL, wildcard_paths INTEGER NOT NULL,
  paths TEXT NOT NULL, PRIMARY KEY (distribution_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX cloudfront_invalidations_by_reference
  ON cloudfront_invalidations (distribution_id, caller_reference);
CREATE INDEX cloudfront_invalidations_by_number ON cloudfront_invalidations (distribution_id, number);
CREATE INDEX cloudfront_invalidations_in_progress ON cloudfront_invalidations (status) WHERE status = 'InProgress';
CREATE TABLE cloudfront_tags (
  resource TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource, key)
) WITHOUT ROWID;
)sql"},
          {"cloudfront", 2, R"sql(
CREATE TABLE cloudfront_origin_request_policies (
  id TEXT PRIMARY KEY, e_tag TEXT NOT NULL, name TEXT NOT NULL UNIQUE, last_modified INTEGER NOT NULL,
  config TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cloudfront_response_headers_policies (
  id TEXT PRIMARY KEY, e_tag TEXT NOT NULL, name TEXT NOT NULL UNIQUE, last_modified INTEGER NOT NULL,
  config TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cloudfront_public_keys (
  id TEXT PRIMARY KEY, e_tag TEXT NOT NULL, name TEXT NOT NULL UNIQUE, last_modified INTEGER NOT NULL,
  config TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cloudfront_key_groups (
  id TEXT PRIMARY KEY, e_tag TEXT NOT NULL, name TEXT NOT NULL UNIQUE, last_modified INTEGER NOT NULL,
  config TEXT NOT NULL
) WITHOUT ROWID;
)sql"},
          {"cloudfront", 3, R"sql(
CREATE TABLE cloudfront_monitoring_subscriptions (
  distribution_id TEXT PRIMARY KEY, status TEXT NOT NULL
) WITHOUT ROWID;
)sql"}};
}

std::string SaveConfig(const DistributionConfig& config) {
  return wire::ToStoredForm(DistributionConfigShape(), &config);
}

Result<DistributionConfig> LoadDistributionConfig(const DistributionRecord& record) {
  DistributionConfig config;
  TRY(wire::FromStoredForm(DistributionConfigShape(), record.config, &config));
  return config;
}

std::string NewId() { return "E" + RandomText(13, kUpperAlphanumeric); }

std::string NewInvalidationId() { return "I" + RandomText(25, kUpperAlphanumeric); }

Result<DistributionRecord> GetDistributionRecord(const store::ReadTx& tx, std::string_view id) {
  auto record = TRY(tx.Find<DistributionRecord>(std::string(id)));
  if (!record) {
    return Error{Kind::kNotFound, kNoSuchDistribution,
                 fmt::format("The specified distribution does not exist: {}", id.substr(0, 64))};
  }
  return std::move(*record);
}

Status CheckVersion(const std::optional<std::string>& if_match, std::string_view e_tag, std::string_view what) {
  if (!if_match || if_match->empty()) {
    return Error{Kind::kInvalid, kInvalidIfMatchVersion,
                 fmt::format("The If-Match version is missing or not valid for the {}; send the ETag that Get "
                             "answered",
                             what)};
  }
  // Clients send the ETag as it was given, or quoted as HTTP has it.
  std::string_view sent = *if_match;
  if (sent.size() >= 2 && sent.front() == '"' && sent.back() == '"') sent = sent.substr(1, sent.size() - 2);
  if (sent != e_tag) {
    return Error{Kind::kPrecondition, kPreconditionFailed,
                 fmt::format("The request failed because it didn't meet the preconditions in one or more "
                             "request-header fields: the {} has changed since {}; read it again",
                             what, sent.substr(0, 64))};
  }
  return {};
}

}  // namespace meetinity::cloudfront

template struct meetinity::store::RecordMapping<meetinity::cloudfront::DistributionRecord>;
template struct meetinity::store::RecordMapping<meetinity::cloudfront::OriginAccessControlRecord>;
template struct meetinity::store::RecordMapping<meetinity::cloudfront::OriginAccessIdentityRecord>;
template struct meetinity::store::RecordMapping<meetinity::cloudfront::InvalidationRecord>;
template struct meetinity::store::RecordMapping<meetinity::cloudfront::TagRecord>;
template struct meetinity::store::RecordMapping<meetinity::cloudfront::MonitoringSubscriptionRecord>;

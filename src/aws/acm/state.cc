#include "aws/acm/state.h"

#include <fmt/format.h>

#include "aws/acm/errors.h"
#include "base/arn.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"

namespace meetinity::acm {
namespace {

// ACM User Guide, page "Tag AWS Certificate Manager certificates".
constexpr int64_t kTagsMax = 50;

}  // namespace

std::vector<store::Migration> AcmMigrations() {
  return {{"acm", 1, R"sql(
CREATE TABLE acm_certificates (
  arn TEXT PRIMARY KEY, region TEXT NOT NULL, type TEXT NOT NULL, domain_name TEXT NOT NULL, names TEXT NOT NULL,
  certificate_pem TEXT NOT NULL, chain_pem TEXT NOT NULL, sealed_key TEXT NOT NULL, key_algorithm TEXT NOT NULL,
  signature_algorithm TEXT NOT NULL, serial TEXT NOT NULL, subject TEXT NOT NULL, issuer TEXT NOT NULL,
  not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, created_at INTEGER NOT NULL,
  idempotency_token TEXT NOT NULL, validation_method TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX acm_certificates_by_region ON acm_certificates (region, arn);
CREATE TABLE acm_tags (
  arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
) WITHOUT ROWID;
CREATE TABLE acm_uses (arn TEXT NOT NULL, by_arn TEXT NOT NULL, PRIMARY KEY (arn, by_arn)) WITHOUT ROWID;
)sql"},
          {"acm", 2, "ALTER TABLE acm_certificates ADD COLUMN transparency TEXT NOT NULL DEFAULT 'ENABLED'"},
          {"acm", 3, R"sql(
ALTER TABLE acm_certificates ADD COLUMN export_option TEXT NOT NULL DEFAULT 'DISABLED';
ALTER TABLE acm_certificates ADD COLUMN exported_at INTEGER;
CREATE TABLE acm_account_configurations (
  region TEXT PRIMARY KEY, days_before_expiry INTEGER NOT NULL, idempotency_token TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;
)sql"},
          {"acm", 4, "ALTER TABLE acm_certificates ADD COLUMN issued_at INTEGER"}};
}

Result<CertificateRecord> GetRecord(const store::ReadTx& tx, std::string_view arn) {
  const auto parsed = Arn::Parse(arn);
  if (!parsed.ok() || parsed->service != "acm" || !parsed->resource.starts_with("certificate/")) {
    return Error{Kind::kInvalid, kInvalidArnException,
                 fmt::format("'{}' is not a certificate's ARN; it looks like "
                             "arn:aws:acm:eu-west-1:123456789012:certificate/…",
                             arn.substr(0, 128))};
  }
  auto record = TRY(tx.Find<CertificateRecord>(std::string(arn)));
  if (!record) {
    return Error{Kind::kNotFound, kResourceNotFound, fmt::format("Could not find certificate {}.", arn.substr(0, 128))};
  }
  return std::move(*record);
}

std::vector<std::string> NamesOf(const CertificateRecord& record) {
  std::vector<std::string> names;
  for (const std::string_view name : Split(record.names, '\n')) {
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

ResourceRecord ValidationRecordOf(const CertificateRecord& record, const std::string& name) {
  const std::string base = name.starts_with("*.") ? name.substr(2) : name;
  const std::string digest =
      HexEncode(Sha256(fmt::format("{} {}", record.arn.substr(0, record.arn.find("certificate/")), base)));
  return ResourceRecord{
      .name = fmt::format("_{}.{}.", digest.substr(0, 32), base),
      .type = std::string(RecordType::kCname),
      .value = fmt::format("_{}.{}.acm-validations.aws.", digest.substr(32, 32), digest.substr(0, 10))};
}

std::string_view StatusOf(const CertificateRecord& record, Instant now) {
  if (!record.is_issued()) {
    return now - record.created_at < kValidationTime ? CertificateStatus::kPendingValidation
                                                     : CertificateStatus::kValidationTimedOut;
  }
  return now >= record.not_after ? CertificateStatus::kExpired : CertificateStatus::kIssued;
}

Status CheckIssued(const CertificateRecord& record) {
  if (record.is_issued()) return {};
  return Error{
      Kind::kInvalid, kRequestInProgress,
      fmt::format("Certificate {} is not issued yet: its validation records are awaited in their zones.", record.arn)};
}

std::string KeyContext(std::string_view arn) { return fmt::format("acm key {}", arn); }

Status PutTags(store::Tx& tx, const std::string& arn, const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    if (tag.key.starts_with("aws:")) {
      return Error{Kind::kInvalid, kInvalidTag, fmt::format("tag keys that start with aws: are reserved: {}", tag.key)};
    }
    TRY(tx.Put(CertificateTagRecord{arn, tag.key, tag.value.value_or("")}));
  }
  if (TRY(tx.Count<CertificateTagRecord>("arn = ?", {store::Value(arn)})) > kTagsMax) {
    return Error{Kind::kLimit, kTooManyTags, fmt::format("a certificate has {} tags at the most", kTagsMax)};
  }
  return {};
}

}  // namespace meetinity::acm

template struct meetinity::store::RecordMapping<meetinity::acm::CertificateRecord>;
template struct meetinity::store::RecordMapping<meetinity::acm::CertificateTagRecord>;
template struct meetinity::store::RecordMapping<meetinity::acm::CertificateUseRecord>;
template struct meetinity::store::RecordMapping<meetinity::acm::AccountConfigurationRecord>;

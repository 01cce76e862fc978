#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/acm_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"

namespace meetinity::acm {

struct CertificateRecord {
  std::string arn;
  std::string region;
  std::string type;         // CertificateType
  std::string domain_name;  // the first name
  std::string names;        // every DNS name, one a line
  std::string certificate_pem;
  std::string chain_pem;
  std::string sealed_key;
  std::string key_algorithm;  // KeyAlgorithm
  std::string signature_algorithm;
  std::string serial;  // aa:bb:…
  std::string subject;
  std::string issuer;
  Instant not_before;
  Instant not_after;
  Instant created_at;  // imported, for an imported one
  std::string idempotency_token;
  std::string validation_method;  // requested ones
  std::string transparency;       // CertificateTransparencyLoggingPreference, as asked for
  std::string export_option;      // CertificateExport
  std::optional<Instant> exported_at;
  std::optional<Instant> issued_at;  // absent: when it was made, or not yet

  bool is_issued() const { return !certificate_pem.empty(); }  // by ACM, or whoever it was imported from

  static constexpr std::string_view kTable = "acm_certificates";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = CertificateRecord;
    return std::tuple{store::Column{"arn", &R::arn},
                      store::Column{"region", &R::region},
                      store::Column{"type", &R::type},
                      store::Column{"domain_name", &R::domain_name},
                      store::Column{"names", &R::names},
                      store::Column{"certificate_pem", &R::certificate_pem},
                      store::Column{"chain_pem", &R::chain_pem},
                      store::Column{"sealed_key", &R::sealed_key},
                      store::Column{"key_algorithm", &R::key_algorithm},
                      store::Column{"signature_algorithm", &R::signature_algorithm},
                      store::Column{"serial", &R::serial},
                      store::Column{"subject", &R::subject},
                      store::Column{"issuer", &R::issuer},
                      store::Column{"not_before", &R::not_before},
                      store::Column{"not_after", &R::not_after},
                      store::Column{"created_at", &R::created_at},
                      store::Column{"idempotency_token", &R::idempotency_token},
                      store::Column{"validation_method", &R::validation_method},
                      store::Column{"transparency", &R::transparency},
                      store::Column{"export_option", &R::export_option},
                      store::Column{"exported_at", &R::exported_at},
                      store::Column{"issued_at", &R::issued_at}};
  }
};

struct CertificateTagRecord {
  std::string arn;
  std::string key;
  std::string value;

  static constexpr std::string_view kTable = "acm_tags";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = CertificateTagRecord;
    return std::tuple{store::Column{"arn", &R::arn}, store::Column{"key", &R::key}, store::Column{"value", &R::value}};
  }
};

// That a resource shows a certificate, so that it cannot be deleted.
struct CertificateUseRecord {
  std::string arn;
  std::string by_arn;

  static constexpr std::string_view kTable = "acm_uses";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = CertificateUseRecord;
    return std::tuple{store::Column{"arn", &R::arn}, store::Column{"by_arn", &R::by_arn}};
  }
};

// What an account wants to hear of its certificates in a region.
struct AccountConfigurationRecord {
  std::string region;
  int64_t days_before_expiry = 0;
  std::string idempotency_token;  // of the last change
  Instant changed_at;

  static constexpr std::string_view kTable = "acm_account_configurations";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = AccountConfigurationRecord;
    return std::tuple{store::Column{"region", &R::region}, store::Column{"days_before_expiry", &R::days_before_expiry},
                      store::Column{"idempotency_token", &R::idempotency_token},
                      store::Column{"changed_at", &R::changed_at}};
  }
};

// ACM API, RequestCertificate and PutAccountConfiguration: how long an idempotency token stands for its first request.
inline constexpr Duration kIdempotencyWindow = std::chrono::hours(1);

std::vector<store::Migration> AcmMigrations();

Result<CertificateRecord> GetRecord(const store::ReadTx& tx, std::string_view arn);
std::vector<std::string> NamesOf(const CertificateRecord& record);
// What proves by DNS that the requester has the name, the same for a name and its wildcard (ACM User Guide, page "DNS
// validation").
ResourceRecord ValidationRecordOf(const CertificateRecord& record, const std::string& name);
// Requested certificates wait for so long for their records (ACM User Guide, page "DNS validation").
inline constexpr Duration kValidationTime = std::chrono::hours(72);
// PENDING_VALIDATION and VALIDATION_TIMED_OUT before it is issued, then ISSUED, or EXPIRED once its time is over.
std::string_view StatusOf(const CertificateRecord& record, Instant now);
// RequestInProgressException before it is issued.
Status CheckIssued(const CertificateRecord& record);
// What a sealed key belongs to.
std::string KeyContext(std::string_view arn);

// Adds or replaces tags: InvalidTagException, TooManyTagsException.
Status PutTags(store::Tx& tx, const std::string& arn, const std::vector<Tag>& tags);

}  // namespace meetinity::acm

extern template struct meetinity::store::RecordMapping<meetinity::acm::CertificateRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::acm::CertificateTagRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::acm::CertificateUseRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::acm::AccountConfigurationRecord>;

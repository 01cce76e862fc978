#include <fmt/format.h>

#include <algorithm>

#include "aws/acm/acm.h"
#include "aws/acm/errors.h"
#include "aws/acm/state.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"

// Reading certificates back, and deleting them.
namespace meetinity::acm {
namespace {

// ACM API, ListCertificates.
constexpr int32_t kPageItemsMax = 1'000;

// ACM User Guide, page "DNS validation": the record is the same for a name and its wildcard.
DomainValidation ToValidation(const CertificateRecord& record, const std::string& name) {
  DomainValidation validation;
  validation.domain_name = name;
  validation.validation_domain = name;
  validation.validation_status = DomainStatus::kSuccess;
  validation.validation_method = record.validation_method;
  if (record.validation_method == ValidationMethod::kDns) {
    const std::string base = name.starts_with("*.") ? name.substr(2) : name;
    const std::string digest =
        HexEncode(Sha256(fmt::format("{} {}", record.arn.substr(0, record.arn.find("certificate/")), base)));
    validation.resource_record = acm::ResourceRecord{
        .name = fmt::format("_{}.{}.", digest.substr(0, 32), base),
        .type = std::string(RecordType::kCname),
        .value = fmt::format("_{}.{}.acm-validations.aws.", digest.substr(32, 32), digest.substr(0, 10))};
  }
  return validation;
}

Result<std::vector<std::string>> UsersOf(const store::ReadTx& tx, const std::string& arn) {
  std::vector<std::string> users;
  for (auto& use : TRY(tx.Select<CertificateUseRecord>("arn = ? ORDER BY by_arn", {store::Value(arn)}))) {
    users.push_back(std::move(use.by_arn));
  }
  return users;
}

CertificateDetail ToDetail(const CertificateRecord& record, std::vector<std::string> users, Instant now) {
  const bool imported = record.type == CertificateType::kImported;
  CertificateDetail detail;
  detail.certificate_arn = record.arn;
  detail.domain_name = record.domain_name;
  detail.subject_alternative_names = NamesOf(record);
  detail.serial = record.serial;
  detail.subject = record.subject;
  detail.issuer = record.issuer;
  detail.created_at = record.created_at;
  (imported ? detail.imported_at : detail.issued_at) = record.created_at;
  detail.status = StatusOf(record, now);
  detail.not_before = record.not_before;
  detail.not_after = record.not_after;
  detail.key_algorithm = record.key_algorithm;
  detail.signature_algorithm = record.signature_algorithm;
  detail.type = record.type;
  detail.renewal_eligibility =
      !imported && !users.empty() ? RenewalEligibility::kEligible : RenewalEligibility::kIneligible;
  detail.in_use_by = std::move(users);
  detail.options = CertificateOptions{.certificate_transparency_logging_preference =
                                          std::string(imported ? CertificateTransparencyLoggingPreference::kDisabled
                                                               : CertificateTransparencyLoggingPreference::kEnabled),
                                      .export_ = std::string(CertificateExport::kDisabled)};
  detail.key_usages = {{KeyUsage{.name = std::string(KeyUsageName::kDigitalSignature)}}};
  detail.extended_key_usages = {{ExtendedKeyUsage{
      .name = std::string(ExtendedKeyUsageName::kTlsWebServerAuthentication), .oid = "1.3.6.1.5.5.7.3.1"}}};
  if (!imported) {
    std::vector<DomainValidation> validations;
    for (const std::string& name : NamesOf(record)) validations.push_back(ToValidation(record, name));
    detail.domain_validation_options = std::move(validations);
  }
  return detail;
}

CertificateSummary ToSummary(const CertificateRecord& record, bool in_use, Instant now) {
  const bool imported = record.type == CertificateType::kImported;
  CertificateSummary summary;
  summary.certificate_arn = record.arn;
  summary.domain_name = record.domain_name;
  summary.subject_alternative_name_summaries = NamesOf(record);
  summary.has_additional_subject_alternative_names = false;
  summary.status = StatusOf(record, now);
  summary.type = record.type;
  summary.key_algorithm = record.key_algorithm;
  summary.in_use = in_use;
  summary.exported = false;
  summary.renewal_eligibility = !imported && in_use ? RenewalEligibility::kEligible : RenewalEligibility::kIneligible;
  summary.not_before = record.not_before;
  summary.not_after = record.not_after;
  summary.created_at = record.created_at;
  (imported ? summary.imported_at : summary.issued_at) = record.created_at;
  return summary;
}

bool Holds(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Whether the request's filters let a certificate through. Without key types, ACM lists RSA-1024 and RSA-2048 alone
// (ACM API, Filters); the local authority's elliptic curves would then never be seen, so all are listed here.
bool Passes(const CertificateRecord& record, const ListCertificatesInput& in, Instant now) {
  if (in.certificate_statuses && !in.certificate_statuses->empty() &&
      !Holds(*in.certificate_statuses, StatusOf(record, now))) {
    return false;
  }
  return !in.includes || !in.includes->key_types || in.includes->key_types->empty() ||
         Holds(*in.includes->key_types, record.key_algorithm);
}

}  // namespace

Result<DescribeCertificateOutput> Acm::DescribeCertificate(const Call& call, const DescribeCertificateInput& in) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeCertificateOutput> {
    const CertificateRecord record = TRY(GetRecord(tx, in.certificate_arn));
    return DescribeCertificateOutput{.certificate = ToDetail(record, TRY(UsersOf(tx, record.arn)), call.now)};
  });
}

Result<GetCertificateOutput> Acm::GetCertificate(const Call&, const GetCertificateInput& in) const {
  const CertificateRecord record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return GetRecord(tx, in.certificate_arn); }));
  GetCertificateOutput out;
  out.certificate = record.certificate_pem;
  if (!record.chain_pem.empty()) out.certificate_chain = record.chain_pem;
  return out;
}

Result<ListCertificatesOutput> Acm::ListCertificates(const Call& call, const ListCertificatesInput& in) const {
  const auto max_items = static_cast<size_t>(std::clamp(in.max_items.value_or(kPageItemsMax), 1, kPageItemsMax));
  const std::string& region = call.scope_region.empty() ? call.region : call.scope_region;
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListCertificatesOutput> {
    std::vector<CertificateSummary> summaries;
    std::optional<std::string> next;
    TRY(tx.ForEach<CertificateRecord>("region = ? AND arn > ? ORDER BY arn",
                                      {store::Value(region), store::Value(in.next_token.value_or(""))},
                                      [&](const CertificateRecord& record) {
                                        if (!Passes(record, in, call.now)) return true;
                                        if (summaries.size() == max_items) {
                                          next = summaries.back().certificate_arn;
                                          return false;
                                        }
                                        summaries.push_back(ToSummary(record, false, call.now));
                                        return true;
                                      }));
    for (CertificateSummary& summary : summaries) {
      summary.in_use = !TRY(UsersOf(tx, *summary.certificate_arn)).empty();
      if (*summary.in_use && summary.type == CertificateType::kAmazonIssued) {
        summary.renewal_eligibility = RenewalEligibility::kEligible;
      }
    }
    return ListCertificatesOutput{.certificate_summary_list = std::move(summaries), .next_token = std::move(next)};
  });
}

Result<DeleteCertificateOutput> Acm::DeleteCertificate(const Call&, const DeleteCertificateInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const CertificateRecord record = TRY(GetRecord(tx, in.certificate_arn));
    const std::vector<std::string> users = TRY(UsersOf(tx, record.arn));
    if (!users.empty()) {
      return Error{Kind::kConflict, kResourceInUse,
                   fmt::format("Certificate {} is in use by {}.", record.arn, Join(users, ", "))};
    }
    TRY(tx.DeleteWhere<CertificateTagRecord>("arn = ?", {store::Value(record.arn)}));
    TRY(tx.Delete<CertificateRecord>(record.arn));
    return {};
  }));
  return DeleteCertificateOutput{};
}

}  // namespace meetinity::acm
